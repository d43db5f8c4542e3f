package demo

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/sync/app"
)

// What evenstock answers to the rewritten link file, and to the file as it was written, is judged row by row.
func TestJudgeLinking(t *testing.T) {
	t.Parallel()
	rows := []app.LinkRow{{Row: 2, SKU: "00417", Channel: "till"}, {Row: 3, SKU: "0417", Channel: "till"}, {Row: 4, SKU: "TEE-9", Channel: "till"}}
	refused := func(numbers ...int) (list []app.RowFinding) {
		for _, row := range numbers {
			list = append(list, app.RowFinding{Row: row, What: "why"})
		}
		return list
	}
	for name, c := range map[string]struct {
		first, second app.LinkResult
		wrongs        []string
	}{
		"both refused, one for two reasons": {app.LinkResult{Refs: 1, Refused: refused(3, 2, 3)}, app.LinkResult{Refs: 2, Before: 1}, nil},
		"taken as one": {app.LinkResult{Refs: 3}, app.LinkResult{Before: 1, Refused: refused(2, 3)}, []string{
			"link file: row 2 was taken, in which a spreadsheet had made 417 of 00417", "link file: row 3 was taken, in which a spreadsheet had made 417 of 0417",
			"link file: row 2 was refused as it was written: why", "link file: row 3 was refused as it was written: why",
			"link file: 3 refs were tied, then 0 more, not 1 and 2"}},
		"the good one held up": {app.LinkResult{Refused: refused(2, 3, 4)}, app.LinkResult{Refs: 3}, []string{
			"link file: row 4 was refused, which nobody had rewritten", "link file: 0 refs were tied, then 3 more, not 1 and 2"}},
		"refused, and tied all the same": {app.LinkResult{Refs: 3, Refused: refused(2, 3)}, app.LinkResult{Before: 3}, []string{
			"link file: 3 refs were tied, then 0 more, not 1 and 2"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.wrongs, judgeLinking(rows, rewrite(rows), c.first, c.second).wrongs)
		})
	}
}

// The demo's goods have SKUs that a spreadsheet makes one of, and no others that it would touch.
func TestThings(t *testing.T) {
	t.Parallel()
	taken := map[string]int{}
	for _, thing := range things() {
		if taken[asNumber(thing.SKU)]++; asNumber(thing.SKU) != thing.SKU {
			require.Equal(t, "417", asNumber(thing.SKU))
		}
	}
	require.Equal(t, 2, taken["417"])
	require.Len(t, taken, len(things())-1)
}
