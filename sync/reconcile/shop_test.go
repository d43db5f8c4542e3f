package reconcile_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/ledgertest"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

const (
	till  = stock.Channel("till")
	web   = stock.Channel("web")
	kiosk = stock.Channel("kiosk")
)

// The goods of the tests: a mug on two shelves, and a cup that no test opens by itself.
var (
	mug      = stock.Shelf{Item: "mug", Location: "main"}
	mugAnnex = stock.Shelf{Item: "mug", Location: "annex"}
	cup      = stock.Shelf{Item: "cup", Location: "main"}

	tillMug      = stock.Ref{Channel: till, Item: "V1", Location: "L1"}
	webMug       = stock.Ref{Channel: web, Item: "I1", Location: "77"}
	tillMugAnnex = stock.Ref{Channel: till, Item: "V1", Location: "L2"}
	webMugAnnex  = stock.Ref{Channel: web, Item: "I1", Location: "78"}
	tillCup      = stock.Ref{Channel: till, Item: "V2", Location: "L1"}
	kioskMug     = stock.Ref{Channel: kiosk, Item: "V1", Location: "K1"}
	webCup       = stock.Ref{Channel: web, Item: "I2", Location: "77"}
)

// soldAs is the id by which order lines name the ref's item: the variant at the web shop, the variation at the till.
func soldAs(ref stock.Ref) string {
	if ref.Channel == web {
		return "variant-" + ref.Item
	}
	return ref.Item
}

// at is a time on the day of the tests, in seconds after nine.
func at(seconds float64) time.Time {
	return time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC).Add(time.Duration(seconds * float64(time.Second)))
}

// reporter is what testing.T and rapid.T have in common.
type reporter interface {
	require.TestingT
	Helper()
	Fatalf(format string, args ...any)
}

// shop is a ledger under the engine's rules, and our clock.
type shop struct {
	reporter
	model *ledgertest.Model
	// beside is a store that is told the same and must say the same; nil: there is none.
	beside ledger.Store
	// engine is that of the moment.
	engine *reconcile.Engine
	step   ledger.Step
	now    time.Time
	calls  int
	// look sees each snapshot before it is decided about; nil: nobody does.
	look func(*ledger.Snapshot)
	// noted is how the facts inside the inputs of the last batch ended.
	noted []ledger.Disposition
	// findings are those that the rules told of.
	findings []ledger.Finding
}

// configured are the channels as they are configured when nothing is said of it.
func configured() map[stock.Channel]reconcile.Channel {
	return map[stock.Channel]reconcile.Channel{
		till: {Traits: stock.Traits{Platform: "square", History: true, Step: 1}, Locations: map[string]stock.Location{"L1": "main", "L2": "annex"},
			SoldOutEverywhere: true},
		kiosk: {Traits: stock.Traits{Platform: "square", History: true, Step: 1}, Locations: map[string]stock.Location{"K1": "main"}},
		web: {Traits: stock.Traits{Platform: "shopify", Step: stock.Unit, ForgetsKeysAfterHours: 20},
			Locations: map[string]stock.Location{"77": "main", "78": "annex"}},
	}
}

func newEngine(t reporter, channels map[stock.Channel]reconcile.Channel) *reconcile.Engine {
	engine, err := reconcile.New(reconcile.Options{Channels: channels, Limits: reconcile.Limits{MaxShelves: 250, MaxPercent: 30}})
	require.NoError(t, err)
	return engine
}

// configure goes on under another configuration of where a channel's locations are.
func (s *shop) configure(channel stock.Channel, locations map[string]stock.Location) {
	channels := configured()
	other := channels[channel]
	other.Locations = locations
	channels[channel] = other
	s.engine = newEngine(s, channels)
}

