package simulator

import (
	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// arrives: a counter that comes to an open shelf joins it only with the shelf's own number (R9).
func (j *judge) arrives(e ledger.Entry, c *counter, mark int) {
	k := &c.known
	k.waits, k.waited = e.Status == ledger.WaitsToJoin, k.posted
	level := j.balances[ledger.AvailableOn(e.Shelf)]
	even := c.values[mark] == level.FloorTo(c.ch.traits.Step)
	switch {
	case !c.shelf.truth.opened || e.Opens:
		if k.waits {
			j.fail("R9: %s waits to join %v, which is not open", c.ref, e.Shelf)
		}
	case even == k.waits:
		j.fail("R9: %s shows %s, the level is %s, and it becomes %s", c.ref, c.values[mark], level, e.Status)
	case k.waits:
		j.w.reached("waits to join")
	default:
		j.w.reached("joins with the same number")
	}
}

// joined: a person has said what the count of a waiting counter means. What others did to it while it waited counts whatever they say.
func (j *judge) joined(e ledger.Entry, c *counter, d stock.Quantity) {
	k := &c.known
	before := j.balances[ledger.AvailableOn(e.Shelf)] - d
	counted, others := j.states[e.Ref].Expected, k.posted-k.waited
	even := counted == before.FloorTo(c.ch.traits.Step)
	var want stock.Quantity
	switch how := e.Evidence[reconcile.EvidenceJoin]; {
	case how == ledger.JoinAdd.String():
		want = counted
	case even:
	case how == ledger.JoinLevel.String():
		want = others
	default:
		want = counted - before
	}
	if !k.waits || d != want || e.Status != ledger.Live || e.Evidence["by"] == "" {
		j.fail("R9: %s joins (%v) and moves the level by %s, right is %s", c.ref, e.Evidence, d, want)
	}
	j.w.reached("joined: " + e.Evidence[reconcile.EvidenceJoin])
	k.waits = false
	c.shelf.truth.corrected += d - others
	j.w.measure.truthChanged(j.w, c.shelf, d+c.othersDid(k.last, c.mark()))
}
