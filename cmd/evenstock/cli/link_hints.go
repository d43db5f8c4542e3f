package cli

import (
	"slices"

	"github.com/evenstock/evenstock/sync/app"
)

// hintRecords are the lines of a link file that has both articles of every hint, one below the other, and why they are there. Only a
// likely pair has its SKU filled in: whoever imports the file unseen links nothing that is a mere guess.
func hintRecords(hints []app.Hint) [][]string {
	records := [][]string{append(slices.Clone(linkHeader), columnHint)}
	for _, hint := range hints {
		why := string(hint.Confidence) + ": " + hintReasons[string(hint.Kind)]
		for _, article := range []app.Article{hint.A, hint.B} {
			records = append(records, []string{hint.SKU, harmless(article.Name), string(article.Channel), article.Item, "", why})
		}
	}
	return records
}
