package app

import (
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// planFresh is how old a plan may be that is not made once more when the orders are listed. What changes in so short a time is like what
// changes while the baselines are read: the mass change brake judges it.
const planFresh = 30 * time.Second

// fresh says that the counters of a plan were read just now.
func (p *BaselinePlan) fresh(now time.Time) bool { return now.Sub(p.begun) < planFresh }

// seenRef is what a plan read of a ref, and when, by our clock.
type seenRef struct {
	reading *ledger.Candidate
	at      time.Time
}

// seen is what the plan read, by ref: a baseline that needs two equal readings of a counter need not read it twice more.
func (p *BaselinePlan) seen() map[stock.Ref]seenRef {
	seen := map[stock.Ref]seenRef{}
	for _, shelf := range p.Shelves {
		for _, ref := range shelf.refs {
			if ref.counted() && !ref.readAt.IsZero() {
				seen[ref.state.Ref] = seenRef{&ledger.Candidate{Quantity: ref.reading.Quantity, Version: ref.reading.Version, ReadAt: ref.readAt}, ref.seenAt}
			}
		}
	}
	return seen
}

// readFrom is when the plan began to read a channel, by its clock, if that is before a time; else that time.
func (p *BaselinePlan) readFrom(channel stock.Channel, from time.Time) time.Time {
	for _, shelf := range p.Shelves {
		for _, ref := range shelf.refs {
			if ref.state.Ref.Channel == channel && !ref.readAt.IsZero() && ref.readAt.Before(from) {
				from = ref.readAt
			}
		}
	}
	return from
}

// wanted is every ref whose baseline the plan wants, of the channels that are configured, with its shelf.
func (p *BaselinePlan) wanted(configured map[stock.Channel]time.Time) map[stock.Ref]stock.Shelf {
	wanted := map[stock.Ref]stock.Shelf{}
	for _, shelf := range p.Shelves {
		for _, ref := range shelf.refs {
			if _, is := configured[ref.state.Ref.Channel]; is && ref.wanted {
				wanted[ref.state.Ref] = shelf.name
			}
		}
	}
	return wanted
}
