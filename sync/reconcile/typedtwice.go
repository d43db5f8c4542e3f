package reconcile

import (
	"fmt"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// typedTwiceWindow is how far apart the same raise on two channels is taken for goods received that were typed in twice.
	typedTwiceWindow = 15 * time.Minute
	// raisesMax bounds how many recent raises of a ref are remembered.
	raisesMax = 32
	// raiseLag is how much later than a return the version of the reading that shows it may be: a webhook may be lost, and the
	// next reading holds later changes too.
	raiseLag = time.Minute
)

// rememberRaise remembers a raise for as long as it may turn out to be goods received that were typed in twice, less what
// returns have explained beforehand. since is the version of the reading before it. What else waits in suspense says nothing
// about a raise: shrinkage that nobody has booked would make goods received look smaller.
func (s *session) rememberRaise(r *row, difference stock.Quantity, since time.Time) {
	version, held := r.State.Version, len(typedTwice(s.shelfStates(r.State.Shelf))) > 0
	raises := slices.DeleteFunc(slices.Clone(r.Work.Raises), func(raise ledger.Raise) bool {
		if raise.Quantity < 0 {
			return !raise.At.Add(s.showsWithin(r)).After(since) || version.Sub(raise.At) > raiseLag
		}
		return version.Sub(raise.At) > typedTwiceWindow && !held
	})
	for i, raise := range raises {
		if told := -raise.Quantity; told > 0 && !raise.At.After(version) {
			part := min(told, difference)
			raises[i].Quantity += part
			difference -= part
		}
	}
	s.keepRaises(r, append(raises, ledger.Raise{Quantity: difference, At: version}))
}

// takeBack forgets a raise that fell back by as much before a second reading confirmed it: a slip of somebody's finger.
func (s *session) takeBack(r *row, fall stock.Quantity) {
	if last := len(r.Work.Raises) - 1; r.Work.RaiseUnconfirmed != nil && last >= 0 && r.Work.Raises[last].Quantity == fall {
		s.keepRaises(r, slices.Clone(r.Work.Raises[:last]))
	}
}

// showsWithin is how long the counter may take to show what the channel has told.
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

// explainRaise takes units that are no goods received, such as a refund's, out of the remembered raises that may hold them.
// What the counter has yet to show is remembered as a negative raise.
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

// takeOut takes units that came at a time out of the raise that is just as large, else out of the first raise since then, and
// returns how many no raise may hold. What that raise lacks was made up for by a fall that the same reading showed.
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

// pairOf doubts the later raise, unless it has a cause and the earlier one has none: what nobody explains is what a correction
// would take back.
func pairOf(a, b side) (p pair, twice bool) {
	if a.raise.Quantity <= 0 || a.raise.Quantity != b.raise.Quantity || a.raise.At.Sub(b.raise.At).Abs() > typedTwiceWindow {
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

// typedTwice finds the same raises on refs of a shelf. Their brakes hold until a person has looked, or until a return explains
// one of the raises. Of several pairs that ask the same question only the first is listed.
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
					if twice && !slices.ContainsFunc(pairs, func(known pair) bool { return known.id() == p.id() }) {
						pairs = append(pairs, p)
					}
				}
			}
		}
	}
	return pairs
}

// id names what a correction would take back: a person's word must not fall on another pair than the one they saw.
func (p pair) id() string {
	return fmt.Sprintf("%s/%s/%s", brakeID(ledger.TypedTwice, p.doubted.State.Shelf), p.doubted.State.Ref.Channel, p.doubted.raise.Quantity)
}

func (p pair) brake() ledger.Brake {
	kept, doubted := p.kept.State.Ref, p.doubted.State.Ref
	return ledger.Brake{
		ID: p.id(), Kind: ledger.TypedTwice, Channel: doubted.Channel, Shelf: p.doubted.State.Shelf, Ref: doubted,
		Quantity: p.doubted.raise.Quantity, Since: p.since,
		Evidence: stock.Evidence{"kept": kept.String(), "doubted": doubted.String(), "raise": p.doubted.raise.Quantity.String()},
	}
}

// releaseTypedTwice forgets the raises of a pair; Correct also takes the doubted one back from the level, against the suspense
// account that holds it. The other is still remembered where a third channel may be told of the same goods.
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
