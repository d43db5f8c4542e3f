package merchant_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/ledgertest"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/converge"
	"github.com/evenstock/evenstock/sync/merchant"
	"github.com/evenstock/evenstock/sync/reconcile"
	"github.com/evenstock/evenstock/sync/stream"
	"github.com/evenstock/evenstock/sync/sweep"
)

const (
	items   = 3
	opening = 10_000
)

func tillRef(i int) stock.Ref {
	return stock.Ref{Channel: "till", Item: fmt.Sprint("V", i), Location: "L1"}
}
func webRef(i int) stock.Ref {
	return stock.Ref{Channel: "web", Item: fmt.Sprint("I", i), Location: "77"}
}
func shelf(i int) stock.Shelf {
	return stock.Shelf{Item: stock.ItemID(fmt.Sprint("item", i)), Location: "main"}
}

// store is the model ledger with room for what sweeps keep.
type store struct{ *ledgertest.Model }

func (s store) Item(_ context.Context, id stock.ItemID) (stock.Item, error) {
	return stock.Item{ID: id, SKU: string(id)}, nil
}
func (s store) ItemBySKU(context.Context, string) ([]stock.Item, error)         { return nil, nil }
func (s store) Labels(context.Context, ...stock.ItemID) ([]ledger.Label, error) { return nil, nil }
func (s store) SaveLabels(context.Context, []ledger.Label) error                { return nil }
func (s store) SaveItems(context.Context, []stock.Item) error                   { return nil }
func (s store) SaveRun(context.Context, ledger.Run) error                       { return nil }
func (s store) SaveFindings(context.Context, []ledger.Finding) error            { return nil }
func (s store) Unexplained(context.Context, stock.Channel, time.Time, int) ([]ledger.Suspense, error) {
	return nil, nil
}

// world is a till that sells and a web shop, their counters, and the log that tells of the till's.
type world struct {
	*testing.T
	*log
	dice     *dice
	store    store
	step     ledger.Step
	merchant *merchant.Merchant

	mu       sync.Mutex
	counters map[stock.Ref]stock.Quantity
	versions map[stock.Ref]time.Time
	history  []stock.Movement
	written  map[string]bool
	requests int
	sold     [items]int64
}

// newWorld opens every shelf at the same level on both sides. It belongs into a bubble.
func newWorld(t *testing.T) *world {
	t.Helper()
	channels := map[stock.Channel]reconcile.Channel{
		"till": {Traits: stock.Traits{Platform: "square", History: true, Step: 1}, Locations: map[string]stock.Location{"L1": "main"}},
		"web":  {Traits: stock.Traits{Platform: "shopify", Step: stock.Unit, ForgetsKeysAfterHours: 20}, Locations: map[string]stock.Location{"77": "main"}},
	}
	engine, err := reconcile.New(reconcile.Options{Channels: channels})
	require.NoError(t, err)
	w := &world{T: t, dice: newDice(t), log: &log{appended: make(chan struct{})}, store: store{ledgertest.NewModel()}, step: engine.Step,
		counters: map[stock.Ref]stock.Quantity{}, versions: map[stock.Ref]time.Time{}, written: map[string]bool{}}
	for i := range items {
		w.open(i)
	}
	ids := 0
	opts := merchant.Options{
		Ledger: w.store, Step: w.step, Log: w.log, Topics: stream.Topics{Events: "events"}, DeadLetters: stream.NewDeadLetters(nobody{}, time.Now), Now: time.Now,
		NewID:  func() string { w.mu.Lock(); defer w.mu.Unlock(); ids++; return fmt.Sprint("id", ids) },
		Logger: slog.New(slog.DiscardHandler), Schedule: sweep.Schedule{Recent: "@every 40s", Full: "@every 5m"},
	}
	for _, name := range []stock.Channel{"till", "web"} {
		opts.Channels = append(opts.Channels, merchant.Channel{Name: name, Platform: &platform{w, name, channels[name].Traits}})
	}
	w.merchant = merchant.New(opts)
	return w
}

