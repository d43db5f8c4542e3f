package reconcile

import (
	"fmt"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// movement is R2: it moves units from the ref's suspense account to their cause, once, and never the level. asked is our clock when
// the answer that tells it was asked for.
func (s *session) movement(m stock.Movement, asked time.Time) (ledger.Disposition, error) {
	channel := m.Ref.Channel
	if err := check(m.Quantity, m.OccurredAt, m.ChannelTime); err != nil {
		return ignored(channel, "quantity or time out of range"), err
	}
	if call := ledger.CallOfReference(m.Reference); call != "" {
		if own, ours := s.call(call); ours {
			return s.ownRow(m, own), nil
		}
	}
	if m.Unknown != nil {
		return ignored(channel, m.Unknown.String()), nil
	}
	r := s.ref(m.Ref)
	if r == nil || r.State.Status == ledger.Unlinked {
		return s.unlinked(m.Ref), nil
	}
	if reason := cannotExplain(r.State, m); reason != "" {
		return ignored(channel, reason), nil
	}
	key := ledger.EntryKey(channel, m.Key)
	if booked := s.booked(key); len(booked) > 0 {
		return s.corrected(r, m, booked, asked)
	}
	if m.Quantity == 0 {
		return ignored(channel, "no effect on the counter"), nil
	}
	s.tell(key, m, asked)
	return s.explain(r, m)
}

// cannotExplain returns why a movement has no difference of this ref to explain; "" when it may have.
func cannotExplain(state ledger.RefState, m stock.Movement) string {
	switch {
	case state.Status == ledger.Linked:
		return "waiting for the baseline"
	case state.Status == ledger.Untracked:
		return "not tracked"
	case state.Status == ledger.Gone:
		return "gone"
	case !m.ChannelTime.After(state.Contains):
		return "before baseline"
	case state.Contained != nil && m.OccurredAt.Before(state.Contained.OccurredAt):
		return "before baseline: absorbed by a recount that the baseline contains"
	}
	return ""
}

// explain posts a movement from the ref's suspense account to its cause, unless it is known already.
func (s *session) explain(r *row, m stock.Movement) (ledger.Disposition, error) {
	channel := m.Ref.Channel
	key := ledger.EntryKey(channel, m.Key)
	if was, taken := s.known(key); taken {
		if isBooked(was, m) {
			return duplicate(channel, "movement known"), nil
		}
		return ignored(channel, "key reused"), fmt.Errorf("%w: %s", ledger.ErrKeyReused, key)
	}
	evidence := stock.Evidence{}
	for name, value := range m.Evidence {
		evidence[name] = value
	}
	if mark := r.State.Recount; mark != nil && weigh(m, *mark) == absorbed {
		evidence["absorbed"] = mark.Key
	}
	account, err := causeAccount(r.State.Shelf.Item, channel, m.Cause)
	if err != nil {
		return ignored(channel, "unknown cause"), err
	}
	if err := s.takeSettlementsBack(r, m, evidence["absorbed"] != ""); err != nil {
		return ignored(channel, "settled as an unknown cause"), err
	}
	s.write(r, ledger.Entry{
		Key: key, Fingerprint: movementFingerprint(m), Kind: ledger.KindMovement,
		OccurredAt: m.OccurredAt, ObservedAt: m.ChannelTime, Evidence: evidence,
		Postings: ledger.Post(account, ledger.UnexplainedBy(r.State.Shelf.Item, m.Ref), m.Quantity),
	})
	if r.State.Status == ledger.WaitsToJoin { // no part of the level: nothing to remember for the others
		s.news(r, m.ChannelTime, r.Unexplained == 0)
		return done(channel, "explained"), nil
	}
	s.rememberMovement(r, m, m.Quantity)
	s.explainChange(r, m, m.Quantity)
	switch {
	case m.Cause == stock.Shrinkage: // what is gone may have been counted elsewhere too
	case m.Quantity < 0:
		s.explainFall(r, -m.Quantity, m.OccurredAt, m.ChannelTime)
	case m.Cause == stock.Received: // these may have been typed in elsewhere too
		s.receivedIn(r, m.Quantity, m.ChannelTime)
	default:
		s.explainRaise(r, m.Quantity, m.OccurredAt, m.ChannelTime)
	}
	s.news(r, m.ChannelTime, r.Unexplained == 0)
	return done(channel, "explained"), nil
}

func causeAccount(item stock.ItemID, channel stock.Channel, cause stock.Cause) (ledger.Account, error) {
	switch cause {
	case stock.Sold:
		return ledger.Account{Item: item, Kind: ledger.Sold, Name: string(channel)}, nil
	case stock.Returned:
		return ledger.Account{Item: item, Kind: ledger.Returned, Name: string(channel)}, nil
	case stock.Received:
		return ledger.Account{Item: item, Kind: ledger.Received}, nil
	case stock.Shrinkage:
		return ledger.Account{Item: item, Kind: ledger.Shrinkage}, nil
	case stock.Moved:
		return ledger.Account{Item: item, Kind: ledger.Moved, Name: string(channel)}, nil
	}
	return ledger.Account{}, fmt.Errorf("%w: cause %d", ErrInput, cause)
}

// recount notes a person's count. It posts nothing: what it changed stays unexplained, because sales that a till sends late may still
// explain it. It is kept to find the pushes and movements that it absorbs.
func (s *session) recount(recount stock.Recount) (ledger.Disposition, error) {
	channel := recount.Ref.Channel
	if err := check(recount.Counted, recount.OccurredAt, recount.ChannelTime); err != nil {
		return ignored(channel, "quantity or time out of range"), err
	}
	r := s.ref(recount.Ref)
	if r == nil || r.State.Status == ledger.Unlinked {
		return s.unlinked(recount.Ref), nil
	}
	switch {
	case r.State.Status == ledger.Linked:
		return ignored(channel, "waiting for the baseline"), nil
	case r.State.Status == ledger.Untracked:
		return ignored(channel, "not tracked"), nil
	case r.State.Status == ledger.Gone:
		return ignored(channel, "gone"), nil
	case !recount.ChannelTime.After(r.State.Contains):
		return ignored(channel, "before baseline"), nil
	}
	key := ledger.EntryKey(channel, recount.Key)
	fingerprint := ledger.Fingerprint(recount.Ref.String(), recount.Counted.String(), "recount")
	if was, taken := s.known(key); taken {
		if was == fingerprint {
			return duplicate(channel, "recount known"), nil
		}
		return ignored(channel, "key reused"), fmt.Errorf("%w: %s", ledger.ErrKeyReused, key)
	}
	mark := markOf(recount)
	s.nameProgram(r, recount)
	s.write(r, ledger.Entry{
		Key: key, Fingerprint: fingerprint, Kind: ledger.KindMovement,
		OccurredAt: recount.OccurredAt, ObservedAt: recount.ChannelTime, Recount: &mark, Evidence: recount.Evidence,
	})
	s.noteEmptied(r, mark)
	s.news(r, recount.ChannelTime, r.Unexplained == 0)
	return done(channel, "recount noted"), nil
}

func markOf(recount stock.Recount) ledger.RecountMark {
	return ledger.RecountMark{Key: recount.Key, Counted: recount.Counted, OccurredAt: recount.OccurredAt, ChannelTime: recount.ChannelTime}
}
