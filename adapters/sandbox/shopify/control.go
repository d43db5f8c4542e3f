package shopify

import (
	"net/http"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
)

// mountControl adds the control routes: the shared ones, and one per action of the shop.
func (s *Shop) mountControl(mux *http.ServeMux) {
	shop.Mount(mux, shop.Controls{Truth: s.truth, Counts: s.Counts, Faults: s.faults, Courier: s.courier, Requests: s.requests}.Routes()...)
	shop.Mount(mux, s.Routes()...)
}

// Routes are the control routes that only this shop has. Those of a zero Shop are to be listed, not to be asked.
func (s *Shop) Routes() []shop.Route {
	return append(s.catalogRoutes(), []shop.Route{
		shop.Post("/sandbox/stock/set", `{"item":"ITEM","location":"LOCATION","quantity":5}`, "type a number into the admin", actionDone(s.SetAvailable)),
		shop.Post("/sandbox/stock/receive", `{"item":"ITEM","location":"LOCATION","quantity":5}`, "receive goods; stocks the item there", actionDone(s.Receive)),
		shop.Post("/sandbox/stock/other_app", `{"item":"ITEM","location":"LOCATION","quantity":-5}`, "another app adjusts the counter", actionDone(s.AdjustByOtherApp)),
		shop.Post("/sandbox/stock/tracked", `{"item":"ITEM","tracked":false}`, "count an item, or do not", actionDone(s.SetTracked)),
		shop.Get("/sandbox/orders", "the orders, with their lines", func(w http.ResponseWriter, _ *http.Request) { shop.WriteJSON(w, http.StatusOK, s.Orders()) }),
		shop.Post("/sandbox/orders/place", `{"lines":[{"item":"ITEM","quantity":1,"location":"LOCATION"}]}`, "order; without a location the shop chooses", shop.Control(s.PlaceOrder)),
		shop.Post("/sandbox/orders/edit_add", `{"order":"ORDER","line":"LINE","quantity":1}`, "more of a line, or with item instead of line: another line", shop.Control(s.EditAdd)),
		shop.Post("/sandbox/orders/edit_remove", `{"order":"ORDER","line":"LINE","quantity":1,"restock":true,"current_only":false}`,
			"less of a line that is not sent; current_only: without a refund line", shop.Control(s.EditRemove)),
		shop.Post("/sandbox/orders/cancel", `{"order":"ORDER","restock":true}`, "cancel an order of which nothing is sent", shop.Control(s.Cancel)),
		shop.Post("/sandbox/orders/fulfil", `{"order":"ORDER","line":"LINE","quantity":1}`, "send units; without line and quantity: all", shop.Control(s.Fulfil)),
		shop.Post("/sandbox/orders/refund", `{"order":"ORDER","line":"LINE","quantity":1,"restock":"return"}`, "refund with restock cancel (not sent), return (sent) or no_restock", shop.Control(s.Refund)),
		shop.Put("/sandbox/webhook_url", `{"url":"http://127.0.0.1:8080/hooks/web/TOKEN"}`, "where webhooks go; with no URL nowhere", actionDone(s.pointWebhook)),
		shop.Post("/sandbox/settle", "", "wait for levels that lag, routing and webhooks", s.settle),
	}...)
}

// catalogRoutes are the routes that change what the shop has.
func (s *Shop) catalogRoutes() []shop.Route {
	type place struct {
		Name string `json:"name"`
	}
	type made struct {
		ID string `json:"id"`
	}
	return []shop.Route{
		shop.Get("/sandbox/variants", "the variants, with the ids of their items", func(w http.ResponseWriter, _ *http.Request) { shop.WriteJSON(w, http.StatusOK, s.Variants()) }),
		shop.Post("/sandbox/variants", `{"sku":"TEE-M","name":"Tee","tracked":true,"available":10,"barcode":"","status":"ACTIVE","gift_card":false,"bundle":false}`,
			"add a variant, stocked at the first location; status: ACTIVE, ARCHIVED, DRAFT or UNLISTED", shop.Control(s.AddVariant)),
		shop.Post("/sandbox/variants/list", `{"item":"ITEM","sku":"TEE-M","name":"Tee","barcode":"","status":"ARCHIVED","gift_card":false,"bundle":false}`,
			"how it stands in the catalog from now on", actionDone(s.List)),
		shop.Post("/sandbox/variants/delete", `{"item":"ITEM"}`, "delete it", actionDone(s.DeleteVariant)),
		shop.Post("/sandbox/locations", `{"name":"Fair"}`, "open a location", shop.Control(func(in place) (made, error) { return made{s.AddLocation(in.Name)}, nil })),
	}
}

// address is where webhooks go.
type address struct {
	URL string `json:"url"`
}

func (s *Shop) pointWebhook(to address) error {
	s.SetWebhook(to.URL)
	return nil
}

// settle waits, as long as the client does, for lagging levels, routing and webhooks.
func (s *Shop) settle(w http.ResponseWriter, r *http.Request) {
	shop.AnswerControl(w, struct{}{}, s.Idle(r.Context()))
}

// actionDone serves an action that has no result.
func actionDone[In any](do func(In) error) http.HandlerFunc {
	return shop.Control(func(in In) (struct{}, error) { return struct{}{}, do(in) })
}
