package simulator

import (
	"fmt"
	"time"

	"github.com/evenstock/evenstock/ledger/ledgertest"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// world is one run: two or three platforms, the network, our side, and the judge, on one virtual clock.
type world struct {
	seed    int64
	dice    dice
	queue   queue
	now     time.Duration
	weights weights
	calm    bool // faults have stopped
	// faultless: there never were any. busy: the shop has two places and does what a busy one does.
	faultless bool
	busy      bool
	bug       Bug
	// contents is what was told of each row first, for bugEditDropped.
	contents map[string]stock.Quantity

	channels []*channel
	byName   map[stock.Channel]*channel
	shelves  []*shelf
	courier  *courier

	// Our side. life counts its starts; what belongs to an earlier one never happens.
	up      bool
	life    int
	ledger  *book
	stream  *stream
	sweeper *sweeper
	person  *person
	applies int

	// typed are goods that were typed in twice, programs the counters that another program writes.
	typed    []*typedGoods
	programs map[stock.Ref]bool
	strange  *strangers
	typists  *typists
	marks    *marks
	settler  *settler

	judge   *judge
	measure *measure
	tracer
}

// channel is one connected till or store.
type channel struct {
	name     stock.Channel
	traits   stock.Traits
	offset   time.Duration // the platform's clock minus virtual time
	square   *square
	shopify  *shopify
	counters []*counter
	byRef    map[stock.Ref]*counter
	worker   *worker
	// marksCount: while an item is marked as sold out here, the other channels show none of it.
	marksCount bool
	// blackHole is the key whose answers are never heard; until tells when that ends.
	blackHole      bool
	blackHoleKey   string
	blackHoleUntil time.Duration
}

func (c *channel) counter(ref stock.Ref) *counter { return c.byRef[ref] }

// shelf is one item at one location, with its counters, the authority last.
type shelf struct {
	name     stock.Shelf
	index    int
	counters []*counter
	truth    truth
}

// soldAs is the id by which order lines of a channel name the shelf's item.
func (s *shelf) soldAs(ch *channel) string {
	if ch.shopify != nil {
		return "variant-" + string(s.name.Item)
	}
	return itemOn(ch, s.name.Item)
}

func itemOn(ch *channel, item stock.ItemID) string { return string(ch.name) + "-" + string(item) }

// epoch is virtual time zero.
var epoch = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

// clock is a platform's clock, exactly.
func (w *world) clock(ch *channel) time.Time { return epoch.Add(w.now + ch.offset) }

// ours is our clock.
func (w *world) ours() time.Time { return epoch.Add(w.now) }

// sinceEpoch turns our clock back into virtual time.
func sinceEpoch(t time.Time) time.Duration { return t.Sub(epoch) }

// after does something on the platforms' side or in the network.
func (w *world) after(delay time.Duration, do func()) { w.queue.add(w.now+delay, 0, do) }

// ourAfter does something in our process, unless it dies first.
func (w *world) ourAfter(delay time.Duration, do func()) { w.queue.add(w.now+delay, w.life, do) }

func (w *world) faulty() bool { return !w.calm }

// twinChance is how often a shelf is shared by two articles of the till.
const twinChance = 0.04

// stepsMax bounds the events of one run: a run beyond it is a livelock.
const stepsMax = 400_000

// runUntil lets events happen up to a virtual time.
func (w *world) runUntil(end time.Duration) {
	for steps := 0; len(w.queue.events) > 0 && w.queue.events[0].at <= end; steps++ {
		e, _ := w.queue.next()
		w.now = max(w.now, e.at)
		if e.life != 0 && e.life != w.life {
			continue
		}
		e.do()
		if steps > stepsMax {
			w.judge.fail("livelock: more than %d events before %s", stepsMax, end)
			return
		}
		if w.judge.hopeless() {
			return
		}
	}
	w.now = max(w.now, end)
}

// crash kills our process. What is stored stays; it starts again after a moment.
func (w *world) crash() {
	w.reached("crash")
	w.tracef("CRASH")
	w.up = false
	w.life++
	w.after(w.dice.between(200*time.Millisecond, 20*time.Second), w.start)
}

// start starts our process from what is stored.
func (w *world) start() {
	if w.up {
		return
	}
	w.up = true
	w.life++
	w.stream.polling = false
	w.stream.poll(time.Millisecond)
	for _, ch := range w.channels {
		ch.worker = newWorker(w, ch)
		ch.worker.wake(time.Millisecond)
	}
	w.sweeper.start()
}

func newWorld(seed int64, opts Options) (*world, error) {
	w := &world{seed: seed, dice: newDice(seed), byName: map[stock.Channel]*channel{}, programs: map[stock.Ref]bool{}, bug: opts.Bug, contents: map[string]stock.Quantity{}, tracer: newTracer(opts.Trace)}
	w.tracer.world = w
	w.weights = drawWeights(w.dice)
	w.weights.favour(opts.Bug)
	if w.faultless = opts.Faultless; w.faultless {
		w.weights = weights{}
	}
	w.busy = opts.Busy
	w.courier = &courier{w: w}
	w.judge, w.measure = newJudge(w), newMeasure()
	w.stream, w.sweeper, w.person = &stream{w: w}, &sweeper{w: w}, &person{w: w}
	w.strange, w.marks, w.settler = newStrangers(w, seed, opts), newMarks(w, seed, opts), newSettler(w, seed, opts)
	w.typists = newTypists(w, seed, opts)
	w.buildShops()
	for _, ch := range w.channels {
		ch.blackHole = ch.blackHole && !opts.Faultless
	}
	options := reconcile.Options{Channels: w.configuration()}
	if w.strange.massive {
		options.Limits = massLimits
	}
	engine, err := reconcile.New(options)
	if err != nil {
		return nil, fmt.Errorf("building the engine: %w", err)
	}
	w.ledger = &book{model: ledgertest.NewModel(), step: w.plant(engine.Step), swept: map[stock.Channel]time.Time{}}
	return w, nil
}

func (w *world) configuration() map[stock.Channel]reconcile.Channel {
	channels := map[stock.Channel]reconcile.Channel{}
	for _, ch := range w.channels {
		locations := map[string]stock.Location{}
		for _, c := range ch.counters {
			locations[c.ref.Location] = c.shelf.name.Location
		}
		channels[ch.name] = reconcile.Channel{Traits: ch.traits, Locations: locations, SoldOutEverywhere: ch.marksCount}
	}
	return channels
}

// buildShops draws how many tills, stores, items and locations there are.
func (w *world) buildShops() {
	w.addChannel("till", true)
	w.addChannel("web", false)
	if w.dice.chance(0.15) {
		w.addChannel("second", w.dice.chance(0.5))
		w.reached("three channels")
	}
	items, locations := 1+w.dice.IntN(3), 1
	if w.dice.chance(0.3) || w.busy {
		locations = 2
		w.reached("two locations")
	}
	if w.strange.massive {
		items = max(items, shelvesOfMass)
	}
	for i := range items {
		for l := range locations {
			w.addShelf(stock.Shelf{Item: stock.ItemID(fmt.Sprintf("item%d", i+1)), Location: stock.Location(fmt.Sprintf("shop%d", l+1))})
		}
	}
}

func (w *world) addChannel(name stock.Channel, till bool) {
	ch := &channel{name: name, byRef: map[stock.Ref]*counter{}, offset: w.dice.between(-90*time.Second, 90*time.Second)}
	if till {
		ch.traits = stock.Traits{Platform: "square", History: true, Step: 1}
		ch.square = newSquare(w, ch)
	} else {
		ch.traits = stock.Traits{Platform: "shopify", Step: stock.Unit, ForgetsKeysAfterHours: 20}
		ch.shopify = newShopify(w, ch)
		if w.dice.chance(0.04) { // a day in an hour: keys are forgotten soon, and one answer is never heard
			ch.traits.ForgetsKeysAfterHours, ch.shopify.keysLive = 1, 70*time.Minute
			ch.blackHole = true
		}
	}
	w.marks.configure(ch)
	w.channels = append(w.channels, ch)
	w.byName[name] = ch
}

func (w *world) addShelf(name stock.Shelf) {
	s := &shelf{name: name, index: len(w.shelves)}
	order := w.dice.Perm(len(w.channels))
	for _, i := range order {
		ch := w.channels[i]
		ref := stock.Ref{Channel: ch.name, Item: itemOn(ch, name.Item), Location: string(ch.name) + "@" + string(name.Location)}
		c := newCounter(ref, len(ch.counters), s, ch)
		ch.counters, ch.byRef[ref] = append(ch.counters, c), c
		s.counters = append(s.counters, c)
	}
	w.addTwin(s)
	w.shelves = append(w.shelves, s)
	for _, c := range s.counters {
		opening := stock.Units(int64(w.dice.IntN(25))) + w.strange.heap(s)
		if c.ch.square != nil {
			c.ch.square.histories, c.ch.square.latest = append(c.ch.square.histories, nil), append(c.ch.square.latest, -1)
			if w.dice.chance(w.neverCounted()) {
				c.exists = false
				w.reached("never counted")
				w.after(w.dice.between(30*time.Second, hour/2), func() { w.countLate(c) })
				continue
			}
			c.ch.square.open(c, opening)
			continue
		}
		c.ch.shopify.open(c, opening)
	}
}

// neverCounted is how often a till has never counted an item: more often where a run is to find what goes wrong then.
func (w *world) neverCounted() float64 {
	if w.bug == bugLateOpening {
		return 0.5
	}
	return 0.1
}

// addTwin has the till list the item twice now and then: two articles that share the shelf. Whether it does is drawn apart, so that
// the other shops stay as they are.
func (w *world) addTwin(s *shelf) {
	till := w.channels[0]
	if w.busy || w.bug != bugPartLeftOut && !newDice(w.seed*31+int64(s.index)).chance(twinChance) {
		return
	}
	ref := stock.Ref{Channel: till.name, Item: itemOn(till, s.name.Item) + "-twin", Location: string(till.name) + "@" + string(s.name.Location)}
	c := newCounter(ref, len(till.counters), s, till)
	c.twin = true
	for _, other := range s.counters {
		if other.ch == till {
			c.pair, other.pair = other, c
		}
	}
	till.counters, till.byRef[ref] = append(till.counters, c), c
	s.counters = append(s.counters, c)
	w.reached("two articles on a shelf")
}

// twin says whether a ref is an article that shares its shelf with another of its channel.
func (w *world) twin(ref stock.Ref) bool {
	c := w.byName[ref.Channel].counter(ref)
	return c != nil && c.twin
}
