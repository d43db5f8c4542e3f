package record

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// EntryValues are the columns of entries, in the order in which Entry reads them.
func EntryValues(e ledger.Entry) ([]any, error) {
	push, err1 := EncodeIf(e.Push != nil, e.Push)
	recount, err2 := EncodeIf(e.Recount != nil, e.Recount)
	evidence, err3 := EncodeIf(len(e.Evidence) > 0, e.Evidence)
	return []any{
		e.Seq, e.Key, e.Fingerprint, int64(e.Kind), string(e.Shelf.Item), string(e.Shelf.Location), string(e.Ref.Channel), e.Ref.Item,
		e.Ref.Location, Nanos(e.OccurredAt), Nanos(e.ObservedAt), Nanos(e.RecordedAt), int64(e.ExpectedDelta), int64(e.Status), e.Opens,
		push, recount, evidence,
	}, errors.Join(err1, err2, err3)
}

// Entry reads entries, with a posting beside them where the query has one.
type Entry struct {
	entry                     ledger.Entry
	occurred, observed, wrote int64
	push, recount, evidence   sql.NullString
	fromKind, toKind, units   sql.NullInt64
	fromName, toName          sql.NullString
}

// Fields are the destinations of the columns of entries.
func (r *Entry) Fields() []any {
	e := &r.entry
	return []any{
		&e.Seq, &e.Key, &e.Fingerprint, (*uint8)(&e.Kind), &e.Shelf.Item, &e.Shelf.Location, &e.Ref.Channel, &e.Ref.Item,
		&e.Ref.Location, &r.occurred, &r.observed, &r.wrote, (*int64)(&e.ExpectedDelta), (*uint8)(&e.Status), &e.Opens,
		&r.push, &r.recount, &r.evidence,
	}
}

// PostingFields are the destinations of a posting's columns: kind and name of both accounts, quantity.
func (r *Entry) PostingFields() []any {
	return []any{&r.fromKind, &r.fromName, &r.toKind, &r.toName, &r.units}
}

// Item is the destination of the item's column alone.
func (r *Entry) Item() *stock.ItemID { return &r.entry.Shelf.Item }

// Seq is the entry's number.
func (r *Entry) Seq() int64 { return r.entry.Seq }

// Result is the entry without its postings.
func (r *Entry) Result() (ledger.Entry, error) {
	e := r.entry
	e.OccurredAt, e.ObservedAt, e.RecordedAt = Moment(r.occurred), Moment(r.observed), Moment(r.wrote)
	err := errors.Join(DecodeIf(r.push, &e.Push), DecodeIf(r.recount, &e.Recount), DecodeIf(r.evidence, &e.Evidence))
	return e, err
}

// Posting is the posting beside the entry, if any.
func (r *Entry) Posting() (ledger.Posting, bool) {
	item := r.entry.Shelf.Item
	return ledger.Posting{
		From:     ledger.Account{Item: item, Kind: ledger.AccountKind(r.fromKind.Int64), Name: r.fromName.String},
		To:       ledger.Account{Item: item, Kind: ledger.AccountKind(r.toKind.Int64), Name: r.toName.String},
		Quantity: stock.Quantity(r.units.Int64),
	}, r.units.Valid
}

// AppendTo adds the row to entries in order of their numbers: as one more entry, or as one more posting of the last.
func (r *Entry) AppendTo(entries []ledger.Entry) ([]ledger.Entry, error) {
	if n := len(entries); n == 0 || entries[n-1].Seq != r.entry.Seq {
		e, err := r.Result()
		if err != nil {
			return nil, fmt.Errorf("entry %d: %w", r.entry.Seq, err)
		}
		entries = append(entries, e)
	}
	if p, has := r.Posting(); has {
		last := &entries[len(entries)-1]
		last.Postings = append(last.Postings, p)
	}
	return entries, nil
}
