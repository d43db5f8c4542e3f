package app

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/health"
	"github.com/evenstock/evenstock/sync/reconcile"
	"github.com/evenstock/evenstock/sync/stream"
)

// App is everything that people and programs can ask of one merchant, and everything they can do. The zero Options are an
// App that knows nothing: whoever opens one hands in the parts that the operation declares.
type App struct {
	Options
	jobs   jobs
	recent recentPlan
}

// Options are the parts of a merchant.
type Options struct {
	// Ledger is the merchant's; nil when there is none yet.
	Ledger ledger.Store
	// Step decides about what people do; nil where only queries are asked.
	Step ledger.Step
	// Channels are those of the configuration, in its order.
	Channels []Channel
	Stream   Stream
	// Topics are those of the stream.
	Topics stream.Topics
	// Limits are how much of a channel may change at once without a person's word.
	Limits reconcile.Limits
	// SweepChannel sweeps one channel now; nil where nothing runs.
	SweepChannel func(ctx context.Context, channel stock.Channel, kind string, progress func(read int)) (ledger.Run, []ledger.Finding, error)
	// Workers says how the workers are doing, and NotReady why the merchant should not be trusted with webhooks. Both are nil
	// where nothing runs.
	Workers  func() []Worker
	NotReady func(ctx context.Context) []string
	// StandsBy says that another process works on the ledger: it is looked at here, and changed there.
	StandsBy bool
	// Settings are the configuration that runs; nil where nothing does.
	Settings health.Settings
	// Deliveries says what became of the webhooks; nil where none are taken in.
	Deliveries func() []Deliveries
	// Wake tells channels that they have something to do.
	Wake func(channels ...stock.Channel)
	Now  func() time.Time
	// NewID returns a fresh id for a job; nil: a random one.
	NewID  func() string
	Logger *slog.Logger
}

// New returns an App.
func New(opts Options) *App {
	if opts.Wake == nil {
		opts.Wake = func(...stock.Channel) {}
	}
	if opts.NewID == nil {
		opts.NewID = uuid.NewString
	}
	if opts.StandsBy {
		opts.Ledger, opts.SweepChannel = standby{opts.Ledger}, nil
	}
	return &App{Options: opts, jobs: jobs{started: make(chan func(context.Context), jobKinds)}}
}

// Stream is the stream of events as people look at it, and the way back onto it.
type Stream interface {
	stream.Lister
	Publish(ctx context.Context, events []stock.Event) error
	// MarkRetried notes that a dead letter's event was put on the stream again.
	MarkRetried(ctx context.Context, id string) error
}

// Worker is how the worker of a channel is doing.
type Worker struct {
	Channel stock.Channel `json:"channel"`
	// Error is why it fails, empty when it does not; Since is when that began.
	Error string    `json:"error,omitempty"`
	Since time.Time `json:"since"`
}

// Platform is a channel's platform as queries and actions read it.
type Platform interface {
	MaxReads() int
	PlatformNow() time.Time
	ReadRefs(ctx context.Context, refs []stock.Ref, since time.Time) (stock.Page, error)
	ListMovements(ctx context.Context, since time.Time, cursor string) (stock.Page, error)
	// CheckItem says why a text cannot be the id of an item; nil: it can.
	CheckItem(item string) error
	Catalog(ctx context.Context, cursor string) (items []stock.CatalogItem, next string, err error)
	Locations(ctx context.Context) ([]stock.ChannelLocation, error)
}

// Channel is a configured channel.
type Channel struct {
	Name   stock.Channel
	Traits stock.Traits
	// Locations maps the channel's location ids to ours.
	Locations map[string]stock.Location
	// SoldOutEverywhere: while the channel marks an item as sold out, the others show none of it.
	SoldOutEverywhere bool
	// Platform is nil where no platform is asked: opening one takes its secrets.
	Platform Platform
}

// refs names the shelves of one of the channel's items, one per location.
func (c Channel) refs(item string) []stock.Ref {
	var refs []stock.Ref
	for _, location := range slices.Sorted(maps.Keys(c.Locations)) {
		refs = append(refs, stock.Ref{Channel: c.Name, Item: item, Location: location})
	}
	return refs
}

// channel returns a configured channel by name.
func (a *App) channel(name stock.Channel) (Channel, error) {
	for _, c := range a.Channels {
		if c.Name == name {
			return c, nil
		}
	}
	unknown := &Error{Kind: NotFound, What: "no channel is called " + quote(string(name))}
	unknown.Remedy, unknown.Meant = MeantOr(string(name), a.channelNames(), RemedyNameChannel)
	return Channel{}, unknown
}

func (a *App) channelNames() []string {
	names := make([]string, len(a.Channels))
	for i, c := range a.Channels {
		names[i] = string(c.Name)
	}
	return names
}

// traits are those of a channel; of one that is no longer configured, what compares to the last decimal.
func (a *App) traits(name stock.Channel) stock.Traits {
	for _, c := range a.Channels {
		if c.Name == name {
			return c.Traits
		}
	}
	return stock.Traits{}
}

// meanwhileTries is how often an act is checked anew that meets something else than it was checked against.
const meanwhileTries = 5

// checked has an act check what it does and do it, anew while the ledger moves on between the two.
func checked[T any](act func() (T, error)) (result T, err error) {
	for range meanwhileTries {
		if result, err = act(); !errors.Is(err, reconcile.ErrMeanwhile) {
			return result, err
		}
	}
	return result, &Error{Kind: Busy, What: "its counters change all the time, and nothing was done", Remedy: RemedyAgain}
}

// apply decides about inputs, stores the outcome and wakes the channels that have something to do. What the rules refuse does not
// fit the state as it is now.
func (a *App) apply(ctx context.Context, inputs ...ledger.Input) ([]ledger.Disposition, error) {
	receipt, err := a.Ledger.Apply(ctx, a.Step, ledger.Batch{At: a.Now(), Inputs: inputs})
	if err != nil {
		return nil, unfit(err)
	}
	a.Wake(receipt.Wanted...)
	return receipt.Dispositions, nil
}

// errDryRun gives up the transaction of a dry run.
var errDryRun = errors.New("dry run")

// act applies inputs. A dry run decides about them in the same way and then gives the transaction up.
func (a *App) act(ctx context.Context, dryRun bool, inputs ...ledger.Input) ([]ledger.Disposition, error) {
	if !dryRun {
		return a.apply(ctx, inputs...)
	}
	changes, err := a.tryOut(ctx, inputs...)
	return changes.Dispositions, err
}

// tryOut decides about inputs and gives the transaction up: it returns what would be written.
func (a *App) tryOut(ctx context.Context, inputs ...ledger.Input) (decided ledger.Changes, err error) {
	decide := func(snapshot *ledger.Snapshot, at time.Time, inputs []ledger.Input) (ledger.Changes, error) {
		changes, err := a.Step(snapshot, at, inputs)
		if err != nil {
			return changes, err
		}
		decided = changes
		return changes, errDryRun
	}
	_, err = a.Ledger.Apply(ctx, decide, ledger.Batch{At: a.Now(), Inputs: inputs})
	if errors.Is(err, errDryRun) {
		err = nil
	}
	return decided, unfit(err)
}

// unfit is what the rules say of an input that does not fit, as a conflict.
func unfit(err error) error {
	var input *ledger.InputError
	if !errors.As(err, &input) || errors.Is(err, reconcile.ErrMeanwhile) { // who checked it checks it again
		return err
	}
	return &Error{Kind: Conflict, What: input.Err.Error()}
}
