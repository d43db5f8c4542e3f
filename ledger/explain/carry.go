package explain

import (
	"cmp"
	"slices"

	"github.com/evenstock/evenstock/ledger/stock"
)

// turn is a moment at which what a counter still lacks changes. Those of one entry go by rank.
type turn struct {
	seq  int64
	rank int
	do   func(lacks []*Step) []*Step
}

// carry goes through the entries once more, for one counter: a step that it does not show by itself is lacking, until a push that
// was planned with it is in, or other steps make up for it. What a void push carried is lacking again.
func (n *narrator) carry(ref stock.Ref, pushes []*Push) {
	var turns []turn
	add := func(seq int64, rank int, do func(lacks []*Step) []*Step) {
		turns = append(turns, turn{seq, rank, do})
	}
	for _, s := range n.told.Trail {
		opening := slices.Contains(n.openings, s.Entry)
		switch {
		case s.Ref == ref && s.What == StepBaseline && !opening:
			add(s.Entry, 0, func([]*Step) []*Step { return []*Step{s} })
		case !s.moved || s.Ref == ref && (s.What == StepDifference || opening) || s.What == StepBaseline && !opening:
		default:
			add(s.Entry, 0, func(lacks []*Step) []*Step { return append(lacks, s) })
		}
	}
	underway := 0
	for _, seq := range n.accounts[ref].even {
		add(seq, 2, func(lacks []*Step) []*Step {
			if underway > 0 { // even only until its answer comes
				return lacks
			}
			return nil
		})
	}
	for _, p := range pushes {
		add(p.Through, 3, func(lacks []*Step) []*Step {
			p.carried = slices.Clone(lacks)
			if p.applied > 0 {
				underway++
			}
			return lacks
		})
		if p.applied > 0 {
			add(p.applied, 1, func(lacks []*Step) []*Step {
				underway--
				return slices.DeleteFunc(lacks, func(s *Step) bool { return slices.Contains(p.carried, s) })
			})
		}
		if p.voided > 0 {
			add(p.voided, 1, func(lacks []*Step) []*Step { return append(slices.Clone(p.carried), lacks...) })
		}
	}
	slices.SortStableFunc(turns, func(a, b turn) int { return cmp.Or(cmp.Compare(a.seq, b.seq), cmp.Compare(a.rank, b.rank)) })
	var lacks []*Step
	for _, turn := range turns {
		lacks = turn.do(lacks)
	}
}
