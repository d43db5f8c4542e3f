package sweep_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/sweep"
)

// resync is a new one, as of a process that begins.
func (s *stage) resync() *sweep.Resync {
	ids := 0
	return sweep.NewResync(sweep.ResyncOptions{
		Ledger: s.store, Sweepers: []*sweep.Sweeper{s.Sweeper}, Logger: slog.New(slog.DiscardHandler), Now: func() time.Time { return s.now },
		NewID: func() string { ids++; return fmt.Sprint("loss", ids) },
	})
}

// makesGood runs a resync for a while and says which refs were read meanwhile.
func (s *stage) makesGood(r *sweep.Resync) []stock.Ref {
	s.Helper()
	s.lister.read = nil
	ctx, stop := context.WithCancel(s.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	<-time.After(time.Hour)
	stop()
	if err := <-ended; err != nil {
		require.ErrorIs(s, err, context.Canceled)
	}
	return s.lister.read
}

func (s *stage) loss() string {
	s.Helper()
	mark, err := s.store.Mark(s.Context(), sweep.ResyncMark)
	require.NoError(s, err)
	return mark
}

func refs(from, to int) (list []stock.Ref) {
	for i := from; i < to; i++ {
		list = append(list, webRef(i))
	}
	return list
}

func TestResyncSweepsWholeAfterALoss(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, 5)
		require.Empty(t, s.makesGood(s.resync()), "nothing was lost")
		require.NoError(t, s.resync().Want(t.Context(), map[string]string{"beside": "it"}))
		require.NotEmpty(t, s.loss())
		beside, err := s.store.Mark(t.Context(), "beside")
		require.NoError(t, err)
		require.Equal(t, "it", beside)
		require.Equal(t, refs(0, 5), s.makesGood(s.resync()), "a process that begins later")
		require.Empty(t, s.loss())
		require.Empty(t, s.makesGood(s.resync()))
	})
}

// A full sweep that began before the loss, and was broken off after it, read its first refs too early to make it good.
func TestResyncDoesNotGoOnWithAnOlderSweep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, 6)
		resync, whole, down := s.resync(), s.lister.Read, errors.New("down")
		s.lister.Read = func(refs []stock.Ref) (stock.Page, error) {
			switch refs[0] {
			case webRef(2):
				s.now = s.now.Add(time.Second)
				require.NoError(t, resync.Want(t.Context(), map[string]string{}))
			case webRef(4):
				return stock.Page{}, down
			}
			return whole(refs)
		}
		_, _, err := s.Sweep(t.Context(), sweep.Full, nil)
		require.ErrorIs(t, err, down)
		s.lister.Read = whole
		require.Equal(t, refs(0, 6), s.makesGood(resync))
		require.Empty(t, s.loss())
	})
}

// A resync that is refused, or whose process ends, goes on where it was; the loss is remembered until its end.
func TestResyncGoesOnWithItsOwnSweep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, 6)
		whole, down, fails := s.lister.Read, errors.New("down"), true
		s.lister.Read = func(refs []stock.Ref) (stock.Page, error) {
			if refs[0] == webRef(4) && fails {
				return stock.Page{}, down
			}
			return whole(refs)
		}
		require.NoError(t, s.resync().Want(t.Context(), map[string]string{}))
		read := s.makesGood(s.resync())
		require.Equal(t, refs(0, 6), read[:6])
		require.NotContains(t, read[6:], webRef(0))
		require.NotEmpty(t, s.loss())
		fails = false
		require.Equal(t, refs(4, 6), s.makesGood(s.resync()))
		require.Empty(t, s.loss())
	})
}

// A loss that is noted while an earlier one is being made good needs a sweep of its own.
func TestResyncAfterASecondLoss(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, 4)
		resync, whole, again := s.resync(), s.lister.Read, true
		s.lister.Read = func(refs []stock.Ref) (stock.Page, error) {
			if refs[0] == webRef(2) && again {
				again = false
				s.now = s.now.Add(time.Second)
				require.NoError(t, resync.Want(t.Context(), map[string]string{}))
			}
			return whole(refs)
		}
		require.NoError(t, resync.Want(t.Context(), map[string]string{}))
		require.Equal(t, append(refs(0, 4), refs(0, 4)...), s.makesGood(resync))
		require.Empty(t, s.loss())
	})
}

// A mark that says no time, as an earlier version of the program wrote it.
func TestResyncOfALossWithoutATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, 4)
		_, err := s.store.Apply(t.Context(), nil, ledger.Batch{At: s.now, Marks: map[string]string{
			sweep.ResyncMark: "0190b7a2-7b3c-7c52-8f0a-3a2f6b0c9a11", sweep.FullMark("web"): `{"after":{"channel":"web","item":"I01","location":"77"},"began":"2026-03-14T08:59:59Z"}`,
		}})
		require.NoError(t, err)
		require.Equal(t, refs(0, 4), s.makesGood(s.resync()))
		require.Empty(t, s.loss())
	})
}
