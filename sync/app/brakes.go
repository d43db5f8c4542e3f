package app

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/explain"
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
	// Answers are what the level of the shelf becomes with each answer to a question (goods typed in twice, another program).
	Answers *BrakeAnswers `json:"answers,omitempty"`
	// Closed is why a shelf has no level yet.
	Closed *explain.Closure `json:"closed,omitempty"`
	// Change is how much of the channel changed without a cause: the evidence of a mass change.
	Change *MassChange `json:"change,omitempty"`
	// Held counts the pushes that it holds now.
	Held int `json:"held"`
	// Articles are those pushes and, of a mass change, what was pushed before it was engaged.
	Articles []BrakedArticle `json:"articles,omitempty"`
	// Remedy is what a person can do; RemedyWait: it ends by itself.
	Remedy Remedy `json:"remedy"`
}

// BrakeAnswers are the level after a release and after one that corrects. The counters follow it.
type BrakeAnswers struct {
	Released  stock.Quantity `json:"released"`
	Corrected stock.Quantity `json:"corrected"`
}

// MassChange is how much of a channel changed without a cause that explains it. It is counted when it is asked for.
type MassChange struct {
	// Since is when the window began that is counted.
	Since   time.Time `json:"since"`
	Shelves int       `json:"shelves"`
	// Units of change: a level that goes from 31 to -31 changes by 62. Before are the units that the channel had when the window began, of
	// which the limit in per cent is taken; it stays as long as the brake holds.
	Units  stock.Quantity `json:"units"`
	Before stock.Quantity `json:"before"`
	// Parts is the sum of the parts of their own units that the shelves change by, of each at most all: 1. Stocked is how many shelves of
	// the channel had units then, of which the limit in per cent is taken too.
	Parts   stock.Quantity `json:"parts"`
	Stocked int            `json:"stocked"`
	// MaxShelves and MaxPercent are how much may change within WindowMinutes; 0: any.
	MaxShelves    int `json:"max_shelves"`
	MaxPercent    int `json:"max_percent"`
	WindowMinutes int `json:"window_minutes"`
	// released is until when what others changed was let pass by a person.
	released time.Time
}

// BrakedArticle is a counter that a brake is about.
type BrakedArticle struct {
	SKU      string         `json:"sku"`
	Location stock.Location `json:"location"`
	Ref      stock.Ref      `json:"ref"`
	// Before is what it should have shown without the changes of a mass change.
	Before *stock.Quantity `json:"before,omitempty"`
	// Now is what it shows, Target what it should show.
	Now    stock.Quantity `json:"now"`
	Target stock.Quantity `json:"target"`
	// change is what a mass change counts of it.
	change stock.Quantity
	// Held says that the brake holds its push; else it has followed already.
	Held bool `json:"held"`
	// Origins are the other counters of its shelf that a mass change came from. None: it came from no counter (a baseline, a mark).
	Origins []Origin `json:"origins,omitempty"`
	shelf   stock.Shelf
}

// Brakes lists what holds pushes back: the stored brakes, and those that follow from the state of every shelf.
func (a *App) Brakes(ctx context.Context) ([]Brake, error) {
	held, err := a.readBraked(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]Brake, 0, len(held.brakes))
	for _, brake := range held.brakes {
		shown := a.brake(held, brake)
		if err := a.nameBrake(ctx, &shown); err != nil {
			return nil, err
		}
		list = append(list, shown)
	}
	return list, nil
}

// braked is everything that brakes are judged by.
type braked struct {
	brakes []ledger.Brake
	// shelves are those with a counter that concerns a brake, with these counters alone.
	shelves map[stock.Shelf][]ledger.DueRef
	// closed are the shelves that nobody opened, with what is known of their counters.
	closed map[stock.Shelf]*explain.Closing
	// mass is where the mass change brake of every configured channel stands.
	mass map[stock.Channel]reconcile.MassChange
}

func (a *App) readBraked(ctx context.Context) (*braked, error) {
	held := newBraked()
	for ref, err := range ledger.AllRefs(ctx, a.Ledger, ledger.RefFilter{}) {
		if err != nil {
			return held, err
		}
		held.add(ref)
	}
	return held, a.judge(ctx, held)
}

func newBraked() *braked {
	return &braked{shelves: map[stock.Shelf][]ledger.DueRef{}, closed: map[stock.Shelf]*explain.Closing{}}
}