// newShop returns a shop with nothing in it. Every step of every test runs twice: it must decide the same both times and leave
// its snapshot as it was.
func newShop(t reporter) *shop {
	s := &shop{reporter: t, model: ledgertest.NewModel(), now: at(-60), engine: newEngine(t, configured())}
	s.step = func(snapshot *ledger.Snapshot, at time.Time, inputs []ledger.Input) (ledger.Changes, error) {
		before := copied(snapshot)
		if s.look != nil {
			s.look(&before)
		}
		changes, err := s.engine.Step(snapshot, at, inputs)
		require.True(t, reflect.DeepEqual(before, *snapshot), "the step changed its snapshot: %v", inputs)
		again, errAgain := s.engine.Step(snapshot, at, inputs)
		require.True(t, reflect.DeepEqual(changes, again), "the same step decided otherwise: %v", inputs)
		require.Equal(t, err, errAgain)
		s.noted, s.findings = changes.Noted, append(s.findings, changes.Findings...)
		return changes, err
	}
	return s
}

// copied is a deep copy of what a step could change by mistake.
func copied(snapshot *ledger.Snapshot) ledger.Snapshot {
	c := *snapshot
	c.Refs, c.Shelves, c.SoldAs, c.Keys = maps.Clone(c.Refs), maps.Clone(c.Shelves), maps.Clone(c.SoldAs), maps.Clone(c.Keys)
	c.Counters, c.Waiting, c.Calls, c.Brakes = maps.Clone(c.Counters), maps.Clone(c.Waiting), maps.Clone(c.Calls), maps.Clone(c.Brakes)
	c.Booked = maps.Clone(c.Booked)
	for key, booked := range c.Booked {
		c.Booked[key] = slices.Clone(booked)
	}
	for name, r := range c.Refs {
		r.State.Unconfirmed, r.Work.Raises = slices.Clone(r.State.Unconfirmed), slices.Clone(r.Work.Raises)
		r.Work.Uncaused, r.Work.Falls = slices.Clone(r.Work.Uncaused), slices.Clone(r.Work.Falls)
		if r.Work.Program = clone(r.Work.Program); r.Work.Program != nil {
			r.Work.Program.Shown, r.Work.Program.Changes = slices.Clone(r.Work.Program.Shown), slices.Clone(r.Work.Program.Changes)
			r.Work.Program.Pushes, r.Work.Program.Told = slices.Clone(r.Work.Program.Pushes), slices.Clone(r.Work.Program.Told)
		}
		r.State.Settled = slices.Clone(r.State.Settled)
		r.State.Recount, r.State.Contained = clone(r.State.Recount), clone(r.State.Contained)
		r.Work.ZeroUnconfirmed, r.Work.RaiseUnconfirmed, r.Work.Baseline = clone(r.Work.ZeroUnconfirmed), clone(r.Work.RaiseUnconfirmed), clone(r.Work.Baseline)
		if r.Work.Baseline != nil {
			r.Work.Baseline.Candidate = clone(r.Work.Baseline.Candidate)
		}
		c.Refs[name] = r
	}
	for key, call := range c.Calls {
		call.Rows, call.Body = slices.Clone(call.Rows), slices.Clone(call.Body)
		c.Calls[key] = call
	}
	return c
}

func clone[T any](p *T) *T {
	if p == nil {
		return nil
	}
	c := *p
	return &c
}

// openShop returns a shop at nine o'clock whose mug stands on the main shelf with this many units on both channels. Both
// counters changed last two minutes ago.
func openShop(t reporter, units int64) *shop {
	t.Helper()
	s := newShop(t)
	s.open(mug, units, tillMug, webMug)
	return s
}

// open links the refs of a shelf and gives it its opening; the till is the authority.
func (s *shop) open(shelf stock.Shelf, units int64, tillRef, webRef stock.Ref) {
	s.Helper()
	s.link(shelf, tillRef, webRef)
	s.apply(ledger.WantBaseline{Ref: webRef}, ledger.WantBaseline{Ref: tillRef, Authority: true})
	s.read(webRef, units, at(-120))
	s.wait(5)
	s.read(webRef, units, at(-120))
	s.read(tillRef, units, at(-120))
	require.Equal(s, stock.Units(units), s.model.Level(shelf))
	require.Equal(s, ledger.Live, s.state(webRef).Status)
	require.Equal(s, ledger.Live, s.state(tillRef).Status)
	s.now = at(0)
}

