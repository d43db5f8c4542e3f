package sweep_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/sweep"
)

func TestMissedDelivery(t *testing.T) {
	t.Parallel()
	s := newStage(t, 3)
	s.lister.now = at(0)
	s.lister.Counts = func(time.Time, string) (stock.Page, error) {
		return stock.Page{Readings: []stock.Reading{
			reading(webRef(0), 6, at(-20)), // its webhook should have come by now
			reading(webRef(1), 6, at(-10)), // its webhook may still be on the way
			reading(webRef(2), 8, at(-20)), // an echo
		}}, nil
	}
	run, findings := s.sweep(sweep.Recent)
	require.Equal(t, 2, run.Repaired)
	require.Equal(t, 3, run.Read)
	require.Len(t, findings, 1)
	f := findings[0]
	require.Equal(t, sweep.MissedDelivery, f.Class)
	require.Equal(t, webRef(0), f.Ref)
	require.Equal(t, shelf(0), f.Shelf)
	require.Equal(t, run.ID, f.Run)
	require.Equal(t, stock.Channel("web"), f.Channel)
	require.Equal(t, at(0), f.At)
	require.Equal(t, "-2", f.Evidence["difference"])
	require.NotEmpty(t, f.Action)
	require.Equal(t, findings, s.store.findings)
}

// A fact that contradicts the record is reported; the rest of its page is applied.
func TestContradictions(t *testing.T) {
	t.Parallel()
	s := newStage(t, 2)
	movement := func(key string, units int64) stock.Movement {
		return stock.Movement{Key: key, Ref: webRef(0), Quantity: stock.Units(units), Cause: stock.Sold, OccurredAt: at(-20), ChannelTime: at(-20)}
	}
	recount := func(units int64) stock.Recount {
		return stock.Recount{Key: "R", Ref: webRef(0), Counted: stock.Units(units), OccurredAt: at(-20), ChannelTime: at(-20)}
	}
	bad := stock.Order{Channel: "web", ID: "900", Lines: []stock.OrderLine{{ID: "1", SoldAs: "variant-I00", Taken: -1}}}
	s.lister.Counts = func(time.Time, string) (stock.Page, error) {
		return stock.Page{
			Readings:  []stock.Reading{reading(webRef(0), 20_000_000_000, at(-5)), reading(webRef(1), 7, at(-5))},
			Movements: []stock.Movement{movement("A", -1), movement("A", -2), movement("B", -1)},
			Recounts:  []stock.Recount{recount(3), recount(4)},
			Orders:    []stock.Order{bad},
		}, nil
	}
	_, findings := s.sweep(sweep.Recent)
	var got []string
	for _, f := range findings {
		require.Equal(t, sweep.Contradiction, f.Class)
		require.NotEmpty(t, f.Evidence["reason"])
		got = append(got, f.Ref.Item+f.Evidence["key"]+f.Evidence["order"])
	}
	require.ElementsMatch(t, []string{"I00", "I00A", "I00R", "900"}, got)
	require.Equal(t, stock.Units(-2), s.store.Ref(webRef(0)).Unexplained, "A and B are explained")
	require.Equal(t, stock.Units(7), s.store.Level(shelf(1)))
	mark, err := s.store.Mark(t.Context(), "sweep/recent/web/counts")
	require.NoError(t, err)
	require.NotEmpty(t, mark, "it does not stick to them")
}

// A page of nothing but what is refused still moves the window.
func TestPageOfContradictionsOnly(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	s.lister.Counts = func(time.Time, string) (stock.Page, error) {
		return stock.Page{Readings: []stock.Reading{reading(webRef(0), 20_000_000_000, at(-5))}}, nil
	}
	s.sweep(sweep.Recent)
	mark, err := s.store.Mark(t.Context(), "sweep/recent/web/counts")
	require.NoError(t, err)
	require.Equal(t, at(0).Format(time.RFC3339Nano), mark)
}

