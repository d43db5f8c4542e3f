package simulator

import (
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// programKind is how a program arrives at what it writes.
type programKind string

const (
	// fixedCount writes the count that it knew when it began.
	fixedCount programKind = "program"
	// ownBooks writes that count and goes on counting what others do to its counter, but for our pushes.
	ownBooks programKind = "program with books of its own"
	// writesZero writes zero, whatever comes.
	writesZero programKind = "program that writes zero"
	// mirrors does to its counter what happens to another of the shelf, our pushes too.
	mirrors programKind = "program that mirrors"
	// scales does to its counter a part or a multiple of what happens to another, or keeps it at a share of the other's count.
	scales programKind = "program that mirrors a part or a multiple"
)

// shares are by how many per cent it changes its counter for what happens to the other; 0: it keeps it at four fifths of the other.
var shares = []stock.Quantity{0, 50, 200}

// runaway is how many times the units that a shelf held, and that others moved there since, a counter may be pushed by and to: until the
// brake has seen the answers that it needs each may be a multiple of what was pushed. heldLeast is added to them.
const (
	runaway   = 5
	heldLeast = 10 * stock.Unit
)

// slowest is how seldom it writes at most. What its channel sells must not always come together with what it writes.
func (k programKind) slowest() time.Duration {
	switch k {
	case ownBooks:
		return 10 * time.Second
	case scales:
		return 100 * time.Second
	}
	return 40 * time.Second
}

var programKinds = []programKind{fixedCount, ownBooks, writesZero, mirrors, scales}

// programOfBug is the program that a planted bug does not recognise.
var programOfBug = map[Bug]programKind{bugProgramTrusted: fixedCount, bugBooksTrusted: ownBooks, bugZeroTrusted: writesZero, bugMirrorTrusted: mirrors, bugScaleTrusted: scales}

// programAct is another program that writes one counter every few seconds, while the shop sells on.
type programAct struct {
	s       *strangers
	kind    programKind
	counter *counter
	number  stock.Quantity
	// share is one of shares.
	share stock.Quantity
	until time.Duration
	// seen is up to which effect it knows each counter.
	seen map[*counter]int
	// returns counts how often in a row the ledger saw the program undo our pushes since a person last answered, echoes how often it has
	// repeated a push of ours since then.
	returns, echoes int
	pushed          stock.Quantity
	// held is what the shelf held by the ledger when the program began or a person last answered, and what persons said of it since; began
	// is up to which effect the ledger knew each counter then.
	held  stock.Quantity
	began map[*counter]int
	// taken is up to which effect of its counter the ledger has taken its readings.
	taken int
}

func (p *programAct) begin() {
	w := p.s.w
	ch := w.channels[p.s.dice.IntN(len(w.channels))]
	c := ch.counters[p.s.dice.IntN(len(ch.counters))]
	if !c.known.live || !c.tracked || c.quantity <= 0 {
		if w.now < 40*time.Minute {
			w.after(time.Minute, p.begin)
		}
		return
	}
	if p.kind == ownBooks {
		p.receive(c, booked)
	}
	p.counter, p.number, p.until = c, c.quantity, w.now+p.s.dice.between(9*time.Minute, 18*time.Minute)
	if p.kind == writesZero {
		p.number = 0
	}
	if p.kind == scales {
		p.share = shares[p.s.dice.IntN(len(shares))]
	}
	for _, other := range c.shelf.counters {
		p.seen[other] = other.mark()
	}
	p.taken = c.known.last
	p.hold()
	w.programs[c.ref] = true
	w.happened(string(p.kind))
	p.write(p.s.dice.between(4*time.Second, p.kind.slowest()))
	p.trade()
}

func (p *programAct) write(every time.Duration) {
	w, c := p.s.w, p.counter
	if w.now >= p.until {
		return
	}
	to := p.number
	switch p.kind {
	case ownBooks:
		p.number += p.news(c, false)
		to = p.number
	case mirrors:
		to = c.quantity
		to += p.news(p.other(), true)
	case scales:
		if to = c.quantity + p.news(p.other(), true)*p.share/100; p.share == 0 {
			to = p.other().quantity * 4 / 5
		}
	}
	if c.ch.shopify != nil {
		to = to.FloorTo(stock.Unit)
	}
	if c.tracked && c.quantity != to {
		set(w, c, to, string(p.kind))
		p.seen[c] = c.mark()
	}
	w.after(every, func() { p.write(every) })
}

// other is the first other counter of the shelf.
func (p *programAct) other() *counter {
	if first := p.counter.shelf.counters[0]; first != p.counter {
		return first
	}
	return p.counter.shelf.counters[1]
}

// news is what happened to a counter since the program last looked, with our pushes or without them.
func (p *programAct) news(c *counter, pushes bool) (sum stock.Quantity) {
	for _, e := range c.effects[p.seen[c]:] {
		if e.call == "" || pushes {
			sum += e.delta
		}
		if e.call != "" && pushes {
			p.echoes++
		}
	}
	p.seen[c] = c.mark()
	return sum
}

const (
	// goods is how many units come at once to a shop whose program writes zero.
	goods = 9 * stock.Unit
	// booked is how many come to one whose program keeps books, so that it is not sold out soon.
	booked = 90 * stock.Unit
)

// trade has another counter of the shelf sell, or receive goods if the program writes zero. The number of one with books of its own goes on
// with what its counter sells.
func (p *programAct) trade() {
	w := p.s.w
	if w.now >= p.until {
		return
	}
	switch p.kind {
	case writesZero: // on one counter: on two they would be taken for the same goods
		p.receive(p.other(), goods)
	default:
		p.sell(p.other())
		if p.kind == ownBooks {
			w.after(p.s.dice.between(10*time.Second, 20*time.Second), func() { p.sell(p.counter) })
		}
	}
	w.after(p.s.dice.between(20*time.Second, time.Minute), p.trade)
}

func (p *programAct) sell(c *counter) {
	if c.ch.square != nil {
		c.ch.square.adjust(c, -stock.Unit, stock.Sold, 0, "sale")
		return
	}
	c.ch.shopify.place([]*counter{c}, []int64{1})
}

func (p *programAct) receive(c *counter, units stock.Quantity) {
	if c.ch.square != nil {
		c.ch.square.adjust(c, units, stock.Received, 0, "received")
		return
	}
	c.ch.shopify.hand(c, units, "receipt typed")
}

// hold remembers what the shelf holds.
func (p *programAct) hold() {
	p.held, p.began = p.s.w.ledger.model.Level(p.counter.shelf.name).Abs(), map[*counter]int{}
	for _, c := range p.counter.shelf.counters {
		p.began[c] = c.known.last
	}
}

// ranAway says whether a push has a counter run away in a loop. One to a count that the shelf may have puts right what ran away before.
func (p *programAct) ranAway(row ledger.CallRow) bool {
	if p.kind != mirrors && p.kind != scales {
		return false
	}
	shown := p.s.w.judge.states[row.Ref].Expected + row.Delta
	return min(row.Delta.Abs(), shown.Abs()) > p.most()
}

// most is the largest count of the shelf that need not be a loop's: of what was held, and of what others moved since.
func (p *programAct) most() stock.Quantity {
	units := p.held + heldLeast
	for c, from := range p.began {
		for _, e := range c.effects[from:] {
			if e.call == "" && e.by != string(p.kind) {
				units += e.delta.Abs()
			}
		}
	}
	return runaway * units
}

// entry follows what the ledger learns of the program's counter, and what persons say of its shelf.
func (p *programAct) entry(e ledger.Entry) {
	if p == nil || p.counter == nil {
		return
	}
	if e.Kind == ledger.KindCorrection && e.Shelf == p.counter.shelf.name {
		p.held += toLevel(e).Abs()
	}
	switch {
	case e.Ref != p.counter.ref:
	case e.Status == ledger.Unlinked: // what it wrote until then is meant to be pushed: who unlinks a counter that is asked about is told so
		p.answered(e.Ref)
	case e.Push != nil && e.Push.Phase == ledger.Answered:
		p.pushed += e.Push.Delta
	case e.Kind == ledger.KindMovement && len(e.Postings) > 0 && p.kind == ownBooks: // goods that its own counter sold
	case e.Kind == ledger.KindMovement && len(e.Postings) > 0, e.Kind == ledger.KindBaseline, e.Kind == ledger.KindCorrection, e.Status != 0:
		p.returns, p.pushed = 0, 0
	case e.Kind == ledger.KindReading && e.ExpectedDelta != 0:
		p.reading(p.s.w.judge.states[e.Ref].Expected, e.ExpectedDelta)
	}
}

func (p *programAct) reading(shown, difference stock.Quantity) {
	byOthers := p.byOthers()
	switch {
	case p.undid(shown, difference):
		p.returns++
	case p.kind == ownBooks && difference < 0 && !byOthers: // goods that its own counter sold
		return
	default:
		p.returns = 0
	}
	p.pushed = 0
}

// byOthers says whether the ledger's last reading shows what somebody else did to the counter and no movement tells: returns before it and
// after it are not in a row.
func (p *programAct) byOthers() bool {
	news := p.counter.effects[min(p.taken, p.counter.known.last):p.counter.known.last]
	p.taken = p.counter.known.last
	return slices.ContainsFunc(news, func(e effect) bool { return e.call == "" && e.delta != 0 && e.explained == 0 && e.by != string(p.kind) })
}

// undid says that a difference is the program's and undid what we pushed.
func (p *programAct) undid(shown, difference stock.Quantity) bool {
	switch p.kind {
	case fixedCount:
		return shown == p.number && difference > 0 && p.pushed < 0 && difference >= -p.pushed
	case ownBooks:
		return shown > 0 && difference > 0 && difference == -p.pushed
	case writesZero:
		return shown == 0 && p.pushed > 0 && difference == -p.pushed
	}
	return false
}

// answered: a person has said who is right.
func (p *programAct) answered(ref stock.Ref) {
	if p != nil && p.counter != nil && p.counter.ref == ref {
		p.returns, p.pushed, p.echoes = 0, 0, 0
		p.hold()
	}
}

const (
	// returnsSure is how many returns in a row nobody may take for chance: two or three, and some that the rules may not have recognised.
	returnsSure = 5
	// echoesSure is how many of our pushes a program may have repeated: some before it is recognised, and those of sales since.
	echoesSure = 40
)

// planned checks that what a program that is surely one writes reaches no other counter.
func (p *programAct) planned(call ledger.Call) {
	if p == nil || p.counter == nil {
		return
	}
	for _, row := range call.Rows {
		if row.Ref == p.counter.ref || p.s.w.counterOf(row.Ref).shelf != p.counter.shelf {
			continue
		}
		switch {
		case p.ranAway(row):
			p.s.w.judge.fail("other program: %s is pushed %s, for the program of %s, beyond %s", row.Ref, row.Delta, p.counter.ref, p.most())
		case p.kind == mirrors && len(p.counter.shelf.counters) == 2 && p.echoes > echoesSure: // what a third one sells is pushed, and repeated, rightly
			p.s.w.judge.fail("other program: %s is pushed %s after the program of %s has repeated %d pushes", row.Ref, row.Delta, p.counter.ref, p.echoes)
		case p.returns < returnsSure:
		case p.kind == writesZero && row.Delta <= -goods, p.kind != writesZero && row.Delta > 0:
			p.s.w.judge.fail("other program: %s is pushed %s after the program of %s returned %d times", row.Ref, row.Delta, p.counter.ref, p.returns)
		}
	}
}
