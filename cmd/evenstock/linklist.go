package main

import (
	"context"
	"fmt"
	"io"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/sqlite"
	"github.com/evenstock/evenstock/ledger/stock"
)

// listedLink is a link as `link list` shows it.
type listedLink struct {
	linkRow
	Locations []listedRef `json:"locations"`
}

type listedRef struct {
	Location string `json:"location"`
	Ours     string `json:"ours"`
	Status   string `json:"status"`
}

// openLedger opens the ledger for reading, beside whatever process writes it.
func (c *cli) openLedger(ctx context.Context) (*sqlite.Store, error) {
	cfg, err := c.load()
	if err != nil {
		return nil, err
	}
	store, err := sqlite.Open(ctx, sqlite.Options{Path: ledgerPath(cfg), ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("opening the ledger in %s (nothing was linked or served yet?): %w", cfg.Data, err)
	}
	return store, nil
}

// everyRef hands all refs of a filter to visit, page by page.
func everyRef(ctx context.Context, store *sqlite.Store, filter ledger.RefFilter, visit func(ledger.DueRef) error) error {
	for {
		refs, err := store.Refs(ctx, filter)
		if err != nil || len(refs) == 0 {
			return err
		}
		for _, ref := range refs {
			if err := visit(ref); err != nil {
				return err
			}
		}
		filter.After = refs[len(refs)-1].State.Ref
	}
}

func links(ctx context.Context, store *sqlite.Store) ([]listedLink, error) {
	var list []listedLink
	items := map[stock.ItemID]stock.Item{}
	err := everyRef(ctx, store, ledger.RefFilter{}, func(ref ledger.DueRef) error {
		if ref.State.Status == ledger.Unlinked {
			return nil
		}
		item, ok := items[ref.State.Shelf.Item]
		if !ok {
			var err error
			if item, err = store.Item(ctx, ref.State.Shelf.Item); err != nil {
				return err
			}
			items[item.ID] = item
		}
		name := ref.State.Ref
		location := listedRef{Location: name.Location, Ours: string(ref.State.Shelf.Location), Status: ref.State.Status.String()}
		if last := len(list) - 1; last >= 0 && list[last].Channel == string(name.Channel) && list[last].Item == name.Item {
			list[last].Locations = append(list[last].Locations, location)
			return nil
		}
		list = append(list, listedLink{linkRow{SKU: item.SKU, Name: item.Name, Channel: string(name.Channel), Item: name.Item, SoldAs: ref.State.SoldAs}, []listedRef{location}})
		return nil
	})
	return list, err
}

// storedLinks are the links of the ledger; none when there is no ledger yet.
func (c *cli) storedLinks(ctx context.Context) ([]listedLink, error) {
	store, err := c.openLedger(ctx)
	if err != nil {
		return nil, nil
	}
	defer store.Close()
	return links(ctx, store)
}

func (c *cli) listLinks(ctx context.Context) error {
	store, err := c.openLedger(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	list, err := links(ctx, store)
	if err != nil {
		return err
	}
	return c.print(list, func(w io.Writer) error {
		t := newTable("SKU", "CHANNEL", "ITEM", "LOCATION", "STATUS")
		for _, link := range list {
			for _, location := range link.Locations {
				t.row(link.SKU, link.Channel, link.Item, location.Location+" = "+location.Ours, location.Status)
			}
		}
		return t.write(w)
	})
}

func (c *cli) exportLinks(ctx context.Context) error {
	store, err := c.openLedger(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	list, err := links(ctx, store)
	if err != nil {
		return err
	}
	rows := make([]linkRow, len(list))
	for i, link := range list {
		rows[i] = link.linkRow
	}
	return c.print(rows, func(w io.Writer) error { return writeLinks(w, rows) })
}
