package reconcile_test

import (
	"context"
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

// dealer draws inputs that speak of the mug in two places, so that they meet.
type dealer struct {
	*rapid.T
	s *shop
	// wild also draws what is refused, and what a person does.
	wild bool
}

func (d dealer) pick(what string, n int) int { return rapid.IntRange(0, n-1).Draw(d.T, what) }

func (d dealer) ref() stock.Ref {
	return []stock.Ref{tillMug, webMug, tillMug, webMug, tillMugAnnex, webMugAnnex, webCup}[d.pick("ref", 7)]
}

func (d dealer) time() time.Time { return at(float64(d.pick("time", 40)-20) / 2) }

func (d dealer) reading() stock.Reading {
	r := reading(d.ref(), int64(d.pick("units", 12)-2), d.time())
	switch d.pick("status", 12) {
	case 0:
		r.Status = stock.Missing
	case 1:
		r.Status = stock.Untracked
	}
	if d.pick("fraction", 6) == 0 {
		r.Quantity += 50_000
	}
	return r
}

// movement has a key that follows from its content, unless the game is wild.
func (d dealer) movement() stock.Movement {
	ref := d.ref()
	m := stock.Movement{Ref: ref, Quantity: stock.Units(int64(d.pick("moved", 7) - 3)), Cause: stock.Cause(1 + d.pick("cause", 5)), OccurredAt: d.time(), ChannelTime: d.time()}
	m.Key = fmt.Sprint("m/", ref, m.Quantity, m.Cause, d.pick("key", 3))
	if d.wild && d.pick("reused", 8) == 0 {
		m.Key = "m/reused"
	}
	return m
}

func (d dealer) recount() stock.Recount {
	r := stock.Recount{Ref: d.ref(), Counted: stock.Units(int64(d.pick("counted", 10))), OccurredAt: d.time(), ChannelTime: d.time()}
	r.Key = fmt.Sprint("r/", r.Ref, r.Counted, d.pick("key", 2))
	return r
}

func (d dealer) order() stock.Order {
	o := stock.Order{Channel: web, ID: fmt.Sprint(900 + d.pick("order", 2)), CreatedAt: at(float64(d.pick("created", 10) - 3)), UpdatedAt: d.time()}
	for n := range 1 + d.pick("lines", 2) {
		l := line(fmt.Sprint(n), int64(d.pick("taken", 4)))
		l.Location = []string{"77", "77", "78", ""}[d.pick("place", 4)]
		if units := d.pick("restocked", 3); units > 0 {
			l.Restocks = []stock.Restock{restock("R", int64(units), "return", d.time())}
		}
		o.Lines = append(o.Lines, l)
	}
	return o
}

func (d dealer) ownRead(mark uint64) ledger.OwnRead {
	in := ledger.OwnRead{Reading: d.reading(), Mark: mark, ReadAt: d.s.now}
	for range d.pick("history", 3) {
		in.Movements = append(in.Movements, d.movement())
	}
	for _, push := range d.s.state(in.Reading.Ref).Unconfirmed {
		if d.pick("own row", 4) > 0 {
			call, _ := d.s.model.Call(push.Call)
			in.Movements = append(in.Movements, ownRow(call, push.OccurredAt.Add(time.Duration(d.pick("received", 3))*time.Second)))
		}
	}
	if d.pick("recounts", 3) == 0 {
		in.Recounts = append(in.Recounts, d.recount())
	}
	if d.pick("orders", 4) == 0 {
		in.Orders = append(in.Orders, d.order())
	}
	return in
}

func (d dealer) plan(key string) ledger.PlanCall {
	ref := d.ref()
	return ledger.PlanCall{Channel: ref.Channel, Key: key, Refs: []stock.Ref{ref}, OccurredAt: d.s.now,
		Encode: func(key string, _ time.Time, rows []stock.PushRow) ([]byte, error) {
			return fmt.Append(nil, key, rows), nil
		}}
}

// openCall is a call that is on its way; empty when there is none.
func (d dealer) openCall() string {
	calls, err := d.s.model.OpenCalls(context.Background(), d.ref().Channel)
	require.NoError(d, err)
	if len(calls) == 0 {
		return ""
	}
	return calls[d.pick("call", len(calls))].Key
}

// typedTwice is the id of a brake on goods typed in twice; one that does not hold when there is none.
func (d dealer) typedTwice(shelf stock.Shelf) string {
	refs := map[stock.Shelf][]stock.Ref{mug: {tillMug, webMug}, mugAnnex: {tillMugAnnex, webMugAnnex}}[shelf]
	return append(d.s.typedTwice(shelf, refs...), "typed-twice/mug/none")[0]
}

// input draws one input. n numbers it.
func (d dealer) input(n int) ledger.Input {
	kinds := 12
	if d.wild {
		kinds = 18
	}
	call := d.openCall()
	switch d.pick("kind", kinds) {
	case 0, 1, 2:
		return delivered(d.reading())
	case 3, 4:
		return d.ownRead(uint64(d.pick("mark", 9)))
	case 5:
		return delivered(d.movement())
	case 6:
		return delivered(d.recount())
	case 7:
		return delivered(d.order())
	case 8, 9:
		return d.plan(fmt.Sprint("k", n))
	case 10, 11:
		if call == "" && !d.wild {
			return delivered(d.reading())
		}
		outcome := []stock.Outcome{stock.Applied, stock.Applied, stock.Refused, stock.NotProcessed, stock.Unknown}[d.pick("outcome", 5)]
		return ledger.CallAnswered{Key: call, Answer: stock.Answer{Outcome: outcome, PlatformTime: d.s.now}, Due: d.s.now}
	case 12:
		return ledger.UnlinkRef{Ref: d.ref()}
	case 13:
		shelf := []stock.Shelf{mug, mugAnnex}[d.pick("shelf", 2)]
		return ledger.ReleaseBrake{ID: d.typedTwice(shelf), Shelf: shelf, Correct: d.pick("correct", 2) == 0}
	case 14:
		ref := d.ref()
		for _, push := range d.s.state(ref).Unconfirmed {
			call = push.Call
		}
		return ledger.ResolvePush{Ref: ref, Call: call, Applied: d.pick("applied", 2) == 0}
	case 15:
		ref := d.ref()
		open := -d.s.model.Ref(ref).Unexplained
		return ledger.SettleRef{Ref: ref, Shelf: d.s.state(ref).Shelf, Cause: stock.Cause(1 + d.pick("cause", 5)), Quantity: open / stock.Quantity(1+d.pick("part", 3))}
	case 16:
		ref := d.ref()
		return ledger.ReopenRef{Ref: ref, Shelf: d.s.state(ref).Shelf}
	}
	return ledger.WantBaseline{Ref: d.ref(), Authority: d.pick("authority", 2) == 0}
}

// twoShelves is a shop whose mug stands on both shelves.
func twoShelves(t reporter) *shop {
	s := openShop(t, 8)
	s.now = at(-60)
	s.open(mugAnnex, 3, tillMugAnnex, webMugAnnex)
	return s
}

// Whatever comes: accounts come to zero, levels move only as they may, and after an accepted reading the ref expects what it
// shows. newShop and shop.whole look at every step.
func TestRandomInputsNeverBreakTheLedger(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s := twoShelves(rt)
		d := dealer{T: rt, s: s, wild: true}
		for n := range rapid.IntRange(5, 40).Draw(rt, "inputs") {
			s.wait(float64(d.pick("wait", 30)) / 2)
			input := d.input(n)
			receipt, err := s.model.Apply(context.Background(), s.step, ledger.Batch{At: s.now, Inputs: []ledger.Input{input}})
			var refused *ledger.InputError
			if err != nil && !errors.As(err, &refused) {
				rt.Fatalf("only an input may be refused: %v", err)
			}
			s.whole()
			expectsWhatItShows(rt, s, input, receipt)
		}
	})
}

