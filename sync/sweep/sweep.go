package sweep

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// A recent sweep lists what changed since the sweep before it began, and a little more: platforms find a change by its update
	// time only a while later (Shopify orders: minutes, unverified; Square recommends 2 to 5 minutes).
	countsOverlap    = 2 * time.Minute
	movementsOverlap = 10 * time.Minute
	// firstWindow is how far back the first recent sweep looks: Square gives webhooks up after 24 hours.
	firstWindow = 24 * time.Hour
	// fullWindow is how far back a full sweep lists movements.
	fullWindow = 48 * time.Hour
	// pagesMax bounds one list, in pages of up to 1,000 rows.
	pagesMax = 10_000
	// resumeMax is how long after its beginning a reading of every ref that was killed is continued. Later it begins anew, for what it
	// read first may have changed since.
	resumeMax = time.Hour
	// webhookGrace is how old a difference must be before a sweep says that its webhook was missed.
	webhookGrace = 15 * time.Second
)

// Lister is one channel as a sweep reads it.
type Lister interface {
	MaxReads() int
	PlatformNow() time.Time
	// ListCounts and ListMovements list what changed since then, page by page; the zero time lists everything.
	ListCounts(ctx context.Context, since time.Time, cursor string) (stock.Page, error)
	ListMovements(ctx context.Context, since time.Time, cursor string) (stock.Page, error)
	ReadRefs(ctx context.Context, refs []stock.Ref, since time.Time) (stock.Page, error)
	Catalog(ctx context.Context, cursor string) (items []stock.CatalogItem, next string, err error)
}

// Ledger is the part of the ledger a sweep needs.
type Ledger interface {
	ledger.Applier
	ledger.Positions
	Refs(ctx context.Context, filter ledger.RefFilter) ([]ledger.DueRef, error)
	BaselineProgress(ctx context.Context) (ledger.BaselineProgress, error)
	Labeler
	// Unexplained lists a channel's suspense accounts that are not zero since before a time, oldest first.
	Unexplained(ctx context.Context, channel stock.Channel, before time.Time, limit int) ([]ledger.Suspense, error)
	SaveRun(ctx context.Context, run ledger.Run) error
	SaveFindings(ctx context.Context, findings []ledger.Finding) error
}

// Options configure a Sweeper.
type Options struct {
	Channel stock.Channel
	Lister  Lister
	Ledger  Ledger
	Step    ledger.Step // decides about what was read
	Wake    func(channels ...stock.Channel)
	// Changed is told of each change that a sweep was the first to see, when it saw it; nil: nobody is.
	Changed func(at time.Time)
	// Heard is told how the platform answered; nil: nobody is.
	Heard  func(err error)
	Now    func() time.Time
	NewID  func() string
	Logger *slog.Logger
}

// Sweeper sweeps one channel.
type Sweeper struct {
	Options
	// whole is locked by the full sweep that runs: two would overwrite each other's position.
	whole sync.Mutex
	// yielding is since when scheduled recent sweeps give their turns up; zero: they do not.
	yielding time.Time
}

// New returns a sweeper.
func New(opts Options) *Sweeper { return &Sweeper{Options: opts} }

// Kinds of runs.
const (
	Recent = "recent"
	Full   = "full"
)

// Sweep runs one sweep of the given kind and returns what it found. progress is told how many refs were read so far.
func (s *Sweeper) Sweep(ctx context.Context, kind string, progress func(read int)) (ledger.Run, []ledger.Finding, error) {
	return s.sweep(ctx, kind, time.Time{}, progress)
}

// sweep is Sweep, which does not go on with a full sweep that began before a time.
func (s *Sweeper) sweep(ctx context.Context, kind string, after time.Time, progress func(read int)) (ledger.Run, []ledger.Finding, error) {
	run := &run{Sweeper: s, progress: progress, after: after, found: map[string]int{}, writers: map[writer]writings{},
		Run: ledger.Run{ID: s.NewID(), Kind: kind, Channel: s.Channel, StartedAt: s.Now().UTC()}}
	if run.progress == nil {
		run.progress = func(int) {}
	}
	err := run.sweep(ctx)
	if s.Heard != nil {
		s.Heard(err)
	}
	run.otherApps()
	run.more()
	run.EndedAt = s.Now().UTC()
	if err != nil {
		run.Error = err.Error()
	}
	keep := context.WithoutCancel(ctx)
	err = errors.Join(err, s.Ledger.SaveFindings(keep, run.findings), s.Ledger.SaveRun(keep, run.Run))
	return run.Run, run.findings, err
}

// run is one sweep on its way.
type run struct {
	*Sweeper
	ledger.Run
	progress func(read int)
	// after: a killed full sweep that began before is not gone on with.
	after    time.Time
	findings []ledger.Finding
	// found counts findings by class, including those beyond findingsMax that were not kept.
	found   map[string]int
	writers map[writer]writings
}

func (r *run) sweep(ctx context.Context) error {
	switch r.Kind {
	case Recent:
		return r.recent(ctx)
	case Full:
		return r.full(ctx)
	}
	return fmt.Errorf("sweeping %s: no kind of sweep is called %q: use %s or %s", r.Channel, r.Kind, Recent, Full)
}

