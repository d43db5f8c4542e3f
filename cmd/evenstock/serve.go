package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"

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
	opts.start.inTerms = true
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
	running, end := context.WithCancel(ctx)
	group, serving := errgroup.WithContext(running)
	placed := make(chan struct{})
	group.Go(func() error { return r.inTerms(serving, func() { close(placed) }) })
	select {
	case <-placed:
		err = takeIn(serving, group, r, intake, &opts)
	case <-serving.Done():
	}
	if err == nil {
		<-serving.Done()
	}
	if ctx.Err() != nil {
		logger.Info("stopping")
	}
	end()
	if ended := group.Wait(); ctx.Err() == nil {
		return cmp.Or(err, ended)
	}
	return nil
}

// takeIn takes webhooks and commands.
func takeIn(ctx context.Context, group *errgroup.Group, r *runtime, intake http.Handler, opts *serveOptions) error {
	socket, err := client.SocketPath(r.cfg.Data)
	if err != nil {
		return err
	}
	control, err := api.ListenSocket(socket)
	if err != nil {
		return err
	}
	if opts.listener == nil {
		if opts.listener, err = net.Listen("tcp", r.cfg.Listen); err != nil {
			return errors.Join(fmt.Errorf("%w: stop what listens there, or name another address with --listen", err), control.Close())
		}
	}
	group.Go(func() error {
		return webhook.Serve(ctx, opts.listener, webhook.NewServer("", httpHandler(r, intake)), r.logger)
	})
	group.Go(func() error { return webhook.Serve(ctx, control, api.SocketServer(api.Lazy(r.app.Load)), r.logger) })
	r.logger.Info("serving", "listen", opts.listener.Addr().String(), "data", r.cfg.Data, "channels", len(r.channels), "pid", os.Getpid())
	if opts.ready != nil {
		opts.ready(r, opts.listener.Addr())
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
	probes := []health.Probe{health.Stream(r.broker.Health), health.Consumed(r.store, r.broker.Topics.Events), health.Configured(r.cfg)}
	if r.cfg.InCluster() {
		probes = append(probes, health.Role(r.app.Load().StandsBy))
	}
	return health.Examine(ctx, probes...)
}

// reasons lists why the middleware is not ready; empty: it is.
func (r *runtime) reasons(ctx context.Context) []string { return r.readiness(ctx).Reasons() }

// serveDemo runs what the demo shows.
func serveDemo(ctx context.Context, cfg *config.Config, logger *slog.Logger, listener net.Listener, ready func(demo.Evenstock)) error {
	none := func(string) string { return "" } // a person's own settings must not reach into the demo
	return serve(ctx, cfg, none, logger, serveOptions{listener: listener, ready: func(r *runtime, _ net.Addr) { ready(demo.ByClient{Client: local.ClientOf(r.app.Load())}) }})
}
