package api

import (
	"context"
	"net/http"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/explain"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/health"
)

// Past is a time that is asked for: what had happened by then, as far as it was known at another time.
type Past struct {
	AsOf    time.Time `query:"as_of" doc:"what had happened by this time"`
	KnownAt time.Time `query:"known_at" doc:"what the ledger knew at this time"`
}

func (p Past) asOf() ledger.AsOf { return ledger.AsOf{Occurred: p.AsOf, Recorded: p.KnownAt} }

// StockInput is the query of stock.
type StockInput struct {
	SKU    string `query:"sku" doc:"only the item with this SKU or id"`
	Limit  int    `query:"limit" minimum:"0" doc:"most shelves to list; 0: all"`
	Uneven bool   `query:"uneven" doc:"only shelves that are not even"`
	Past
}

func stockLevels() operation {
	return query(Operation{ID: "stock", Method: http.MethodGet, Path: "/v1/stock", Scope: ScopeRead, Access: Ledger,
		Summary: "List levels, and what every channel shows of them", Example: app.StockList{Shelves: []app.Shelf{exampleShelf}}},
		func(ctx context.Context, a *app.App, in *StockInput) (app.StockList, error) {
			return a.Stock(ctx, app.StockQuery{SKU: in.SKU, Limit: in.Limit, Uneven: in.Uneven, At: in.asOf()})
		})
}

// ExplainInput is the query of explanation.
type ExplainInput struct {
	SKU      string `query:"sku" required:"true" doc:"the item's SKU or id"`
	Location string `query:"location" doc:"only the shelf at this location of ours"`
	Past
}

func explanation() operation {
	return query(Operation{ID: "explain", Method: http.MethodGet, Path: "/v1/explanation", Scope: ScopeRead, Access: Ledger,
		Summary: "Say why a number is what it is: every unit since the baseline",
		Example: explain.Explanation{Item: exampleItem, Shelves: []explain.Shelf{exampleExplained}}},
		func(ctx context.Context, a *app.App, in *ExplainInput) (explain.Explanation, error) {
			return a.Explain(ctx, app.ExplainQuery{SKU: in.SKU, Location: stock.Location(in.Location), At: in.asOf()})
		})
}

// SettleInput is the request of settle.
type SettleInput struct{ Body app.SettleRequest }

func settle() operation {
	return act(Operation{ID: "settle", Method: http.MethodPost, Path: "/v1/stock/settle", Scope: ScopeOperate, Access: decide,
		Summary: "Say where units belong that nobody has explained, or take that back; moves no level", Example: exampleSettled},
		func(ctx context.Context, a *app.App, by app.Actor, in *SettleInput) (app.Settled, error) {
			return a.Settle(ctx, by, in.Body)
		})
}

func status() operation {
	return query(Operation{ID: "status", Method: http.MethodGet, Path: "/v1/status", Scope: ScopeRead, Access: Ledger,
		Summary: "Say how everything is doing", Example: exampleStatus},
		func(ctx context.Context, a *app.App, _ *struct{}) (app.Status, error) { return a.Status(ctx) })
}

func configuration() operation {
	return query(Operation{ID: "configuration", Method: http.MethodGet, Path: "/v1/configuration", Scope: ScopeRead, Access: Ledger | First,
		Summary: "Compare the configuration of the running serve with its file", Example: exampleConfiguration},
		func(_ context.Context, a *app.App, _ *struct{}) (health.Configuration, error) {
			return a.Configuration(), nil
		})
}
