package sweep_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/sweep"
)

func TestScheduleRefusesABadSpec(t *testing.T) {
	t.Parallel()
	logger := slog.New(slog.DiscardHandler)
	for _, schedule := range []sweep.Schedule{
		{Recent: "often", Full: "0 3 * * *"}, {Recent: "@every 1m", Full: "0 25 * * *"}, {Recent: "@every 1m"}, {Recent: "0 0 3 * * *", Full: "0 3 * * *"},
	} {
		err := sweep.Run(t.Context(), schedule, []*sweep.Sweeper{newStage(t, 0).Sweeper}, logger)
		require.ErrorContains(t, err, "web", "%+v", schedule)
	}
}

func TestSchedule(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, 1)
		counts, movements := 0, 0
		s.lister.Counts = func(time.Time, string) (stock.Page, error) {
			if counts++; counts == 2 {
				return stock.Page{}, errors.New("down")
			}
			if counts == 3 {
				time.Sleep(150 * time.Second) // the next turn is skipped
			}
			return stock.Page{}, nil
		}
		s.lister.Movements = func(time.Time, string) (stock.Page, error) {
			movements++
			return stock.Page{}, nil
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() {
			ended <- sweep.Run(ctx, sweep.Schedule{Recent: "@every 1m", Full: "0 3 * * *"}, []*sweep.Sweeper{s.Sweeper}, slog.New(slog.DiscardHandler))
		}()
		time.Sleep(7*time.Minute + time.Second)
		cancel()
		require.NoError(t, <-ended)
		require.Equal(t, 5, counts, "seven turns, two of them skipped")
		require.Equal(t, 5, movements, "whatever became of the counts")
		require.Len(t, s.store.runs, 5)
	})
}

// While a first sync reads every counter, recent sweeps do not list them too; but not for long, and full sweeps are made.
func TestRecentSweepsYieldToAFirstSync(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		open    int
		waiting int
		ends    time.Duration
		recent  int
	}{
		"a first sync that ends":         {1, 120, 2*time.Minute + 30*time.Second, 8},
		"one that does not end":          {1, 120, time.Hour, 5},
		"a few that wait for baselines":  {1, 99, time.Hour, 10},
		"nothing waits for any baseline": {1, 0, time.Hour, 10},
		"no baseline was taken yet":      {0, 3, time.Hour, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStage(t, c.open)
				began := time.Now()
				s.Now = time.Now
				for i := range c.waiting {
					s.apply(ledger.LinkRef{Ref: webRef(i + 1), Shelf: shelf(i + 1), SoldAs: webRef(i + 1).Item}, ledger.WantBaseline{Ref: webRef(i + 1)})
				}
				recent := 0
				s.lister.Counts = func(time.Time, string) (stock.Page, error) {
					recent++
					return stock.Page{}, nil
				}
				ctx, cancel := context.WithCancel(t.Context())
				ended := make(chan error, 1)
				go func() {
					ended <- sweep.Run(ctx, sweep.Schedule{Recent: "@every 1m", Full: "@every 7m"}, []*sweep.Sweeper{s.Sweeper}, slog.New(slog.DiscardHandler))
				}()
				time.Sleep(min(c.ends, 10*time.Minute+time.Second))
				if time.Since(began) < 10*time.Minute {
					for i := range c.waiting {
						s.apply(ledger.UnlinkRef{Ref: webRef(i + 1)})
					}
					time.Sleep(10*time.Minute + time.Second - time.Since(began))
				}
				cancel()
				require.NoError(t, <-ended)
				require.Equal(t, c.recent, recent)
				require.NotEmpty(t, s.lister.read, "the full sweep is made")
			})
		})
	}
}
