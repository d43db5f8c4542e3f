package explain_test

import (
	"fmt"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/explain"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Eight tees were counted at the till. One was sold, which the till's history tells; then two more were gone, and nobody has said
// why yet.
func ExampleExplain() {
	tee := stock.Shelf{Item: "item-tee", Location: "main"}
	till := stock.Ref{Channel: "till", Item: "V1", Location: "L1"}
	available, suspense := ledger.AvailableOn(tee), ledger.UnexplainedBy(tee.Item, till)
	account := func(kind ledger.AccountKind, name string) ledger.Account {
		return ledger.Account{Item: tee.Item, Kind: kind, Name: name}
	}
	at := func(clock string) time.Time {
		moment, _ := time.Parse(time.DateTime, "2026-11-23 "+clock)
		return moment
	}
	shelf := explain.Explain(explain.Facts{
		Shelf: tee,
		Level: stock.Units(5),
		Entries: []ledger.Entry{
			{Seq: 1, Kind: ledger.KindBaseline, Shelf: tee, Ref: till, Status: ledger.Linked, OccurredAt: at("09:00:00")},
			{Seq: 2, Kind: ledger.KindBaseline, Shelf: tee, Ref: till, Status: ledger.Live, Opens: true, OccurredAt: at("09:00:05"),
				ExpectedDelta: stock.Units(8), Postings: ledger.Post(account(ledger.Opening, ""), available, stock.Units(8))},
			{Seq: 3, Kind: ledger.KindReading, Shelf: tee, Ref: till, OccurredAt: at("10:12:40"),
				ExpectedDelta: stock.Units(-1), Postings: ledger.Post(suspense, available, stock.Units(-1))},
			{Seq: 4, Kind: ledger.KindMovement, Shelf: tee, Ref: till, OccurredAt: at("10:12:39"), Evidence: stock.Evidence{"adjustment_id": "A1"},
				Postings: ledger.Post(account(ledger.Sold, "till"), suspense, stock.Units(-1))},
			{Seq: 5, Kind: ledger.KindReading, Shelf: tee, Ref: till, OccurredAt: at("11:30:00"),
				ExpectedDelta: stock.Units(-2), Postings: ledger.Post(suspense, available, stock.Units(-2))},
		},
	})
	for _, cause := range shelf.Causes {
		fmt.Printf("%s %s, entry %d\n", cause.Quantity, cause.Cause, cause.Entry)
	}
	for _, unexplained := range shelf.Unexplained {
		fmt.Printf("%s not explained: %s\n", unexplained.Quantity, unexplained.Hint)
	}
	fmt.Printf("= %s\n", shelf.Sum)
	for _, step := range shelf.Trail {
		fmt.Println(step.Entry, step.What, step.Quantity, step.ExplainedBy)
	}
	// Output:
	// 8 opening, entry 2
	// -1 sold, entry 4
	// -2 not explained: if it stays, a person or another app changed the count by hand: see the item's history on the channel
	// = 5
	// 1 linked 0 []
	// 2 baseline 8 []
	// 3 difference -1 [4]
	// 5 difference -2 []
}
