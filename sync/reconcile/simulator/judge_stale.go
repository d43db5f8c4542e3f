package simulator

import (
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// olderReadsMax is how many own reads in a row may lie behind before the last of them is believed (R4).
const olderReadsMax = 3

// behindReasons are why the rules repeat a read that lies behind. A read that waits for history may lie behind as well.
var behindReasons = []string{"version is older than the accepted one", "the count is older than our push"}

// behind says that the version of a reading gives it away (R4): it is older than the accepted one, or than a write of ours
// that was answered, had its effect and is not in it.
func (j *judge) behind(seen look) bool {
	c, version := seen.counter, seen.reading.Version
	state := j.states[c.ref]
	if seen.reading.Status != stock.Counted || state.Status != ledger.Live && state.Status != ledger.Unreadable && state.Status != ledger.WaitsToJoin {
		return false
	}
	if version.Before(state.Version) {
		return true
	}
	for _, push := range state.Unconfirmed {
		if push.Phase != ledger.Answered {
			continue
		}
		for _, e := range c.effects[seen.mark:] {
			if e.call == reconcile.Reference(push.Call, push.Row) && e.delta != 0 && version.Before(j.provenWritten(c, e, push)) {
				return true
			}
		}
	}
	return false
}

// provenWritten is the latest time that a version must reach to contain a write of ours for certain. Square's history has the
// row, whose time may differ from the count's by a second; Shopify tells only that the write is not older than its call.
func (j *judge) provenWritten(c *counter, e effect, push ledger.PushMark) time.Time {
	if c.ch.square == nil {
		return push.OccurredAt.Truncate(time.Second)
	}
	return epoch.Add(e.at + c.ch.offset).Truncate(serverGrain).Add(-time.Second)
}

// patience checks that an own read which lies behind is repeated, and the third in a row believed: no sooner, no later.
func (j *judge) patience(fact told, d ledger.Disposition) {
	k := &fact.look.counter.known
	switch {
	case !k.live:
		k.older = 0
	case d.Ending == ledger.Done && fact.behind && k.older < olderReadsMax-1:
		j.fail("an own read of %s that lies behind was believed after %d others", fact.look.counter.ref, k.older)
	case d.Ending == ledger.Done && fact.behind:
		j.w.reached("third own read behind believed")
	case d.Ending == ledger.Repeat && fact.behind && slices.Contains(behindReasons, d.Reason):
		if k.older++; k.older >= olderReadsMax {
			j.fail("%d own reads of %s in a row were repeated because they lie behind", k.older, fact.look.counter.ref)
		}
	}
}

// tolerates says whether a reading may take a write of ours for what others did: one that strayed past its refusal, or one
// that a believed read from a copy that lags behind did not contain.
func (j *judge) tolerates(fact told, own bool) bool {
	seen := fact.look
	k := &seen.counter.known
	tolerated := seen.counter.tolerates(seen, own)
	k.older = 0
	switch {
	case own && !seen.stale:
		k.misled = false
	case own && seen.lacksOurs():
		k.misled = true
		j.w.reached("copy without our write believed")
	}
	return tolerated || k.misled
}

// lacksOurs says that a write of ours had its effect after what the reading shows.
func (l look) lacksOurs() bool {
	for _, e := range l.counter.effects[l.mark:] {
		if e.call != "" && e.delta != 0 {
			return true
		}
	}
	return false
}
