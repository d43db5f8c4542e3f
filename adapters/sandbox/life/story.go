package life

import (
	"fmt"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/adapters/sandbox/shopify"
	"github.com/evenstock/evenstock/ledger/stock"
)

// moment is the time between two steps of a beat.
const moment = 700 * time.Millisecond

// storyBeats are the story of a day: what is rare in a shop and hard for whoever keeps it even. Each beat begins at a
// fraction of the day.
var storyBeats = [...]struct {
	at   float64
	kind string
	do   func(*Life, Good) (string, error)
}{
	{0.06, "received", (*Life).received},
	{0.13, "recount racing an order", (*Life).recountRace},
	{0.22, "hand edit", (*Life).handEdit},
	{0.30, "order edit", (*Life).orderThenEdit},
	{0.37, "late sale from before a recount", (*Life).lateBeforeRecount},
	{0.45, "late sale from after a recount", (*Life).lateAfterRecount},
	{0.52, "cancel", (*Life).orderThenCancel},
	{0.58, "refund with restock", orderThenRefund(shopify.RestockCancel)},
	{0.64, "refund without restock", orderThenRefund(shopify.RestockNone)},
	{0.70, "return", (*Life).returned},
	{0.76, "recount racing an order", (*Life).recountRace},
	{0.84, "hand edit", (*Life).handEdit},
	{0.90, "late sale from before a recount", (*Life).lateBeforeRecount},
}

// typedTwiceAt is the fraction of the day at which goods are typed in twice.
const typedTwiceAt = 0.5

// tell plans the story of a day, and the day after it.
func (l *Life) tell(day time.Time) {
	tomorrow := day.Add(l.opts.Day)
	l.at(tomorrow, func() { l.tell(tomorrow) })
	plan := func(fraction float64, kind string, do func(*Life, Good) (string, error)) {
		l.at(day.Add(time.Duration(fraction*float64(l.opts.Day))), func() { l.act(true, kind, l.good(), do) })
	}
	for _, beat := range storyBeats {
		plan(beat.at, beat.kind, beat.do)
	}
	if l.opts.TypedTwice {
		plan(typedTwiceAt, "typed in twice", (*Life).typedTwice)
	}
}

// then is the next step of a beat.
func (l *Life) then(after time.Duration, kind string, g Good, do func(*Life, Good) (string, error)) {
	l.later(after, func() { l.act(true, kind, g, do) })
}

// recountRace has a person count a shelf while the push of an order for it is on its way to the till: Square takes the push
// for older than the count, and absorbs it.
func (l *Life) recountRace(g Good) (string, error) {
	miscount := int64(l.dice.Intn(2))
	text, err := l.orderOf(g, l.units())
	if err != nil || text == "" {
		return text, err
	}
	l.race("recount", g, func(l *Life, g Good) (string, error) { return l.recountAs(g, l.onTill(g)-miscount) })
	return text + ", while somebody counts " + g.SKU, nil
}

// orderOf orders one thing and keeps the order as the latest.
func (l *Life) orderOf(g Good, units int64) (string, error) {
	if l.onWeb(g) < units {
		return "", nil
	}
	return l.ordered("%s placed online")(l.opts.Shopify.PlaceOrder(shopify.NewOrder{Lines: []shopify.OrderedLine{{Item: g.Web, Quantity: units}}}))
}

// orderThen orders two units and lets something happen to the order a moment later.
func (l *Life) orderThen(kind string, g Good, do func(order shopify.Order) (shopify.Order, error), told string) (string, error) {
	text, err := l.orderOf(g, 2)
	if err != nil || text == "" {
		return text, err
	}
	order := l.orders[len(l.orders)-1]
	l.then(moment+l.dice.Part(moment), kind, g, func(l *Life, _ Good) (string, error) { return l.ordered(told)(do(order)) })
	return text, nil
}

func (l *Life) orderThenEdit(g Good) (string, error) {
	return l.orderThen("order edit", g, func(o shopify.Order) (shopify.Order, error) {
		return l.opts.Shopify.EditAdd(shopify.OrderEditAdd{Order: o.ID, Line: o.Lines[0].ID, Quantity: 1})
	}, "%s edited: a unit more")
}

func (l *Life) orderThenCancel(g Good) (string, error) {
	return l.orderThen("cancel", g, func(o shopify.Order) (shopify.Order, error) {
		return l.opts.Shopify.Cancel(shopify.OrderCancel{Order: o.ID, Restock: true})
	}, "%s cancelled")
}

func orderThenRefund(restock string) func(*Life, Good) (string, error) {
	return func(l *Life, g Good) (string, error) {
		return l.orderThen("refund", g, func(o shopify.Order) (shopify.Order, error) {
			return l.opts.Shopify.Refund(shopify.OrderRefund{Order: o.ID, Line: o.Lines[0].ID, Quantity: 1, Restock: restock})
		}, "a unit of %s refunded: "+restock)
	}
}

// lateBeforeRecount has an offline sale arrive after a recount that happened later: the recount had it already.
func (l *Life) lateBeforeRecount(g Good) (string, error) {
	units := l.onTill(g)
	if units < lowTill {
		return "", nil
	}
	sold := time.Now()
	l.then(moment, "recount", g, func(l *Life, g Good) (string, error) { return l.recountAs(g, units-1) })
	l.then(3*moment, "late sale", g, func(l *Life, g Good) (string, error) { return l.sellOffline(g, sold) })
	return "a till without network sells a " + g.SKU, nil
}

// lateAfterRecount has one arrive that happened after the recount: it counts.
func (l *Life) lateAfterRecount(g Good) (string, error) {
	if l.onTill(g) < lowTill {
		return "", nil
	}
	text, err := l.recountAs(g, l.onTill(g))
	if err != nil || text == "" {
		return text, err
	}
	l.then(moment, "offline sale", g, func(l *Life, g Good) (string, error) {
		sold := time.Now()
		l.then(2*moment, "late sale", g, func(l *Life, g Good) (string, error) { return l.sellOffline(g, sold) })
		return "a till without network sells a " + g.SKU, nil
	})
	return text, nil
}

// typedTwice has the same goods typed into both channels.
func (l *Life) typedTwice(g Good) (string, error) {
	const units = 20
	if _, err := l.opts.Square.Receive(g.Till, stock.Units(units)); err != nil {
		return "", err
	}
	l.noteRaise(g, shop.Square)
	l.then(moment, "typed in twice", g, func(l *Life, g Good) (string, error) {
		return fmt.Sprintf("%d × %s typed into the web shop too", units, g.SKU), l.opts.Shopify.Receive(shopify.StockChange{Item: g.Web, Quantity: units})
	})
	return fmt.Sprintf("%d × %s received, typed in at the till", units, g.SKU), nil
}
