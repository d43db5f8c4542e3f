package apptest

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// The shelf that stories are told of, and how the two channels name it.
var (
	TillTee = stock.Ref{Channel: "till", Item: "V1", Location: "L1"}
	WebTee  = stock.Ref{Channel: "web", Item: "45", Location: "77"}
	Tee     = stock.Shelf{Item: "item-tee", Location: "main"}
)

// Book is a merchant. It is safe for concurrent use as far as the app uses it.
type Book struct {
	*testing.T
	Store     ledger.Store
	Step      ledger.Step
	Till, Web *Platform
	Stream    *Stream
	// Hold is what a sweep waits for; nil: nothing.
	Hold chan struct{}

	mu         sync.Mutex
	at         time.Time
	calls, ids int
	// sweeps counts them by channel.
	sweeps map[stock.Channel]int
}

// New returns a merchant with an empty ledger.
func New(t *testing.T, store ledger.Store) *Book {
	t.Helper()
	b := &Book{T: t, Store: store, at: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), sweeps: map[stock.Channel]int{}}
	b.Till, b.Web, b.Stream = newPlatform(b), newPlatform(b), newStream(b.Now)
	b.Till.Items = []stock.CatalogItem{{Item: "V1", SoldAs: "V1", SKU: "TEE-M", Name: "A tee, size M", Tracked: true}}
	b.Web.Items = []stock.CatalogItem{{Item: "45", SoldAs: "43", SKU: "TEE-M", Name: "A tee, size M", Tracked: true}, {Item: "46", SoldAs: "44", Name: "A tee without a SKU", Tracked: true}}
	channels := map[stock.Channel]reconcile.Channel{}
	for _, c := range b.channels() {
		channels[c.Name] = reconcile.Channel{Traits: c.Traits, Locations: c.Locations}
	}
	engine, err := reconcile.New(reconcile.Options{Channels: channels})
	require.NoError(t, err)
	b.Step = engine.Step
	return b
}

func (b *Book) channels() []app.Channel {
	return []app.Channel{
		{Name: "till", Traits: stock.Traits{Platform: "square", History: true, Step: 1}, Locations: map[string]stock.Location{"L1": "main"}, Platform: b.Till},
		{Name: "web", Traits: stock.Traits{Platform: "shopify", Step: stock.Unit, ForgetsKeysAfterHours: 20}, Locations: map[string]stock.Location{"77": "main"}, Platform: b.Web},
	}
}

// Options are those of an app that works for the merchant. A sweep reads nothing and finds one thing.
func (b *Book) Options() app.Options {
	return app.Options{
		Ledger: b.Store, Step: b.Step, Channels: b.channels(), Stream: b.Stream, Topics: b.Stream.Topics(), SweepChannel: b.sweep,
		Workers:  func() []app.Worker { return []app.Worker{{Channel: "till", Since: b.Now()}} },
		NotReady: func(context.Context) []string { return nil },
		Now:      b.Now, NewID: b.newID, Logger: slog.New(slog.DiscardHandler),
	}
}

func (b *Book) sweep(ctx context.Context, channel stock.Channel, kind string, progress func(read int)) (ledger.Run, []ledger.Finding, error) {
	run := ledger.Run{ID: b.runID(channel), Kind: kind, Channel: channel, StartedAt: b.Now(), EndedAt: b.Now(), Read: 1}
	progress(1)
	if b.Hold != nil {
		select {
		case <-b.Hold:
		case <-ctx.Done():
			return run, nil, ctx.Err()
		}
	}
	found := ledger.Finding{ID: run.ID + "/1", Run: run.ID, At: b.Now(), Class: "missed delivery", Channel: channel, Ref: TillTee, Shelf: Tee, Action: "taken into the ledger"}
	return run, []ledger.Finding{found}, nil
}

// runID counts the sweeps of each channel, for they run beside each other.
func (b *Book) runID(channel stock.Channel) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sweeps[channel]++
	index := slices.IndexFunc(b.channels(), func(c app.Channel) bool { return c.Name == channel })
	return fmt.Sprintf("00000000-0000-4000-%04d-%012d", 9000+index, b.sweeps[channel])
}

// newID counts in the form of a UUID.
func (b *Book) newID() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ids++
	return fmt.Sprintf("00000000-0000-4000-8000-%012d", b.ids)
}

// Now is the merchant's clock.
func (b *Book) Now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.at
}

// Pass moves the clock and returns what it shows then.
func (b *Book) Pass(d time.Duration) time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.at = b.at.Add(d)
	return b.at
}

// Apply decides about inputs.
func (b *Book) Apply(inputs ...ledger.Input) {
	b.Helper()
	_, err := b.Store.Apply(b.Context(), b.Step, ledger.Batch{At: b.Now(), Inputs: inputs})
	require.NoError(b, err)
}

// Written says how far everything is that is written to: what a dry run leaves as it is.
func (b *Book) Written() string {
	b.Helper()
	receipt, err := b.Store.Apply(b.Context(), nil, ledger.Batch{At: b.Now()})
	require.NoError(b, err)
	sum, err := b.Store.Summary(b.Context())
	require.NoError(b, err)
	text := fmt.Sprintf("entry %d, %d items, %d records", receipt.LastSeq, sum.Items, b.Stream.size())
	for _, kind := range []app.JobKind{app.JobBaseline, app.JobSweep} {
		mark, err := b.Store.Mark(b.Context(), "job/"+string(kind))
		require.NoError(b, err)
		text += fmt.Sprintf(", %s %q", kind, mark)
	}
	return text
}
