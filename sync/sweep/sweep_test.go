package sweep_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/ledgertest"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
	"github.com/evenstock/evenstock/sync/sweep"
)

func at(seconds int) time.Time {
	return time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC).Add(time.Duration(seconds) * time.Second)
}

func webRef(i int) stock.Ref {
	return stock.Ref{Channel: "web", Item: fmt.Sprintf("I%02d", i), Location: "77"}
}
func tillRef(i int) stock.Ref {
	return stock.Ref{Channel: "till", Item: fmt.Sprintf("V%02d", i), Location: "L1"}
}
func shelf(i int) stock.Shelf {
	return stock.Shelf{Item: stock.ItemID(fmt.Sprintf("item%02d", i)), Location: "main"}
}

func reading(ref stock.Ref, units int64, version time.Time) stock.Reading {
	return stock.Reading{Ref: ref, Status: stock.Counted, Quantity: stock.Units(units), Version: version}
}

// lister is a fake channel. Sweeps and glances ask it at once, as they do a real one.
type lister struct {
	mu        sync.Mutex // guards read
	Counts    func(since time.Time, cursor string) (stock.Page, error)
	Movements func(since time.Time, cursor string) (stock.Page, error)
	Read      func(refs []stock.Ref) (stock.Page, error)
	Items     func(cursor string) ([]stock.CatalogItem, string, error)
	now       time.Time
	maxReads  int
	read      []stock.Ref
}

func (l *lister) MaxReads() int          { return l.maxReads }
func (l *lister) PlatformNow() time.Time { return l.now }

func (l *lister) ListCounts(_ context.Context, since time.Time, cursor string) (stock.Page, error) {
	if l.Counts == nil {
		return stock.Page{}, nil
	}
	return l.Counts(since, cursor)
}

func (l *lister) ListMovements(_ context.Context, since time.Time, cursor string) (stock.Page, error) {
	if l.Movements == nil {
		return stock.Page{}, nil
	}
	return l.Movements(since, cursor)
}

func (l *lister) ReadRefs(_ context.Context, refs []stock.Ref, since time.Time) (stock.Page, error) {
	if !since.IsZero() || len(refs) == 0 {
		return stock.Page{}, errors.New("a sweep asks for refs and for no history")
	}
	l.mu.Lock()
	l.read = append(l.read, refs...)
	l.mu.Unlock()
	return l.Read(refs)
}

func (l *lister) Catalog(_ context.Context, cursor string) ([]stock.CatalogItem, string, error) {
	if l.Items == nil {
		return nil, "", nil
	}
	return l.Items(cursor)
}

// store is the model ledger with runs and findings.
type store struct {
	*ledgertest.Model
	mu       sync.Mutex
	runs     []ledger.Run
	findings []ledger.Finding
	suspense []ledger.Suspense
	before   time.Time
	items    map[stock.ItemID]stock.Item
	labels   map[[2]string]ledger.Label
}

// Item has the item's id for its SKU.
func (s *store) Item(_ context.Context, id stock.ItemID) (stock.Item, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if item, known := s.items[id]; known {
		return item, nil
	}
	return stock.Item{ID: id, SKU: string(id)}, nil
}

func (s *store) ItemBySKU(ctx context.Context, sku string) (items []stock.Item, err error) {
	refs, err := s.Refs(ctx, ledger.RefFilter{})
	for _, ref := range refs {
		item, err := s.Item(ctx, ref.State.Shelf.Item)
		if err != nil {
			return nil, err
		}
		label, _ := s.label(ref)
		if (item.SKU == sku || label.SKU == sku) && !slices.Contains(items, item) {
			items = append(items, item)
		}
	}
	return items, err
}

// label is the label of a ref's article.
func (s *store) label(ref ledger.DueRef) (label ledger.Label, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	label, known = s.labels[[2]string{string(ref.State.Ref.Channel), ref.State.Ref.Item}]
	return label, known
}

func (s *store) SaveItems(_ context.Context, items []stock.Item) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.items == nil {
		s.items = map[stock.ItemID]stock.Item{}
	}
	for _, item := range items {
		s.items[item.ID] = item
	}
	return nil
}

func (s *store) SaveLabels(_ context.Context, labels []ledger.Label) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.labels == nil {
		s.labels = map[[2]string]ledger.Label{}
	}
	for _, label := range labels {
		s.labels[[2]string{string(label.Channel), label.Item}] = label
	}
	return nil
}

func (s *store) Labels(ctx context.Context, items ...stock.ItemID) (labels []ledger.Label, err error) {
	for _, item := range items {
		refs, err := s.Refs(ctx, ledger.RefFilter{Item: item})
		if err != nil {
			return nil, err
		}
		for _, ref := range refs {
			if label, known := s.label(ref); known && ref.State.Status != ledger.Unlinked {
				labels = append(labels, label)
			}
		}
	}
	return labels, nil
}

