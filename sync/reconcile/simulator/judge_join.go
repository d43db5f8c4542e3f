package simulator

import (
	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// arrives: a counter that comes to an open shelf joins it only with the shelf's own number, and owing nothing (R9).
func (j *judge) arrives(e ledger.Entry, c *counter, mark int) {
	k := &c.known
	k.waits, k.waitsFrom, k.waited = e.Status == ledger.WaitsToJoin, j.w.applies, k.posted
	level := j.balances[ledger.AvailableOn(e.Shelf)]
	even := c.values[mark] == level.FloorTo(c.ch.traits.Step) || c.values[mark] == j.target(c, level)
	k.cameTo = level
	for _, other := range c.shelf.counters {
		if other != c {
			k.cameTo += other.known.owes()
		}
	}
	switch {
	case !c.shelf.truth.opened || e.Opens:
		if k.waits {
			j.fail("R9: %s waits to join %v, which is not open", c.ref, e.Shelf)
		}
	case (even && k.owed == 0) == k.waits:
		j.fail("R9: %s shows %s, owes %s, the level is %s, and it becomes %s", c.ref, c.values[mark], k.owed, level, e.Status)
	case k.waits:
		j.w.reached("waits to join")
	default:
		j.mass.follows(c)
		j.w.reached("joins with the same number")
	}
}

// owes is what others did to a counter while it waited.
func (k *known) owes() stock.Quantity {
	if k.waits {
		return k.owed + k.posted - k.waited
	}
	return k.owed
}

// joined: a person has said what the count of a waiting counter means. What others did to it while it waited counts whatever they say,
// and so does what others did elsewhere: the word is about the two numbers of when it came.
func (j *judge) joined(e ledger.Entry, c *counter, d stock.Quantity) {
	k := &c.known
	counted, others := j.states[e.Ref].Expected, k.owes()
	var want stock.Quantity
	switch e.Evidence[reconcile.EvidenceJoin] {
	case ledger.JoinAdd.String():
		want = counted
	case ledger.JoinLevel.String():
		want = others
	default:
		want = counted - k.cameTo
	}
	if !k.waits || d != want || e.Status != ledger.Live || e.Evidence["by"] == "" {
		j.fail("R9: %s joins (%v) and moves the level by %s, right is %s", c.ref, e.Evidence, d, want)
	}
	j.w.reached("joined: " + e.Evidence[reconcile.EvidenceJoin])
	k.dropped -= k.owed
	k.waits, k.owed = false, 0
	c.shelf.truth.corrected += d - others
	j.mass.says(c.shelf, nil, d)
	j.mass.follows(c)
	j.w.measure.truthChanged(j.w, c.shelf, d+c.othersDid(k.last, c.mark()))
}

// levelCorrected: a person has corrected what the level was when a counter came that waits.
func (j *judge) levelCorrected(e ledger.Entry, c *counter) {
	corrected, err := stock.ParseQuantity(e.Evidence[ledger.EvidenceLevelCorrected])
	if err != nil || len(e.Postings) > 0 {
		j.fail("R9: %s corrects what the level was by %v", e.Key, e.Evidence)
	}
	c.known.cameTo += corrected
	j.w.reached("what a waiting counter is compared with is corrected")
}
