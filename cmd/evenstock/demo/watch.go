package demo

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/judge"
	"github.com/evenstock/evenstock/adapters/sandbox/life"
	"github.com/evenstock/evenstock/adapters/sandbox/shop"
)

const (
	// rateWindow is over how long rates are taken.
	rateWindow = 10 * time.Second
	// storyMax is how many of the latest beats of the story are shown.
	storyMax = 4
)

// frame is the demo at one moment.
type frame struct {
	phase   string
	elapsed time.Duration
	rows    []frameRow
	// happened counts what happened in the shops; the rates are per second.
	happened                        int64
	lifeRate, webhookRate, pushRate float64
	figures                         figures
	saleToPush                      judge.Percentiles
	repairs                         int
	brakes                          []string
	story                           []string
	uneven                          int
}

// frameRow is one item: what each side shows, and since when they agree or do not.
type frameRow struct {
	sku, till, ledger, web string
	even                   bool
	since                  time.Duration
}

// figures are counts since the demo's beginning.
type figures struct {
	webhooks, lost, reads int64
	// pushes are writes of ours that a shop took, absorbed those of them that a recount absorbed.
	pushes, absorbed int64
}

// figures reads the shops' counters. What was pushed stands in their truth logs: see push.
func (s *Shops) figures() figures {
	f := figures{
		webhooks: s.Square.Courier().Delivered() + s.Shopify.Courier().Delivered(),
		lost:     s.Square.Courier().Dropped() + s.Shopify.Courier().Dropped(),
	}
	for operation, n := range s.Square.Requests() {
		if !strings.Contains(operation, "/changes/batch-create") {
			f.reads += n
		}
	}
	for field, n := range s.Shopify.Requests() {
		if field != "inventoryAdjustQuantities" && field != "inventorySetQuantities" {
			f.reads += n
		}
	}
	return f
}

// push counts the pushes among effects.
func (f *figures) push(effects []shop.Effect) {
	for _, e := range effects {
		if e.By != shop.ByApp {
			continue
		}
		if f.pushes++; e.Delta == 0 {
			f.absorbed++
		}
	}
}

// watch looks at the demo from outside, for the screen.
type watch struct {
	d     *run
	began time.Time

	mu    sync.Mutex // guards story, which others write
	story []string

	// Only the screen's goroutine uses these.
	since   map[string]frameRow // by SKU: the row since it became even or uneven
	changed map[string]time.Time
	history []tick
	done    *done
}

// tick is what had happened by a time.
type tick struct {
	at       time.Time
	happened int64
	figures  figures
}

func newWatch(d *run) *watch {
	return &watch{d: d, began: time.Now(), since: map[string]frameRow{}, changed: map[string]time.Time{}}
}

// told tells the story's beats.
func (w *watch) told(h life.Happening) {
	if h.Story {
		w.tell(h.At, h.Text)
	}
}

// tell keeps the story's latest beats.
func (w *watch) tell(at time.Time, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.story = append(w.story, at.Format("15:04:05 ")+oneLine(text))
	w.story = w.story[max(0, len(w.story)-storyMax):]
}

// look takes a frame. The ledger may still be closed: its columns are empty then.
func (w *watch) look(ctx context.Context) (frame, error) {
	now := time.Now()
	f := frame{phase: *w.d.phase.Load(), elapsed: now.Sub(w.began), happened: w.d.life.Status().Total}
	items := w.d.shops.Items(w.d.opening)
	if w.done == nil {
		w.done = newDone(items, w.d.opening)
	}
	w.done.take(w.d.shops, now)
	under, opened := w.d.running.Load(), false
	if under != nil {
		// Before the links there is nothing to read: a counter that is not there is no failure here.
		counters, err := (*under).Stock(ctx)
		opened = err == nil && Fill(items, counters) == nil
	}
	for _, item := range items {
		f.rows = append(f.rows, w.row(item, opened, now))
		if !f.rows[len(f.rows)-1].even {
			f.uneven++
		}
	}
	f.figures, f.saleToPush = w.d.shops.figures(), judge.PercentilesOf(w.done.took)
	f.figures.pushes, f.figures.absorbed = w.done.figures.pushes, w.done.figures.absorbed
	w.rates(&f, now)
	w.mu.Lock()
	f.story = append(f.story, w.story...)
	w.mu.Unlock()
	if under == nil {
		return f, nil
	}
	status, err := (*under).Status(ctx)
	f.repairs = status.Repairs
	for _, brake := range status.Brakes {
		if !brake.Observing {
			f.brakes = append(f.brakes, brake.Kind)
		}
	}
	return f, err
}

// row compares the three sides of an item.
func (w *watch) row(item judge.Item, opened bool, now time.Time) frameRow {
	row := frameRow{sku: item.SKU, till: item.Refs[0].Counter.String(), ledger: "-", web: item.Refs[1].Counter.String()}
	if opened && item.Opened {
		row.ledger = item.Level.String()
	}
	row.even = opened && item.Opened && !slices.ContainsFunc(item.Refs, func(ref judge.Ref) bool { return ref.Counter != ref.Target })
	if before, seen := w.since[item.SKU]; !seen || before.even != row.even {
		w.changed[item.SKU] = now
	}
	w.since[item.SKU] = row
	row.since = now.Sub(w.changed[item.SKU])
	return row
}

// rates compares with what had happened rateWindow ago.
func (w *watch) rates(f *frame, now time.Time) {
	w.history = append(w.history, tick{now, f.happened, f.figures})
	for len(w.history) > 1 && now.Sub(w.history[0].at) > rateWindow {
		w.history = w.history[1:]
	}
	first := w.history[0]
	seconds := now.Sub(first.at).Seconds()
	if seconds <= 0 {
		return
	}
	f.lifeRate = float64(f.happened-first.happened) / seconds
	f.webhookRate = float64(f.figures.webhooks-first.figures.webhooks) / seconds
	f.pushRate = float64(f.figures.pushes-first.figures.pushes) / seconds
}
