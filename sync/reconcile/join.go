package reconcile

import (
	"errors"
	"fmt"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// A ref that comes to a shelf which is open already joins it if it shows its target (R9). If not, nobody knows what its count means:
// other goods, a wrong counter, or a wrong level. So it waits. It is read as ever, and what others do to it is explained as ever, but
// posted against the opening instead of the level, until a person says what the count means.
//
// The person's word is about the two numbers of when it came. What others did since, to its counter or to any other of the shelf,
// happened, whatever the person says, and is undone by no answer.

// ErrUntold: a counter that waits was changed and nobody told why, and what the level becomes depends on what the change was.
// ErrMeanwhile: what a person's word was checked against is something else by now, so it is to be checked again.
var (
	ErrUntold    = errors.New("it was changed while it waited, for no reason that anybody told")
	ErrMeanwhile = errors.New("it has changed since it was looked at")
)

// arrives says how a ref whose baseline was taken stands: live, or waiting for a person. One that sold in an earlier wait has
// something left to say.
func (s *session) arrives(r *row, counted stock.Quantity, opens bool) ledger.RefStatus {
	shelf := s.shelf(r.State.Shelf)
	if opens || !shelf.Opened {
		return ledger.Live
	}
	even := counted == s.target(r) || Even(counted, shelf.Level, s.traits(r.State.Ref.Channel))
	if pending := r.State.Joining; even && (pending == nil || pending.Others == 0) {
		return ledger.Live
	}
	return ledger.WaitsToJoin
}

// levelBeside is what the shelf has, with what others did to the other refs that wait to join it: what a count that is taken now is
// compared with.
func (s *session) levelBeside(r *row) stock.Quantity {
	level := s.shelf(r.State.Shelf).Level
	for _, other := range s.shelfRefs(r.State.Shelf) {
		if pending := other.State.Joining; other != r && pending != nil {
			level += pending.Others
		}
	}
	return level
}

// postWaiting takes a reading of a ref that waits to join, and returns the difference.
func (s *session) postWaiting(r *row, reading stock.Reading, evidence stock.Evidence) stock.Quantity {
	difference := reading.Quantity - r.State.Expected
	evidence = with(evidence, "note", "while it waited to join")
	if difference != 0 {
		evidence[ledger.EvidenceLevel] = s.levelBeside(r).String()
	}
	s.write(r, ledger.Entry{
		Kind: ledger.KindReading, OccurredAt: reading.Version, ObservedAt: s.at, ExpectedDelta: difference, Evidence: evidence,
		Postings: ledger.Post(ledger.UnexplainedBy(r.State.Shelf.Item, r.State.Ref), openingOf(r.State.Shelf), difference),
	})
	return difference
}

// with is a copy of the evidence with one more word.
func with(evidence stock.Evidence, key, value string) stock.Evidence {
	more := stock.Evidence{key: value}
	for name, said := range evidence {
		if name != key {
			more[name] = said
		}
	}
	return more
}

func (s *session) join(in ledger.JoinRef) (ledger.Disposition, error) {
	r := s.ref(in.Ref)
	if r == nil || r.State.Status != ledger.WaitsToJoin {
		return ledger.Disposition{}, fmt.Errorf("joining %s: it does not wait to join a shelf: %w", in.Ref, ledger.ErrNotFound)
	}
	if in.How < ledger.JoinAdd || in.How > ledger.JoinCounter {
		return ledger.Disposition{}, fmt.Errorf("joining %s: %w: answer %d", in.Ref, ErrInput, in.How)
	}
	if s.misplaced(r) {
		return ledger.Disposition{}, fmt.Errorf("joining %s: %w", in.Ref, ErrMisplaced)
	}
	if in.Untold == 0 && NeedsUntold(in.How, r.State) {
		return ledger.Disposition{}, fmt.Errorf("joining %s: %w", in.Ref, ErrUntold)
	}
	if found := in.Found; found != nil && *found != (ledger.JoinNumbers{Counted: r.State.Expected, Level: s.shelf(r.State.Shelf).Level}) {
		return ledger.Disposition{}, fmt.Errorf("joining %s: %w", in.Ref, ErrMeanwhile)
	}
	s.joinAs(r, in)
	return done(in.Ref.Channel, "joined"), nil
}

// joinAs lets a waiting ref join by a person's word.
func (s *session) joinAs(r *row, in ledger.JoinRef) {
	joining, level := *r.State.Joining, s.shelf(r.State.Shelf).Level
	others, word := JoinMoves(in.How, in.Untold, r.State)
	shelf, opening := ledger.AvailableOn(r.State.Shelf), openingOf(r.State.Shelf)
	from := ledger.Account{Item: r.State.Shelf.Item, Kind: ledger.Shrinkage}
	if in.How == ledger.JoinAdd {
		from = opening
	}
	evidence := stock.Evidence{
		"by": in.By, EvidenceJoin: in.How.String(), "counted": r.State.Expected.String(), "level": level.String(),
		EvidenceCame: joining.Counted.String(), EvidenceCameTo: joining.Level.String(),
	}
	postings := append(ledger.Post(opening, shelf, others), ledger.Post(from, shelf, word)...)
	if in.Untold != 0 {
		evidence[EvidenceUntold] = in.Untold.String()
	}
	if in.Untold == ledger.UntoldCounted { // that was no change of the goods, so nothing is left to explain
		typed, _ := joining.Typed()
		postings = append(postings, ledger.Post(opening, ledger.UnexplainedBy(r.State.Shelf.Item, r.State.Ref), typed)...)
	}
	s.write(r, ledger.Entry{Kind: ledger.KindCorrection, Status: ledger.Live, OccurredAt: s.at, ObservedAt: s.at, Evidence: evidence, Postings: postings})
	s.correctWaiting(r, word, time.Time{})
}

// correctWaiting has the other refs that wait to join a shelf know by how much a person corrected what its level was when they came.
// A correction of what happened at a time concerns those that came later; without one it concerns all.
func (s *session) correctWaiting(r *row, corrected stock.Quantity, happened time.Time) {
	for _, other := range s.shelfRefs(r.State.Shelf) {
		pending := other.State.Joining
		if other == r || pending == nil || corrected == 0 || !happened.IsZero() && !happened.Before(pending.Since) {
			continue
		}
		s.write(other, ledger.Entry{Kind: ledger.KindCorrection, OccurredAt: s.at, ObservedAt: s.at, Evidence: stock.Evidence{
			"note": "what the level was when it came is corrected", ledger.EvidenceLevelCorrected: corrected.String()}})
	}
}

// The evidence keys under which an entry keeps what a person said of a ref that waited: what its count means, and changes without a
// cause; and the two numbers that it was about, what it counted and what the level was when it came.
const (
	EvidenceJoin   = "join"
	EvidenceUntold = "untold"
	EvidenceCame   = "came_with"
	EvidenceCameTo = "came_to"
)

// JoinMoves is by how much the level of its shelf changes when a ref that waits joins it: by what others did to its counter meanwhile,
// and by the person's word. What others did to the other counters meanwhile is in the level already.
//
// A count that somebody typed in while it waited is another one to be asked about: the word is about it, and about the level of then.
func JoinMoves(how ledger.JoinHow, untold ledger.UntoldHow, ref ledger.RefState) (others, word stock.Quantity) {
	joining := ref.Joining
	if joining == nil {
		return 0, 0
	}
	others, level := joining.Others, joining.Level
	if untold == ledger.UntoldCounted {
		typed, then := joining.Typed()
		others, level = others-typed, then
	}
	switch how {
	case ledger.JoinAdd:
		return 0, ref.Expected
	case ledger.JoinCounter:
		return others, ref.Expected - others - level
	}
	return others, 0
}

// NeedsUntold says that what the level becomes depends on what the changes without a cause mean.
func NeedsUntold(how ledger.JoinHow, ref ledger.RefState) bool {
	others, word := JoinMoves(how, ledger.UntoldMoved, ref)
	counted, anew := JoinMoves(how, ledger.UntoldCounted, ref)
	return others+word != counted+anew
}
