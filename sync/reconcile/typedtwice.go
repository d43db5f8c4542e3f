package reconcile

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// TypedTwiceWindow is how far apart the same raise on two channels is taken for goods received that were typed in twice.
	TypedTwiceWindow = 15 * time.Minute
	// raisesMax bounds how many recent raises of a ref are remembered, raisesKept for how long: they tell the rate of such raises.
	raisesMax  = 32
	raisesKept = 24 * time.Hour
	// chanceRaise is a raise that proves nothing: one unit more is what recounts and returns find every day. Up to smallRaise units a
	// raise proves nothing where the item's counters show such raises by themselves (byChance).
	chanceRaise = stock.Unit
	smallRaise  = 2 * stock.Unit
	// raiseLag is how much later than a return the version of the reading may be that shows it: if a webhook was lost, the next
	// reading shows the return together with later changes and has their version.
	raiseLag = time.Minute
)

// rememberRaise remembers a raise for as long as it may turn out to be goods that were typed in twice, without what returns told
// beforehand has explained of it. The balance of the suspense account says nothing about a raise: if it still holds shrinkage that nobody
// explained, goods received would look like less than they are.
func (s *session) rememberRaise(r *row, raised ledger.Raise) {
	version, since, held := raised.At, raised.After, len(s.typedTwice(r.State.Shelf)) > 0
	raised.Quantity += s.takeTold(r, version, since)
	raises := slices.DeleteFunc(slices.Clone(r.Work.Raises), func(raise ledger.Raise) bool {
		if raise.Quantity < 0 {
			return !raise.At.Add(s.showsWithin(r)).After(since) || version.Sub(raise.At) > raiseLag
		}
		return version.Sub(raise.At) > raisesKept && !held
	})
	for i, raise := range raises {
		if told := -raise.Quantity; told > 0 && !raise.At.After(version) {
			part := min(told, raised.Quantity)
			raises[i].Quantity += part
			raised.Quantity -= part
		}
	}
	raised.Moved, raised.PutBack = s.tookFall(r, raised.Quantity, version), putsBack(r.Work, raised)
	raised.Emptied = r.State.Recount != nil && emptied(*r.State.Recount, raised)
	s.keepRaises(r, append(raises, raised))
}

// putsBack says that a raise is as much as the counter lost before without a cause since the last such raise, by its last change, its last
// two, and so on: somebody undoes an edit.
func putsBack(work ledger.Work, raised ledger.Raise) bool {
	var lost stock.Quantity
	for _, fall := range slices.Backward(work.Falls) {
		if fall.Quantity <= 0 || fall.Moved || fall.At.After(raised.At) {
			continue
		}
		undone := func(raise ledger.Raise) bool {
			return raise.PutBack && !raise.At.Before(fall.At) && raise.At.Before(raised.At)
		}
		if slices.ContainsFunc(work.Raises, undone) || raised.At.Sub(fall.At) > raisesKept {
			return false
		}
		if lost += fall.Quantity; lost == raised.Quantity {
			return true
		}
	}
	return false
}

// forgetPutBack notes of raises that put something back before falls were explained, and nothing after: they are goods received, for all
// that is known.
func (s *session) forgetPutBack(r *row, before ledger.Work) {
	for i, raise := range r.Work.Raises {
		if raise.PutBack && putsBack(before, raise) && !putsBack(r.Work, raise) {
			raises := slices.Clone(r.Work.Raises)
			raises[i].PutBack = false
			s.keepRaises(r, raises)
		}
	}
}

// takeBack forgets a raise if the counter fell by as much before a second reading confirmed it: somebody mistyped and put it right.
func (s *session) takeBack(r *row, fall stock.Quantity) {
	if last := len(r.Work.Raises) - 1; r.Work.RaiseUnconfirmed != nil && last >= 0 && r.Work.Raises[last].Quantity == fall {
		s.keepRaises(r, slices.Clone(r.Work.Raises[:last]))
	}
}

