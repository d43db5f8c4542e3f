package webhook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
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
	// shutdownTimeout bounds how long running requests may take to end.
	shutdownTimeout = 10 * time.Second
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

// Serve has a server answer until ctx ends, and then waits for the requests that it is working on.
func Serve(ctx context.Context, listener net.Listener, server *http.Server, logger *slog.Logger) error {
	// What net/http has to say is a line of the log like any other, in its format.
	server.ErrorLog = slog.NewLogLogger(logger.Handler(), slog.LevelWarn)
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		shutting, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
		defer cancel()
		stopped <- errors.Join(server.Shutdown(shutting), server.Close())
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving HTTP: %w", err)
	}
	return <-stopped
}
