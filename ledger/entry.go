package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// EntryKind says what an entry records.
type EntryKind uint8

// The zero value is invalid.
const (
	// KindBaseline: a ref was linked, read for the first time, or unlinked.
	KindBaseline EntryKind = iota + 1
	// KindReading: a reading was accepted; its postings are the difference others made to the counter.
	KindReading
	// KindMovement: a difference was explained, or a recount or a sold-out mark noted (no postings).
	KindMovement
	// KindPush: the effect of one of our own writes became known. Never has postings: our writes are not stock events.
	KindPush
	// KindCorrection: a person changed a level or settled what only a person can.
	KindCorrection
)

// AccountKind says where units are.
type AccountKind uint8

// The zero value is invalid. Available is inside, all others are outside.
const (
	Available AccountKind = iota + 1
	Opening
	Sold
	Returned
	Received
	Shrinkage
	Moved
	Unexplained
)

// Account holds units of one item. Name is our location for Available, the channel for Sold, Returned and Moved, the
// ref's text for Unexplained, and empty otherwise.
type Account struct {
	Item stock.ItemID `json:"item"`
	Kind AccountKind  `json:"kind"`
	Name string       `json:"name,omitempty"`
}

// String is "kind" or "kind/name".
func (a Account) String() string {
	if a.Name == "" {
		return a.Kind.String()
	}
	return a.Kind.String() + "/" + a.Name
}

// Compare orders accounts by item, kind, name: the order in which stores lock and print them.
func (a Account) Compare(b Account) int {
	if c := strings.Compare(string(a.Item), string(b.Item)); c != 0 {
		return c
	}
	if a.Kind != b.Kind {
		return int(a.Kind) - int(b.Kind)
	}
	return strings.Compare(a.Name, b.Name)
}

// AvailableOn is the account whose balance is the shelf's level.
func AvailableOn(shelf stock.Shelf) Account {
	return Account{Item: shelf.Item, Kind: Available, Name: string(shelf.Location)}
}

// UnexplainedBy is the suspense account of a ref that is tied to the item.
func UnexplainedBy(item stock.ItemID, ref stock.Ref) Account {
	return Account{Item: item, Kind: Unexplained, Name: ref.String()}
}

// Posting moves a positive quantity from one account to another of the same item.
type Posting struct {
	From     Account        `json:"from"`
	To       Account        `json:"to"`
	Quantity stock.Quantity `json:"quantity"`
}

// Into is what the posting adds to an account.
func (p Posting) Into(account Account) stock.Quantity {
	switch account {
	case p.To:
		return p.Quantity
	case p.From:
		return -p.Quantity
	}
	return 0
}

// Entry is one immutable recorded fact.
type Entry struct {
	// Seq is the entry's number in the ledger, without gaps; the store assigns it.
	Seq int64 `json:"seq"`
	// Key is the idempotency key, unique for ever; Fingerprint tells a repetition from a contradiction under the same key.
	Key         string    `json:"key"`
	Fingerprint string    `json:"fingerprint"`
	Kind        EntryKind `json:"kind"`
	// Shelf is always set. Ref is the zero Ref where the entry concerns no channel.
	Shelf stock.Shelf `json:"shelf"`
	Ref   stock.Ref   `json:"ref"`
	// OccurredAt is when it happened (a reading: its version), ObservedAt when the channel told or recorded it, RecordedAt
	// when the ledger wrote it. All UTC.
	OccurredAt time.Time `json:"occurred_at"`
	ObservedAt time.Time `json:"observed_at"`
	RecordedAt time.Time `json:"recorded_at"`
	// ExpectedDelta is what the entry adds to the ref's expected count.
	ExpectedDelta stock.Quantity `json:"expected_delta"`
	// Status is the ref's status from this entry on; 0 leaves it as it is.
	Status RefStatus `json:"status"`
	// Opens marks the authority's baseline: from here on the shelf has an opening and may be pushed.
	Opens    bool           `json:"opens"`
	Push     *PushMark      `json:"push,omitempty"`
	Recount  *RecountMark   `json:"recount,omitempty"`
	Postings []Posting      `json:"postings"`
	Evidence stock.Evidence `json:"evidence,omitempty"`
}

// Evidence of a movement that corrects another: the number of the entry it corrects, what was booked, and what the platform says now.
const (
	EvidenceCorrects = "corrects"
	EvidenceWas      = "was"
	EvidenceNow      = "now"
)

// Errors that callers branch on.
var (
	// ErrKeyReused: a key came again with another content. Shown to a person, never applied.
	ErrKeyReused = errors.New("idempotency key reused with other content")
	// ErrUnbalanced: an entry breaks double entry (no item, quantity not positive, accounts of two items).
	ErrUnbalanced = errors.New("entry is not balanced")
	// ErrCursorMoved: the consumed offsets were stored already; the batch was applied before.
	ErrCursorMoved = errors.New("consumed offset has moved")
	// ErrOverflow: a quantity would leave the range of a Quantity.
	ErrOverflow = errors.New("quantity out of range")
	// ErrNotFound: no such item, call, brake or ref.
	ErrNotFound = errors.New("not found")
)

// Into is what the entry adds to an account.
func (e Entry) Into(account Account) (sum stock.Quantity) {
	for _, p := range e.Postings {
		sum += p.Into(account)
	}
	return sum
}

// Check reports an entry that must not be written.
func (e Entry) Check() error {
	if e.Key == "" || e.Kind < KindBaseline || e.Kind > KindCorrection || e.Shelf.Item == "" {
		return fmt.Errorf("%w: key %q, kind %d, item %q", ErrUnbalanced, e.Key, e.Kind, e.Shelf.Item)
	}
	for _, p := range e.Postings {
		if p.Quantity <= 0 || p.From == p.To || p.From.Item != e.Shelf.Item || p.To.Item != e.Shelf.Item {
			return fmt.Errorf("%w: entry %s posts %s from %s to %s", ErrUnbalanced, e.Key, p.Quantity, p.From, p.To)
		}
	}
	return nil
}

// Post returns the posting that adds quantity (of any sign) to account to and takes it from account from; none for zero.
func Post(from, to Account, quantity stock.Quantity) []Posting {
	switch {
	case quantity > 0:
		return []Posting{{From: from, To: to, Quantity: quantity}}
	case quantity < 0:
		return []Posting{{From: to, To: from, Quantity: -quantity}}
	}
	return nil
}

// Fingerprint hashes the parts that must not differ under one key. Parts are length-prefixed, so no two lists collide.
func Fingerprint(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
