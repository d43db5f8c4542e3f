package app

import (
	"context"
	"fmt"
	"slices"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// linkEnds is what ends with links.
type linkEnds struct {
	// ask names the first brake that a person was to answer; questions are all, and dropped tells of them, and of what counters did that
	// waited to join.
	ask       error
	questions []string
	dropped   []ledger.Finding
	// pushes go to the counters that stay of the shelves of those brakes.
	pushes []JoinPush
}

// endingWith says what ends with the links of refs.
func (a *App) endingWith(ctx context.Context, unlinked []ledger.DueRef) (ends linkEnds, err error) {
	ends.questions = []string{}
	for i, ref := range unlinked {
		shelves, err := a.openShelves(ctx, ledger.RefFilter{Item: ref.State.Shelf.Item})
		if err != nil {
			return ends, err
		}
		shelf := shelves[ref.State.Shelf]
		if shelf == nil || ref.State.Status == ledger.Unlinked {
			continue
		}
		shelf.leave(unlinked[:i])
		state := ledger.ShelfState{Shelf: ref.State.Shelf, Level: shelf.level, Opened: shelf.opened}
		ends.dropped = append(ends.dropped, reconcile.Dropped(ref.Ref, state, plainRefs(shelf.refs), a.Now())...)
		questions := reconcile.Unanswered(ref.State.Ref, state, plainRefs(shelf.refs), a.Now())
		if len(questions) == 0 {
			continue
		}
		for _, question := range questions {
			ends.questions = append(ends.questions, question.ID)
		}
		ends.pushes = append(ends.pushes, a.pushesWithout(state, shelf, unlinked)...)
		if ends.ask == nil {
			ends.ask = a.askFirst(ctx, questions[0], shelf.level)
		}
	}
	return ends, a.nameFindings(ctx, ends.dropped)
}

// leave takes refs off a shelf.
func (shelf *openShelf) leave(refs []ledger.DueRef) {
	shelf.refs = slices.DeleteFunc(slices.Clone(shelf.refs), func(ref ledger.DueRef) bool {
		return slices.ContainsFunc(refs, func(other ledger.DueRef) bool { return other.State.Ref == ref.State.Ref })
	})
}

// pushesWithout are the pushes of a shelf without some of its refs, but for those that wait for a person all the same.
func (a *App) pushesWithout(state ledger.ShelfState, shelf *openShelf, unlinked []ledger.DueRef) []JoinPush {
	stays := *shelf
	stays.leave(unlinked)
	brakes := reconcile.Brakes(state, plainRefs(stays.refs), a.Now())
	return slices.DeleteFunc(stays.pushes(a), func(push JoinPush) bool {
		return slices.ContainsFunc(brakes, func(b ledger.Brake) bool {
			return brakeRemedy(b.Kind) != RemedyWait && reconcile.Holds(b, push.Ref, push.From+push.Delta, push.From)
		})
	})
}

// askFirst refuses to end a question: unlinked, the number in doubt would be pushed to the counters that stay.
func (a *App) askFirst(ctx context.Context, question ledger.Brake, level stock.Quantity) error {
	item, err := a.itemOf(ctx, question.Shelf)
	if err != nil {
		return err
	}
	doubt := fmt.Sprintf("the level of %s may count %s at %s twice", level, question.Quantity.Abs(), question.Channel)
	if question.Kind == ledger.OtherProgram {
		doubt = fmt.Sprintf("the level of %s has what another program wrote to %s", level, question.Channel)
	}
	return &Error{Kind: Conflict, Remedy: RemedyAnswer, Meant: []string{question.ID},
		What: fmt.Sprintf("a question about %s at %s is open and would end with this link: %s", item.SKU, question.Shelf.Location, doubt)}
}