func (s *shop) link(shelf stock.Shelf, refs ...stock.Ref) {
	s.Helper()
	for _, ref := range refs {
		s.apply(ledger.LinkRef{Ref: ref, Shelf: shelf, SoldAs: soldAs(ref)})
	}
}

// wait lets our clock go on.
func (s *shop) wait(seconds float64) {
	s.now = s.now.Add(time.Duration(seconds * float64(time.Second)))
}

// apply applies one batch, which must succeed, and looks whether the ledger is whole.
func (s *shop) apply(inputs ...ledger.Input) ledger.Receipt {
	s.Helper()
	batch := ledger.Batch{At: s.now, Inputs: inputs}
	receipt, err := s.model.Apply(context.Background(), s.step, batch)
	require.NoError(s, err)
	s.whole()
	if s.beside != nil {
		stored, err := s.beside.Apply(context.Background(), s.engine.Step, batch)
		require.NoError(s, err)
		sameJSON(s, receipt, stored)
	}
	return receipt
}

// sameJSON compares what equal times and quantities look equal in.
func sameJSON(t require.TestingT, want, got any) {
	a, err := json.Marshal(want)
	require.NoError(t, err)
	b, err := json.Marshal(got)
	require.NoError(t, err)
	require.Equal(t, string(a), string(b))
}

// one applies one input and returns how it ended.
func (s *shop) one(input ledger.Input) ledger.Disposition {
	s.Helper()
	return s.apply(input).Dispositions[0]
}

// refuse applies an input that must be refused, behind one that is fine, and returns why.
func (s *shop) refuse(input ledger.Input) error {
	s.Helper()
	before := len(s.model.Entries())
	fine := ledger.Delivered{Event: stock.Event{Channel: web, Hint: &stock.Hint{Resource: "order/1"}}}
	_, err := s.model.Apply(context.Background(), s.step, ledger.Batch{At: s.now, Inputs: []ledger.Input{fine, input}})
	var refused *ledger.InputError
	require.ErrorAs(s, err, &refused)
	require.Equal(s, 1, refused.Index, "the refusal names the input")
	require.Len(s, s.model.Entries(), before, "nothing is written")
	return refused.Err
}

// whole requires what must hold after every batch: all accounts of an item come to zero, a level moves only by entries that
// may move it, and what a reading posts is what it adds to expected.
func (s *shop) whole() {
	s.Helper()
	for _, item := range []stock.ItemID{"mug", "cup"} {
		var sum stock.Quantity
		for _, balance := range s.model.Balances(item) {
			sum += balance
		}
		require.Zero(s, sum, "accounts of %s", item)
	}
	levels := map[stock.Shelf]stock.Quantity{}
	waits := map[stock.Ref]bool{}
	for _, entry := range s.model.Entries() {
		var moved stock.Quantity
		for _, posting := range entry.Postings {
			if posting.To == ledger.AvailableOn(entry.Shelf) {
				moved += posting.Quantity
			}
			if posting.From == ledger.AvailableOn(entry.Shelf) {
				moved -= posting.Quantity
			}
		}
		levels[entry.Shelf] += moved
		switch entry.Kind {
		case ledger.KindReading:
			switch {
			case entry.Status == ledger.Untracked || entry.Status == ledger.Gone:
				require.Zero(s, moved, "%s moved a level: %s", entry.Status, entry.Key)
			case waits[entry.Ref]:
				require.Zero(s, moved, "a ref that waits moved a level: %s", entry.Key)
			default:
				require.Equal(s, entry.ExpectedDelta, moved, "a reading posts what it adds to expected: %s", entry.Key)
			}
		case ledger.KindMovement, ledger.KindPush:
			require.Zero(s, moved, "%s moved a level: %s", entry.Kind, entry.Key)
		case ledger.KindCorrection:
			if entry.Evidence[ledger.EvidenceSettledAs] != "" {
				require.Zero(s, moved, "a settlement moved a level: %s", entry.Key)
			}
		}
		if entry.Status != 0 {
			waits[entry.Ref] = entry.Status == ledger.WaitsToJoin
		}
	}
	for shelf, level := range levels {
		require.Equal(s, level, s.model.Level(shelf), "level of %v", shelf)
	}
}

