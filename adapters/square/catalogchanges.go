package square

import (
	"context"
	"time"

	sdk "github.com/square/square-go-sdk"

	"github.com/evenstock/evenstock/ledger/stock"
)

// ListChanges returns one page of the variations that changed in the catalog later than since: as they stand there now, and what their
// counters at our locations show. It is how renamed, deleted and no longer counted variations are seen, and marks of sold out: Square
// tells of all of them by catalog.version.updated only, which names nothing. What changed of an item around variations is not among it.
func (c *Channel) ListChanges(ctx context.Context, since time.Time, cursor string) (stock.CatalogChanges, error) {
	const operation = "listing changes of the catalog"
	answer, ex, err := c.search(ctx, operation, &sdk.SearchCatalogObjectsRequest{
		Cursor: optional(cursor), BeginTime: after(since), IncludeDeletedObjects: sdk.Bool(true),
	})
	if err != nil {
		return stock.CatalogChanges{}, err
	}
	changes := stock.CatalogChanges{Page: stock.Page{ReadAt: ex.reached}}
	if changes.Next, err = nextCursor(cursor, answer.Cursor); err != nil {
		return stock.CatalogChanges{}, &Error{Operation: operation, cause: err}
	}
	said := saidOf(answer.Objects)
	around := relatedTo(answer)
	var refs []stock.Ref
	for _, object := range answer.Objects {
		switch {
		case object.Type != itemVariation || !validID(object.ID):
			continue
		case present(object):
			changes.Items = append(changes.Items, around.catalogItem(object.ID, object.Variation))
		case !said.gone[object.ID]:
			continue
		}
		for _, location := range c.locations {
			refs = append(refs, stock.Ref{Channel: c.name, Item: object.ID, Location: location})
		}
	}
	set, err := c.refsOf(operation, refs, len(refs))
	if err != nil || len(set.refs) == 0 {
		return changes, err
	}
	rows, _, err := c.allCounts(ctx, set)
	if err != nil {
		return stock.CatalogChanges{}, err
	}
	changes.Readings = c.readingsFor(set, rows, said)
	return changes, nil
}
