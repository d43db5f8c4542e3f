package apptest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// Platform is a channel's platform. Its fields may be set before it is asked.
type Platform struct {
	// Counters is what refs show; one that is not here is missing.
	Counters map[stock.Ref]int64
	// SoldOut are the refs whose items are marked as sold out.
	SoldOut map[stock.Ref]bool
	Items   []stock.CatalogItem
	Orders  []stock.Order
	// Movements is what the platform's history lists.
	Movements []stock.Movement
	// Refuse says why a counter cannot be asked for; nil: every one can.
	Refuse func(ref stock.Ref) error
	// Listing is called before orders are listed; nil: nothing is.
	Listing func(ctx context.Context)
	// Err is what it answers to everything.
	Err error

	book *Book
	mu   sync.Mutex
	// listed counts how often orders were listed.
	listed int
}

func newPlatform(b *Book) *Platform { return &Platform{book: b, Counters: map[stock.Ref]int64{}} }

// MaxReads is how many refs one read answers for.
func (p *Platform) MaxReads() int { return 2 }

// PlatformNow is the merchant's clock.
func (p *Platform) PlatformNow() time.Time { return p.book.Now() }

// ReadRefs shows counters.
func (p *Platform) ReadRefs(_ context.Context, refs []stock.Ref, _ time.Time) (stock.Page, error) {
	page := stock.Page{ReadAt: p.book.Now()}
	for _, ref := range refs {
		if p.Refuse != nil {
			if err := p.Refuse(ref); err != nil {
				return stock.Page{}, err
			}
		}
		reading := stock.Reading{Ref: ref, Status: stock.Missing, Version: p.book.Now()}
		if units, shown := p.Counters[ref]; shown {
			reading.Status, reading.Quantity = stock.Counted, stock.Units(units)
		}
		if p.SoldOut[ref] {
			reading.SoldOut = stock.IsSoldOut
		}
		page.Readings = append(page.Readings, reading)
	}
	return page, p.Err
}

// ListMovements lists the orders and the history, two pages of them.
func (p *Platform) ListMovements(ctx context.Context, _ time.Time, cursor string) (stock.Page, error) {
	if p.Listing != nil {
		p.Listing(ctx)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.listed++
	if cursor == "" {
		return stock.Page{Next: "2"}, p.Err
	}
	return stock.Page{Orders: p.Orders, Movements: p.Movements}, p.Err
}

// Listed says how often a page of orders was listed.
func (p *Platform) Listed() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.listed
}

// Catalog lists the items.
func (p *Platform) Catalog(context.Context, string) ([]stock.CatalogItem, string, error) {
	return p.Items, "", p.Err
}

// Locations lists nothing: the app only learns the platform's clock by it.
func (p *Platform) Locations(context.Context) ([]stock.ChannelLocation, error) { return nil, p.Err }

// CheckItem takes every id but those with a space.
func (p *Platform) CheckItem(item string) error {
	if strings.Contains(item, " ") {
		return fmt.Errorf("%q is no id", item)
	}
	return nil
}
