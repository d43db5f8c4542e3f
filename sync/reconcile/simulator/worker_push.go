package simulator

import (
	"strconv"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// brakePause is how long a push that a brake held is left alone: by then a zero goes. A read of the ref or of a sibling ends it
// early.
const brakePause = reconcile.ZeroHold

// push plans one call for the refs and sends it. It reports whether there was one.
func (k *worker) push(names []stock.Ref) bool {
	w := k.w
	w.ledger.keys++
	key := "k" + strconv.Itoa(w.ledger.keys)
	life := w.life
	call := ledger.PlanCall{Channel: k.ch.name, Key: key, Refs: names, OccurredAt: k.platformTime().Truncate(time.Millisecond), Encode: encode}
	w.strange.massLoad(k.ch, &call)
	receipt, err := w.decide(call)
	if err != nil {
		w.judge.unexpected("planning a call", err)
		return false
	}
	if w.life != life {
		return false
	}
	for _, name := range names { // what a brake held is tried again a little later
		delete(k.pushNext, name)
		delete(k.pushPause, name)
		if w.ledger.ref(name).Work.InFlight == "" {
			k.held[name]++
			k.pushPause[name] = w.now + brakePause<<min(k.held[name]-1, 3)
			w.measure.held++
		}
	}
	for _, call := range receipt.Calls {
		if call.Key == key {
			for _, row := range call.Rows {
				delete(k.held, row.Ref)
			}
			k.send(call)
			return true
		}
	}
	w.reached("brake held a push")
	return false
}

// sendAgain repeats a stored call that is not definite, after a crash or an unknown outcome.
func (k *worker) sendAgain(call ledger.Call) {
	w := k.w
	life := w.life
	if _, err := w.decide(ledger.CallSending{Key: call.Key}); err != nil {
		w.judge.unexpected("sending a call", err)
		return
	}
	if w.life == life {
		w.reached("call sent again")
		k.send(call)
	}
}

// send makes one attempt: the same key and the same body every time.
func (k *worker) send(call ledger.Call) {
	w, ch := k.w, k.ch
	var refs []stock.Ref
	for _, row := range call.Rows {
		refs = append(refs, row.Ref)
	}
	k.begin(refs)
	k.calls[call.Key] = true
	w.measure.attempts++
	life := w.life
	answer := func(a stock.Answer) {
		if w.life == life && w.up {
			k.answered(call, refs, a)
		}
	}
	if w.tracing {
		w.tracef("send    %s attempt %d: %s", call.Key, call.Attempts, call.Body)
	}
	k.race(call)
	travel := w.dice.around()
	unknown := func() {
		w.after(requestTimeout, func() { answer(stock.Answer{Outcome: stock.Unknown, Reason: "time-out"}) })
	}
	trip := w.trip()
	if ch.loses(w, call.Key) {
		w.reached("answers of one call never heard")
		trip = lostAfter
	}
	switch trip {
	case lostBefore:
		unknown()
	case lostAfter:
		w.after(travel, func() { w.write(ch, call) })
		unknown()
	case strays:
		w.after(w.dice.between(requestTimeout, 3*requestTimeout), func() { w.write(ch, call) })
		unknown()
	case throttled:
		w.after(travel, func() {
			answer(stock.Answer{Outcome: stock.NotProcessed, Reason: "429", RetryAfter: time.Duration(w.dice.IntN(3)) * time.Second})
		})
	case fails:
		w.after(travel, func() { answer(stock.Answer{Outcome: stock.Unknown, Reason: "503"}) })
	case failsAfter:
		w.after(travel, func() { w.write(ch, call); answer(stock.Answer{Outcome: stock.Unknown, Reason: "500"}) })
	default:
		w.after(travel, func() {
			a := w.write(ch, call)
			a.PlatformTime = w.clock(ch).Truncate(time.Second)
			w.after(w.dice.around(), func() { answer(a) })
		})
	}
}

// loses opens the black hole of a run once, for an hour and some: long enough for the platform to forget the key.
func (c *channel) loses(w *world, key string) bool {
	if c.blackHole && c.blackHoleKey == "" && w.faulty() && w.now > 12*time.Minute {
		c.blackHoleKey, c.blackHoleUntil = key, w.now+65*time.Minute
	}
	return c.blackHoleKey == key && w.now < c.blackHoleUntil
}

// write is the moment a request reaches its platform.
func (w *world) write(ch *channel, call ledger.Call) stock.Answer {
	w.judge.callArrived(call)
	if ch.square != nil {
		return ch.square.write(call.Key, call.Body)
	}
	return ch.shopify.write(call.Key, call.Body)
}

// answered stores what became of an attempt.
func (k *worker) answered(call ledger.Call, refs []stock.Ref, answer stock.Answer) {
	w := k.w
	life := w.life
	k.learn(answer.PlatformTime)
	pause := max(answer.RetryAfter, min(time.Second<<min(call.Attempts, 6), time.Minute)/2)
	if w.bug == bugNewKey && answer.Outcome == stock.Unknown {
		answer = stock.Answer{Outcome: stock.Refused, Reason: "planted: a new key for what may have been written"}
	}
	if _, err := w.decide(ledger.CallAnswered{Key: call.Key, Answer: answer, Due: w.ours().Add(pause)}); err != nil {
		w.judge.unexpected("answering a call", err)
	}
	if w.life != life {
		return
	}
	delete(k.calls, call.Key)
	k.end(refs)
}

// race lets somebody at the till count the very items a push is on its way to.
func (k *worker) race(call ledger.Call) {
	w := k.w
	if k.ch.square == nil || !w.faulty() || !w.dice.chance(w.weights.race) {
		return
	}
	c := k.ch.counter(call.Rows[w.dice.IntN(len(call.Rows))].Ref)
	w.after(w.dice.between(0, 300*time.Millisecond), func() {
		occurred := w.clock(k.ch).Truncate(k.ch.square.posGrain)
		if w.dice.chance(0.08) {
			occurred = call.OccurredAt
		}
		w.reached("recount races a push")
		k.ch.square.recount(c, max(0, c.quantity+stock.Units(int64(w.dice.IntN(4)-2))).FloorTo(stock.Unit), occurred, "recount")
	})
}
