package ledgertest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// agreesWithModel applies the same random batches to a store and to the model. Each script's snapshot, each receipt, each
// query and in the end the whole ledger must be equal.
func agreesWithModel(t *testing.T, open func(t *testing.T) ledger.Store) {
	rapid.Check(t, func(rt *rapid.T) {
		store, model := open(t), NewModel()
		world := &world{seen: map[string][]string{}}
		for n := range rapid.IntRange(1, 12).Draw(rt, "batches") {
			batch := world.batch(rt, n)
			clear(world.seen)
			for name, s := range map[string]ledger.Applier{"store": store, "model": model} {
				world.side = name
				receipt, err := s.Apply(t.Context(), Step, batch)
				world.note(receipt)
				world.note(kindOf(err))
			}
			require.Equal(rt, len(world.seen["model"]), len(world.seen["store"]), "batch %d", n)
			for i, want := range world.seen["model"] {
				require.Equal(rt, want, world.seen["store"][i], "batch %d", n)
			}
			world.now = batch.At
			compareWork(rt, store, model, world.now)
		}
		compareLedgers(rt, store, model)
	})
}

// kindOf is what a caller can tell about an error.
func kindOf(err error) string {
	for _, kind := range []error{ledger.ErrKeyReused, ledger.ErrCursorMoved, ledger.ErrNotFound, ledger.ErrOverflow, ledger.ErrUnbalanced, ledger.ErrTime} {
		if errors.Is(err, kind) {
			return kind.Error()
		}
	}
	return fmt.Sprint("another error: ", err != nil)
}

// world draws batches over a few refs, shelves and orders, so that they meet.
type world struct {
	now  time.Time
	side string
	seen map[string][]string
}

func (w *world) note(value any) {
	text, err := json.Marshal(value)
	w.seen[w.side] = append(w.seen[w.side], fmt.Sprint(string(text), err))
}

func (w *world) batch(rt *rapid.T, n int) ledger.Batch {
	at := clock(10 * (n + 1))
	batch := ledger.Batch{At: at}
	for range rapid.IntRange(0, 8).Draw(rt, "inputs") {
		batch.Inputs = append(batch.Inputs, w.script(rt, at))
	}
	if rapid.Bool().Draw(rt, "cursor") {
		from := int64(rapid.IntRange(0, 2).Draw(rt, "from"))
		batch.Cursor = &ledger.Cursor{Topic: "events", Partition: rapid.IntRange(0, 1).Draw(rt, "partition"), From: from, Next: from + 1}
	}
	if rapid.Bool().Draw(rt, "mark") {
		batch.Marks = map[string]string{"full": fmt.Sprint(n)}
	}
	return batch
}

func drawRef(rt *rapid.T) stock.Ref {
	return stock.Ref{
		Channel: rapid.SampledFrom([]stock.Channel{"till", "web"}).Draw(rt, "channel"), Item: rapid.SampledFrom([]string{"1", "2", "3"}).Draw(rt, "item"),
		Location: rapid.SampledFrom([]string{"L1", "L2"}).Draw(rt, "location"),
	}
}

func drawShelf(rt *rapid.T) stock.Shelf {
	return stock.Shelf{
		Item:     rapid.SampledFrom([]stock.ItemID{"mug", "cup"}).Draw(rt, "shelf item"),
		Location: rapid.SampledFrom([]stock.Location{"main", "far"}).Draw(rt, "shelf location"),
	}
}

func drawQuantity(rt *rapid.T) stock.Quantity {
	return stock.Quantity(rapid.Int64Range(-5, 9).Draw(rt, "units")) * stock.Unit / 2
}

// script draws one input. What needs a linked ref and finds none only looks.
func (w *world) script(rt *rapid.T, at time.Time) Script {
	r, q := drawRef(rt), drawQuantity(rt)
	when := at.Add(-time.Duration(rapid.IntRange(0, 30).Draw(rt, "age")) * time.Second)
	order := fmt.Sprint(rapid.IntRange(1, 3).Draw(rt, "order"))
	var script Script
	needsLink := true
	switch rapid.SampledFrom([]string{"link", "baseline", "wait", "read", "read", "sell", "push", "recount", "status", "work", "memory", "call", "correct"}).Draw(rt, "kind") {
	case "link":
		script, needsLink = Link(r, drawShelf(rt), "sold-"+r.Item), false
	case "baseline":
		script = Baseline(r, q, when)
	case "wait":
		script = decideEntry(r, func(ledger.Ref, *ledger.Snapshot) ledger.Entry {
			return ledger.Entry{Kind: ledger.KindBaseline, Status: ledger.WaitsToJoin, ExpectedDelta: q, OccurredAt: when, ObservedAt: when}
		})
	case "read":
		script = Read(r, q, when)
	case "sell":
		script = Sell(r, order, q, when)
	case "push":
		phase := rapid.SampledFrom([]ledger.PushPhase{ledger.Answered, ledger.Absorbed, ledger.Undecided, ledger.Resolved}).Draw(rt, "phase")
		script = decideEntry(r, func(ledger.Ref, *ledger.Snapshot) ledger.Entry {
			return ledger.Entry{Kind: ledger.KindPush, ExpectedDelta: q, Push: &ledger.PushMark{Call: order, Delta: q, Phase: phase, OccurredAt: when}}
		})
	case "recount":
		script = decideEntry(r, func(ledger.Ref, *ledger.Snapshot) ledger.Entry {
			return ledger.Entry{Kind: ledger.KindMovement, Recount: &ledger.RecountMark{Key: order, Counted: q, OccurredAt: when}}
		})
	case "status":
		status := rapid.SampledFrom([]ledger.RefStatus{ledger.Unreadable, ledger.Untracked, ledger.SetAside, ledger.Unlinked, ledger.Live, ledger.WaitsToJoin, ledger.Gone}).Draw(rt, "status")
		script = decideEntry(r, func(ledger.Ref, *ledger.Snapshot) ledger.Entry {
			return ledger.Entry{Kind: ledger.KindReading, Status: status, OccurredAt: when, Evidence: stock.Evidence{ledger.EvidenceReason: "<&>"}}
		})
	case "work":
		script = Do(ledger.Scope{Refs: []stock.Ref{r}}, ledger.Changes{Work: []ledger.Work{drawWork(rt, r, when)}})
	case "memory":
		script, needsLink = drawMemory(rt, order, q, when), false
	case "call":
		state := rapid.SampledFrom([]ledger.CallState{ledger.CallOpen, ledger.CallApplied, ledger.CallSetAside}).Draw(rt, "state")
		script, needsLink = Do(ledger.Scope{Calls: []string{order}}, ledger.Changes{Calls: []ledger.Call{{
			Key: order, Channel: r.Channel, State: state, Body: []byte(order), CreatedAt: when, Due: at.Add(time.Minute),
			Rows: []ledger.CallRow{{PushRow: stock.PushRow{Ref: r, Delta: q}}},
		}}}), false
	case "correct":
		s := drawShelf(rt)
		key := fmt.Sprint("correct ", rapid.IntRange(1, 20).Draw(rt, "key"))
		script, needsLink = Do(ledger.Scope{Shelves: []stock.Shelf{s}}, ledger.Changes{Entries: []ledger.Entry{{
			Key: key, Kind: ledger.KindCorrection, Shelf: s, OccurredAt: when,
			Postings: ledger.Post(ledger.Account{Item: s.Item, Kind: ledger.Shrinkage}, ledger.AvailableOn(s), q),
		}}}), false
	}
	return w.watched(script, r, needsLink)
}

