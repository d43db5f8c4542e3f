package reconcile

import (
	"cmp"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// programMemory is how long a change counts, and how long it is remembered what a counter showed before our pushes: a program may
	// write once an hour or once a night.
	programMemory = 26 * time.Hour
	// shownMax bounds how many counts of a counter are remembered.
	shownMax = 4
	// changesMax bounds how many changes are remembered one by one; of more the older ones are added up.
	changesMax = 32
	// programPause is within which a program answers our push where a person would hardly have looked yet.
	programPause = 5 * time.Minute
	// toldMax bounds how many movements are remembered that no reading has shown yet.
	toldMax = 16
)

// rememberPush remembers what a counter showed before a push of ours, unless the push before was ours too: what others write back is a
// count that they have seen or written themselves.
func (s *session) rememberPush(r *row, before, push stock.Quantity) {
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
		watch.Shown[i].PushedAt = s.at
	}
	watch.Ours, watch.LastPush, watch.LastPushAt = true, push, s.at
	watch.Raised, watch.Lowered = watch.Raised+max(0, push), watch.Lowered+min(0, push)
	r.work().Program = &watch
}

// expectAnswers has every counter of a shelf remember a push that is sent: a program may answer it on any, and sooner than the platform
// answers us.
func (s *session) expectAnswers(shelf stock.Shelf, push stock.Quantity) {
	for _, r := range s.shelfRefs(shelf) {
		watch := s.programWatch(r)
		watch.Pushes = s.withPush(watch, push)
		r.work().Program = &watch
	}
}

// programWatch returns a copy of what is remembered of a counter.
func (s *session) programWatch(r *row) (watch ledger.ProgramWatch) {
	if r.Work.Program != nil {
		watch = *r.Work.Program
		watch.Shown, watch.Changes = slices.Clone(watch.Shown), slices.Clone(watch.Changes)
		watch.Pushes, watch.Told = slices.Clone(watch.Pushes), slices.Clone(watch.Told)
	}
	return watch
}

// noteChange notes the part of a difference that nobody has told a cause of, and how it answers our pushes. level is what the shelf had
// before, since the version of the reading before.
func (s *session) noteChange(r *row, shown, difference, level stock.Quantity, since time.Time) {
	if difference == 0 {
		return
	}
	watch := s.programWatch(r)
	watch.Ours = false
	if difference = s.withoutTold(r, &watch, difference, since); difference != 0 {
		change := ledger.CounterChange{Quantity: difference, To: shown, At: s.at, Version: r.State.Version, Of: level, Pushed: watch.Raised}
		if difference < 0 {
			change.Pushed = watch.Lowered
		}
		s.seeUndone(&watch, &change)
		if !change.Undid {
			change.Repeated = s.answers(watch, change)
		}
		if len(recognise(watch)) == 0 {
			watch.Changes = slices.DeleteFunc(watch.Changes, func(old ledger.CounterChange) bool { return s.at.Sub(old.At) > programMemory })
		}
		watch.Changes = append(watch.Changes, change)
		markFollowing(watch.Changes)
		watch.Changes = boundChanges(watch)
	}
	s.keepProgram(r, watch)
}

// withoutTold is what movements that were told beforehand leave of a difference. Those that the reading before it must have shown are
// forgotten.
func (s *session) withoutTold(r *row, watch *ledger.ProgramWatch, difference stock.Quantity, since time.Time) (rest stock.Quantity) {
	watch.Told = slices.DeleteFunc(watch.Told, func(told ledger.CounterChange) bool { return !told.At.Add(s.showsWithin(r)).After(since) })
	watch.Told, rest, _ = takeChanges(watch.Told, difference, func(ledger.CounterChange) bool { return true })
	return rest
}

// seeUndone notes whether a change undid our pushes: it took the counter back to what it showed before them, up as far at least, for
// others may have sold meanwhile; or soon after them it took back just as much as they had changed, as a program does that goes on
// counting for itself. A rise to zero proves nothing: it is what people count on an empty shelf.
func (s *session) seeUndone(watch *ledger.ProgramWatch, change *ledger.CounterChange) {
	for _, shown := range watch.Shown {
		up := change.Quantity > 0
		if shown.Pushed == 0 || (shown.Pushed < 0) != up || change.To < 0 || change.To == 0 && up || s.at.Sub(shown.At) > programMemory {
			continue
		}
		soon, exactly := s.at.Sub(shown.PushedAt) <= programPause, change.Quantity == -shown.Pushed
		back := shown.Quantity == change.To && (exactly || up && change.Quantity > -shown.Pushed)
		if back || exactly && soon {
			change.Undid, change.Soon, change.Exactly = true, change.Soon || soon, change.Exactly || exactly
		}
	}
	if change.Undid {
		for i := range watch.Shown {
			watch.Shown[i].Pushed = 0
		}
	}
}

