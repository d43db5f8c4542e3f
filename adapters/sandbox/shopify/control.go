package shopify

import (
	"net/http"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
)

// mountControl adds the control routes: the shared ones, and one per action of the shop.
func (s *Shop) mountControl(mux *http.ServeMux) {
	shop.Controls{Truth: s.truth, Counts: s.Counts, Faults: s.faults, Courier: s.courier, Requests: s.requests}.Mount(mux)
	mux.HandleFunc("POST /sandbox/variants", shop.Control(s.AddVariant))
	mux.HandleFunc("POST /sandbox/variants/list", actionDone(s.List))
	mux.HandleFunc("POST /sandbox/variants/delete", actionDone(s.DeleteVariant))
	type place struct {
		Name string `json:"name"`
	}
	type made struct {
		ID string `json:"id"`
	}
	mux.HandleFunc("POST /sandbox/locations", shop.Control(func(in place) (made, error) { return made{s.AddLocation(in.Name)}, nil }))
	mux.HandleFunc("POST /sandbox/stock/set", actionDone(s.SetAvailable))
	mux.HandleFunc("POST /sandbox/stock/receive", actionDone(s.Receive))
	mux.HandleFunc("POST /sandbox/stock/other_app", actionDone(s.AdjustByOtherApp))
	mux.HandleFunc("POST /sandbox/stock/tracked", actionDone(s.SetTracked))
	mux.HandleFunc("POST /sandbox/orders/place", shop.Control(s.PlaceOrder))
	mux.HandleFunc("POST /sandbox/orders/edit_add", shop.Control(s.EditAdd))
	mux.HandleFunc("POST /sandbox/orders/edit_remove", shop.Control(s.EditRemove))
	mux.HandleFunc("POST /sandbox/orders/cancel", shop.Control(s.Cancel))
	mux.HandleFunc("POST /sandbox/orders/fulfil", shop.Control(s.Fulfil))
	mux.HandleFunc("POST /sandbox/orders/refund", shop.Control(s.Refund))
	mux.HandleFunc("GET /sandbox/orders", func(w http.ResponseWriter, _ *http.Request) {
		shop.WriteJSON(w, http.StatusOK, s.Orders())
	})
	mux.HandleFunc("GET /sandbox/variants", func(w http.ResponseWriter, _ *http.Request) {
		shop.WriteJSON(w, http.StatusOK, s.Variants())
	})
	mux.HandleFunc("PUT /sandbox/webhook_url", actionDone(func(in struct {
		URL string `json:"url"`
	}) error {
		s.SetWebhook(in.URL)
		return nil
	}))
	// settle waits, as long as the client does, for lagging levels, routing and webhooks.
	mux.HandleFunc("POST /sandbox/settle", func(w http.ResponseWriter, r *http.Request) {
		if err := s.Idle(r.Context()); err != nil {
			shop.RefuseControl(w, err)
			return
		}
		shop.WriteJSON(w, http.StatusOK, struct{}{})
	})
}

// actionDone serves an action that has no result.
func actionDone[In any](do func(In) error) http.HandlerFunc {
	return shop.Control(func(in In) (struct{}, error) { return struct{}{}, do(in) })
}