// add notes a counter if it may engage a brake, have its push held by one, or say what another counter should show.
func (h *braked) add(ref ledger.DueRef) {
	shelf, work := ref.State.Shelf, ref.Work
	switch {
	case ref.State.Status == ledger.Unlinked:
	case work.Push || work.ZeroUnconfirmed != nil || work.RaiseUnconfirmed != nil || len(work.Raises)+len(work.Falls)+len(work.Uncaused) > 0 || reconcile.OtherProgram(ref.Ref) || !ref.State.SoldOut.IsZero():
		h.shelves[shelf] = append(h.shelves[shelf], ref)
		fallthrough
	default:
		if !ref.Opened {
			h.addClosed(ref)
		}
	}
}

func (h *braked) addClosed(ref ledger.DueRef) {
	shelf := h.closed[ref.State.Shelf]
	if shelf == nil {
		shelf = &explain.Closing{}
		h.closed[ref.State.Shelf] = shelf
	}
	shelf.Add(ref)
}

// judge finds the brakes that hold: those that are stored, and those that follow from the counters.
func (a *App) judge(ctx context.Context, held *braked) error {
	stored, err := a.Ledger.StoredBrakes(ctx)
	if err != nil {
		return err
	}
	held.mass = a.massChangesOf(stored)
	held.brakes = slices.DeleteFunc(stored, func(b ledger.Brake) bool { return !b.ReleasedAt.IsZero() })
	for shelf := range held.closed {
		held.brakes = append(held.brakes, reconcile.Brakes(ledger.ShelfState{Shelf: shelf}, plainRefs(held.shelves[shelf]), a.Now())...)
	}
	for shelf, refs := range held.shelves {
		if held.closed[shelf] == nil {
			held.brakes = append(held.brakes, reconcile.Brakes(ledger.ShelfState{Shelf: shelf, Level: refs[0].Level, Opened: true}, plainRefs(refs), a.Now())...)
		}
	}
	slices.SortFunc(held.brakes, func(a, b ledger.Brake) int { return strings.Compare(a.ID, b.ID) })
	return nil
}

func plainRefs(refs []ledger.DueRef) []ledger.Ref {
	plain := make([]ledger.Ref, len(refs))
	for i, ref := range refs {
		plain[i] = ref.Ref
	}
	return plain
}

// massChanges says of every channel where its mass change brake stands.
func (a *App) massChanges(ctx context.Context) (map[stock.Channel]reconcile.MassChange, error) {
	stored, err := a.Ledger.StoredBrakes(ctx)
	return a.massChangesOf(stored), err
}

func (a *App) massChangesOf(stored []ledger.Brake) map[stock.Channel]reconcile.MassChange {
	changes := map[stock.Channel]reconcile.MassChange{}
	for _, c := range a.Channels {
		changes[c.Name] = reconcile.MassChangeOf(c.Name, stored, a.Now())
	}
	return changes
}

// brake shows a brake and the counters that it is about, without their SKUs.
func (a *App) brake(held *braked, b ledger.Brake) Brake {
	shown := Brake{ID: b.ID, Kind: b.Kind.String(), Channel: b.Channel, Shelf: b.Shelf, Ref: b.Ref, Quantity: b.Quantity, Since: b.Since, Evidence: b.Evidence, Remedy: brakeRemedy(b.Kind)}
	if b.Kind == ledger.Observing {
		shown.Closed = held.closed[b.Shelf].Closure()
		shown.Remedy = ClosedRemedy(shown.Closed.Why)
	}
	if refs := held.shelves[b.Shelf]; len(refs) > 0 && (b.Kind == ledger.TypedTwice || b.Kind == ledger.OtherProgram) {
		shown.Answers = &BrakeAnswers{Released: refs[0].Level, Corrected: refs[0].Level - b.Quantity}
	}
	if b.Kind == ledger.MassChange {
		a.showMassChange(held, b, &shown)
	} else {
		shown.Articles = a.heldByShelf(held.shelves[b.Shelf], b)
	}
	for _, article := range shown.Articles {
		if article.Held {
			shown.Held++
		}
	}
	return shown
}

// heldByShelf lists the pushes that a brake of their shelf holds.
func (a *App) heldByShelf(shelf []ledger.DueRef, b ledger.Brake) (articles []BrakedArticle) {
	for _, ref := range shelf {
		target := a.target(ref, shelf)
		if wantsPush(ref) && reconcile.Holds(b, ref.State.Ref, target, ref.State.Expected) {
			articles = append(articles, BrakedArticle{Ref: ref.State.Ref, Location: ref.State.Shelf.Location, Now: ref.State.Expected, Target: target, Held: true, shelf: ref.State.Shelf})
		}
	}
	return articles
}

