package record

import "github.com/evenstock/evenstock/ledger/stock"

// Balance is what an account holds, and since when (recorded, unix nanoseconds) it is on this side of zero.
type Balance struct {
	Quantity stock.Quantity
	Since    int64
}

// Plus adds a quantity that was recorded at a time, and reports whether the sum fits. Folding an account's postings in order
// gives the same balance always.
func (b Balance) Plus(quantity stock.Quantity, at int64) (Balance, bool) {
	sum, fits := b.Quantity.Plus(quantity)
	switch {
	case sum == 0:
		return Balance{}, fits
	case b.Quantity == 0 || (b.Quantity < 0) != (sum < 0):
		return Balance{sum, at}, fits
	}
	return Balance{sum, b.Since}, fits
}
