package app

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// shelfSince is what happened on a shelf since a person looked at it.
type shelfSince struct {
	// moved is what others did to each counter, told the sales and returns among it that the channels told, in order.
	moved map[stock.Ref]stock.Quantity
	told  map[stock.Ref][]stock.Quantity
	last  map[stock.Ref]time.Time
	// anew: the counter that waits came again, or somebody corrected what its question is about.
	anew bool
}

// seenStill refuses an answer to a question that has changed since a person looked at it: an answer is about what was shown. What was
// sold meanwhile, and told, is undone by no answer, and changes none.
func (a *App) seenStill(ctx context.Context, waiting WaitingRef, seen int64) error {
	since := shelfSince{map[stock.Ref]stock.Quantity{}, map[stock.Ref][]stock.Quantity{}, map[stock.Ref]time.Time{}, false}
	shelf := waiting.state.Shelf
	for entry, err := range ledger.AllEntries(ctx, a.Ledger, ledger.EntryFilter{Item: shelf.Item, Location: shelf.Location, AfterSeq: seen}) {
		if err != nil {
			return err
		}
		since.add(entry, waiting.Ref)
	}
	changed := func(what string) error {
		return &Error{Kind: Conflict, Remedy: RemedyListWaiting, What: fmt.Sprintf("%s since the question about %s at %s was shown, and nothing was done: its count is %s and the level %s now",
			what, waiting.SKU, waiting.Location, waiting.Counted, waiting.Level)}
	}
	if since.anew {
		return changed("something was decided about this shelf")
	}
	for _, ref := range slices.SortedFunc(maps.Keys(since.moved), stock.Ref.Compare) {
		moved := since.moved[ref]
		if moved == 0 || isRun(since.told[ref], moved) {
			continue
		}
		if a.Now().Sub(since.last[ref]) < causeMax {
			return &Error{Kind: Busy, Remedy: RemedyAgain, What: fmt.Sprintf("the counter of %s at %s was changed by %s since the question was shown, the last time less than %s ago, and the cause may still be told",
				waiting.SKU, ref.Channel, moved, causeMax)}
		}
		return changed(fmt.Sprintf("the counter at %s was changed by %s, for no sale that anybody told,", ref.Channel, moved))
	}
	return nil
}

func (s *shelfSince) add(entry ledger.Entry, waiting stock.Ref) {
	var level, told stock.Quantity
	sale := entry.Kind == ledger.KindMovement && entry.Evidence[stock.EvidenceUnproven] == ""
	suspense := ledger.UnexplainedBy(entry.Shelf.Item, entry.Ref)
	for _, posting := range entry.Postings {
		level += posting.Into(ledger.AvailableOn(entry.Shelf))
		told += posting.Into(suspense)
		for _, side := range []ledger.AccountKind{posting.From.Kind, posting.To.Kind} {
			sale = sale && (side == ledger.Unexplained || side == ledger.Sold || side == ledger.Returned)
		}
	}
	switch {
	case entry.Kind == ledger.KindReading && entry.Status == 0:
		s.moved[entry.Ref] += entry.ExpectedDelta
		s.last[entry.Ref] = entry.RecordedAt
	case sale:
		s.told[entry.Ref] = append(s.told[entry.Ref], told)
	case level != 0, entry.Ref == waiting && entry.Status != 0, entry.Ref == waiting && entry.Evidence[ledger.EvidenceLevelCorrected] != "":
		s.anew = true
	}
}

// isRun says whether a sum is that of some of a list without a gap: what was told at either end may belong to what was shown before, or
// not yet.
func isRun(list []stock.Quantity, sum stock.Quantity) bool {
	for first := range list {
		var run stock.Quantity
		for _, quantity := range list[first:] {
			if run += quantity; run == sum {
				return true
			}
		}
	}
	return false
}
