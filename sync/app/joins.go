package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// WaitingRef is a counter that came to a shelf which was open already and shows another number. Nothing is pushed to it and nothing
// of it moves the level, until a person says what its count means.
type WaitingRef struct {
	SKU      string         `json:"sku"`
	Name     string         `json:"name,omitempty"`
	Ref      stock.Ref      `json:"ref"`
	Location stock.Location `json:"location"`
	// Since is when it came; CameWith is what it counted then, CameTo what the level was. An answer is about these two.
	Since    time.Time      `json:"since"`
	CameWith stock.Quantity `json:"came_with"`
	CameTo   stock.Quantity `json:"came_to"`
	// Lost: they are those of when its location was lost from the configuration, and not of when it came.
	Lost bool `json:"lost,omitempty"`
	// Counted is what it shows now, Level what the shelf has.
	Counted stock.Quantity `json:"counted"`
	Level   stock.Quantity `json:"level"`
	// Others is what others did to it since it came, Untold the part of that of which nobody told the cause.
	Others stock.Quantity `json:"others"`
	Untold stock.Quantity `json:"untold,omitempty"`
	// Fresh: it was changed so shortly ago that its cause may still be told. Whoever does not say what it was is not asked before.
	Fresh bool `json:"fresh,omitempty"`
	// Away: the configuration does not have its location where it is linked. Nothing can be said of it before it does, so there are no
	// answers.
	Away bool `json:"away,omitempty"`
	// Answers are what the level becomes by each answer; more than one where that depends on what the untold part was.
	Answers []JoinAnswer `json:"answers"`
	// ByID: its SKU does not tell it from another that waits for the same shelf. Elsewhere: it waits at another location too.
	ByID      bool `json:"by_id,omitempty"`
	Elsewhere bool `json:"elsewhere,omitempty"`
	// Seen is the ledger's last entry when this was looked at, for whoever answers to hand back.
	Seen int64 `json:"seen"`
	// Remedy is what a person can do.
	Remedy Remedy `json:"remedy"`
	state  ledger.RefState
}

// JoinAnswer is what the level becomes by an answer.
type JoinAnswer struct {
	How string `json:"how"`
	// Untold is set where the answer must say it.
	Untold  string         `json:"untold,omitempty"`
	Becomes stock.Quantity `json:"becomes"`
}

// JoinRequest is a person's word on what the count of an item that waits means.
type JoinRequest struct {
	Channel stock.Channel `json:"channel"`
	// Item is the channel's id of the item, or our SKU.
	Item string `json:"item"`
	// Location is ours; empty: everywhere where it waits.
	Location stock.Location `json:"location,omitempty"`
	// Untold says what changes of its counter were of which nobody told the cause. Needed where the level depends on it.
	Untold string `json:"untold,omitempty" enum:"moved,counted" doc:"what changes of the counter were, while it waited, of which nobody told the cause: moved: goods came or went; counted: somebody typed a count in, which holds what was sold before"`
	// Seen is what a person has seen (WaitingRef.Seen): when anything has changed since that the channels tell no sale of, nothing is done,
	// and they look again. 0: they have seen nothing.
	Seen   int64  `json:"seen,omitempty"`
	How    string `json:"how" enum:"add,level,counter" doc:"add: other goods, the level grows by the count; level: the level was right when it came, and is pushed; counter: the count was right when it came, and becomes the level. What was sold since is undone by none"`
	DryRun bool   `json:"dry_run,omitempty"`
}

// Joined is a counter that joined its shelf, or would: what the level became, and what is pushed because of it.
type Joined struct {
	WaitingRef
	How     string         `json:"how"`
	Becomes stock.Quantity `json:"becomes"`
	Pushes  []JoinPush     `json:"pushes"`
}

// JoinPush is one push that follows.
type JoinPush struct {
	Ref   stock.Ref      `json:"ref"`
	From  stock.Quantity `json:"from"`
	Delta stock.Quantity `json:"delta"`
}

// WaitingRefs lists what waits to join a shelf, by SKU.
func (a *App) WaitingRefs(ctx context.Context) ([]WaitingRef, error) {
	list := []WaitingRef{}
	if a.Ledger == nil {
		return list, nil
	}
	summary, err := a.Ledger.Summary(ctx)
	if err != nil {
		return list, err
	}
	for ref, err := range ledger.AllRefs(ctx, a.Ledger, ledger.RefFilter{}) {
		if err != nil {
			return list, err
		}
		if ref.State.Status != ledger.WaitsToJoin || ref.State.Joining == nil {
			continue
		}
		item, err := a.itemOf(ctx, ref.State.Shelf)
		if err != nil {
			return list, err
		}
		waiting := waitingOf(item, ref.State, ref.Level)
		waiting.Seen = summary.Entries
		waiting.Fresh = a.Now().Sub(lastUntold(ref.State.Joining)) < causeMax
		if a.misplaced(ref.State) {
			waiting.Away, waiting.Answers, waiting.Remedy = true, []JoinAnswer{}, RemedyPlace
		}
		list = append(list, waiting)
	}
	slices.SortStableFunc(list, func(a, b WaitingRef) int { return cmp.Or(cmp.Compare(a.SKU, b.SKU), a.Ref.Compare(b.Ref)) })
	tellApart(list)
	return list, nil
}

