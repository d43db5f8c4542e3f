package explain

import (
	"slices"

	"github.com/evenstock/evenstock/ledger/stock"
)

// suspenseMove is what one entry changed of a ref's suspense account: the step of the trail that posted a difference, or the
// causes that explained one.
type suspenseMove struct {
	before stock.Quantity
	step   *Step
	causes []Cause
}

// move notes that an entry moved the suspense account, which explainedBy has added up already. When the account is back where it
// was before an earlier move, the moves since then come to nothing: the causes among them explain the differences among them. The
// ledger does not say more, and of several ways to cut the moves the shortest is taken, for a cause follows its difference soon.
func (a *account) move(suspense stock.Quantity, step *Step, causes []Cause) {
	if suspense == 0 {
		return
	}
	a.moves = append(a.moves, suspenseMove{a.suspense - suspense, step, causes})
	for i := len(a.moves) - 1; i >= 0; i-- {
		if a.moves[i].before == a.suspense {
			connect(a.moves[i:])
			a.moves = a.moves[:i]
			return
		}
	}
}

// connect tells every difference of a group by which entries it is explained.
func connect(group []suspenseMove) {
	var entries []int64
	for _, m := range group {
		if len(m.causes) > 0 && (m.step == nil || m.step.What != StepDifference) {
			entries = append(entries, m.causes[0].Entry)
		}
	}
	var explained []*Step
	for _, m := range group {
		switch {
		case m.step == nil:
		case m.step.What == StepDifference:
			explained = append(explained, m.step)
		case m.step.takesBack != nil: // the cause that was told since is that of what was settled
			for _, step := range m.step.takesBack.explains {
				if !slices.Contains(explained, step) {
					explained = append(explained, step)
				}
			}
		}
	}
	for _, step := range explained {
		step.ExplainedBy = slices.Concat(step.ExplainedBy, entries)
	}
	for _, m := range group {
		if m.step != nil && m.step.What == StepSettled {
			m.step.explains = explained
		}
	}
}

// ToldTogether leads from the entry of each explained difference to that of the last one that the same entries explain: whoever
// prints the trail names the causes there, once.
func (s Shelf) ToldTogether() map[int64]int64 {
	last := map[int64]int64{} // by the first entry that explains: it explains one group only
	for _, step := range s.Trail {
		if len(step.ExplainedBy) > 0 {
			last[step.ExplainedBy[0]] = step.Entry
		}
	}
	together := map[int64]int64{}
	for _, step := range s.Trail {
		if len(step.ExplainedBy) > 0 {
			together[step.Entry] = last[step.ExplainedBy[0]]
		}
	}
	return together
}
