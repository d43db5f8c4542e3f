package merchant

import (
	"context"
	"errors"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/evenstock/evenstock/sync/converge"
	"github.com/evenstock/evenstock/sync/stream"
	"github.com/evenstock/evenstock/sync/sweep"
)

// shift is the work between a start or resume and the next pause or end.
type shift struct {
	// over is closed when the shift is to end; stop ends it.
	over <-chan struct{}
	stop context.CancelFunc
	// asked counts what people asked for and the shift does beside its parts.
	asked sync.WaitGroup
}

// run does one shift after the other until ctx ends or a part fails.
func (m *Merchant) run(ctx context.Context) error {
	for {
		if err := m.await(ctx, func() bool { return !m.paused }); err != nil {
			return nil // ctx has ended
		}
		if err := m.work(ctx); err != nil || ctx.Err() != nil {
			return err
		}
	}
}

// work does one shift.
func (m *Merchant) work(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	group, ctx := errgroup.WithContext(ctx)
	workers, s := m.newWorkers(), &shift{over: ctx.Done(), stop: stop}
	m.change(func() {
		if !m.paused { // since we looked
			m.shift, m.workers = s, workers
		}
	})
	if m.State() != Working {
		return nil
	}
	for _, part := range m.parts(workers) {
		group.Go(func() error {
			if err := part(ctx); err != nil && ctx.Err() == nil {
				return err
			}
			return nil
		})
	}
	err := group.Wait()
	m.change(stop) // under the lock: from now on nobody asks this shift for anything
	s.asked.Wait()
	m.change(func() { m.shift = nil })
	return err
}

// newWorkers makes a worker for each channel. They are made anew for each shift, so that what the ones before knew and did not
// store is forgotten, as by the end of a process.
func (m *Merchant) newWorkers() []*converge.Worker {
	var workers []*converge.Worker
	for i, c := range m.opts.Channels {
		workers = append(workers, converge.New(converge.Options{
			Channel: c.Name, Locations: c.Locations, Platform: c.Platform, Ledger: m.opts.Ledger, Step: m.opts.Step, Waker: m.opts.Waker, Door: m.doors[i],
			Logger: m.opts.Logger, Now: m.opts.Now, NewKey: m.opts.NewID, Failpoint: m.opts.Failpoint,
		}))
	}
	return workers
}

// parts are what a shift does, each until its context ends.
func (m *Merchant) parts(workers []*converge.Worker) []func(context.Context) error {
	o := m.opts
	consumer := &stream.Consumer{Ledger: o.Ledger, Step: o.Step, DeadLetters: o.DeadLetters, Wake: o.Waker.Wake, Now: o.Now, Logger: o.Logger, Failpoint: o.Failpoint}
	reader := &stream.Reader{Log: o.Log, Topics: o.Topics, Ledger: o.Ledger, Consumer: consumer, Lost: m.resync.Want, Logger: o.Logger}
	janitor := &stream.Janitor{Log: o.Log, Topics: o.Topics, Ledger: o.Ledger, Logger: o.Logger}
	parts := []func(context.Context) error{reader.Run, m.resync.Run, janitor.Run}
	for _, worker := range workers {
		parts = append(parts, worker.Run)
	}
	if o.Schedule != (sweep.Schedule{}) {
		parts = append(parts, func(ctx context.Context) error { return sweep.Run(ctx, o.Schedule, m.sweepers, o.Logger) })
	}
	return parts
}

// during does what somebody asked for as a part of the shift: it ends with it.
func (m *Merchant) during(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	m.mu.Lock()
	s := m.shift
	if s == nil {
		m.mu.Unlock()
		return ErrPaused
	}
	select {
	case <-s.over:
		m.mu.Unlock()
		return ErrPaused
	default:
	}
	s.asked.Add(1)
	m.mu.Unlock()
	defer s.asked.Done()
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		select {
		case <-s.over:
			cancel(ErrPaused)
		case <-ended:
		}
	}()
	err := do(ctx)
	if err != nil && errors.Is(context.Cause(ctx), ErrPaused) {
		return errors.Join(ErrPaused, err)
	}
	return err
}
