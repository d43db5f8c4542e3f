package life

import (
	"fmt"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/adapters/sandbox/shopify"
	"github.com/evenstock/evenstock/ledger/stock"
)

// actions are a shop's everyday business. Each does one thing, or says nothing when there is nothing to do.
var actions = [...]struct {
	kind   string
	weight int
	do     func(*Life, Good) (string, error)
}{
	{"sale", 34, (*Life).sell},
	{"order", 26, (*Life).order},
	{"fulfilled", 10, (*Life).fulfil},
	{"cancel", 4, (*Life).cancel},
	{"refund with restock", 4, (*Life).refundCancel},
	{"refund without restock", 3, (*Life).refundOnly},
	{"refund of goods that came back", 3, (*Life).refundReturn},
	{"order edit", 4, (*Life).edit},
	{"return", 4, (*Life).returned},
	{"late sale", 3, (*Life).lateSale},
	{"waste", 1, (*Life).waste},
	{"recount", 2, (*Life).recount},
	{"received", 1, (*Life).received},
	{"hand edit", 1, (*Life).handEdit},
}

// lowTill is how few units a shelf may hold before the till sells no more of them and goods come in.
const lowTill = 4

func (l *Life) sell(g Good) (string, error) {
	if l.onTill(g) < lowTill {
		return l.received(g)
	}
	units := l.units()
	_, err := l.opts.Square.Sell(g.Till, stock.Units(units))
	return fmt.Sprintf("%d × %s sold at the till", units, g.SKU), err
}

// order buys one or two things online, no more than the web shows.
func (l *Life) order(g Good) (string, error) {
	var lines []shopify.OrderedLine
	for _, good := range []Good{g, l.good()} {
		units := min(l.units(), l.onWeb(good))
		if units > 0 && (len(lines) == 0 || good.SKU != g.SKU && l.dice.Chance(0.25)) {
			lines = append(lines, shopify.OrderedLine{Item: good.Web, Quantity: units})
		}
	}
	if len(lines) == 0 {
		return "", nil
	}
	order, err := l.opts.Shopify.PlaceOrder(shopify.NewOrder{Lines: lines})
	if err != nil {
		return "", err
	}
	l.keep(order)
	return fmt.Sprintf("%s placed online", order.Name), nil
}

func hasUnsent(_ shopify.Order, line shopify.OrderLine) bool { return line.Unsent > 0 }

func (l *Life) fulfil(Good) (string, error) {
	order, _, ok := l.lineOf(hasUnsent)
	if !ok {
		return "", nil
	}
	return l.ordered("%s sent")(l.opts.Shopify.Fulfil(shopify.OrderFulfil{Order: order.ID}))
}

// cancel cancels an order of which nothing was sent; one in four without putting the units back.
func (l *Life) cancel(Good) (string, error) {
	order, _, ok := l.lineOf(func(o shopify.Order, _ shopify.OrderLine) bool {
		for _, line := range o.Lines {
			if line.Unsent != line.Current || line.Unsent == 0 {
				return false
			}
		}
		return true
	})
	if !ok {
		return "", nil
	}
	return l.ordered("%s cancelled")(l.opts.Shopify.Cancel(shopify.OrderCancel{Order: order.ID, Restock: !l.dice.Chance(0.25)}))
}

func (l *Life) refundCancel(Good) (string, error) {
	order, line, ok := l.lineOf(hasUnsent)
	return l.refund(ok, order, line, shopify.RestockCancel)
}

func (l *Life) refundOnly(Good) (string, error) {
	order, line, ok := l.lineOf(func(_ shopify.Order, line shopify.OrderLine) bool { return line.Current > 0 })
	return l.refund(ok, order, line, shopify.RestockNone)
}

func (l *Life) refundReturn(Good) (string, error) {
	order, line, ok := l.lineOf(func(_ shopify.Order, line shopify.OrderLine) bool { return line.Returnable > 0 })
	return l.refund(ok, order, line, shopify.RestockReturn)
}

// refund refunds one unit of a line.
func (l *Life) refund(ok bool, order shopify.Order, line shopify.OrderLine, restock string) (string, error) {
	if !ok {
		return "", nil
	}
	return l.ordered("a unit of %s refunded: " + restock)(l.opts.Shopify.Refund(shopify.OrderRefund{Order: order.ID, Line: line.ID, Quantity: 1, Restock: restock}))
}

