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
	ledger.Baselines
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
	// Told knows the orders that need not be read; nil: sweeps read all that they list.
	Told *Told
	Wake func(channels ...stock.Channel)
	// Changed is told of each change that a sweep was the first to see, when it saw it; nil: nobody is.
	Changed func(at time.Time)
	// Heard is told how the platform answered; nil: nobody is.
	Heard func(err error)
	// Delivered is when a delivery of the channel came last, zero: none did; nil: none can come.
	Delivered func() time.Time
	Now       func() time.Time
	NewID     func() string
	Logger    *slog.Logger
}

// Sweeper sweeps one channel.
type Sweeper struct {
	Options
	// whole is locked by the full sweep that runs, lately by the recent one: two would overwrite each other's position.
	whole, lately sync.Mutex
	// glanced belongs to the one who makes glances.
	glanced glanced
	// yielding is since when recent sweeps give their turns up; zero: they do not. yield guards it.
	yield    sync.Mutex
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
	run := s.newRun(kind)
	run.after = after
	if progress != nil {
		run.progress = progress
	}
	return run.do(ctx, run.sweep)
}

// glance is a part of a recent sweep, as far as it shows at once. One that saw nothing is not kept as a run.
func (s *Sweeper) glance(ctx context.Context, look func(*run, context.Context) error) (*run, error) {
	r := s.newRun(Recent)
	r.glances = true
	_, _, err := r.do(ctx, func(ctx context.Context) error { return look(r, ctx) })
	return r, err
}

func (s *Sweeper) newRun(kind string) *run {
	return &run{Sweeper: s, progress: func(int) {}, found: map[string]int{}, writers: map[writer]writings{},
		Run: ledger.Run{ID: s.NewID(), Kind: kind, Channel: s.Channel, StartedAt: s.Now().UTC()}}
}

// do sweeps and keeps what came of it.
func (r *run) do(ctx context.Context, sweep func(context.Context) error) (ledger.Run, []ledger.Finding, error) {
	err := sweep(ctx)
	if r.Heard != nil {
		r.Heard(err)
	}
	r.otherApps()
	r.more()
	r.EndedAt = r.Now().UTC()
	if err != nil {
		r.Error = err.Error()
	}
	if r.glances && err == nil && r.Repaired == 0 && len(r.findings) == 0 {
		return r.Run, nil, nil
	}
	keep := context.WithoutCancel(ctx)
	err = errors.Join(err, r.Ledger.SaveFindings(keep, r.findings), r.Ledger.SaveRun(keep, r.Run))
	return r.Run, r.findings, err
}

// run is one sweep on its way.
type run struct {
	*Sweeper
	ledger.Run
	progress func(read int)
	// glances: it is a glance. stirred: a reading was news, or so odd that the counter is read again.
	glances, stirred bool
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
	r.lately.Lock()
	defer r.lately.Unlock()
	countsErr := r.counts(ctx)
	// A channel that cannot list its counts may still say why they changed.
	movementsErr := r.list(ctx, movementsList, r.movements)
	if movementsErr != nil {
		movementsErr = fmt.Errorf("listing movements: %w", movementsErr)
	}
	return errors.Join(countsErr, movementsErr, r.changes(ctx))
}

// counts lists the counters that changed.
func (r *run) counts(ctx context.Context) error {
	err := r.list(ctx, countsList, r.Lister.ListCounts)
	if tooMany(err) {
		err = r.everything(ctx, countsList)
	}
	if err != nil {
		return fmt.Errorf("listing counts: %w", err)
	}
	return nil
}

// everything reads every linked ref, in place of a list of what changed that is too long for the platform to page through, as after
// a catalog was imported. Giving up would make it worse: the next list would reach back as far and be longer still.
func (r *run) everything(ctx context.Context, list listing) error {
	start, mark := r.clock(), r.markName(list.name+"/after")
	at, err := r.resume(ctx, mark)
	if err != nil {
		return err
	}
	if err := r.readLinked(ctx, mark, at); err != nil {
		return err
	}
	marks := r.listed(list, start)
	marks[mark] = ""
	_, err = r.Ledger.Apply(ctx, nil, ledger.Batch{At: r.Now(), Marks: marks})
	return err
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
		r.stirred = r.stirred || len(page.Readings) > 0 && len(receipt.Wanted) > 0
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
