package square

import (
	"context"
	"time"

	sdk "github.com/square/square-go-sdk"
	"github.com/square/square-go-sdk/option"
	"golang.org/x/sync/errgroup"

	"github.com/evenstock/evenstock/ledger/stock"
)

// ReadRefs is an own read: one Reading for each of at most MaxReads refs, and, unless since is zero, every change that
// Square received later than since, on these refs. A ref is Untracked when the catalog says so (it is asked when something
// hints at it: see tracked), whatever row it still has: no sale moves that row. It is Gone when the catalog says that the variation is deleted. A ref
// without a row is Missing. These have no version, for nothing was counted.
//
// The counts are read before the feed. So the page can show a change that its counts do not contain yet (its ChannelTime is
// after the reading's Version then), but never counts that contain a change which the page does not show. The other
// way round, a push absorbed by a recount that arrived between the two requests would look as if it had had its effect.
//
// ReadAt is a time that Square's clock had reached when the first request was sent.
func (c *Channel) ReadRefs(ctx context.Context, refs []stock.Ref, since time.Time) (stock.Page, error) {
	refs, unknown := stock.SplitMissing(refs, c.CheckItem)
	set, err := c.refsOf("reading counts", refs, c.MaxReads())
	if err != nil {
		return stock.Page{}, err
	}
	if len(set.refs) == 0 {
		return stock.Page{Readings: unknown}, nil
	}
	if since.IsZero() {
		return c.readAll(ctx, set, unknown)
	}
	rows, readAt, err := c.allCounts(ctx, set)
	if err != nil {
		return stock.Page{}, err
	}
	page := stock.Page{ReadAt: readAt}
	page.Movements, page.Recounts, err = c.allChanges(ctx, set, since)
	if err != nil {
		return stock.Page{}, err
	}
	said, err := c.variations(ctx, c.tracked.doubted(set, rows))
	if err != nil {
		return stock.Page{}, err
	}
	page.Readings = append(unknown, c.readingsFor(set, rows, said)...)
	return page, nil
}

// readAll reads the counts of a set without their history, as a sweep does, which looks at everything: the catalog is asked about each
// item, and at the same time.
func (c *Channel) readAll(ctx context.Context, set refSet, unknown []stock.Reading) (page stock.Page, err error) {
	var rows map[stock.Ref]stock.Reading
	var said variations
	asking, ctx := errgroup.WithContext(ctx)
	asking.Go(func() (err error) {
		rows, page.ReadAt, err = c.allCounts(ctx, set)
		return err
	})
	asking.Go(func() (err error) {
		said, err = c.variations(ctx, set.items)
		return err
	})
	if err := asking.Wait(); err != nil {
		return stock.Page{}, err
	}
	page.Readings = append(unknown, c.readingsFor(set, rows, said)...)
	return page, nil
}

// ListCounts returns one page of what was counted later than since (zero: everything) at our locations, newest first.
func (c *Channel) ListCounts(ctx context.Context, since time.Time, cursor string) (stock.Page, error) {
	return c.countsPage(ctx, &sdk.BatchGetInventoryCountsRequest{
		LocationIDs: c.locations, UpdatedAfter: after(since), Cursor: optional(cursor),
	})
}

// allCounts reads the rows of a set to the last page. The list is sorted by the newest change, so a row may move to a later
// page and come twice; the newer one counts.
func (c *Channel) allCounts(ctx context.Context, set refSet) (map[stock.Ref]stock.Reading, time.Time, error) {
	rows := make(map[stock.Ref]stock.Reading, len(set.refs))
	var readAt time.Time
	cursor := ""
	for i := range pagesMax {
		page, err := c.countsPage(ctx, &sdk.BatchGetInventoryCountsRequest{
			CatalogObjectIDs: set.items, LocationIDs: set.locations, Cursor: optional(cursor),
		})
		if err != nil {
			return nil, time.Time{}, err
		}
		if i == 0 {
			readAt = page.ReadAt
		}
		for _, reading := range page.Readings {
			seen, twice := rows[reading.Ref]
			if set.asked[reading.Ref] && (!twice || seen.Version.Before(reading.Version)) {
				rows[reading.Ref] = reading
			}
		}
		if cursor = page.Next; cursor == "" {
			return rows, readAt, nil
		}
	}
	return nil, time.Time{}, &Error{Operation: "reading counts", cause: errPages}
}

