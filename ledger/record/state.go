package record

import (
	"database/sql"
	"errors"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Ref is a ref's row: the columns of refs. Equal states give equal rows.
type Ref struct {
	ref                                               stock.Ref
	shelf                                             stock.Shelf
	soldAs, reason                                    string
	status                                            uint8
	expected, version, contains, entries, soldOut     int64
	unconfirmed, recount, contained, joining, settled sql.NullString
}

// RefOf is the row of a state.
func RefOf(s ledger.RefState) (Ref, error) {
	r := Ref{
		ref: s.Ref, shelf: s.Shelf, soldAs: s.SoldAs, reason: s.Reason, status: uint8(s.Status), expected: int64(s.Expected), version: Nanos(s.Version),
		contains: Nanos(s.Contains), entries: s.Entries, soldOut: Nanos(s.SoldOut),
	}
	err := errors.Join(
		encodeInto(&r.unconfirmed, len(s.Unconfirmed) > 0, s.Unconfirmed), encodeInto(&r.recount, s.Recount != nil, s.Recount),
		encodeInto(&r.contained, s.Contained != nil, s.Contained), encodeInto(&r.joining, s.Joining != nil, s.Joining),
		encodeInto(&r.settled, len(s.Settled) > 0, s.Settled),
	)
	return r, err
}

// RefValues are the columns of refs, in the order in which Ref reads them.
func RefValues(s ledger.RefState) ([]any, error) {
	r, err := RefOf(s)
	return r.Values(), err
}

// Values are the columns, in the order of Fields.
func (r *Ref) Values() []any {
	return []any{
		string(r.ref.Channel), r.ref.Item, r.ref.Location, string(r.shelf.Item), string(r.shelf.Location), r.soldAs, int64(r.status),
		r.expected, r.version, r.contains, r.entries, orNull(r.unconfirmed), orNull(r.recount), orNull(r.contained), r.soldOut, orNull(r.joining),
		r.reason, orNull(r.settled),
	}
}

// LinkedAs says whether the ref is tied to its shelf in another row as in this one.
func (r *Ref) LinkedAs(o *Ref) bool { return r.shelf == o.shelf && r.soldAs == o.soldAs }

// Fields are the destinations of the columns.
func (r *Ref) Fields() []any {
	return []any{
		&r.ref.Channel, &r.ref.Item, &r.ref.Location, &r.shelf.Item, &r.shelf.Location, &r.soldAs, &r.status, &r.expected,
		&r.version, &r.contains, &r.entries, &r.unconfirmed, &r.recount, &r.contained, &r.soldOut, &r.joining, &r.reason,
		&r.settled,
	}
}

// Result is the state that the row holds; it shares nothing with the row.
func (r *Ref) Result() (ledger.RefState, error) {
	s := ledger.RefState{
		Ref: r.ref, Shelf: r.shelf, SoldAs: r.soldAs, Status: ledger.RefStatus(r.status), Expected: stock.Quantity(r.expected), Version: Moment(r.version),
		Contains: Moment(r.contains), Entries: r.entries, SoldOut: Moment(r.soldOut), Reason: r.reason,
	}
	err := errors.Join(DecodeIf(r.unconfirmed, &s.Unconfirmed), DecodeIf(r.recount, &s.Recount), DecodeIf(r.contained, &s.Contained),
		DecodeIf(r.joining, &s.Joining), DecodeIf(r.settled, &s.Settled))
	return s, err
}

// BaselineState is how the wish for a baseline stands.
type BaselineState int64

// NoBaseline: none is wanted. BaselineWaits: it is to be taken. BaselineMissing: its counter could not be read yet.
const (
	NoBaseline BaselineState = iota
	BaselineWaits
	BaselineMissing
)

// BaselineStateOf says it of a wish.
func BaselineStateOf(wish *ledger.BaselineWish) BaselineState {
	switch {
	case wish == nil:
		return NoBaseline
	case wish.Missing:
		return BaselineMissing
	}
	return BaselineWaits
}

// Work is a row of work, without the ref, and without the columns that follow from others and that work is found by.
type Work struct {
	seq, read, delivered                                        uint64
	readDue, readUntil, pushDue, feedFrom, older, refusals      int64
	beforeLevel, beforeAt                                       int64
	readReason, inFlight                                        string
	push, unlink, hidden                                        bool
	crossed, raised, raises, baseline, uncaused, falls, program sql.NullString
}

// WorkOf is the row of what is intended for a ref.
func WorkOf(w ledger.Work) (Work, error) {
	r := Work{
		seq: w.Seq, read: w.Read, delivered: w.Delivered, readDue: Nanos(w.ReadDue), readUntil: Nanos(w.ReadUntil), pushDue: Nanos(w.PushDue),
		feedFrom: Nanos(w.FeedFrom), older: int64(w.Older), refusals: int64(w.Refusals), beforeLevel: int64(w.Before.Level), beforeAt: Nanos(w.Before.At),
		readReason: w.ReadReason, inFlight: w.InFlight, push: w.Push, unlink: w.Unlink, hidden: w.Hidden,
	}
	err := errors.Join(
		encodeInto(&r.crossed, w.ZeroUnconfirmed != nil, w.ZeroUnconfirmed), encodeInto(&r.raised, w.RaiseUnconfirmed != nil, w.RaiseUnconfirmed),
		encodeInto(&r.raises, len(w.Raises) > 0, w.Raises), encodeInto(&r.baseline, w.Baseline != nil, w.Baseline),
		encodeInto(&r.uncaused, len(w.Uncaused) > 0, w.Uncaused), encodeInto(&r.falls, len(w.Falls) > 0, w.Falls),
		encodeInto(&r.program, w.Program != nil, w.Program),
	)
	return r, err
}

// Values are the columns, in the order of Fields.
func (r *Work) Values() []any {
	return []any{
		int64(r.seq), int64(r.read), r.readDue, r.readUntil, r.readReason, r.push, r.pushDue, r.refusals, r.inFlight, int64(r.delivered), r.older,
		r.feedFrom, r.unlink, orNull(r.crossed), orNull(r.raised), orNull(r.raises), orNull(r.baseline),
		orNull(r.uncaused), r.beforeLevel, r.beforeAt, orNull(r.falls), orNull(r.program), r.hidden,
	}
}

// Fields are the destinations of the columns.
func (r *Work) Fields() []any {
	return []any{
		&r.seq, &r.read, &r.readDue, &r.readUntil, &r.readReason, &r.push, &r.pushDue, &r.refusals, &r.inFlight, &r.delivered, &r.older,
		&r.feedFrom, &r.unlink, &r.crossed, &r.raised, &r.raises, &r.baseline,
		&r.uncaused, &r.beforeLevel, &r.beforeAt, &r.falls, &r.program, &r.hidden,
	}
}

// Result is what the row holds; it does not name the ref, and shares nothing with the row.
func (r *Work) Result() (ledger.Work, error) {
	w := ledger.Work{
		Seq: r.seq, Read: r.read, Delivered: r.delivered, ReadDue: Moment(r.readDue), ReadUntil: Moment(r.readUntil), PushDue: Moment(r.pushDue),
		FeedFrom: Moment(r.feedFrom), Older: int(r.older), Refusals: int(r.refusals), Before: ledger.LevelMark{Level: stock.Quantity(r.beforeLevel), At: Moment(r.beforeAt)},
		ReadReason: r.readReason, InFlight: r.inFlight, Push: r.push, Unlink: r.unlink, Hidden: r.hidden,
	}
	err := errors.Join(DecodeIf(r.crossed, &w.ZeroUnconfirmed), DecodeIf(r.raised, &w.RaiseUnconfirmed), decodeRaises(r.raises, &w.Raises), DecodeIf(r.baseline, &w.Baseline),
		decodeUncaused(r.uncaused, &w.Uncaused), decodeRaises(r.falls, &w.Falls), decodeProgram(r.program, &w.Program))
	return w, err
}

// Remembered are the columns by which work is not found, in the order of Fields.
func (r *Work) Remembered() []any {
	return []any{
		int64(r.seq), int64(r.read), r.readUntil, r.readReason, r.refusals, r.inFlight, int64(r.delivered), r.older,
		r.feedFrom, r.unlink, orNull(r.crossed), orNull(r.raised), orNull(r.raises), r.beforeLevel, r.beforeAt, orNull(r.falls), orNull(r.program), r.hidden,
	}
}

// Wished says whether a read or a push is wished for.
func (r *Work) Wished() bool { return r.read != 0 || r.push }

// FoundAs says whether work is found in another row as in this one: the columns by which it is found are the same.
func (r *Work) FoundAs(o *Work) bool {
	return (r.read != 0) == (o.read != 0) && r.readDue == o.readDue && r.push == o.push && r.pushDue == o.pushDue && r.baseline == o.baseline && r.uncaused == o.uncaused
}

// WorkValues are the columns of work: the ref, what Work reads, and what work is found by: the time of its youngest uncaused change, and how
// the wish for a baseline stands.
func WorkValues(w ledger.Work) ([]any, error) {
	r, err := WorkOf(w)
	if err != nil {
		return nil, err
	}
	return ValuesOfWork(w, &r), nil
}

// ValuesOfWork is WorkValues for work whose row is there.
func ValuesOfWork(w ledger.Work, r *Work) []any {
	values := append([]any{string(w.Ref.Channel), w.Ref.Item, w.Ref.Location}, r.Values()...)
	return append(values, Nanos(uncausedAt(w)), int64(BaselineStateOf(w.Baseline)))
}

// uncausedAt is the time of the youngest change that nothing explains; zero: there is none.
func uncausedAt(w ledger.Work) (at time.Time) {
	for _, change := range w.Uncaused {
		if change.At.After(at) {
			at = change.At
		}
	}
	return at
}

// FullRef is the row of a ref with its work, and the balance of its suspense account.
type FullRef struct {
	Ref         Ref
	Work        Work
	Unexplained sql.NullInt64
}

// Fields are the destinations of the columns of the ref, of its work, and of the balance.
func (r *FullRef) Fields() []any {
	return append(append(r.Ref.Fields(), r.Work.Fields()...), &r.Unexplained)
}

// Result is what was read.
func (r *FullRef) Result() (full ledger.Ref, err error) {
	var err1, err2 error
	full.State, err1 = r.Ref.Result()
	full.Work, err2 = r.Work.Result()
	full.Work.Ref = full.State.Ref
	full.Unexplained = QuantityOf(r.Unexplained)
	return full, errors.Join(err1, err2)
}