func (s *store) SaveRun(_ context.Context, run ledger.Run) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs = append(s.runs, run)
	return nil
}

func (s *store) SaveFindings(_ context.Context, findings []ledger.Finding) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.findings = append(s.findings, findings...)
	return nil
}

func (s *store) Unexplained(_ context.Context, channel stock.Channel, before time.Time, limit int) (accounts []ledger.Suspense, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before = before
	for _, account := range s.suspense {
		if account.Ref.Channel == channel && len(accounts) < limit {
			accounts = append(accounts, account)
		}
	}
	return accounts, nil
}

// stage is a web shop and a till that agree at nine o'clock, with a sweeper of the web shop.
type stage struct {
	*testing.T
	*sweep.Sweeper
	store  *store
	lister *lister
	now    time.Time
	woken  []stock.Channel
}

func newStage(t *testing.T, items int) *stage {
	t.Helper()
	engine, err := reconcile.New(reconcile.Options{Channels: map[stock.Channel]reconcile.Channel{
		"till": {Traits: stock.Traits{Platform: "square", History: true, Step: 1}, Locations: map[string]stock.Location{"L1": "main"}},
		"web":  {Traits: stock.Traits{Platform: "shopify", Step: stock.Unit, ForgetsKeysAfterHours: 20}, Locations: map[string]stock.Location{"77": "main"}},
	}})
	require.NoError(t, err)
	s := &stage{T: t, store: &store{Model: ledgertest.NewModel()}, lister: &lister{maxReads: 2}, now: at(-60)}
	s.lister.Read = func(refs []stock.Ref) (page stock.Page, err error) {
		for _, ref := range refs {
			page.Readings = append(page.Readings, reading(ref, 8, at(-600)))
		}
		return page, nil
	}
	var ids atomic.Int64 // sweeps and glances begin at once
	s.Sweeper = sweep.New(sweep.Options{
		Channel: "web", Lister: s.lister, Ledger: s.store, Step: engine.Step, Logger: slog.New(slog.DiscardHandler), Now: func() time.Time { return s.now },
		NewID: func() string { return fmt.Sprint("id", ids.Add(1)) },
		Wake: func(channels ...stock.Channel) {
			s.store.mu.Lock()
			defer s.store.mu.Unlock()
			s.woken = append(s.woken, channels...)
		},
	})
	for i := range items {
		s.open(i)
	}
	s.now = at(0)
	return s
}

func (s *stage) apply(inputs ...ledger.Input) {
	s.Helper()
	_, err := s.store.Apply(s.Context(), s.Step, ledger.Batch{At: s.now, Inputs: inputs})
	require.NoError(s, err)
}

func (s *stage) ownRead(r stock.Reading) {
	s.Helper()
	s.apply(ledger.OwnRead{Reading: r, ReadAt: s.now, Mark: s.store.Ref(r.Ref).Work.Seq})
}

func (s *stage) open(i int) {
	s.Helper()
	s.apply(ledger.LinkRef{Ref: tillRef(i), Shelf: shelf(i), SoldAs: tillRef(i).Item}, ledger.LinkRef{Ref: webRef(i), Shelf: shelf(i), SoldAs: "variant-" + webRef(i).Item},
		ledger.WantBaseline{Ref: tillRef(i), Authority: true}, ledger.WantBaseline{Ref: webRef(i)})
	s.ownRead(reading(webRef(i), 8, at(-600)))
	s.now = s.now.Add(5 * time.Second)
	s.ownRead(reading(webRef(i), 8, at(-600)))
	s.ownRead(reading(tillRef(i), 8, at(-600)))
	s.now = at(-60)
}

func (s *stage) sweep(kind string) (ledger.Run, []ledger.Finding) {
	s.Helper()
	run, findings, err := s.Sweep(s.Context(), kind, nil)
	require.NoError(s, err)
	return run, findings
}

func classes(findings []ledger.Finding) []string {
	var list []string
	for _, f := range findings {
		list = append(list, f.Class)
	}
	slices.Sort(list)
	return list
}

