package converge

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// pollPause is the longest a worker sleeps: when the time of a brake or of a pause is over, nobody wakes it.
	pollPause = time.Second
)

// Options configure a Worker.
type Options struct {
	Channel  stock.Channel
	Platform Platform
	Ledger   Ledger
	Step     ledger.Step // decides about what the worker did and read
	Waker    *Waker
	// Door is told how the platform answers, and ends pauses whose reason has ended; nil: they all last.
	Door   *Door
	Logger *slog.Logger
	Now    func() time.Time
	// NewKey returns a fresh idempotency key of at most 64 characters.
	NewKey func() string
	// Failpoint is called with the name of each point between two steps that a crash may fall between; nil in production.
	Failpoint func(name string)
}

// Worker converges one channel. It is the only one to read and push the channel's refs, so that reads and pushes of a ref
// never overlap.
type Worker struct {
	Options
	pause *backoff.ExponentialBackOff
	// recalled says that the calls which an earlier process left open were noted (recallCalls). Only Run's goroutine uses it.
	recalled bool
	status   atomic.Pointer[Status]
	// skipped are refs whose read or push could not be applied, and until when they are skipped. Only Run's goroutine uses it.
	skipped map[skippedRef]time.Time
	// refused counts how many times in a row the platform refused to read a ref. Only Run's goroutine uses it.
	refused map[stock.Ref]int
	// refusals counts the rounds in a row that ended because the platform refused us. Only Run's goroutine uses it.
	refusals int
	// attempts are those of the open calls. Only Run's goroutine uses it.
	attempts map[string]attempt
	// unanswered says that a call has gone without a definite answer for long; nil: none has. Only Run's goroutine uses it.
	unanswered error
	// brake is the id of the engaged mass change brake, as last read; empty: none. Only Run's goroutine uses it.
	brake string
}

// Status says how a worker is doing.
type Status struct {
	Channel stock.Channel `json:"channel"`
	// Error is why the last round failed, or why a call has no definite answer for long; empty when all is well. Since is when
	// that began.
	Error string    `json:"error,omitempty"`
	Since time.Time `json:"since"`
}

// New returns a worker; Run starts it.
func New(opts Options) *Worker {
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.MaxInterval = pauseMin, pauseMax
	w := &Worker{Options: opts, pause: pause, skipped: map[skippedRef]time.Time{}, refused: map[stock.Ref]int{}, attempts: map[string]attempt{}, brake: brakeNotRead}
	if w.Failpoint == nil {
		w.Failpoint = func(string) {}
	}
	w.status.Store(&Status{Channel: opts.Channel, Since: opts.Now()})
	return w
}

// Status returns how the worker is doing.
func (w *Worker) Status() Status { return *w.status.Load() }

// Run works until ctx ends. It returns nil then: what was intended is stored and goes on at the next start.
func (w *Worker) Run(ctx context.Context) error {
	wake := w.Waker.of(w.Channel)
	for ctx.Err() == nil {
		progress, err := w.round(ctx)
		if ctx.Err() != nil {
			break
		}
		w.report(errors.Join(err, w.unanswered))
		if err == nil {
			w.pause.Reset()
			w.refusals = 0
		}
		if err == nil && progress {
			continue
		}
		if !w.rest(ctx, wake, err) {
			break
		}
	}
	return nil
}

// round does once whatever is due: calls without a definite answer, pushes, the most urgent reads, resources. Pushes go before each
// request for readings, so that neither a busy shelf nor the reading of a whole channel starves them. Nothing is sent before the
// calls that an earlier process left open are noted.
func (w *Worker) round(ctx context.Context) (progress bool, err error) {
	if progress, err = w.recallCalls(ctx); err != nil {
		return progress, err
	}
	for _, part := range []struct {
		lane stock.Lane
		do   func(context.Context) (bool, error)
	}{{stock.Pushes, w.repeatCalls}, {stock.Pushes, w.push}, {stock.ConfirmingReads, w.read}, {stock.Causes, w.readResources}} {
		did, partErr := part.do(stock.InLane(ctx, part.lane))
		progress = progress || did
		err = errors.Join(err, partErr)
		if ctx.Err() != nil {
			return progress, ctx.Err()
		}
	}
	return progress, err
}

// report keeps the status and logs a failure once when it begins and once when it ends.
func (w *Worker) report(err error) {
	was := w.Status()
	switch {
	case err == nil && was.Error != "":
		w.Logger.Info("channel answers again", "channel", w.Channel, "after", w.Now().Sub(was.Since).Round(time.Millisecond))
		w.status.Store(&Status{Channel: w.Channel, Since: w.Now()})
	case err != nil && was.Error == "":
		w.Logger.Warn("channel fails", "channel", w.Channel, "error", err)
		w.status.Store(&Status{Channel: w.Channel, Error: err.Error(), Since: w.Now()})
	}
}

// wait returns how long to rest after a round.
func (w *Worker) wait(ctx context.Context, err error) time.Duration {
	if err != nil {
		return w.failurePause(err)
	}
	due, err := w.Ledger.NextDue(ctx, w.Channel, w.Now())
	if err != nil || due.IsZero() {
		return pollPause
	}
	return min(max(due.Sub(w.Now()), time.Millisecond), pollPause)
}

// rest sleeps after a round that ended with err, until the time is over or somebody wakes it, and reports whether to go on. After a
// failure wakes do not count, for they would turn a platform's outage into a storm; only the door's opening does.
func (w *Worker) rest(ctx context.Context, wake <-chan struct{}, err error) bool {
	wait := w.wait(ctx, err)
	if err == nil {
		return sleep(ctx, wake, wait)
	}
	for failed := w.Door.Opening(); wait > 0 && w.Door.Opening() == failed; wait -= pollPause {
		if !sleep(ctx, nil, min(wait, pollPause)) {
			return false
		}
	}
	return true
}

// sleep returns when the time is over, or somebody wakes it, and reports whether ctx goes on.
func sleep(ctx context.Context, wake <-chan struct{}, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-wake:
	case <-timer.C:
	}
	return true
}

// apply runs inputs through the ledger and wakes the channels that have something to do now.
func (w *Worker) apply(ctx context.Context, inputs ...ledger.Input) (ledger.Receipt, error) {
	receipt, err := w.Ledger.Apply(ctx, w.Step, ledger.Batch{At: w.Now(), Inputs: inputs})
	if err != nil {
		return receipt, fmt.Errorf("recording what channel %s did: %w", w.Channel, err)
	}
	w.Waker.Wake(receipt.Wanted...)
	return receipt, nil
}
