package cli

import (
	"bytes"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/sync/app"
)

// TestPrintImport expects that every row is counted, and that the next step is one that goes on from there: never the baseline while
// rows are refused, and with the flags and the file that were given.
func TestPrintImport(t *testing.T) {
	t.Parallel()
	linked := app.LinkResult{Refs: 2, Items: 1, Rows: &app.RowCounts{Given: 2, Linked: 2}, Opens: 2}
	half := app.LinkResult{Refs: 1, Items: 1, Rows: &app.RowCounts{Given: 3, Linked: 1, Before: 1, Refused: 1}, Opens: 2}
	waits := app.LinkResult{Refs: 1, Items: 1, Rows: &app.RowCounts{Given: 1, Linked: 1}, Joins: 1}
	both := app.LinkResult{Refs: 4, Items: 2, Rows: &app.RowCounts{Given: 4, Linked: 4}, Opens: 2, Joins: 2}
	tests := []struct {
		name    string
		path    string
		request app.LinkRequest
		result  app.LinkResult
		want    string
	}{
		{"all", "links.csv", app.LinkRequest{}, linked, "2 rows: 2 linked, 0 linked before, 0 refused\n2 counters of 1 item linked\nnext: evenstock baseline plan --authority CHANNEL\n"},
		{"a dry run keeps the flags", "my links.csv", app.LinkRequest{DryRun: true, AcceptRenamed: true, Join: "add"}, linked,
			"2 rows: 2 would be linked, 0 linked before, 0 would be refused\n2 counters of 1 item would be linked\nnext: evenstock link import --accept-renamed --join add 'my links.csv'\n"},
		{"a half", "a'b.csv", app.LinkRequest{}, half,
			"3 rows: 1 linked, 1 linked before, 1 refused\n1 counter of 1 item linked\nnext: mend the refused rows and import the file again (what is linked stays as it is): evenstock link import 'a'\\''b.csv'\n"},
		{"a half, tried", "links.csv", app.LinkRequest{DryRun: true}, half,
			"3 rows: 1 would be linked, 1 linked before, 1 would be refused\n1 counter of 1 item would be linked\nnext: mend the refused rows, or leave them out, and try again: evenstock link import links.csv --dry-run\n"},
		{"one waits", "-", app.LinkRequest{}, waits,
			"1 row: 1 linked, 0 linked before, 0 refused\n1 counter of 1 item linked\nnext: evenstock link waiting (1 counter at open shelves: what shows another number waits for your word)\n"},
		{"some wait", "-", app.LinkRequest{}, both,
			"4 rows: 4 linked, 0 linked before, 0 refused\n4 counters of 2 items linked\nnext: evenstock baseline plan --authority CHANNEL\n" +
				"next: evenstock link waiting (2 counters at open shelves: what shows another number waits for your word)\n"},
		{"none waits, as is said", "-", app.LinkRequest{Join: "level"}, waits,
			"1 row: 1 linked, 0 linked before, 0 refused\n1 counter of 1 item linked\nnext: evenstock stock --uneven (1 counter at open shelves: what shows another number joins by --join level)\n"},
		{"again", "-x.csv", app.LinkRequest{}, app.LinkResult{Before: 2, Rows: &app.RowCounts{Given: 2, Before: 2}},
			"2 rows: 0 linked, 2 linked before, 0 refused\nnothing is left to do: every counter of the file belongs to an open shelf\n"},
		{"again, tried", "-x.csv", app.LinkRequest{DryRun: true}, app.LinkResult{Before: 2, Rows: &app.RowCounts{Given: 2, Before: 2}},
			"2 rows: 0 would be linked, 2 linked before, 0 would be refused\nnext: evenstock link import ./-x.csv\n"},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			require.NoError(t, printImport(&out, c.path, c.request, c.result))
			require.Equal(t, c.want, out.String())
		})
	}
}

// TestRefusal expects that the refused rows are named at the end, and that a script can tell half a file from none.
func TestRefusal(t *testing.T) {
	t.Parallel()
	refused := byRow([]app.RowFinding{{Row: 2}, {Row: 2}, {Row: 7}})
	require.NoError(t, refusal(nil, 3))
	for given, want := range map[int]int{2: ExitFailed, 3: ExitPartly} {
		var exit *ExitError
		require.True(t, errors.As(refusal(refused, given), &exit))
		require.Equal(t, want, exit.Code)
		require.ErrorContains(t, exit, "rows refused: rows 2, 7")
	}
}

// TestRowText expects every reason with its row, and every way to mend once, with the rows that it mends.
func TestRowText(t *testing.T) {
	t.Parallel()
	rows := byRow([]app.RowFinding{
		{Row: 4, SKU: "417", Channel: "till", Item: "P1", What: `the file says "417"`, Remedy: app.RemedyLeaveOut}, {Row: 4, What: "two would be one"},
		{Row: 5, What: "it is linked", Remedy: app.RemedyRelink, Meant: []string{"till P2"}}, {Row: 9, What: "a set", Remedy: app.RemedyLeaveOut},
	})
	require.Equal(t, `row 4 (417, till P1): the file says "417"; also: two would be one`, rowText(rows[0]))
	require.Equal(t, "row 5 (-, - -): it is linked", rowText(rows[1]))
	require.Equal(t, "note: row 9 (-, - -): a set", noteText(rows[2]))
	for _, code := range []app.RowCode{app.NoteRenamed, app.NoteMovedOn} {
		require.Equal(t, "warning: accepted row 3 (-, - -): archived; also: another SKU", noteText([]app.RowFinding{{Row: 3, Code: app.NoteLeftOut, What: "archived"}, {Row: 3, Code: code, What: "another SKU"}}))
	}
	require.Equal(t, []string{
		"to mend rows 4, 9: leave the row out",
		"to mend row 5: write the SKU that it is linked under; only if it has really become another article: evenstock link remove till P2, then import the row again",
	}, mendTexts(rows))
}
