package reconcile

import (
	"fmt"
	"slices"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// A person may say where units belong that nobody has explained: that books them from the suspense account to their cause, as a
// movement would, and moves no level. It says nothing to brakes, which ask a question of their own: what may be pushed.
//
// A person settles what no channel has told, so what a channel tells later of the time before goes first: the settlement holds it, and
// gives it back. The books end as if the movement had come in time and the person had settled the rest.

// settle books unexplained units of a ref to the cause that a person names.
func (s *session) settle(in ledger.SettleRef) (ledger.Disposition, error) {
	r, err := s.toSettle(in.Ref, in.Shelf)
	if err != nil {
		return ledger.Disposition{}, err
	}
	open := -r.Unexplained
	if in.Quantity == 0 || (in.Quantity < 0) != (open < 0) || in.Quantity.Abs() > open.Abs() {
		return ledger.Disposition{}, fmt.Errorf("settling %s of %s: %w: %s is unexplained", in.Quantity, in.Ref, ErrInput, open)
	}
	evidence := said(in.By, in.Note)
	evidence[ledger.EvidenceSettledLeft] = (open - in.Quantity).String()
	return done(in.Ref.Channel, "settled"), s.bookSettled(r, ledger.Settlement{Cause: in.Cause}, in.Quantity, evidence)
}

// reopen takes everything back that was settled on a ref since its baseline.
func (s *session) reopen(in ledger.ReopenRef) (ledger.Disposition, error) {
	r, err := s.toSettle(in.Ref, in.Shelf)
	if err != nil {
		return ledger.Disposition{}, err
	}
	if len(r.State.Settled) == 0 {
		return ledger.Disposition{}, fmt.Errorf("reopening %s: nothing is settled there: %w", in.Ref, ledger.ErrNotFound)
	}
	for _, settled := range r.State.Settled {
		if err := s.bookSettled(r, settled, -settled.Quantity, said(in.By, in.Note)); err != nil {
			return ledger.Disposition{}, err
		}
	}
	return done(in.Ref.Channel, "reopened"), nil
}

// said is who said something, and what beside it.
func said(by, note string) stock.Evidence {
	evidence := stock.Evidence{"by": by}
	if note != "" {
		evidence["note"] = note
	}
	return evidence
}

// toSettle returns a ref whose unexplained units a person may settle. Those of one that waits to join its shelf belong to the question
// what its count means.
func (s *session) toSettle(ref stock.Ref, shelf stock.Shelf) (*row, error) {
	switch r := s.ref(ref); {
	case r == nil || r.State.Shelf != shelf:
		return nil, fmt.Errorf("settling %s: it is not linked to that shelf: %w", ref, ledger.ErrNotFound)
	case r.State.Joining != nil:
		return nil, fmt.Errorf("settling %s: %w: it waits to join its shelf", ref, ErrInput)
	default:
		return r, nil
	}
}

// takeSettlementsBack has settlements give back what a movement is about to explain that happened before them: each from the oldest on
// that may hold it. One that left something unexplained may not hold it, and gives back only what suspense lacks.
func (s *session) takeSettlementsBack(r *row, m stock.Movement, absorbed bool) error {
	happened := m.ChannelTime
	if absorbed || !s.traits(m.Ref.Channel).History { // a recount holds it since then; an order's channel time is its last change
		happened = m.OccurredAt
	}
	missing := m.Quantity
	for _, settled := range slices.Clone(r.State.Settled) {
		if missing == 0 || (settled.Quantity < 0) != (missing < 0) || happened.After(settled.Version) {
			continue
		}
		back := nearerZero(settled.Quantity, missing)
		if settled.Left != 0 {
			back = nearerZero(back, r.Unexplained+m.Quantity)
		}
		if back == 0 {
			continue
		}
		missing -= back
		evidence := stock.Evidence{ledger.EvidenceToldSince: ledger.EntryKey(m.Ref.Channel, m.Key)}
		if err := s.bookSettled(r, settled, -back, evidence); err != nil {
			return err
		}
	}
	return nil
}

// bookSettled moves units between suspense and the cause of a settlement; one with a key is taken back.
func (s *session) bookSettled(r *row, of ledger.Settlement, quantity stock.Quantity, evidence stock.Evidence) error {
	account, err := causeAccount(r.State.Shelf.Item, r.State.Ref.Channel, of.Cause)
	if err != nil {
		return err
	}
	evidence[ledger.EvidenceSettledAs], evidence[ledger.EvidenceSettledUnits] = of.Cause.String(), quantity.String()
	if of.Key != "" {
		evidence[ledger.EvidenceSettlement] = of.Key
	}
	s.write(r, ledger.Entry{Kind: ledger.KindCorrection, OccurredAt: s.at, ObservedAt: s.at, Evidence: evidence,
		Postings: ledger.Post(account, ledger.UnexplainedBy(r.State.Shelf.Item, r.State.Ref), quantity)})
	return nil
}
