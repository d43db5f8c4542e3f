package sweep_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/sweep"
)

func TestRelabel(t *testing.T) {
	t.Parallel()
	till, web := func(sku, name string) ledger.Label {
		return ledger.Label{Channel: "till", Item: "V1", SKU: sku, Name: name}
	}, func(sku, name string) ledger.Label {
		return ledger.Label{Channel: "web", Item: "45", SKU: sku, Name: name}
	}
	mug := stock.Item{ID: "item-1", SKU: "MUG", Name: "A mug"}
	for name, c := range map[string]struct {
		known     []ledger.Label
		now       ledger.Label
		sku, says string
	}{
		"never seen":                      {nil, till("BOWL", "A bowl"), "MUG", "A mug"},
		"one of two renamed":              {[]ledger.Label{till("MUG", "A mug"), web("MUG", "Mug")}, till("MUG-1", "A mug"), "MUG", "A mug"},
		"both renamed":                    {[]ledger.Label{till("MUG", "A mug"), web("MUG-1", "Mug")}, till("MUG-1", "A mug"), "MUG-1", "A mug"},
		"the only one":                    {[]ledger.Label{till("MUG", "A mug")}, till("MUG-1", "A better mug"), "MUG-1", "A better mug"},
		"the SKU is taken away":           {[]ledger.Label{till("MUG", "A mug")}, till("", "A mug"), "MUG", "A mug"},
		"a label that a person made up":   {[]ledger.Label{till("T-1", "x"), web("W-1", "y")}, till("T-2", "x"), "MUG", "A mug"},
		"the other channel's own SKU":     {[]ledger.Label{till("MUG", "A mug"), web("W-1", "Mug")}, web("W-2", "Mug"), "MUG", "A mug"},
		"only the name":                   {[]ledger.Label{till("MUG", "A mug")}, till("MUG", "A large mug"), "MUG", "A large mug"},
		"the name of the other channel's": {[]ledger.Label{till("MUG", "A mug"), web("MUG", "Mug")}, web("MUG", "Large mug"), "MUG", "A mug"},
	} {
		got := sweep.Relabel(mug, c.known, c.now)
		require.Equal(t, stock.Item{ID: "item-1", SKU: c.sku, Name: c.says}, got, name)
	}
}

// A merchant renames an article on both channels: the label follows when the last one that had it is called otherwise.
func TestLabelsFollowTheCatalog(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	id := stock.ItemID(s.store.Ref(webRef(0)).State.Shelf.Item)
	require.NoError(t, s.store.SaveItems(t.Context(), []stock.Item{{ID: id, SKU: "A", Name: "Cup"}}))
	sku := "A"
	s.lister.Items = func(string) ([]stock.CatalogItem, string, error) {
		return []stock.CatalogItem{{Item: "I00", SKU: sku, Name: "Cup"}, {Item: "I99", SKU: "A", Name: "Another"}}, "", nil
	}
	_, findings := s.sweep(sweep.Full)
	require.Equal(t, []string{sweep.Unlinked}, classes(findings))
	require.Len(t, s.store.labels, 1, "only of what is linked")
	sku = "B"
	_, findings = s.sweep(sweep.Full)
	require.Equal(t, []string{sweep.MovedOn, sweep.Renamed, sweep.Unlinked}, sorted(classes(findings)))
	findings = slices.DeleteFunc(findings, func(f ledger.Finding) bool { return f.Class != sweep.Renamed })
	require.Equal(t, "A", findings[0].Evidence["was"])
	require.Equal(t, stock.Item{ID: id, SKU: "B", Name: "Cup"}, s.store.items[id])
	_, findings = s.sweep(sweep.Full)
	require.Equal(t, []string{sweep.Unlinked}, classes(findings), "it is told once")
}

func sorted(texts []string) []string {
	slices.Sort(texts)
	return texts
}