func (w *world) open(i int) {
	apply := func(inputs ...ledger.Input) {
		_, err := w.store.Apply(w.Context(), w.step, ledger.Batch{At: time.Now(), Inputs: inputs})
		require.NoError(w, err)
	}
	version := time.Now().Add(-time.Hour)
	read := func(ref stock.Ref) {
		w.counters[ref], w.versions[ref] = stock.Units(opening), version
		apply(ledger.OwnRead{ReadAt: time.Now(), Mark: w.store.Ref(ref).Work.Seq,
			Reading: stock.Reading{Ref: ref, Status: stock.Counted, Quantity: stock.Units(opening), Version: version}})
	}
	apply(ledger.LinkRef{Ref: tillRef(i), Shelf: shelf(i), SoldAs: tillRef(i).Item}, ledger.LinkRef{Ref: webRef(i), Shelf: shelf(i), SoldAs: "variant"},
		ledger.WantBaseline{Ref: tillRef(i), Authority: true}, ledger.WantBaseline{Ref: webRef(i)})
	read(webRef(i))
	pause(5 * time.Second)
	read(webRef(i))
	read(tillRef(i))
}

// pause lets virtual time go by.
func pause(d time.Duration) { <-time.After(d) }

// sell sells a unit at the till and tells of it on the log.
func (w *world) sell(i int) {
	w.mu.Lock()
	ref, now := tillRef(i), time.Now()
	w.sold[i]++
	w.counters[ref] -= stock.Units(1)
	w.versions[ref] = now
	sale := stock.Movement{Key: fmt.Sprintf("till/%d/%d", i, w.sold[i]), Ref: ref, Quantity: -stock.Units(1), Cause: stock.Sold, OccurredAt: now, ChannelTime: now}
	w.history = append(w.history, sale)
	shows := stock.Reading{Ref: ref, Status: stock.Counted, Quantity: w.counters[ref], Version: now}
	w.mu.Unlock()
	w.publish(i, stock.Event{ID: sale.Key, Channel: "till", ObservedAt: now, Movement: &sale})
	w.publish(i, stock.Event{ID: sale.Key + "/count", Channel: "till", ObservedAt: now, Reading: &shows})
}

func (w *world) publish(partition int, event stock.Event) {
	value, err := stream.Encode(event)
	require.NoError(w, err)
	w.append(partition, value)
}

// done is how much was asked of the platforms and written to the ledger so far.
func (w *world) done() (requests, entries int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.requests, len(w.store.Entries())
}

// even checks that every sale was booked once and both sides show what is left.
func (w *world) even() {
	w.Helper()
	for i := range items {
		left := stock.Units(opening - w.sold[i])
		w.mu.Lock()
		till, web := w.counters[tillRef(i)], w.counters[webRef(i)]
		w.mu.Unlock()
		require.Equal(w, left, till)
		require.Equal(w, left, web, "%d sold of item %d", w.sold[i], i)
		require.Equal(w, left, w.store.Level(shelf(i)))
		for account, balance := range w.store.Balances(shelf(i).Item) {
			switch account.Kind {
			case ledger.Sold:
				require.Equal(w, stock.Units(w.sold[i]), balance)
			case ledger.Unexplained:
				require.Zero(w, balance, "%v", account)
			}
		}
	}
}

// nobody takes no dead letters: there must be none.
type nobody struct{}

func (nobody) Publish(topic string, _ ...*message.Message) error {
	panic("published on " + topic)
}
func (nobody) Close() error { return nil }

// platform is one side of the world.
type platform struct {
	w       *world
	channel stock.Channel
	traits  stock.Traits
}

var _ merchant.Platform = (*platform)(nil)
var _ converge.ReferenceFinder = (*platform)(nil)

func (p *platform) Traits() stock.Traits   { return p.traits }
func (p *platform) MaxReads() int          { return 2 }
func (p *platform) MaxRows() int           { return 2 }
func (p *platform) PlatformNow() time.Time { return time.Now() }

// asked counts a request, which takes a while.
func (p *platform) asked(ctx context.Context) error {
	p.w.mu.Lock()
	p.w.requests++
	p.w.mu.Unlock()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Millisecond + p.w.dice.within(200)):
		return nil
	}
}

