package converge_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/ledgertest"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/converge"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// sent is one attempt to send a call, and when it was made.
type sent struct {
	key, body string
	at        time.Time
}

func (s sent) rows() []stock.PushRow {
	var rows []stock.PushRow
	if err := json.Unmarshal([]byte(s.body), &rows); err != nil {
		panic(err)
	}
	return rows
}

// platform is a fake channel: counters that a test changes, and functions that stand in for what it should do otherwise.
type platform struct {
	Read   func(ctx context.Context, refs []stock.Ref) (stock.Page, error)
	Send   func(ctx context.Context, attempt sent) stock.Answer
	Encode func(rows []stock.PushRow) error
	Orders func(ids []string) (stock.Page, error)
	Find   func(references []string) (map[string]stock.Movement, error)

	traits            stock.Traits
	maxReads, maxRows int

	mu       sync.Mutex
	counters map[stock.Ref]stock.Quantity
	versions map[stock.Ref]time.Time
	done     map[string]bool
	calls    []sent
	reads    [][]stock.Ref
	readAt   []time.Time
	log      []string
	busy     map[stock.Ref]string
	// marks are the refs whose marks were expected.
	marks []stock.Ref
}

func (p *platform) ExpectMarks(refs []stock.Ref) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.marks = append(p.marks, refs...)
}

func (p *platform) Traits() stock.Traits   { return p.traits }
func (p *platform) MaxReads() int          { return p.maxReads }
func (p *platform) MaxRows() int           { return p.maxRows }
func (p *platform) PlatformNow() time.Time { return time.Now() }

// meet orders what a test has written before what the worker reads after it: the test meets in stage.after, the worker in every
// request.
func (p *platform) meet() {
	p.mu.Lock()
	defer p.mu.Unlock()
}

// alone panics when two requests for a ref overlap.
func (p *platform) alone(what string, refs []stock.Ref) (leave func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, ref := range refs {
		if other := p.busy[ref]; other != "" {
			panic(fmt.Sprintf("%s during a %s of %s", what, other, ref))
		}
		p.busy[ref] = what
	}
	p.log = append(p.log, what)
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, ref := range refs {
			delete(p.busy, ref)
		}
	}
}

func (p *platform) ReadRefs(ctx context.Context, refs []stock.Ref, _ time.Time) (stock.Page, error) {
	defer p.alone("read", refs)()
	p.mu.Lock()
	p.reads, p.readAt = append(p.reads, refs), append(p.readAt, time.Now())
	p.mu.Unlock()
	if p.Read != nil {
		return p.Read(ctx, refs)
	}
	return p.page(refs), nil
}

// page is what the counters show.
func (p *platform) page(refs []stock.Ref) stock.Page {
	p.mu.Lock()
	defer p.mu.Unlock()
	page := stock.Page{ReadAt: time.Now()}
	for _, ref := range refs {
		page.Readings = append(page.Readings, stock.Reading{Ref: ref, Status: stock.Counted, Quantity: p.counters[ref], Version: p.versions[ref]})
	}
	return page
}

func (p *platform) EncodeCall(_ string, _ time.Time, rows []stock.PushRow) ([]byte, error) {
	p.meet()
	if p.Encode != nil {
		if err := p.Encode(rows); err != nil {
			return nil, err
		}
	}
	return json.Marshal(rows)
}

func (p *platform) SendCall(ctx context.Context, key string, body []byte) stock.Answer {
	attempt := sent{key, string(body), time.Now()}
	var refs []stock.Ref
	for _, row := range attempt.rows() {
		refs = append(refs, row.Ref)
	}
	defer p.alone("send", refs)()
	p.mu.Lock()
	p.calls = append(p.calls, attempt)
	p.mu.Unlock()
	if p.Send != nil {
		return p.Send(ctx, attempt)
	}
	return p.take(attempt)
}

