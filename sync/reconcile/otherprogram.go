package reconcile

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// OtherProgram says whether another program writes a ref's counter: it undoes our pushes or answers them, without a cause, more often
// than chance does, or another installation of evenstock says so itself. Once is enough after a person had said that it is wrong.
func OtherProgram(ref ledger.Ref) bool {
	return ref.Work.Program != nil && len(recognise(*ref.Work.Program)) > 0
}

// keepProgram stores what is remembered of a counter, and tells of another program as soon as it is one. What is empty is nil, as it
// comes back from a store.
func (s *session) keepProgram(r *row, watch ledger.ProgramWatch) {
	if len(watch.Changes) == 0 {
		watch.Changes = nil
	}
	if len(watch.Told) == 0 {
		watch.Told = nil
	}
	if len(watch.Pushes) == 0 {
		watch.Pushes = nil
	}
	was := OtherProgram(r.Ref)
	r.work().Program = &watch
	if was || !OtherProgram(r.Ref) {
		return
	}
	finding := ProgramFinding(r.Ref)
	finding.At = s.at
	s.out.Findings = append(s.out.Findings, finding)
	ways := recognise(watch)
	s.keepRaises(r, slices.DeleteFunc(slices.Clone(r.Work.Raises), func(raise ledger.Raise) bool { // what it wrote is no goods received
		for i, change := range watch.Changes {
			if change.Quantity == raise.Quantity && wrote(ways, i, change) {
				return true
			}
		}
		return false
	}))
}

// passesProgram is the part of a push to a counter of the shelf that the brake on another program lets pass: no raise, and of what lowers
// only what the program did not write. Its own counter shows what it wrote already, unless a mark hid that.
func passesProgram(brake ledger.Brake, ref stock.Ref, push stock.Quantity) stock.Quantity {
	switch {
	case brake.Whole:
		return 0
	case ref == brake.Ref && !(brake.Hidden && push > 0):
		return push
	case push > 0:
		return 0
	}
	return withCause(push, brake.Carried)
}

// withoutPrograms is the part of a push that no other program holds, in the steps that its platform takes.
func (s *session) withoutPrograms(r *row, push stock.Quantity) stock.Quantity {
	for _, other := range s.shelfRefs(r.State.Shelf) {
		if OtherProgram(other.Ref) {
			push = s.inSteps(r, push, passesProgram(programBrake(r.State.Shelf, other.Ref), r.State.Ref, push))
		}
	}
	return push
}

// ProgramFinding tells of a program that undoes or answers our pushes. Its id is that of the question while it is open.
func ProgramFinding(ref ledger.Ref) ledger.Finding {
	brake := programBrake(ref.State.Shelf, ref)
	action := "what it writes reaches no other channel; switch the other program off there, and say who is right"
	if brake.Whole {
		action = "nothing of the article is pushed; stop the other installation, and say who is right"
	}
	return ledger.Finding{
		ID: brake.ID + "/" + strconv.FormatInt(brake.Since.Unix(), 10), Class: classOtherProgram, Channel: brake.Channel, Ref: brake.Ref, Shelf: brake.Shelf, Evidence: brake.Evidence,
		Action: action,
	}
}

// classOtherProgram is the class of findings about other applications that write stock.
const classOtherProgram = "other app"

// The evidence of another program: how often it did what, by how many units together, since when; what others did to its counter besides,
// which a correction leaves; and the row of another installation.
const (
	evidenceReturned  = "returned"
	evidenceRepeated  = "repeated"
	evidenceRows      = "rows"
	evidenceReference = "reference"
)

func programBrake(shelf stock.Shelf, ref ledger.Ref) ledger.Brake {
	watch := *ref.Work.Program
	ways := recognise(watch)
	brake := ledger.Brake{
		ID: fmt.Sprintf("%s/%s", brakeID(ledger.OtherProgram, shelf), ref.State.Ref.Channel), Kind: ledger.OtherProgram, Channel: ref.State.Ref.Channel, Shelf: shelf,
		Ref: ref.State.Ref, Hidden: ref.Work.Hidden, Evidence: stock.Evidence{"counter": ref.State.Ref.String(), "shows": ref.State.Expected.String()},
	}
	var left stock.Quantity
	times := map[string]int{}
	for i, change := range watch.Changes {
		if slices.ContainsFunc(ways, func(r recognition) bool { return r.since == i }) && brake.Since.IsZero() {
			brake.Since = change.At
		}
		if !wrote(ways, i, change) {
			if !change.ByApp {
				left += change.Quantity
			}
			continue
		}
		if brake.Quantity += change.Quantity; brake.Evidence["first"] == "" {
			brake.Evidence["first"] = change.At.UTC().Format(time.RFC3339)
		}
		if slices.ContainsFunc(ways, func(r recognition) bool { return i >= r.since && r.holds(i, change) }) {
			brake.Carried += change.Quantity
		}
		switch wayOf(change) {
		case byRows:
			times[evidenceRows]++
			brake.Whole, brake.Evidence[evidenceReference] = true, change.Reference
		case byReturns:
			times[evidenceReturned]++
		default:
			times[evidenceRepeated]++
		}
	}
	for kind, n := range times {
		brake.Evidence[kind] = strconv.Itoa(n)
	}
	brake.Evidence["units"] = brake.Quantity.String()
	if left != 0 {
		brake.Evidence["left"] = left.String()
	}
	if watch.Name != "" {
		brake.Evidence["program"] = watch.Name
	}
	if watch.Warned {
		brake.Evidence["again"] = "a person had said before that this counter is wrong"
	}
	return brake
}

// releaseOtherProgram takes a person's word on who is right. The program: what it wrote is stock, and the other channels follow.
// Correct says that the ledger is: what the program wrote is taken back from the level, so that its counter is pushed; if it goes on,
// the brake is engaged at once. What it wrote in the ways by which it was recognised is taken back, from the first such change on, and
// nothing else: evidence "left" says what.
func (s *session) releaseOtherProgram(in ledger.ReleaseBrake) (ledger.Disposition, bool) {
	for _, r := range s.shelfRefs(in.Shelf) {
		if !OtherProgram(r.Ref) {
			continue
		}
		brake := programBrake(in.Shelf, r.Ref)
		if brake.ID != in.ID {
			continue
		}
		if in.Correct && brake.Quantity != 0 {
			s.write(r, ledger.Entry{
				Kind: ledger.KindCorrection, OccurredAt: s.at, ObservedAt: s.at,
				Evidence: stock.Evidence{"by": in.By, "note": "another program wrote this", "brake": brake.ID},
				Postings: ledger.Post(ledger.AvailableOn(in.Shelf), ledger.UnexplainedBy(in.Shelf.Item, brake.Ref), brake.Quantity),
			})
			s.correctWaiting(r, -brake.Quantity, brake.Since)
			s.rememberCause(r, brake.Quantity)
		}
		watch := s.programWatch(r)
		watch.Changes, watch.Warned = nil, in.Correct
		if !in.Correct {
			watch.Shown, watch.Pushes = nil, nil
		}
		r.work().Program = &watch
		return done(brake.Channel, "brake released"), true
	}
	return ledger.Disposition{}, false
}