func (p *platform) ReadRefs(ctx context.Context, refs []stock.Ref, since time.Time) (stock.Page, error) {
	if err := p.asked(ctx); err != nil {
		return stock.Page{}, err
	}
	page := p.movements(since)
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	for _, ref := range refs {
		page.Readings = append(page.Readings, stock.Reading{Ref: ref, Status: stock.Counted, Quantity: p.w.counters[ref], Version: p.w.versions[ref]})
	}
	return page, nil
}

func (p *platform) movements(since time.Time) stock.Page {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	page := stock.Page{ReadAt: time.Now()}
	if p.channel == "till" && !since.IsZero() {
		for _, movement := range p.w.history {
			if !movement.ChannelTime.Before(since) {
				page.Movements = append(page.Movements, movement)
			}
		}
	}
	return page
}

func (p *platform) ListCounts(ctx context.Context, _ time.Time, _ string) (stock.Page, error) {
	var refs []stock.Ref
	for i := range items {
		refs = append(refs, map[stock.Channel]stock.Ref{"till": tillRef(i), "web": webRef(i)}[p.channel])
	}
	return p.ReadRefs(ctx, refs, time.Time{})
}

func (p *platform) ListMovements(ctx context.Context, since time.Time, _ string) (stock.Page, error) {
	return p.movements(since), p.asked(ctx)
}

func (p *platform) Catalog(context.Context, string) ([]stock.CatalogItem, string, error) {
	return nil, "", nil
}

func (p *platform) FindReferences(context.Context, []stock.Ref, time.Time, []string) (map[string]stock.Movement, error) {
	return nil, nil
}

func (p *platform) EncodeCall(_ string, _ time.Time, rows []stock.PushRow) ([]byte, error) {
	return json.Marshal(rows)
}

// SendCall writes the rows once per key, whether or not anybody waits for the answer.
func (p *platform) SendCall(ctx context.Context, key string, body []byte) stock.Answer {
	var rows []stock.PushRow
	require.NoError(p.w, json.Unmarshal(body, &rows))
	if p.w.dice.below(2) == 0 {
		if err := p.asked(ctx); err != nil {
			return stock.Answer{Outcome: stock.NotProcessed, Reason: err.Error()}
		}
	}
	p.w.mu.Lock()
	if !p.w.written[key] {
		p.w.written[key] = true
		for _, row := range rows {
			p.w.counters[row.Ref] += row.Delta
			p.w.versions[row.Ref] = time.Now()
		}
	}
	p.w.mu.Unlock()
	if err := p.asked(ctx); err != nil {
		return stock.Answer{Outcome: stock.Unknown, Reason: err.Error()}
	}
	return stock.Answer{Outcome: stock.Applied, PlatformTime: time.Now()}
}

// log is a log in memory.
type log struct {
	mu         sync.Mutex
	partitions [stream.EventsPartitions][]stream.Record
	appended   chan struct{}
	// broken is what asking for the log's name says.
	broken error
}

func (l *log) append(partition int, value []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	offset := int64(len(l.partitions[partition]))
	l.partitions[partition] = append(l.partitions[partition], stream.Record{Offset: offset, Value: value})
	close(l.appended)
	l.appended = make(chan struct{})
}

func (l *log) Identity(context.Context) (string, error) { return "a log", l.broken }

func (l *log) Trim(string, int, int64) error { return nil }

func (l *log) Describe(context.Context, string) (extents []stream.Extent, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, records := range l.partitions {
		extents = append(extents, stream.Extent{Partition: i, Next: int64(len(records))})
	}
	return extents, nil
}

func (l *log) ReadBatches(ctx context.Context, from stream.From, handle func(context.Context, stream.Batch) error) error {
	var group sync.WaitGroup
	for partition := range l.partitions {
		group.Go(func() {
			for next := max(0, from.Start(partition)); ctx.Err() == nil; {
				l.mu.Lock()
				records, appended := slices.Clone(l.partitions[partition][next:]), l.appended
				l.mu.Unlock()
				if len(records) == 0 {
					select {
					case <-ctx.Done():
					case <-appended:
					}
					continue
				}
				batch := stream.Batch{Topic: from.Topic, Partition: partition, From: next, Next: next + int64(len(records)), Records: records}
				if handle(ctx, batch) == nil {
					next = batch.Next
				}
			}
		})
	}
	group.Wait()
	return ctx.Err()
}