// watched notes the snapshot that a script sees, and turns one that needs a linked ref and has none into a look.
func (w *world) watched(script Script, r stock.Ref, needsLink bool) Script {
	decide := script.Decide
	script.Decide = func(s *ledger.Snapshot, at time.Time) (ledger.Changes, error) {
		w.seen[w.side] = append(w.seen[w.side], canonical(s))
		if _, linked := s.Refs[r]; needsLink && !linked {
			return ledger.Changes{}, nil
		}
		c, err := decide(s, at)
		slices.SortFunc(c.Work, func(a, b ledger.Work) int { return a.Ref.Compare(b.Ref) })
		return c, err
	}
	return script
}

func drawWork(rt *rapid.T, r stock.Ref, when time.Time) ledger.Work {
	w := ledger.Work{
		Ref: r, Seq: uint64(rapid.IntRange(0, 9).Draw(rt, "seq")), Read: uint64(rapid.IntRange(0, 2).Draw(rt, "read")),
		ReadDue: when, Push: rapid.Bool().Draw(rt, "push"), PushDue: when.Add(5 * time.Second),
	}
	if rapid.IntRange(0, 3).Draw(rt, "in flight") == 0 {
		w.InFlight = "1"
	}
	if rapid.Bool().Draw(rt, "baseline") {
		w.Baseline = &ledger.BaselineWish{Authority: true, Missing: w.Seq%2 == 0, Candidate: &ledger.Candidate{Quantity: stock.Unit, Version: when},
			Pushes: []ledger.PlannedPush{{Ref: r, Quantity: -stock.Unit}}}
	}
	if rapid.Bool().Draw(rt, "uncaused") {
		w.Uncaused, w.Before = []ledger.Uncaused{{Quantity: stock.Unit, At: when, Pushed: true}}, ledger.LevelMark{Level: -stock.Unit, At: when}
	}
	if rapid.Bool().Draw(rt, "raise") {
		w.Raises, w.RaiseUnconfirmed = []ledger.Raise{{Quantity: stock.Unit, At: when}}, &ledger.Unconfirmed{Seq: 1, Since: when}
	}
	return w
}

func drawMemory(rt *rapid.T, order string, q stock.Quantity, when time.Time) Script {
	key := ledger.CounterKey{Channel: "web", Order: order, Line: "1", Restocked: rapid.Bool().Draw(rt, "restocked")}
	s := drawShelf(rt)
	brake := ledger.Brake{ID: order, Kind: ledger.TypedTwice, Shelf: s, Since: when}
	if rapid.Bool().Draw(rt, "released") {
		brake.ReleasedAt, brake.PassUntil = when, when.Add(20*time.Second)
	}
	wish := ledger.ResourceWish{Channel: "web", Resource: "order/" + order, Due: when}
	if rapid.Bool().Draw(rt, "fulfilled") {
		wish.Due = time.Time{}
	}
	scope := ledger.Scope{
		Orders: []ledger.OrderID{{Channel: "web", Order: order}}, Brakes: []string{order}, Shelves: []stock.Shelf{s},
		SoldAs: []ledger.SoldAs{{Channel: "web", Item: "sold-" + order}}, Keys: []string{"web:" + order}, Channels: []stock.Channel{"web"},
	}
	return Do(scope, ledger.Changes{
		Counters: map[ledger.CounterKey]stock.Quantity{key: q}, Waiting: []ledger.Waiting{{Counter: key, Quantity: q, Reason: "r", Since: when}},
		Brakes: []ledger.Brake{brake}, Resources: []ledger.ResourceWish{wish},
		Noted: []ledger.Disposition{{Ending: ledger.Parked, Channel: "web", Reason: order}},
	})
}
