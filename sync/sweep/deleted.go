package sweep

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// A platform that lists no deleted articles tells how many there are. When they are fewer than they were, those made since then added,
// some were deleted: the linked refs are read to find which, as many in each recent sweep as one request takes.
const (
	// articlesMark keeps how many articles the catalog had, lookMark after which ref the look goes on; empty: nobody looks.
	articlesMark = "articles"
	lookMark     = "look"
)

// lookForDeleted begins to look when articles went missing, and goes on with what was begun.
func (r *run) lookForDeleted(ctx context.Context, articles, made int) error {
	if articles == 0 {
		return nil
	}
	known, err := r.Ledger.Mark(ctx, r.markName(articlesMark))
	if err != nil {
		return fmt.Errorf("reading how many articles there were: %w", err)
	}
	from, err := r.Ledger.Mark(ctx, r.markName(lookMark))
	if err != nil {
		return fmt.Errorf("reading where the look for deleted articles is: %w", err)
	}
	if before, err := strconv.Atoi(known); err == nil && articles < before+made {
		from = "{}"
	}
	marks := map[string]string{r.markName(articlesMark): strconv.Itoa(articles)}
	switch {
	case from != "":
		return r.look(ctx, from, marks)
	case known != strconv.Itoa(articles):
		return r.apply(ctx, stock.Page{}, marks)
	}
	return nil
}

// look reads the refs of one request after a ref, and keeps in the marks where it goes on.
func (r *run) look(ctx context.Context, from string, marks map[string]string) error {
	var after stock.Ref
	if err := json.Unmarshal([]byte(from), &after); err != nil {
		return fmt.Errorf("reading where the look for deleted articles is: %w", err)
	}
	refs, err := r.Ledger.Refs(ctx, ledger.RefFilter{Channel: r.Channel, After: after, Limit: r.Lister.MaxReads()})
	if err != nil {
		return fmt.Errorf("listing refs: %w", err)
	}
	var names []stock.Ref
	for _, ref := range refs {
		if ref.State.Status != ledger.Unlinked {
			names = append(names, ref.State.Ref)
		}
	}
	marks[r.markName(lookMark)] = ""
	if len(refs) == r.Lister.MaxReads() {
		next, err := json.Marshal(refs[len(refs)-1].State.Ref)
		if err != nil {
			return fmt.Errorf("encoding where the look for deleted articles is: %w", err)
		}
		marks[r.markName(lookMark)] = string(next)
	}
	var page stock.Page
	if len(names) > 0 {
		if page, _, err = ReadEach(ctx, r.Lister, names); err != nil {
			return fmt.Errorf("looking for deleted articles among %d refs: %w", len(names), err)
		}
	}
	return r.apply(ctx, page, marks)
}
