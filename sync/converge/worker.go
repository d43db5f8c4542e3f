package converge

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Options configure a Worker.
type Options struct {
	Channel stock.Channel
	// Locations maps the channel's location ids to ours. A ref that they do not have where it is linked is not pushed.
	Locations map[string]stock.Location
	Platform  Platform
	Ledger    Ledger
	Step      ledger.Step // decides about what the worker did and read
	Waker     *Waker
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
	health health
	claims claims
	skips  skips
	pusher pusher
	reader reader
	orders hurry
}

// pusher is what only the loop that pushes uses.
type pusher struct {
	// recalled says that the calls which an earlier process left open were noted (recallCalls).
	recalled bool
	// attempts are those of the open calls.
	attempts map[string]attempt
	// repeat is when the next open call is due; zero: none is.
	repeat time.Time
	// brake is the id of the engaged mass change brake, as last read; empty: none. units is what its per cent are taken of.
	brake string
	units units
}

// reader is what the two loops that read use.
type reader struct {
	// due is when something becomes due; zero: nobody knows. again is when the loop that reads looks again; zero: when it is woken. kind is
	// the kind of refs that was read last. Only the loop that reads uses them.
	due   time.Time
	again time.Time
	kind  int
	hurry hurry
	// free says that the loop that explains waits for a request, handed brings it one.
	free   atomic.Bool
	handed chan readRequest
	// gaveWay says that its last request was not answered because somebody needed its refs.
	gaveWay bool
}

// New returns a worker; Run starts it.
func New(opts Options) *Worker {
	if opts.Failpoint == nil {
		opts.Failpoint = func(string) {}
	}
	return &Worker{
		Options: opts,
		health:  health{status: Status{Channel: opts.Channel, Since: opts.Now()}},
		claims:  claims{held: map[stock.Ref]*claim{}, promised: map[stock.Ref]struct{}{}},
		skips:   skips{now: opts.Now, until: map[skippedRef]time.Time{}, refused: map[stock.Ref]int{}},
		pusher:  pusher{attempts: map[string]attempt{}, brake: brakeNotRead},
		reader:  reader{handed: make(chan readRequest, 1), kind: readKinds - 1},
	}
}

// Run works until ctx ends. It returns nil then: what was intended is stored and goes on at the next start.
func (w *Worker) Run(ctx context.Context) error {
	var loops sync.WaitGroup
	for _, l := range []*loop{
		w.newLoop(pushing, w.pushAll, w.untilRepeat),
		w.newLoop(reading, w.read, w.untilDue),
		w.newLoop(explaining, w.explain, poll),
		w.newLoop(ordering, w.readResources, poll),
	} {
		loops.Go(func() { l.run(ctx) })
	}
	loops.Wait()
	return nil
}

// wake wakes loops of this worker.
func (w *Worker) wake(loops ...part) { w.Waker.of(w.Channel).wake(loops...) }

// apply runs inputs through the ledger and wakes the channels that have something to do now.
func (w *Worker) apply(ctx context.Context, inputs ...ledger.Input) (ledger.Receipt, error) {
	receipt, err := w.Ledger.Apply(ctx, w.Step, ledger.Batch{At: w.Now(), Inputs: inputs})
	if err != nil {
		return receipt, fmt.Errorf("recording what channel %s did: %w", w.Channel, err)
	}
	w.Waker.Wake(receipt.Wanted...)
	return receipt, nil
}
