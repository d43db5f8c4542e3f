package cli

import (
	"encoding/csv"
	"fmt"
	"strings"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/sync/app"
)

// goneNote says of a counter whose item its platform does not know any more what came in its place, and what a person types; "" for
// any other counter.
func goneNote(s app.Shelf, counter app.Counter) string {
	if counter.Status != ledger.Gone.String() {
		return ""
	}
	unlink := fmt.Sprintf("evenstock link remove %s %s", counter.Channel, counter.Ref.Item)
	note := fmt.Sprintf("gone at %s: item %s is not there any more", counter.Channel, counter.Ref.Item)
	switch next := counter.Successor; {
	case next == nil:
		return note + ": see in evenstock link suggest whether another came in its place, then " + unlink
	case next.Linked:
		return fmt.Sprintf("%s, %s came in its place: %s", note, next.Item, unlink)
	default:
		counts := "no count"
		if next.Counts != nil {
			counts = "counts " + next.Counts.String()
		}
		return fmt.Sprintf("%s; likely successor %s (%s, the level is %s): %s ; and then %s", note, next.Item, counts, s.Level,
			linkOne(s.SKU, string(counter.Channel), next.Item), unlink)
	}
}

// linkOne is what a person types to link one item, whatever characters its SKU has.
func linkOne(cells ...string) string {
	var row strings.Builder
	w := csv.NewWriter(&row)
	_ = w.Write(cells) // a strings.Builder takes everything
	w.Flush()
	return `printf '%s\n' sku,channel,item ` + oneWord(strings.TrimSuffix(row.String(), "\n")) + ` | evenstock link import -`
}

// oneWord is a text as one word of a POSIX shell.
func oneWord(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
