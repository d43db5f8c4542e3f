package reconcile

import (
	"fmt"
	"slices"
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
// beforehand has explained of it. since is the version of the reading before it. The balance of the suspense account says nothing
// about a raise: if it still holds shrinkage that nobody explained, goods received would look like less than they are.
func (s *session) rememberRaise(r *row, difference stock.Quantity, since time.Time) {
	difference += s.takeTold(r, r.State.Version, since)
	version, held := r.State.Version, len(typedTwice(s.shelfStates(r.State.Shelf))) > 0
	raises := slices.DeleteFunc(slices.Clone(r.Work.Raises), func(raise ledger.Raise) bool {
		if raise.Quantity < 0 {
			return !raise.At.Add(s.showsWithin(r)).After(since) || version.Sub(raise.At) > raiseLag
		}
		return version.Sub(raise.At) > raisesKept && !held
	})
	for i, raise := range raises {
		if told := -raise.Quantity; told > 0 && !raise.At.After(version) {
			part := min(told, difference)
			raises[i].Quantity += part
			difference -= part
		}
	}
	s.keepRaises(r, append(raises, ledger.Raise{Quantity: difference, At: version, After: since, Moved: s.tookFall(r, difference, version)}))
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

// pair is the same raise on two refs of a shelf that belong to different channels.
type pair struct {
	kept, doubted side
	since         time.Time
}

// side is a ref with one of its raises.
type side struct {
	ledger.Ref
	raise ledger.Raise
}

// hasCause says that the ref's suspense account holds less than the raise: somebody has said why it was raised.
func (s side) hasCause() bool { return s.Unexplained > -s.raise.Quantity }

// pairOf says whether two raises are the same goods, and which of them a correction would take back: the later one, unless that one
// has a cause and the earlier one has none.
func pairOf(a, b side) (p pair, twice bool) {
	if a.raise.Quantity <= 0 || a.raise.Moved || b.raise.Moved || a.raise.Quantity != b.raise.Quantity || a.raise.At.Sub(b.raise.At).Abs() > TypedTwiceWindow {
		return pair{}, false
	}
	if order := a.raise.At.Compare(b.raise.At); order > 0 || order == 0 && a.State.Ref.Compare(b.State.Ref) > 0 {
		a, b = b, a
	}
	p = pair{kept: a, doubted: b, since: b.raise.At}
	if b.hasCause() && !a.hasCause() {
		p.kept, p.doubted = b, a
	}
	return p, true
}

// typedTwice finds the pairs of equal raises on the refs of a shelf. Each is a brake that holds until a person has looked, or until a
// return explains one of the two. Of several pairs about the same raise only the first is listed: it asks the same question.
func typedTwice(refs []ledger.Ref) []pair {
	var pairs []pair
	for i, a := range refs {
		for _, b := range refs[i+1:] {
			if a.State.Ref.Channel == b.State.Ref.Channel {
				continue
			}
			for _, first := range a.Work.Raises {
				for _, second := range b.Work.Raises {
					p, twice := pairOf(side{a, first}, side{b, second})
					if twice && !byChance(a, b, first, second) && !slices.ContainsFunc(pairs, func(known pair) bool { return known.id() == p.id() }) {
						pairs = append(pairs, p)
					}
				}
			}
		}
	}
	return pairs
}

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
	return fmt.Sprintf("%s/%s/%s", brakeID(ledger.TypedTwice, p.doubted.State.Shelf), p.doubted.State.Ref.Channel, p.doubted.raise.Quantity)
}

func (p pair) brake() ledger.Brake {
	kept, doubted := p.kept.State.Ref, p.doubted.State.Ref
	return ledger.Brake{
		ID: p.id(), Kind: ledger.TypedTwice, Channel: doubted.Channel, Shelf: p.doubted.State.Shelf, Ref: doubted,
		Quantity: p.doubted.raise.Quantity, Since: p.since,
		Evidence: stock.Evidence{"kept": kept.String(), "kept_at": p.kept.raise.At.UTC().Format(time.RFC3339), "doubted": doubted.String(),
			"doubted_at": p.doubted.raise.At.UTC().Format(time.RFC3339), "raise": p.doubted.raise.Quantity.String()},
	}
}

// releaseTypedTwice forgets the doubted raise of a pair. Correct also takes it back from the level, against the suspense account that
// holds it. The other raise is forgotten too, unless the shelf has more channels: a third one may be told of the same goods.
func (s *session) releaseTypedTwice(in ledger.ReleaseBrake) (ledger.Disposition, error) {
	pairs := typedTwice(s.shelfStates(in.Shelf))
	i := slices.IndexFunc(pairs, func(p pair) bool { return p.id() == in.ID })
	if i < 0 {
		return ledger.Disposition{}, fmt.Errorf("releasing brake %s: %w", in.ID, ledger.ErrNotFound)
	}
	brake, doubted := pairs[i].brake(), s.ref(pairs[i].doubted.State.Ref)
	if in.Correct {
		s.write(doubted, ledger.Entry{
			Kind: ledger.KindCorrection, OccurredAt: s.at, ObservedAt: s.at,
			Evidence: stock.Evidence{"by": in.By, "note": "the same goods were typed in on two channels", "brake": brake.ID},
			Postings: ledger.Post(ledger.AvailableOn(in.Shelf), ledger.UnexplainedBy(in.Shelf.Item, brake.Ref), brake.Quantity),
		})
		s.correctWaiting(doubted, -brake.Quantity, brake.Since)
		s.rememberCause(doubted, brake.Quantity)
	}
	s.forgetRaise(pairs[i].doubted)
	if len(s.shelfRefs(in.Shelf)) == 2 {
		s.forgetRaise(pairs[i].kept)
	}
	return done(brake.Channel, "brake released"), nil
}

func (s *session) forgetRaise(of side) {
	r := s.ref(of.State.Ref)
	s.keepRaises(r, slices.DeleteFunc(slices.Clone(r.Work.Raises), func(raise ledger.Raise) bool { return raise == of.raise }))
}
