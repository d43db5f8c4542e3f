// Package local answers the operations of the API in this process, for whoever asks where no serve runs.
//
// A Transport opens what the operation at hand declares, keeps it for those that follow, and gives it up for one that needs more. What
// there is to open the caller says. It is this process's user who asks.
package local

import (
	"fmt"
	"net/http"
	"os"
	"sync"

	"github.com/evenstock/evenstock/adapters/api"
	"github.com/evenstock/evenstock/adapters/api/client"
	"github.com/evenstock/evenstock/sync/app"
)

// Opened is what answers operations, made of the parts that were opened, and how to give them up.
type Opened struct {
	api.Parts
	Close func() error
}

// Transport is an http.RoundTripper that opens what it needs. Close it.
type Transport struct {
	// Open opens the parts that an operation uses.
	Open func(access api.Access) (Opened, error)

	mu      sync.Mutex
	access  api.Access
	opened  Opened
	handler http.Handler
}

// RoundTrip is http.RoundTripper's.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	op, known := api.Find(req)
	if !known {
		return nil, fmt.Errorf("no operation answers %s %s", req.Method, req.URL.Path)
	}
	handler, err := t.with(op.Access)
	if err != nil {
		return nil, err
	}
	return client.InProcess{Handler: handler}.RoundTrip(req)
}

// with opens what is needed, and gives up what was open if it does not do.
func (t *Transport) with(access api.Access) (http.Handler, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.handler == nil || !t.access.Covers(access) {
		if err := t.give(); err != nil {
			return nil, err
		}
		opened, err := t.Open(access)
		if err != nil {
			return nil, err
		}
		t.access, t.opened, t.handler = access, opened, handlerOf(opened.Parts)
	}
	return t.handler, nil
}

// Close gives up what was opened.
func (t *Transport) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.give()
}

func (t *Transport) give() error {
	if t.handler == nil {
		return nil
	}
	t.handler = nil
	return t.opened.Close()
}

// ClientOf asks an app of this process.
func ClientOf(a *app.App) *client.Client {
	return client.New(client.InProcess{Handler: handlerOf(api.Parts{App: a})}, "http://evenstock")
}

func handlerOf(parts api.Parts) http.Handler {
	handler, caller := api.NewFor(parts), api.LocalCaller(api.UserName(os.Getuid()))
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		handler.ServeHTTP(w, req.WithContext(api.WithCaller(req.Context(), caller)))
	})
}
