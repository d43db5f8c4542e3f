package simulator

import (
	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// beginsAnew: a shelf that is not open takes back all that its counters posted, for the authority's count will hold it.
func (j *judge) beginsAnew(e ledger.Entry, s *shelf, d stock.Quantity) {
	posted := s.truth.corrected
	for _, c := range s.counters {
		k := &c.known
		posted += k.closed - k.dropped
		k.dropped = k.closed
		if k.live {
			posted += k.posted
			k.dropped += k.posted
			k.anew = true
		}
	}
	s.truth.corrected = 0
	if s.truth.opened || d != -posted {
		j.fail("%s takes %s off the level of %v (open: %t), its counters posted %s", e.Key, -d, s.name, s.truth.opened, posted)
	}
	j.w.reached("a shelf begins anew")
	j.w.measure.truthChanged(j.w, s, d)
}

// readAnew: a counter of such a shelf is read again. What others did to it until then is explained as ever, and moves no level.
func (j *judge) readAnew(e ledger.Entry, c *counter, fact told, d stock.Quantity) {
	k := &c.known
	posted := posted(e)
	k.posted += posted
	k.dropped += posted
	k.anew, k.last, k.since = false, fact.look.mark, fact.look.at
	if want := c.othersDid(k.base, fact.look.mark); k.posted != want && !j.tolerates(fact, true) {
		j.fail("R8: %s is read anew: %s posted since the baseline, others did %s", e.Key, k.posted, want)
	}
	if d != 0 && !e.Opens {
		j.fail("R8: %s is read anew and moves the level by %s", e.Key, d)
	}
	j.w.measure.truthChanged(j.w, c.shelf, -posted)
	if e.Opens {
		j.opening(c)
		c.shelf.truth.opened, c.shelf.truth.opening = true, c.values[fact.look.mark]
		j.w.measure.truthChanged(j.w, c.shelf, c.values[fact.look.mark])
	}
}

// opening checks that the count which opens a shelf does not hold what the level counts already: what others do to a counter counts
// beside an authority that was missing only from a look on that came after it was missing.
func (j *judge) opening(authority *counter) {
	absent := authority.known.absent
	for _, c := range authority.shelf.counters {
		if k := c.known; c != authority && k.live && absent > 0 && k.since <= absent {
			j.fail("R8: the opening of %v books %s twice: %s counts since %s, %s was missing at %s", authority.shelf.name, k.posted-k.dropped, c.ref, k.since, authority.ref, absent)
		}
	}
}
