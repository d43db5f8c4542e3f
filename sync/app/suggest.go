package app

import (
	"context"
	"strings"

	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/sweep"
)

// Suggestion is links that exactly equal SKUs or barcodes propose. Hints are pairs that may belong together, and problems are what was
// not proposed and why: duplicates and missing SKUs are never guessed.
type Suggestion struct {
	Links    []LinkRow `json:"links"`
	Hints    []Hint    `json:"hints"`
	LeftOut  []LeftOut `json:"left_out"`
	Problems []string  `json:"problems"`
	// Matches counts the articles that more than one channel has.
	Matches int `json:"matches"`
}

// Hint is two articles of two channels that may be the same. Only a person can say so.
type Hint struct {
	Kind       sweep.HintKind   `json:"kind"`
	Confidence sweep.Confidence `json:"confidence"`
	// SKU is the one that both would have here; empty where the pair is less than likely, and a person has to say it.
	SKU string  `json:"sku,omitempty"`
	A   Article `json:"a"`
	B   Article `json:"b"`
}

// Article is an item as a channel lists it.
type Article struct {
	Channel stock.Channel `json:"channel"`
	Item    string        `json:"item"`
	SKU     string        `json:"sku"`
	Name    string        `json:"name"`
	Barcode string        `json:"barcode,omitempty"`
	Linked  bool          `json:"linked,omitempty"`
}

// LeftOut is how many items of a channel are not matched for one reason, and the names of the first of them.
type LeftOut struct {
	Channel stock.Channel `json:"channel"`
	Reason  stock.LeftOut `json:"reason"`
	Count   int           `json:"count"`
	Names   []string      `json:"names"`
}

// leftOutNames is how many items are named that are left out for one reason.
const leftOutNames = 5

// SuggestLinks reads the catalogs and proposes links. It writes nothing.
func (a *App) SuggestLinks(ctx context.Context) (Suggestion, error) {
	suggestion := Suggestion{Links: []LinkRow{}, Hints: []Hint{}, LeftOut: []LeftOut{}, Problems: []string{}}
	catalogs, err := a.readCatalogs(ctx)
	if err != nil {
		return suggestion, err
	}
	links, err := a.Links(ctx)
	if err != nil {
		return suggestion, err
	}
	known := map[ChannelItem]bool{}
	for _, link := range links {
		known[ChannelItem{Channel: link.Channel, Item: link.Item}] = true
	}
	found := sweep.Suggest(catalogs.lists, known)
	suggestion.Problems, suggestion.Matches = append(suggestion.Problems, found.Problems...), len(found.Matches)
	for _, match := range found.Matches {
		for _, item := range match.Items {
			if !item.Linked {
				suggestion.Links = append(suggestion.Links, LinkRow{SKU: match.SKU, Name: item.Name, Channel: item.Channel, Item: item.Item, SoldAs: item.SoldAs})
			}
		}
	}
	for _, hint := range found.Hints {
		pair := Hint{Kind: hint.Kind, Confidence: hint.Confidence, A: articleOf(hint.A), B: articleOf(hint.B)}
		if hint.Confidence == sweep.High {
			pair.SKU = commonSKU(pair.A, pair.B)
		}
		suggestion.Hints = append(suggestion.Hints, pair)
	}
	for _, left := range found.LeftOut {
		entry := LeftOut{Channel: left.Channel, Reason: left.Reason, Count: len(left.Items)}
		for _, item := range left.Items[:min(len(left.Items), leftOutNames)] {
			entry.Names = append(entry.Names, item.Name)
		}
		suggestion.LeftOut = append(suggestion.LeftOut, entry)
	}
	return suggestion, nil
}

func articleOf(item sweep.MatchedItem) Article {
	return Article{Channel: item.Channel, Item: item.Item, SKU: item.SKU, Name: item.Name, Barcode: item.Barcode, Linked: item.Linked}
}

// commonSKU is the SKU under which two articles would be one: that of the one which is linked, else the one without spaces and the like
// around it.
func commonSKU(a, b Article) string {
	switch {
	case sweep.Placeholder(b.SKU) || a.Linked:
		return a.SKU
	case sweep.Placeholder(a.SKU) || b.Linked:
		return b.SKU
	case strings.TrimSpace(b.SKU) == b.SKU && len(b.SKU) < len(a.SKU):
		return b.SKU
	}
	return a.SKU
}
