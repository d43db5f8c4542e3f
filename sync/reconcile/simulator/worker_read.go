package simulator

import (
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// reading is one read of refs under way: levels first, then history or orders.
type reading struct {
	k     *worker
	refs  []ledger.DueRef
	facts []told
	life  int
	asked time.Time
}

// read sends one read of several refs.
func (k *worker) read(refs []ledger.DueRef) {
	names := namesOf(refs)
	k.begin(names)
	k.w.measure.reads++
	k.w.measure.refsRead += len(refs)
	r := &reading{k: k, refs: refs, life: k.w.life, asked: k.w.ours()}
	if k.w.trip() != arrives {
		k.w.ourAfter(k.w.dice.between(200*time.Millisecond, requestTimeout), r.failed)
		return
	}
	k.w.after(k.w.dice.around(), r.levels)
}

func (r *reading) failed() {
	for _, ref := range r.refs {
		r.k.readPause[ref.State.Ref] = r.k.w.now + time.Second
	}
	r.k.w.reached("own read failed")
	r.k.end(namesOf(r.refs))
}

// levels is the moment the platform looks at its counters.
func (r *reading) levels() {
	w, ch := r.k.w, r.k.ch
	readAt := w.clock(ch).Truncate(time.Second)
	for _, ref := range r.refs {
		seen := r.look(ref)
		seen.reading = w.marks.asked(seen.counter, seen.reading)
		if w.faulty() && seen.reading.Status == stock.Counted && w.dice.chance(w.weights.hidden) {
			seen.reading = stock.Reading{Ref: ref.State.Ref, Status: stock.Missing, SoldOut: seen.reading.SoldOut}
			w.reached("counter missing from one answer")
		}
		r.facts = append(r.facts, told{input: ledger.OwnRead{Reading: seen.reading, Mark: ref.Work.Seq, ReadAt: readAt, AskedAt: r.asked}, look: seen})
	}
	switch {
	case ch.square != nil:
		w.after(w.dice.around(), r.history)
	case r.wantsOrders():
		w.after(w.dice.around(), r.orders)
	default:
		w.after(w.dice.around(), r.answered)
	}
}

// look reads a ref, now and then from a copy that lags behind. The two equal readings that a baseline takes where there is no
// history allow for a level that follows an order late, not for such a copy as well.
func (r *reading) look(ref ledger.DueRef) look {
	w, c := r.k.w, r.k.ch.counter(ref.State.Ref)
	baseline := ref.State.Status == ledger.Linked || ref.State.Status == ledger.Untracked || ref.State.Status == ledger.Gone
	if baseline && r.k.ch.shopify != nil || !w.faulty() || !w.dice.chance(w.weights.stale) {
		return c.look(w.now)
	}
	seen := c.lookAt(w.now-w.dice.between(0, copyLagMax), w.now)
	if seen.stale {
		w.reached("own read from a copy that lags behind")
	}
	return seen
}

func (r *reading) wantsOrders() bool {
	for _, ref := range r.refs {
		if ref.Work.Baseline != nil || ref.State.Status == ledger.Untracked || ref.State.Status == ledger.Gone {
			return true
		}
	}
	return false
}

// history asks the changes feed of each ref: since the oldest unconfirmed push, and since the last read.
func (r *reading) history() {
	w, ch := r.k.w, r.k.ch
	for i, ref := range r.refs {
		in := r.facts[i].input.(ledger.OwnRead)
		since := ref.Work.FeedFrom
		for _, push := range ref.State.Unconfirmed {
			if from := push.OccurredAt.Add(-time.Second); since.IsZero() || from.Before(since) {
				since = from
			}
		}
		if w.bug == bugFeedTime && len(ref.State.Unconfirmed) > 0 {
			since = ch.square.createdOf(ch.counter(ref.State.Ref), ref.State.Unconfirmed).Add(-time.Nanosecond)
		}
		in.FeedFrom = since
		in.Movements, in.Recounts = ch.square.feed(ch.counter(ref.State.Ref), since)
		r.facts[i].input = in
	}
	w.after(w.dice.around(), r.answered)
}

// orders lists what a baseline must know: the orders since the time its wish names.
func (r *reading) orders() {
	w, ch := r.k.w, r.k.ch
	for i, ref := range r.refs {
		in := r.facts[i].input.(ledger.OwnRead)
		switch {
		case ref.Work.Baseline != nil:
			in.Orders = ch.shopify.list(ref.Work.Baseline.OrdersFrom)
		case ref.State.Status == ledger.Untracked || ref.State.Status == ledger.Gone:
			in.Orders = ch.shopify.list(in.ReadAt.Add(-20 * time.Minute))
		}
		r.facts[i].input = in
	}
	w.after(w.dice.around(), r.answered)
}

// answered is the moment we have the whole answer.
func (r *reading) answered() {
	w := r.k.w
	if w.life != r.life || !w.up {
		return
	}
	r.k.learn(r.facts[0].input.(ledger.OwnRead).ReadAt)
	if w.dice.chance(0.5) {
		r.apply(r.facts)
	} else {
		for i := range r.facts {
			r.apply(r.facts[i : i+1])
		}
	}
	if w.up && w.life == r.life {
		r.k.end(namesOf(r.refs))
	}
}

func (r *reading) apply(facts []told) {
	w := r.k.w
	if w.life != r.life || !w.up {
		return
	}
	receipt, err := w.apply(ledger.Batch{}, facts)
	if err != nil {
		w.judge.unexpected("own read", err)
		return
	}
	for i, d := range receipt.Dispositions {
		r.k.pushNext[facts[i].look.counter.ref] = true
		for _, sibling := range facts[i].look.counter.shelf.counters {
			delete(sibling.ch.worker.pushPause, sibling.ref)
			sibling.ch.worker.wake(0)
		}
		if d.Ending == ledger.Repeat {
			w.reached("own read repeated: " + d.Reason)
			r.k.readPause[facts[i].look.counter.ref] = w.now + 200*time.Millisecond
		}
	}
}
