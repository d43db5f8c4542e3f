package shopify

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// ReadRefs reads the counters of refs now. With since, the orders updated at that second or later are read after them, all
// pages, so that a baseline knows which order counters it contains. ReadAt is the platform's clock in the first answer.
func (c *Channel) ReadRefs(ctx context.Context, refs []stock.Ref, since time.Time) (stock.Page, error) {
	refs, unknown := stock.SplitMissing(refs, c.CheckItem)
	groups, err := c.groups(refs)
	if err != nil {
		return stock.Page{}, fmt.Errorf("reading refs: %w", err)
	}
	page := stock.Page{Readings: unknown}
	for _, group := range groups {
		readings, date, err := c.readGroup(ctx, group)
		if err != nil {
			return stock.Page{}, fmt.Errorf("reading refs: %w", err)
		}
		page.Readings = append(page.Readings, readings...)
		page.ReadAt = first(page.ReadAt, date)
	}
	if since.IsZero() {
		return page, nil
	}
	for cursor, pages := "", 0; ; pages++ {
		if pages == orderPages {
			return stock.Page{}, fmt.Errorf("reading refs: %w", tooMany(opOrderTimes.name, "orders", orderPages))
		}
		orders, err := c.ListMovements(ctx, since, cursor)
		if err != nil {
			return stock.Page{}, fmt.Errorf("reading refs: %w", err)
		}
		page.Orders = append(page.Orders, orders.Orders...)
		page.ReadAt = first(page.ReadAt, orders.ReadAt)
		if cursor = orders.Next; cursor == "" {
			return page, nil
		}
	}
}

// groups sorts refs into lists of one location each, none twice, none longer than maxReads.
func (c *Channel) groups(refs []stock.Ref) ([][]stock.Ref, error) {
	sorted := slices.Clone(refs)
	for _, ref := range sorted {
		if err := c.checkRef(ref); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(sorted, func(a, b stock.Ref) int {
		if d := compareNumbers(a.Location, b.Location); d != 0 {
			return d
		}
		return compareNumbers(a.Item, b.Item)
	})
	var groups [][]stock.Ref
	for _, ref := range slices.Compact(sorted) {
		n := len(groups) - 1
		if n < 0 || len(groups[n]) == maxReads || groups[n][0].Location != ref.Location {
			groups, n = append(groups, nil), n+1
		}
		groups[n] = append(groups[n], ref)
	}
	return groups, nil
}

func (c *Channel) checkRef(ref stock.Ref) error {
	if ref.Channel != c.name || checkNumeric(ref.Item) != nil || checkNumeric(ref.Location) != nil {
		return &Error{Operation: "a ref", Code: codeNotSent, Message: bounded(ref.String()) + " is not a ref of this channel"}
	}
	return nil
}

func first(have, date time.Time) time.Time {
	if have.IsZero() {
		return date
	}
	return have
}
