package sweep

import (
	"context"
	"fmt"
	"slices"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// refsPage is how many refs are listed at once, to compare them with the catalog.
const refsPage = 1000

// full reads every linked ref, by the rules for delivered readings, lists late movements, and reports what stands. A run that was
// killed is continued behind the last page that was applied.
func (r *run) full(ctx context.Context) error {
	r.whole.Lock()
	defer r.whole.Unlock()
	mark := FullMark(r.Channel)
	at, err := r.resume(ctx, mark)
	if err != nil {
		return err
	}
	if at.Late == nil {
		if err := r.readLinked(ctx, mark, at); err != nil {
			return err
		}
		at.Late = &window{Since: r.clock().Add(-fullWindow)}
		if err := r.keepPosition(ctx, mark, at, stock.Page{}); err != nil {
			return err
		}
	}
	if err := r.lateMovements(ctx, mark, at); err != nil {
		return err
	}
	if err := r.standing(ctx); err != nil {
		return err
	}
	return r.ended(ctx, mark)
}

// readLinked reads every linked ref behind a position, and keeps it under a mark.
func (r *run) readLinked(ctx context.Context, mark string, at position) error {
	asking, stop := context.WithCancel(ctx)
	defer stop()
	next := func(after stock.Ref) func() (linkedPage, error) {
		return ahead(func() (linkedPage, error) { return r.linkedAfter(asking, after) })
	}
	wait := next(at.After)
	defer func() { stop(); _, _ = wait() }() // what was asked ahead in vain
	for {
		linked, err := wait()
		if err != nil || len(linked.refs) == 0 {
			return err
		}
		at.After = linked.refs[len(linked.refs)-1].State.Ref
		wait = next(at.After)
		if err := r.takeLinked(ctx, linked, mark, at); err != nil {
			return err
		}
	}
}

// linkedPage is some linked refs, as the ledger knew them before the platform was asked, and what that said.
type linkedPage struct {
	refs    []ledger.DueRef
	page    stock.Page
	refused map[stock.Ref]error
}

// linkedAfter reads the linked refs behind one, as many as one read takes; none: there are no more.
func (r *run) linkedAfter(ctx context.Context, after stock.Ref) (linked linkedPage, err error) {
	linked.refs, err = r.Ledger.Refs(ctx, ledger.RefFilter{Channel: r.Channel, After: after, Limit: r.Lister.MaxReads()})
	if err != nil {
		return linked, fmt.Errorf("listing refs: %w", err)
	}
	var names []stock.Ref
	for _, ref := range linked.refs {
		if ref.State.Status != ledger.Unlinked {
			names = append(names, ref.State.Ref)
		}
	}
	if len(names) == 0 {
		return linked, nil
	}
	if linked.page, linked.refused, err = r.readEach(ctx, names); err != nil {
		return linked, fmt.Errorf("reading %d refs: %w", len(names), err)
	}
	return linked, nil
}

// takeLinked hands a page to the ledger, together with the position behind it.
func (r *run) takeLinked(ctx context.Context, linked linkedPage, mark string, at position) error {
	refs, page := linked.refs, linked.page
	r.refusedReads(refs, linked.refused)
	states := make(map[stock.Ref]ledger.RefState, len(refs))
	for _, ref := range refs {
		states[ref.State.Ref] = ref.State
	}
	shown := make(map[stock.Ref]stock.Reading, len(page.Readings))
	for _, reading := range page.Readings {
		shown[reading.Ref] = reading
	}
	for _, ref := range refs {
		if ref.State.Status == ledger.Unlinked {
			continue
		}
		shows := shown[ref.State.Ref]
		r.statusFinding(ref, shows)
		if shows.SoldOut == stock.IsSoldOut && (shows.Status != stock.Counted || shows.Quantity > 0) {
			r.soldOut(ref.State.Ref, ref.State.Shelf, ref.State.SoldOut)
		}
	}
	if err := r.lookAgain(ctx, states, page); err != nil {
		return err
	}
	news := page
	news.Readings = slices.DeleteFunc(slices.Clone(page.Readings), func(reading stock.Reading) bool { return says(states[reading.Ref], reading) })
	r.Read += len(page.Readings) - len(news.Readings)
	return r.keepPosition(ctx, mark, at, news)
}

// says says whether the ledger says of a counter what a reading says. Such a reading has nothing to tell, also when it is older than
// what the ledger knows meanwhile; of most counters that a full sweep reads, that is so.
func says(state ledger.RefState, reading stock.Reading) bool {
	marked := reading.SoldOut == "" || (reading.SoldOut == stock.IsSoldOut) == !state.SoldOut.IsZero()
	return state.Status == ledger.Live && reading.Status == stock.Counted && reading.Version.Equal(state.Version) && reading.Quantity == state.Expected && marked
}

// readEach is ReadEach, as patient as lists are.
func (r *run) readEach(ctx context.Context, names []stock.Ref) (stock.Page, map[stock.Ref]error, error) {
	var refused map[stock.Ref]error
	page, err := patiently(ctx, func() (page stock.Page, err error) {
		page, refused, err = ReadEach(ctx, r.Lister, names)
		return page, err
	})
	return page, refused, err
}

// refusedReads reports counters that the platform refuses to be asked for.
func (r *run) refusedReads(refs []ledger.DueRef, refused map[stock.Ref]error) {
	for _, ref := range refs {
		if reason := refused[ref.State.Ref]; reason != nil {
			r.find(ledger.Finding{Class: Unreadable, Ref: ref.State.Ref, Shelf: ref.State.Shelf, Evidence: stock.Evidence{"reason": reason.Error()},
				Action: "not read; look at the reason: the item, the location or the id may be wrong"})
		}
	}
}

// lookAgain wishes for own reads of counters whose version went back. The rules drop a delivered reading with an older version, for
// it may be late; but a full sweep has read the counter just now, so something is odd.
func (r *run) lookAgain(ctx context.Context, states map[stock.Ref]ledger.RefState, page stock.Page) error {
	batch := ledger.Batch{At: r.Now()}
	for _, reading := range page.Readings {
		state := states[reading.Ref]
		if state.Status == ledger.Live && reading.Status == stock.Counted && reading.Version.Before(state.Version) && reading.Quantity != state.Expected {
			batch.Inputs = append(batch.Inputs, ledger.WantRead{Ref: reading.Ref, Reason: "a sweep shows an older version and another count"})
		}
	}
	if len(batch.Inputs) == 0 {
		return nil
	}
	receipt, err := r.Ledger.Apply(ctx, r.Step, batch)
	if err != nil {
		return fmt.Errorf("wishing for reads: %w", err)
	}
	r.Wake(receipt.Wanted...)
	return nil
}

// standing reports what no single reading shows.
func (r *run) standing(ctx context.Context) error {
	if err := r.unexplained(ctx); err != nil {
		return err
	}
	return r.unlinkedItems(ctx)
}

// unlinkedItems compares the catalog with the links, and has labels follow it.
func (r *run) unlinkedItems(ctx context.Context) error {
	asking, stop := context.WithCancel(ctx)
	defer stop()
	wait := r.catalogPage(asking, "")
	defer func() { stop(); _, _ = wait() }() // what was asked ahead in vain
	linked, gone := map[string]stock.ItemID{}, goneItems{}
	after := stock.Ref{}
	for {
		refs, err := r.Ledger.Refs(ctx, ledger.RefFilter{Channel: r.Channel, After: after, Limit: refsPage})
		if err != nil {
			return fmt.Errorf("listing refs: %w", err)
		}
		if len(refs) == 0 {
			break
		}
		for _, ref := range refs {
			if ref.State.Status != ledger.Unlinked {
				linked[ref.State.Ref.Item] = ref.State.Shelf.Item
			}
			if err := r.noteGone(ctx, gone, ref); err != nil {
				return err
			}
		}
		after = refs[len(refs)-1].State.Ref
	}
	for range pagesMax {
		page, err := wait()
		if err != nil {
			return fmt.Errorf("listing the catalog: %w", err)
		}
		if page.next != "" {
			wait = r.catalogPage(asking, page.next)
		}
		left, err := r.relabel(ctx, page.items, linked)
		if err != nil {
			return err
		}
		for _, item := range page.items {
			if _, is := linked[item.Item]; is {
				continue
			}
			if err := r.compareSKU(ctx, item, "", left, goneItems{}); err != nil {
				return err
			}
			gone.succeeded(item)
			if item.LeftOut == "" {
				r.find(ledger.Finding{Class: Unlinked, SKU: item.SKU, Action: "link it, or leave it out on purpose",
					Evidence: stock.Evidence{"item": item.Item, "name": item.Name}})
			}
		}
		if page.next == "" {
			return r.goneFindings(ctx, gone)
		}
	}
	return fmt.Errorf("listing the catalog: it does not end after %d pages", pagesMax)
}

// catalogPage is a page of the catalog, and where the next one begins.
type catalogPage struct {
	items []stock.CatalogItem
	next  string
}

// catalogPage begins to ask for a page of the catalog.
func (r *run) catalogPage(ctx context.Context, cursor string) (wait func() (catalogPage, error)) {
	return ahead(func() (catalogPage, error) {
		return patiently(ctx, func() (page catalogPage, err error) {
			page.items, page.next, err = r.Lister.Catalog(ctx, cursor)
			return page, err
		})
	})
}
