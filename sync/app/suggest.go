package app

import (
	"context"
	"fmt"

	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/sweep"
)

// Suggestion is links that the SKUs propose. Problems are what was not proposed and why: duplicates and missing SKUs are never
// guessed.
type Suggestion struct {
	Links    []LinkRow `json:"links"`
	Problems []string  `json:"problems"`
	// Matches counts the SKUs that more than one channel has.
	Matches int `json:"matches"`
}

// SuggestLinks reads the catalogs and proposes links. It writes nothing.
func (a *App) SuggestLinks(ctx context.Context) (Suggestion, error) {
	suggestion := Suggestion{Links: []LinkRow{}, Problems: []string{}}
	catalogs := map[stock.Channel][]stock.CatalogItem{}
	for _, channel := range a.Channels {
		var err error
		if catalogs[channel.Name], err = sweep.ReadCatalog(ctx, channel.Platform); err != nil {
			return suggestion, fmt.Errorf("reading the catalog of %s: %w", channel.Name, err)
		}
	}
	links, err := a.Links(ctx)
	if err != nil {
		return suggestion, err
	}
	known := map[sweep.ChannelItem]bool{}
	for _, link := range links {
		known[sweep.ChannelItem{Channel: link.Channel, Item: link.Item}] = true
	}
	found := sweep.Suggest(catalogs, known)
	suggestion.Problems, suggestion.Matches = append(suggestion.Problems, found.Problems...), len(found.Matches)
	for _, match := range found.Matches {
		for _, item := range match.Items {
			if !item.Linked {
				suggestion.Links = append(suggestion.Links, LinkRow{SKU: match.SKU, Name: item.Name, Channel: item.Channel, Item: item.Item, SoldAs: item.SoldAs})
			}
		}
	}
	return suggestion, nil
}
