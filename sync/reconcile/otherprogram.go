package reconcile

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// programReturns is how often a counter must have returned to what it showed before our pushes.
	programReturns = 2
	// programMemory is how long a return counts, and how long it is remembered what a counter showed before our pushes: a program may
	// write once an hour or once a night.
	programMemory = 26 * time.Hour
	// shownMax bounds how many counts of a counter are remembered.
	shownMax = 4
	// changesMax bounds how many changes are remembered one by one; older returns are added up.
	changesMax = 32
	// toldMax bounds how many movements are remembered that no reading has shown yet.
	toldMax = 16
)

// OtherProgram says whether another program undoes our pushes of a ref's counter: twice in a row, without a cause and without another
// change that has none between, it returned to the same count that it showed before them. A person's edit meets that by chance now and
// then; two of them hardly ever. Once is enough after a person had said that the program is wrong.
func OtherProgram(ref ledger.Ref) bool {
	watch := ref.Work.Program
	return watch != nil && !programSince(*watch).IsZero()
}

// programSince is when the returns became too many to be chance; zero: they are not.
func programSince(watch ledger.ProgramWatch) time.Time {
	var last ledger.CounterChange
	in := 0
	for _, change := range watch.Changes {
		switch {
		case !change.Undid:
			in = 0
		case in > 0 && change.To == last.To:
			in++
		default:
			in = 1
		}
		if last = change; in >= programReturns || watch.Warned && in > 0 {
			return change.At
		}
	}
	return time.Time{}
}

// rememberShown remembers what a counter showed before a push of ours, unless the push before was ours too: what others write
// back is a count that they have seen or written themselves.
func (s *session) rememberShown(r *row, before, push stock.Quantity) {
	watch := s.programWatch(r)
	if !watch.Ours {
		watch.Shown = slices.DeleteFunc(watch.Shown, func(shown ledger.ShownMark) bool {
			return shown.Quantity == before || s.at.Sub(shown.At) > programMemory
		})
		watch.Shown = append(watch.Shown, ledger.ShownMark{Quantity: before, At: s.at})
		watch.Shown = watch.Shown[max(0, len(watch.Shown)-shownMax):]
	}
	for i := range watch.Shown {
		watch.Shown[i].Pushed += push
	}
	watch.Ours = true
	r.work().Program = &watch
}

// undoes says whether a difference took a counter back to what it showed before our pushes: the other way, and as far at least, for
// others may have sold meanwhile. Zero proves nothing: it is what people count on an empty shelf, and it promises nothing to anybody.
func (s *session) undoes(shown ledger.ShownMark, now, difference stock.Quantity) bool {
	return now > 0 && shown.Quantity == now && s.at.Sub(shown.At) <= programMemory && shown.Pushed != 0 &&
		(shown.Pushed < 0) == (difference > 0) && difference.Abs() >= shown.Pushed.Abs()
}

// programWatch returns a copy of what is remembered of a counter.
func (s *session) programWatch(r *row) (watch ledger.ProgramWatch) {
	if r.Work.Program != nil {
		watch = *r.Work.Program
		watch.Shown, watch.Changes, watch.Told = slices.Clone(watch.Shown), slices.Clone(watch.Changes), slices.Clone(watch.Told)
	}
	return watch
}

// noteChange notes a difference of a counter that we push, and whether it undid our pushes. since is the version of the reading before.
func (s *session) noteChange(r *row, shown, difference stock.Quantity, since time.Time) {
	if r.Work.Program == nil || difference == 0 {
		return
	}
	watch := s.programWatch(r)
	undid := slices.ContainsFunc(watch.Shown, func(before ledger.ShownMark) bool { return s.undoes(before, shown, difference) })
	watch.Ours = false
	if !OtherProgram(r.Ref) {
		watch.Changes = slices.DeleteFunc(watch.Changes, func(old ledger.CounterChange) bool { return s.at.Sub(old.At) > programMemory })
	}
	if difference = s.withoutTold(r, &watch, difference, since); difference != 0 {
		watch.Changes = append(watch.Changes, ledger.CounterChange{Quantity: difference, To: shown, At: s.at, Undid: undid})
	}
	if n := len(watch.Changes); n > changesMax {
		if watch.Changes[0].Undid && watch.Changes[1].Undid {
			watch.Changes[1].Quantity += watch.Changes[0].Quantity
		}
		watch.Changes = watch.Changes[1:]
	}
	if undid {
		for i := range watch.Shown {
			watch.Shown[i].Pushed = 0
		}
	}
	s.keepProgram(r, watch)
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
	was := OtherProgram(r.Ref)
	r.work().Program = &watch
	if was || !OtherProgram(r.Ref) {
		return
	}
	finding := ProgramFinding(r.Ref)
	finding.At = s.at
	s.out.Findings = append(s.out.Findings, finding)
	s.keepRaises(r, slices.DeleteFunc(slices.Clone(r.Work.Raises), func(raise ledger.Raise) bool { // what it wrote is no goods received
		return slices.ContainsFunc(watch.Changes, func(change ledger.CounterChange) bool { return change.Undid && change.Quantity == raise.Quantity })
	}))
}