// A recent sweep lists what changed since the one before, with an overlap, by the platform's clock.
func TestRecentWindows(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	var counts, movements []time.Time
	s.lister.Counts = func(since time.Time, _ string) (stock.Page, error) {
		counts = append(counts, since)
		return stock.Page{}, nil
	}
	s.lister.Movements = func(since time.Time, _ string) (stock.Page, error) {
		movements = append(movements, since)
		return stock.Page{}, nil
	}
	s.sweep(sweep.Recent)
	require.Equal(t, []time.Time{at(0).Add(-24 * time.Hour)}, counts, "the first one looks back a day")
	s.lister.now = at(57)
	s.now = at(60)
	s.sweep(sweep.Recent)
	s.now, s.lister.now = at(120), at(117)
	s.sweep(sweep.Recent)
	require.Equal(t, []time.Time{at(-120), at(57 - 120)}, counts[1:])
	require.Equal(t, []time.Time{at(-600), at(57 - 600)}, movements[1:])
	require.Len(t, s.store.runs, 3)
	require.Equal(t, sweep.Recent, s.store.runs[0].Kind)
	require.Equal(t, at(0), s.store.runs[0].EndedAt)
}

// The window begins at the platform's time even where a sweep is the first to ask it and our clock is hours ahead.
func TestRecentWindowsOfAWrongClock(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	var counts []time.Time
	s.lister.Counts = func(since time.Time, cursor string) (stock.Page, error) {
		counts = append(counts, since)
		if cursor == "" {
			return stock.Page{ReadAt: at(0), Next: "2"}, nil
		}
		return stock.Page{ReadAt: at(9)}, nil
	}
	s.now = at(3 * 3600)
	s.sweep(sweep.Recent)
	s.sweep(sweep.Recent)
	require.Equal(t, []time.Time{at(-120), at(-120)}, counts[2:], "from the first page on, less the overlap")
}

type tooMany struct{ error }

func (tooMany) TooMany() bool { return true }

// Where more changed than the platform lists, every linked ref is read, and the next list is short again.
func TestListThatIsTooLong(t *testing.T) {
	t.Parallel()
	s := newStage(t, 5)
	var counts []time.Time
	s.lister.Counts = func(since time.Time, cursor string) (stock.Page, error) {
		counts = append(counts, since)
		switch {
		case len(counts) == 1:
			return stock.Page{Readings: []stock.Reading{reading(webRef(0), 7, at(-100))}, Next: "2"}, nil
		case cursor == "2":
			return stock.Page{}, tooMany{errors.New("more than the platform lists")}
		}
		return stock.Page{}, nil
	}
	down, whole := errors.New("down"), s.lister.Read
	s.lister.Read = func(refs []stock.Ref) (stock.Page, error) {
		if refs[0] == webRef(2) {
			return stock.Page{}, down
		}
		return whole(refs)
	}
	_, _, err := s.Sweep(t.Context(), sweep.Recent, nil)
	require.ErrorIs(t, err, down)
	s.lister.Read, counts = whole, nil
	s.sweep(sweep.Recent)
	require.Len(t, counts, 2, "the window did not move")
	require.Equal(t, []stock.Ref{webRef(0), webRef(1), webRef(2), webRef(3), webRef(2), webRef(3), webRef(4)}, s.lister.read, "it goes on where it was")
	s.now = at(60)
	s.sweep(sweep.Recent)
	require.Equal(t, at(-120), counts[2])
}

// A location that cannot be listed does not keep a channel's movements out.
func TestMovementsAreListedThoughCountsAreNot(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	down, listed := errors.New("location 77 is gone"), 0
	s.lister.Counts = func(time.Time, string) (stock.Page, error) { return stock.Page{}, down }
	s.lister.Movements = func(time.Time, string) (stock.Page, error) { listed++; return stock.Page{}, nil }
	run, _, err := s.Sweep(t.Context(), sweep.Recent, nil)
	require.ErrorIs(t, err, down)
	require.Contains(t, run.Error, "listing counts")
	require.Equal(t, 1, listed)
}

// The window moves only with the last page: what a killed sweep has not seen is listed again.
func TestMarkMovesWithTheLastPage(t *testing.T) {
	t.Parallel()
	s := newStage(t, 2)
	down := errors.New("down")
	var asked []string
	fails := true
	s.lister.Counts = func(since time.Time, cursor string) (stock.Page, error) {
		asked = append(asked, since.Format(time.TimeOnly)+cursor)
		switch {
		case cursor == "":
			return stock.Page{Readings: []stock.Reading{reading(webRef(0), 7, at(-100))}, Next: "p2"}, nil
		case fails:
			return stock.Page{}, down
		}
		return stock.Page{Readings: []stock.Reading{reading(webRef(1), 6, at(-100))}}, nil
	}
	run, _, err := s.Sweep(t.Context(), sweep.Recent, nil)
	require.ErrorIs(t, err, down)
	require.Contains(t, run.Error, "listing counts")
	require.Equal(t, run, s.store.runs[0], "a run that failed is kept too")
	require.Equal(t, stock.Units(7), s.store.Level(shelf(0)), "what it has seen counts")
	fails, s.now = false, at(60)
	var progress []int
	_, _, err = s.Sweep(t.Context(), sweep.Recent, func(read int) { progress = append(progress, read) })
	require.NoError(t, err)
	require.Equal(t, []string{"09:00:00", "09:00:00p2", "09:00:00p2"}, asked, "it goes on with the list of the first sweep")
	require.Equal(t, stock.Units(6), s.store.Level(shelf(1)))
	require.Equal(t, []int{1, 1}, progress)
	require.Contains(t, s.woken, stock.Channel("till"))
	s.now = at(120)
	s.sweep(sweep.Recent)
	require.Equal(t, "08:58:00", asked[3], "the next window begins where the first sweep began")
}

