package sqlite

import (
	"database/sql"
	"errors"
	"time"

	"github.com/evenstock/evenstock/ledger"
)

const (
	sqlRefColumns = `r.channel, r.item, r.location, r.shelf_item, r.shelf_location, r.sold_as, r.status, r.expected, r.version, r.contains,
		r.entries, r.unconfirmed, r.recount, r.contained, r.sold_out, r.joining, r.reason, r.settled`
	// sqlWorkColumns reads a ref without a row in work as one of which nothing is intended.
	sqlWorkColumns = `coalesce(w.seq, 0), coalesce(w.read, 0), coalesce(w.read_due, 0), coalesce(w.read_until, 0), coalesce(w.read_reason, ''),
		coalesce(w.push, 0), coalesce(w.push_due, 0), coalesce(w.refusals, 0), coalesce(w.in_flight, ''), coalesce(w.delivered, 0),
		coalesce(w.older, 0), coalesce(w.feed_from, 0), coalesce(w.unlink, 0), w.crossed, w.raised, w.raises, w.baseline,
		w.uncaused, coalesce(w.before_level, 0), coalesce(w.before_at, 0), w.falls, w.program`
)

// refValues are the columns of refs, in the order of sqlRefColumns. Equal states give equal values.
func refValues(s ledger.RefState) ([]any, error) {
	unconfirmed, err1 := encodeIf(len(s.Unconfirmed) > 0, s.Unconfirmed)
	recount, err2 := encodeIf(s.Recount != nil, s.Recount)
	contained, err3 := encodeIf(s.Contained != nil, s.Contained)
	joining, err4 := encodeIf(s.Joining != nil, s.Joining)
	settled, err5 := encodeIf(len(s.Settled) > 0, s.Settled)
	return []any{
		string(s.Ref.Channel), s.Ref.Item, s.Ref.Location, string(s.Shelf.Item), string(s.Shelf.Location), s.SoldAs, int64(s.Status),
		int64(s.Expected), nanos(s.Version), nanos(s.Contains), s.Entries, unconfirmed, recount, contained, nanos(s.SoldOut), joining,
		s.Reason, settled,
	}, errors.Join(err1, err2, err3, err4, err5)
}

// refRow reads sqlRefColumns.
type refRow struct {
	state                                    ledger.RefState
	version, contains, soldOut               int64
	unconfirmed, recount, contained, joining sql.NullString
	settled                                  sql.NullString
}

func (r *refRow) fields() []any {
	s := &r.state
	return []any{
		&s.Ref.Channel, &s.Ref.Item, &s.Ref.Location, &s.Shelf.Item, &s.Shelf.Location, &s.SoldAs, (*uint8)(&s.Status), (*int64)(&s.Expected),
		&r.version, &r.contains, &s.Entries, &r.unconfirmed, &r.recount, &r.contained, &r.soldOut, &r.joining, &s.Reason,
		&r.settled,
	}
}

func (r *refRow) result() (ledger.RefState, error) {
	s := r.state
	s.Version, s.Contains, s.SoldOut = moment(r.version), moment(r.contains), moment(r.soldOut)
	err := errors.Join(decodeIf(r.unconfirmed, &s.Unconfirmed), decodeIf(r.recount, &s.Recount), decodeIf(r.contained, &s.Contained),
		decodeIf(r.joining, &s.Joining), decodeIf(r.settled, &s.Settled))
	return s, err
}

// baselineState is how the wish for a baseline stands.
type baselineState int64

const (
	noBaseline baselineState = iota
	// baselineWaits: it is to be taken. baselineMissing: its counter could not be read yet.
	baselineWaits
	baselineMissing
)

func baselineStateOf(wish *ledger.BaselineWish) baselineState {
	switch {
	case wish == nil:
		return noBaseline
	case wish.Missing:
		return baselineMissing
	}
	return baselineWaits
}

// workValues are the columns of work. The last two are what work is found by: the time of its youngest uncaused change, and how the
// wish for a baseline stands.
func workValues(w ledger.Work) ([]any, error) {
	crossed, err1 := encodeIf(w.ZeroUnconfirmed != nil, w.ZeroUnconfirmed)
	raised, err2 := encodeIf(w.RaiseUnconfirmed != nil, w.RaiseUnconfirmed)
	raises, err3 := encodeIf(len(w.Raises) > 0, w.Raises)
	baseline, err4 := encodeIf(w.Baseline != nil, w.Baseline)
	uncaused, err5 := encodeIf(len(w.Uncaused) > 0, w.Uncaused)
	falls, err6 := encodeIf(len(w.Falls) > 0, w.Falls)
	program, err7 := encodeIf(w.Program != nil, w.Program)
	var uncausedAt time.Time
	for _, change := range w.Uncaused {
		if change.At.After(uncausedAt) {
			uncausedAt = change.At
		}
	}
	return []any{
		string(w.Ref.Channel), w.Ref.Item, w.Ref.Location, w.Seq, w.Read, nanos(w.ReadDue), nanos(w.ReadUntil), w.ReadReason, flag(w.Push),
		nanos(w.PushDue), w.Refusals, w.InFlight, w.Delivered, w.Older, nanos(w.FeedFrom), flag(w.Unlink), crossed, raised, raises, baseline,
		uncaused, int64(w.Before.Level), nanos(w.Before.At), falls, program, nanos(uncausedAt),
		int64(baselineStateOf(w.Baseline)),
	}, errors.Join(err1, err2, err3, err4, err5, err6, err7)
}

// workRow reads sqlWorkColumns.
type workRow struct {
	work                               ledger.Work
	readDue, readUntil, pushDue, feed  int64
	crossed, raised, raises, baselines sql.NullString
	uncaused, falls, program           sql.NullString
	beforeAt                           int64
}

func (r *workRow) fields() []any {
	w := &r.work
	return []any{
		&w.Seq, &w.Read, &r.readDue, &r.readUntil, &w.ReadReason, &w.Push, &r.pushDue, &w.Refusals, &w.InFlight, &w.Delivered, &w.Older,
		&r.feed, &w.Unlink, &r.crossed, &r.raised, &r.raises, &r.baselines,
		&r.uncaused, (*int64)(&w.Before.Level), &r.beforeAt, &r.falls, &r.program,
	}
}

func (r *workRow) result() (ledger.Work, error) {
	w := r.work
	w.ReadDue, w.ReadUntil, w.PushDue, w.FeedFrom = moment(r.readDue), moment(r.readUntil), moment(r.pushDue), moment(r.feed)
	w.Before.At = moment(r.beforeAt)
	err := errors.Join(decodeIf(r.crossed, &w.ZeroUnconfirmed), decodeIf(r.raised, &w.RaiseUnconfirmed), decodeIf(r.raises, &w.Raises), decodeIf(r.baselines, &w.Baseline),
		decodeIf(r.uncaused, &w.Uncaused), decodeIf(r.falls, &w.Falls), decodeIf(r.program, &w.Program))
	return w, err
}

// fullRow reads a ref with its work and the balance of its suspense account.
type fullRow struct {
	ref         refRow
	work        workRow
	unexplained sql.NullInt64
}

func (r *fullRow) fields() []any {
	return append(append(r.ref.fields(), r.work.fields()...), &r.unexplained)
}

func (r *fullRow) result() (full ledger.Ref, err error) {
	var err1, err2 error
	full.State, err1 = r.ref.result()
	full.Work, err2 = r.work.result()
	full.Work.Ref = full.State.Ref
	full.Unexplained = quantityOf(r.unexplained)
	return full, errors.Join(err1, err2)
}