func reading(ref stock.Ref, units int64, version time.Time) stock.Reading {
	return stock.Reading{Ref: ref, Status: stock.Counted, Quantity: stock.Units(units), Version: version}
}

// delivered wraps a fact as a webhook brings it.
func delivered(fact any) ledger.Delivered {
	event := stock.Event{ID: "test", Topic: "test"}
	switch f := fact.(type) {
	case stock.Reading:
		event.Channel, event.Reading = f.Ref.Channel, &f
	case stock.Movement:
		event.Channel, event.Movement = f.Ref.Channel, &f
	case stock.Recount:
		event.Channel, event.Recount = f.Ref.Channel, &f
	case stock.Order:
		event.Channel, event.Order = f.Channel, &f
	default:
		panic(fmt.Sprintf("no fact: %T", fact))
	}
	return ledger.Delivered{Event: event}
}

// listed wraps a fact as a sweep brings it that was asked for it at a time of our clock.
func listed(fact any, asked time.Time) ledger.Delivered {
	in := delivered(fact)
	in.AskedAt = asked
	return in
}

func (s *shop) deliver(fact any) ledger.Disposition {
	s.Helper()
	return s.one(delivered(fact))
}

// ownRead is a read that was sent now. Facts are history or orders that it brings.
func (s *shop) ownRead(r stock.Reading, facts ...any) ledger.OwnRead {
	in := ledger.OwnRead{Reading: r, Mark: s.model.Ref(r.Ref).Work.Seq, ReadAt: s.now, AskedAt: s.now, FeedFrom: reconcile.FeedSince(s.model.Ref(r.Ref))}
	for _, fact := range facts {
		switch f := fact.(type) {
		case stock.Movement:
			in.Movements = append(in.Movements, f)
		case stock.Recount:
			in.Recounts = append(in.Recounts, f)
		case stock.Order:
			in.Orders = append(in.Orders, f)
		default:
			panic(fmt.Sprintf("no fact of a read: %T", fact))
		}
	}
	return in
}

func (s *shop) read(ref stock.Ref, units int64, version time.Time, facts ...any) ledger.Disposition {
	s.Helper()
	return s.one(s.ownRead(reading(ref, units, version), facts...))
}

// plan plans one call for these refs and returns it; a zero call when nothing may be pushed.
func (s *shop) plan(refs ...stock.Ref) ledger.Call {
	s.Helper()
	return s.planWith(ledger.PushLoad{}, refs...)
}

// planWith plans while other shelves of the channel change without a cause.
func (s *shop) planWith(load ledger.PushLoad, refs ...stock.Ref) ledger.Call {
	s.Helper()
	s.calls++
	receipt := s.apply(ledger.PlanCall{
		Channel: refs[0].Channel, Key: fmt.Sprintf("call%d", s.calls), Refs: refs, OccurredAt: s.now, Load: load,
		Encode: func(key string, at time.Time, rows []stock.PushRow) ([]byte, error) {
			return fmt.Append(nil, key, at.Unix(), rows), nil
		},
	})
	if len(receipt.Calls) == 0 {
		return ledger.Call{}
	}
	return receipt.Calls[0]
}

func (s *shop) answer(call ledger.Call, outcome stock.Outcome) ledger.Disposition {
	s.Helper()
	return s.one(ledger.CallAnswered{Key: call.Key, Answer: stock.Answer{Outcome: outcome, Reason: "a test"}, Due: s.now.Add(time.Second)})
}

