package merchant

import (
	"context"
	"fmt"
)

// State says whether a merchant works.
type State uint8

// The zero value is invalid.
const (
	// Stopped: it was not started, or has ended.
	Stopped State = iota + 1
	// Paused: started, and nothing is done.
	Paused
	// Working: everything is done.
	Working
)

var stateNames = [...]string{Stopped: "stopped", Paused: "paused", Working: "working"}

// String names the state.
func (s State) String() string {
	if s < Stopped || s > Working {
		return fmt.Sprintf("State(%d)", uint8(s))
	}
	return stateNames[s]
}

// change changes the state and tells those that wait for it.
func (m *Merchant) change(change func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change()
	close(m.changed)
	m.changed = make(chan struct{})
}

// await returns when until, which is asked under the lock, says so.
func (m *Merchant) await(ctx context.Context, until func() bool) error {
	for {
		m.mu.Lock()
		reached, changed := until(), m.changed
		m.mu.Unlock()
		if reached {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-changed:
		}
	}
}

// settled returns when the work goes on, or will not: it is paused, or has ended, with the error that ended it.
func (m *Merchant) settled(ctx context.Context) (err error) {
	awaited := m.await(ctx, func() bool {
		if !m.running {
			err = m.err
		}
		return !m.running || m.paused || m.shift != nil
	})
	if awaited != nil {
		return awaited
	}
	return err
}
