package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/evenstock/evenstock/ledger"
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

// links are all links, by SKU and channel.
func links(ctx context.Context, store ledger.Store) ([]listedLink, error) {
	list := []listedLink{}
	items := map[stock.ItemID]stock.Item{}
	for ref, err := range ledger.AllRefs(ctx, store, ledger.RefFilter{}) {
		if err != nil {
			return nil, err
		}
		if ref.State.Status == ledger.Unlinked {
			continue
		}
		item, ok := items[ref.State.Shelf.Item]
		if !ok {
			if item, err = store.Item(ctx, ref.State.Shelf.Item); err != nil {
				return nil, err
			}
			items[item.ID] = item
		}
		name := ref.State.Ref
		location := listedRef{Location: name.Location, Ours: string(ref.State.Shelf.Location), Status: ref.State.Status.String()}
		if last := len(list) - 1; last >= 0 && list[last].Channel == string(name.Channel) && list[last].Item == name.Item {
			list[last].Locations = append(list[last].Locations, location)
			continue
		}
		list = append(list, listedLink{linkRow{SKU: item.SKU, Name: item.Name, Channel: string(name.Channel), Item: name.Item, SoldAs: ref.State.SoldAs}, []listedRef{location}})
	}
	slices.SortStableFunc(list, func(a, b listedLink) int {
		return cmp.Or(strings.Compare(a.SKU, b.SKU), strings.Compare(a.Channel, b.Channel))
	})
	return list, nil
}

// storedLinks are the links of the ledger; none when there is no ledger yet.
func (c *cli) storedLinks(ctx context.Context) ([]listedLink, error) {
	store, err := c.openLedger(ctx)
	if errors.Is(err, errNoLedger) {
		return nil, nil
	}
	if err != nil {
		return nil, err
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
		t := newTable("nothing is linked: begin with evenstock link suggest", "SKU", "CHANNEL", "ITEM", "LOCATION", "STATUS")
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
