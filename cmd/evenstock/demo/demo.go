package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/life"
	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/config"
)

// Day is how long a day of shop life takes in the demo.
const Day = 2 * time.Minute

// Serve runs an evenstock until ctx ends, as evenstock serve would. It takes in webhooks on the listener, and calls ready once
// it does.
type Serve func(ctx context.Context, cfg *config.Config, logger *slog.Logger, listener net.Listener, ready func(Evenstock)) error

// Options say what a demo is like.
type Options struct {
	// Seed is of shop life and faults, Length how long the day takes, Rate how many things happen per second on average, Faults
	// the name of what goes wrong.
	Seed   int64
	Length time.Duration
	Rate   float64
	Faults string
	// Dir is for configuration, data and log.
	Dir    string
	Serve  Serve
	Screen *Screen
}

// run is one run of the demo.
type run struct {
	opts   Options
	logger *slog.Logger
	faults shop.Faults
	shops  *Shops
	life   *life.Life
	// evenstock is under test, running the same for the screen, once it runs.
	evenstock Evenstock
	running   atomic.Pointer[Evenstock]
	opening   Openings
	linking   linking
	watch     *watch
	// phase says what is going on.
	phase atomic.Pointer[string]
}

func (d *run) say(phase string) { d.phase.Store(&phase) }

// Folder is where the demo keeps its data. remove removes it, unless a person named it.
func Folder(keep string) (dir string, remove func() error, err error) {
	if keep == "" {
		if dir, err = os.MkdirTemp("", "evenstock-demo-"); err != nil {
			return "", nil, fmt.Errorf("creating a folder: %w", err)
		}
		return dir, func() error { return os.RemoveAll(dir) }, nil
	}
	if _, err := os.Stat(filepath.Join(keep, "data")); !errors.Is(err, os.ErrNotExist) {
		return "", nil, badOption("--keep: %s holds data already: name a new folder", keep)
	}
	if err := os.MkdirAll(keep, 0o700); err != nil {
		return "", nil, fmt.Errorf("creating a folder: %w", err)
	}
	return keep, func() error { return nil }, nil
}

// Run runs a demo and judges it. Everything starts top to bottom, and ends in reverse.
func Run(ctx context.Context, opts Options) (Report, error) {
	if opts.Rate <= 0 {
		return Report{}, badOption("--rate must be more than 0")
	}
	d := &run{opts: opts}
	return d.all(ctx)
}

func (d *run) all(ctx context.Context) (report Report, err error) {
	log, err := os.OpenFile(filepath.Join(d.opts.Dir, "evenstock.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return report, fmt.Errorf("creating the log: %w", err)
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	d.logger = slog.New(slog.NewTextHandler(log, nil))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return report, fmt.Errorf("listening on loopback: %w", err)
	}
	defer listener.Close() // serve closes it too; twice is harmless
	if err := d.openShops("http://" + listener.Addr().String()); err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, d.shops.Close()) }()
	hide := d.opts.Screen.show(ctx, d.watch)
	defer hide()
	living, stop, err := d.serve(ctx, listener)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	defer hide() // while there is still something to look at
	return d.play(ctx, living)
}

// openShops fills two shops, who send their webhooks to hooks.
func (d *run) openShops(hooks string) (err error) {
	if d.faults, err = shop.FaultPreset(d.opts.Faults); err != nil {
		return badOption("--faults: %w", err)
	}
	d.shops, err = OpenShops(ShopsOptions{Hooks: hooks, Things: things(), Seed: d.opts.Seed, RetryScale: RetryScale, Logger: d.logger})
	if err != nil {
		return err
	}
	d.life, err = life.New(life.Options{Square: d.shops.Square, Shopify: d.shops.Shopify, Goods: d.shops.Goods, Seed: d.opts.Seed,
		For: d.opts.Length, Rate: d.opts.Rate, Logger: d.logger, Told: func(h life.Happening) { d.watch.told(h) }})
	if err != nil {
		return errors.Join(badOption("--for and --rate: %w", err), d.shops.Close())
	}
	d.say("starting")
	d.watch = newWatch(d)
	d.opening = d.shops.NoteOpenings()
	if err := d.shops.serve("127.0.0.1:0", "127.0.0.1:0", d.life.Racing); err != nil {
		return errors.Join(err, d.shops.Close())
	}
	return nil
}

// serve starts evenstock as evenstock serve would, from a configuration file. living ends when the person interrupts or
// evenstock stops by itself; stop stops it.
func (d *run) serve(ctx context.Context, listener net.Listener) (living context.Context, stop func() error, err error) {
	path, err := d.shops.WriteConfig(d.opts.Dir, listener.Addr().String())
	if err != nil {
		return nil, nil, err
	}
	none := func(string) string { return "" } // a person's own settings must not reach into the demo
	cfg, err := config.Load(path, none, nil)
	if err != nil {
		return nil, nil, err
	}
	serving, cancel := context.WithCancel(context.WithoutCancel(ctx)) // it works on after Ctrl-C, until everything has settled
	living, interrupt := context.WithCancelCause(ctx)
	ready, ended := make(chan Evenstock, 1), make(chan error, 1)
	go func() {
		err := d.opts.Serve(serving, cfg, d.logger, listener, func(e Evenstock) { ready <- e })
		interrupt(fmt.Errorf("evenstock stopped by itself: %w", err))
		ended <- err
	}()
	stop = func() error { cancel(); return <-ended }
	select {
	case d.evenstock = <-ready:
		d.running.Store(&d.evenstock)
		return living, stop, nil
	case err := <-ended:
		cancel()
		return nil, nil, err
	}
}

// play links, baselines, lets the shops live, heals them, and judges.
func (d *run) play(ctx, living context.Context) (Report, error) {
	if err := d.open(living); err != nil {
		return Report{}, err
	}
	if err := d.shops.SetFaults(d.faults); err != nil {
		return Report{}, err
	}
	d.say("shop life")
	d.life.Run(living)
	if cause := context.Cause(living); cause != nil && ctx.Err() == nil {
		return Report{}, cause
	}
	d.say("healed, settling")
	// A second interrupt ends the wait. The first one may have ended ctx, so it must not count here.
	settling, release := signal.NotifyContext(context.WithoutCancel(ctx), os.Interrupt, syscall.SIGTERM)
	defer release()
	unsettled := d.settle(settling)
	if settling.Err() != nil {
		return Report{}, errors.New("interrupted before everything had settled: nothing is judged")
	}
	d.say("settled")
	return d.report(context.WithoutCancel(ctx), unsettled)
}

// open ties the shops' items to each other by SKU and takes the baseline from the till.
func (d *run) open(ctx context.Context) error {
	d.say("linking")
	if err := d.link(ctx); err != nil {
		return fmt.Errorf("linking: %w", err)
	}
	d.say("taking the baseline")
	if err := d.evenstock.Baseline(ctx, d.opening.authority, d.say); err != nil {
		return fmt.Errorf("taking the baseline: %w", err)
	}
	return nil
}
