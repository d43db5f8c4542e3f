package apptest

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Read is an own read of a counter that shows units since version, with what the till's history or the web's orders told.
func (b *Book) Read(ref stock.Ref, units int64, version time.Time, with ledger.OwnRead) {
	b.Helper()
	at := b.Pass(time.Second)
	due, err := b.Store.Ref(b.Context(), ref)
	require.NoError(b, err)
	with.Reading = stock.Reading{Ref: ref, Status: stock.Counted, Quantity: stock.Units(units), Version: version}
	with.Mark, with.ReadAt = due.Work.Seq, at
	b.Apply(with)
}

// Deliver is a webhook with a counter's new state.
func (b *Book) Deliver(ref stock.Ref, units int64) time.Time {
	b.Helper()
	at := b.Pass(time.Minute)
	version := at.Add(-2 * time.Second)
	b.Apply(ledger.Delivered{Event: stock.Event{ID: fmt.Sprint(at), Channel: ref.Channel, ObservedAt: at,
		Reading: &stock.Reading{Ref: ref, Status: stock.Counted, Quantity: stock.Units(units), Version: version}}})
	return version
}

// Link ties the shelf to both channels.
func (b *Book) Link() {
	b.Helper()
	require.NoError(b, b.Store.SaveItems(b.Context(), []stock.Item{{ID: Tee.Item, SKU: "TEE-M", Name: "A tee, size M"}}))
	b.Apply(ledger.LinkRef{Ref: TillTee, Shelf: Tee, SoldAs: "V1"}, ledger.LinkRef{Ref: WebTee, Shelf: Tee, SoldAs: "43"})
	b.Pass(time.Second)
}

// Open links the shelf's refs and takes the baseline from the till.
func (b *Book) Open(onTill, onWeb int64) {
	b.Helper()
	b.Link()
	b.Apply(ledger.WantBaseline{Ref: TillTee, Authority: true}, ledger.WantBaseline{Ref: WebTee})
	b.TakeBaselines(onTill, onWeb)
}

// TakeBaselines reads both counters as a worker does, until both baselines are taken: the web twice, the authority last.
func (b *Book) TakeBaselines(onTill, onWeb int64) {
	b.Helper()
	version := b.Now().Add(-time.Hour)
	b.Read(WebTee, onWeb, version, ledger.OwnRead{})
	b.Pass(5 * time.Second)
	b.Read(WebTee, onWeb, version, ledger.OwnRead{})
	b.Read(TillTee, onTill, version, ledger.OwnRead{})
}

// Plan stores a call with the wanted pushes of a ref and returns its key.
func (b *Book) Plan(ref stock.Ref) string {
	b.Helper()
	b.calls++
	key := fmt.Sprintf("call-%d", b.calls)
	at := b.Pass(time.Second)
	b.Apply(ledger.PlanCall{Channel: ref.Channel, Key: key, Refs: []stock.Ref{ref}, OccurredAt: at,
		Encode: func(string, time.Time, []stock.PushRow) ([]byte, error) { return []byte("{}"), nil }})
	_, err := b.Store.Call(b.Context(), key)
	require.NoError(b, err, "nothing was pushed")
	return key
}

// Push has the platform take what is wanted of a ref.
func (b *Book) Push(ref stock.Ref) {
	b.Helper()
	key := b.Plan(ref)
	at := b.Pass(time.Second)
	b.Apply(ledger.CallAnswered{Key: key, Answer: stock.Answer{Outcome: stock.Applied, PlatformTime: at}})
}

// adjusted is a movement of somebody else at the till.
func adjusted(id string, units int64, cause stock.Cause, at time.Time) stock.Movement {
	return stock.Movement{Key: "square/adjustment/" + id, Ref: TillTee, Quantity: stock.Units(units), Cause: cause, OccurredAt: at,
		ChannelTime: at.Add(time.Second), Evidence: stock.Evidence{"adjustment_id": id}}
}

// Sell opens the shelf with eight units, pushes them to the web, and sells one at the till that the web does not show yet.
func (b *Book) Sell() {
	b.Helper()
	b.Open(8, 3)
	b.Push(WebTee)
	sold := b.Deliver(TillTee, 7)
	b.Read(TillTee, 7, sold, ledger.OwnRead{Movements: []stock.Movement{adjusted("A1", -1, stock.Sold, sold)}})
}

// SetAside has the push that Sell left end without anybody knowing whether it was applied. It returns the call's key.
func (b *Book) SetAside() string {
	b.Helper()
	key := b.Plan(WebTee)
	unknown := stock.Answer{Outcome: stock.Unknown, Reason: "time-out"}
	b.Apply(ledger.CallAnswered{Key: key, Answer: unknown})
	b.Pass(21 * time.Hour)
	b.Apply(ledger.CallAnswered{Key: key, Answer: unknown})
	return key
}

// TypedTwice opens the shelf and types ten units in on both channels.
func (b *Book) TypedTwice() {
	b.Helper()
	b.Open(8, 8)
	received := b.Deliver(TillTee, 18)
	b.Read(TillTee, 18, received, ledger.OwnRead{Movements: []stock.Movement{adjusted("A2", 10, stock.Received, received)}})
	b.Deliver(WebTee, 18)
}

// OtherProgram opens the shelf and has another program write the web's old count back whenever we push it.
func (b *Book) OtherProgram() {
	b.Helper()
	b.Open(8, 8)
	for i, left := range []int64{7, 6} {
		sold := b.Deliver(TillTee, left)
		b.Read(TillTee, left, sold, ledger.OwnRead{Movements: []stock.Movement{adjusted(fmt.Sprint("B", i), -1, stock.Sold, sold)}})
		b.Push(WebTee)
		b.Pass(time.Second)
		b.Read(WebTee, 8, b.Now(), ledger.OwnRead{})
	}
}

// Waits has the web's tee unlinked, and linked again with another count than the level: it waits to join its shelf.
func (b *Book) Waits() {
	b.Helper()
	b.Open(8, 8)
	b.Apply(ledger.UnlinkRef{Ref: WebTee})
	b.Pass(time.Minute)
	b.Apply(ledger.LinkRef{Ref: WebTee, Shelf: Tee, SoldAs: "43"})
	counted := b.Now()
	for range 2 {
		b.Pass(5 * time.Second)
		b.Read(WebTee, 3, counted, ledger.OwnRead{})
	}
	b.Deliver(WebTee, 2)
	b.Pass(time.Minute) // nobody tells why
}

// MassChange stores a brake that holds the web's pushes. It returns the brake's id.
func (b *Book) MassChange() string {
	b.Helper()
	at := b.Now()
	brake := ledger.Brake{ID: fmt.Sprintf("mass-change/web/%d", at.UnixNano()), Kind: ledger.MassChange, Channel: "web", Since: at, Evidence: stock.Evidence{"shelves": "312"}}
	b.Apply(ledger.EngageBrake{Brake: brake})
	return brake.ID
}