// push plans a call that must be allowed and lets the platform apply it.
func (s *shop) push(refs ...stock.Ref) ledger.Call {
	s.Helper()
	call := s.plan(refs...)
	require.NotEmpty(s, call.Key, "a push is wanted and allowed")
	s.answer(call, stock.Applied)
	return call
}

func (s *shop) state(ref stock.Ref) ledger.RefState   { return s.model.Ref(ref).State }
func (s *shop) work(ref stock.Ref) ledger.Work        { return s.model.Ref(ref).Work }
func (s *shop) expected(ref stock.Ref) stock.Quantity { return s.state(ref).Expected }

// has requires the level of the mug's main shelf, what its counters should show, and what nobody has explained, in units.
func (s *shop) has(level, tillExpected, webExpected, tillUnexplained, webUnexplained int64) {
	s.Helper()
	got := []string{
		s.model.Level(mug).String(), s.expected(tillMug).String(), s.expected(webMug).String(),
		s.model.Ref(tillMug).Unexplained.String(), s.model.Ref(webMug).Unexplained.String(),
	}
	var want []string
	for _, units := range []int64{level, tillExpected, webExpected, tillUnexplained, webUnexplained} {
		want = append(want, stock.Units(units).String())
	}
	require.Equal(s, want, got, "level, till expected, web expected, till unexplained, web unexplained")
}

// balance is the balance of one of the mug's outside accounts, in units.
func (s *shop) balance(kind ledger.AccountKind, name string) string {
	return s.model.Balances("mug")[ledger.Account{Item: "mug", Kind: kind, Name: name}].String()
}

// brakes lists what holds the pushes of the mug's main shelf now, by name.
func (s *shop) brakes() []string {
	var names []string
	for _, brake := range s.brakesOf(mug, tillMug, webMug) {
		names = append(names, brake.Kind.String())
	}
	slices.Sort(names)
	return names
}

func (s *shop) brakesOf(shelf stock.Shelf, refs ...stock.Ref) []ledger.Brake {
	var states []ledger.Ref
	for _, ref := range refs {
		states = append(states, s.model.Ref(ref))
	}
	return reconcile.Brakes(ledger.ShelfState{Shelf: shelf, Level: s.model.Level(shelf), Opened: s.opened(shelf)}, states, s.now)
}

// typedTwice lists the ids of the brakes on goods typed in twice.
func (s *shop) typedTwice(shelf stock.Shelf, refs ...stock.Ref) (ids []string) {
	for _, brake := range s.brakesOf(shelf, refs...) {
		if brake.Kind == ledger.TypedTwice {
			ids = append(ids, brake.ID)
		}
	}
	return ids
}

func (s *shop) opened(shelf stock.Shelf) bool {
	return slices.ContainsFunc(s.model.Entries(), func(e ledger.Entry) bool { return e.Shelf == shelf && e.Opens })
}

// last is the last entry.
func (s *shop) last() ledger.Entry { return s.model.Entries()[len(s.model.Entries())-1] }

// sold is a till sale as Square's history tells it, received when it occurred.
func sold(key string, units int64, occurred time.Time) stock.Movement {
	return stock.Movement{Key: key, Ref: tillMug, Quantity: stock.Units(-units), Cause: stock.Sold, OccurredAt: occurred, ChannelTime: occurred}
}

// ownRow is the row of history that one of our pushes made.
func ownRow(call ledger.Call, received time.Time) stock.Movement {
	row := call.Rows[0]
	return stock.Movement{
		Key: "row-" + call.Key, Ref: row.Ref, Quantity: row.Delta, Cause: stock.Moved, OccurredAt: call.OccurredAt, ChannelTime: received,
		Reference: row.Reference,
	}
}

func recount(key string, units int64, occurred, received time.Time) stock.Recount {
	return stock.Recount{Key: key, Ref: tillMug, Counted: stock.Units(units), OccurredAt: occurred, ChannelTime: received}
}
