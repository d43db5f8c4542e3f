package sweep

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Evidence of a finding about an item that is gone: the id and the name of what came in its place, and what that counts.
const (
	EvidenceSuccessor = "successor"
	EvidenceName      = "name"
	EvidenceCounts    = "counts"
)

// goneItems are the items whose refs are gone, by SKU, each with what most likely came in its place: an item of the catalog that has
// the same SKU and is tied to no shelf.
type goneItems map[string]*goneItem

type goneItem struct {
	refs       []ledger.DueRef
	successors []stock.CatalogItem
}

// noteGone remembers a ref that is gone.
func (r *run) noteGone(ctx context.Context, gone goneItems, ref ledger.DueRef) error {
	if ref.State.Status != ledger.Gone {
		return nil
	}
	item, err := r.Ledger.Item(ctx, ref.State.Shelf.Item)
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return fmt.Errorf("reading an item: %w", err)
	}
	gone.add(item.SKU, ref)
	return nil
}

func (g goneItems) add(sku string, ref ledger.DueRef) {
	if g[sku] == nil {
		g[sku] = &goneItem{}
	}
	g[sku].refs = append(g[sku].refs, ref)
}

// succeeded notes an item of the catalog that is tied to no shelf.
func (g goneItems) succeeded(item stock.CatalogItem) {
	if was := g[item.SKU]; was != nil && item.SKU != "" {
		was.successors = append(was.successors, item)
	}
}

// goneFindings reports every ref that is gone, and whether something came in its place.
func (r *run) goneFindings(ctx context.Context, gone goneItems) error {
	for _, sku := range slices.Sorted(maps.Keys(gone)) {
		for _, ref := range gone[sku].refs {
			finding := ledger.Finding{Class: Gone, Ref: ref.State.Ref, Shelf: ref.State.Shelf, SKU: sku, Action: "nothing is tried any more; unlink it, or link what came in its place",
				Evidence: stock.Evidence{"reason": ref.State.Reason, "level": ref.Level.String()}}
			if successors := gone[sku].successors; len(successors) == 1 {
				next := successors[0]
				counts, err := r.countOf(ctx, stock.Ref{Channel: r.Channel, Item: next.Item, Location: ref.State.Ref.Location})
				if err != nil {
					return err
				}
				finding.Evidence[EvidenceSuccessor], finding.Evidence[EvidenceName], finding.Evidence[EvidenceCounts] = next.Item, next.Name, counts
				if r.Kind == Recent { // while lists overlap it is the same finding
					finding.ID = Gone + "/" + ref.State.Ref.String() + "/" + next.Item
				}
				finding.Action = fmt.Sprintf("item %s has the same SKU: link it? It counts %s, the level is %s", next.Item, counts, ref.Level)
			}
			r.find(finding)
		}
	}
	return nil
}

// countOf reads what an item that is not linked shows, as words.
func (r *run) countOf(ctx context.Context, ref stock.Ref) (string, error) {
	page, err := r.Lister.ReadRefs(ctx, []stock.Ref{ref}, time.Time{})
	if err != nil {
		return "", fmt.Errorf("reading what came in the place of an item: %w", err)
	}
	for _, reading := range page.Readings {
		if reading.Ref == ref && reading.Status == stock.Counted {
			return reading.Quantity.String(), nil
		}
	}
	return "nothing", nil
}