// showsWithin is how long after a channel told of a change its counter may take to show it.
func (s *session) showsWithin(r *row) time.Duration {
	if s.traits(r.State.Ref.Channel).History {
		return 0
	}
	return NewsWindow
}

func (s *session) keepRaises(r *row, raises []ledger.Raise) {
	raises = slices.DeleteFunc(raises, func(raise ledger.Raise) bool { return raise.Quantity == 0 })
	if len(raises) > 0 || len(r.Work.Raises) > 0 {
		r.work().Raises = raises[max(0, len(raises)-raisesMax):]
	}
}

// explainRaise takes units that are no goods received, such as those of a refund, out of the remembered raises that may contain
// them. If the counter may not show them yet, they are remembered as a negative raise instead.
func (s *session) explainRaise(r *row, units stock.Quantity, occurred, channelTime time.Time) {
	effect := channelTime
	if !s.traits(r.State.Ref.Channel).History {
		effect = occurred // an order's channel time is its last change, which may be much later
	}
	raises := slices.Clone(r.Work.Raises)
	units = takeOut(raises, units, effect)
	if units > 0 && effect.Add(s.showsWithin(r)).After(r.State.Version) {
		raises = append(raises, ledger.Raise{Quantity: -units, At: effect})
	}
	s.keepRaises(r, raises)
}

// takeOut takes units that came at a time out of a raise shown soon after: out of the one that is just as large if there is one, else
// out of the first. That may be smaller than the units, because the same reading showed a sale too; it is zero then. It returns the
// units when no raise can contain them, else zero.
func takeOut(raises []ledger.Raise, units stock.Quantity, came time.Time) stock.Quantity {
	holds := func(raise ledger.Raise) bool {
		after := raise.At.Sub(came)
		return raise.Quantity > 0 && after >= 0 && after <= raiseLag
	}
	i := slices.IndexFunc(raises, func(raise ledger.Raise) bool { return holds(raise) && raise.Quantity == units })
	if i < 0 {
		i = slices.IndexFunc(raises, holds)
	}
	if i < 0 || units <= 0 {
		return units
	}
	raises[i].Quantity -= min(units, raises[i].Quantity)
	return 0
}

// pair is the same thing typed in on two refs of a shelf: goods that came, at once or by steps, or a count that is lower than before.
type pair struct {
	kept, doubted side
	since         time.Time
}

// side is a ref with changes of it, in the order of time, and the units that they come to: less than zero where a counter fell.
type side struct {
	ledger.Ref
	changes []ledger.Raise
	units   stock.Quantity
}

func raised(ref ledger.Ref, raises ...ledger.Raise) side {
	s := side{Ref: ref, changes: raises}
	for _, raise := range raises {
		s.units += raise.Quantity
	}
	return s
}

// at is when the counter showed all of it.
func (s side) at() time.Time { return s.changes[len(s.changes)-1].At }

// hasCause says that the ref's suspense account holds less than was raised: somebody has said why.
func (s side) hasCause() bool { return s.Unexplained > -s.units }

// pairOf is the question whether two sides are the same goods. A correction would take the later one back, unless that one has a cause
// and the earlier one has none.
func pairOf(a, b side) pair {
	a, b = inOrder(a, b)
	p := pair{kept: a, doubted: b, since: b.at()}
	if b.hasCause() && !a.hasCause() {
		p.kept, p.doubted = b, a
	}
	return p
}

// inOrder returns two sides by time, those of one moment by name.
func inOrder(a, b side) (earlier, later side) {
	if order := a.at().Compare(b.at()); order > 0 || order == 0 && a.State.Ref.Compare(b.State.Ref) > 0 {
		return b, a
	}
	return a, b
}

// typedTwice are the questions about a shelf of this moment.
func (s *session) typedTwice(shelf stock.Shelf) []pair { return typedTwice(s.shelfStates(shelf), s.at) }

