package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/evenstock/evenstock/adapters/api"
	"github.com/evenstock/evenstock/adapters/brokers"
	"github.com/evenstock/evenstock/adapters/webhook"
	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/converge"
	"github.com/evenstock/evenstock/sync/merchant"
	"github.com/evenstock/evenstock/sync/stream"
	"github.com/evenstock/evenstock/sync/sweep"
)

// runtime is the running middleware: everything between the stream and the platforms, or the parts of it that one command
// needs. It owns the data folder.
type runtime struct {
	cfg      *config.Config
	logger   *slog.Logger
	now      func() time.Time
	store    ledger.Store
	step     ledger.Step // decides about inputs; nil without the rules
	broker   *brokers.Broker
	waker    *converge.Waker
	sink     *stream.Sink
	letters  *stream.DeadLetters
	channels []channel
	merchant *merchant.Merchant
	// app is another one whenever the process begins to work on the ledger, and when it stands by.
	app atomic.Pointer[app.App]
	// intake takes webhooks in; none before serve listens.
	intake atomic.Pointer[webhook.Intake]

	// unlock gives the data folder up; nil when it is only read.
	unlock func() error
	// endJobs ends the jobs of the app and waits for them.
	endJobs func()
}

// startOptions say what a runtime is started with.
type startOptions struct {
	// access is which of its parts are opened; zero: all.
	access api.Access
	// sweeps are made on this schedule; zero: only when somebody asks.
	sweeps    sweep.Schedule
	failpoint func(name string)
	// inTerms has it work only while this process has the office (term), and not from the start.
	inTerms bool
	// paused: nothing but the taking in of webhooks begins. locked: the caller has the lock of the data folder.
	paused, locked bool
	// partitions carry events; zero: stream.EventsPartitions. Tests change it.
	partitions int
}

// startRuntime opens what is needed, top to bottom, and starts consuming and converging when everything is. close stops it in
// reverse.
func startRuntime(ctx context.Context, cfg *config.Config, env func(string) string, logger *slog.Logger, opts startOptions) (r *runtime, err error) {
	if opts.failpoint == nil {
		opts.failpoint = func(string) {}
	}
	if opts.access == 0 {
		opts.access = api.Everything
	}
	r = &runtime{cfg: cfg, logger: logger, now: time.Now, waker: converge.NewWaker()}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.close())
		}
	}()
	if err := r.open(ctx, env, opts); err != nil {
		return r, err
	}
	if opts.access.Has(api.Work) {
		r.hire(opts)
	}
	if opts.paused {
		if err := r.merchant.Pause(ctx); err != nil {
			return r, err
		}
	}
	if opts.inTerms {
		return r, nil
	}
	if r.merchant != nil {
		if err := r.start(ctx); err != nil {
			return r, err
		}
	}
	r.begin(ctx, false)
	return r, nil
}

// open opens the needed parts.
func (r *runtime) open(ctx context.Context, env func(string) string, opts startOptions) (err error) {
	if opts.access.Has(api.Platforms) {
		if r.channels, err = openChannels(r.cfg, env, r.logger, r.now); err != nil {
			return err
		}
		engine, err := newEngine(r.cfg, r.channels)
		if err != nil {
			return err
		}
		r.step = engine.Step
	}
	if !opts.access.Has(api.Own) {
		r.store, err = readStore(ctx, r.cfg, env)
		if opts.access.Has(api.First) && errors.Is(err, errNoLedger) {
			return nil
		}
		return err
	}
	if err := os.MkdirAll(r.cfg.Data, 0o700); err != nil {
		return fmt.Errorf("creating the data folder: %w", err)
	}
	if !opts.locked {
		if r.unlock, err = lockFolder(r.cfg.Data); err != nil {
			return err
		}
	}
	var opening errgroup.Group // both wait for the disk
	opening.Go(func() (err error) {
		r.store, err = openStore(ctx, r.cfg, env, r.logger, opts.inTerms)
		return err
	})
	if opts.access.Has(api.Stream) {
		opening.Go(func() (err error) {
			r.broker, err = openBroker(ctx, r.cfg, env, cmp.Or(opts.partitions, r.cfg.Kafka.Partitions, stream.EventsPartitions), r.logger, r.now)
			return err
		})
	}
	if err := opening.Wait(); err != nil || r.broker == nil {
		return err
	}
	r.sink = stream.NewSink(r.broker.Publisher, r.broker.Topics.Events, opts.failpoint)
	r.letters = stream.NewDeadLetters(r.broker.Publisher, r.now)
	return nil
}

// hire makes what goes on by itself.
func (r *runtime) hire(opts startOptions) {
	var channels []merchant.Channel
	for _, c := range r.channels {
		working := merchant.Channel{Name: c.name, Locations: c.locations(), Platform: c.adapter, Keys: c.keys.Version}
		if c.hearing != nil {
			working.Changed = c.hearing.Changed
			working.Delivered = func() time.Time { return c.hearing.At(r.now()).Last }
		}
		channels = append(channels, working)
	}
	r.merchant = merchant.New(merchant.Options{
		Ledger: r.store, Step: r.step, Log: r.broker, Topics: r.broker.Topics, DeadLetters: r.letters, Channels: channels, Waker: r.waker,
		Schedule: opts.sweeps, Now: r.now, NewID: uuid.NewString, Logger: r.logger, Failpoint: opts.failpoint,
	})
}

// start begins what goes on by itself.
func (r *runtime) start(ctx context.Context) error {
	if r.broker.Repairs() > 0 {
		if err := r.merchant.Lost(ctx); err != nil {
			return err
		}
	}
	return r.merchant.Start(ctx)
}

// begin makes the app of the parts that are open, and has it do jobs; what the one before did has ended.
func (r *runtime) begin(ctx context.Context, standsBy bool) {
	if r.endJobs != nil {
		r.endJobs()
	}
	opts := app.Options{Ledger: r.store, StandsBy: standsBy, Step: r.step, Channels: appChannels(r.cfg, r.channels), Wake: r.waker.Wake, Now: r.now, Logger: r.logger, Limits: limitsOf(r.cfg)}
	if r.broker != nil {
		opts.Stream, opts.Topics = eventStream{r.broker, r.sink, r.letters}, r.broker.Topics
	}
	if r.merchant != nil {
		opts.SweepChannel, opts.NotReady, opts.Workers, opts.Deliveries = r.merchant.Sweep, r.reasons, r.workers, r.deliveries
		opts.Settings = r.cfg
	}
	running := app.New(opts)
	r.app.Store(running)
	working, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		running.Run(working)
		close(ended)
	}()
	r.endJobs = func() {
		stop()
		<-ended
	}
}

// eventStream is the stream as people look at it.
type eventStream struct {
	*brokers.Broker
	*stream.Sink
	*stream.DeadLetters
}

// workers says how the workers are doing.
func (r *runtime) workers() []app.Worker {
	var list []app.Worker
	for _, status := range r.merchant.Workers() {
		list = append(list, app.Worker(status))
	}
	return list
}

// close stops every part, waits for it and closes what was opened, in reverse.
func (r *runtime) close() error {
	var errs []error
	if r.endJobs != nil {
		r.endJobs()
	}
	if r.merchant != nil {
		errs = append(errs, r.merchant.Stop())
	}
	if r.broker != nil {
		errs = append(errs, r.broker.Close())
	}
	if r.store != nil {
		errs = append(errs, r.store.Close())
	}
	if r.unlock != nil {
		errs = append(errs, r.unlock())
	}
	return errors.Join(errs...)
}
