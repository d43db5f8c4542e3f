package converge

import (
	"sync"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// giveWayAfter is how long somebody who needs a ref waits for a read that gives way: most are answered by then.
const giveWayAfter = 100 * time.Millisecond

// claims are the refs that a worker reads or plans at this moment: no two of its loops have a ref at once (R4). A read holds its refs
// from before it is sent until its answer is applied, a push until its call is stored: from then on the ledger lists them as in
// flight. Whoever lists what is due claims it before the lock is given up, so that the list is still true.
type claims struct {
	mu   sync.Mutex
	held map[stock.Ref]*claim
	// promised are refs that a push found being read: it goes before they are read again.
	promised map[stock.Ref]struct{}
}

// claim is what one loop holds.
type claim struct {
	by   part
	refs []stock.Ref
	// awaited: another loop came for one of the refs.
	awaited bool
	// giveWay ends the read that holds the refs; nil: it goes on. timer is when it does.
	giveWay func()
	timer   *time.Timer
}

// take claims refs that are free. The lock is held.
func (c *claims) take(by part, refs []stock.Ref) *claim {
	taken := &claim{by: by, refs: refs}
	for _, ref := range refs {
		c.held[ref] = taken
	}
	return taken
}

// readable says whether a ref may be read now. A read that waits already gives way to one that is urgent. The lock is held.
func (c *claims) readable(ref stock.Ref, urgent bool) bool {
	if holder := c.held[ref]; holder != nil {
		if urgent || holder.by == pushing {
			holder.await()
		}
		return false
	}
	_, promised := c.promised[ref]
	return !promised
}

// plannable says whether a push of a ref may be planned now. If it is being read, the push goes next. The lock is held.
func (c *claims) plannable(ref stock.Ref) bool {
	holder := c.held[ref]
	if holder == nil {
		return true
	}
	holder.await()
	c.promised[ref] = struct{}{}
	return false
}

// takeBack ends the promises, because pushes are planned now or cannot be, and says whether there were any. The lock is held.
func (c *claims) takeBack() bool {
	were := len(c.promised) > 0
	clear(c.promised)
	return were
}

// givesWay lets a read be ended by whoever needs its refs.
func (c *claims) givesWay(held *claim, giveWay func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	held.giveWay = giveWay
	if held.awaited {
		held.await()
	}
}

// release gives the refs of a claim up, and says whether another loop came for one of them.
func (c *claims) release(held *claim) (awaited bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if held.timer != nil {
		held.timer.Stop()
	}
	for _, ref := range held.refs {
		delete(c.held, ref)
	}
	return held.awaited
}

func (h *claim) await() {
	h.awaited = true
	if h.giveWay != nil && h.timer == nil {
		h.timer = time.AfterFunc(giveWayAfter, h.giveWay)
	}
}