// typedTwice finds what was typed in on two refs of a shelf, or on one over what a mark hid. Each pair is a brake that holds until a person has looked, or until a
// movement explains one of the two. Of several pairs about the same change only the first is listed: it asks the same question.
func typedTwice(refs []ledger.Ref, at time.Time) []pair {
	var pairs []pair
	for _, ref := range refs {
		if over, asked := typedOver(ref, at); asked {
			pairs = append(pairs, overPair(over))
		}
	}
	refs = withoutOver(refs)
	for i, a := range refs {
		for _, b := range refs[i+1:] {
			found := sameRaises(a, b)
			if a.State.Ref.Channel != b.State.Ref.Channel {
				found = append(found, sameSums(a, b)...)
			}
			for _, p := range append(found, sameCounts(a, b)...) {
				if !slices.ContainsFunc(pairs, func(known pair) bool { return known.id() == p.id() }) {
					pairs = append(pairs, p)
				}
			}
		}
	}
	return pairs
}

// sameRaises finds single raises of two refs, of one channel or of two, that are the same.
func sameRaises(a, b ledger.Ref) (pairs []pair) {
	for _, first := range a.Work.Raises {
		for _, second := range b.Work.Raises {
			switch {
			case mayBeSame(first, second) && !byChance(a, b, first, second) && (a.State.Ref.Channel != b.State.Ref.Channel || sameListed(first, second)):
				pairs = append(pairs, pairOf(raised(a, first), raised(b, second)))
			case sameCount(first, second) || sameMove(a, b, first, second):
				pairs = append(pairs, countPair(raised(a, first), raised(b, second)))
			}
		}
	}
	return pairs
}

// mayBeSame says whether two raises may be the same goods. One that puts back what its counter had lost is no goods received; but where both
// counters showed the same before, the other had followed that loss, and somebody may have put the same back on both.
func mayBeSame(a, b ledger.Raise) bool {
	none := a.Moved || b.Moved || a.Emptied || b.Emptied || (a.PutBack || b.PutBack) && a.From != b.From
	return a.Quantity > 0 && !none && a.Quantity == b.Quantity && a.At.Sub(b.At).Abs() <= TypedTwiceWindow
}

// sameListed says that the counters of two articles of a channel that share a shelf rose from the same count, neither knowing of the other:
// both articles may be sold and received all day.
func sameListed(a, b ledger.Raise) bool { return a.From == b.From && neitherKnew(a, b) }

// byChance says that a small raise on two channels proves nothing: a single unit never does, and two do not when one of the two
// counters showed another raise as small within the last day. Then the shop makes such raises by itself, and two meet now and then.
func byChance(a, b ledger.Ref, first, second ledger.Raise) bool {
	if first.Quantity > smallRaise || first.Quantity <= chanceRaise {
		return first.Quantity <= chanceRaise
	}
	another := func(ref ledger.Ref, of ledger.Raise) bool {
		return slices.ContainsFunc(ref.Work.Raises, func(raise ledger.Raise) bool {
			return raise != of && raise.Quantity > 0 && raise.Quantity <= smallRaise
		})
	}
	return another(a, first) || another(b, second)
}

// id names the brake by what a correction would take back, so that a person's answer is about the pair they saw and no other.
func (p pair) id() string {
	id := fmt.Sprintf("%s/%s/%s", brakeID(ledger.TypedTwice, p.doubted.State.Shelf), p.doubted.State.Ref.Channel, p.doubted.units)
	if p.isOver() {
		id += "/" + evidenceHidden
	}
	return id
}