func TestSweepStopsWithItsContext(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := s.Sweep(ctx, sweep.Full, nil)
	require.ErrorIs(t, err, context.Canceled)
	require.Len(t, s.store.runs, 1, "it is kept all the same")
}

func TestFullReadsEveryLinkedRef(t *testing.T) {
	t.Parallel()
	s := newStage(t, 5)
	s.apply(ledger.UnlinkRef{Ref: webRef(2)}, ledger.UnlinkRef{Ref: webRef(3)})
	run, findings := s.sweep(sweep.Full)
	require.Equal(t, []stock.Ref{webRef(0), webRef(1), webRef(4)}, s.lister.read)
	require.Equal(t, 3, run.Read)
	require.Empty(t, findings)
	entries := len(s.store.Entries())
	s.sweep(sweep.Full)
	require.Len(t, s.store.Entries(), entries, "where all is even, nothing is written")
}

// A killed full sweep goes on behind the last ref it applied.
func TestFullResumes(t *testing.T) {
	t.Parallel()
	s := newStage(t, 5)
	down, whole := errors.New("down"), s.lister.Read
	half := func(refs []stock.Ref) (stock.Page, error) {
		if refs[0] == webRef(2) {
			return stock.Page{}, down
		}
		return whole(refs)
	}
	s.lister.Read = half
	_, _, err := s.Sweep(t.Context(), sweep.Full, nil)
	require.ErrorIs(t, err, down)
	s.lister.Read, s.lister.read = whole, nil
	s.sweep(sweep.Full)
	require.Equal(t, []stock.Ref{webRef(2), webRef(3), webRef(4)}, s.lister.read)
	s.lister.read = nil
	s.sweep(sweep.Full)
	require.Len(t, s.lister.read, 5, "the next one begins anew")

	for name, forget := range map[string]func(){
		"after more than an hour": func() { s.now = s.now.Add(time.Hour + time.Second) },
		"when it is forgotten": func() {
			_, err := s.store.Apply(t.Context(), nil, ledger.Batch{At: s.now, Marks: map[string]string{sweep.FullMark("web"): ""}})
			require.NoError(t, err)
		},
	} {
		s.lister.Read = half
		_, _, err := s.Sweep(t.Context(), sweep.Full, nil)
		require.ErrorIs(t, err, down)
		forget()
		s.lister.Read, s.lister.read = whole, nil
		s.sweep(sweep.Full)
		require.Len(t, s.lister.read, 5, "anew "+name)
	}
}

func TestFullListsLateMovements(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	s.lister.Movements = func(since time.Time, cursor string) (stock.Page, error) {
		require.Equal(t, at(0).Add(-48*time.Hour), since)
		order := stock.Order{Channel: "web", ID: "90" + cursor, CreatedAt: at(-30), UpdatedAt: at(-30), Lines: []stock.OrderLine{
			{ID: "1", SoldAs: "variant-I00", Location: "77", Taken: stock.Units(1)}}}
		page := stock.Page{Orders: []stock.Order{order}}
		if cursor == "" {
			page.Next = "1"
		}
		return page, nil
	}
	s.sweep(sweep.Full)
	require.Equal(t, stock.Units(-2), s.store.Ref(webRef(0)).Unexplained)
}

func TestListsThatDoNotEnd(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(l *lister){
		"counts": func(l *lister) {
			l.Counts = func(time.Time, string) (stock.Page, error) { return stock.Page{Next: "again"}, nil }
		},
		"movements": func(l *lister) {
			l.Movements = func(time.Time, string) (stock.Page, error) { return stock.Page{Next: "again"}, nil }
		},
		"catalog": func(l *lister) {
			l.Items = func(string) ([]stock.CatalogItem, string, error) { return nil, "again", nil }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, 0)
			set(s.lister)
			kind := sweep.Recent
			if name == "catalog" {
				kind = sweep.Full
			}
			_, _, err := s.Sweep(t.Context(), kind, nil)
			require.ErrorContains(t, err, "does not end")
		})
	}
}

func TestUnknownKind(t *testing.T) {
	t.Parallel()
	_, _, err := newStage(t, 0).Sweep(t.Context(), "deep", nil)
	require.ErrorContains(t, err, "deep")
}
