package square

import (
	"context"
	"strings"
	"time"

	sdk "github.com/square/square-go-sdk"
	"github.com/square/square-go-sdk/option"

	"github.com/evenstock/evenstock/ledger/stock"
)

// changes is one page of the feed, decoded.
type changes struct {
	movements []stock.Movement
	recounts  []stock.Recount
	readAt    time.Time
	next      string
}

// ListMovements returns one page of the changes that Square received later than since, at our locations, for all
// variations, oldest occurrence first. Late sales are found too: the filter is Square's time of receipt. A row received
// while one pages may sort before the cursor, so windows must overlap.
func (c *Channel) ListMovements(ctx context.Context, since time.Time, cursor string) (stock.Page, error) {
	page, err := c.changesPage(ctx, &sdk.BatchRetrieveInventoryChangesRequest{
		LocationIDs: c.locations, UpdatedAfter: after(since), Cursor: optional(cursor),
	})
	if err != nil {
		return stock.Page{}, err
	}
	return stock.Page{Movements: page.movements, Recounts: page.recounts, ReadAt: page.readAt, Next: page.next}, nil
}

// FindReferences looks for our own rows: the movements of these refs (at most MaxRows) that Square received later than
// since and whose reference is among references. One that is absent was not written, or not yet. That a reference comes
// twice would mean that Square applied a key twice; the first one received counts and the other is logged.
func (c *Channel) FindReferences(ctx context.Context, refs []stock.Ref, since time.Time, references []string) (map[string]stock.Movement, error) {
	set, err := c.refsOf("finding references", refs, rowsPerCall)
	if err != nil {
		return nil, err
	}
	found := make(map[string]stock.Movement, len(references))
	if len(set.refs) == 0 || len(references) == 0 {
		return found, nil
	}
	wanted := make(map[string]bool, len(references))
	for _, reference := range references {
		wanted[reference] = true
	}
	movements, _, err := c.allChanges(ctx, set, since)
	if err != nil {
		return nil, err
	}
	for _, m := range movements {
		if !wanted[m.Reference] {
			continue
		}
		if earlier, twice := found[m.Reference]; twice && earlier.Key != m.Key {
			c.log.Error("reference found twice", "reference", m.Reference, "key", m.Key, "other_key", earlier.Key)
			if earlier.ChannelTime.Before(m.ChannelTime) {
				continue
			}
		}
		found[m.Reference] = m
	}
	return found, nil
}

// allChanges reads the feed of a set to the last page.
func (c *Channel) allChanges(ctx context.Context, set refSet, since time.Time) (movements []stock.Movement, recounts []stock.Recount, err error) {
	cursor := ""
	for range pagesMax {
		page, err := c.changesPage(ctx, &sdk.BatchRetrieveInventoryChangesRequest{
			CatalogObjectIDs: set.items, LocationIDs: set.locations, UpdatedAfter: after(since), Cursor: optional(cursor),
		})
		if err != nil {
			return nil, nil, err
		}
		for _, m := range page.movements {
			if set.asked[m.Ref] {
				movements = append(movements, m)
			}
		}
		for _, r := range page.recounts {
			if set.asked[r.Ref] {
				recounts = append(recounts, r)
			}
		}
		if cursor = page.next; cursor == "" {
			return movements, recounts, nil
		}
	}
	return nil, nil, &Error{Operation: "reading changes", cause: errPages}
}

// changesPage sends one request and decodes its rows.
func (c *Channel) changesPage(ctx context.Context, request *sdk.BatchRetrieveInventoryChangesRequest) (changes, error) {
	const operation = "reading changes"
	request.Types = []sdk.InventoryChangeType{sdk.InventoryChangeTypeAdjustment, sdk.InventoryChangeTypePhysicalCount}
	request.Limit = sdk.Int(recordsPerPage)
	answer, ex, err := read[changesAnswer](ctx, c, operation, func(ctx context.Context, opts ...option.RequestOption) error {
		_, err := c.inventory.BatchGetChanges(ctx, request, opts...)
		return err
	})
	if err != nil {
		return changes{}, err
	}
	page := changes{readAt: ex.reached}
	for _, change := range answer.Changes {
		at, err := c.take(&page, change.Type, change.Adjustment, change.PhysicalCount)
		if err != nil {
			return changes{}, &Error{Operation: operation, cause: err}
		}
		ex.prove(at)
	}
	page.next, err = nextCursor(value(request.Cursor), answer.Cursor)
	if err != nil {
		return changes{}, &Error{Operation: operation, cause: err}
	}
	return page, nil
}

// take decodes one change into the page and returns when Square received it. One of a type or about a kind of object that we do
// not know is told by its word alone. A row that cannot be read is left out when
// it only explains; it is an error when a judgement rests on it: a recount may have absorbed a push, and our own row says
// whether a push was written.
func (c *Channel) take(page *changes, kind string, adjusted *adjustmentRow, counted *recountRow) (received time.Time, err error) {
	switch {
	case adjusted != nil:
		movement, touches, err := c.movementOf(adjusted)
		switch {
		case err != nil && strings.HasPrefix(adjusted.Reference, stock.ReferencePrefix):
			return time.Time{}, err
		case err != nil:
			c.log.Warn("adjustment left out", "error", err)
		case touches:
			page.movements = append(page.movements, movement)
		}
		return movement.ChannelTime, nil
	case counted != nil:
		if word := unknownKind(counted.Kind); word != nil && counted.State == sdk.InventoryStateInStock {
			page.movements = append(page.movements, c.unread("square/recount/"+counted.ID, word))
			return time.Time{}, nil
		}
		recount, counts, err := c.recountOf(counted)
		if err != nil {
			return time.Time{}, err
		}
		if counts {
			page.recounts = append(page.recounts, recount)
		}
		return recount.ChannelTime, nil
	}
	word := &stock.UnknownWord{What: "inventory change type", Word: plain(kind)}
	page.movements = append(page.movements, c.unread("square/change", word))
	return time.Time{}, nil
}
