package simulator

import (
	"encoding/json"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// levelLagMax is how long a level may stay behind the order; copyLagMax is how far a copy of either platform may lag behind.
// They are the platforms' doing: the rules may be more patient, never less.
const (
	levelLagMax = 2900 * time.Millisecond
	copyLagMax  = 3 * time.Second
)

// shopify is a naive Shopify: one number per level with an updatedAt in whole seconds, and orders whose effect the level
// shows up to three seconds later.
type shopify struct {
	w  *world
	ch *channel
	// lag is how long a level may stay behind the order, at most levelLagMax.
	lag time.Duration
	// stampsOrder: a level that follows an order carries the order's time, if that is not older than its own.
	stampsOrder bool
	// routingTouches: routing an order sets its updated_at.
	routingTouches bool
	// editsShow: units that an edit puts back on the shelf stand in the order as restocked; else nothing tells of them.
	editsShow bool
	// keysLive is how long idempotency keys are remembered.
	keysLive time.Duration

	orders  []*shopOrder
	lineID  int
	replays map[string]replay
}

func newShopify(w *world, ch *channel) *shopify {
	s := &shopify{
		w: w, ch: ch, stampsOrder: w.dice.chance(0.2), routingTouches: w.dice.chance(0.5), editsShow: w.dice.chance(0.7),
		keysLive: 24 * time.Hour, replays: map[string]replay{},
	}
	if w.dice.chance(0.7) {
		s.lag = w.dice.between(0, levelLagMax)
	}
	return s
}

// seconds is Shopify's clock as it shows in answers: whole seconds.
func (s *shopify) seconds() time.Time { return s.w.clock(s.ch).Truncate(time.Second) }

func (s *shopify) open(c *counter, quantity stock.Quantity) {
	s.shift(c, effect{by: "opening", delta: quantity}, time.Time{})
}

// shift moves a level now. stamp is the time of the order behind it.
func (s *shopify) shift(c *counter, e effect, stamp time.Time) {
	version := s.seconds()
	if s.stampsOrder && !stamp.IsZero() {
		version = stamp
		s.w.reached("level stamped with the order's time")
	}
	if c.version.Equal(version) {
		s.w.reached("two changes in one second")
	}
	if version.After(c.version) {
		c.version = version
	}
	c.happen(s.w, e)
	s.w.courier.level(c)
}

// orderMoves moves a level on behalf of an order, some time after it. An untracked level does not move; the order tells of its
// units all the same.
func (s *shopify) orderMoves(c *counter, e effect, stamp time.Time) {
	still := func() { e.delta = 0; c.happen(s.w, e) }
	if !c.tracked {
		still()
		return
	}
	s.w.after(s.lagNow(), func() {
		if !c.tracked {
			still()
			return
		}
		s.shift(c, e, stamp)
	})
}

func (s *shopify) lagNow() time.Duration {
	if s.lag == 0 {
		return 0
	}
	s.w.reached("level lags behind the order")
	return s.w.dice.between(0, s.lag)
}

// hand is a change that nothing tells about: an edit in the admin, a receipt typed there, another app.
func (s *shopify) hand(c *counter, delta stock.Quantity, by string) {
	if c.tracked && delta != 0 {
		s.shift(c, effect{by: by, delta: delta}, time.Time{})
	}
}

// write is inventoryAdjustQuantities with changeFromQuantity null and an idempotency key.
func (s *shopify) write(key string, body []byte) stock.Answer {
	if old, known := s.replays[key]; known && s.w.now-old.at < s.keysLive {
		s.w.reached("key replayed")
		if old.body != string(body) {
			return stock.Answer{Outcome: stock.Unknown, Reason: "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"} // as above
		}
		return old.answer
	}
	var call callBody
	if err := json.Unmarshal(body, &call); err != nil {
		return stock.Answer{Outcome: stock.Refused, Reason: "INVALID_VARIABLE"}
	}
	answer := refuse(s.w, s.ch, call.Rows)
	if answer.Outcome == stock.Applied {
		for _, row := range call.Rows {
			if row.Delta%stock.Unit != 0 {
				s.w.judge.fail("Shopify was sent a fraction: %s", row.Delta)
			}
			s.shift(s.ch.counter(row.Ref), effect{by: "push", delta: row.Delta, call: row.Reference}, time.Time{})
		}
	}
	s.replays[key] = replay{body: string(body), answer: answer, at: s.w.now} // a failed attempt uses up its key too
	return answer
}
