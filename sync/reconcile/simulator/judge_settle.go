package simulator

import (
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// settlement is what the judge knows of units that a person settled: by which entry, how many are left, signed as a movement, of what
// the counter had shown until when, and the movement that took units of it back last.
type settlement struct {
	key    string
	left   stock.Quantity
	until  time.Time
	told   string
	toldBy stock.Quantity
}

// settledJudgeMax is how many settlements of a counter are judged; the ledger takes none back beyond.
const settledJudgeMax = 16

// settles: a person's word moves suspense towards zero, or takes back what one said, and never a level.
func (j *judge) settles(e ledger.Entry, c *counter, d stock.Quantity) {
	into := -posted(e) // of suspense
	after := j.balances[ledger.UnexplainedBy(e.Shelf.Item, e.Ref)]
	before := after - into
	c.known.settled += into
	key := e.Evidence[ledger.EvidenceSettlement]
	i := slices.IndexFunc(c.known.settlements, func(s settlement) bool { return s.key == key })
	switch {
	case d != 0 || e.ExpectedDelta != 0 || into == 0:
		j.fail("settling: %s moves the level by %s, expected by %s, suspense by %s", e.Key, d, e.ExpectedDelta, into)
	case key == "":
		if after.Abs() > before.Abs() || after != 0 && (after > 0) != (before > 0) || e.Evidence["by"] == "" {
			j.fail("settling: %s takes what is unexplained from %s to %s", e.Key, before, after)
		}
		c.known.settlements = append(c.known.settlements, settlement{key: e.Key, left: into, until: j.states[e.Ref].Version})
	case i < 0:
		j.fail("settling: %s takes %s back, which is not settled", e.Key, key)
	default:
		of := &c.known.settlements[i]
		if of.left += into; of.left != 0 && (of.left > 0) != (of.left-into > 0) || into != 0 && (into > 0) == (of.left-into > 0) {
			j.fail("settling: %s takes %s back of %s that %s holds", e.Key, into, of.left-into, key)
		}
		of.told, of.toldBy = e.Evidence[ledger.EvidenceToldSince], into
	}
}

// explainedAfterSettling: a movement that happened before settlements takes its units out of them, whoever comes first.
func (j *judge) explainedAfterSettling(e ledger.Entry, c *counter) {
	quantity := posted(e)
	if e.Evidence[ledger.EvidenceCorrects] != "" || len(e.Postings) == 0 || len(c.known.settlements) > settledJudgeMax {
		return
	}
	happened := e.ObservedAt
	if e.Evidence["absorbed"] != "" || c.ch.square == nil {
		happened = e.OccurredAt
	}
	var took, held stock.Quantity // as suspense had it: positive units left
	for i := range c.known.settlements {
		s := &c.known.settlements[i]
		var mine stock.Quantity
		if s.told == e.Key {
			mine = s.toldBy
			took += mine
		}
		if before := s.left - mine; !happened.After(s.until) && (before < 0) == (quantity > 0) {
			held -= before
		}
	}
	want := quantity
	if held.Abs() < quantity.Abs() {
		want = held
	}
	if took != want {
		j.fail("settling: %s explains %s, settlements hold %s and gave back %s", e.Key, quantity, held, took)
	}
	if took != 0 {
		j.w.reached("settled units told since")
	}
}
