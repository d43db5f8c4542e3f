package api

import (
	"net/http"
	"sync"

	"github.com/evenstock/evenstock/sync/app"
)

// Lazy answers by the app that there is when somebody asks. Describing the operations takes longer than a serve to start, and is done then.
func Lazy(current func() *app.App) http.Handler {
	var mu sync.Mutex
	var described *app.App
	var handler http.Handler
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		mu.Lock()
		if now := current(); now != described {
			described, handler = now, New(now)
		}
		answering := handler
		mu.Unlock()
		answering.ServeHTTP(w, req)
	})
}
