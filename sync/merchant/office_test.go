package merchant_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/sync/merchant"
)

// seat is an office of several processes, which can be taken away.
type seat struct {
	mu     sync.Mutex
	holder *candidate
	free   chan struct{} // closed, and replaced, when the seat becomes free
}

// candidate is one process.
type candidate struct {
	*seat
	lost chan struct{}
	left int
}

func (c *candidate) Take(ctx context.Context, waiting func()) error {
	for told := false; ; told = true {
		c.mu.Lock()
		if c.holder == nil {
			c.holder, c.lost = c, make(chan struct{})
			c.mu.Unlock()
			return nil
		}
		free := c.free
		c.mu.Unlock()
		if !told {
			waiting()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-free:
		}
	}
}

func (c *candidate) Keep(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-c.lost:
		return fmt.Errorf("keeping it: %w", ledger.ErrOwned)
	}
}

func (c *candidate) Leave() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left++
	if c.holder == c {
		c.vacate()
	}
	return nil
}

// oust takes the seat away from whoever has it.
func (s *seat) oust() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.holder != nil {
		close(s.holder.lost)
		s.vacate()
	}
}

func (s *seat) vacate() {
	s.holder = nil
	close(s.free)
	s.free = make(chan struct{})
}

// Each process works in its terms and in no other, and a term has ended before the next of that process begins.
func TestTermsFollowEachOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &seat{free: make(chan struct{})}
		var terms, waits atomic.Int64
		ends := make([]context.CancelFunc, 3)
		candidates := make([]*candidate, 3)
		var processes sync.WaitGroup
		for i := range candidates {
			ctx, end := context.WithCancel(t.Context())
			candidates[i], ends[i] = &candidate{seat: s}, end
			working := atomic.Bool{}
			processes.Go(func() {
				err := merchant.InTerms(ctx, candidates[i], slog.New(slog.DiscardHandler), func() { waits.Add(1) }, func(ctx context.Context) error {
					require.True(t, working.CompareAndSwap(false, true), "two terms of one process")
					defer working.Store(false)
					terms.Add(1)
					<-ctx.Done()
					pause(time.Second) // what is under way ends
					return ctx.Err()
				})
				require.NoError(t, err)
			})
		}
		synctest.Wait()
		require.EqualValues(t, 1, terms.Load())
		require.EqualValues(t, 2, waits.Load())
		for turn := range 20 {
			s.oust()
			pause(2 * time.Second)
			require.EqualValues(t, turn+2, terms.Load())
		}
		for _, end := range ends {
			end()
			pause(2 * time.Second)
		}
		processes.Wait()
		require.Nil(t, s.holder, "who ends leaves")
	})
}

// A term that fails by itself ends the process, and leaves the office.
func TestAFailingTermLeaves(t *testing.T) {
	t.Parallel()
	c, broken := &candidate{seat: &seat{free: make(chan struct{})}}, errors.New("the broker's disk is gone")
	err := merchant.InTerms(t.Context(), c, slog.New(slog.DiscardHandler), func() {}, func(context.Context) error { return broken })
	require.ErrorIs(t, err, broken)
	require.Equal(t, 1, c.left)
	require.ErrorIs(t, merchant.InTerms(t.Context(), merchant.Alone{}, nil, nil, func(context.Context) error { return broken }), broken)
}
