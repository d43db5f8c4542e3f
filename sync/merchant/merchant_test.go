package merchant_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/sync/merchant"
	"github.com/evenstock/evenstock/sync/sweep"
)

// Whenever somebody pauses, resumes, stops or starts it, every sale has its effect once: in the ledger and on the other counter.
func TestPausesLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	const turns = 200
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		require.NoError(t, w.merchant.Start(t.Context()))
		selling, closed := context.WithCancel(t.Context())
		var till sync.WaitGroup
		till.Go(func() {
			for selling.Err() == nil {
				pause(w.dice.within(400))
				w.sell(w.dice.below(items))
			}
		})
		for range turns {
			pause(w.dice.within(3_000))
			var err error
			switch w.merchant.State() {
			case merchant.Working:
				if w.dice.below(3) == 0 {
					err = w.merchant.Stop()
					require.Equal(t, merchant.Stopped, w.merchant.State())
				} else {
					err = w.merchant.Pause(t.Context())
					require.Equal(t, merchant.Paused, w.merchant.State())
				}
				requireQuiet(w)
			case merchant.Paused:
				if w.dice.below(3) == 0 {
					require.NoError(t, w.merchant.Stop())
					require.NoError(t, w.merchant.Start(t.Context()))
					require.Equal(t, merchant.Paused, w.merchant.State(), "a pause holds over a restart")
				}
				err = w.merchant.Resume(t.Context())
				require.Equal(t, merchant.Working, w.merchant.State())
			case merchant.Stopped:
				err = w.merchant.Start(t.Context())
			}
			require.NoError(t, err)
		}
		closed()
		till.Wait()
		require.NoError(t, w.merchant.Resume(t.Context()))
		if w.merchant.State() == merchant.Stopped {
			require.NoError(t, w.merchant.Start(t.Context()))
		}
		pause(3 * time.Minute)
		w.even()
		require.Greater(t, w.sold[0], int64(turns/4))
		require.NoError(t, w.merchant.Stop())
	})
}

// requireQuiet sees that nothing is done although there is a lot to do.
func requireQuiet(w *world) {
	w.Helper()
	requests, entries := w.done()
	pause(time.Duration(w.dice.below(90)) * time.Second)
	requestsNow, entriesNow := w.done()
	require.Equal(w, requests, requestsNow, "requests to platforms while %s", w.merchant.State())
	require.Equal(w, entries, entriesNow, "entries while %s", w.merchant.State())
}

// Many may pause and resume at once; whoever paused last may rely on the pause.
func TestPausesAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		require.NoError(t, w.merchant.Start(t.Context()))
		require.ErrorIs(t, w.merchant.Start(t.Context()), merchant.ErrStarted)
		var people sync.WaitGroup
		for range 8 {
			people.Go(func() {
				for range 50 {
					pause(w.dice.within(50))
					if w.dice.below(2) == 0 {
						require.NoError(t, w.merchant.Pause(t.Context()))
					} else {
						require.NoError(t, w.merchant.Resume(t.Context()))
					}
				}
			})
		}
		people.Wait()
		require.NoError(t, w.merchant.Pause(t.Context()))
		require.Equal(t, merchant.Paused, w.merchant.State())
		w.sell(0)
		requireQuiet(w)
		require.NoError(t, w.merchant.Resume(t.Context()))
		pause(time.Minute)
		w.even()
		require.NoError(t, w.merchant.Stop())
	})
}

// A sweep that somebody asks for is a part of the work: a pause ends it, and none begins in one.
func TestSweepsEndWithTheWork(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		_, _, err := w.merchant.Sweep(t.Context(), "till", sweep.Full, nil)
		require.ErrorIs(t, err, merchant.ErrPaused, "not started")
		require.NoError(t, w.merchant.Start(t.Context()))
		_, _, err = w.merchant.Sweep(t.Context(), "mall", sweep.Full, nil)
		require.ErrorIs(t, err, merchant.ErrNoChannel)
		run, _, err := w.merchant.Sweep(t.Context(), "till", sweep.Full, nil)
		require.NoError(t, err)
		require.Equal(t, items, run.Read)
		ended := make(chan error, 1)
		go func() {
			for {
				if _, _, err := w.merchant.Sweep(t.Context(), "web", sweep.Full, nil); err != nil {
					ended <- err
					return
				}
			}
		}()
		pause(time.Second)
		require.NoError(t, w.merchant.Pause(t.Context()))
		require.ErrorIs(t, <-ended, merchant.ErrPaused)
		requireQuiet(w)
		require.NoError(t, w.merchant.Stop())
	})
}

// A loss that is noted in a pause, or before the start, is made good by a full sweep afterwards.
func TestALossIsMadeGoodAfterAPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		require.NoError(t, w.merchant.Lost(t.Context()))
		require.NoError(t, w.merchant.Start(t.Context()))
		for range 3 {
			pause(10 * time.Second)
			mark, err := w.store.Mark(t.Context(), sweep.ResyncMark)
			require.NoError(t, err)
			require.Empty(t, mark)
			require.NoError(t, w.merchant.Pause(t.Context()))
			require.NoError(t, w.merchant.Lost(t.Context()))
			requireQuiet(w)
			require.NoError(t, w.merchant.Resume(t.Context()))
		}
		require.NoError(t, w.merchant.Stop())
	})
}

// What no retry mends ends the work, and everybody who waits is told.
func TestAFailingPartEndsTheWork(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.broken = errors.New("the broker's disk is gone")
		require.NoError(t, w.merchant.Pause(t.Context()))
		require.NoError(t, w.merchant.Start(t.Context()), "paused: nothing was tried yet")
		waited := make(chan error, 1)
		go func() { waited <- w.merchant.Wait(t.Context()) }()
		_ = w.merchant.Resume(t.Context()) // may see the work begin, or how it ended
		require.ErrorIs(t, <-waited, w.broken)
		require.Equal(t, merchant.Stopped, w.merchant.State())
		require.ErrorIs(t, w.merchant.Resume(t.Context()), w.broken)
		require.ErrorIs(t, w.merchant.Stop(), w.broken)
		w.broken = nil
		require.NoError(t, w.merchant.Start(t.Context()))
		over, end := context.WithTimeout(t.Context(), time.Second)
		defer end()
		require.ErrorIs(t, w.merchant.Wait(over), context.DeadlineExceeded, "a merchant that works has no end")
		require.NoError(t, w.merchant.Stop())
	})
}

// The end of the context that it was started with ends the work, also a paused one.
func TestTheContextEndsTheWork(t *testing.T) {
	t.Parallel()
	for _, paused := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			ctx, end := context.WithCancel(t.Context())
			require.NoError(t, w.merchant.Start(ctx))
			if paused {
				require.NoError(t, w.merchant.Pause(t.Context()))
			}
			end()
			require.NoError(t, w.merchant.Wait(t.Context()))
			require.Equal(t, merchant.Stopped, w.merchant.State())
			require.Len(t, w.merchant.Workers(), 2)
		})
	}
}

func TestStates(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"State(0)", "stopped", "paused", "working", "State(4)"},
		[]string{merchant.State(0).String(), merchant.Stopped.String(), merchant.Paused.String(), merchant.Working.String(), merchant.State(4).String()})
}
