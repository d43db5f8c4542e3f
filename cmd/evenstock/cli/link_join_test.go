package cli

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
)

// The commands that answer what a count means are whole, whatever the names, and say the numbers that the question is about.
func TestAnswersAreWholeCommands(t *testing.T) {
	t.Parallel()
	units := stock.Units
	ref := app.WaitingRef{SKU: "TEE-M", Ref: stock.Ref{Channel: "web", Item: "45", Location: "77"}, Location: "main", CameWith: units(11), CameTo: units(5),
		Counted: units(11), Level: units(3), Answers: []app.JoinAnswer{{How: "add", Becomes: units(14)}, {How: "counter", Becomes: units(9)}}}
	require.Equal(t, []string{
		"TEE-M at main: web came with 11 to a level of 5; the level moved by -2",
		"  other goods          evenstock link join web TEE-M add      # the level becomes 14",
		"  the count was right  evenstock link join web TEE-M counter  # the level becomes 9",
	}, linesOf(t, ref))

	ref.Counted, ref.Others, ref.Untold = units(19), units(8), units(8)
	ref.SKU, ref.Elsewhere = "it's a tee", true
	ref.Answers = []app.JoinAnswer{{How: "counter", Untold: "counted", Becomes: units(19)}, {How: "counter", Untold: "moved", Becomes: units(17)}}
	require.Equal(t, []string{
		"it's a tee at main: web came with 11 to a level of 5; others did +8 there since, +8 of it for no reason that anybody told: a count that was typed in, or goods that moved; the level moved by -2",
		`  the count was right, as counted anew  evenstock link join web 'it'\''s a tee' counter --location main --untold counted  # the level becomes 19`,
		`  the count was right, goods moved      evenstock link join web 'it'\''s a tee' counter --location main --untold moved    # the level becomes 17`,
	}, linesOf(t, ref))

	ref.Fresh = true
	require.Equal(t, "it's a tee at main: web came with 11 to a level of 5; others did +8 there since, +8 of it a moment ago, and the cause may still be told; the level moved by -2",
		linesOf(t, ref)[0])

	ref.Lost = true
	require.Contains(t, linesOf(t, ref)[0], "it's a tee at main: web counted 11 to a level of 5 when its location was lost from the configuration; others did +8 there since")
	ref.Away = true
	require.Contains(t, linesOf(t, ref)[0], "; the configuration does not have its location there: say what it means when it is back, or unlink it (evenstock doctor)")
	require.Len(t, linesOf(t, ref), 1, "there is nothing to answer yet")

	for _, named := range []app.WaitingRef{{ByID: true, SKU: "TEE-M"}, {SKU: ""}, {SKU: "TEE\x1b[2J"}} {
		named.Ref = ref.Ref
		require.Equal(t, "evenstock link join web 45 add", joinCommandOf(named, app.JoinAnswer{How: "add"}))
	}
	ref.Seen = 1234
	require.Equal(t, `evenstock link join web 'it'\''s a tee' add --location main --seen 1234`, joinCommandOf(ref, app.JoinAnswer{How: "add"}), "an answer is about what was shown")
}

func linesOf(t *testing.T, ref app.WaitingRef) []string {
	t.Helper()
	var text strings.Builder
	require.NoError(t, printAnswers(&text, ref))
	return strings.Split(strings.Trim(text.String(), "\n"), "\n")
}

func TestPushTexts(t *testing.T) {
	t.Parallel()
	push := func(channel stock.Channel, item string) app.JoinPush {
		return app.JoinPush{Ref: stock.Ref{Channel: channel, Item: item}, From: stock.Units(10), Delta: -stock.Units(2)}
	}
	require.Equal(t, []string{"till/V1 from 10 to 8", "till/V9 from 10 to 8", "web from 10 to 8"}, pushTexts([]app.JoinPush{push("till", "V1"), push("till", "V9"), push("web", "45")}))
}

// Answers that are none are refused before anything is asked.
func TestJoinUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"link", "join", "web", "TEE-M", "both"}, {"link", "join", "web", "TEE-M", "add", "--untold", "odd"}, {"link", "import", "links.csv", "--join", "bogus"},
	} {
		var stdout, stderr strings.Builder
		require.Equal(t, ExitUsage, Run(t.Context(), bare, args, noEnv, &stdout, &stderr), "%v: %s", args, stderr.String())
		require.Contains(t, stderr.String(), ", not ")
		require.Empty(t, stdout.String())
	}
}

// A counter that has come to the level while it waited is asked about all the same, and says why.
func TestEqualNumbersSayWhyTheyAreAsked(t *testing.T) {
	t.Parallel()
	ref := app.WaitingRef{SKU: "MUG", Location: "main", Ref: onWeb, CameWith: stock.Units(5), CameTo: stock.Units(8), Counted: stock.Units(8), Level: stock.Units(8), Others: stock.Units(3)}
	require.Contains(t, sinceText(ref), "both are the same number now, but they were not when it came")
	ref.Counted = stock.Units(5)
	require.NotContains(t, sinceText(ref), "the same number")
}
