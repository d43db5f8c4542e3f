package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync"

	"github.com/evenstock/evenstock/adapters/api"
	"github.com/evenstock/evenstock/adapters/api/client"
	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/sync/app"
)

// local answers operations in this process, for a data folder that no serve owns. It opens what the operation at hand declares, and
// keeps it for those that follow.
type local struct {
	open func(access api.Access) (*runtime, error)

	mu      sync.Mutex
	access  api.Access
	runtime *runtime
	handler http.Handler
}

func newLocal(ctx context.Context, cfg *config.Config, env func(string) string, logger *slog.Logger) *local {
	return &local{open: func(access api.Access) (*runtime, error) {
		// Commands that only look, or that need links, make no data folder.
		if !access.Has(api.First) {
			if err := ledgerExists(cfg); err != nil {
				return nil, err
			}
		}
		return startRuntime(ctx, cfg, env, logger, startOptions{access: access})
	}}
}

// RoundTrip is http.RoundTripper's.
func (l *local) RoundTrip(req *http.Request) (*http.Response, error) {
	op, known := api.Find(req)
	if !known {
		return nil, fmt.Errorf("no operation answers %s %s", req.Method, req.URL.Path)
	}
	handler, err := l.with(op.Access)
	if err != nil {
		return nil, err
	}
	return client.InProcess{Handler: handler}.RoundTrip(req)
}

// with opens what is needed, and gives up what was open if it does not do.
func (l *local) with(access api.Access) (http.Handler, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.runtime == nil || !l.access.Covers(access) {
		if err := l.give(); err != nil {
			return nil, err
		}
		opened, err := l.open(access)
		if errors.Is(err, errNoLedger) {
			return nil, &app.Error{Kind: app.NotFound, What: err.Error(), Remedy: app.RemedyBegin}
		}
		if err != nil {
			return nil, err
		}
		l.access, l.runtime, l.handler = access, opened, handlerOf(opened)
	}
	return l.handler, nil
}

// Close gives up what was opened.
func (l *local) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.give()
}

func (l *local) give() error {
	if l.runtime == nil {
		return nil
	}
	opened := l.runtime
	l.runtime = nil
	return opened.close()
}

// clientOf asks a runtime of this process.
func clientOf(r *runtime) *client.Client {
	return client.New(client.InProcess{Handler: handlerOf(r)}, "http://evenstock")
}

// handlerOf answers for a runtime of this process. It is this process's user who asks.
func handlerOf(r *runtime) http.Handler {
	handler, caller := api.New(r.app), api.LocalCaller(api.UserName(os.Getuid()))
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		handler.ServeHTTP(w, req.WithContext(api.WithCaller(req.Context(), caller)))
	})
}
