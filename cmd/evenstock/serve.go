package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/evenstock/evenstock/adapters/api"
	"github.com/evenstock/evenstock/adapters/api/client"
	"github.com/evenstock/evenstock/adapters/api/local"
	"github.com/evenstock/evenstock/adapters/webhook"
	"github.com/evenstock/evenstock/cmd/evenstock/demo"
	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/sync/health"
	"github.com/evenstock/evenstock/sync/sweep"
)

// serveOptions let the demo and tests know where the server listens, and choose the listener.
type serveOptions struct {
	start    startOptions
	listener net.Listener
	// ready is called once everything runs.
	ready func(r *runtime, addr net.Addr)
}

// serve runs the middleware until ctx ends.
func serve(ctx context.Context, cfg *config.Config, env func(string) string, logger *slog.Logger, opts serveOptions) (err error) {
	opts.start.sweeps = sweep.Schedule{Recent: cfg.Sweep.Recent, Full: cfg.Sweep.Full}
	r, err := startRuntime(ctx, cfg, env, logger, opts.start)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	intake, err := openIntake(r)
	if err != nil {
		return err
	}
	socket, err := client.SocketPath(cfg.Data)
	if err != nil {
		return err
	}
	control, err := api.ListenSocket(socket)
	if err != nil {
		return err
	}
	if opts.listener == nil {
		if opts.listener, err = net.Listen("tcp", cfg.Listen); err != nil {
			return errors.Join(fmt.Errorf("%w: stop what listens there, or name another address with --listen", err), control.Close())
		}
	}
	operations := sync.OnceValue(func() http.Handler { return api.New(r.app) }) // describing them takes longer than serve to start
	group, serving := errgroup.WithContext(ctx)
	group.Go(func() error {
		return webhook.Serve(serving, opts.listener, webhook.NewServer("", httpHandler(r, intake)), logger)
	})
	group.Go(func() error {
		return webhook.Serve(serving, control, api.SocketServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) { operations().ServeHTTP(w, req) })), logger)
	})
	group.Go(func() error { return r.merchant.Wait(serving) })
	group.Go(func() error { return keepStore(serving, r.store) })
	group.Go(func() error { return r.app.CompareConfig(serving) })
	logger.Info("serving", "listen", opts.listener.Addr().String(), "data", cfg.Data, "channels", len(r.channels), "pid", os.Getpid())
	if opts.ready != nil {
		opts.ready(r, opts.listener.Addr())
	}
	<-serving.Done()
	if ctx.Err() != nil {
		logger.Info("stopping")
	}
	if err := group.Wait(); ctx.Err() == nil {
		return err
	}
	return nil
}

// httpHandler serves webhooks and the two health pages.
func httpHandler(r *runtime, intake http.Handler) http.Handler {
	return webhook.Route(intake, map[string]http.HandlerFunc{"/livez": api.Alive, "/readyz": api.Ready(r.readiness)})
}

// readiness looks at what taking webhooks in depends on. A platform is not among it: when it does not answer, webhooks are taken
// in all the same.
func (r *runtime) readiness(ctx context.Context) health.Report {
	return health.Examine(ctx, health.Stream(r.broker.Health), health.Consumed(r.store, r.broker.Topics.Events), health.Configured(r.cfg))
}

// reasons lists why the middleware is not ready; empty: it is.
func (r *runtime) reasons(ctx context.Context) []string { return r.readiness(ctx).Reasons() }

// serveDemo runs what the demo shows.
func serveDemo(ctx context.Context, cfg *config.Config, logger *slog.Logger, listener net.Listener, ready func(demo.Evenstock)) error {
	none := func(string) string { return "" } // a person's own settings must not reach into the demo
	return serve(ctx, cfg, none, logger, serveOptions{listener: listener, ready: func(r *runtime, _ net.Addr) { ready(demo.ByClient{Client: local.ClientOf(r.app)}) }})
}
