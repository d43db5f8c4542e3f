package budget

import (
	"container/list"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// patience is how long the first of a lane waits before it starves: then part of what comes back is saved up for it, and it goes when that
	// is enough. So much of a lane goes on whatever the others ask: one request in this time and the time that saving up for it takes.
	patience = 30 * time.Second
	// savedPart is that part: more urgent requests have the rest, and wait for none that starves.
	savedPart = 0.25
	// pauseAtMost bounds what a platform may ask for.
	pauseAtMost = time.Hour
	// waitAtMost is the longest pause that a request sits out: of a longer one its caller does better to know. For its turn among the
	// others it waits however long it takes.
	waitAtMost = 10 * time.Second
	// waitsKept is of how many requests a lane remembers how long they waited.
	waitsKept = 128
	// rounding is what a budget may lack: it is a fraction, and times are whole nanoseconds.
	rounding = 1e-6
)

// PausedError says that a request would have to wait for its turn longer than it can.
type PausedError struct {
	// After is how long it would have to wait.
	After time.Duration
}

func (e *PausedError) Error() string {
	return fmt.Sprintf("its turn comes in %s, later than it can wait for", e.After.Round(time.Second))
}

// meter knows how much may be asked for. Its methods are called under the queue's lock.
type meter interface {
	// available returns what may be taken now, most what is there when nobody asks, and perSecond, above zero, how fast it comes back.
	available(now time.Time) float64
	most() float64
	perSecond() float64
	// reserve is the part of a full budget that a request leaves to more urgent lanes.
	reserve(at stock.Lane) float64
	take(cost float64)
	// pressed is told that a request has to wait for its cost.
	pressed(now time.Time)
}

// waiter is a request that stands in its lane.
type waiter struct {
	cost  float64
	since time.Time
	// done is closed when its turn has come, or when err says why it will not.
	done chan struct{}
	err  error
}

// lane is a first come, first served queue.
type lane struct {
	waiters list.List // of *waiter
	granted int64
	last    time.Time
	waits   []time.Duration
}

// queue gives the requests of an account their turns. It measures elapsed time only, so it runs on the runtime's clock: a wall clock
// that is set back must not hold requests up.
type queue struct {
	mu          sync.Mutex
	meter       meter
	lanes       [stock.Sweeps + 1]lane
	pausedUntil time.Time
	refused     int64
	timer       *time.Timer
}

// enter waits for the turn of a request. Its error is a *PausedError, or the context's.
func (q *queue) enter(ctx context.Context, cost float64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	at := stock.LaneOf(ctx)
	q.mu.Lock()
	now := time.Now()
	w := &waiter{cost: cost, since: now, done: make(chan struct{})}
	if err := q.tooLong(ctx, at, w); err != nil {
		q.mu.Unlock()
		return err
	}
	place := q.lanes[at].waiters.PushBack(w)
	q.dispatch(now)
	q.mu.Unlock()

	select {
	case <-w.done:
		return w.err
	case <-ctx.Done():
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	select {
	case <-w.done: // its turn came in the same moment, and is taken from the budget
		return w.err
	default:
	}
	q.lanes[at].waiters.Remove(place)
	q.dispatch(time.Now())
	return ctx.Err()
}

// tryEnter takes the turn of a request if it can be had without waiting.
func (q *queue) tryEnter(ctx context.Context, cost float64) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	now, at := time.Now(), stock.LaneOf(ctx)
	for i := range q.lanes[:at+1] {
		if q.lanes[i].first() != nil {
			return false
		}
	}
	w := &waiter{cost: cost, since: now, done: make(chan struct{})}
	if ctx.Err() != nil || q.pausedUntil.After(now) || q.needs(at, w, now)-q.meter.available(now) > rounding {
		return false
	}
	q.meter.take(cost)
	q.lanes[at].waiters.PushBack(w)
	q.lanes[at].grant(now)
	return true
}

// giveBack gives back the turn of a request that was not made.
func (q *queue) giveBack(at stock.Lane, cost float64) {
	q.learn(func(time.Time) {
		q.meter.take(-cost)
		q.lanes[at].granted--
	})
}

// tooLong refuses a request that cannot sit out the pause, or whose context certainly ends before its turn.
func (q *queue) tooLong(ctx context.Context, at stock.Lane, w *waiter) error {
	now := w.since
	pause := q.pausedUntil.Sub(now)
	lacks := q.needs(at, w, now) - q.meter.available(now)
	wait := max(pause, seconds(lacks/q.meter.perSecond()))
	deadline, limited := ctx.Deadline()
	if pause > waitAtMost || limited && deadline.Before(now.Add(wait)) {
		return &PausedError{After: max(wait, 0)}
	}
	return nil
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }

// dispatch gives their turns to all that may have them, and comes back when the next may.
func (q *queue) dispatch(now time.Time) {
	if q.timer != nil {
		q.timer.Stop()
	}
	for {
		next, lacks := q.next(now)
		if next == nil {
			return
		}
		if pause := q.pausedUntil.Sub(now); pause > 0 {
			q.comeBack(pause)
			return
		}
		if lacks > rounding {
			q.meter.pressed(now)
			q.comeBack(seconds(lacks / q.meter.perSecond()))
			return
		}
		q.meter.take(next.first().cost)
		next.grant(now)
	}
}

// comeBack dispatches again after a time, a microsecond at least: what lacks may be less than a nanosecond's.
func (q *queue) comeBack(after time.Duration) {
	again := func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.dispatch(time.Now())
	}
	after = max(after, time.Microsecond)
	if q.timer == nil {
		q.timer = time.AfterFunc(after, again)
		return
	}
	q.timer.Reset(after)
}

// next returns the lane whose first request is next, and how much that lacks: one that starves if there is enough for it, or else the most
// urgent. It is nil when nobody waits.
func (q *queue) next(now time.Time) (next *lane, lacks float64) {
	available := q.meter.available(now)
	for i := range q.lanes {
		l := &q.lanes[i]
		w := l.first()
		if w == nil {
			continue
		}
		short := q.needs(stock.Lane(i), w, now) - available
		if next == nil || l.starves(now) && short <= rounding {
			next, lacks = l, short
		}
	}
	return next, lacks
}

// needs is how much must be there for a request: its cost, and what it leaves to more urgent lanes and to those that starve. One that
// starves itself leaves nothing.
func (q *queue) needs(at stock.Lane, w *waiter, now time.Time) float64 {
	needs := w.cost
	if !q.lanes[at].starves(now) {
		needs += q.meter.reserve(at)*q.meter.most() + q.saved(now)
	}
	return min(needs, q.meter.most())
}

// saved is what is saved up for requests that starve, as much as they need at most.
func (q *queue) saved(now time.Time) (saved float64) {
	for i := range q.lanes {
		if l := &q.lanes[i]; l.starves(now) {
			saved = max(saved, min(l.first().cost, l.starved(now).Seconds()*q.meter.perSecond()*savedPart))
		}
	}
	return saved
}

// first is the request that came first; nil: none waits.
func (l *lane) first() *waiter {
	place := l.waiters.Front()
	if place == nil {
		return nil
	}
	return place.Value.(*waiter)
}

// starved is for how long the first request has waited beyond its patience while its lane got nothing; below zero: not yet.
func (l *lane) starved(now time.Time) time.Duration {
	first := l.first()
	if first == nil {
		return -patience
	}
	return min(now.Sub(first.since), now.Sub(l.last)) - patience
}

func (l *lane) starves(now time.Time) bool { return l.starved(now) >= 0 }

func (l *lane) grant(now time.Time) {
	w := l.waiters.Remove(l.waiters.Front()).(*waiter)
	if len(l.waits) == waitsKept {
		l.waits = l.waits[1:]
	}
	l.waits = append(l.waits, now.Sub(w.since))
	l.granted++
	l.last = now
	close(w.done)
}

// pause holds every request back, as the platform asked. Those that cannot sit it out are told so.
func (q *queue) pause(d time.Duration, now time.Time) {
	until := now.Add(min(d, pauseAtMost))
	if !until.After(q.pausedUntil) {
		return
	}
	q.pausedUntil = until
	if d <= waitAtMost {
		return
	}
	for i := range q.lanes {
		waiters := &q.lanes[i].waiters
		for place := waiters.Front(); place != nil; place = waiters.Front() {
			w := waiters.Remove(place).(*waiter)
			w.err = &PausedError{After: until.Sub(now)}
			close(w.done)
		}
	}
}

// learn lets an answer change the meter, and gives their turns to those who may have them now.
func (q *queue) learn(change func(now time.Time)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	change(now)
	q.dispatch(now)
}

// State says how the budget stands.
func (q *queue) State() stock.Budget {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	state := stock.Budget{PerSecond: q.meter.perSecond(), Available: q.meter.available(now), Most: q.meter.most(), Refused: q.refused}
	if state.Most >= unknown {
		state.PerSecond, state.Available, state.Most = 0, 0, 0
	}
	if q.pausedUntil.After(now) {
		state.PausedUntil = q.pausedUntil.UTC()
	}
	for i := range q.lanes {
		l := &q.lanes[i]
		shown := stock.LaneState{Lane: stock.Lane(i).String(), Waiting: l.waiters.Len(), Granted: l.granted}
		if waits := slices.Sorted(slices.Values(l.waits)); len(waits) > 0 {
			shown.WaitedP50, shown.WaitedMost = waits[len(waits)/2].Milliseconds(), waits[len(waits)-1].Milliseconds()
		}
		state.Lanes = append(state.Lanes, shown)
	}
	return state
}
