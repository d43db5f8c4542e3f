package explain

import (
	"slices"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Oversold says by how much a shelf is oversold, and by which sales.
type Oversold struct {
	Units stock.Quantity `json:"units"`
	// Sales are the latest ones, up to the one that took the level below zero; the youngest first.
	Sales []Cause `json:"sales"`
}

// OversoldBy finds the latest sales that together sold more than there was; nil when the level is not below zero.
func OversoldBy(level stock.Quantity, causes []Cause) *Oversold {
	if level >= 0 {
		return nil
	}
	o := &Oversold{Units: -level, Sales: []Cause{}}
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
