package sweep

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// FullMark names the ledger's mark of how far a full sweep of a channel has come. Cleared, the next one reads every ref.
func FullMark(channel stock.Channel) string { return "sweep/full/" + string(channel) + "/after" }

// position is where a reading of every linked ref is, and the list of movements that a full sweep makes behind it, as their mark holds
// them.
type position struct {
	After stock.Ref `json:"after"`
	Began time.Time `json:"began"`
	// Late is where the list of movements is; nil: refs are still to be read.
	Late *window `json:"late,omitempty"`
	// Listed: the movements are listed.
	Listed bool `json:"listed,omitempty"`
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

// ended forgets a position: the next run begins anew.
func (r *run) ended(ctx context.Context, mark string) error {
	if _, err := r.Ledger.Apply(ctx, nil, ledger.Batch{At: r.Now(), Marks: map[string]string{mark: ""}}); err != nil {
		return fmt.Errorf("ending the run: %w", err)
	}
	return nil
}

// keepPosition applies a page together with the position behind it.
func (r *run) keepPosition(ctx context.Context, mark string, at position, page stock.Page) error {
	text, err := json.Marshal(at)
	if err != nil {
		return fmt.Errorf("encoding the position: %w", err)
	}
	return r.apply(ctx, page, map[string]string{mark: string(text)})
}

// lateMovements lists what recent sweeps may have missed, such as sales that a till sent days later. Orders are read whole, told or
// not: of two changes within a second that share a time, one may have been told.
func (r *run) lateMovements(ctx context.Context, mark string, at position) error {
	if at.Listed {
		return nil
	}
	asking, stop := context.WithCancel(ctx)
	defer stop()
	next := func() func() (stock.Page, error) {
		late := *at.Late
		return ahead(func() (stock.Page, error) { return r.page(asking, late, r.Lister.ListMovements) })
	}
	resumed, wait := at.Late.Cursor != "", next()
	defer func() { stop(); _, _ = wait() }() // what was asked ahead in vain
	for range pagesMax {
		page, err := wait()
		if resumed && refusesRequest(err) {
			at.Late.Cursor, resumed = "", false
			wait = next()
			continue
		}
		if err != nil {
			return fmt.Errorf("listing movements: %w", err)
		}
		at.Late.Cursor, at.Listed, resumed = page.Next, page.Next == "", false
		if !at.Listed {
			wait = next()
		}
		if err := r.keepPosition(ctx, mark, at, page); err != nil || at.Listed {
			return err
		}
	}
	return fmt.Errorf("listing movements: the list does not end after %d pages", pagesMax)
}