func TestStatusFindings(t *testing.T) {
	t.Parallel()
	s := newStage(t, 5)
	gone := func(i int, status stock.CountStatus) { s.ownRead(stock.Reading{Ref: webRef(i), Status: status}) }
	gone(0, stock.Missing)
	gone(1, stock.Untracked)
	plan := func(i int) {
		s.ownRead(reading(tillRef(i), 7, at(-50)))
		s.apply(ledger.PlanCall{Channel: "web", Key: fmt.Sprint("k", i), Refs: []stock.Ref{webRef(i)},
			Encode: func(string, time.Time, []stock.PushRow) ([]byte, error) { return nil, nil }})
	}
	plan(2)
	s.apply(ledger.CallAnswered{Key: "k2", Answer: stock.Answer{Outcome: stock.Refused}})
	plan(3)
	s.now = at(21 * 3600)
	s.apply(ledger.CallAnswered{Key: "k3", Answer: stock.Answer{Outcome: stock.Unknown}})
	_, findings := s.sweep(sweep.Full)
	got := map[stock.Ref]string{}
	for _, f := range findings {
		got[f.Ref] = f.Class + ": " + f.Evidence["status"] + f.Evidence["refusals"]
	}
	require.Equal(t, map[stock.Ref]string{
		webRef(0): "untracked: unreadable", webRef(1): "untracked: untracked",
		webRef(2): "push not applied: live1", webRef(3): "push not applied: set aside",
	}, got)
}

// TestNoCountSaysWhy: what to do about a counter without a count depends on why it has none, also before its first baseline.
func TestNoCountSaysWhy(t *testing.T) {
	t.Parallel()
	for why, action := range map[stock.Absence]string{
		stock.NeverCounted: "count it there once", stock.NotStocked: "stock it at that location", stock.SwitchedOff: "the whole location on again", "": "see whether the item is still there",
	} {
		s := newStage(t, 1)
		missing := stock.Reading{Ref: webRef(0), Status: stock.Missing, Why: why}
		s.ownRead(missing)
		s.lister.Read = func([]stock.Ref) (stock.Page, error) { return stock.Page{Readings: []stock.Reading{missing}}, nil }
		_, findings := s.sweep(sweep.Full)
		require.Len(t, findings, 1)
		require.Equal(t, sweep.Untracked, findings[0].Class)
		require.Contains(t, findings[0].Action, action)
		require.NotContains(t, findings[0].Action, "tracking")
		require.Equal(t, string(why), findings[0].Evidence["why"])
	}
}

// refusing is an error of a platform about what was asked.
type refusing struct{ again bool }

func (refusing) Error() string     { return "no such item" }
func (e refusing) Retryable() bool { return e.again }

// A counter that cannot be asked for is a finding of its own, and does not keep the others from being read.
func TestCounterThatCannotBeAskedFor(t *testing.T) {
	t.Parallel()
	s := newStage(t, 7)
	s.lister.maxReads = 5
	var err error = refusing{}
	read := s.lister.Read
	s.lister.Read = func(refs []stock.Ref) (stock.Page, error) {
		if slices.Contains(refs, webRef(3)) {
			return stock.Page{}, err
		}
		return read(refs)
	}
	run, findings := s.sweep(sweep.Full)
	require.Empty(t, run.Error)
	require.Equal(t, []string{sweep.Unreadable}, classes(findings))
	require.Equal(t, webRef(3), findings[0].Ref)
	require.Equal(t, "no such item", findings[0].Evidence["reason"])
	require.Equal(t, 6, run.Read)
	err = refusing{again: true}
	_, _, swept := s.Sweeper.Sweep(t.Context(), sweep.Full, nil)
	require.ErrorIs(t, swept, err, "a platform that fails ends the run")
}

// An id that cannot be one of the platform's is told of, and not only that its shelf waits.
func TestCounterThatNeverShowedAnything(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	typo := stock.Ref{Channel: "web", Item: "4.5E+13", Location: "77"}
	s.apply(ledger.LinkRef{Ref: typo, Shelf: stock.Shelf{Item: "another", Location: "main"}, SoldAs: "x"})
	read := s.lister.Read
	s.lister.Read = func(refs []stock.Ref) (stock.Page, error) {
		known, missing := stock.SplitMissing(refs, func(item string) error {
			if item == typo.Item {
				return refusing{}
			}
			return nil
		})
		page, err := read(known)
		page.Readings = append(page.Readings, missing...)
		return page, err
	}
	_, findings := s.sweep(sweep.Full)
	require.Equal(t, []string{sweep.Untracked}, classes(findings))
	require.Equal(t, typo, findings[0].Ref)
}

func TestUnexplainedFindings(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	s.store.suspense = []ledger.Suspense{
		{Ref: webRef(0), Shelf: shelf(0), Quantity: stock.Units(3), Since: at(0).Add(-24 * time.Hour)},
		{Ref: tillRef(0), Shelf: shelf(0), Quantity: stock.Units(9), Since: at(0).Add(-25 * time.Hour)},
		{Ref: webRef(1), Shelf: shelf(1), Quantity: stock.Units(-2), Since: at(-301)},
	}
	_, findings := s.sweep(sweep.Full)
	require.Equal(t, at(-300), s.store.before, "younger ones may still find their cause")
	require.Len(t, findings, 2, "other channels report their own")
	require.Equal(t, sweep.UnexplainedTooLong, findings[0].Class)
	require.Equal(t, "3 left", findings[0].Evidence["units"]+" "+findings[0].Evidence["direction"])
	require.Equal(t, sweep.EditedOnChannel, findings[1].Class)
	require.Equal(t, "2 appeared", findings[1].Evidence["units"]+" "+findings[1].Evidence["direction"])
}

