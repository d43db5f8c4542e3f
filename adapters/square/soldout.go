package square

import (
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// ExpectMarks has the next read of refs ask the catalog about their marks. What it said before is remembered by this process only, and the
// ledger may know of a mark that another one was told of, or that came while an older answer was on its way.
func (c *Channel) ExpectMarks(refs []stock.Ref) { c.tracked.doubt(refs) }

// soldOutAt says whether the seller marked a variation as sold out at a location, and not only until a time that has passed; empty
// for one that the catalog does not know.
// https://developer.squareup.com/docs/inventory-api/monitor-sold-out-status-on-item-variation
func soldOutAt(v *variation, location string, now time.Time) stock.SoldOut {
	if v == nil {
		return ""
	}
	for _, override := range v.Overrides {
		if override.Location != location || !override.SoldOut {
			continue
		}
		if until, err := parseTime(override.SoldOutUntil); err != nil || until.After(now) {
			return stock.IsSoldOut
		}
	}
	return stock.IsNotSoldOut
}
