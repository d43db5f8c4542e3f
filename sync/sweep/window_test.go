package sweep_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/sweep"
)

// tooOften is a platform that was asked too often.
type tooOften struct{ pause time.Duration }

func (e tooOften) Error() string             { return fmt.Sprintf("come again in %s", e.pause) }
func (e tooOften) Failure() stock.Failure    { return stock.TooManyRequests }
func (e tooOften) Retryable() bool           { return true }
func (e tooOften) RetryAfter() time.Duration { return e.pause }

// refusal is a request that is refused for what it asks.
type refusal struct{ error }

func (refusal) Retryable() bool { return false }

// pages lists so many pages of one counter each, and remembers what was asked for.
type pages struct {
	count int
	asked []string
	// fail is asked before each page.
	fail func(cursor string) error
}

func (p *pages) list(since time.Time, cursor string) (stock.Page, error) {
	p.asked = append(p.asked, since.Format(time.TimeOnly)+cursor)
	if p.fail != nil {
		if err := p.fail(cursor); err != nil {
			return stock.Page{}, err
		}
	}
	n := 0
	if cursor != "" {
		if _, err := fmt.Sscanf(cursor, " p%d", &n); err != nil {
			return stock.Page{}, err
		}
	}
	page := stock.Page{Readings: []stock.Reading{reading(webRef(n), 7, at(-100))}}
	if n+1 < p.count {
		page.Next = fmt.Sprintf(" p%d", n+1)
	}
	return page, nil
}

// A list that runs out of points in the middle waits for them and goes on where it was, however often and long.
func TestListOutlastsPauses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, 4)
		tries := map[string]int{}
		p := &pages{count: 4, fail: func(cursor string) error {
			if tries[cursor]++; cursor != "" && tries[cursor] <= 3 {
				return fmt.Errorf("listing: %w", tooOften{20 * time.Minute})
			}
			return nil
		}}
		s.lister.Counts = p.list
		began := time.Now()
		run, _ := s.sweep(sweep.Recent)
		require.Equal(t, 3*time.Hour, time.Since(began))
		require.Equal(t, 4, run.Read)
		require.Equal(t, map[string]int{"": 1, " p1": 4, " p2": 4, " p3": 4}, tries, "no page is listed twice")
	})
}

// Whoever waits for points ends with its context.
func TestPauseEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, 1)
		s.lister.Counts = func(time.Time, string) (stock.Page, error) { return stock.Page{}, tooOften{time.Hour} }
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, _, err := s.Sweep(ctx, sweep.Recent, nil)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, tooOften{time.Hour})
	})
}

// A list that is killed in the middle, time after time, goes on in the next process, and comes to its end: each page is applied once.
func TestListOutlastsKills(t *testing.T) {
	t.Parallel()
	s := newStage(t, 5)
	killed, left := errors.New("killed"), 0
	p := &pages{count: 5, fail: func(string) error {
		if left--; left < 0 {
			return killed
		}
		return nil
	}}
	s.lister.Counts = p.list
	kills := 0
	for {
		left = 2
		s.now = s.now.Add(time.Minute)
		process := sweep.New(s.Options)
		_, _, err := process.Sweep(t.Context(), sweep.Recent, nil)
		if err == nil {
			break
		}
		require.ErrorIs(t, err, killed)
		kills++
	}
	require.Equal(t, 2, kills)
	require.Equal(t, []string{"09:01:00", "09:01:00 p1", "09:01:00 p2", "09:01:00 p2", "09:01:00 p3", "09:01:00 p4", "09:01:00 p4"}, p.asked, "all pages are of one list")
	for i := range 5 {
		require.Equal(t, stock.Units(7), s.store.Level(shelf(i)))
	}
	left, p.asked, p.count = 1, nil, 1
	s.sweep(sweep.Recent)
	require.Equal(t, []string{"08:59:00"}, p.asked, "the next list begins where that one began, less its overlap")
}

// Where the platform has forgotten where the list was, it begins anew, and reaches as far back.
func TestListWhoseCursorIsForgotten(t *testing.T) {
	t.Parallel()
	s := newStage(t, 3)
	var fails error
	p := &pages{count: 3, fail: func(cursor string) error {
		if cursor == " p2" {
			return fails
		}
		return nil
	}}
	s.lister.Counts, fails = p.list, errors.New("down")
	_, _, err := s.Sweep(t.Context(), sweep.Recent, nil)
	require.ErrorIs(t, err, fails)
	refused := 0
	p.fail = func(cursor string) error {
		if cursor == " p2" && refused == 0 {
			refused++
			return refusal{errors.New("no such cursor")}
		}
		return nil
	}
	p.asked, s.now = nil, at(600)
	s.sweep(sweep.Recent)
	require.Equal(t, []string{"09:00:00 p2", "09:00:00", "09:00:00 p1", "09:00:00 p2"}, p.asked)
}

// Articles that changed are compared when the list is complete, so one that is interrupted begins anew.
func TestCatalogListBeginsAnew(t *testing.T) {
	t.Parallel()
	s := newStage(t, 2)
	var asked []string
	down := errors.New("down")
	s.Sweeper.Lister = changing{s.lister, func(_ time.Time, cursor string) (stock.CatalogChanges, error) {
		asked = append(asked, cursor)
		switch {
		case cursor == "":
			return stock.CatalogChanges{Page: stock.Page{Next: "p1"}, Items: []stock.CatalogItem{{Item: webRef(0).Item, SKU: "new"}}}, nil
		case len(asked) == 2:
			return stock.CatalogChanges{}, down
		}
		return stock.CatalogChanges{}, nil
	}}
	_, _, err := s.Sweep(t.Context(), sweep.Recent, nil)
	require.ErrorIs(t, err, down)
	require.Empty(t, s.store.labels)
	s.sweep(sweep.Recent)
	require.Equal(t, []string{"", "p1", "", "p1"}, asked)
	require.NotEmpty(t, s.store.labels, "what the first page said is compared")
}

// A full sweep that is killed while it lists movements reads no ref again, and goes on with the list.
func TestFullGoesOnWithMovements(t *testing.T) {
	t.Parallel()
	s := newStage(t, 3)
	var asked []string
	down, fails := errors.New("down"), true
	s.lister.Movements = func(since time.Time, cursor string) (stock.Page, error) {
		asked = append(asked, since.Format(time.DateTime)+cursor)
		switch {
		case cursor == "":
			return stock.Page{Next: " p1"}, nil
		case fails:
			return stock.Page{}, down
		}
		return stock.Page{}, nil
	}
	_, _, err := s.Sweep(t.Context(), sweep.Full, nil)
	require.ErrorIs(t, err, down)
	fails, s.now, s.lister.read = false, at(1800), nil
	s.sweep(sweep.Full)
	require.Empty(t, s.lister.read)
	require.Equal(t, []string{"2026-03-12 09:00:00", "2026-03-12 09:00:00 p1", "2026-03-12 09:00:00 p1"}, asked)
	s.sweep(sweep.Full)
	require.Len(t, s.lister.read, 3, "the next one begins anew")
}

// A full sweep waits for points too.
func TestFullOutlastsPauses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, 4)
		whole, paused := s.lister.Read, false
		s.lister.Read = func(refs []stock.Ref) (stock.Page, error) {
			if refs[0] == webRef(2) && !paused {
				paused = true
				return stock.Page{}, tooOften{time.Minute}
			}
			return whole(refs)
		}
		run, _ := s.sweep(sweep.Full)
		require.Equal(t, 4, run.Read)
		require.Len(t, s.lister.read, 6, "the page that had to wait is asked for again, and no other")
	})
}
