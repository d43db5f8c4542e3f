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
		s.control.HandleFunc("POST /sandbox/"+kind, func(w http.ResponseWriter, r *http.Request) {
			var action Action
			if !shop.ReadControl(w, r, &action) {
				return
			}
			action.Kind = kind
			done, err := s.Do(action)
			shop.AnswerControl(w, done, err)
		})
	}
	s.control.HandleFunc("POST /sandbox/edit", func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			ID       string         `json:"id"`
			Quantity stock.Quantity `json:"quantity"`
		}
		if shop.ReadControl(w, r, &in) {
			done, err := s.Edit(in.ID, in.Quantity)
			shop.AnswerControl(w, done, err)
		}
	})
	s.control.HandleFunc("POST /sandbox/locations", func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Name string `json:"name"`
		}
		if shop.ReadControl(w, r, &in) {
			shop.WriteJSON(w, http.StatusOK, map[string]string{"id": s.AddLocation(in.Name)})
		}
	})
	s.control.HandleFunc("POST /sandbox/variations", func(w http.ResponseWriter, r *http.Request) {
		in := struct {
			SKU     string `json:"sku"`
			Name    string `json:"name"`
			Tracked bool   `json:"tracked"`
			Listing
		}{Tracked: true}
		if shop.ReadControl(w, r, &in) {
			id := s.AddVariation(in.SKU, in.Name, in.Tracked)
			var err error
			if in.Listing != (Listing{}) {
				err = s.List(id, in.Listing)
			}
			shop.AnswerControl(w, map[string]string{"id": id}, err)
		}
	})
	s.control.HandleFunc("POST /sandbox/tracking", func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Item     string `json:"item"`
			Location string `json:"location"`
			Tracked  bool   `json:"tracked"`
		}
		if shop.ReadControl(w, r, &in) {
			shop.AnswerControl(w, in, s.SetTracking(in.Item, in.Location, in.Tracked))
		}
	})
	s.control.HandleFunc("POST /sandbox/sold_out", func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Item     string `json:"item"`
			Location string `json:"location"`
			SoldOut  bool   `json:"sold_out"`
		}
		if shop.ReadControl(w, r, &in) {
			shop.AnswerControl(w, in, s.SetSoldOut(in.Item, in.Location, in.SoldOut))
		}
	})
	s.control.HandleFunc("POST /sandbox/sku", func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Item string `json:"item"`
			SKU  string `json:"sku"`
		}
		if shop.ReadControl(w, r, &in) {
			shop.AnswerControl(w, in, s.SetSKU(in.Item, in.SKU))
		}
	})
	s.control.HandleFunc("POST /sandbox/list", func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Item string `json:"item"`
			Listing
		}
		if shop.ReadControl(w, r, &in) {
			shop.AnswerControl(w, in, s.List(in.Item, in.Listing))
		}
	})
	s.control.HandleFunc("POST /sandbox/delete", func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Item string `json:"item"`
		}
		if shop.ReadControl(w, r, &in) {
			shop.AnswerControl(w, in, s.DeleteVariation(in.Item))
		}
	})
	s.control.HandleFunc("PUT /sandbox/webhook", func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			URL   string   `json:"url"`
			Key   string   `json:"key"`
			Types []string `json:"types"`
		}
		if shop.ReadControl(w, r, &in) {
			s.SetWebhook(in.URL, in.Key, in.Types...)
			shop.WriteJSON(w, http.StatusOK, map[string]bool{"subscribed": in.URL != ""})
		}
	})
}
