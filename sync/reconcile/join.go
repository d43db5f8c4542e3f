package reconcile

import (
	"fmt"
	"maps"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// A ref that comes to a shelf which is open already joins it if it shows its target (R9). If not, nobody knows what its count means:
// other goods, a wrong counter, or a wrong level. So it waits. It is read as ever, and what others do to it is explained as ever, but
// posted against the opening instead of the level, until a person says what the count means.

// arrives says how a ref whose baseline was taken stands: live, or waiting for a person.
func (s *session) arrives(r *row, counted stock.Quantity, opens bool) ledger.RefStatus {
	shelf := s.shelf(r.State.Shelf)
	if opens || !shelf.Opened || counted == s.target(r) || Even(counted, shelf.Level, s.traits(r.State.Ref.Channel)) {
		return ledger.Live
	}
	return ledger.WaitsToJoin
}

// postWaiting takes a reading of a ref that waits to join, and returns the difference.
func (s *session) postWaiting(r *row, reading stock.Reading, evidence stock.Evidence) stock.Quantity {
	difference := reading.Quantity - r.State.Expected
	evidence = maps.Clone(evidence)
	evidence["note"] = "waits to join"
	s.write(r, ledger.Entry{
		Kind: ledger.KindReading, OccurredAt: reading.Version, ObservedAt: s.at, ExpectedDelta: difference, Evidence: evidence,
		Postings: ledger.Post(ledger.UnexplainedBy(r.State.Shelf.Item, r.State.Ref), openingOf(r.State.Shelf), difference),
	})
	return difference
}

func (s *session) join(in ledger.JoinRef) (ledger.Disposition, error) {
	r := s.ref(in.Ref)
	if r == nil || r.State.Status != ledger.WaitsToJoin {
		return ledger.Disposition{}, fmt.Errorf("joining %s: it does not wait to join a shelf: %w", in.Ref, ledger.ErrNotFound)
	}
	if in.How < ledger.JoinAdd || in.How > ledger.JoinCounter {
		return ledger.Disposition{}, fmt.Errorf("joining %s: %w: answer %d", in.Ref, ErrInput, in.How)
	}
	s.joinAs(r, in.How, in.By)
	return done(in.Ref.Channel, "joined"), nil
}

// joinAs lets a waiting ref join by a person's word. What others did to its counter while it waited happened, whatever the person
// says of the rest: it moves the level now. Only if the two numbers are equal by now there is nothing left to say.
func (s *session) joinAs(r *row, how ledger.JoinHow, by string) {
	counted, level, others := r.State.Expected, s.shelf(r.State.Shelf).Level, r.State.Joining.Others
	becomes := JoinedLevel(how, r.State, level, s.traits(r.State.Ref.Channel))
	shelf, opening := ledger.AvailableOn(r.State.Shelf), openingOf(r.State.Shelf)
	var postings []ledger.Posting
	switch {
	case how == ledger.JoinAdd:
		postings = ledger.Post(opening, shelf, counted)
	case becomes != level:
		postings = append(ledger.Post(opening, shelf, others),
			ledger.Post(ledger.Account{Item: r.State.Shelf.Item, Kind: ledger.Shrinkage}, shelf, becomes-level-others)...)
	}
	s.write(r, ledger.Entry{
		Kind: ledger.KindCorrection, Status: ledger.Live, OccurredAt: s.at, ObservedAt: s.at, Postings: postings,
		Evidence: stock.Evidence{"by": by, EvidenceJoin: how.String(), "counted": counted.String(), "level": level.String()},
	})
}

// EvidenceJoin is the evidence key under which an entry keeps what a person said of a ref that waited.
const EvidenceJoin = "join"

// JoinedLevel is what the level of a shelf becomes when a ref that waits joins it.
func JoinedLevel(how ledger.JoinHow, ref ledger.RefState, level stock.Quantity, traits stock.Traits) stock.Quantity {
	switch {
	case how == ledger.JoinAdd:
		return level + ref.Expected
	case ref.Joining == nil || Even(ref.Expected, level, traits):
		return level
	case how == ledger.JoinLevel:
		return level + ref.Joining.Others
	}
	return ref.Expected
}
