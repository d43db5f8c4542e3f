package simulator

import (
	"errors"
	"time"

	"github.com/evenstock/evenstock/ledger"
)

// topic is the one partition of facts from webhooks, of a stream that there is only here.
const topic = "simulated"

// stream is a durable log of facts and the consumer that applies them in batches. What is published survives a crash; what
// the consumer has fetched does not.
type stream struct {
	w       *world
	records []told
	applied []int
	polling bool
}

func (s *stream) publish(fact told) {
	s.records, s.applied = append(s.records, fact), append(s.applied, 0)
	s.poll(s.w.dice.between(5*time.Millisecond, 120*time.Millisecond))
}

func (s *stream) poll(delay time.Duration) {
	if !s.polling && s.w.up {
		s.polling = true
		s.w.ourAfter(delay, s.fetch)
	}
}

// batchMax is how many records one transaction takes.
const batchMax = 20

// fetch takes what lies after the ledger's offset and applies it a moment later.
func (s *stream) fetch() {
	from := s.w.ledger.offset()
	to := min(len(s.records), from+1+s.w.dice.IntN(batchMax))
	if s.w.bug == bugOffsetFirst {
		s.w.ledger.skipTo(to)
	}
	s.w.ourAfter(s.w.dice.between(time.Millisecond, 60*time.Millisecond), func() {
		s.polling = false
		s.apply(from, to)
		if s.w.up && to < len(s.records) {
			s.poll(time.Millisecond)
		}
	})
}

func (s *stream) apply(from, to int) {
	if from >= to {
		return
	}
	cursor := &ledger.Cursor{Topic: topic, From: int64(from), Next: int64(to)}
	if s.w.bug == bugOffsetFirst {
		cursor = nil
	}
	_, err := s.w.apply(ledger.Batch{Cursor: cursor}, s.records[from:to])
	var bad *ledger.InputError
	switch {
	case errors.Is(err, errCrashedBefore):
		s.w.reached("batch fetched, not applied, fetched again")
	case errors.Is(err, ledger.ErrCursorMoved):
		s.w.judge.fail("batch %d..%d: %v", from, to, err)
	case errors.As(err, &bad):
		s.w.judge.fail("record %d cannot be applied: %v", from+bad.Index, bad)
	default:
		for i := from; i < to; i++ {
			s.applied[i]++
		}
	}
}
