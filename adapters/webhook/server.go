package webhook

import (
	"net/http"
	"time"
)

// Limits of the server that faces the internet.
const (
	serverHeaderTimeout = 5 * time.Second
	serverReadTimeout   = 15 * time.Second
	serverWriteTimeout  = 15 * time.Second
	serverIdleTimeout   = 60 * time.Second
	serverHeaderMax     = 32 << 10 // bytes
	// serverConns bounds the open connections: four times what MaxInFlight works on.
	serverConns = 1024
)

// NewServer returns a server with limits fit for the internet, on its connections too (see crowd). It does not listen yet, and its ErrorLog is the caller's to
// set.
func NewServer(addr string, handler http.Handler) *http.Server {
	return &http.Server{
		Addr:              addr,
		Handler:           handler,
		ReadHeaderTimeout: serverHeaderTimeout,
		ReadTimeout:       serverReadTimeout,
		WriteTimeout:      serverWriteTimeout,
		IdleTimeout:       serverIdleTimeout,
		MaxHeaderBytes:    serverHeaderMax,
		ConnState:         newCrowd(serverConns).state,
		// Otherwise the server itself answers "OPTIONS *" with 200.
		DisableGeneralOptionsHandler: true,
	}
}
