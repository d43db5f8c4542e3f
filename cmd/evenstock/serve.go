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
)

// serveOptions let the demo and tests know where the server listens, and choose the listener.
type serveOptions struct {
	start    startOptions
	listener net.Listener
	// ready is called once everything runs.
	ready func(merchants []*runtime, addr net.Addr)
}

// serve runs the middleware until ctx ends.
func serve(ctx context.Context, cfg *config.Config, env func(string) string, logger *slog.Logger, opts serveOptions) (err error) {
	opts.start.inTerms = true
	h, err := openHost(ctx, cfg, env, logger, opts.start, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	running, end := context.WithCancel(ctx)
	defer end()
	if err := h.fleet.Start(running); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	group, serving := errgroup.WithContext(running)
	group.Go(func() error { return h.fleet.Wait(serving) })
	if err = takeIn(serving, group, h, &opts); err == nil {
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
func takeIn(ctx context.Context, group *errgroup.Group, h *host, opts *serveOptions) error {
	socket, err := client.SocketPath(h.cfg.Data)
	if err != nil {
		return err
	}
	control, err := api.ListenSocket(socket)
	if err != nil {
		return err
	}
	if opts.listener == nil {
		if opts.listener, err = net.Listen("tcp", h.cfg.Listen); err != nil {
			return errors.Join(fmt.Errorf("%w: stop what listens there, or name another address with --listen", err), control.Close())
		}
	}
	group.Go(func() error {
		return webhook.Serve(ctx, opts.listener, webhook.NewServer("", httpHandler(h.readiness, h.directory)), h.logger)
	})
	group.Go(func() error { return webhook.Serve(ctx, control, api.SocketServer(h.operations), h.logger) })
	merchants := h.running()
	h.logger.Info("serving", "listen", opts.listener.Addr().String(), "data", h.cfg.Data, "merchants", len(merchants), "pid", os.Getpid())
	if opts.ready != nil {
		opts.ready(merchants, opts.listener.Addr())
	}
	return nil
}

// httpHandler serves webhooks and the two health pages.
func httpHandler(readiness func(context.Context) health.Report, intake http.Handler) http.Handler {
	return webhook.Route(intake, map[string]http.HandlerFunc{"/livez": api.Alive, "/readyz": api.Ready(readiness)})
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
	return serve(ctx, cfg, none, logger, serveOptions{listener: listener, ready: func(all []*runtime, _ net.Addr) { ready(demo.ByClient{Client: local.ClientOf(all[0].app.Load())}) }})
}