// explainChange takes what a movement explains out of the changes that nobody has explained: a sale or a customer's return is no
// program. If the counter may not show it yet, it is taken out of the next change.
func (s *session) explainChange(r *row, quantity stock.Quantity, occurred, channelTime time.Time) {
	if r.Work.Program == nil || quantity == 0 {
		return
	}
	watch := s.programWatch(r)
	watch.Changes, quantity = takeChanges(watch.Changes, quantity)
	effect := channelTime
	if !s.traits(r.State.Ref.Channel).History {
		effect = occurred // an order's channel time is its last change, which may be much later
	}
	if quantity != 0 && effect.Add(s.showsWithin(r)).After(r.State.Version) {
		watch.Told = append(watch.Told, ledger.CounterChange{Quantity: quantity, At: effect})
		watch.Told = watch.Told[max(0, len(watch.Told)-toldMax):]
	}
	s.keepProgram(r, watch)
}

// withoutTold is what movements that were told beforehand leave of a difference. Those that the reading before it must have shown are
// forgotten.
func (s *session) withoutTold(r *row, watch *ledger.ProgramWatch, difference stock.Quantity, since time.Time) (rest stock.Quantity) {
	watch.Told = slices.DeleteFunc(watch.Told, func(told ledger.CounterChange) bool { return !told.At.Add(s.showsWithin(r)).After(since) })
	watch.Told, rest = takeChanges(watch.Told, difference)
	return rest
}

// takeChanges takes a quantity out of changes of the same direction: out of one that is just as large if there is one, else out of the
// youngest, for one reading may show what several movements tell. It returns what is left of both.
func takeChanges(changes []ledger.CounterChange, quantity stock.Quantity) ([]ledger.CounterChange, stock.Quantity) {
	for i := len(changes) - 1; i >= 0; i-- {
		if changes[i].Quantity == quantity {
			return slices.Delete(changes, i, i+1), 0
		}
	}
	for i := len(changes) - 1; i >= 0 && quantity != 0; i-- {
		if (changes[i].Quantity < 0) != (quantity < 0) {
			continue
		}
		if changes[i].Quantity.Abs() > quantity.Abs() {
			changes[i].Quantity -= quantity
			return changes, 0
		}
		quantity -= changes[i].Quantity
		changes = slices.Delete(changes, i, i+1)
	}
	return changes, quantity
}

// nameProgram keeps who wrote a count that took a counter back, where the platform tells.
func (s *session) nameProgram(r *row, recount stock.Recount) {
	name := recount.Evidence["application_id"]
	if name == "" {
		name = recount.Evidence["product"]
	}
	if name != "" && r.Work.Program != nil && slices.ContainsFunc(r.Work.Program.Shown, func(before ledger.ShownMark) bool { return before.Quantity == recount.Counted }) {
		watch := s.programWatch(r)
		watch.Name = name
		r.work().Program = &watch
	}
}

// ProgramFinding tells of a program that undoes our pushes. Its id is that of the question while it is open.
func ProgramFinding(ref ledger.Ref) ledger.Finding {
	brake := programBrake(ref.State.Shelf, ref)
	return ledger.Finding{
		ID: brake.ID + "/" + strconv.FormatInt(brake.Since.Unix(), 10), Class: classOtherProgram, Channel: brake.Channel, Ref: brake.Ref, Shelf: brake.Shelf, Evidence: brake.Evidence,
		Action: "its raises reach no other channel; switch the other program off there, and say who is right",
	}
}

// classOtherProgram is the class of findings about other applications that write stock.
const classOtherProgram = "other app"

func programBrake(shelf stock.Shelf, ref ledger.Ref) ledger.Brake {
	watch := ref.Work.Program
	var units stock.Quantity
	returned := 0
	for _, change := range watch.Changes {
		if change.Undid {
			units += change.Quantity
			returned++
		}
	}
	evidence := stock.Evidence{"counter": ref.State.Ref.String(), "returned": strconv.Itoa(returned), "units": units.String(), "shows": ref.State.Expected.String()}
	if watch.Name != "" {
		evidence["program"] = watch.Name
	}
	if watch.Warned {
		evidence["again"] = "a person had said before that this counter is wrong"
	}
	return ledger.Brake{
		ID: fmt.Sprintf("%s/%s", brakeID(ledger.OtherProgram, shelf), ref.State.Ref.Channel), Kind: ledger.OtherProgram, Channel: ref.State.Ref.Channel, Shelf: shelf,
		Ref: ref.State.Ref, Quantity: units, Since: programSince(*watch), Evidence: evidence,
	}
}

// releaseOtherProgram takes a person's word on who is right. The program: what it wrote is stock, and the other channels follow.
// Correct says that the ledger is: what the program wrote is taken back from the level, so that its counter is pushed; if it goes on,
// the brake is engaged at its first return.
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
				Evidence: stock.Evidence{"by": in.By, "note": "another program undid our pushes", "brake": brake.ID},
				Postings: ledger.Post(ledger.AvailableOn(in.Shelf), ledger.UnexplainedBy(in.Shelf.Item, brake.Ref), brake.Quantity),
			})
			s.correctWaiting(r, -brake.Quantity, brake.Since)
			s.rememberCause(r, brake.Quantity)
		}
		watch := s.programWatch(r)
		watch.Changes, watch.Warned = nil, in.Correct
		if !in.Correct {
			watch.Shown = nil
		}
		r.work().Program = &watch
		return done(brake.Channel, "brake released"), true
	}
	return ledger.Disposition{}, false
}
