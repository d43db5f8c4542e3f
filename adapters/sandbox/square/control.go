package square

import (
	"net/http"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/ledger/stock"
)

// mountControl adds the control routes: the shared ones, and one per action of the shop.
func (s *Shop) mountControl() {
	shop.Mount(s.control, shop.Controls{Truth: s.truth, Counts: s.Counts, Faults: &s.faults, Courier: s.courier, Requests: &s.count}.Routes()...)
	shop.Mount(s.control, s.Routes()...)
}

// Routes are the control routes that only this shop has. Those of a zero Shop are to be listed, not to be asked.
func (s *Shop) Routes() []shop.Route {
	const body = `{"item":"VARIATION","location":"LOCATION","quantity":"1"}`
	type edit struct {
		ID       string         `json:"id"`
		Quantity stock.Quantity `json:"quantity"`
	}
	type subscription struct {
		URL   string   `json:"url"`
		Key   string   `json:"key"`
		Types []string `json:"types"`
	}
	return append([]shop.Route{
		shop.Post("/sandbox/sell", body, "sell at the till", s.act("sell")),
		shop.Post("/sandbox/sell_offline", `{"item":"VARIATION","location":"LOCATION","quantity":"1","occurred_at":"2026-03-02T10:30:00Z"}`,
			"sell at a till that tells it late", s.act("sell_offline")),
		shop.Post("/sandbox/receive", body, "receive goods", s.act("receive")),
		shop.Post("/sandbox/return", body, "take goods back at the till", s.act("return")),
		shop.Post("/sandbox/waste", body, "goods are lost or broken", s.act("waste")),
		shop.Post("/sandbox/recount", body, "count the goods; takes occurred_at too", s.act("recount")),
		shop.Post("/sandbox/other_app", body, "another app adjusts the counter, up or down", s.act("other_app")),
		shop.Post("/sandbox/edit", `{"id":"ADJUSTMENT","quantity":"2"}`, "change the quantity of an adjustment",
			shop.Control(func(in edit) (Change, error) { return s.Edit(in.ID, in.Quantity) })),
		shop.Put("/sandbox/webhook", `{"url":"http://127.0.0.1:8080/hooks/till/TOKEN","key":"SECRET","types":["inventory.count.updated","catalog.version.updated"]}`,
			"where webhooks go, and signed with what; with no URL nowhere", shop.Control(func(in subscription) (map[string]bool, error) {
				s.SetWebhook(in.URL, in.Key, in.Types...)
				return map[string]bool{"subscribed": in.URL != ""}, nil
			})),
	}, s.catalogRoutes()...)
}

// act serves one kind of Action, which the request does not name.
func (s *Shop) act(kind string) http.HandlerFunc {
	return shop.Control(func(action Action) (Change, error) {
		action.Kind = kind
		return s.Do(action)
	})
}

// made is what was made.
type made struct {
	ID string `json:"id"`
}

// catalogRoutes are the routes that change the catalog. What is changed answers with the request.
func (s *Shop) catalogRoutes() []shop.Route {
	type place struct {
		Name string `json:"name"`
	}
	type newVariation struct {
		SKU  string `json:"sku"`
		Name string `json:"name"`
		// Tracked is true when it is not said.
		Tracked *bool `json:"tracked"`
		Listing
	}
	type tracking struct {
		Item     string `json:"item"`
		Location string `json:"location"`
		Tracked  bool   `json:"tracked"`
	}
	type soldOut struct {
		Item     string `json:"item"`
		Location string `json:"location"`
		SoldOut  bool   `json:"sold_out"`
	}
	type sku struct {
		Item string `json:"item"`
		SKU  string `json:"sku"`
	}
	type listed struct {
		Item string `json:"item"`
		Listing
	}
	type item struct {
		Item string `json:"item"`
	}
	return []shop.Route{
		shop.Post("/sandbox/locations", `{"name":"Second"}`, "open a location",
			shop.Control(func(in place) (made, error) { return made{s.AddLocation(in.Name)}, nil })),
		shop.Post("/sandbox/variations", `{"sku":"TEE-M","name":"Tee","tracked":true,"upc":"","archived":false,"product_type":"REGULAR","composed":false,"unit_of":"","measured_to":0}`,
			"add an item with one variation; it has no count before it is counted, received or sold", shop.Control(func(in newVariation) (made, error) {
				id := s.AddVariation(in.SKU, in.Name, in.Tracked == nil || *in.Tracked)
				if in.Listing == (Listing{}) {
					return made{id}, nil
				}
				return made{id}, s.List(id, in.Listing)
			})),
		shop.Post("/sandbox/list", `{"item":"VARIATION","upc":"","archived":true,"product_type":"REGULAR","composed":false,"unit_of":"","measured_to":0}`,
			"how it stands in the catalog from now on", change(func(in listed) error { return s.List(in.Item, in.Listing) })),
		shop.Post("/sandbox/sku", `{"item":"VARIATION","sku":"TEE-M"}`, "rename its SKU", change(func(in sku) error { return s.SetSKU(in.Item, in.SKU) })),
		shop.Post("/sandbox/tracking", `{"item":"VARIATION","location":"LOCATION","tracked":false}`, "count it, or do not; without location: everywhere",
			change(func(in tracking) error { return s.SetTracking(in.Item, in.Location, in.Tracked) })),
		shop.Post("/sandbox/sold_out", `{"item":"VARIATION","location":"LOCATION","sold_out":true}`, "mark it as sold out at a location, which must be said, whatever it counts",
			change(func(in soldOut) error { return s.SetSoldOut(in.Item, in.Location, in.SoldOut) })),
		shop.Post("/sandbox/delete", `{"item":"VARIATION"}`, "delete it", change(func(in item) error { return s.DeleteVariation(in.Item) })),
	}
}

// change serves an action that has no result but what was asked.
func change[In any](do func(In) error) http.HandlerFunc {
	return shop.Control(func(in In) (In, error) { return in, do(in) })
}