func waitingOf(item stock.Item, state ledger.RefState, level stock.Quantity) WaitingRef {
	joining := *state.Joining
	untold, _ := joining.Typed()
	ref := WaitingRef{SKU: item.SKU, Name: item.Name, Ref: state.Ref, Location: state.Shelf.Location, Since: joining.Since, CameWith: joining.Counted,
		CameTo: joining.Level, Lost: joining.Lost, Counted: state.Expected, Level: level, Others: joining.Others, Untold: untold, Remedy: RemedyJoin, state: state}
	for how := ledger.JoinAdd; how <= ledger.JoinCounter; how++ {
		meanings := []ledger.UntoldHow{0}
		if reconcile.NeedsUntold(how, state) {
			meanings = []ledger.UntoldHow{ledger.UntoldCounted, ledger.UntoldMoved}
		}
		for _, untold := range meanings {
			others, word := reconcile.JoinMoves(how, untold, state)
			ref.Answers = append(ref.Answers, JoinAnswer{How: how.String(), Untold: untold.String(), Becomes: level + others + word})
		}
	}
	return ref
}

// causeMax is how long the cause of a change takes to be told where webhooks come and history is read: some seconds.
const causeMax = 20 * time.Second

// lastUntold is when the last change of a counter that waits came of which nobody told the cause; the zero time: there is none.
func lastUntold(joining *ledger.Joining) (last time.Time) {
	for _, change := range joining.Untold {
		if !change.Early && change.At.After(last) {
			last = change.At
		}
	}
	return last
}

// tellApart notes what a request must name beside the SKU to mean one ref.
func tellApart(list []WaitingRef) {
	for i := range list {
		for j, other := range list {
			if same := i != j && other.SKU == list[i].SKU && other.Ref.Channel == list[i].Ref.Channel; same {
				list[i].ByID = list[i].ByID || other.Ref.Item != list[i].Ref.Item
				list[i].Elsewhere = list[i].Elsewhere || other.Location != list[i].Location
			}
		}
	}
}

// Join lets an item that waits join its shelves, as a person says.
func (a *App) Join(ctx context.Context, by Actor, request JoinRequest) ([]Joined, error) {
	how, err := joinHow(request.How)
	if err != nil {
		return nil, err
	}
	if _, err := a.channel(request.Channel); err != nil {
		return nil, err
	}
	untold, err := untoldHow(request.Untold)
	if err != nil {
		return nil, err
	}
	return checked(func() ([]Joined, error) { return a.join(ctx, by, request, how, untold) })
}

func (a *App) join(ctx context.Context, by Actor, request JoinRequest, how ledger.JoinHow, untold ledger.UntoldHow) ([]Joined, error) {
	waiting, err := a.meantByJoin(ctx, request)
	if err != nil {
		return nil, err
	}
	joined := []Joined{}
	var inputs []ledger.Input
	for _, ref := range waiting {
		if ref.Away {
			return nil, &Error{Kind: Conflict, Remedy: RemedyPlace, What: fmt.Sprintf(
				"the configuration does not have the location %s of %s at %s: nobody can tell whose units %s counts there", ref.Ref.Location, ref.Ref.Channel, ref.Location, ref.SKU)}
		}
		if untold == 0 && reconcile.NeedsUntold(how, ref.state) {
			return nil, askUntold(ref, how)
		}
		if request.Seen != 0 {
			if err := a.seenStill(ctx, ref, request.Seen); err != nil {
				return nil, err
			}
		}
		shelves, err := a.openShelves(ctx, ledger.RefFilter{Item: ref.state.Shelf.Item})
		if err != nil {
			return nil, err
		}
		found := &ledger.JoinNumbers{Counted: ref.Counted, Level: ref.Level}
		joined = append(joined, shelves.join(a, ref, how, untold))
		inputs = append(inputs, ledger.JoinRef{Ref: ref.Ref, How: how, Untold: untold, By: by.Name, Found: found})
	}
	if _, err = a.act(ctx, request.DryRun, inputs...); err != nil {
		return nil, err
	}
	return joined, nil
}

func joinHow(text string) (ledger.JoinHow, error) {
	how, err := ledger.ParseJoinHow(text)
	if err != nil {
		return 0, &Error{Kind: Invalid, What: fmt.Sprintf("%q does not say what a count means: it is add, level or counter", text)}
	}
	return how, nil
}

