package sweep

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/evenstock/evenstock/ledger/stock"
)

// catalogMax bounds a catalog held in memory to propose links.
const catalogMax = 500_000

// Cataloger is one channel whose items can be listed.
type Cataloger interface {
	Catalog(ctx context.Context, cursor string) (items []stock.CatalogItem, next string, err error)
}

// ReadCatalog reads a channel's whole catalog.
func ReadCatalog(ctx context.Context, channel Cataloger) ([]stock.CatalogItem, error) {
	var all []stock.CatalogItem
	cursor := ""
	for page := 0; page < pagesMax && len(all) <= catalogMax; page++ {
		items, next, err := channel.Catalog(ctx, cursor)
		if err != nil {
			return nil, err
		}
		all = append(all, items...)
		if cursor = next; cursor == "" {
			return all, nil
		}
	}
	return nil, fmt.Errorf("reading a catalog: more than %d items or %d pages", catalogMax, pagesMax)
}

// ChannelItem names an item as a channel does.
type ChannelItem struct {
	Channel stock.Channel
	Item    string
}

// MatchedItem is a channel's part of a match.
type MatchedItem struct {
	Channel stock.Channel
	stock.CatalogItem
	// Linked: it is tied to a shelf already.
	Linked bool
}

// Match proposes that items of several channels are the same.
type Match struct {
	SKU   string
	Items []MatchedItem
}

// Suggestion is what the SKUs of all catalogs say. A problem is told to a person and never guessed around.
type Suggestion struct {
	Matches  []Match
	Problems []string
}

// Suggest proposes to link items whose SKUs are equal to the letter and single in each channel. Matches of which every item
// is linked already are left out.
func Suggest(catalogs map[stock.Channel][]stock.CatalogItem, linked map[ChannelItem]bool) Suggestion {
	var s Suggestion
	bySKU := map[string][]MatchedItem{}
	for _, channel := range slices.Sorted(maps.Keys(catalogs)) {
		for _, item := range catalogs[channel] {
			switch {
			case item.SKU != "":
				bySKU[item.SKU] = append(bySKU[item.SKU], MatchedItem{channel, item, linked[ChannelItem{channel, item.Item}]})
			case !linked[ChannelItem{channel, item.Item}]:
				s.problem("%s item %s (%s) has no SKU", channel, item.Item, item.Name)
			}
		}
	}
	s.lookAlikes(bySKU)
	for _, sku := range slices.Sorted(maps.Keys(bySKU)) {
		if slices.ContainsFunc(bySKU[sku], func(item MatchedItem) bool { return !item.Linked }) {
			s.match(sku, bySKU[sku], len(catalogs))
		}
	}
	return s
}

func (s *Suggestion) problem(format string, args ...any) {
	s.Problems = append(s.Problems, fmt.Sprintf(format, args...))
}

func (s *Suggestion) match(sku string, items []MatchedItem, channels int) {
	count := map[stock.Channel][]string{}
	for _, item := range items {
		count[item.Channel] = append(count[item.Channel], item.Item)
	}
	for _, channel := range slices.Sorted(maps.Keys(count)) {
		if ids := count[channel]; len(ids) > 1 {
			s.problem("SKU %q stands on %d items of %s: %s", sku, len(ids), channel, strings.Join(ids, ", "))
			return
		}
	}
	if len(count) < channels && len(count) == 1 {
		s.problem("SKU %q is only on %s", sku, items[0].Channel)
		return
	}
	s.Matches = append(s.Matches, Match{SKU: sku, Items: items})
}

// lookAlikes points at SKUs that differ only by case or spaces: most likely the same item, but only a person can say so.
func (s *Suggestion) lookAlikes(bySKU map[string][]MatchedItem) {
	folded := map[string][]string{}
	for _, sku := range slices.Sorted(maps.Keys(bySKU)) {
		key := strings.ToLower(strings.Join(strings.Fields(sku), " "))
		folded[key] = append(folded[key], sku)
	}
	for _, key := range slices.Sorted(maps.Keys(folded)) {
		if skus := folded[key]; len(skus) > 1 {
			s.problem("SKUs %q differ only by case or spaces", skus)
		}
	}
}
