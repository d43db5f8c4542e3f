package ledger

import (
	"context"
	"iter"

	"github.com/evenstock/evenstock/ledger/stock"
)

// AllRefs is every ref that the filter selects, in order. It is read page by page, filter.Limit refs at a time: what changes
// meanwhile is seen or not. An error is the last that it yields.
func AllRefs(ctx context.Context, refs Refs, filter RefFilter) iter.Seq2[DueRef, error] {
	return all(filter, PageSize(filter.Limit), func(from RefFilter) ([]DueRef, error) { return refs.Refs(ctx, from) },
		func(from RefFilter, last DueRef) RefFilter { from.After = last.State.Ref; return from })
}

// AllShelves is every shelf that the filter selects, in order; see AllRefs.
func AllShelves(ctx context.Context, refs Refs, filter ShelfFilter) iter.Seq2[ShelfState, error] {
	return all(filter, PageSize(filter.Limit), func(from ShelfFilter) ([]ShelfState, error) { return refs.Shelves(ctx, from) },
		func(from ShelfFilter, last ShelfState) ShelfFilter { from.After = last.Shelf; return from })
}

// AllItems is every item, by id; see AllRefs.
func AllItems(ctx context.Context, catalog Catalog) iter.Seq2[stock.Item, error] {
	return all("", MaxPage, func(after stock.ItemID) ([]stock.Item, error) { return catalog.Items(ctx, after, MaxPage) },
		func(_ stock.ItemID, last stock.Item) stock.ItemID { return last.ID })
}

// AllEntries is every entry that the filter selects, by seq; see AllRefs.
func AllEntries(ctx context.Context, journal Journal, filter EntryFilter) iter.Seq2[Entry, error] {
	return all(filter, PageSize(filter.Limit), func(from EntryFilter) ([]Entry, error) { return journal.Entries(ctx, from) },
		func(from EntryFilter, last Entry) EntryFilter { from.AfterSeq = last.Seq; return from })
}

// all reads pages of size rows, each from the position behind the last row of the one before. A shorter page is the last.
func all[P, T any](first P, size int, read func(P) ([]T, error), behind func(P, T) P) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for from := first; ; {
			page, err := read(from)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, row := range page {
				if !yield(row, nil) {
					return
				}
			}
			if len(page) < size {
				return
			}
			from = behind(from, page[len(page)-1])
		}
	}
}