// edit lets a line grow, adds a line, or takes a unit out, as customers ask for on the phone.
func (l *Life) edit(g Good) (string, error) {
	order, line, ok := l.lineOf(hasUnsent)
	if !ok {
		return "", nil
	}
	switch l.dice.Intn(3) {
	case 0:
		return l.ordered("%s edited: a unit more")(l.opts.Shopify.EditAdd(shopify.OrderEditAdd{Order: order.ID, Line: line.ID, Quantity: 1}))
	case 1:
		return l.ordered("%s edited: a line more")(l.opts.Shopify.EditAdd(shopify.OrderEditAdd{Order: order.ID, Item: g.Web, Quantity: 1}))
	}
	return l.ordered("%s edited: a unit less")(l.opts.Shopify.EditRemove(shopify.OrderEditRemove{Order: order.ID, Line: line.ID, Quantity: 1, Restock: true}))
}

// ordered keeps the order that an action of the web shop answered with, and names it.
func (l *Life) ordered(text string) func(shopify.Order, error) (string, error) {
	return func(order shopify.Order, err error) (string, error) {
		if err != nil {
			return "", err
		}
		l.keep(order)
		return fmt.Sprintf(text, order.Name), nil
	}
}

func (l *Life) returned(g Good) (string, error) {
	_, err := l.opts.Square.Return(g.Till, stock.Unit)
	return "a " + g.SKU + " returned at the till", err
}

// lateSale is a sale at a till that had no network for up to 40 seconds.
func (l *Life) lateSale(g Good) (string, error) {
	if l.onTill(g) < lowTill {
		return "", nil
	}
	offline := l.dice.Part(min(40*time.Second, time.Since(l.start)))
	return l.sellOffline(g, time.Now().Add(-offline))
}

func (l *Life) sellOffline(g Good, occurred time.Time) (string, error) {
	done, err := l.opts.Square.SellOffline(g.Till, stock.Unit, occurred)
	text := "a " + g.SKU + " sold offline arrives late"
	if done.Absorbed {
		text += "; a recount had it already"
	}
	return text, err
}

func (l *Life) waste(g Good) (string, error) {
	if l.onTill(g) < lowTill {
		return "", nil
	}
	_, err := l.opts.Square.Waste(g.Till, stock.Unit)
	return "a " + g.SKU + " broke", err
}

// recount counts a shelf at the till; one in three people miscounts by one.
func (l *Life) recount(g Good) (string, error) {
	return l.recountAs(g, l.onTill(g)+[]int64{0, 0, 0, 0, 1, -1}[l.dice.Intn(6)])
}

// recountAs enters what was counted.
func (l *Life) recountAs(g Good, counted int64) (string, error) {
	counted = max(counted, 0)
	if counted > l.onTill(g) && !l.mayRaise(g, shop.Square) {
		return "", nil
	}
	done, err := l.opts.Square.Recount(g.Till, stock.Units(counted), time.Time{})
	if done.Delta > 0 {
		l.noteRaise(g, shop.Square)
	}
	return fmt.Sprintf("%s recounted: %d", g.SKU, counted), err
}

func (l *Life) received(g Good) (string, error) {
	if !l.mayRaise(g, shop.Square) {
		return "", nil
	}
	units := int64(12 + 6*l.dice.Intn(4))
	l.noteRaise(g, shop.Square)
	_, err := l.opts.Square.Receive(g.Till, stock.Units(units))
	return fmt.Sprintf("%d × %s received, typed in at the till", units, g.SKU), err
}

// handEdit is the merchant correcting a number in the web shop's admin, mostly down.
func (l *Life) handEdit(g Good) (string, error) {
	change := -1 - int64(l.dice.Intn(3))
	if l.dice.Chance(0.25) && l.mayRaise(g, shop.Shopify) {
		change = 1
		l.noteRaise(g, shop.Shopify)
	}
	units := l.onWeb(g) + change
	if units < 0 {
		return "", nil
	}
	err := l.opts.Shopify.SetAvailable(shopify.StockChange{Item: g.Web, Quantity: units})
	return fmt.Sprintf("%s set to %d by hand in the web shop", g.SKU, units), err
}
