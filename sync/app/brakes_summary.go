package app

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// BrakeSummary is how many brakes of a kind hold pushes of a channel back.
type BrakeSummary struct {
	Kind string `json:"kind"`
	// Channel is empty where the kind holds all channels of a shelf.
	Channel stock.Channel `json:"channel,omitempty"`
	Brakes  int           `json:"brakes"`
	// Held counts the pushes that they hold now.
	Held int `json:"held"`
	// Since is when the first of them began; zero where nobody remembers.
	Since time.Time `json:"since,omitzero"`
	// Remedy is what a person can do; RemedyWait: they end by themselves.
	Remedy Remedy `json:"remedy"`
}

// lookAtCounters compares the links with the configuration, counts what holds pushes back by kind, channel and remedy, what is read for the
// first time at an open shelf, and what waits for its location, in one look at every counter.
func (a *App) lookAtCounters(ctx context.Context, s *Status) (err error) {
	held := newBraked()
	s.Places, err = a.placesOf(func(yield func(ledger.DueRef, error) bool) {
		for ref, err := range ledger.AllRefs(ctx, a.Ledger, ledger.RefFilter{}) {
			if err == nil {
				held.add(ref)
				s.Joining += comes(ref)
				s.Away += a.waitsForPlace(ref.State)
			}
			if !yield(ref, err) {
				return
			}
		}
	})
	if err == nil {
		err = a.judge(ctx, held)
	}
	s.Brakes = a.brakeSummaries(held)
	return err
}

// waitsForPlace counts a ref that waits to join and of which nothing can be said before its location is back in the configuration.
func (a *App) waitsForPlace(ref ledger.RefState) int64 {
	if ref.Status == ledger.WaitsToJoin && a.misplaced(ref) {
		return 1
	}
	return 0
}

// comes counts a ref that came to an open shelf and was not read since.
func comes(ref ledger.DueRef) int64 {
	if ref.Opened && ref.State.Status == ledger.Linked {
		return 1
	}
	return 0
}

func (a *App) brakeSummaries(held *braked) []BrakeSummary {
	list := []BrakeSummary{}
	for _, engaged := range held.brakes {
		b := a.brake(held, engaged)
		i := slices.IndexFunc(list, func(s BrakeSummary) bool { return s.Kind == b.Kind && s.Channel == b.Channel && s.Remedy == b.Remedy })
		if i < 0 {
			i, list = len(list), append(list, BrakeSummary{Kind: b.Kind, Channel: b.Channel, Since: b.Since, Remedy: b.Remedy})
		}
		list[i].Brakes, list[i].Held = list[i].Brakes+1, list[i].Held+b.Held
		if b.Since.Before(list[i].Since) {
			list[i].Since = b.Since
		}
	}
	slices.SortFunc(list, func(a, b BrakeSummary) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Remedy, b.Remedy))
	})
	return list
}
