package sandbox

import (
	"net/http"
)

// mountControl adds the control routes. Actions are POST /sandbox/sell, /sandbox/sell_offline, /sandbox/receive,
// /sandbox/return, /sandbox/waste, /sandbox/recount and /sandbox/other_app, with a SquareAction and without its kind.
func (s *Square) mountControl() {
	controls{truth: s.truth, counts: s.Counts, faults: &s.faults, courier: s.courier, requests: &s.count}.mount(s.control)
	for _, kind := range []string{"sell", "sell_offline", "receive", "return", "waste", "recount", "other_app"} {
		s.control.HandleFunc("POST /sandbox/"+kind, func(w http.ResponseWriter, r *http.Request) {
			var action SquareAction
			if !readControl(w, r, &action) {
				return
			}
			action.Kind = kind
			done, err := s.Do(action)
			answerControl(w, done, err)
		})
	}
	s.control.HandleFunc("POST /sandbox/locations", func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Name string `json:"name"`
		}
		if readControl(w, r, &in) {
			writeJSON(w, http.StatusOK, map[string]string{"id": s.AddLocation(in.Name)})
		}
	})
	s.control.HandleFunc("POST /sandbox/variations", func(w http.ResponseWriter, r *http.Request) {
		in := struct {
			SKU     string `json:"sku"`
			Name    string `json:"name"`
			Tracked bool   `json:"tracked"`
		}{Tracked: true}
		if readControl(w, r, &in) {
			writeJSON(w, http.StatusOK, map[string]string{"id": s.AddVariation(in.SKU, in.Name, in.Tracked)})
		}
	})
	s.control.HandleFunc("POST /sandbox/tracking", func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Item     string `json:"item"`
			Location string `json:"location"`
			Tracked  bool   `json:"tracked"`
		}
		if readControl(w, r, &in) {
			answerControl(w, in, s.SetTracking(in.Item, in.Location, in.Tracked))
		}
	})
	s.control.HandleFunc("POST /sandbox/sku", func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Item string `json:"item"`
			SKU  string `json:"sku"`
		}
		if readControl(w, r, &in) {
			answerControl(w, in, s.SetSKU(in.Item, in.SKU))
		}
	})
	s.control.HandleFunc("POST /sandbox/delete", func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Item string `json:"item"`
		}
		if readControl(w, r, &in) {
			answerControl(w, in, s.DeleteVariation(in.Item))
		}
	})
	s.control.HandleFunc("PUT /sandbox/webhook", func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			URL   string   `json:"url"`
			Key   string   `json:"key"`
			Types []string `json:"types"`
		}
		if readControl(w, r, &in) {
			s.SetWebhook(in.URL, in.Key, in.Types...)
			writeJSON(w, http.StatusOK, map[string]bool{"subscribed": in.URL != ""})
		}
	})
}
