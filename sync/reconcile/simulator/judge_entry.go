package simulator

import (
	"context"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

func toLevel(e ledger.Entry) (sum stock.Quantity) {
	available := ledger.AvailableOn(e.Shelf)
	for _, p := range e.Postings {
		switch available {
		case p.To:
			sum += p.Quantity
		case p.From:
			sum -= p.Quantity
		}
	}
	return sum
}

// posted is what an entry says others did to its counter.
func posted(e ledger.Entry) (sum stock.Quantity) {
	unexplained := ledger.UnexplainedBy(e.Shelf.Item, e.Ref)
	for _, p := range e.Postings {
		switch unexplained {
		case p.From:
			sum += p.Quantity
		case p.To:
			sum -= p.Quantity
		}
	}
	return sum
}

func (j *judge) entry(e ledger.Entry, facts []told, used []bool) {
	c := j.w.counterOf(e.Ref)
	if c == nil {
		j.fail("entry %s of an unknown ref", e.Key)
		return
	}
	d := toLevel(e)
	j.w.measure.levelChanged(j.w, c.shelf, d)
	if d != 0 {
		j.mass.levelIs(c.shelf, j.balances[ledger.AvailableOn(e.Shelf)])
	}
	if e.Kind == ledger.KindBaseline && e.Status != 0 {
		c.known.settlements = nil
	}
	switch {
	case e.Kind == ledger.KindBaseline && (e.Status == ledger.Live || e.Status == ledger.WaitsToJoin):
		j.baseline(e, c, facts, used, d)
	case e.Kind == ledger.KindBaseline && e.Status == ledger.Unlinked:
		j.unlinked(e, c)
	case e.Kind == ledger.KindBaseline && e.Status == 0:
		j.beginsAnew(e, c.shelf, d)
	case e.Kind == ledger.KindReading && e.Status == ledger.Untracked:
		j.ended(c, "untracked while live")
	case e.Kind == ledger.KindReading && e.Status == ledger.Gone:
		j.ended(c, "gone while live")
	case e.Kind == ledger.KindReading && e.Status == ledger.Unreadable:
		j.w.reached("counter unreadable")
	case e.Kind == ledger.KindReading:
		j.difference(e, c, facts, used, d)
	case e.Kind == ledger.KindCorrection && e.Evidence[reconcile.EvidenceJoin] != "":
		j.joined(e, c, d)
	case e.Kind == ledger.KindCorrection && e.Evidence[ledger.EvidenceLevelCorrected] != "":
		j.levelCorrected(e, c)
	case e.Kind == ledger.KindCorrection && e.Evidence[ledger.EvidenceSettledAs] != "":
		j.settles(e, c, d)
	case e.Kind == ledger.KindCorrection && e.Push == nil:
		c.shelf.truth.corrected += d
		c.known.corrected += d
		j.mass.says(c.shelf, c, d)
		j.w.measure.truthChanged(j.w, c.shelf, d)
	case e.Kind == ledger.KindMovement && d == 0:
		j.told[e.Key] = true
		j.explainedAfterSettling(e, c)
	case d != 0:
		j.fail("entry %s moves the level by %s, and is no reading", e.Key, d)
	}
	if e.Push != nil {
		j.w.reached("push " + e.Push.Phase.String())
	}
}

// find returns the fact that an entry of a reading came from.
func (j *judge) find(e ledger.Entry, facts []told, used []bool) (told, bool) {
	for i, fact := range facts {
		r := fact.look.reading
		if !used[i] && fact.look.counter != nil && r.Ref == e.Ref && r.Status == stock.Counted &&
			r.Version.Equal(e.OccurredAt) && r.Quantity == j.states[e.Ref].Expected {
			used[i] = true
			return fact, true
		}
	}
	return told{}, false
}

func (j *judge) baseline(e ledger.Entry, c *counter, facts []told, used []bool, d stock.Quantity) {
	fact, ok := j.find(e, facts, used)
	if !ok {
		j.fail("baseline %s comes from no reading", e.Key)
		return
	}
	k := &c.known
	if k.live && k.anew {
		j.readAnew(e, c, fact, d)
		return
	}
	if k.live {
		j.fail("%s got a second baseline", c.ref)
	}
	mark := fact.look.mark
	k.anew, k.since = false, fact.look.at
	again, since := k.base > 0, min(k.last, mark)
	if again {
		j.w.reached("a second baseline")
	}
	k.live, k.base, k.last, k.posted = true, mark, mark, 0
	for i, e := range c.effects[since:mark] {
		// again: nothing was tracked, or it ended before a reading was accepted
		if (e.explained != 0 || len(e.edits) > 0) && (again && !c.cameUntied(since+i, e) || c.tooYoung(e)) {
			c.doubts(e, true)
			c.doubtEdits(e)
		}
	}
	k.untiedMark = 0
	gone := c.othersDid(mark, c.mark())
	if j.arrives(e, c, mark); k.waits {
		gone = 0
	}
	if e.Opens {
		if c.shelf.truth.opened {
			j.fail("%v got a second opening", c.shelf.name)
		}
		j.opening(c)
		j.opens(e, c, c.values[mark])
		if d != c.values[mark] {
			j.fail("opening of %v posts %s, the counter showed %s", c.shelf.name, d, c.values[mark])
		}
		gone += c.values[mark]
	} else if j.isPart(c, d, c.values[mark]) {
		c.shelf.truth.opening += d
		gone += d
	} else if d != 0 {
		j.fail("baseline of %s moves the level by %s and does not open the shelf", c.ref, d)
	}
	j.w.measure.truthChanged(j.w, c.shelf, gone)
}

// tooYoung says that a row which moved nothing came after the version of the baseline, and that no recount certainly holds it.
func (c *counter) tooYoung(e effect) bool {
	return c.ch.square != nil && e.delta == 0 && !c.ch.square.touches && !e.occurred.Before(c.contained())
}

// doubtWindow is how late the webhook or the sweep that tells of a movement may come.
const doubtWindow = 8 * time.Minute

// ended ends the period in which differences of a counter count. What happened since the last accepted reading is lost.
func (j *judge) ended(c *counter, how string) {
	k := &c.known
	k.older, k.misled = 0, false
	if !k.live {
		return
	}
	j.w.reached(how)
	k.live = false
	k.closed += k.posted
	if k.waits { // nothing of it was part of the level
		k.dropped += k.posted - k.waited
		k.owed += k.posted - k.waited
	}
	k.explained += j.explainedBy(c, k.base, k.last)
	if !k.waits {
		j.w.measure.truthChanged(j.w, c.shelf, -c.othersDid(k.last, c.mark()))
	}
	k.waits = false
}

// unlinked checks that unlinking waited for definite calls and posted nothing.
func (j *judge) unlinked(e ledger.Entry, c *counter) {
	if len(e.Postings) > 0 {
		j.fail("unlinking %s posts %v", c.ref, e.Postings)
	}
	calls, _ := j.w.ledger.model.OpenCalls(context.Background(), c.ch.name)
	for _, call := range calls {
		if slices.ContainsFunc(call.Rows, func(row ledger.CallRow) bool { return row.Ref == c.ref }) {
			j.fail("%s is unlinked while call %s is not definite", c.ref, call.Key)
		}
	}
	j.ended(c, "unlinked while live")
	c.known.owed = 0
	c.known.untied, c.known.untiedMark = j.w.now, c.mark()
}

// cameUntied says that an effect came while the ref was unlinked: the baseline holds it, and no movement may explain it. An
// order is told before the level shows it.
func (c *counter) cameUntied(mark int, e effect) bool {
	k := &c.known
	return k.untiedMark > 0 && mark >= k.untiedMark && (c.ch.square != nil || e.at > k.untied+c.ch.shopify.lag)
}

// difference is R1's invariant: what was posted since the baseline is what others did to the counter since then, as of the
// accepted reading.
func (j *judge) difference(e ledger.Entry, c *counter, facts []told, used []bool, d stock.Quantity) {
	fact, ok := j.find(e, facts, used)
	if !ok {
		j.fail("reading %s comes from no fact", e.Key)
		return
	}
	k := &c.known
	if !k.live {
		j.fail("reading %s of a ref without a baseline", e.Key)
		return
	}
	if k.waits && d != 0 {
		j.fail("R9: %s moves the level by %s, and %s waits to join", e.Key, d, c.ref)
	}
	d = posted(e)
	k.posted += d
	_, own := fact.input.(ledger.OwnRead)
	if fact.look.mark < k.last {
		j.w.reached("accepted reading is older than the one before")
	}
	tolerated := j.tolerates(fact, own)
	if want := c.othersDid(k.base, fact.look.mark); k.posted != want && !tolerated {
		j.fail("R1: %s posts %s (own read: %t): %s posted since the baseline, others did %s up to effect %d", e.Key, d, own, k.posted, want, fact.look.mark)
	}
	j.mass.accepts(c, k.last, fact.look.mark)
	k.last = fact.look.mark
}

// accepted checks a reading that was accepted and posted nothing.
func (j *judge) accepted(fact told, own bool) {
	c := fact.look.counter
	k := &c.known
	if !k.live {
		return
	}
	tolerated := j.tolerates(fact, own)
	if want := c.othersDid(k.base, fact.look.mark); k.posted != want && !tolerated {
		j.fail("R1: a reading of %s (own read: %t) finds no difference: %s posted since the baseline, others did %s up to effect %d", c.ref, own, k.posted, want, fact.look.mark)
		return
	}
	j.mass.accepts(c, k.last, fact.look.mark)
	k.last = fact.look.mark
}
