package square

import (
	"net/http"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/ledger/stock"
)

// mountControl adds the control routes. Actions are POST /sandbox/sell, /sandbox/sell_offline, /sandbox/receive,
// /sandbox/return, /sandbox/waste, /sandbox/recount and /sandbox/other_app, with an Action and without its kind. POST /sandbox/edit
// takes the id of an adjustment and its new quantity.
func (s *Shop) mountControl() {
	shop.Controls{Truth: s.truth, Counts: s.Counts, Faults: &s.faults, Courier: s.courier, Requests: &s.count}.Mount(s.control)
	for _, kind := range []string{"sell", "sell_offline", "receive", "return", "waste", "recount", "other_app"} {
		s.control.HandleFunc("POST /sandbox/"+kind, shop.Control(func(action Action) (Change, error) {
			action.Kind = kind
			return s.Do(action)
		}))
	}
	type edit struct {
		ID       string         `json:"id"`
		Quantity stock.Quantity `json:"quantity"`
	}
	s.control.HandleFunc("POST /sandbox/edit", shop.Control(func(in edit) (Change, error) { return s.Edit(in.ID, in.Quantity) }))
	type place struct {
		Name string `json:"name"`
	}
	s.control.HandleFunc("POST /sandbox/locations", shop.Control(func(in place) (made, error) { return made{s.AddLocation(in.Name)}, nil }))
	s.mountCatalogControl()
	type subscription struct {
		URL   string   `json:"url"`
		Key   string   `json:"key"`
		Types []string `json:"types"`
	}
	s.control.HandleFunc("PUT /sandbox/webhook", shop.Control(func(in subscription) (map[string]bool, error) {
		s.SetWebhook(in.URL, in.Key, in.Types...)
		return map[string]bool{"subscribed": in.URL != ""}, nil
	}))
}

// made is what was made.
type made struct {
	ID string `json:"id"`
}

// mountCatalogControl adds what changes the catalog. What is changed answers with the request.
func (s *Shop) mountCatalogControl() {
	type newVariation struct {
		SKU  string `json:"sku"`
		Name string `json:"name"`
		// Tracked is true when it is not said.
		Tracked *bool `json:"tracked"`
		Listing
	}
	s.control.HandleFunc("POST /sandbox/variations", shop.Control(func(in newVariation) (made, error) {
		id := s.AddVariation(in.SKU, in.Name, in.Tracked == nil || *in.Tracked)
		if in.Listing == (Listing{}) {
			return made{id}, nil
		}
		return made{id}, s.List(id, in.Listing)
	}))
	type tracking struct {
		Item     string `json:"item"`
		Location string `json:"location"`
		Tracked  bool   `json:"tracked"`
	}
	s.control.HandleFunc("POST /sandbox/tracking", change(func(in tracking) error { return s.SetTracking(in.Item, in.Location, in.Tracked) }))
	type soldOut struct {
		Item     string `json:"item"`
		Location string `json:"location"`
		SoldOut  bool   `json:"sold_out"`
	}
	s.control.HandleFunc("POST /sandbox/sold_out", change(func(in soldOut) error { return s.SetSoldOut(in.Item, in.Location, in.SoldOut) }))
	type sku struct {
		Item string `json:"item"`
		SKU  string `json:"sku"`
	}
	s.control.HandleFunc("POST /sandbox/sku", change(func(in sku) error { return s.SetSKU(in.Item, in.SKU) }))
	type listed struct {
		Item string `json:"item"`
		Listing
	}
	s.control.HandleFunc("POST /sandbox/list", change(func(in listed) error { return s.List(in.Item, in.Listing) }))
	type item struct {
		Item string `json:"item"`
	}
	s.control.HandleFunc("POST /sandbox/delete", change(func(in item) error { return s.DeleteVariation(in.Item) }))
}

// change serves an action that has no result but what was asked.
func change[In any](do func(In) error) http.HandlerFunc {
	return shop.Control(func(in In) (In, error) { return in, do(in) })
}
