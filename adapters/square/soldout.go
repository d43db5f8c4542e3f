package square

import (
	"context"
	"time"

	sdk "github.com/square/square-go-sdk"
	"github.com/square/square-go-sdk/option"

	"github.com/evenstock/evenstock/ledger/stock"
)

// soldOutAt says whether the seller marked a variation as sold out at a location, and not only until a time that has passed; empty
// for one that the catalog does not know.
// https://developer.squareup.com/docs/inventory-api/monitor-sold-out-status-on-item-variation
func soldOutAt(v *sdk.CatalogItemVariation, location string, now time.Time) stock.SoldOut {
	if v == nil {
		return ""
	}
	for _, override := range v.LocationOverrides {
		if soldOut := override.GetSoldOut(); value(override.GetLocationID()) != location || soldOut == nil || !*soldOut {
			continue
		}
		if until, err := parseTime(value(override.GetSoldOutValidUntil())); err != nil || until.After(now) {
			return stock.IsSoldOut
		}
	}
	return stock.IsNotSoldOut
}

// ListMarks returns one page of the counters at our locations whose variation changed later than since: what they count, and whether
// they are marked as sold out. Square tells of such a mark by catalog.version.updated only, which names nothing.
func (c *Channel) ListMarks(ctx context.Context, since time.Time, cursor string) (stock.Page, error) {
	const operation = "listing changes of the catalog"
	answer, ex, err := send(ctx, c, operation, nil,
		func(ctx context.Context, opts ...option.RequestOption) (*sdk.SearchCatalogObjectsResponse, error) {
			return c.catalog.Search(ctx, &sdk.SearchCatalogObjectsRequest{
				Cursor: optional(cursor), BeginTime: after(since), ObjectTypes: []sdk.CatalogObjectType{itemVariation}, Limit: sdk.Int(c.MaxReads()),
			}, opts...)
		})
	if err != nil {
		return stock.Page{}, err
	}
	page := stock.Page{ReadAt: ex.reached}
	if page.Next, err = nextCursor(cursor, answer.GetCursor()); err != nil {
		return stock.Page{}, &Error{Operation: operation, cause: err}
	}
	changed := map[string]*sdk.CatalogItemVariation{}
	var refs []stock.Ref
	for _, object := range answer.GetObjects() {
		if v := object.GetItemVariation(); present(v) {
			changed[v.ID] = v.ItemVariationData
			for _, location := range c.locations {
				refs = append(refs, stock.Ref{Channel: c.name, Item: v.ID, Location: location})
			}
		}
	}
	set, err := c.refsOf(operation, refs, len(refs))
	if err != nil || len(set.refs) == 0 {
		return page, err
	}
	rows, _, err := c.allCounts(ctx, set)
	if err != nil {
		return stock.Page{}, err
	}
	page.Readings = c.readingsFor(set, rows, variations{found: changed})
	return page, nil
}
