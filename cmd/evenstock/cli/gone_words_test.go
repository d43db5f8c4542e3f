package cli

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
)

func TestGoneNote(t *testing.T) {
	t.Parallel()
	fifty := stock.Units(50)
	shelf := app.Shelf{SKU: "MUG", Level: stock.Units(51)}
	counter := func(next *app.Successor) app.Counter {
		return app.Counter{Channel: "till", Ref: stock.Ref{Channel: "till", Item: "OLD", Location: "L1"}, Status: ledger.Gone.String(), Successor: next}
	}
	for name, test := range map[string]struct {
		next *app.Successor
		want string
	}{
		"nothing came in its place": {nil, "gone at till: item OLD is not there any more: see in evenstock link suggest whether another came in its place, then evenstock link remove till OLD"},
		"another did": {&app.Successor{Item: "NEW", Counts: &fifty}, "gone at till: item OLD is not there any more; likely successor NEW (counts 50, the level is 51): " +
			`printf '%s\n' sku,channel,item 'MUG,till,NEW' | evenstock link import - ; and then evenstock link remove till OLD`},
		"one that counts nothing": {&app.Successor{Item: "NEW"}, "gone at till: item OLD is not there any more; likely successor NEW (no count, the level is 51): " +
			`printf '%s\n' sku,channel,item 'MUG,till,NEW' | evenstock link import - ; and then evenstock link remove till OLD`},
		"it is linked": {&app.Successor{Item: "NEW", Linked: true}, "gone at till: item OLD is not there any more, NEW came in its place: evenstock link remove till OLD"},
	} {
		require.Equal(t, test.want, goneNote(shelf, counter(test.next)), name)
	}
	live := counter(nil)
	live.Status = ledger.Live.String()
	require.Empty(t, goneNote(shelf, live))
}

// The command takes what a shell, and a link file, would take for something else.
func TestLinkOneIsTypedAsPrinted(t *testing.T) {
	t.Parallel()
	for _, sku := range []string{"MUG", `6" pot`, "it's, 50 %s $HOME `id` \\n", "-n"} {
		command, _, _ := strings.Cut(linkOne(sku, "till", "NEW"), " | ")
		out, err := exec.CommandContext(t.Context(), "sh", "-c", command).Output()
		require.NoError(t, err)
		rows, _, err := readLinks(strings.NewReader(string(out)))
		require.NoError(t, err)
		require.Equal(t, []app.LinkRow{{SKU: sku, Channel: "till", Item: "NEW"}}, cleared(rows), sku)
	}
}

// cleared are rows without their numbers.
func cleared(rows []app.LinkRow) []app.LinkRow {
	for i := range rows {
		rows[i].Row = 0
	}
	return rows
}
