package sweep

import (
	"cmp"
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
	// Filler is what stands where its SKU would be, and means that it has none.
	Filler string
}

// Match proposes that items of several channels are the same.
type Match struct {
	SKU string
	// Barcode is what brings them together where the SKUs do not.
	Barcode string
	Items   []MatchedItem
}

// Suggestion is what all catalogs say. Only articles with exactly the same SKU, or barcode, are proposed; what else may belong together
// is a hint, and a problem is told to a person and never guessed around.
type Suggestion struct {
	Matches  []Match
	Hints    []Hint
	LeftOut  []LeftOut
	Problems []string
}

// LeftOut are a channel's items that are not matched, for one reason.
type LeftOut struct {
	Channel stock.Channel
	Reason  stock.LeftOut
	Items   []stock.CatalogItem
}

// suggester gathers a suggestion.
type suggester struct {
	Suggestion
	channels []stock.Channel
	// items are those that can be matched, by channel and catalog.
	items []MatchedItem
	bySKU map[string][]MatchedItem
	// away are the items that are not sold now, by SKU.
	away map[string][]MatchedItem
	// settled are the items that are proposed, linked or told of: nothing else is said about them.
	settled map[ChannelItem]bool
}

// Suggest proposes to link items whose SKUs, or barcodes, are equal to the letter and single in each channel. Matches of which every
// item is linked already are left out.
func Suggest(catalogs map[stock.Channel][]stock.CatalogItem, linked map[ChannelItem]bool) Suggestion {
	s := &suggester{channels: slices.Sorted(maps.Keys(catalogs)), bySKU: map[string][]MatchedItem{}, away: map[string][]MatchedItem{}, settled: map[ChannelItem]bool{}}
	for _, channel := range s.channels {
		s.list(channel, catalogs[channel], linked)
	}
	skus := slices.Sorted(maps.Keys(s.bySKU))
	for _, sku := range skus {
		if slices.ContainsFunc(s.bySKU[sku], func(item MatchedItem) bool { return !item.Linked }) {
			s.match(sku, s.bySKU[sku])
		}
	}
	s.sameBarcode()
	s.hints()
	s.alone()
	return s.Suggestion
}

// list sorts a channel's items by what can be done with them.
func (s *suggester) list(channel stock.Channel, items []stock.CatalogItem, linked map[ChannelItem]bool) {
	left := map[stock.LeftOut][]stock.CatalogItem{}
	for _, item := range items {
		matched := MatchedItem{Channel: channel, CatalogItem: item, Linked: linked[ChannelItem{channel, item.Item}]}
		if Placeholder(item.SKU) {
			matched.SKU, matched.Filler = "", item.SKU
		}
		switch {
		case item.LeftOut != "" && matched.Linked:
		case item.LeftOut != "":
			left[item.LeftOut] = append(left[item.LeftOut], item)
			if matched.SKU != "" {
				s.away[matched.SKU] = append(s.away[matched.SKU], matched)
			}
		default:
			s.items = append(s.items, matched)
			if matched.SKU != "" {
				s.bySKU[matched.SKU] = append(s.bySKU[matched.SKU], matched)
			}
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(left)) {
		s.LeftOut = append(s.LeftOut, LeftOut{channel, reason, left[reason]})
	}
}

func (s *suggester) problem(format string, args ...any) {
	s.Problems = append(s.Problems, fmt.Sprintf(format, args...))
}

func (m MatchedItem) name() ChannelItem { return ChannelItem{m.Channel, m.Item} }

func (s *suggester) settle(items []MatchedItem) {
	for _, item := range items {
		s.settled[item.name()] = true
	}
}

// match proposes the items of one SKU, if no channel has it twice.
func (s *suggester) match(sku string, items []MatchedItem) {
	count := map[stock.Channel][]string{}
	for _, item := range items {
		count[item.Channel] = append(count[item.Channel], fmt.Sprintf("%s (%s)", item.Item, item.Name))
	}
	for _, channel := range slices.Sorted(maps.Keys(count)) {
		if ids := count[channel]; len(ids) > 1 {
			s.problem("SKU %q stands on %d items of %s: %s", sku, len(ids), channel, strings.Join(ids, ", "))
			s.settle(items)
			return
		}
	}
	if len(count) > 1 || len(s.channels) == 1 {
		s.settle(items)
		s.Matches = append(s.Matches, Match{SKU: sku, Items: items})
	}
}

// sameBarcode proposes items that no SKU brings together and that have exactly the same barcode, single in each channel.
func (s *suggester) sameBarcode() {
	if len(s.channels) == 1 {
		return
	}
	byCode := map[string][]MatchedItem{}
	for _, item := range s.items {
		if !Placeholder(item.Barcode) {
			byCode[item.Barcode] = append(byCode[item.Barcode], item)
		}
	}
	for _, code := range slices.Sorted(maps.Keys(byCode)) {
		items := byCode[code]
		seen, free := map[stock.Channel]bool{}, false
		single := !slices.ContainsFunc(items, func(item MatchedItem) bool {
			twice := seen[item.Channel]
			seen[item.Channel], free = true, free || !item.Linked
			return twice || s.settled[item.name()]
		})
		if !single || !free || len(seen) < 2 {
			continue
		}
		label := code
		for _, item := range slices.Backward(items) {
			label = cmp.Or(item.SKU, label)
		}
		s.settle(items)
		s.Matches = append(s.Matches, Match{SKU: label, Barcode: code, Items: items})
	}
}

// alone names the items that nothing was said about.
func (s *suggester) alone() {
	for _, item := range s.items {
		if item.Linked || s.settled[item.name()] {
			continue
		}
		if item.SKU == "" {
			text := fmt.Sprintf("%s item %s (%s) has no SKU", item.Channel, item.Item, item.Name)
			if item.Filler != "" {
				text += fmt.Sprintf(": %q stands for none", item.Filler)
			}
			s.problem("%s", text)
			continue
		}
		text := fmt.Sprintf("SKU %q is only on %s", item.SKU, item.Channel)
		for _, away := range s.away[item.SKU] {
			if away.Channel != item.Channel {
				text += fmt.Sprintf("; on %s it is left out (%s): %s", away.Channel, away.LeftOut, away.Name)
			}
		}
		s.problem("%s", text)
	}
}
