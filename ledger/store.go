package ledger

import (
	"errors"
	"fmt"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// Batch is what one transaction decides about.
type Batch struct {
	// At is our clock; it becomes RecordedAt.
	At     time.Time
	Inputs []Input
	// Cursor moves the consumed offset of a partition; nil when the inputs do not come from the stream.
	Cursor *Cursor
	// Marks are named positions of sweeps, stored with what the sweep brought.
	Marks map[string]string
}

// Cursor says that the records From (inclusive) to Next (exclusive) of a partition are consumed.
type Cursor struct {
	Topic     string
	Partition int
	From      int64
	Next      int64
	// Reset sets the stored offset whatever it is: the log was cut or replaced, and what the ledger expected next is gone.
	Reset bool
}

// Step is the pure decision: the same snapshot, clock and inputs give the same changes. It may run again after a conflict.
type Step func(snapshot *Snapshot, at time.Time, inputs []Input) (Changes, error)

// ErrNoStep: a batch has inputs, and nobody to decide about them.
var ErrNoStep = errors.New("no step decides about the inputs")

// Decide runs the step on a batch, as Apply does in every store. Without inputs there is nothing to decide.
func (step Step) Decide(snapshot *Snapshot, batch Batch) (Changes, error) {
	if len(batch.Inputs) == 0 {
		return Changes{}, nil
	}
	if step == nil {
		return Changes{}, ErrNoStep
	}
	changes, err := step(snapshot, batch.At, batch.Inputs)
	if err != nil {
		var input *InputError
		if errors.As(err, &input) {
			return Changes{}, err
		}
		return Changes{}, fmt.Errorf("deciding: %w", err)
	}
	if len(changes.Dispositions) != len(batch.Inputs) {
		return Changes{}, fmt.Errorf("deciding: %d dispositions for %d inputs", len(changes.Dispositions), len(batch.Inputs))
	}
	return changes, nil
}

// Snapshot is what the store has locked for a step.
type Snapshot struct {
	// Refs holds every touched ref that was ever linked, and all refs of the items of those and of touched shelves: units move between
	// the places of an item.
	Refs    map[stock.Ref]Ref
	Shelves map[stock.Shelf]ShelfState
	// SoldAs lists, for touched order-line ids, the refs (one per location) they are linked to.
	SoldAs map[SoldAs][]stock.Ref
	// Keys holds the fingerprints of touched keys that are taken.
	Keys map[string]string
	// Booked holds, for each touched key that a movement was booked under, that entry and those that corrected it since (EditKey),
	// oldest first.
	Booked   map[string][]Entry
	Counters map[CounterKey]stock.Quantity
	Waiting  map[CounterKey]Waiting
	// Calls holds touched calls, and those in flight for one of Refs.
	Calls map[string]Call
	// Brakes holds touched brakes, and every unreleased or still passing brake of touched shelves and channels.
	Brakes map[string]Brake
	// LastSeq is the number of the ledger's last entry.
	LastSeq int64
}

// Ref is everything stored about a ref.
type Ref struct {
	State RefState
	Work  Work
	// Unexplained is the balance of the ref's suspense account: positive when units left without a cause.
	Unexplained stock.Quantity
}

// ShelfState is a shelf's cached level and whether it has an opening.
type ShelfState struct {
	Shelf  stock.Shelf
	Level  stock.Quantity
	Opened bool
}

// Changes is what a step decided. Entries are written in this order; states and balances follow from them.
type Changes struct {
	Entries []Entry
	Work    []Work
	// Counters are new maxima.
	Counters map[CounterKey]stock.Quantity
	// Calls and Brakes are stored whole, replacing what their key or id names.
	Calls  []Call
	Brakes []Brake
	// Waiting with a zero quantity is removed; a ResourceWish with a zero Due likewise.
	Waiting   []Waiting
	Resources []ResourceWish
	Unlinked  []UnlinkedItem
	// Findings are told at once, of no run; one whose id is known is replaced.
	Findings []Finding
	// Dispositions has one element per input; Noted are those of facts inside inputs (the history an own read brought).
	// The store counts both.
	Dispositions []Disposition
	Noted        []Disposition
}

// Ending says how an input ended.
type Ending uint8

// The zero value is invalid.
const (
	// Done: it had its effect now.
	Done Ending = iota + 1
	// Duplicate: it had its effect before.
	Duplicate
	// Ignored: it has none, for the reason given.
	Ignored
	// Parked: it waits, for the reason given.
	Parked
	// Repeat: the read it answers must be sent again.
	Repeat
)

// Disposition is how one input ended. The store counts them per channel, ending and reason, so that nothing ends unseen.
type Disposition struct {
	Ending  Ending
	Channel stock.Channel
	Reason  string
}

// Receipt is what a batch did.
type Receipt struct {
	// LastSeq is the ledger's last entry after the batch; Entries is how many the batch wrote.
	LastSeq      int64
	Entries      []Entry
	Dispositions []Disposition
	// Calls are the calls the batch stored or changed.
	Calls []Call
	// Wanted are the channels that have something to read or push now.
	Wanted []stock.Channel
}

// InputError says which input of a batch cannot be applied and why. The batch was not written.
type InputError struct {
	Index int
	Err   error
}

func (e *InputError) Error() string { return fmt.Sprintf("input %d: %v", e.Index, e.Err) }

// Unwrap returns the reason.
func (e *InputError) Unwrap() error { return e.Err }
