package app

import (
	"context"
	"slices"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// openShelf is a shelf that refs come to, as it would stand after those that joined it.
type openShelf struct {
	level  stock.Quantity
	opened bool
	refs   []ledger.DueRef
}

type openShelves map[stock.Shelf]*openShelf

// openShelves are the shelves of which refs are linked.
func (a *App) openShelves(ctx context.Context, filter ledger.RefFilter) (openShelves, error) {
	shelves := openShelves{}
	for ref, err := range ledger.AllRefs(ctx, a.Ledger, filter) {
		if err != nil {
			return nil, err
		}
		if ref.State.Status == ledger.Unlinked {
			continue
		}
		shelf := shelves[ref.State.Shelf]
		if shelf == nil {
			shelf = &openShelf{level: ref.Level, opened: ref.Opened}
			shelves[ref.State.Shelf] = shelf
		}
		shelf.refs = append(shelf.refs, ref)
	}
	return shelves, nil
}

// join says what becomes of a shelf and its counters when a ref joins it.
func (shelves openShelves) join(a *App, ref WaitingRef, how ledger.JoinHow, untold ledger.UntoldHow) Joined {
	shelf := shelves[ref.state.Shelf]
	others, word := reconcile.JoinMoves(how, untold, ref.state)
	ref.Level = shelf.level
	shelf.level += others + word
	shelf.refs = slices.DeleteFunc(shelf.refs, func(other ledger.DueRef) bool { return other.State.Ref == ref.Ref })
	live := ledger.DueRef{Ref: ledger.Ref{State: ref.state}}
	live.State.Status, live.State.Joining = ledger.Live, nil
	shelf.refs = append(shelf.refs, live)
	return Joined{WaitingRef: ref, How: how.String(), Becomes: shelf.level, Pushes: shelf.pushes(a)}
}

// pushes are those that follow from what the counters show.
func (shelf *openShelf) pushes(a *App) []JoinPush {
	pushes := []JoinPush{}
	for _, ref := range shelf.refs {
		ref.Level = shelf.level
		if delta := a.target(ref, shelf.refs) - ref.State.Expected; ref.State.Status == ledger.Live && delta != 0 && !a.misplaced(ref.State) {
			pushes = append(pushes, JoinPush{Ref: ref.State.Ref, From: ref.State.Expected, Delta: delta})
		}
	}
	slices.SortFunc(pushes, func(a, b JoinPush) int { return a.Ref.Compare(b.Ref) })
	return pushes
}

// comer is a ref of a row that comes to an open shelf: it waits already, or is read for the first time.
type comer struct {
	row   *checkedRow
	shelf stock.Shelf
	plannedRef
}

// joinsOf says what becomes of the shelves when what is linked joins them as a standing answer says: what waits, at once; what comes
// for the first time when it was read, which only a dry run does here. What cannot be said is noted.
func (a *App) joinsOf(ctx context.Context, check *linkCheck, how ledger.JoinHow) ([]Joined, error) {
	shelves, err := a.openShelves(ctx, ledger.RefFilter{})
	if err != nil {
		return nil, err
	}
	comers := shelves.comers(check)
	if check.request.DryRun {
		for _, channel := range a.Channels {
			if err := a.readComers(ctx, channel, comers); err != nil {
				return nil, err
			}
		}
	}
	joined := []Joined{}
	for _, c := range comers {
		shelf := shelves[c.shelf]
		state := shelf.arriving(c.plannedRef)
		switch {
		case state.Joining == nil && check.request.DryRun:
			check.noted = append(check.noted, c.row.finding(NoteNoCount, "%s shows no count of it at %s: it joins when it does", c.row.Channel, c.shelf.Location))
		case state.Joining == nil || c.state.Joining == nil && reconcile.Even(state.Expected, shelf.level, c.row.channel.Traits):
		case reconcile.NeedsUntold(how, state):
			untold, _ := state.Joining.Typed()
			check.noted = append(check.noted, c.row.finding(NoteUntold, "its counter was changed by %s while it waited, and nobody has told why: it goes on waiting", untold))
		default:
			joined = append(joined, shelves.join(a, waitingOf(c.row.item, state, shelf.level), how, 0))
		}
	}
	return joined, nil
}

// comers are the refs of the rows that stand which have not joined their open shelf.
func (shelves openShelves) comers(check *linkCheck) []*comer {
	var comers []*comer
	for _, row := range check.standing() {
		for _, ref := range row.channel.refs(row.Item) {
			name := stock.Shelf{Item: row.item.ID, Location: row.channel.Locations[ref.Location]}
			shelf := shelves[name]
			if shelf == nil || !shelf.opened {
				continue
			}
			c := &comer{row: row, shelf: name, plannedRef: plannedRef{state: ledger.RefState{Ref: ref, Shelf: name, Status: ledger.Linked}}}
			if i := slices.IndexFunc(shelf.refs, func(other ledger.DueRef) bool { return other.State.Ref == ref }); i >= 0 {
				c.state = shelf.refs[i].State
			}
			switch c.state.Status {
			case ledger.Linked, ledger.Untracked, ledger.Gone, ledger.WaitsToJoin:
				comers = append(comers, c)
			}
		}
	}
	return comers
}

// readComers reads a channel's counters that come for the first time.
func (a *App) readComers(ctx context.Context, channel Channel, comers []*comer) error {
	var refs []*plannedRef
	for _, c := range comers {
		if c.state.Ref.Channel == channel.Name && c.state.Status != ledger.WaitsToJoin {
			refs = append(refs, &c.plannedRef)
		}
	}
	return a.readChunks(ctx, channel, refs)
}

// arriving is a ref as it waits to join the shelf, or would; without Joining it shows no count.
func (shelf *openShelf) arriving(ref plannedRef) ledger.RefState {
	state := ref.state
	if state.Status == ledger.WaitsToJoin {
		return state
	}
	pending := state.Joining
	if state.Joining = nil; ref.problem != "" || ref.reading.Status != stock.Counted {
		return state
	}
	joining := ledger.Joining{Counted: ref.reading.Quantity, Level: shelf.level}
	if pending != nil {
		joining.Others = pending.Others
	}
	for _, other := range shelf.refs {
		if other.State.Ref != state.Ref && other.State.Joining != nil {
			joining.Level += other.State.Joining.Others
		}
	}
	state.Expected, state.Joining = ref.reading.Quantity, &joining
	return state
}