// take writes the rows of a call, once per key.
func (p *platform) take(attempt sent) stock.Answer {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.done[attempt.key] {
		p.done[attempt.key] = true
		for _, row := range attempt.rows() {
			p.counters[row.Ref] += row.Delta
			p.versions[row.Ref] = time.Now()
		}
	}
	return stock.Answer{Outcome: stock.Applied, PlatformTime: time.Now()}
}

// orderly is a platform that answers for orders, finding one that answers for references.
type orderly struct{ *platform }

func (p orderly) ReadOrders(_ context.Context, ids []string) (stock.Page, error) {
	p.meet()
	return p.Orders(ids)
}

type finding struct{ *platform }

func (p finding) FindReferences(_ context.Context, _ []stock.Ref, _ time.Time, references []string) (map[string]stock.Movement, error) {
	p.meet()
	return p.Find(references)
}

// stage is a ledger with a till and a web shop, of which one channel has a worker on a fake platform.
type stage struct {
	*testing.T
	*platform
	model  *ledgertest.Model
	step   ledger.Step
	worker *converge.Worker
	waker  *converge.Waker
	logs   *bytes.Buffer
	keys   int
	stop   func()
}

func tillRef(i int) stock.Ref {
	return stock.Ref{Channel: "till", Item: fmt.Sprintf("V%02d", i), Location: "L1"}
}
func webRef(i int) stock.Ref {
	return stock.Ref{Channel: "web", Item: fmt.Sprintf("I%02d", i), Location: "77"}
}
func shelf(i int) stock.Shelf {
	return stock.Shelf{Item: stock.ItemID(fmt.Sprintf("item%02d", i)), Location: "main"}
}

// inBubble runs a test under virtual time on a stage whose items have the given levels on both channels. The worker of channel
// is not running yet.
func inBubble(t *testing.T, channel stock.Channel, levels []int64, test func(s *stage)) {
	t.Helper()
	inBubbleWith(t, reconcile.Limits{}, channel, levels, test)
}

// locations are those of the channels.
var locations = map[stock.Channel]map[string]stock.Location{"till": {"L1": "main"}, "web": {"77": "main"}}

var traits = map[stock.Channel]stock.Traits{
	"till": {Platform: "square", History: true, Step: 1}, "web": {Platform: "shopify", Step: stock.Unit, ForgetsKeysAfterHours: 20},
}

// stepWith decides under limits of the mass change brake, with the web's locations.
func stepWith(t *testing.T, limits reconcile.Limits, places map[string]stock.Location) ledger.Step {
	t.Helper()
	engine, err := reconcile.New(reconcile.Options{Channels: map[stock.Channel]reconcile.Channel{
		"till": {Traits: traits["till"], Locations: locations["till"]}, "web": {Traits: traits["web"], Locations: places},
	}, Limits: limits})
	require.NoError(t, err)
	return engine.Step
}

// inBubbleWith does it with limits of the mass change brake.
func inBubbleWith(t *testing.T, limits reconcile.Limits, channel stock.Channel, levels []int64, test func(s *stage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &stage{T: t, step: stepWith(t, limits, locations["web"]), model: ledgertest.NewModel(), waker: converge.NewWaker(), logs: &bytes.Buffer{}}
		s.platform = &platform{traits: traits[channel], maxReads: 100, maxRows: 100, counters: map[stock.Ref]stock.Quantity{}, versions: map[stock.Ref]time.Time{}, done: map[string]bool{}, busy: map[stock.Ref]string{}}
		for i, level := range levels {
			s.open(i, level)
		}
		s.counters = map[stock.Ref]stock.Quantity{}
		for i, level := range levels {
			for _, ref := range []stock.Ref{tillRef(i), webRef(i)} {
				s.counters[ref], s.versions[ref] = stock.Units(level), s.model.Ref(ref).State.Version
			}
		}
		s.worker = s.newWorker(channel, s.platform)
		test(s)
		if s.stop != nil {
			s.stop()
		}
	})
}