func untoldHow(text string) (ledger.UntoldHow, error) {
	if text == "" {
		return 0, nil
	}
	how, err := ledger.ParseUntoldHow(text)
	if err != nil {
		return 0, &Error{Kind: Invalid, What: fmt.Sprintf("%q does not say what a change was that nobody told the cause of: it is moved or counted", text)}
	}
	return how, nil
}

// askUntold asks what a change of a waiting counter was of which nobody told the cause. While that may still be told there is no question.
func askUntold(ref WaitingRef, how ledger.JoinHow) error {
	if ref.Fresh {
		return &Error{Kind: Busy, Remedy: RemedyAgain, What: fmt.Sprintf("the counter of %s at %s was changed by %s while it waited, the last time less than %s ago, and the cause may still be told",
			ref.SKU, ref.Ref.Channel, ref.Untold, causeMax)}
	}
	becomes := map[string]stock.Quantity{}
	for _, answer := range ref.Answers {
		if answer.How == how.String() {
			becomes[answer.Untold] = answer.Becomes
		}
	}
	counted, moved := ledger.UntoldCounted.String(), ledger.UntoldMoved.String()
	return &Error{Kind: Conflict, Remedy: RemedyUntold, Meant: []string{counted, moved}, What: fmt.Sprintf(
		"the counter of %s at %s was changed by %s while it waited, and nobody has told why: if somebody typed a count in (%s) the level becomes %s, if goods came or went (%s) it becomes %s",
		ref.SKU, ref.Ref.Channel, ref.Untold, counted, becomes[counted], moved, becomes[moved])}
}

// meantByJoin finds the refs that a request means: one at most of each shelf.
func (a *App) meantByJoin(ctx context.Context, request JoinRequest) ([]WaitingRef, error) {
	all, err := a.WaitingRefs(ctx)
	if err != nil {
		return nil, err
	}
	named, err := a.named(ctx, request.Item, all)
	if err != nil {
		return nil, err
	}
	var found []WaitingRef
	for _, ref := range all {
		if ref.Ref.Channel != request.Channel || !named(ref) || request.Location != "" && ref.Location != request.Location {
			continue
		}
		if i := slices.IndexFunc(found, ref.confusedWith); i >= 0 {
			return nil, &Error{Kind: Conflict, What: fmt.Sprintf("two items of %s with the SKU %q wait to join the shelf at %s", request.Channel, request.Item, ref.Location),
				Remedy: RemedyNameByID, Meant: []string{found[i].Ref.Item, ref.Ref.Item}}
		}
		found = append(found, ref)
	}
	if len(found) == 0 {
		return nil, a.noneWaits(ctx, request, all, named)
	}
	return found, nil
}

// confusedWith says that one text must not mean both refs: they would join one shelf, or shelves of two articles.
func (ref WaitingRef) confusedWith(other WaitingRef) bool {
	return ref.state.Shelf == other.state.Shelf || ref.state.Shelf.Item != other.state.Shelf.Item
}

// named says which refs a text means: those whose id or SKU it is, as they are listed; else those of the items that any channel calls so.
func (a *App) named(ctx context.Context, text string, all []WaitingRef) (func(WaitingRef) bool, error) {
	listed := func(ref WaitingRef) bool { return ref.Ref.Item == text || ref.SKU == text }
	if slices.ContainsFunc(all, listed) {
		return listed, nil
	}
	items, err := a.Ledger.ItemBySKU(ctx, text)
	return func(ref WaitingRef) bool {
		return slices.ContainsFunc(items, func(item stock.Item) bool { return item.ID == ref.state.Shelf.Item })
	}, err
}

// noneWaits says that what was named does not wait, and what does that may have been meant.
func (a *App) noneWaits(ctx context.Context, request JoinRequest, all []WaitingRef, named func(WaitingRef) bool) error {
	none := &Error{Kind: NotFound, What: fmt.Sprintf("no item %q of %s waits to join a shelf", request.Item, request.Channel), Remedy: RemedyListWaiting}
	var here []string
	for _, ref := range all {
		switch {
		case named(ref) && ref.Ref.Channel == request.Channel:
			none.What = fmt.Sprintf("%q of %s waits to join the shelf at %s, and not at %s", request.Item, request.Channel, ref.Location, request.Location)
			return none
		case named(ref):
			none.What = fmt.Sprintf("%q of %s does not wait to join a shelf: that of %s does", request.Item, request.Channel, ref.Ref.Channel)
			return none
		case ref.Ref.Channel == request.Channel:
			here = append(here, ref.SKU)
		}
	}
	if item, err := a.itemBySKU(ctx, request.Item); err == nil {
		none.What = fmt.Sprintf("%q of %s does not wait to join a shelf", item.SKU, request.Channel)
		return none
	}
	if meant := Near(request.Item, slices.Compact(here)); len(meant) > 0 {
		none.Remedy, none.Meant = RemedyMeant, meant
	}
	return none
}