func (p pair) brake() ledger.Brake {
	kept, doubted := p.kept.State.Ref, p.doubted.State.Ref
	evidence := stock.Evidence{"kept": kept.String(), "kept_at": evidenceTime(p.kept.at()), "doubted": doubted.String(), "doubted_at": evidenceTime(p.doubted.at())}
	switch {
	case p.isOver():
		evidence[evidenceHidden] = p.doubted.units.String()
		p.doubted.noteSteps(evidence, "doubted_steps")
	case p.doubted.changes[0].Moved:
		evidence["move"] = p.doubted.units.Abs().String()
	case p.doubted.units < 0:
		count, doubtedCount := countsOf(p)
		evidence["fall"], evidence["count"] = p.doubted.units.Abs().String(), count.String()
		if doubtedCount != count {
			evidence["doubted_count"] = doubtedCount.String()
		}
	default:
		evidence["raise"] = p.doubted.units.String()
		if p.kept.units != p.doubted.units {
			evidence["kept_raise"] = p.kept.units.String()
		}
		p.kept.noteSteps(evidence, "kept_steps")
		p.doubted.noteSteps(evidence, "doubted_steps")
	}
	return ledger.Brake{
		ID: p.id(), Kind: ledger.TypedTwice, Channel: doubted.Channel, Shelf: p.doubted.State.Shelf, Ref: doubted,
		Quantity: p.doubted.units, Since: p.since, Evidence: evidence,
	}
}

// evidenceHidden is the evidence of a question about what was typed in over what a mark of sold out hid.
const evidenceHidden = "hidden"

func evidenceTime(at time.Time) string { return at.UTC().Format(time.RFC3339) }

// noteSteps says in the evidence of a brake by which steps the units came, if there were several.
func (s side) noteSteps(evidence stock.Evidence, key string) {
	if len(s.changes) == 1 {
		return
	}
	var steps []string
	for _, raise := range s.changes {
		steps = append(steps, raise.Quantity.String())
	}
	evidence[key] = strings.Join(steps, " + ")
}

// releaseTypedTwice forgets the doubted change of a pair. Correct also takes it back from the level, against the suspense account that
// holds it. The other change is forgotten too, unless the shelf has more refs: a third one may be told of the same.
func (s *session) releaseTypedTwice(in ledger.ReleaseBrake) (ledger.Disposition, error) {
	pairs := s.typedTwice(in.Shelf)
	i := slices.IndexFunc(pairs, func(p pair) bool { return p.id() == in.ID })
	if i < 0 {
		return ledger.Disposition{}, fmt.Errorf("releasing brake %s: %w", in.ID, ledger.ErrNotFound)
	}
	p := pairs[i]
	brake, doubted := p.brake(), s.ref(p.doubted.State.Ref)
	if in.Correct {
		s.write(doubted, ledger.Entry{
			Kind: ledger.KindCorrection, OccurredAt: s.at, ObservedAt: s.at,
			Evidence: stock.Evidence{"by": in.By, "note": p.note(), "brake": brake.ID},
			Postings: ledger.Post(ledger.AvailableOn(in.Shelf), ledger.UnexplainedBy(in.Shelf.Item, brake.Ref), brake.Quantity),
		})
		s.correctWaiting(doubted, -brake.Quantity, brake.Since)
		s.rememberCause(doubted, brake.Quantity)
	}
	s.forgetChange(p.doubted)
	if len(s.shelfRefs(in.Shelf)) == 2 {
		s.forgetChange(p.kept)
	}
	return done(brake.Channel, "brake released"), nil
}

// note says in the books why a person took a change back.
func (p pair) note() string {
	switch {
	case p.isOver():
		return "what was typed in over a mark of sold out was counted already"
	case p.doubted.changes[0].Moved:
		return "the same move was typed in on two channels"
	case p.doubted.units < 0:
		return "the same count was typed in on two counters"
	}
	return "the same goods were typed in on two counters"
}

// forgetChange forgets the changes of a side that a person has answered about.
func (s *session) forgetChange(of side) {
	r := s.ref(of.State.Ref)
	answered := func(change ledger.Raise) bool { return slices.Contains(of.changes, change) }
	if of.units < 0 {
		s.keepFalls(r, slices.DeleteFunc(slices.Clone(r.Work.Falls), answered))
		return
	}
	s.keepRaises(r, slices.DeleteFunc(slices.Clone(r.Work.Raises), answered))
}
