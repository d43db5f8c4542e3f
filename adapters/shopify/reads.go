package shopify

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// ReadRefs reads the counters of refs now. With since, the orders updated at that second or later are read after them, all
// pages, so that a baseline knows which order counters it contains. ReadAt is the platform's clock in the first answer.
func (c *Channel) ReadRefs(ctx context.Context, refs []stock.Ref, since time.Time) (stock.Page, error) {
	refs, unknown := stock.SplitMissing(refs, c.CheckItem)
	requests, err := c.levelRequests(refs)
	if err != nil {
		return stock.Page{}, fmt.Errorf("reading refs: %w", err)
	}
	page := stock.Page{Readings: unknown}
	for _, request := range requests {
		readings, date, err := c.readLevels(ctx, request)
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

// levelsRequest is a request for levels: of items, each at all of some locations.
type levelsRequest struct{ items, locations []string }

// levelRequests makes requests of refs, none of which is asked for twice: for the items of one location, or for those that are asked for at
// every location at once, where that are fewer requests.
func (c *Channel) levelRequests(refs []stock.Ref) ([]levelsRequest, error) {
	for _, ref := range refs {
		if err := c.checkRef(ref); err != nil {
			return nil, err
		}
	}
	apart := byLocation(refs)
	everywhere, locations, rest := split(refs)
	together := byLocation(rest)
	for some := range slices.Chunk(everywhere, maxReads) {
		for places := range slices.Chunk(locations, c.placesPerRead(len(some))) {
			together = append(together, levelsRequest{items: some, locations: places})
		}
	}
	if len(together) < len(apart) {
		return together, nil
	}
	return apart, nil
}

// split parts refs into the items that are asked for at all locations that any is asked for at, and the others.
func split(refs []stock.Ref) (everywhere, locations []string, rest []stock.Ref) {
	at, places := map[string]map[string]bool{}, map[string]bool{}
	for _, ref := range refs {
		if at[ref.Item] == nil {
			at[ref.Item] = map[string]bool{}
		}
		at[ref.Item][ref.Location], places[ref.Location] = true, true
	}
	for _, ref := range refs {
		if len(at[ref.Item]) < len(places) {
			rest = append(rest, ref)
		}
	}
	maps.DeleteFunc(at, func(_ string, of map[string]bool) bool { return len(of) < len(places) })
	return slices.SortedFunc(maps.Keys(at), compareNumbers), slices.SortedFunc(maps.Keys(places), compareNumbers), rest
}

// byLocation makes requests for the items of one location each.
func byLocation(refs []stock.Ref) (requests []levelsRequest) {
	sorted := slices.Clone(refs)
	slices.SortFunc(sorted, func(a, b stock.Ref) int {
		if d := compareNumbers(a.Location, b.Location); d != 0 {
			return d
		}
		return compareNumbers(a.Item, b.Item)
	})
	for _, ref := range slices.Compact(sorted) {
		n := len(requests) - 1
		if n < 0 || len(requests[n].items) == maxReads || requests[n].locations[0] != ref.Location {
			requests, n = append(requests, levelsRequest{locations: []string{ref.Location}}), n+1
		}
		requests[n].items = append(requests[n].items, ref.Item)
	}
	return requests
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