// boundChanges adds up changes when there are too many: those of before a program was recognised are forgotten, and of those after it the
// oldest is added to the next that looks like it. Those by which it was recognised stay as they are.
func boundChanges(watch ledger.ProgramWatch) []ledger.CounterChange {
	changes := watch.Changes
	if len(changes) <= changesMax {
		return changes
	}
	ways := recognise(watch)
	if len(ways) == 0 {
		return changes[1:]
	}
	last := slices.MaxFunc(ways, func(a, b recognition) int { return cmp.Compare(a.since, b.since) }).since
	for i := last + 1; i < len(changes); i++ {
		for j := i + 1; j < len(changes); j++ {
			if wayOf(changes[i]) == wayOf(changes[j]) && changes[i].ByApp == changes[j].ByApp {
				changes[j].Quantity += changes[i].Quantity
				return slices.Delete(changes, i, i+1)
			}
		}
	}
	return changes
}

// explainChange takes what a movement explains out of what others did: a sale or a customer's return is no program. If the counter may
// not show it yet, it is taken out of the next change. What another application tells is no cause of a change that undid or repeated our
// pushes: so it writes. A row of another installation of evenstock is a program by itself.
func (s *session) explainChange(r *row, m stock.Movement, quantity stock.Quantity) {
	theirs := m.Evidence[stock.EvidenceWriter] == stock.UnknownEvenstock
	if quantity == 0 {
		return
	}
	effect := m.ChannelTime
	if !s.traits(r.State.Ref.Channel).History {
		effect = m.OccurredAt // an order's channel time is its last change, which may be much later
	}
	watch := s.programWatch(r)
	byApp := m.Evidence[stock.EvidenceWriter] == stock.OtherApplication
	rest := takeExplained(&watch, quantity, effect, byApp)
	if rest != 0 && !byApp && effect.Add(s.showsWithin(r)).After(r.State.Version) {
		watch.Told = append(watch.Told, ledger.CounterChange{Quantity: rest, At: effect})
		watch.Told = watch.Told[max(0, len(watch.Told)-toldMax):]
	}
	if theirs {
		row := ledger.CounterChange{Quantity: quantity, To: r.State.Expected, At: s.at, Version: r.State.Version, Reference: m.Reference}
		watch.Changes = append(watch.Changes, row)
		watch.Changes = boundChanges(watch)
	}
	s.keepProgram(r, watch)
}

// takeExplained takes a movement out of the changes that a reading has shown since it happened, and returns what they do not hold. Goods
// that are sold here cast doubt on what came before, looked like an answer and was as large. What another application tells stays: so a
// program writes, or a channel that sells.
func takeExplained(watch *ledger.ProgramWatch, quantity stock.Quantity, effect time.Time, byApp bool) (rest stock.Quantity) {
	recognised := len(recognise(*watch)) > 0
	shows := func(change ledger.CounterChange) bool {
		return change.Reference == "" && !change.Version.Before(effect.Add(-countSlack))
	}
	if i := holding(watch.Changes, quantity, shows); byApp && i >= 0 && watch.Changes[i].Quantity == quantity && (recognised || wayOf(watch.Changes[i]) != byNone || quantity.Abs() >= followLeast) {
		watch.Changes[i].ByApp = true
		return 0
	}
	var before int
	watch.Changes, rest, before = takeChanges(watch.Changes, quantity, shows)
	for i, change := range watch.Changes[:before] {
		watch.Changes[i].Repeated = change.Repeated && (recognised || change.Quantity != quantity)
	}
	return rest
}

// takeChanges takes a quantity out of changes of the same direction: out of one that is just as large if there is one, else out of the
// youngest, for one reading may show what several movements tell. It returns what is left of both, and how many changes are older.
func takeChanges(changes []ledger.CounterChange, quantity stock.Quantity, takes func(ledger.CounterChange) bool) (left []ledger.CounterChange, rest stock.Quantity, older int) {
	for quantity != 0 {
		i := holding(changes, quantity, takes)
		if i < 0 {
			break
		}
		older = i
		if changes[i].Quantity.Abs() > quantity.Abs() {
			changes[i].Quantity -= quantity
			return changes, 0, older
		}
		quantity -= changes[i].Quantity
		changes = slices.Delete(changes, i, i+1)
	}
	return changes, quantity, older
}

// holding is the change that holds a quantity: one that is just as large, else the youngest of its direction; -1: none.
func holding(changes []ledger.CounterChange, quantity stock.Quantity, takes func(ledger.CounterChange) bool) int {
	youngest := -1
	for i := len(changes) - 1; i >= 0; i-- {
		switch {
		case !takes(changes[i]) || !sameWay(changes[i].Quantity, quantity):
		case changes[i].Quantity == quantity:
			return i
		case youngest < 0:
			youngest = i
		}
	}
	return youngest
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
