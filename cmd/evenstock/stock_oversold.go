package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// oversold says by how much a shelf is oversold, and by which sales.
type oversold struct {
	Units stock.Quantity `json:"units"`
	// Sales are the latest ones, up to the one that took the level below zero; the youngest first.
	Sales []cause `json:"sales"`
}

// oversoldBy finds the latest sales that together sold more than there was; nil when the level is not below zero.
func oversoldBy(level stock.Quantity, causes []cause) *oversold {
	if level >= 0 {
		return nil
	}
	o := &oversold{Units: -level, Sales: []cause{}}
	missing := o.Units
	for _, c := range slices.Backward(causes) {
		if missing <= 0 {
			break
		}
		if c.Cause == ledger.Sold.String() && c.Quantity < 0 {
			o.Sales = append(o.Sales, c)
			missing += c.Quantity
		}
	}
	return o
}

// findOversold reads the entries of an oversold shelf for the sales to blame.
func (s *listedShelf) findOversold(ctx context.Context, store ledger.Store, at ledger.AsOf) error {
	f := &shelfFacts{shelf: stock.Shelf{Item: s.Item, Location: s.Location}, at: at}
	if _, err := f.readEntries(ctx, store); err != nil {
		return err
	}
	s.Oversold = oversoldBy(s.Level, f.explain().Causes)
	return nil
}

func (o *oversold) text(zone *time.Location) string {
	text := "oversold by " + o.Units.String()
	for i, sale := range o.Sales {
		before := "; last sold: "
		if i > 0 {
			before = ", "
		}
		text += fmt.Sprintf("%s%s on %s at %s (%s)", before, -sale.Quantity, sale.Channel, stampIn(sale.OccurredAt, zone), evidence(sale.Evidence))
	}
	if len(o.Sales) == 0 {
		text += "; no sale is known that did it: see evenstock explain"
	}
	return text
}
