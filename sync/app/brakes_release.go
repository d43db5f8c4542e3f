package app

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// ReleaseRequest asks to let the pushes of a brake pass.
type ReleaseRequest struct {
	ID string `json:"id"`
	// Correct: goods were typed in twice, they are counted once and the second raise is taken back; or another program is wrong, what
	// it wrote is taken back and its counter is pushed.
	Correct bool `json:"correct,omitempty"`
	DryRun  bool `json:"dry_run,omitempty"`
}

// ReleaseResult is a brake that was released, or would be, and what follows.
type ReleaseResult struct {
	Brake
	// Corrected: Quantity of the brake is taken back. Of another program that is all that it wrote since the evidence "first"; what others
	// did to its counter besides, without a cause, is the evidence "left" and stays.
	Corrected bool `json:"corrected,omitempty"`
	// Level is what a correction makes of the shelf's level; absent where it stays.
	Level *LevelChange `json:"level,omitempty"`
	// Pushes are what is sent next. A push that another brake holds is not among them.
	Pushes []ReleasedPush `json:"pushes"`
	// StillHeld counts pushes of the same counters that something else holds back: another brake, or a refusal not long ago.
	StillHeld int `json:"still_held"`
	// PassesUntil is until when as much again of a mass change passes, at the same articles and in the same direction.
	PassesUntil time.Time `json:"passes_until,omitzero"`
}

// LevelChange is a level before and after.
type LevelChange struct {
	From stock.Quantity `json:"from"`
	To   stock.Quantity `json:"to"`
}

// ReleasedPush is a push that a release lets pass.
type ReleasedPush struct {
	SKU      string         `json:"sku"`
	Location stock.Location `json:"location"`
	Ref      stock.Ref      `json:"ref"`
	From     stock.Quantity `json:"from"`
	To       stock.Quantity `json:"to"`
}

// ReleaseBrake lets the pushes of a brake pass. Only brakes that wait for a person can be released.
func (a *App) ReleaseBrake(ctx context.Context, by Actor, request ReleaseRequest) (ReleaseResult, error) {
	held, err := a.readBraked(ctx)
	if err != nil {
		return ReleaseResult{}, err
	}
	i := slices.IndexFunc(held.brakes, func(b ledger.Brake) bool { return b.ID == request.ID })
	if i < 0 {
		return ReleaseResult{}, &Error{Kind: NotFound, What: fmt.Sprintf("no brake with the id %q holds: it ended, or was judged anew", request.ID), Remedy: RemedyListBrakes}
	}
	input, err := releaseOf(held.brakes[i], by, request.Correct)
	if err != nil {
		return ReleaseResult{}, err
	}
	result := ReleaseResult{Brake: a.brake(held, held.brakes[i]), Corrected: request.Correct}
	if held.brakes[i].Kind == ledger.MassChange {
		input.Shown = shownOf(result.Articles)
	}
	if err := a.nameBrake(ctx, &result.Brake); err != nil {
		return result, err
	}
	if err := a.foresee(ctx, held, input, &result); err != nil || request.DryRun {
		return result, err
	}
	_, err = a.apply(ctx, input)
	return result, err
}

// releaseOf says a person's word on a brake as the rules take it.
func releaseOf(brake ledger.Brake, by Actor, correct bool) (ledger.ReleaseBrake, error) {
	input := ledger.ReleaseBrake{ID: brake.ID, By: by.Name, Correct: correct}
	switch {
	case brake.Kind == ledger.TypedTwice || brake.Kind == ledger.OtherProgram:
		input.Shelf = brake.Shelf
	case brake.Kind == ledger.MassChange && !correct:
	case brake.Kind == ledger.MassChange:
		return input, &Error{Kind: Refused, What: "a mass change has nothing to correct", Remedy: RemedyReleaseBrake, Meant: []string{brake.ID}}
	default:
		return input, &Error{Kind: Refused, What: fmt.Sprintf("a brake of the kind %q cannot be released", brake.Kind), Remedy: brakeRemedy(brake.Kind)}
	}
	return input, nil
}

// shownOf is what a person is shown of a mass change: that passes, and nothing else.
func shownOf(articles []BrakedArticle) (shown []ledger.PlannedPush) {
	for _, article := range articles {
		shown = append(shown, ledger.PlannedPush{Ref: article.Ref, Quantity: article.change})
	}
	return shown
}