func (s *stage) newWorker(channel stock.Channel, p converge.Platform) *converge.Worker {
	return converge.New(converge.Options{
		Channel: channel, Locations: locations[channel], Platform: p, Ledger: s.model, Step: s.step, Waker: s.waker, Now: time.Now,
		Logger: slog.New(slog.NewTextHandler(s.logs, nil)),
		NewKey: func() string { s.keys++; return fmt.Sprint("key", s.keys) },
	})
}

func (s *stage) apply(inputs ...ledger.Input) ledger.Receipt {
	s.Helper()
	receipt, err := s.model.Apply(context.Background(), s.step, ledger.Batch{At: time.Now(), Inputs: inputs})
	require.NoError(s, err)
	s.waker.Wake(receipt.Wanted...)
	return receipt
}

func (s *stage) open(i int, level int64) {
	s.Helper()
	s.openUneven(i, level, level, 0)
}

// openUneven opens a shelf whose authority is the till and whose web counter shows another count. A plan said by how much it would be
// changed.
func (s *stage) openUneven(i int, level, shown, planned int64) {
	s.Helper()
	version := time.Now().Add(-time.Hour)
	read := func(ref stock.Ref, level int64) {
		s.apply(ledger.OwnRead{ReadAt: time.Now(), Mark: s.model.Ref(ref).Work.Seq,
			Reading: stock.Reading{Ref: ref, Status: stock.Counted, Quantity: stock.Units(level), Version: version}})
	}
	s.apply(
		ledger.LinkRef{Ref: tillRef(i), Shelf: shelf(i), SoldAs: tillRef(i).Item}, ledger.LinkRef{Ref: webRef(i), Shelf: shelf(i), SoldAs: "variant-" + webRef(i).Item},
		ledger.WantBaseline{Ref: tillRef(i), Authority: true, Pushes: []ledger.PlannedPush{{Ref: webRef(i), Quantity: stock.Units(planned)}}},
		ledger.WantBaseline{Ref: webRef(i)})
	read(webRef(i), shown)
	time.Sleep(5 * time.Second)
	read(webRef(i), shown)
	read(tillRef(i), level)
	s.platform.counters[webRef(i)] = stock.Units(shown)
}

// shows tells the ledger what a counter of the other channel shows now, as a webhook would, and confirms it.
func (s *stage) shows(ref stock.Ref, units int64) {
	s.Helper()
	r := stock.Reading{Ref: ref, Status: stock.Counted, Quantity: stock.Units(units), Version: time.Now()}
	s.apply(ledger.Delivered{Event: stock.Event{Channel: ref.Channel, Reading: &r}})
	s.apply(ledger.OwnRead{Reading: r, Mark: s.model.Ref(ref).Work.Seq, ReadAt: time.Now()})
}

// wantRead wishes for a read of refs.
func (s *stage) wantRead(refs ...stock.Ref) {
	s.Helper()
	for _, ref := range refs {
		s.apply(ledger.WantRead{Ref: ref, Reason: "a test"})
	}
}

// run starts the worker and lets it do whatever it can do without waiting.
func (s *stage) run() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.worker.Run(ctx) }()
	s.stop = func() {
		cancel()
		require.NoError(s, <-ended)
		s.stop = nil
	}
	synctest.Wait()
}

// after lets virtual time go by.
func (s *stage) after(d time.Duration) {
	s.meet()
	time.Sleep(d)
	synctest.Wait()
}

// pageWithHistory is what the counters show, with a row of history for each of ours that was written.
func (s *stage) pageWithHistory(_ context.Context, refs []stock.Ref) (stock.Page, error) {
	page := s.page(refs)
	s.mu.Lock()
	defer s.mu.Unlock()
	for key := range s.done {
		call, _ := s.model.Call(key)
		for _, row := range call.Rows {
			page.Movements = append(page.Movements, stock.Movement{Key: row.Reference, Ref: row.Ref, Quantity: row.Delta, Cause: stock.Moved,
				OccurredAt: call.OccurredAt, ChannelTime: call.OccurredAt, Reference: row.Reference})
		}
	}
	return page, nil
}

func (s *stage) expected(ref stock.Ref) stock.Quantity { return s.model.Ref(ref).State.Expected }