func TestUnlinkedItems(t *testing.T) {
	t.Parallel()
	s := newStage(t, 2)
	s.apply(ledger.UnlinkRef{Ref: webRef(1)})
	s.lister.Items = func(cursor string) ([]stock.CatalogItem, string, error) {
		if cursor == "" {
			return []stock.CatalogItem{{Item: "I00", SKU: "A"}, {Item: "I01", SKU: "B", Name: "Cup"}}, "2", nil
		}
		return []stock.CatalogItem{{Item: "I77", SKU: "C"}, {Item: "I78", SKU: "D", LeftOut: stock.Archived}}, "", nil
	}
	_, findings := s.sweep(sweep.Full)
	require.Equal(t, []string{sweep.Unlinked, sweep.Unlinked}, classes(findings))
	require.Equal(t, "B", findings[0].SKU)
	require.Equal(t, stock.Evidence{"item": "I01", "name": "Cup"}, findings[0].Evidence)
	require.Equal(t, "C", findings[1].SKU)
}

func TestUnlinkedFindingsAreBounded(t *testing.T) {
	t.Parallel()
	s := newStage(t, 0)
	s.lister.Items = func(string) ([]stock.CatalogItem, string, error) {
		items := make([]stock.CatalogItem, 1500)
		for i := range items {
			items[i].Item = fmt.Sprint(i)
		}
		return items, "", nil
	}
	_, findings := s.sweep(sweep.Full)
	require.Len(t, findings, 1001)
	require.Equal(t, sweep.Unlinked, findings[1000].Class)
	require.Equal(t, stock.Evidence{"more": "500"}, findings[1000].Evidence, "it says that there are more")
}

// What is gone is reported with what came in its place: the one item of the same SKU that is tied to no shelf.
func TestGoneFindings(t *testing.T) {
	t.Parallel()
	s := newStage(t, 3)
	read := s.lister.Read
	gone := map[string]bool{webRef(0).Item: true, webRef(1).Item: true}
	s.lister.Read = func(refs []stock.Ref) (stock.Page, error) {
		page, err := read(refs)
		for i, r := range page.Readings {
			if gone[r.Ref.Item] {
				page.Readings[i] = stock.Reading{Ref: r.Ref, Status: stock.Gone}
			}
		}
		return page, err
	}
	s.lister.Items = func(string) ([]stock.CatalogItem, string, error) {
		return []stock.CatalogItem{{Item: webRef(2).Item, SKU: "item02"}, {Item: "I70", SKU: "item00", Name: "Mug"}, {Item: "I71", SKU: "item01"}, {Item: "I72", SKU: "item01"}}, "", nil
	}
	s.ownRead(stock.Reading{Ref: webRef(0), Status: stock.Gone})
	s.ownRead(stock.Reading{Ref: webRef(1), Status: stock.Gone})
	_, findings := s.sweep(sweep.Full)
	require.Equal(t, []string{sweep.Gone, sweep.Gone, sweep.Unlinked, sweep.Unlinked, sweep.Unlinked}, classes(findings))
	made := findings[3]
	require.Equal(t, webRef(0), made.Ref)
	require.Equal(t, "item I70 has the same SKU: link it? It counts 8, the level is 8", made.Action)
	require.Equal(t, stock.Evidence{"reason": "the platform shows no item with this id", "level": "8", "successor": "I70", "name": "Mug", "counts": "8"}, made.Evidence)
	require.NotContains(t, findings[4].Evidence, "successor", "of two nobody knows which")
}

func TestFindingOfWhatWaits(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	s.apply(ledger.UnlinkRef{Ref: webRef(0)})
	s.apply(ledger.LinkRef{Ref: webRef(0), Shelf: shelf(0), SoldAs: "variant-I00"})
	for range 2 {
		s.now = s.now.Add(5 * time.Second)
		s.ownRead(reading(webRef(0), 3, at(-600)))
	}
	_, findings := s.sweep(sweep.Full)
	require.Equal(t, sweep.WaitsToJoin, findings[0].Class)
	require.Equal(t, "3 of 8", findings[0].Evidence["counts"]+" of "+findings[0].Evidence["level"])
}
