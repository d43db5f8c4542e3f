package converge_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// changing is a platform whose catalog people change.
type changing struct {
	*platform
	list func(since time.Time, cursor string) (stock.CatalogChanges, error)
}

func (c changing) ListChanges(_ context.Context, since time.Time, cursor string) (stock.CatalogChanges, error) {
	c.meet()
	return c.list(since, cursor)
}

// A webhook that says that the catalog changed has it read within seconds, once for many of them, and what is not counted any more gets
// no push meanwhile.
func TestCatalogIsReadWhenItChanged(t *testing.T) {
	t.Parallel()
	inBubble(t, "till", []int64{8, 8}, func(s *stage) {
		asked := 0
		off := stock.Reading{Ref: tillRef(0), Status: stock.Untracked}
		s.worker = s.newWorker("till", changing{s.platform, func(since time.Time, cursor string) (stock.CatalogChanges, error) {
			asked++
			require.WithinDuration(t, time.Now().Add(-5*time.Minute), since, time.Minute)
			if cursor == "" {
				return stock.CatalogChanges{Page: stock.Page{Readings: []stock.Reading{off}, Next: "2"}}, nil
			}
			return stock.CatalogChanges{Page: stock.Page{Readings: []stock.Reading{{Ref: tillRef(1), Status: stock.Gone}}}}, nil
		}})
		s.Read = func(_ context.Context, refs []stock.Ref) (stock.Page, error) {
			page := s.page(refs)
			for i, r := range page.Readings {
				if r.Ref == tillRef(0) {
					page.Readings[i] = off
				} else {
					page.Readings[i] = stock.Reading{Ref: r.Ref, Status: stock.Gone}
				}
			}
			return page, nil
		}
		s.run()
		for range 20 {
			s.apply(ledger.Delivered{Event: stock.Event{Channel: "till", Hint: &stock.Hint{Resource: stock.CatalogResource}}})
		}
		s.after(10 * time.Second)
		require.Equal(t, 2, asked, "both pages, once")
		require.Equal(t, ledger.Untracked, s.model.Ref(tillRef(0)).State.Status)
		require.Equal(t, ledger.Gone, s.model.Ref(tillRef(1)).State.Status)
		s.shows(webRef(0), 7)
		s.after(time.Minute)
		require.Empty(t, s.calls)
		require.Equal(t, 2, asked, "and then no more")
	})
}

// A list that does not end is left to the sweep, one that the platform refuses is asked for again after an hour, and a platform without
// such lists loses nothing.
func TestCatalogThatCannotBeRead(t *testing.T) {
	t.Parallel()
	hint := ledger.Delivered{Event: stock.Event{Channel: "till", Hint: &stock.Hint{Resource: stock.CatalogResource}}}
	inBubble(t, "till", []int64{8}, func(s *stage) {
		asked := 0
		var fails error
		s.worker = s.newWorker("till", changing{s.platform, func(time.Time, string) (stock.CatalogChanges, error) {
			asked++
			return stock.CatalogChanges{Page: stock.Page{Next: "on"}}, fails
		}})
		s.run()
		s.apply(hint)
		s.after(time.Minute)
		require.Equal(t, 3, asked)
		fails = failing{}
		s.apply(hint)
		s.after(time.Minute)
		require.Equal(t, 4, asked)
		require.Positive(t, lines(s.logs, "catalog read refused"))
		s.after(time.Hour)
		require.Equal(t, 5, asked)
	})
	inBubble(t, "till", []int64{8}, func(s *stage) {
		s.run()
		s.apply(hint)
		s.after(time.Minute)
		require.Empty(t, s.worker.Status().Error)
		wishes, err := s.model.DueResources(t.Context(), "till", time.Now().Add(24*time.Hour), 10)
		require.NoError(t, err)
		require.Empty(t, wishes)
	})
}
