package simulator

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// worker converges one channel: it sends stored calls, reads refs and pushes deltas, a few at a time, never two things at once
// for one ref. All of it is volatile.
type worker struct {
	w     *world
	ch    *channel
	lanes int // operations that may run at the same time
	busy  map[stock.Ref]bool
	calls map[string]bool // keys being sent
	// readPause and pushPause are our times before which a ref is not read or pushed: a read failed, a brake held a push.
	readPause, pushPause map[stock.Ref]time.Duration
	held                 map[stock.Ref]int // how often a brake held the ref's push
	// pushNext says that a ref was read: a wanted push of it goes before its next read, so that a busy shelf does not starve
	// its pushes.
	pushNext map[stock.Ref]bool
	// asked counts how often a resource was read, askAgain is our time before which it is left alone: an order may take a
	// while to be routed.
	asked    map[string]int
	askAgain map[string]time.Duration
	wakes    map[time.Duration]bool
	used     int

	// learntAt and learnt are our clock and the platform's in its last answer: from it we know its time, never ahead.
	learntAt time.Duration
	learnt   time.Time
}

func newWorker(w *world, ch *channel) *worker {
	k := &worker{
		w: w, ch: ch, lanes: 1 + w.dice.IntN(2), busy: map[stock.Ref]bool{}, calls: map[string]bool{},
		readPause: map[stock.Ref]time.Duration{}, pushPause: map[stock.Ref]time.Duration{}, pushNext: map[stock.Ref]bool{}, held: map[stock.Ref]int{},
		asked: map[string]int{}, askAgain: map[string]time.Duration{}, wakes: map[time.Duration]bool{},
	}
	if w.bug == bugReadDuringPush {
		k.lanes = 3
	}
	k.learn(w.clock(ch).Add(-w.dice.between(0, time.Second))) // the answer to a first harmless request
	return k
}

// learn takes the platform's clock from an answer. Its Date header has whole seconds.
func (k *worker) learn(platform time.Time) {
	platform = platform.Truncate(time.Second)
	if platform.After(k.platformTime()) {
		k.learntAt, k.learnt = k.w.now, platform
	}
}

// platformTime is the platform's clock as far as we know it: never ahead.
func (k *worker) platformTime() time.Time { return k.learnt.Add(k.w.now - k.learntAt) }

// wake looks for work after a delay.
func (k *worker) wake(delay time.Duration) {
	at := k.w.now + max(delay, time.Millisecond)
	if k.w.up && k == k.ch.worker && !k.wakes[at] {
		k.wakes[at] = true
		k.w.ourAfter(at-k.w.now, func() {
			delete(k.wakes, at)
			k.turn()
		})
	}
}

// idleTick is how often a worker looks for work although nobody woke it.
const idleTick = 20 * time.Second

// turn starts what can be started and sleeps until the next thing is due.
func (k *worker) turn() {
	if k.used >= k.lanes {
		return // whatever ends wakes us again
	}
	for k.used < k.lanes && k.w.up && k.one() {
	}
	if !k.w.up || k.used >= k.lanes {
		return
	}
	now := k.w.now
	delay := idleTick
	if due, _ := k.w.ledger.model.NextDue(context.Background(), k.ch.name, k.w.ours()); !due.IsZero() {
		delay = min(delay, sinceEpoch(due)-now)
	}
	for _, pauses := range []map[stock.Ref]time.Duration{k.readPause, k.pushPause} {
		for _, until := range pauses {
			if until > now {
				delay = min(delay, until-now)
			}
		}
	}
	k.wake(delay)
}

// one starts one operation, the most urgent kind first, and reports whether it did.
func (k *worker) one() bool {
	if call, ok := k.dueCall(); ok {
		k.sendAgain(call)
		return true
	}
	wishes, _ := k.w.ledger.model.DueResources(context.Background(), k.ch.name, k.w.ours(), 0)
	for _, wish := range wishes {
		if k.ch.shopify != nil && !k.calls[wish.Resource] && k.askAgain[wish.Resource] <= k.w.now {
			k.readOrder(wish.Resource)
			return true
		}
	}
	reads, pushes := k.due(k.w.ours())
	if len(pushes) > 0 && k.push(pushes) {
		return true
	}
	if !k.w.up || k.used >= k.lanes {
		return false
	}
	if len(reads) > 0 {
		k.read(reads[:min(len(reads), 4)])
		return true
	}
	return false
}