func expectsWhatItShows(t reporter, s *shop, input ledger.Input, receipt ledger.Receipt) {
	var shown stock.Reading
	switch in := input.(type) {
	case ledger.OwnRead:
		shown = in.Reading
	case ledger.Delivered:
		if in.Event.Reading == nil {
			return
		}
		shown = *in.Event.Reading
	default:
		return
	}
	for _, entry := range receipt.Entries {
		accepted := entry.Kind == ledger.KindReading || entry.Kind == ledger.KindBaseline
		if accepted && shown.Status == stock.Counted {
			require.Equal(t, shown.Quantity, s.expected(shown.Ref), "after an accepted reading")
		}
	}
}

// It does not matter how the stream cuts its batches.
func TestBatchEqualsItsInputsOneByOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		one, many := twoShelves(rt), twoShelves(rt)
		d := dealer{T: rt, s: one}
		for round := range 3 {
			var batch []ledger.Input
			for n := range rapid.IntRange(1, 12).Draw(rt, "inputs") {
				batch = append(batch, d.input(100*round+n))
			}
			single := sentBefore(one, batch)
			receipt := many.apply(sentBefore(many, batch)...)
			for i, input := range single {
				require.Equal(rt, one.one(input), receipt.Dispositions[i], "input %d: %v", i, input)
			}
			same(rt, one, many)
			one.wait(3)
			many.wait(3)
		}
	})
}

// sentBefore has the own reads of a batch be as many wishes late as their marks say. They were sent before it, so they know none of its
// wishes, and the numbers of wishes follow from how the stream was cut.
func sentBefore(s *shop, batch []ledger.Input) []ledger.Input {
	batch = slices.Clone(batch)
	for i, input := range batch {
		if read, ok := input.(ledger.OwnRead); ok {
			last := s.work(read.Reading.Ref).Seq
			read.Mark = last - min(read.Mark, last)
			batch[i] = read
		}
	}
	return batch
}

func same(t reporter, a, b *shop) {
	for _, ref := range []stock.Ref{tillMug, webMug, tillMugAnnex, webMugAnnex} {
		require.Equal(t, a.state(ref), b.state(ref), "state of %s", ref)
		require.Equal(t, a.model.Ref(ref).Unexplained, b.model.Ref(ref).Unexplained, "unexplained of %s", ref)
		require.Equal(t, a.work(ref).Push, b.work(ref).Push, "push of %s", ref)
	}
	require.Equal(t, a.model.Balances("mug"), b.model.Balances("mug"))
	for i, entry := range a.model.Entries() {
		require.Equal(t, entry, b.model.Entries()[i])
	}
}
