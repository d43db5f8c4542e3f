package app

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// CancelRequest gives a first sync up.
type CancelRequest struct {
	DryRun bool `json:"dry_run,omitempty"`
}

// CancelledBaseline is what became of a first sync that was given up, or would.
type CancelledBaseline struct {
	// Job is the one that was given up; empty: none was running, and what it left waiting was.
	Job string `json:"job,omitempty"`
	// Opened are the shelves that it had opened: they stay open. Left are those that stay closed as if nobody had begun.
	Opened []CancelledShelf `json:"opened"`
	Left   []CancelledShelf `json:"left"`
}

// CancelledShelf is a shelf of a first sync that was given up.
type CancelledShelf struct {
	SKU      string         `json:"sku"`
	Name     string         `json:"name,omitempty"`
	Location stock.Location `json:"location"`
}

// CancelBaseline gives a first sync up that is under way, or what one left waiting. What it has opened stays open; of the other shelves
// nothing is read or opened any more until somebody begins anew.
func (a *App) CancelBaseline(ctx context.Context, by Actor, request CancelRequest) (CancelledBaseline, error) {
	result := CancelledBaseline{Opened: []CancelledShelf{}, Left: []CancelledShelf{}}
	job, begun, err := a.storedBaseline(ctx)
	if err != nil {
		return result, err
	}
	if !request.DryRun {
		if err := a.stopBaseline(ctx, by, job); err != nil {
			return result, err
		}
		defer a.cancelled()
	}
	left, err := a.closedWishes(ctx)
	if err != nil {
		return result, err
	}
	if job == "" && len(left) == 0 {
		return result, &Error{Kind: NotFound, What: "no baseline is being taken: nothing waits for one on a shelf that is not open"}
	}
	result.Job = job
	if !request.DryRun {
		if err := a.forgetWishes(ctx, left); err != nil {
			return result, err
		}
	}
	if begun.Seq > 0 {
		if result.Opened, err = a.openedSince(ctx, begun.Seq); err != nil {
			return result, err
		}
	}
	result.Left, err = a.cancelledShelves(ctx, left)
	return result, err
}

// storedBaseline is the first sync that is to be done, and the one that was begun last.
func (a *App) storedBaseline(ctx context.Context) (job string, begun begunBaseline, err error) {
	mark, err := a.Ledger.Mark(ctx, jobMark(JobBaseline))
	if err != nil {
		return "", begun, err
	}
	var stored storedJob
	if mark != "" && json.Unmarshal([]byte(mark), &stored) == nil {
		job = stored.ID
	}
	text, err := a.Ledger.Mark(ctx, begunMark)
	if err != nil || text == "" {
		return job, begun, err
	}
	if err := json.Unmarshal([]byte(text), &begun); err != nil {
		return job, begun, fmt.Errorf("reading what a baseline began with: %w", err)
	}
	if job != "" && begun.Job != job { // it has made no plan yet
		begun = begunBaseline{}
	}
	return job, begun, nil
}

// stopBaseline ends the work of a first sync, also of one that a start would go on with, and lets no other begin until what it wished for
// is forgotten.
func (a *App) stopBaseline(ctx context.Context, by Actor, stored string) error {
	stop, over, err := a.giveUpBaseline(by, stored)
	if err != nil {
		return err
	}
	if stop != nil {
		stop()
		select {
		case <-over:
		case <-ctx.Done():
			a.cancelled()
			return ctx.Err()
		}
	}
	if err := a.mark(ctx, JobBaseline, ""); err != nil {
		a.cancelled()
		return fmt.Errorf("forgetting a job: %w", err)
	}
	return nil
}

func (a *App) giveUpBaseline(by Actor, stored string) (stop context.CancelFunc, over <-chan struct{}, err error) {
	a.jobs.mu.Lock()
	defer a.jobs.mu.Unlock()
	if a.jobs.cancelling {
		return nil, nil, &Error{Kind: Busy, What: "a baseline is being given up", Remedy: RemedyAgain}
	}
	a.jobs.cancelling, a.jobs.givenUp = true, stored
	for _, job := range a.jobs.list {
		if job.Kind == JobBaseline && job.State == JobRunning {
			job.ended(a.Now(), Job{}, &Error{Kind: Conflict, What: fmt.Sprintf("%s gave it up; what it opened stays open", cmp.Or(by.Name, "somebody"))})
			stop, over = job.stop, job.over
		}
	}
	return stop, over, nil
}

func (a *App) cancelled() {
	a.jobs.mu.Lock()
	defer a.jobs.mu.Unlock()
	a.jobs.cancelling = false
}

// closedWishes are the shelves that are not open and of which a baseline is wanted.
func (a *App) closedWishes(ctx context.Context) (map[stock.Shelf]bool, error) {
	wanted := map[stock.Shelf]bool{}
	for ref, err := range ledger.AllRefs(ctx, a.Ledger, ledger.RefFilter{}) {
		if err != nil {
			return nil, err
		}
		if ref.State.Status != ledger.Unlinked && !ref.Opened && ref.Work.Baseline != nil {
			wanted[ref.State.Shelf] = true
		}
	}
	return wanted, nil
}

// forgetWishes gives up the baselines of shelves. One that was opened meanwhile is left out, and stays so.
func (a *App) forgetWishes(ctx context.Context, shelves map[stock.Shelf]bool) error {
	for some := range slices.Chunk(slices.SortedFunc(maps.Keys(shelves), stock.Shelf.Compare), baselineBatch) {
		inputs := make([]ledger.Input, len(some))
		for i, shelf := range some {
			inputs[i] = ledger.CancelBaseline{Shelf: shelf}
		}
		ended, err := a.apply(ctx, inputs...)
		if err != nil {
			return err
		}
		for i, shelf := range some {
			if ended[i].Ending == ledger.Ignored {
				delete(shelves, shelf)
			}
		}
	}
	return nil
}

// openedSince are the shelves that were opened behind an entry.
func (a *App) openedSince(ctx context.Context, seq int64) ([]CancelledShelf, error) {
	opened := map[stock.Shelf]bool{}
	for entry, err := range ledger.AllEntries(ctx, a.Ledger, ledger.EntryFilter{AfterSeq: seq}) {
		if err != nil {
			return nil, err
		}
		if entry.Opens {
			opened[entry.Shelf] = true
		}
	}
	return a.cancelledShelves(ctx, opened)
}

// cancelledShelves are shelves with their items, by SKU and location.
func (a *App) cancelledShelves(ctx context.Context, shelves map[stock.Shelf]bool) ([]CancelledShelf, error) {
	list := []CancelledShelf{}
	var failed error
	for shelf := range shelves {
		item, err := a.itemOf(ctx, shelf)
		failed = errors.Join(failed, err)
		list = append(list, CancelledShelf{SKU: item.SKU, Name: item.Name, Location: shelf.Location})
	}
	slices.SortFunc(list, func(a, b CancelledShelf) int {
		return cmp.Or(cmp.Compare(a.SKU, b.SKU), cmp.Compare(a.Location, b.Location))
	})
	return list, failed
}
