package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// Brake is what holds pushes back, as people see it.
type Brake struct {
	ID   string `json:"id"`
	Kind string `json:"kind"`
	// Channel, Shelf and SKU say what it holds; a zero one: all.
	Channel stock.Channel `json:"channel,omitempty"`
	Shelf   stock.Shelf   `json:"shelf,omitzero"`
	SKU     string        `json:"sku,omitempty"`
	// Ref and Quantity say what a correction would take back (goods typed in twice, another program).
	Ref      stock.Ref      `json:"ref,omitzero"`
	Quantity stock.Quantity `json:"quantity,omitempty"`
	// Since is zero where nobody remembers: nothing was pushed yet.
	Since    time.Time      `json:"since,omitzero"`
	Evidence stock.Evidence `json:"evidence,omitempty"`
	// Articles are what changed without a cause and engaged a mass change.
	Articles []ChangedArticle `json:"articles,omitempty"`
	// Remedy is what a person can do; RemedyWait: it ends by itself.
	Remedy Remedy `json:"remedy"`
}

// ChangedArticle is a shelf that changed without a cause: its units before and after.
type ChangedArticle struct {
	SKU      string         `json:"sku"`
	Location stock.Location `json:"location"`
	Before   stock.Quantity `json:"before"`
	After    stock.Quantity `json:"after"`
	// Pushed says that the channel follows already: it was pushed before the brake was engaged.
	Pushed bool `json:"pushed,omitempty"`
}

// Brakes lists what holds pushes back: the stored brakes, and those that follow from the state of every shelf.
func (a *App) Brakes(ctx context.Context) ([]Brake, error) {
	engaged, err := a.engagedBrakes(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]Brake, 0, len(engaged))
	for _, brake := range engaged {
		shown, err := a.brake(ctx, brake)
		if err != nil {
			return nil, err
		}
		list = append(list, shown)
	}
	return list, nil
}

func (a *App) brake(ctx context.Context, b ledger.Brake) (Brake, error) {
	shown := Brake{ID: b.ID, Kind: b.Kind.String(), Channel: b.Channel, Shelf: b.Shelf, Ref: b.Ref, Quantity: b.Quantity, Since: b.Since, Evidence: b.Evidence, Remedy: brakeRemedy(b.Kind)}
	if b.Kind == ledger.MassChange {
		var err error
		shown.Articles, err = a.changedArticles(ctx, b)
		return shown, err
	}
	if b.Shelf.Item == "" {
		return shown, nil
	}
	item, err := a.itemOf(ctx, b.Shelf)
	shown.SKU = item.SKU
	return shown, err
}

// changedArticles lists what engaged a mass change and is not explained or put back.
func (a *App) changedArticles(ctx context.Context, b ledger.Brake) ([]ChangedArticle, error) {
	mass := reconcile.MassChangeOf(b.Channel, []ledger.Brake{b}, a.Now())
	refs, err := a.Ledger.Uncaused(ctx, b.Channel, mass.Since)
	if err != nil {
		return nil, err
	}
	var articles []ChangedArticle
	for _, ref := range refs {
		change := mass.Change(ref.Ref)
		if change == 0 {
			continue
		}
		item, err := a.Ledger.Item(ctx, ref.State.Shelf.Item)
		if err != nil {
			return nil, err
		}
		articles = append(articles, ChangedArticle{SKU: item.SKU, Location: ref.State.Shelf.Location, Before: ref.Level - change, After: ref.Level, Pushed: !ref.Work.Push})
	}
	slices.SortFunc(articles, func(a, b ChangedArticle) int {
		return cmp.Or(strings.Compare(a.SKU, b.SKU), cmp.Compare(a.Location, b.Location))
	})
	return articles, nil
}

