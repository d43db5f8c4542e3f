package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/life"
	"github.com/evenstock/evenstock/adapters/sandbox/shop"
)

const (
	// busyAs is how many shops the life is as busy as, unless somebody says so. In a busy shop something happens four times a minute.
	busyAs      = 60
	shopsRate   = 4.0 / 60
	settlePoll  = 250 * time.Millisecond
	bucketPoll  = 100 * time.Millisecond
	bucketSlack = 5 // points that a bucket may lack to count as full
)

// run is one binary in one scenario.
type run struct {
	scenario scenario
	binary   binary
	opts     options
	seed     int64
	say      func(format string, args ...any)

	stage   *stage
	program *program
	outcome outcome
}

// play runs a binary in a scenario once. What it started has ended, and what it wrote is gone, when it returns.
func (r *run) play(ctx context.Context) (o outcome, err error) {
	dir, err := os.MkdirTemp(r.opts.dir, "evenstock-latency-")
	if err != nil {
		return o, fmt.Errorf("creating a folder: %w", err)
	}
	if r.opts.keep {
		r.say("folder %s", dir)
	} else {
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	listen, err := freeAddress()
	if err != nil {
		return o, err
	}
	if r.stage, err = openStage(r.scenario, "http://"+listen, r.seed); err != nil {
		return o, fmt.Errorf("opening the shops: %w", err)
	}
	defer func() { err = errors.Join(err, r.stage.close()) }()
	if err := r.stage.writeConfig(dir, listen, r.binary.extra); err != nil {
		return o, err
	}
	if r.program, err = start(ctx, r.binary.path, dir, listen); err != nil {
		return o, err
	}
	defer r.program.stop()
	r.outcome = outcome{scenario: r.scenario.name, binary: r.binary.name, runs: 1}
	if err := r.open(ctx); err != nil {
		return o, err
	}
	if err := r.happen(ctx); err != nil {
		return o, err
	}
	select {
	case <-r.program.gone:
		return o, fmt.Errorf("%s serve ended by itself: %s", r.binary.path, r.program.logged())
	default:
	}
	return r.outcome, nil
}

// open links and baselines.
func (r *run) open(ctx context.Context) error {
	r.say("linking %d articles", r.scenario.articles)
	if err := r.program.link(ctx); err != nil {
		return err
	}
	if err := r.fullBucket(ctx); err != nil {
		return err
	}
	r.say("baseline of %d counters at each platform", r.scenario.articles*r.scenario.places)
	var err error
	r.outcome.imported, r.outcome.importCPU, err = r.timed(ctx, r.program.baseline)
	return err
}

// happen lets happen what the scenario is about.
func (r *run) happen(ctx context.Context) error {
	switch r.scenario.kind {
	case lastUnits:
		return r.measure(ctx, 0, r.sellLast)
	case importing:
		// Behind a first sync comes the first recent sweep, which lists everything: it is not what is measured.
		if err := r.program.sweep(ctx, recentSweep); err != nil {
			return err
		}
		if err := r.fullBucket(ctx); err != nil {
			return err
		}
		r.say("full sweep")
		var err error
		r.outcome.swept, _, err = r.timed(ctx, func(ctx context.Context) error { return r.program.sweep(ctx, fullSweep) })
		return err
	case sweeping:
		return r.measure(ctx, r.opts.warmup, r.liveSwept)
	case living:
		return r.measure(ctx, r.opts.warmup, r.live)
	}
	return fmt.Errorf("nobody knows what happens in %s", r.scenario.name)
}

// timed runs a command and says how long it took, and what of the processor serve used meanwhile.
func (r *run) timed(ctx context.Context, do func(context.Context) error) (took, cpu time.Duration, err error) {
	before, began := r.gauge(), time.Now()
	err = do(ctx)
	return time.Since(began), r.gauge().cpu - before.cpu, err
}

// fullBucket waits until Shopify's bucket is full, so that times can be compared with the best.
func (r *run) fullBucket(ctx context.Context) error {
	for {
		if _, available := r.stage.shopify.Points(); available >= r.scenario.plan.Bucket-bucketSlack {
			return nil
		}
		if !shop.Sleep(ctx, bucketPoll) {
			return ctx.Err()
		}
	}
}

// liveSwept is shop life while the web shop, whose points are the scarcer, is swept over and over. Builds run one sweep at a time.
func (r *run) liveSwept(ctx context.Context, count func()) error {
	sweeps, stop := context.WithCancel(ctx)
	swept := make(chan error, 1)
	go func() { swept <- r.sweepOn(sweeps, r.stage.web.channel) }()
	err := r.live(ctx, count)
	stop()
	return errors.Join(err, <-swept)
}

// sweepOn sweeps a channel until ctx ends.
func (r *run) sweepOn(ctx context.Context, channel string) error {
	for ctx.Err() == nil {
		if err := r.program.sweep(ctx, fullSweep, channel); err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// measure lets something happen, which tells how often it did, and measures it from the end of the warm-up on. Then it waits for the
// last changes to be made up for.
func (r *run) measure(ctx context.Context, warmup time.Duration, what func(ctx context.Context, count func()) error) error {
	var happened atomic.Int64
	ended := make(chan error, 1)
	began := time.Now()
	go func() {
		ended <- what(ctx, func() {
			if time.Since(began) >= warmup {
				happened.Add(1)
			}
		})
	}()
	if !shop.Sleep(ctx, warmup) {
		return errors.Join(ctx.Err(), <-ended)
	}
	from := r.gauge()
	if err := <-ended; err != nil {
		return err
	}
	to := r.gauge()
	r.say("settling")
	f, err := r.settle(ctx, window{from.at, to.at})
	r.outcome.take(from, to, happened.Load(), f)
	r.outcome.oversold = oversold(r.stage.items, r.stage.effects())
	return err
}

// settle waits until everything of the window is made up for, or the scenario's time is over.
func (r *run) settle(ctx context.Context, w window) (followed, error) {
	until := time.Now().Add(r.scenario.settle)
	for {
		f := follow(r.stage.items, r.stage.effects(), r.stage.posted.all(), w)
		if f.open == 0 || time.Now().After(until) {
			return f, nil
		}
		if !shop.Sleep(ctx, settlePoll) {
			return f, ctx.Err()
		}
	}
}

// live is shop life.
func (r *run) live(ctx context.Context, count func()) error {
	r.say("shop life for %s and %s to warm up", r.opts.length, r.opts.warmup)
	people, err := life.New(life.Options{Square: r.stage.square, Shopify: r.stage.shopify, Goods: r.stage.goods, Seed: r.seed,
		For: r.opts.warmup + r.opts.length, Rate: float64(r.opts.shops) * shopsRate, Steady: true, Told: func(life.Happening) { count() }})
	if err != nil {
		return err
	}
	people.Run(ctx)
	return ctx.Err()
}

// sellLast sells the last units.
func (r *run) sellLast(ctx context.Context, count func()) error {
	r.say("selling the last units for %s", lastFor)
	all := crowd(r.seed)
	sold, err := r.stage.sellLast(ctx, all)
	for range sold {
		count()
	}
	r.outcome.unavoidable = unavoidable(all, way{r.scenario.told, answerMin, answerMax}, r.seed)
	return err
}
