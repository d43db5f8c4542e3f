package life

import (
	"fmt"
	"slices"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/adapters/sandbox/shopify"
	"github.com/evenstock/evenstock/adapters/sandbox/square"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Good is one thing that both shops sell, and its ids in each.
type Good struct {
	SKU     string `json:"sku"`
	Name    string `json:"name"`
	Till    string `json:"till"`    // the Square variation
	Web     string `json:"web"`     // the Shopify inventory item
	Variant string `json:"variant"` // the Shopify variant
}

// Thing is what a pretend shop sells.
type Thing struct{ SKU, Name string }

// Assortment is what the pretend shops sell when nobody says otherwise.
func Assortment() []Thing { return slices.Clone(assortment[:]) }

var assortment = [...]Thing{
	{"TEE-BLK-S", "Organic tee, black, S"}, {"TEE-BLK-M", "Organic tee, black, M"}, {"TEE-WHT-M", "Organic tee, white, M"},
	{"MUG-ENAMEL", "Enamel mug, 350 ml"}, {"CANDLE-FIG", "Soy candle, fig"}, {"TOTE-NAT", "Canvas tote, natural"},
	{"SOAP-LAV", "Lavender soap bar"}, {"NOTE-A5-DOT", "Notebook A5, dotted"}, {"POSTER-MOON", "Letterpress poster, moon"},
	{"SOCK-WOOL-L", "Merino socks, L"}, {"TEA-OOLONG", "Oolong tea, 100 g"}, {"PLANT-POT-12", "Terracotta pot, 12 cm"},
}

const (
	// openingMin and openingSpread bound what a shop has of each thing when it opens, in units.
	openingMin, openingSpread = 24, 37
	// unevenOpenings is how many of the things the web counts wrongly at first, as before a first sync.
	unevenOpenings = 3
)

// OpenShops puts the same goods of an assortment into both shops. The web's counts differ for three of them. Everything is there before
// OpenShops returns, as effects that a judge leaves out.
func OpenShops(till *square.Shop, web *shopify.Shop, things []Thing, seed int64) ([]Good, error) {
	dice := shop.NewDice(seed + seedApart)
	goods := make([]Good, 0, len(things))
	for i, thing := range things {
		units := int64(openingMin + dice.Intn(openingSpread))
		good := Good{SKU: thing.SKU, Name: thing.Name, Till: till.AddVariation(thing.SKU, thing.Name, true)}
		if _, err := till.Receive(good.Till, stock.Units(units)); err != nil {
			return nil, fmt.Errorf("filling the till's shelf with %s: %w", thing.SKU, err)
		}
		if i < unevenOpenings {
			units += int64(1 + dice.Intn(4))
		}
		variant, err := web.AddVariant(shopify.NewVariant{SKU: thing.SKU, Name: thing.Name, Tracked: true, Available: units})
		if err != nil {
			return nil, fmt.Errorf("putting %s online: %w", thing.SKU, err)
		}
		good.Web, good.Variant = variant.Item, variant.Variant
		goods = append(goods, good)
	}
	return goods, nil
}

// good is one of the goods.
func (l *Life) good() Good { return l.opts.Goods[l.dice.Intn(len(l.opts.Goods))] }

// units is a usual number of units: 1 half of the time, seldom 3.
func (l *Life) units() int64 {
	return []int64{1, 1, 1, 2, 2, 3}[l.dice.Intn(6)]
}

// onTill and onWeb are what the counters show, in whole units.
func (l *Life) onTill(g Good) int64 {
	quantity, _ := l.opts.Square.CountOf(g.Till, l.opts.Square.Locations()[0])
	units, _ := quantity.WholeUnits()
	return units
}

func (l *Life) onWeb(g Good) int64 {
	quantity, _ := l.opts.Shopify.CountOf(g.Web, "")
	units, _ := quantity.WholeUnits()
	return units
}

// mayRaise says whether units may be typed in at a shop: not soon after they were at the other.
func (l *Life) mayRaise(g Good, shop string) bool {
	last, raised := l.raised[g.SKU]
	return !raised || last.shop == shop || time.Since(last.at) > RaiseApart
}

// noteRaise remembers units that were typed in.
func (l *Life) noteRaise(g Good, shop string) { l.raised[g.SKU] = raise{shop, time.Now()} }

// keep remembers what an order looks like now.
func (l *Life) keep(order shopify.Order) {
	for i := range l.orders {
		if l.orders[i].ID == order.ID {
			l.orders[i] = order
			return
		}
	}
	l.orders = append(l.orders, order)
	l.orders = l.orders[max(0, len(l.orders)-ordersMax):]
}

// lineOf is a line of one of the latest orders, chosen by dice among those that suit.
func (l *Life) lineOf(suits func(shopify.Order, shopify.OrderLine) bool) (order shopify.Order, line shopify.OrderLine, ok bool) {
	if len(l.orders) == 0 {
		return order, line, false
	}
	from := l.dice.Intn(len(l.orders))
	for i := range l.orders {
		order = l.orders[(from+i)%len(l.orders)]
		if order.Cancelled {
			continue
		}
		for _, line := range order.Lines {
			if suits(order, line) {
				return order, line, true
			}
		}
	}
	return order, line, false
}
