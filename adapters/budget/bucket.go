package budget

import (
	"context"
	"sync"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// restoreLeast guards against an answer that says nothing or nonsense, in points per second.
	restoreLeast = 1.0
	// throttledPause is the least pause after a refusal: the points were there by what the last answer said.
	throttledPause = time.Second
)

// bucketReserves are what less urgent lanes leave of a full bucket. A push costs few of its points, and a part of it that is left comes
// late to whoever needs all: a twentieth of Shopify's is a second's worth, and eight pushes.
var bucketReserves = map[stock.Lane]float64{stock.ConfirmingReads: 0.02, stock.Causes: 0.05, stock.Sweeps: 0.1}

// Bucket is the budget of a platform whose answers say how many points there are, how many at most, and how fast they come back.
// Before the first answer nothing is known and nothing waits. Points are taken before a request and put right by its answer.
type Bucket struct {
	queue
	bucket bucket
	// costs remembers what an operation cost last, by how many things it asked for. learning guards it.
	learning sync.Mutex
	costs    map[string]map[int]float64
}

// Status is what an answer says about the bucket, in points and points per second.
type Status struct{ Most, Available, PerSecond float64 }

// NewBucket returns a bucket of which nothing is known.
func NewBucket() *Bucket {
	b := &Bucket{costs: map[string]map[int]float64{}}
	b.meter = &b.bucket
	return b
}

// Take waits until a request fits, in the lane that ctx names, and returns the points taken. units are the things that an operation asks
// for, by which its cost grows; estimate is the cost until an answer has told it. The error is a *PausedError, or the context's.
func (b *Bucket) Take(ctx context.Context, operation string, units int, estimate float64) (taken float64, err error) {
	cost := b.Cost(operation, units, estimate)
	if err := b.enter(ctx, cost); err != nil {
		return 0, err
	}
	return cost, nil
}

// Cost is what an operation is expected to cost: what it cost for as many units, or else in proportion to what it cost for a number of
// them that is not far from it. A platform may well ask less for each of many than for a single one.
func (b *Bucket) Cost(operation string, units int, estimate float64) float64 {
	b.learning.Lock()
	defer b.learning.Unlock()
	units = max(units, 1)
	nearest, factor := 0, 0.0
	for known := range b.costs[operation] {
		f := float64(max(known, units)) / float64(min(known, units))
		if nearest == 0 || f < factor || f == factor && known > nearest {
			nearest, factor = known, f
		}
	}
	if nearest == 0 {
		return estimate
	}
	return b.costs[operation][nearest] * float64(units) / float64(nearest)
}

// learnCost remembers what a request was said to cost.
func (b *Bucket) learnCost(operation string, units int, requested float64) {
	b.learning.Lock()
	defer b.learning.Unlock()
	if b.costs[operation] == nil {
		b.costs[operation] = map[int]float64{}
	}
	b.costs[operation][max(units, 1)] = requested
}

// Settle puts the budget right with an answer: requested is what the operation was said to cost, 0 when it was not; status is nil when
// the answer had none, and then charged of the taken points are gone.
func (b *Bucket) Settle(operation string, units int, taken, charged, requested float64, status *Status) {
	if requested > 0 {
		b.learnCost(operation, units, requested)
	}
	b.learn(func(now time.Time) { b.bucket.settle(taken, charged, status, now) })
}

// Refused says that the points did not suffice for an operation, and returns how long it has to wait for them.
func (b *Bucket) Refused(operation string, units int, estimate float64) (wait time.Duration) {
	cost := b.Cost(operation, units, estimate)
	b.learn(func(now time.Time) {
		b.refused++
		if lacks := min(cost, b.bucket.most()) - b.bucket.available(now); lacks > 0 {
			wait = seconds(lacks / b.bucket.perSecond())
		}
	})
	return max(wait, throttledPause)
}

// Pause holds every request back, as the platform asked.
func (b *Bucket) Pause(d time.Duration) { b.learn(func(now time.Time) { b.pause(d, now) }) }

// bucket is what the answers say.
type bucket struct {
	known bool
	// maximum and points are points, restore is points per second, all as of at.
	maximum, points, restore float64
	at                       time.Time
	// inFlight is what requests without an answer have taken; an answer does not count the others.
	inFlight float64
}

// unknown stands for the points of a bucket of which nothing is known: more than any request costs.
const unknown = 1e9

func (b *bucket) available(now time.Time) float64 {
	if !b.known {
		return unknown
	}
	if passed := now.Sub(b.at); passed > 0 {
		b.points = min(b.maximum, b.points+passed.Seconds()*b.perSecond())
		b.at = now
	}
	return b.points
}

func (b *bucket) most() float64 {
	if !b.known {
		return unknown
	}
	return b.maximum
}

func (b *bucket) perSecond() float64 { return max(b.restore, restoreLeast) }

func (b *bucket) reserve(at stock.Lane) float64 { return bucketReserves[at] }

func (b *bucket) take(cost float64) {
	b.inFlight += cost
	if b.known {
		b.points -= cost
	}
}

func (b *bucket) pressed(time.Time) {}

func (b *bucket) settle(taken, charged float64, status *Status, now time.Time) {
	b.inFlight = max(0, b.inFlight-taken)
	if status == nil || status.Most <= 0 {
		b.points += taken - charged
		return
	}
	b.known, b.at = true, now
	b.maximum, b.restore = status.Most, status.PerSecond
	b.points = status.Available - b.inFlight
}
