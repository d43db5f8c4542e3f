package sweep

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// refsPage is how many refs are listed at once, to compare them with the catalog.
const refsPage = 1000

// FullMark names the ledger's mark of how far a full sweep of a channel has come. Cleared, the next one reads every ref.
func FullMark(channel stock.Channel) string { return "sweep/full/" + string(channel) + "/after" }

// position is where a reading of every linked ref is, as its mark holds it.
type position struct {
	After stock.Ref `json:"after"`
	Began time.Time `json:"began"`
}

// full reads every linked ref, by the rules for delivered readings, lists late movements, and reports what stands. A run that was
// killed is continued after the last ref that was applied.
func (r *run) full(ctx context.Context) error {
	r.whole.Lock()
	defer r.whole.Unlock()
	if err := r.readLinked(ctx, FullMark(r.Channel)); err != nil {
		return err
	}
	if err := r.lateMovements(ctx); err != nil {
		return err
	}
	return r.standing(ctx)
}

// readLinked reads every linked ref and keeps its position under a mark.
func (r *run) readLinked(ctx context.Context, mark string) error {
	at, err := r.resume(ctx, mark)
	if err != nil {
		return err
	}
	for {
		refs, err := r.Ledger.Refs(ctx, ledger.RefFilter{Channel: r.Channel, After: at.After, Limit: r.Lister.MaxReads()})
		if err != nil {
			return fmt.Errorf("listing refs: %w", err)
		}
		if len(refs) == 0 {
			break
		}
		at.After = refs[len(refs)-1].State.Ref
		if err := r.readRefs(ctx, refs, mark, at); err != nil {
			return err
		}
	}
	if _, err := r.Ledger.Apply(ctx, nil, ledger.Batch{At: r.Now(), Marks: map[string]string{mark: ""}}); err != nil {
		return fmt.Errorf("ending the run: %w", err)
	}
	return nil
}

// resume returns where to go on: where a killed run stopped, or at the beginning.
func (r *run) resume(ctx context.Context, mark string) (at position, err error) {
	anew := position{Began: r.Now()}
	text, err := r.Ledger.Mark(ctx, mark)
	if err != nil || text == "" {
		return anew, err
	}
	if err := json.Unmarshal([]byte(text), &at); err != nil {
		return anew, fmt.Errorf("reading where the last run stopped: %w", err)
	}
	if r.Now().Sub(at.Began) > resumeMax || at.Began.Before(r.after) {
		return anew, nil
	}
	return at, nil
}

func (r *run) readRefs(ctx context.Context, refs []ledger.DueRef, mark string, at position) error {
	text, err := json.Marshal(at)
	if err != nil {
		return fmt.Errorf("encoding the position: %w", err)
	}
	var names []stock.Ref
	for _, ref := range refs {
		if ref.State.Status != ledger.Unlinked {
			names = append(names, ref.State.Ref)
		}
	}
	var page stock.Page
	if len(names) > 0 {
		var refused map[stock.Ref]error
		if page, refused, err = ReadEach(ctx, r.Lister, names); err != nil {
			return fmt.Errorf("reading %d refs: %w", len(names), err)
		}
		r.refusedReads(refs, refused)
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
	if err := r.lookAgain(ctx, refs, page); err != nil {
		return err
	}
	return r.apply(ctx, page, map[string]string{mark: string(text)})
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
func (r *run) lookAgain(ctx context.Context, refs []ledger.DueRef, page stock.Page) error {
	states := make(map[stock.Ref]ledger.RefState, len(refs))
	for _, ref := range refs {
		states[ref.State.Ref] = ref.State
	}
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

// lateMovements lists what recent sweeps may have missed, such as sales that a till sent days later.
func (r *run) lateMovements(ctx context.Context) error {
	cursor, since := "", r.clock().Add(-fullWindow)
	for range pagesMax {
		asked := r.Now()
		page, err := r.Lister.ListMovements(ctx, since, cursor)
		if err != nil {
			return fmt.Errorf("listing movements: %w", err)
		}
		page.AskedAt = asked
		if err := r.apply(ctx, page, nil); err != nil {
			return err
		}
		if cursor = page.Next; cursor == "" {
			return nil
		}
	}
	return fmt.Errorf("listing movements: the list does not end after %d pages", pagesMax)
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
	cursor := ""
	for range pagesMax {
		items, next, err := r.Lister.Catalog(ctx, cursor)
		if err != nil {
			return fmt.Errorf("listing the catalog: %w", err)
		}
		left, err := r.relabel(ctx, items, linked)
		if err != nil {
			return err
		}
		for _, item := range items {
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
		if cursor = next; cursor == "" {
			return r.goneFindings(ctx, gone)
		}
	}
	return fmt.Errorf("listing the catalog: it does not end after %d pages", pagesMax)
}
