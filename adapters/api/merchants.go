package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"

	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/fleet"
)

const (
	// merchantsPath begins the operations about merchants; merchantPrefix, and a name, those of one merchant.
	merchantsPath  = "/v1/merchants"
	merchantPrefix = "/merchants/"
)

// Parts are what operations are done with: App those of one merchant, Fleet those about the merchants of a process.
type Parts struct {
	App   *app.App
	Fleet *fleet.Fleet
}

// Switch serves the operations of all merchants of a process: under /merchants/NAME those of one, without that those of the only one, and
// those about merchants. Finding one merchant's app says nothing of another.
type Switch struct {
	fleet http.Handler
	// find answers operations of a merchant; an empty name means the only merchant there is. Nil: there is no such, or not the only one.
	find func(merchant string) http.Handler
}

// NewSwitch returns a switch. Describing operations takes longer than serve to start, so it is done when they are asked for.
func NewSwitch(f *fleet.Fleet, find func(merchant string) http.Handler) *Switch {
	about := sync.OnceValue(func() http.Handler { return NewFor(Parts{Fleet: f}) })
	return &Switch{find: find, fleet: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { about().ServeHTTP(w, r) })}
}

// ServeHTTP serves one operation.
func (s *Switch) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if rest, about := strings.CutPrefix(r.URL.Path, merchantsPath); about && (rest == "" || rest[0] == '/') {
		s.fleet.ServeHTTP(w, r)
		return
	}
	name, folder := "", ""
	if rest, of := strings.CutPrefix(r.URL.Path, merchantPrefix); of {
		name, _, _ = strings.Cut(rest, "/")
		folder = merchantPrefix + name
	}
	handler := s.find(name)
	if handler == nil {
		p := refusal(http.StatusNotFound, "no such merchant runs here")
		if name == "" {
			p = refusal(http.StatusNotFound, "there is not one merchant alone: say which is meant")
		}
		w.Header().Set("Content-Type", p.ContentType(""))
		w.WriteHeader(p.Status)
		_ = json.NewEncoder(w).Encode(p)
		return
	}
	http.StripPrefix(folder, handler).ServeHTTP(w, r)
}