// due lists what is to be read and what is to be pushed now. A ref is on one of the lists: a wanted push waits for a wished
// read, but only for one.
func (k *worker) due(at time.Time) (reads []ledger.DueRef, pushes []stock.Ref) {
	waits, chosen := map[stock.Ref]bool{}, map[stock.Ref]bool{}
	for _, ref := range k.w.ledger.dueReads(k.ch, at) {
		name := ref.State.Ref
		if k.free(name) && k.readPause[name] <= k.w.now {
			reads = append(reads, ref)
			waits[name] = true
		}
	}
	for _, name := range k.wantedPushes(at) {
		if k.free(name) && k.pushPause[name] <= k.w.now && (k.pushNext[name] || !waits[name]) {
			pushes = append(pushes, name)
			chosen[name] = true
		}
	}
	return slices.DeleteFunc(reads, func(ref ledger.DueRef) bool { return chosen[ref.State.Ref] }), pushes
}

func (k *worker) free(ref stock.Ref) bool { return !k.busy[ref] || k.w.bug == bugReadDuringPush }

func (k *worker) wantedPushes(at time.Time) []stock.Ref {
	if k.w.bug != bugPushUnopened {
		return k.w.ledger.duePushes(k.ch, at)
	}
	var names []stock.Ref
	for _, ref := range k.w.ledger.refs() {
		if ref.State.Ref.Channel == k.ch.name && ref.PushAllowed(true) && !ref.Work.PushDue.After(at) {
			names = append(names, ref.State.Ref)
		}
	}
	return names
}

func (k *worker) dueCall() (ledger.Call, bool) {
	calls, _ := k.w.ledger.model.OpenCalls(context.Background(), k.ch.name)
	for _, call := range calls {
		if !k.calls[call.Key] && !call.Due.After(k.w.ours()) {
			return call, true
		}
	}
	return ledger.Call{}, false
}

// begin marks refs as worked on; end undoes it.
func (k *worker) begin(refs []stock.Ref) {
	k.used++
	for _, ref := range refs {
		if k.busy[ref] && k.w.bug != bugReadDuringPush {
			k.w.judge.fail("two operations on %s at once", ref)
		}
		k.busy[ref] = true
	}
}

func (k *worker) end(refs []stock.Ref) {
	k.used--
	for _, ref := range refs {
		delete(k.busy, ref)
	}
	k.wake(0)
}

func namesOf(refs []ledger.DueRef) []stock.Ref {
	names := make([]stock.Ref, len(refs))
	for i, ref := range refs {
		names[i] = ref.State.Ref
	}
	return names
}

// readOrder reads an order that a hint named.
func (k *worker) readOrder(resource string) {
	w := k.w
	k.used++
	k.calls[resource] = true
	k.asked[resource]++
	k.askAgain[resource] = w.now + min(time.Second<<min(k.asked[resource], 6), time.Minute)
	done := func() {
		k.used--
		delete(k.calls, resource)
		k.wake(0)
	}
	retry := ledger.ResourceRead{Channel: k.ch.name, Resource: resource, Retry: w.ours().Add(3 * time.Second)}
	if w.trip() != arrives {
		w.ourAfter(requestTimeout, func() { _, _ = w.decide(retry); done() })
		return
	}
	w.measure.reads++
	w.after(w.dice.around(), func() {
		i := slices.IndexFunc(k.ch.shopify.orders, func(o *shopOrder) bool { return stock.OrderResource(o.id) == resource })
		view := k.ch.shopify.show(k.ch.shopify.orders[i])
		life := w.life
		w.after(w.dice.around(), func() {
			if w.life != life || !w.up {
				return
			}
			event := stock.Event{ID: "read/" + strconv.Itoa(w.applies), Channel: k.ch.name, Topic: "order read", ObservedAt: w.ours(), Order: &view}
			// The wish is settled first: the order may raise it anew, because its location is still not known.
			_, _ = w.decide(ledger.ResourceRead{Channel: k.ch.name, Resource: resource}, ledger.Delivered{Event: event})
			if w.up && w.life == life {
				done()
			}
		})
	})
}
