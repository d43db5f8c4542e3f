package merchant

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/converge"
	"github.com/evenstock/evenstock/sync/sweep"
)

var (
	// ErrPaused: what was asked for needs the platforms, and the merchant does not work now.
	ErrPaused = errors.New("nothing is read or pushed now: the work is paused or stopped")
	// ErrStarted: a merchant that runs was started again.
	ErrStarted = errors.New("the work was started already")
	// ErrNoChannel: the merchant has no channel of this name.
	ErrNoChannel = errors.New("no such channel")
)

// Merchant is what runs for one merchant. Its methods are safe for concurrent use.
type Merchant struct {
	opts     Options
	sweepers []*sweep.Sweeper
	// doors are those of the channels, in their order.
	doors  []*converge.Door
	resync *sweep.Resync

	mu sync.Mutex
	// running: started, and not ended yet. err is why it ended, stop ends it.
	running bool
	err     error
	stop    context.CancelFunc
	// paused is what was asked for last; shift is what works now, nil: nothing does.
	paused bool
	shift  *shift
	// workers are those of the last shift.
	workers []*converge.Worker
	// changed is closed, and replaced, when something of the above changes.
	changed chan struct{}
}

// New returns a merchant that does not work yet.
func New(opts Options) *Merchant {
	if opts.Failpoint == nil {
		opts.Failpoint = func(string) {}
	}
	if opts.Waker == nil {
		opts.Waker = converge.NewWaker()
	}
	told := sweep.NewTold()
	opts.Ledger = noting{opts.Ledger, told}
	m := &Merchant{opts: opts, changed: make(chan struct{})}
	for _, c := range opts.Channels {
		door := &converge.Door{Keys: c.Keys}
		m.doors = append(m.doors, door)
		m.sweepers = append(m.sweepers, sweep.New(sweep.Options{
			Channel: c.Name, Lister: c.Platform, Ledger: opts.Ledger, Step: opts.Step, Told: told, Wake: opts.Waker.Wake, Heard: door.Heard,
			Changed: c.Changed, Delivered: c.Delivered,
			Now: opts.Now, NewID: opts.NewID, Logger: opts.Logger,
		}))
	}
	m.resync = sweep.NewResync(sweep.ResyncOptions{Ledger: opts.Ledger, Sweepers: m.sweepers, Now: opts.Now, NewID: opts.NewID, Logger: opts.Logger})
	return m
}

// Start begins the work and returns when it goes on, or is paused because Pause came before. It goes on until ctx ends, Stop is
// called or a part fails; afterwards it may be started again.
func (m *Merchant) Start(ctx context.Context) error {
	m.mu.Lock()
	if m.running {
		m.mu.Unlock()
		return ErrStarted
	}
	running, stop := context.WithCancel(ctx)
	m.running, m.err, m.stop = true, nil, stop
	m.mu.Unlock()
	go func() {
		err := m.run(running)
		stop()
		m.change(func() { m.running, m.err = false, err })
	}()
	return m.settled(ctx)
}

// Stop ends the work and returns when all of it has ended, with the error of the part that failed before, if one did.
func (m *Merchant) Stop() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for m.running {
		m.stop()
		changed := m.changed
		m.mu.Unlock()
		<-changed
		m.mu.Lock()
	}
	return m.err
}

// Wait returns when the work has ended, with the error of the part that failed, if one did, or when ctx has. A pause is no end.
func (m *Merchant) Wait(ctx context.Context) (err error) {
	awaited := m.await(ctx, func() bool {
		err = m.err
		return !m.running
	})
	if awaited != nil {
		return awaited
	}
	return err
}

// Pause ends the work until Resume, and returns when all of it has ended. It holds also for a merchant that is started later.
func (m *Merchant) Pause(ctx context.Context) error {
	var was *shift
	m.change(func() {
		m.paused, was = true, m.shift
		if was != nil {
			was.stop()
		}
	})
	return m.await(ctx, func() bool { return was == nil || m.shift != was })
}

// Resume goes on with the work, from what the ledger knows. It returns when it goes on.
func (m *Merchant) Resume(ctx context.Context) error {
	m.change(func() { m.paused = false })
	return m.settled(ctx)
}

// State says whether it works.
func (m *Merchant) State() State {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case !m.running:
		return Stopped
	case m.shift == nil:
		return Paused
	}
	return Working
}

// Wake tells the workers of these channels that there is something to do.
func (m *Merchant) Wake(channels ...stock.Channel) { m.opts.Waker.Wake(channels...) }

// Workers says how the workers are doing, or were when the work ended last.
func (m *Merchant) Workers() []converge.Status {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := make([]converge.Status, len(m.workers))
	for i, worker := range m.workers {
		list[i] = worker.Status()
	}
	return list
}

// Lost stores that the stream has lost records: every channel is swept whole, now or when the work goes on.
func (m *Merchant) Lost(ctx context.Context) error { return m.resync.Want(ctx, map[string]string{}) }

// Sweep sweeps a channel now and returns what it found. It is ErrPaused when the merchant does not work, and ends when it stops
// to. progress is told how many refs were read so far; it may be nil.
func (m *Merchant) Sweep(ctx context.Context, channel stock.Channel, kind string, progress func(read int)) (run ledger.Run, findings []ledger.Finding, err error) {
	for _, sweeper := range m.sweepers {
		if sweeper.Channel != channel {
			continue
		}
		err = m.during(ctx, func(ctx context.Context) (err error) {
			run, findings, err = sweeper.Sweep(ctx, kind, progress)
			return err
		})
		return run, findings, err
	}
	return run, nil, fmt.Errorf("sweeping %q: %w", channel, ErrNoChannel)
}
