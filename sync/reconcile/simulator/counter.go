package simulator

import (
	"sort"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// effect is one thing that happened to a counter: the truth that the ledger is judged by.
type effect struct {
	at    time.Duration
	by    string
	delta stock.Quantity
	// explained is the quantity of the movement that the platform can list for it: equal to delta for a sale, zero for a hand
	// edit or a recount, and not zero with a zero delta for a late sale that a recount absorbed.
	explained stock.Quantity
	// call is the key of our write; empty: somebody else did it.
	call string
	// unproven: only the word of who wrote it says why.
	unproven bool
	// occurred is when an adjustment or recount happened by the till's clock (Square).
	occurred time.Time
	recount  bool
	// key is the natural key of the movement that tells of it (Square), edits how that was edited since.
	key   string
	edits []edited
	// row is the key of the row that was edited, to what it was edited.
	row string
	to  stock.Quantity
	// line is the counter of the order line that tells of it, lineTotal what that must have come to (Shopify).
	line      string
	lineTotal stock.Quantity
}

// edited is one change of what a movement explains.
type edited struct {
	at     time.Duration
	change stock.Quantity
}

// counter is one number on a platform. Others change it behind our back; so do our pushes.
type counter struct {
	ref   stock.Ref
	index int
	shelf *shelf
	ch    *channel

	quantity stock.Quantity
	version  time.Time
	// exists is false while nobody has ever counted the item: the platform has no row for it.
	exists  bool
	tracked bool
	deleted bool // the platform does not know the item; nothing is counted then
	// successor is the counter of the item that was made anew in its place, under another id; what people do, they do there.
	successor *counter
	hidden    bool // the row is missing from answers for a while
	untied    bool // a person has unlinked the ref and has not linked it again
	// marked: a person marks the item as sold out, since markedAt by the platform's clock. catalogKnown is the life of our process in
	// which the catalog last said that the item is counted and not marked.
	marked       bool
	markedAt     time.Time
	catalogKnown int
	// twin: it shares its shelf with another article of the same channel, its pair.
	twin bool
	pair *counter

	effects []effect
	// others is the running sum over effects of what others did, values what the counter showed after each.
	others []stock.Quantity
	values []stock.Quantity
	// versions is the counter's version after each effect, trackedAt when tracking was last switched.
	versions  []time.Time
	trackedAt time.Duration

	known    known
	follower follower
	// strayed is when a write of ours arrived although it had been refused, strayMark the effect it had; 0: none did. Until an
	// own read has seen it in the history nobody can tell it from what others do.
	strayed   time.Duration
	strayMark int
}

func newCounter(ref stock.Ref, index int, s *shelf, ch *channel) *counter {
	return &counter{
		ref: ref, index: index, shelf: s, ch: ch, exists: true, tracked: true,
		others: []stock.Quantity{0}, values: []stock.Quantity{0}, versions: []time.Time{{}},
	}
}

// now is the counter that people find where this one was.
func (c *counter) now() *counter {
	for c.successor != nil {
		c = c.successor
	}
	return c
}

// mark numbers the state of the counter: how many effects it contains.
func (c *counter) mark() int { return len(c.effects) }

// othersDid is what others did to the counter between two marks.
func (c *counter) othersDid(from, to int) stock.Quantity { return c.others[to] - c.others[from] }

// happen changes the counter and keeps the truth. It does not touch the version.
func (c *counter) happen(w *world, e effect) {
	e.at = w.now
	before := c.quantity
	c.quantity += e.delta
	c.effects = append(c.effects, e)
	others, last := e.delta, len(c.others)-1
	if e.call != "" {
		others = 0
	}
	c.others = append(c.others, c.others[last]+others)
	c.values, c.versions = append(c.values, c.quantity), append(c.versions, c.version)
	w.hash(uint64(c.index), uint64(e.delta), uint64(c.quantity))
	if w.tracing {
		w.tracef("shop    %s %s moved %s, movement %s, call %q: shows %s (effect %d)", c.ref, e.by, e.delta, e.explained, e.call, c.quantity, c.mark())
	}
	w.measure.counterChanged(w, c, e, before)
	w.marks.counted(c)
}

// strays notes that a write of ours is about to have an effect that nobody expects any more.
func (c *counter) strays(w *world) {
	w.reached("write strayed past its refusal")
	c.strayed, c.strayMark = w.now, c.mark()+1
}

// tolerates says whether a reading may mistake a strayed write for what others did. The first own read that was taken when
// history showed it ends that.
func (c *counter) tolerates(seen look, own bool) bool {
	if c.strayMark == 0 || seen.mark < c.strayMark {
		return false
	}
	if own && seen.at > c.strayed+time.Second {
		c.strayMark = 0
		return false
	}
	return true
}

// look is a reading of a counter together with the mark that tells the judge what it contains.
type look struct {
	reading stock.Reading
	counter *counter
	mark    int
	at      time.Duration
	// stale: the platform answered from a copy that lags behind.
	stale bool
}

// look reads the counter as the platform would answer now.
func (c *counter) look(now time.Duration) look {
	r := stock.Reading{Ref: c.ref, Status: stock.Counted, Quantity: c.quantity, Version: c.version}
	switch {
	case c.deleted:
		r.Status, r.Quantity, r.Version = stock.Gone, 0, time.Time{}
	case !c.tracked:
		r.Status, r.Quantity = stock.Untracked, 0
		if c.ch.square != nil {
			r.Version = time.Time{} // tracking is the catalog's word, which says nothing of the count
		}
	case !c.exists || c.hidden:
		r.Status, r.Quantity, r.Version = stock.Missing, 0, time.Time{}
	}
	return look{reading: r, counter: c, mark: c.mark(), at: now}
}

// lookAt reads the counter from a copy as of then. A copy from before the counter was counted or tracked as it is keeps up.
func (c *counter) lookAt(then, now time.Duration) look {
	mark := sort.Search(len(c.effects), func(i int) bool { return c.effects[i].at > then })
	if mark == 0 || mark == c.mark() || c.trackedAt > then {
		return c.look(now)
	}
	seen := c.look(now)
	if seen.reading.Status == stock.Counted {
		seen.reading.Quantity, seen.reading.Version = c.values[mark], c.versions[mark]
		seen.mark, seen.stale = mark, true
	}
	return seen
}
