package record

import (
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// knownRefs is how many refs may be known before those are forgotten that were not touched since as many others were: at most twice
	// as many are remembered, of somewhat less than a kilobyte each.
	knownRefs = 16 << 10
	// knownFor is how long a ref that is not touched is remembered: until twice as much time has passed, at most.
	knownFor = 10 * time.Minute
)

// Known remembers rows as they are stored, for the one that writes them: what it has just read or written need not be read again. Whatever
// may have changed rows otherwise (a rollback, another writer) has everything forgotten (Forget). What is remembered of an item are all
// of its refs, and those of its shelves and balances that were asked for.
type Known struct {
	young, old generation
	since      time.Time
}

// generation is what was touched between two moments.
type generation struct {
	items map[stock.ItemID]*Item
	of    map[stock.Ref]*Item
}

// Item is what is known of an item's rows.
type Item struct {
	ID       stock.ItemID
	Refs     []*KnownRef
	shelves  []knownShelf
	balances []knownBalance
}

// KnownRef is a ref's row and that of its work, if it has one: Urgency is of a store that keeps it.
type KnownRef struct {
	Ref     Ref
	Work    Work
	HasWork bool
	Urgency int64
}

type knownShelf struct {
	location stock.Location
	row      ShelfRow
}

// ShelfRow is a shelf's row; a shelf that has no entries has none.
type ShelfRow struct{ Stored, Opened bool }

type knownBalance struct {
	kind    ledger.AccountKind
	name    string
	balance Balance
	stored  bool
}

// Of finds the item of a ref that has a row.
func (k *Known) Of(ref stock.Ref) (*Item, bool) {
	if item, known := k.young.of[ref]; known {
		return item, true
	}
	item, known := k.old.of[ref]
	if known {
		k.Keep(item)
	}
	return item, known
}

// Item finds an item.
func (k *Known) Item(id stock.ItemID) (*Item, bool) {
	if item, known := k.young.items[id]; known {
		return item, true
	}
	item, known := k.old.items[id]
	if known {
		k.Keep(item)
	}
	return item, known
}

// Keep remembers an item, of which all refs are there.
func (k *Known) Keep(item *Item) {
	if k.young.items == nil {
		k.young = generation{map[stock.ItemID]*Item{}, map[stock.Ref]*Item{}}
	}
	k.young.items[item.ID] = item
	for _, row := range item.Refs {
		k.young.of[row.Ref.ref] = item
	}
}

// Drop forgets an item with its refs.
func (k *Known) Drop(id stock.ItemID) {
	for _, g := range []generation{k.young, k.old} {
		item, known := g.items[id]
		if !known {
			continue
		}
		delete(g.items, id)
		for _, row := range item.Refs {
			delete(g.of, row.Ref.ref)
		}
	}
}

// Forget forgets everything.
func (k *Known) Forget() { *k = Known{} }

// Age forgets what was not touched for long.
func (k *Known) Age(now time.Time) {
	if now.Before(k.since) || now.Sub(k.since) > knownFor || len(k.young.of)+len(k.young.items) > knownRefs {
		k.old, k.young, k.since = k.young, generation{}, now
	}
}

// Ref is the ref that the row is of.
func (r *Ref) Ref() stock.Ref { return r.ref }

// Shelf is the shelf that it is tied to.
func (r *Ref) Shelf() stock.Shelf { return r.shelf }

// Status is that of the row's ref.
func (r *Ref) Status() ledger.RefStatus { return ledger.RefStatus(r.status) }

// Ref is the row of one of the item's refs.
func (i *Item) Ref(ref stock.Ref) *KnownRef {
	for _, row := range i.Refs {
		if row.Ref.ref == ref {
			return row
		}
	}
	return nil
}

// Shelf is the row of a shelf, and whether it is known.
func (i *Item) Shelf(location stock.Location) (row ShelfRow, known bool) {
	for _, s := range i.shelves {
		if s.location == location {
			return s.row, true
		}
	}
	return ShelfRow{}, false
}

// SetShelf remembers the row of a shelf.
func (i *Item) SetShelf(location stock.Location, row ShelfRow) {
	for n := range i.shelves {
		if i.shelves[n].location == location {
			i.shelves[n].row = row
			return
		}
	}
	i.shelves = append(i.shelves, knownShelf{location, row})
}

// Balance is what an account of the item holds, whether it has a row, and whether that is known.
func (i *Item) Balance(account ledger.Account) (balance Balance, stored, known bool) {
	for _, b := range i.balances {
		if b.kind == account.Kind && b.name == account.Name {
			return b.balance, b.stored, true
		}
	}
	return Balance{}, false, false
}

// SetBalance remembers what an account of the item holds, and whether it has a row.
func (i *Item) SetBalance(account ledger.Account, balance Balance, stored bool) {
	for n := range i.balances {
		if b := &i.balances[n]; b.kind == account.Kind && b.name == account.Name {
			b.balance, b.stored = balance, stored
			return
		}
	}
	i.balances = append(i.balances, knownBalance{account.Kind, account.Name, balance, stored})
}