// massChanges says of every channel where its mass change brake stands.
func (a *App) massChanges(ctx context.Context) (map[stock.Channel]reconcile.MassChange, error) {
	stored, err := a.Ledger.StoredBrakes(ctx)
	if err != nil {
		return nil, err
	}
	changes := map[stock.Channel]reconcile.MassChange{}
	for _, c := range a.Channels {
		changes[c.Name] = reconcile.MassChangeOf(c.Name, stored, a.Now())
	}
	return changes, nil
}

func brakeRemedy(kind ledger.BrakeKind) Remedy {
	switch kind {
	case ledger.Observing:
		return RemedyApplyBaseline
	case ledger.ZeroUnconfirmed, ledger.RaiseUnconfirmed:
		return RemedyWait
	case ledger.MassChange:
		return RemedyReleaseBrake
	case ledger.OtherProgram:
		return RemedyReleaseProgram
	}
	return RemedyReleaseTwice
}

func (a *App) engagedBrakes(ctx context.Context) ([]ledger.Brake, error) {
	stored, err := a.Ledger.StoredBrakes(ctx)
	if err != nil {
		return nil, err
	}
	brakes := slices.DeleteFunc(stored, func(b ledger.Brake) bool { return !b.ReleasedAt.IsZero() })
	shelves := map[stock.Shelf][]ledger.Ref{}
	states := map[stock.Shelf]ledger.ShelfState{}
	for ref, err := range ledger.AllRefs(ctx, a.Ledger, ledger.RefFilter{}) {
		if err != nil {
			return nil, err
		}
		if ref.State.Status != ledger.Unlinked {
			shelf := ref.State.Shelf
			shelves[shelf] = append(shelves[shelf], ref.Ref)
			states[shelf] = ledger.ShelfState{Shelf: shelf, Level: ref.Level, Opened: ref.Opened}
		}
	}
	for shelf, refs := range shelves {
		brakes = append(brakes, reconcile.Brakes(states[shelf], refs, a.Now())...)
	}
	slices.SortFunc(brakes, func(a, b ledger.Brake) int { return strings.Compare(a.ID, b.ID) })
	return brakes, nil
}

// ReleaseRequest asks to let the pushes of a brake pass.
type ReleaseRequest struct {
	ID string `json:"id"`
	// Correct: goods were typed in twice, they are counted once and the second raise is taken back; or another program is wrong, what
	// it wrote is taken back and its counter is pushed.
	Correct bool `json:"correct,omitempty"`
	DryRun  bool `json:"dry_run,omitempty"`
}

// ReleaseBrake lets the pushes of a brake pass. Only brakes that wait for a person can be released.
func (a *App) ReleaseBrake(ctx context.Context, by Actor, request ReleaseRequest) (Brake, error) {
	brakes, err := a.engagedBrakes(ctx)
	if err != nil {
		return Brake{}, err
	}
	i := slices.IndexFunc(brakes, func(b ledger.Brake) bool { return b.ID == request.ID })
	if i < 0 {
		return Brake{}, &Error{Kind: NotFound, What: fmt.Sprintf("no brake with the id %q holds: it ended, or was judged anew", request.ID), Remedy: RemedyListBrakes}
	}
	brake := brakes[i]
	input := ledger.ReleaseBrake{ID: brake.ID, By: by.Name, Correct: request.Correct}
	switch {
	case brake.Kind == ledger.TypedTwice || brake.Kind == ledger.OtherProgram:
		input.Shelf = brake.Shelf
	case brake.Kind == ledger.MassChange && !request.Correct:
	case brake.Kind == ledger.MassChange:
		return Brake{}, &Error{Kind: Refused, What: "a mass change has nothing to correct", Remedy: RemedyReleaseBrake}
	default:
		return Brake{}, &Error{Kind: Refused, What: fmt.Sprintf("a brake of the kind %q cannot be released", brake.Kind), Remedy: brakeRemedy(brake.Kind)}
	}
	shown, err := a.brake(ctx, brake)
	if err != nil {
		return shown, err
	}
	_, err = a.act(ctx, request.DryRun, input)
	return shown, err
}
