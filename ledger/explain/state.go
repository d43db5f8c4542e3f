package explain

import "github.com/evenstock/evenstock/ledger"

// State says how a counter stands. It is a code: each face says in its own words what to do about it.
type State string

// These are all states. Those of a ref that is neither linked nor live are the ledger's own words for it (ledger.RefStatus).
const (
	// StateNoBaseline: linked, and not read for the first time yet.
	StateNoBaseline State = "no baseline"
	// StateNoCount: linked, and there was no count when its baseline was to be taken.
	StateNoCount State = "no count"
	// StateSetAside: a person must say what became of a push.
	StateSetAside State = "set aside"
	// StateUnreadable: the counter was missing or null.
	StateUnreadable State = "unreadable"
	// StateUntracked: the platform said that it does not track the item.
	StateUntracked State = "untracked"
	// StateUnlinked: no longer tied to the shelf.
	StateUnlinked State = "unlinked"
	// StateWaiting: it shows another number than the shelf, which was open when it came; a person must say what that means.
	StateWaiting State = "waiting"
	// StateMisplaced: the configuration has its location no more, or for another of ours: nothing is pushed to it, and nothing of it moves
	// the level until the location is back.
	StateMisplaced State = "location not configured"
	// StateGone: the platform does not know the item any more.
	StateGone State = "gone"
	// StateOnlyObserved: readable, but its shelf has no opening, so that nothing is pushed.
	StateOnlyObserved State = "only observed"
	// StateDoubted: its channel says that it may not be there, or not be counted, any more; it will be read, and nothing is pushed before.
	StateDoubted State = "in doubt"
	// StatePushInFlight: a write of ours is on its way.
	StatePushInFlight State = "push in flight"
	// StatePushWanted: it should show something else, and will be told.
	StatePushWanted State = "push wanted"
	// StateEven: it shows what it should.
	StateEven State = "even"
)

// Even says whether a counter, or a shelf with all its counters, shows what it should.
type Even string

// Unknown is what cannot be read or compared; it is neither a yes nor a no.
const (
	EvenYes     Even = "yes"
	EvenNo      Even = "no"
	EvenUnknown Even = "unknown"
)

// StateOf says how a counter stands, which is misplaced where the configuration does not have it where it is linked. Whether a push is
// wanted the ledger's rules have said.
func StateOf(ref ledger.DueRef, misplaced bool) (State, Even) {
	switch status := ref.State.Status; {
	case misplaced && (status == ledger.Linked || status == ledger.Live || status == ledger.Unreadable || status == ledger.WaitsToJoin):
		return StateMisplaced, EvenUnknown
	case status == ledger.Linked && ref.Work.Baseline != nil && ref.Work.Baseline.Missing:
		return StateNoCount, EvenUnknown
	case status == ledger.Linked:
		return StateNoBaseline, EvenUnknown
	case status != ledger.Live:
		return State(status.String()), EvenUnknown
	case !ref.Opened:
		return StateOnlyObserved, EvenUnknown
	case ref.Work.Doubted():
		return StateDoubted, EvenUnknown
	case ref.Work.InFlight != "":
		return StatePushInFlight, EvenNo
	case ref.Work.Push:
		return StatePushWanted, EvenNo
	}
	return StateEven, EvenYes
}
