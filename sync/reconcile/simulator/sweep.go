package simulator

import (
	"strconv"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// sweeper reads whole channels on a schedule: what changed lately every minute, everything when told to.
type sweeper struct {
	w    *world
	next int
}

const (
	recentEvery = time.Minute
	// recentOverlap is how far before the last recent sweep the next one looks.
	recentOverlap = 2 * time.Minute
)

// start schedules the recent sweeps of one life of our process.
func (s *sweeper) start() {
	s.w.ourAfter(s.w.dice.between(time.Second, recentEvery), s.recent)
}

func (s *sweeper) recent() {
	for _, ch := range s.w.channels {
		s.sweep(ch, s.w.ledger.swept[ch.name].Add(-recentOverlap), false)
	}
	s.w.ourAfter(recentEvery, s.recent)
}

// full sweeps everything.
func (s *sweeper) full() {
	for _, ch := range s.w.channels {
		s.sweep(ch, epoch.Add(-24*time.Hour), true)
	}
}

// sweep reads pages of levels and of movements, each at its own moment, and delivers what they show.
func (s *sweeper) sweep(ch *channel, since time.Time, full bool) {
	w := s.w
	life, started, complete := w.life, ch.worker.platformTime(), true
	var late []told // pages wait for each other: one transaction takes them all
	open := 1 + (len(ch.counters)+3)/4
	arrived := func(facts []told) {
		late = append(late, facts...)
		if open--; open > 0 || w.life != life || !w.up {
			return
		}
		if len(late) > 0 {
			if _, err := w.apply(ledger.Batch{}, late); err != nil {
				w.judge.unexpected("sweep", err)
				return
			}
		}
		if complete {
			w.ledger.swept[ch.name] = started
		}
	}
	page := func(look func() []told) {
		if w.trip() != arrives {
			w.reached("sweep page failed")
			complete = false
			arrived(nil)
			return
		}
		w.after(w.dice.around(), func() {
			facts := look()
			w.after(w.dice.between(50*time.Millisecond, 2*time.Second), func() { arrived(facts) })
		})
	}
	for i := 0; i < len(ch.counters); i += 4 {
		part := ch.counters[i:min(i+4, len(ch.counters))]
		page(func() []told { return s.levels(ch, part, since, full) })
	}
	asked := w.ours()
	page(func() []told { return s.movements(ch, since, asked) })
}

func (s *sweeper) event(ch *channel) stock.Event {
	s.next++
	return stock.Event{ID: "s" + strconv.Itoa(s.next), Channel: ch.name, Topic: "sweep", ObservedAt: s.w.ours()}
}

func (s *sweeper) levels(ch *channel, counters []*counter, since time.Time, full bool) []told {
	var facts []told
	for _, c := range counters {
		marked := !c.markedAt.IsZero() && !c.markedAt.Before(since)
		if !full && !marked && c.version.Before(since) {
			continue
		}
		seen := c.look(s.w.now)
		if marked || full {
			seen.reading.SoldOut = s.w.marks.told(c, seen.reading)
		}
		if seen.reading.Status == stock.Missing && !full && !marked {
			continue // a list of levels leaves out what it does not have
		}
		event := s.event(ch)
		event.Reading = &seen.reading
		facts = append(facts, told{input: ledger.Delivered{Event: event}, look: seen})
	}
	return facts
}

func (s *sweeper) movements(ch *channel, since, asked time.Time) []told {
	var facts []told
	if ch.shopify != nil {
		for _, order := range ch.shopify.list(since) {
			event := s.event(ch)
			event.Order = &order
			facts = append(facts, told{input: ledger.Delivered{Event: event}})
		}
		return facts
	}
	for _, c := range ch.counters {
		movements, recounts := ch.square.feed(c, since)
		for _, m := range movements {
			event := s.event(ch)
			event.Movement = &m
			facts = append(facts, told{input: ledger.Delivered{Event: event, AskedAt: asked}})
		}
		for _, r := range recounts {
			event := s.event(ch)
			event.Recount = &r
			facts = append(facts, told{input: ledger.Delivered{Event: event, AskedAt: asked}})
		}
	}
	return facts
}
