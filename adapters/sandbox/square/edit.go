package square

import (
	"fmt"
	"slices"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/ledger/stock"
)

// editMax is how old a row may be that is edited
// (https://developer.squareup.com/reference/square/inventory-api/update-inventory-adjustment).
const editMax = 365 * 24 * time.Hour

// Edit changes the quantity of an adjustment, as the Dashboard and UpdateInventoryAdjustment do: under the same id, with the time it
// was received and its place as they were. The count moves by the difference, and its webhook says nothing of the row; what a later
// recount holds moves nothing. Recounts and what the till sold are not edited.
func (s *Shop) Edit(id string, quantity stock.Quantity) (Change, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.received, func(r *row) bool { return r.id == id })
	if i < 0 {
		return Change{}, fmt.Errorf("%w: adjustment %.40q", ErrUnknown, id)
	}
	edited := s.received[i]
	switch {
	case edited.kind != kindAdjustment || edited.transaction != "":
		return Change{}, fmt.Errorf("%w: recounts and sales at the till are not edited", ErrAction)
	case quantity < 0 || quantity > quantityMax:
		return Change{}, fmt.Errorf("%w: quantity %s is out of range", ErrAction, quantity)
	case s.clock().Sub(edited.created) > editMax:
		return Change{}, fmt.Errorf("%w: it is more than a year old", ErrAction)
	}
	change := *edited
	change.quantity = quantity - edited.quantity
	edited.quantity, edited.edited, s.anyEdited = quantity, s.tick(), true
	change.created = edited.edited
	out := written{change: &change}
	if change.quantity != 0 {
		s.correct(&out, edited)
		s.recordEdit(out, edited)
		s.notifyCounts(out.moved)
	}
	return Change{
		ID: id, CreatedAt: edited.created, Delta: out.delta, Absorbed: out.absorbed,
		Count: s.counters[cell{edited.item, edited.location, stateInStock}].quantity,
	}, nil
}

// correct takes an edit's change into the counters that the edited row belongs to. The caller holds the mutex.
func (s *Shop) correct(out *written, edited *row) {
	for _, state := range edited.states() {
		at := cell{edited.item, edited.location, state}
		c := s.counters[at]
		effect := out.change.deltaOn(state)
		absorbed := c.recount != nil && edited.before(c.recount)
		if absorbed {
			effect = 0
		}
		c.quantity += effect
		s.note(out, at, effect, absorbed)
	}
}

// recordEdit writes what an edit did into the Truth. An edited write of evenstock's own is explained by nothing.
func (s *Shop) recordEdit(w written, edited *row) {
	effect := shop.Effect{At: edited.edited, Shop: shop.Square, Item: edited.item, Location: edited.location, Delta: w.delta, By: "edit", Note: edited.id}
	if edited.source.Product != "EXTERNAL_API" || edited.source.ApplicationID != s.opts.AppID {
		effect.Explained = w.change.deltaOn(stateInStock)
	}
	s.truth.Add(effect)
}
