package square

import (
	"errors"
	"fmt"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// Errors of shop actions.
var (
	// ErrUnknown is returned for a variation or a location that the shop does not have.
	ErrUnknown = errors.New("no such thing in the pretend Square")
	// ErrAction is returned for an action that a shop's people could not do, such as selling a negative quantity.
	ErrAction = errors.New("impossible action")
)

// quantityMax bounds one change, so that no sum of changes can leave the range of a Quantity: a billion units.
const quantityMax = 1_000_000_000 * stock.Unit

// lateMax is how late an offline sale may arrive, or a recount be entered; far beyond what the real one allows.
const lateMax = 30 * 24 * time.Hour

// Action is something that happens in the shop.
type Action struct {
	// Kind is "sell", "sell_offline", "receive", "return", "waste", "recount" or "other_app".
	Kind string `json:"kind"`
	Item string `json:"item"`
	// Location is the first one when empty.
	Location string `json:"location"`
	// Quantity is positive; what was counted for a recount; signed for other_app.
	Quantity stock.Quantity `json:"quantity"`
	// OccurredAt is when it happened, if that is not now: an offline till reports late.
	OccurredAt time.Time `json:"occurred_at,omitzero"`
}

// Change is what an action did.
type Change struct {
	// ID is the change's id in the inventory history; empty when nothing was recorded because the item is not tracked.
	ID        string    `json:"id"`
	CreatedAt time.Time `json:"created_at"`
	// Delta is what happened to the IN_STOCK counter, Count what it shows afterwards.
	Delta stock.Quantity `json:"delta"`
	Count stock.Quantity `json:"count"`
	// Absorbed says that a physical count received earlier, but of a later time, had it already.
	Absorbed bool `json:"absorbed"`
}

// Sell rings up a sale at the till. An item that is not tracked sells without a trace in the inventory.
func (s *Shop) Sell(item string, qty stock.Quantity) (Change, error) {
	return s.Do(Action{Kind: "sell", Item: item, Quantity: qty})
}

// SellOffline is a sale that reaches Square now but happened earlier, at a till without network.
func (s *Shop) SellOffline(item string, qty stock.Quantity, occurredAt time.Time) (Change, error) {
	return s.Do(Action{Kind: "sell_offline", Item: item, Quantity: qty, OccurredAt: occurredAt})
}

// Receive books new stock in the Dashboard.
func (s *Shop) Receive(item string, qty stock.Quantity) (Change, error) {
	return s.Do(Action{Kind: "receive", Item: item, Quantity: qty})
}

// Return takes goods back at the till, without the sale they came from.
func (s *Shop) Return(item string, qty stock.Quantity) (Change, error) {
	return s.Do(Action{Kind: "return", Item: item, Quantity: qty})
}

// Waste books units as lost or damaged in the Dashboard.
func (s *Shop) Waste(item string, qty stock.Quantity) (Change, error) {
	return s.Do(Action{Kind: "waste", Item: item, Quantity: qty})
}

// Recount is a person's count, or hand edit, in the Dashboard; a zero occurredAt means now.
func (s *Shop) Recount(item string, counted stock.Quantity, occurredAt time.Time) (Change, error) {
	return s.Do(Action{Kind: "recount", Item: item, Quantity: counted, OccurredAt: occurredAt})
}

// OtherApp is an adjustment by an application that is not ours; a negative quantity is a sale of it.
func (s *Shop) OtherApp(item string, qty stock.Quantity) (Change, error) {
	return s.Do(Action{Kind: "other_app", Item: item, Quantity: qty})
}

// Do lets an action happen: history, counters, Truth and webhook in one step.
func (s *Shop) Do(a Action) (Change, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.Location == "" {
		a.Location = s.locations[0].id
	}
	v, err := s.checkAction(a)
	if err != nil {
		return Change{}, err
	}
	ch, by, err := s.changeFor(a, v)
	if err != nil {
		return Change{}, err
	}
	if ch == nil {
		return Change{}, nil
	}
	w := s.receive(ch)
	s.record(w, by, "")
	s.notifyCounts(w.moved)
	return Change{
		ID: ch.id, CreatedAt: ch.created, Delta: w.delta, Count: s.counters[cell{a.Item, a.Location, stateInStock}].quantity,
		Absorbed: w.absorbed,
	}, nil
}

// checkAction refuses what no shop could do. The caller holds the mutex.
func (s *Shop) checkAction(a Action) (*variation, error) {
	v := s.variations[a.Item]
	switch {
	case v == nil || v.deleted:
		return nil, fmt.Errorf("%w: item %.40q", ErrUnknown, a.Item)
	case s.location(a.Location) == nil:
		return nil, fmt.Errorf("%w: location %.40q", ErrUnknown, a.Location)
	case a.Quantity.Abs() > quantityMax || a.Quantity.Abs() < 0:
		return nil, fmt.Errorf("%w: quantity %s is out of range", ErrAction, a.Quantity)
	case a.OccurredAt.After(s.clock()):
		return nil, fmt.Errorf("%w: it lies in the future", ErrAction)
	case !a.OccurredAt.IsZero() && s.clock().Sub(a.OccurredAt) > lateMax:
		return nil, fmt.Errorf("%w: it was more than %s ago", ErrAction, lateMax)
	case a.Kind == "recount" && a.Quantity < 0, a.Kind != "recount" && a.Quantity == 0,
		a.Kind != "recount" && a.Kind != "other_app" && a.Quantity < 0:
		return nil, fmt.Errorf("%w: %s of %s", ErrAction, a.Kind, a.Quantity)
	}
	return v, nil
}

// changeFor is the history row of an action, and who did it for the Truth; nil when the till sells or takes back what is
// not tracked. The caller holds the mutex.
func (s *Shop) changeFor(a Action, v *variation) (ch *row, by string, err error) {
	ch = &row{kind: kindAdjustment, item: a.Item, location: a.Location, quantity: a.Quantity, occurred: a.OccurredAt.UTC()}
	atTill := false
	switch a.Kind {
	case "sell", "sell_offline":
		atTill, by, ch.from, ch.to = true, "sale", stateInStock, stateSold
		if a.Kind == "sell_offline" {
			by = "late_sale"
		}
	case "return":
		atTill, by, ch.from, ch.to = true, "return", stateUnlinkedReturn, stateInStock
	case "receive":
		by, ch.from, ch.to = "received", stateNone, stateInStock
	case "waste":
		by, ch.from, ch.to = "waste", stateInStock, stateWaste
	case "recount":
		by, ch.kind, ch.state = "recount", kindRecount, stateInStock
	case "other_app":
		by, ch.from, ch.to = "other_app", stateNone, stateInStock
		if a.Quantity < 0 {
			ch.from, ch.to, ch.quantity = stateInStock, stateSold, -a.Quantity
		}
	default:
		return nil, "", fmt.Errorf("%w: kind %.20q", ErrAction, a.Kind)
	}
	switch {
	case !v.trackedAt(a.Location) && atTill:
		return nil, by, nil
	case !v.trackedAt(a.Location) && a.Kind != "other_app":
		return nil, "", fmt.Errorf("%w: %s of an item that is not tracked", ErrAction, a.Kind)
	case atTill:
		ch.source = source{Product: "SQUARE_POS", Name: "Square Point of Sale 6.50 for Android"}
	case a.Kind == "other_app":
		ch.source = source{Product: "EXTERNAL_API", ApplicationID: "sandbox-sq0idb-another", Name: "Another App"}
	default:
		ch.source = source{Product: "DASHBOARD", Name: "Dashboard"}
	}
	if ch.to == stateSold {
		ch.price = s.priceOf(ch.quantity)
	}
	if atTill && ch.to == stateSold {
		ch.transaction = s.newID(24)
	}
	return ch, by, nil
}