// foresee has the rules decide what a release and the calls after it would be, and writes nothing.
func (a *App) foresee(ctx context.Context, held *braked, input ledger.ReleaseBrake, result *ReleaseResult) error {
	counters := map[stock.Ref]ledger.DueRef{}
	about := map[stock.Channel][]stock.Ref{}
	concerned, err := a.concerned(ctx, held, result.Brake)
	if err != nil {
		return err
	}
	for _, ref := range concerned {
		counters[ref.State.Ref] = ref
		about[ref.State.Ref.Channel] = append(about[ref.State.Ref.Channel], ref.State.Ref)
	}
	inputs := []ledger.Input{input}
	for _, channel := range slices.Sorted(maps.Keys(about)) {
		mass, except := held.mass[channel], about[channel]
		if mass.Brake() == input.ID { // it is judged as if it was released
			mass = reconcile.MassChangeOf(channel, nil, a.Now())
			for _, shown := range input.Shown {
				except = append(except, shown.Ref)
			}
		}
		plan, err := a.planOf(ctx, mass, channel, about[channel], except)
		if err != nil {
			return err
		}
		inputs = append(inputs, plan)
	}
	changes, err := a.tryOut(ctx, inputs...)
	if err != nil {
		return err
	}
	result.Level = levelChange(changes, held.shelves[input.Shelf], input.Shelf)
	for _, brake := range changes.Brakes {
		if brake.ID == input.ID {
			result.PassesUntil = brake.PassUntil
		}
	}
	result.Pushes = []ReleasedPush{}
	for _, call := range changes.Calls {
		for _, row := range call.Rows {
			ref := counters[row.Ref]
			item, err := a.itemOf(ctx, ref.State.Shelf)
			if err != nil {
				return err
			}
			result.Pushes = append(result.Pushes, ReleasedPush{SKU: item.SKU, Location: ref.State.Shelf.Location, Ref: row.Ref, From: ref.State.Expected, To: ref.State.Expected + row.Delta})
		}
	}
	slices.SortFunc(result.Pushes, func(a, b ReleasedPush) int { return cmp.Or(cmp.Compare(a.SKU, b.SKU), a.Ref.Compare(b.Ref)) })
	for _, work := range changes.Work {
		if ref, known := counters[work.Ref]; known {
			ref.Work = work
			counters[work.Ref] = ref
		}
	}
	for _, ref := range counters {
		if wantsPush(ref) {
			result.StillHeld++
		}
	}
	return nil
}

// concerned are the counters that a release may push: those of the brake's shelf, or those that a mass change holds.
func (a *App) concerned(ctx context.Context, held *braked, b Brake) (refs []ledger.DueRef, err error) {
	if b.Shelf.Item != "" {
		return a.shelfRefs(ctx, b.Shelf)
	}
	for _, article := range b.Articles {
		for _, ref := range held.shelves[article.shelf] {
			if article.Held && ref.State.Ref == article.Ref {
				refs = append(refs, ref)
			}
		}
	}
	return refs, nil
}

// shelfRefs are the linked counters of a shelf.
func (a *App) shelfRefs(ctx context.Context, shelf stock.Shelf) (refs []ledger.DueRef, err error) {
	for ref, err := range ledger.AllRefs(ctx, a.Ledger, ledger.RefFilter{Item: shelf.Item}) {
		if err != nil {
			return refs, err
		}
		if ref.State.Shelf == shelf && ref.State.Status != ledger.Unlinked {
			refs = append(refs, ref)
		}
	}
	return refs, nil
}

// planOf asks for a call as a worker does, with what else changes on the channel without a cause, but for some refs.
func (a *App) planOf(ctx context.Context, mass reconcile.MassChange, channel stock.Channel, refs, except []stock.Ref) (ledger.PlanCall, error) {
	plan := ledger.PlanCall{Channel: channel, Key: "foreseen/" + string(channel), Refs: refs, OccurredAt: a.Now(), Since: mass.Since, Brake: mass.Brake(),
		Encode: func(string, time.Time, []stock.PushRow) ([]byte, error) { return nil, nil }}
	uncaused, err := a.Ledger.Uncaused(ctx, channel, mass.Since)
	if err != nil {
		return plan, err
	}
	uncaused = slices.DeleteFunc(uncaused, func(ref ledger.DueRef) bool { return a.misplaced(ref.State) })
	before, err := a.Ledger.UnitsBefore(ctx, channel, mass.Before())
	plan.Load = mass.Load(uncaused, except).Of(before)
	return plan, err
}

// levelChange is what entries make of the level of a shelf; nil: nothing.
func levelChange(changes ledger.Changes, shelf []ledger.DueRef, name stock.Shelf) *LevelChange {
	if len(shelf) == 0 {
		return nil
	}
	level := LevelChange{From: shelf[0].Level, To: shelf[0].Level}
	for _, entry := range changes.Entries {
		for _, posting := range entry.Postings {
			switch ledger.AvailableOn(name) {
			case posting.From:
				level.To -= posting.Quantity
			case posting.To:
				level.To += posting.Quantity
			}
		}
	}
	if level.From == level.To {
		return nil
	}
	return &level
}