// countsPage sends one request and decodes its rows. The states are always named: without them a row of another state
// could arrive alone and be taken for the count.
func (c *Channel) countsPage(ctx context.Context, request *sdk.BatchGetInventoryCountsRequest) (stock.Page, error) {
	const operation = "reading counts"
	request.States = []sdk.InventoryState{sdk.InventoryStateInStock}
	request.Limit = sdk.Int(recordsPerPage)
	answer, ex, err := read[countsAnswer](ctx, c, operation, func(ctx context.Context, opts ...option.RequestOption) error {
		_, err := c.inventory.BatchGetCounts(ctx, request, opts...)
		return err
	})
	if err != nil {
		return stock.Page{}, err
	}
	page := stock.Page{ReadAt: ex.reached}
	for _, row := range answer.Counts {
		if word := unknownKind(row.Kind); word != nil {
			page.Movements = append(page.Movements, c.unread("square/count/"+row.Item, word))
		}
		reading, counts := c.readingOf(row)
		if !counts {
			continue
		}
		ex.prove(reading.Version)
		if reading.Version.After(page.ReadAt) && (ex.notYet.IsZero() || reading.Version.Before(ex.notYet)) {
			page.ReadAt = reading.Version // the row was there when Square read it, so its clock had reached that time
		}
		page.Readings = append(page.Readings, reading)
	}
	page.Next, err = nextCursor(value(request.Cursor), answer.Cursor)
	if err != nil {
		return stock.Page{}, &Error{Operation: operation, cause: err}
	}
	return page, nil
}

// readingOf decodes one row; false for rows that are not the counter of a ref (another state, an ITEM row of Square for
// Restaurants). What cannot be read is unknown: Missing, never zero.
func (c *Channel) readingOf(row countRow) (stock.Reading, bool) {
	if row.State != sdk.InventoryStateInStock || !countsVariation(row.Kind) || !validID(row.Item) || !validID(row.Location) {
		return stock.Reading{}, false
	}
	reading := stock.Reading{Ref: stock.Ref{Channel: c.name, Item: row.Item, Location: row.Location}, Status: stock.Missing}
	version, err := parseTime(row.CalculatedAt)
	if err != nil {
		c.log.Warn("count without a usable time", "ref", reading.Ref.String(), "error", err)
		return reading, true
	}
	reading.Version = version
	if row.Quantity == nil || row.Estimated { // a composed variation has no counter of its own
		return reading, true
	}
	quantity, err := stock.ParseQuantity(*row.Quantity)
	if err != nil {
		c.log.Warn("count without a usable quantity", "ref", reading.Ref.String(), "error", err)
		return reading, true
	}
	reading.Status, reading.Quantity = stock.Counted, quantity
	return reading, true
}

// readingsFor puts the rows in the order asked and adds what the catalog says, as far as it was asked: whether Square goes on counting,
// for it sends no count when a seller switches that off, and the rows may stay; and whether the seller marked the item as sold
// out, which moves no count.
func (c *Channel) readingsFor(set refSet, rows map[stock.Ref]stock.Reading, said variations) []stock.Reading {
	var counted, changed []stock.Ref
	readings := make([]stock.Reading, 0, len(set.refs))
	for _, ref := range set.refs {
		reading, has := rows[ref]
		if !has {
			reading = stock.Reading{Ref: ref, Status: stock.Missing}
		}
		switch tracked, explicit := trackedAt(said.found[ref.Item], ref.Location); {
		case said.gone[ref.Item]: // its row may stay
			reading, changed = stock.Reading{Ref: ref, Status: stock.Gone}, append(changed, ref)
		case explicit && !tracked:
			reading, changed = stock.Reading{Ref: ref, Status: stock.Untracked}, append(changed, ref)
		case explicit && !has:
			reading.Why = stock.NeverCounted
		case explicit:
			counted = append(counted, ref)
		}
		reading.SoldOut = soldOutAt(said.found[ref.Item], ref.Location, c.PlatformNow())
		if reading.SoldOut == stock.IsSoldOut { // a mark may end by its time, which nobody tells
			changed = append(changed, ref)
		}
		readings = append(readings, reading)
	}
	c.tracked.note(counted)
	c.tracked.doubt(changed)
	return readings
}

// value is the text behind a pointer; empty for nil.
func value(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
