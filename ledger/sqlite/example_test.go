package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/sqlite"
	"github.com/evenstock/evenstock/ledger/stock"
)

// parcel is an input: goods that came, under the number of their delivery note.
type parcel struct {
	note  string
	shelf stock.Shelf
	units int64
}

// Touch names what a decision about the parcel needs to see: the level, and whether the note was booked before.
func (p parcel) Touch(scope *ledger.Scope) {
	scope.Shelves = append(scope.Shelves, p.shelf)
	scope.Keys = append(scope.Keys, p.note)
}

// book is a step: it decides what parcels mean. It is pure, and may run again on another snapshot.
func book(seen *ledger.Snapshot, _ time.Time, inputs []ledger.Input) (changes ledger.Changes, err error) {
	for _, input := range inputs {
		p := input.(parcel)
		if _, booked := seen.Keys[p.note]; booked {
			changes.Dispositions = append(changes.Dispositions, ledger.Disposition{Ending: ledger.Duplicate})
			continue
		}
		received := ledger.Account{Item: p.shelf.Item, Kind: ledger.Received}
		changes.Entries = append(changes.Entries, ledger.Entry{
			Key: p.note, Fingerprint: ledger.Fingerprint(string(p.shelf.Location), fmt.Sprint(p.units)), Kind: ledger.KindCorrection,
			Shelf: p.shelf, Postings: ledger.Post(received, ledger.AvailableOn(p.shelf), stock.Units(p.units)),
		})
		changes.Dispositions = append(changes.Dispositions, ledger.Disposition{Ending: ledger.Done})
	}
	return changes, nil
}

// A store keeps one merchant's ledger in a folder. Apply decides about inputs and writes what was decided, all of it or nothing;
// the same input twice has its effect once.
func Example() {
	if err := receiveTwice(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// applied: received -> available/main: 8
	// duplicate: the ledger has 1 entry
	// main has 8
}

func receiveTwice(ctx context.Context) error {
	folder, err := os.MkdirTemp("", "ledger-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	store, err := sqlite.Open(ctx, sqlite.Options{Folder: folder})
	if err != nil {
		return err
	}
	defer store.Close()

	mugs := stock.Shelf{Item: "mug", Location: "main"}
	batch := ledger.Batch{At: time.Now(), Inputs: []ledger.Input{parcel{note: "N-17", shelf: mugs, units: 8}}}
	receipt, err := store.Apply(ctx, book, batch)
	if err != nil {
		return err
	}
	moved := receipt.Entries[0].Postings[0]
	fmt.Printf("%s: %s -> %s: %s\n", receipt.Dispositions[0].Ending, moved.From, moved.To, moved.Quantity)

	receipt, err = store.Apply(ctx, book, batch)
	if err != nil {
		return err
	}
	fmt.Printf("%s: the ledger has %d entry\n", receipt.Dispositions[0].Ending, receipt.LastSeq)

	levels, err := store.Levels(ctx, ledger.AsOf{})
	for shelf, level := range levels {
		fmt.Println(shelf.Location, "has", level)
	}
	return err
}
