package simulator

import (
	"strconv"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// weights are the probabilities of faults, drawn once per run so that runs differ in kind and not only in detail.
type weights struct {
	drop, double, delay                                   float64 // webhooks
	loseBefore, loseAfter, zombie, tooMany, broken, late5 float64 // requests
	refuse                                                float64 // definite refusals of good writes
	crash                                                 float64 // before or after a transaction
	hidden                                                float64 // a row missing from one answer
	race                                                  float64 // a recount while a push travels
	stale                                                 float64 // an own read from a copy that lags behind
}

func drawWeights(d dice) weights {
	return weights{
		drop: d.weight(0.25, 0.05, 0.35), double: d.weight(0.3, 0.02, 0.2), delay: d.weight(0.3, 0.02, 0.25),
		loseBefore: d.weight(0.4, 0.01, 0.08), loseAfter: d.weight(0.4, 0.01, 0.12), zombie: d.weight(0.6, 0.005, 0.04),
		tooMany: d.weight(0.5, 0.01, 0.08), broken: d.weight(0.5, 0.01, 0.06), late5: d.weight(0.5, 0.01, 0.05),
		refuse: d.weight(0.7, 0.005, 0.04), crash: d.weight(0.6, 0.0005, 0.006), hidden: d.weight(0.7, 0.003, 0.02),
		race: d.weight(0.4, 0.05, 0.4), stale: d.weight(0.5, 0.02, 0.3),
	}
}

// favour raises what a planted bug needs to show: a run that never gets there cannot find it.
func (f *weights) favour(bug Bug) {
	if bug == bugOffsetFirst {
		f.crash = max(f.crash, 0.004)
	}
}

// courier carries webhooks from the platforms to us: some lost, some twice, in any order, minutes late.
type courier struct {
	w    *world
	next int
}

// told is one fact on its way to the ledger, with what the judge must know about it.
type told struct {
	input ledger.Input
	look  look // of the reading inside; the zero look when there is none
	// behind: by its version the own read inside is older than what was accepted, or than a write of ours that had its effect.
	behind bool
}

// level tells that a counter changed. The payload is built a moment later and shows what the counter shows then.
func (k *courier) level(c *counter) {
	k.w.after(k.w.dice.between(0, 400*time.Millisecond), func() {
		seen := c.look(k.w.now)
		if seen.reading.Status != stock.Counted {
			seen.reading.Status = stock.Missing // a payload says null, not why
		}
		reading := seen.reading
		k.send(c.ch, stock.Event{Topic: "level", Reading: &reading}, seen)
	})
}

func (k *courier) order(s *shopify, o *shopOrder) {
	k.w.after(k.w.dice.between(0, 400*time.Millisecond), func() {
		view := s.show(o)
		k.send(s.ch, stock.Event{Topic: "order", Order: &view}, look{})
	})
}

func (k *courier) hint(s *shopify, o *shopOrder) {
	k.send(s.ch, stock.Event{Topic: "hint", Hint: &stock.Hint{Resource: stock.OrderResource(o.id)}}, look{})
}

func (k *courier) send(ch *channel, event stock.Event, seen look) {
	w := k.w
	k.next++
	event.ID, event.Channel = "w"+strconv.Itoa(k.next), ch.name
	copies := 1
	if w.faulty() && w.dice.chance(w.weights.double) {
		copies = 2
		w.reached("webhook doubled")
	}
	for range copies {
		delay := w.dice.around()
		if w.faulty() {
			if w.dice.chance(w.weights.drop) {
				w.reached("webhook lost")
				continue
			}
			if w.dice.chance(w.weights.delay) {
				delay = w.dice.between(time.Second, 4*time.Minute)
				w.reached("webhook delayed by minutes")
			}
		}
		w.after(delay, func() { k.arrive(told{input: ledger.Delivered{Event: event}, look: seen}, 0) })
	}
}

// arrive is one delivery. While we are down the platform tries again with the same payload, and gives up in the end.
func (k *courier) arrive(fact told, attempt int) {
	w := k.w
	if !w.up {
		w.reached("webhook while we were down")
		if attempt < 3 {
			w.after(w.dice.between(30*time.Second, 3*time.Minute), func() { k.arrive(fact, attempt+1) })
		}
		return
	}
	in := fact.input.(ledger.Delivered)
	in.Event.ObservedAt = w.ours()
	fact.input = in
	w.stream.publish(fact)
}

// trip is what becomes of one request of ours.
type trip uint8

const (
	arrives trip = iota + 1
	lostBefore
	lostAfter
	strays // arrives, long after we stopped waiting
	throttled
	fails      // 5xx, nothing done
	failsAfter // 5xx, though it was done
)

// requestTimeout is how long we wait for an answer.
const requestTimeout = 10 * time.Second

func (w *world) trip() trip {
	if !w.faulty() {
		return arrives
	}
	kinds := [...]struct {
		p    float64
		kind trip
		name string
	}{
		{w.weights.loseBefore, lostBefore, "request lost"}, {w.weights.loseAfter, lostAfter, "answer lost after the write"},
		{w.weights.zombie, strays, "request strayed"}, {w.weights.tooMany, throttled, "429"},
		{w.weights.broken, fails, "5xx before the write"}, {w.weights.late5, failsAfter, "5xx after the write"},
	}
	for _, k := range kinds {
		if w.dice.chance(k.p) {
			w.reached(k.name)
			return k.kind
		}
	}
	return arrives
}