func (r *run) recent(ctx context.Context) error {
	counts, err := r.since(ctx, "counts", countsOverlap)
	if err != nil {
		return err
	}
	movements, err := r.since(ctx, "movements", movementsOverlap)
	if err != nil {
		return err
	}
	countsErr := r.list(ctx, "counts", func(cursor string) (stock.Page, error) { return r.Lister.ListCounts(ctx, counts, cursor) })
	var long interface{ TooMany() bool }
	if errors.As(countsErr, &long) && long.TooMany() {
		countsErr = r.everything(ctx, "counts")
	}
	if countsErr != nil {
		countsErr = fmt.Errorf("listing counts: %w", countsErr)
	}
	// A channel that cannot list its counts may still say why they changed.
	movementsErr := r.list(ctx, "movements", func(cursor string) (stock.Page, error) { return r.Lister.ListMovements(ctx, movements, cursor) })
	if movementsErr != nil {
		movementsErr = fmt.Errorf("listing movements: %w", movementsErr)
	}
	return errors.Join(countsErr, movementsErr, r.changes(ctx))
}

// everything reads every linked ref, in place of a list of what changed that is too long for the platform to page through, as after
// a catalog was imported. Giving up would make it worse: the next list would reach back as far and be longer still.
func (r *run) everything(ctx context.Context, list string) error {
	start := r.clock()
	if err := r.readLinked(ctx, r.markName(list+"/after")); err != nil {
		return err
	}
	_, err := r.Ledger.Apply(ctx, nil, ledger.Batch{At: r.Now(), Marks: r.listed(list, start)})
	return err
}

// clock is the platform's clock where it is known, else ours.
func (r *run) clock() time.Time {
	if now := r.Lister.PlatformNow(); !now.IsZero() {
		return now
	}
	return r.Now()
}

func (r *run) markName(list string) string { return "sweep/recent/" + string(r.Channel) + "/" + list }

// since returns from when on a recent sweep must list.
func (r *run) since(ctx context.Context, list string, overlap time.Duration) (time.Time, error) {
	mark, err := r.Ledger.Mark(ctx, r.markName(list))
	if err != nil {
		return time.Time{}, fmt.Errorf("reading where the last sweep began: %w", err)
	}
	if mark == "" {
		return r.clock().Add(-firstWindow), nil
	}
	began, err := time.Parse(time.RFC3339Nano, mark)
	if err != nil {
		return time.Time{}, fmt.Errorf("reading where the last sweep began: %w", err)
	}
	return began.Add(-overlap), nil
}

// listed is the mark that makes the next list begin at start, less its overlap.
func (r *run) listed(list string, start time.Time) map[string]string {
	return map[string]string{r.markName(list): start.UTC().Format(time.RFC3339Nano)}
}

// list applies a list page by page. With the last page it marks where the next sweep's list begins: at the platform's time when it
// answered with the first page. Before that answer our own clock may be all there is, and it may be wrong.
func (r *run) list(ctx context.Context, list string, read func(cursor string) (stock.Page, error)) error {
	cursor, start := "", r.clock()
	for range pagesMax {
		asked := r.Now()
		page, err := read(cursor)
		if err != nil {
			return err
		}
		page.AskedAt = asked
		if cursor == "" && !page.ReadAt.IsZero() {
			start = page.ReadAt
		}
		var marks map[string]string
		if page.Next == "" {
			marks = r.listed(list, start)
		}
		if err := r.apply(ctx, page, marks); err != nil {
			return err
		}
		if page.Next == "" {
			return nil
		}
		cursor = page.Next
	}
	return fmt.Errorf("the list does not end after %d pages", pagesMax)
}

// apply hands a page to the ledger as delivered facts and turns what they did into findings.
func (r *run) apply(ctx context.Context, page stock.Page, marks map[string]string) error {
	events := r.events(page)
	batch := ledger.Batch{At: r.Now(), Marks: marks}
	for _, event := range events {
		batch.Inputs = append(batch.Inputs, ledger.Delivered{Event: event, AskedAt: page.AskedAt})
	}
	for {
		if len(batch.Inputs) == 0 && marks == nil {
			return nil
		}
		receipt, err := r.Ledger.Apply(ctx, r.Step, batch)
		var refused *ledger.InputError
		if errors.As(err, &refused) && refused.Index >= 0 && refused.Index < len(batch.Inputs) {
			r.refused(events[refused.Index], refused.Err)
			batch.Inputs = append(batch.Inputs[:refused.Index:refused.Index], batch.Inputs[refused.Index+1:]...)
			events = append(events[:refused.Index:refused.Index], events[refused.Index+1:]...)
			continue
		}
		if err != nil {
			return fmt.Errorf("applying a page of %d facts: %w", len(events), err)
		}
		r.Wake(receipt.Wanted...)
		r.compare(events, receipt)
		r.Read += len(page.Readings)
		r.progress(r.Read)
		return nil
	}
}

func (r *run) events(page stock.Page) []stock.Event {
	events := make([]stock.Event, 0, len(page.Readings)+len(page.Movements)+len(page.Recounts)+len(page.Orders))
	add := func(event stock.Event) {
		event.Channel, event.Topic, event.ObservedAt = r.Channel, r.Kind+" sweep", r.Now()
		event.ID = "sweep/" + r.ID
		events = append(events, event)
	}
	for i := range page.Readings {
		add(stock.Event{Reading: &page.Readings[i]})
	}
	for i := range page.Recounts {
		add(stock.Event{Recount: &page.Recounts[i]})
	}
	for i := range page.Movements {
		add(stock.Event{Movement: &page.Movements[i]})
	}
	for i := range page.Orders {
		add(stock.Event{Order: &page.Orders[i]})
	}
	return events
}