// misplaced says that the configuration does not have a counter where it is linked.
func (a *App) misplaced(ref ledger.RefState) bool {
	return reconcile.Misplaced(a.locations(ref.Ref.Channel), ref)
}

// locations are those that the configuration gives a channel; a channel that it does not have has none.
func (a *App) locations(name stock.Channel) map[string]stock.Location {
	i := slices.IndexFunc(a.Channels, func(c Channel) bool { return c.Name == name })
	if i < 0 {
		return nil
	}
	return a.Channels[i].Locations
}

// wantsPush says that a counter waits for a push that is not on its way.
func wantsPush(ref ledger.DueRef) bool {
	return ref.State.Status == ledger.Live && ref.Opened && ref.Work.Push && ref.Work.InFlight == ""
}

// showMassChange counts what changed without a cause and is not explained or put back, as the brake's judge does. What was stored when
// it was engaged was true then.
func (a *App) showMassChange(held *braked, b ledger.Brake, shown *Brake) {
	mass := reconcile.MassChangeOf(b.Channel, []ledger.Brake{b}, a.Now())
	var load ledger.PushLoad
	for _, shelf := range held.shelves {
		for _, ref := range shelf {
			if ref.State.Ref.Channel != b.Channel || !ref.State.Status.Follows() || !ref.Opened || a.misplaced(ref.State) {
				continue
			}
			if change := mass.Change(ref.Ref); change != 0 {
				load.Add(change, mass.LevelBefore(ref.Ref, a.target(ref, shelf)))
				shown.Articles = append(shown.Articles, a.changedArticle(mass, ref, shelf, change))
			}
		}
	}
	shown.Evidence, shown.Quantity = nil, 0
	shown.Change = &MassChange{Since: mass.Since, Shelves: load.Shelves, Units: load.Units, Before: b.Quantity, Parts: load.Parts, Stocked: b.Stocked, MaxShelves: a.Limits.MaxShelves, MaxPercent: a.Limits.MaxPercent,
		WindowMinutes: int(reconcile.MassChangeWindow.Minutes()), released: held.mass[b.Channel].Released}
}

func (a *App) changedArticle(mass reconcile.MassChange, ref ledger.DueRef, shelf []ledger.DueRef, change stock.Quantity) BrakedArticle {
	target := a.target(ref, shelf)
	before := reconcile.Target(ref.Level-change, a.traits(ref.State.Ref.Channel))
	if a.soldOutFor(ref, shelf) {
		before = target - change
	}
	return BrakedArticle{Ref: ref.State.Ref, Location: ref.State.Shelf.Location, Before: &before, change: change, Now: ref.State.Expected, Target: target,
		Held: wantsPush(ref) && mass.HeldPart(ref.Ref, target) != 0, shelf: ref.State.Shelf}
}

// nameBrake looks up the SKUs of what a brake is about, what was pushed already first, then by SKU, and where it came from.
func (a *App) nameBrake(ctx context.Context, b *Brake) error {
	if b.Shelf.Item != "" {
		item, err := a.itemOf(ctx, b.Shelf)
		if err != nil {
			return err
		}
		b.SKU = item.SKU
	}
	for i, article := range b.Articles {
		item, err := a.itemOf(ctx, article.shelf)
		if err != nil {
			return err
		}
		b.Articles[i].SKU = item.SKU
	}
	held := map[bool]int{true: 1}
	slices.SortFunc(b.Articles, func(a, b BrakedArticle) int {
		return cmp.Or(held[a.Held]-held[b.Held], strings.Compare(a.SKU, b.SKU), cmp.Compare(a.Location, b.Location), a.Ref.Compare(b.Ref))
	})
	return a.addOrigins(ctx, b)
}

var closedRemedies = map[explain.Closed]Remedy{
	explain.ClosedNoBaseline: RemedyApplyBaseline, explain.ClosedReading: RemedyOpens, explain.ClosedNoCount: RemedyCount, explain.ClosedNoAuthority: RemedyAuthority,
}

// ClosedRemedy is what a person can do about a shelf that has no level yet.
func ClosedRemedy(why explain.Closed) Remedy { return closedRemedies[why] }

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
