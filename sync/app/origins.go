package app

import (
	"context"
	"maps"
	"slices"
	"sort"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// Origin is a counter that others changed without a cause, which moved the level.
type Origin struct {
	Ref stock.Ref `json:"ref"`
	// Shows is what it shows now.
	Shows stock.Quantity `json:"shows"`
	// Changes are those that nobody has explained, put back or released, oldest first.
	Changes []OriginChange `json:"changes"`
}

// OriginChange is one change of a counter without a cause.
type OriginChange struct {
	At       time.Time      `json:"at"`
	Quantity stock.Quantity `json:"quantity"`
	// PutBack is what the counter would show now without this change and those after it: what a person types there to undo them. What
	// was sold or pushed since stays done.
	PutBack stock.Quantity `json:"put_back"`
}

// addOrigins says of the articles of a mass change which other counters of their shelves it came from.
func (a *App) addOrigins(ctx context.Context, b *Brake) error {
	if b.Change == nil || len(b.Articles) == 0 {
		return nil
	}
	shelves := map[stock.Shelf]map[stock.Ref][]suspended{}
	for _, article := range b.Articles {
		shelves[article.shelf] = map[stock.Ref][]suspended{}
	}
	if err := a.readSuspended(ctx, *b.Change, shelves); err != nil {
		return err
	}
	for i, article := range b.Articles {
		for _, ref := range slices.SortedFunc(maps.Keys(shelves[article.shelf]), stock.Ref.Compare) {
			changes := changesSince(shelves[article.shelf][ref], b.Change.Since)
			if ref == article.Ref || len(changes) == 0 {
				continue
			}
			counter, err := a.Ledger.Ref(ctx, ref)
			if err != nil {
				return err
			}
			if counter.State.Status.Follows() {
				b.Articles[i].Origins = append(b.Articles[i].Origins, originOf(counter.State, changes))
			}
		}
	}
	return nil
}

// suspended is what a reading put into the suspense account of a counter, or a movement of the opposite quantity (told) took out of it.
// passed: a person has let it pass since.
type suspended struct {
	at           time.Time
	quantity     stock.Quantity
	told, passed bool
}

// readSuspended collects by shelf and counter what stays in suspense. It begins a window before that of the mass change: what is told in
// the window may explain a reading of before it.
func (a *App) readSuspended(ctx context.Context, mass MassChange, shelves map[stock.Shelf]map[stock.Ref][]suspended) error {
	after, err := a.lastBefore(ctx, mass.Since.Add(-reconcile.MassChangeWindow))
	if err != nil {
		return err
	}
	for entry, err := range ledger.AllEntries(ctx, a.Ledger, ledger.EntryFilter{AfterSeq: after}) {
		if err != nil {
			return err
		}
		counters, wanted := shelves[entry.Shelf]
		if entry.Evidence[stock.EvidenceUnproven] != "" { // explains in the books, and no mass change
			continue
		}
		if quantity := -entry.Into(ledger.UnexplainedBy(entry.Shelf.Item, entry.Ref)); wanted && quantity != 0 {
			counters[entry.Ref] = suspend(counters[entry.Ref], suspended{at: entry.RecordedAt, quantity: quantity,
				told: entry.Kind == ledger.KindMovement, passed: !entry.RecordedAt.After(mass.released)})
		}
	}
	return nil
}

// lastBefore finds the last entry that was recorded before a time.
func (a *App) lastBefore(ctx context.Context, at time.Time) (int64, error) {
	summary, err := a.Ledger.Summary(ctx)
	if err != nil {
		return 0, err
	}
	n := sort.Search(int(summary.Entries), func(seq int) bool {
		page, failed := a.Ledger.Entries(ctx, ledger.EntryFilter{AfterSeq: int64(seq), Limit: 1})
		if failed != nil {
			err = failed
		}
		return failed != nil || len(page) == 0 || !page[0].RecordedAt.Before(at)
	})
	return int64(n), err
}

// suspend adds to what is in suspense. Opposites cancel each other, as the brake's judge has it: first one that is just as large, then
// the youngest. What a person let pass only a cause explains: to put it back is a change of its own.
func suspend(list []suspended, s suspended) []suspended {
	opposes := func(other suspended) bool {
		return (other.quantity < 0) != (s.quantity < 0) && !(other.told && s.told) && (other.passed == s.passed || other.told || s.told)
	}
	if i := slices.IndexFunc(list, func(other suspended) bool { return opposes(other) && other.quantity == -s.quantity }); i >= 0 {
		return slices.Delete(list, i, i+1)
	}
	for i := len(list) - 1; i >= 0; i-- {
		switch {
		case !opposes(list[i]):
		case list[i].quantity.Abs() > s.quantity.Abs():
			list[i].quantity += s.quantity
			return list
		default:
			s.quantity += list[i].quantity
			list = slices.Delete(list, i, i+1)
		}
	}
	if s.quantity != 0 {
		list = append(list, s)
	}
	return list
}

// changesSince are the changes of a counter that are in suspense since a time, and that nobody let pass.
func changesSince(list []suspended, since time.Time) (changes []OriginChange) {
	for _, s := range list {
		if !s.told && !s.passed && !s.at.Before(since) {
			changes = append(changes, OriginChange{At: s.at, Quantity: s.quantity})
		}
	}
	return changes
}

// originOf says what a counter would show without its changes.
func originOf(state ledger.RefState, changes []OriginChange) Origin {
	without := state.Expected
	for i := len(changes) - 1; i >= 0; i-- {
		without -= changes[i].Quantity
		changes[i].PutBack = without
	}
	return Origin{Ref: state.Ref, Shows: state.Expected, Changes: changes}
}
