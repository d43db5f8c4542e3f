package record

import (
	"database/sql"
	"errors"
	"time"

	"github.com/evenstock/evenstock/ledger"
)

// RefValues are the columns of refs, in the order in which Ref reads them. Equal states give equal values.
func RefValues(s ledger.RefState) ([]any, error) {
	unconfirmed, err1 := EncodeIf(len(s.Unconfirmed) > 0, s.Unconfirmed)
	recount, err2 := EncodeIf(s.Recount != nil, s.Recount)
	contained, err3 := EncodeIf(s.Contained != nil, s.Contained)
	joining, err4 := EncodeIf(s.Joining != nil, s.Joining)
	settled, err5 := EncodeIf(len(s.Settled) > 0, s.Settled)
	return []any{
		string(s.Ref.Channel), s.Ref.Item, s.Ref.Location, string(s.Shelf.Item), string(s.Shelf.Location), s.SoldAs, int64(s.Status),
		int64(s.Expected), Nanos(s.Version), Nanos(s.Contains), s.Entries, unconfirmed, recount, contained, Nanos(s.SoldOut), joining,
		s.Reason, settled,
	}, errors.Join(err1, err2, err3, err4, err5)
}

// Ref reads the columns of refs.
type Ref struct {
	state                                    ledger.RefState
	version, contains, soldOut               int64
	unconfirmed, recount, contained, joining sql.NullString
	settled                                  sql.NullString
}

// Fields are the destinations of the columns.
func (r *Ref) Fields() []any {
	s := &r.state
	return []any{
		&s.Ref.Channel, &s.Ref.Item, &s.Ref.Location, &s.Shelf.Item, &s.Shelf.Location, &s.SoldAs, (*uint8)(&s.Status), (*int64)(&s.Expected),
		&r.version, &r.contains, &s.Entries, &r.unconfirmed, &r.recount, &r.contained, &r.soldOut, &r.joining, &s.Reason,
		&r.settled,
	}
}

// Result is what was read.
func (r *Ref) Result() (ledger.RefState, error) {
	s := r.state
	s.Version, s.Contains, s.SoldOut = Moment(r.version), Moment(r.contains), Moment(r.soldOut)
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

// WorkValues are the columns of work, in the order in which Work reads them but for uncaused and what follows. The last two are what work
// is found by: the time of its youngest uncaused change, and how the wish for a baseline stands.
func WorkValues(w ledger.Work) ([]any, error) {
	crossed, err1 := EncodeIf(w.ZeroUnconfirmed != nil, w.ZeroUnconfirmed)
	raised, err2 := EncodeIf(w.RaiseUnconfirmed != nil, w.RaiseUnconfirmed)
	raises, err3 := EncodeIf(len(w.Raises) > 0, w.Raises)
	baseline, err4 := EncodeIf(w.Baseline != nil, w.Baseline)
	uncaused, err5 := EncodeIf(len(w.Uncaused) > 0, w.Uncaused)
	falls, err6 := EncodeIf(len(w.Falls) > 0, w.Falls)
	program, err7 := EncodeIf(w.Program != nil, w.Program)
	var uncausedAt time.Time
	for _, change := range w.Uncaused {
		if change.At.After(uncausedAt) {
			uncausedAt = change.At
		}
	}
	return []any{
		string(w.Ref.Channel), w.Ref.Item, w.Ref.Location, int64(w.Seq), int64(w.Read), Nanos(w.ReadDue), Nanos(w.ReadUntil), w.ReadReason, w.Push,
		Nanos(w.PushDue), int64(w.Refusals), w.InFlight, int64(w.Delivered), int64(w.Older), Nanos(w.FeedFrom), w.Unlink, crossed, raised, raises, baseline,
		uncaused, int64(w.Before.Level), Nanos(w.Before.At), falls, program, w.Hidden, Nanos(uncausedAt),
		int64(BaselineStateOf(w.Baseline)),
	}, errors.Join(err1, err2, err3, err4, err5, err6, err7)
}

// Work reads the columns of work, without those that a ref is found by.
type Work struct {
	work                               ledger.Work
	readDue, readUntil, pushDue, feed  int64
	crossed, raised, raises, baselines sql.NullString
	uncaused, falls, program           sql.NullString
	beforeAt                           int64
}

// Fields are the destinations of the columns.
func (r *Work) Fields() []any {
	w := &r.work
	return []any{
		&w.Seq, &w.Read, &r.readDue, &r.readUntil, &w.ReadReason, &w.Push, &r.pushDue, &w.Refusals, &w.InFlight, &w.Delivered, &w.Older,
		&r.feed, &w.Unlink, &r.crossed, &r.raised, &r.raises, &r.baselines,
		&r.uncaused, (*int64)(&w.Before.Level), &r.beforeAt, &r.falls, &r.program, &w.Hidden,
	}
}

// Result is what was read; it does not name the ref.
func (r *Work) Result() (ledger.Work, error) {
	w := r.work
	w.ReadDue, w.ReadUntil, w.PushDue, w.FeedFrom = Moment(r.readDue), Moment(r.readUntil), Moment(r.pushDue), Moment(r.feed)
	w.Before.At = Moment(r.beforeAt)
	err := errors.Join(DecodeIf(r.crossed, &w.ZeroUnconfirmed), DecodeIf(r.raised, &w.RaiseUnconfirmed), decodeRaises(r.raises, &w.Raises), DecodeIf(r.baselines, &w.Baseline),
		decodeUncaused(r.uncaused, &w.Uncaused), decodeRaises(r.falls, &w.Falls), decodeProgram(r.program, &w.Program))
	return w, err
}

// FullRef reads a ref with its work and the balance of its suspense account.
type FullRef struct {
	ref         Ref
	work        Work
	unexplained sql.NullInt64
}

// Fields are the destinations of the columns of the ref, of its work, and of the balance.
func (r *FullRef) Fields() []any {
	return append(append(r.ref.Fields(), r.work.Fields()...), &r.unexplained)
}

// Result is what was read.
func (r *FullRef) Result() (full ledger.Ref, err error) {
	var err1, err2 error
	full.State, err1 = r.ref.Result()
	full.Work, err2 = r.work.Result()
	full.Work.Ref = full.State.Ref
	full.Unexplained = QuantityOf(r.unexplained)
	return full, errors.Join(err1, err2)
}
