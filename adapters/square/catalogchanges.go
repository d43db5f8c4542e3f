package square

import (
	"context"
	"time"

	sdk "github.com/square/square-go-sdk"
	"github.com/square/square-go-sdk/option"

	"github.com/evenstock/evenstock/ledger/stock"
)

// ListChanges returns one page of the variations that changed in the catalog later than since: as they stand there now, and what their
// counters at our locations show. It is how renamed, deleted and no longer counted variations are seen, and marks of sold out: Square
// tells of all of them by catalog.version.updated only, which names nothing. What changed of an item around variations is not among it.
func (c *Channel) ListChanges(ctx context.Context, since time.Time, cursor string) (stock.CatalogChanges, error) {
	const operation = "listing changes of the catalog"
	answer, ex, err := send(ctx, c, operation, nil,
		func(ctx context.Context, opts ...option.RequestOption) (*sdk.SearchCatalogObjectsResponse, error) {
			return c.catalog.Search(ctx, &sdk.SearchCatalogObjectsRequest{
				Cursor: optional(cursor), BeginTime: after(since), ObjectTypes: []sdk.CatalogObjectType{itemVariation}, Limit: sdk.Int(variationsPerPage),
				IncludeDeletedObjects: sdk.Bool(true), IncludeRelatedObjects: sdk.Bool(true),
			}, opts...)
		})
	if err != nil {
		return stock.CatalogChanges{}, err
	}
	changes := stock.CatalogChanges{Page: stock.Page{ReadAt: ex.reached}}
	if changes.Next, err = nextCursor(cursor, answer.GetCursor()); err != nil {
		return stock.CatalogChanges{}, &Error{Operation: operation, cause: err}
	}
	said := saidOf(answer.GetObjects())
	around := relatedTo(answer)
	var refs []stock.Ref
	for _, object := range answer.GetObjects() {
		v := object.GetItemVariation()
		switch {
		case v == nil || !validID(v.ID):
			continue
		case present(v):
			changes.Items = append(changes.Items, around.catalogItem(v))
		case !said.gone[v.ID]:
			continue
		}
		for _, location := range c.locations {
			refs = append(refs, stock.Ref{Channel: c.name, Item: v.ID, Location: location})
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
