package simulator

import (
	"maps"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Bug is a mistake that a run can make on purpose, so that tests can see the judge find it. None of them is a switch inside
// the engine: they change what goes into it, what comes out, or what the naive worker does.
type Bug string

// The planted bugs.
const (
	// bugNoRecounts pretends that no recount absorbs: history never tells of one (R6 off).
	bugNoRecounts Bug = "recounts ignored"
	// bugFeedTime reads history from when our push was received, not from before it occurred.
	bugFeedTime Bug = "history read from the wrong time"
	// bugNewKey sends what may have been written again under a new key.
	bugNewKey Bug = "new key on retry"
	// bugTrustDuringPush takes a delivered reading although a push is in flight or unconfirmed.
	bugTrustDuringPush Bug = "delivery trusted during a push"
	// bugReadDuringPush lets own reads and pushes of a ref overlap.
	bugReadDuringPush Bug = "own read overlaps a push"
	// bugMovementMoves lets movements move the level.
	bugMovementMoves Bug = "movement moves the level"
	// bugMissingIsZero takes a missing count for zero.
	bugMissingIsZero Bug = "missing count is zero"
	// bugOffsetFirst stores the stream's offset before the batch.
	bugOffsetFirst Bug = "offset before commit"
	// bugPushUnopened pushes to a shelf without an opening.
	bugPushUnopened Bug = "push before the opening"
	// bugOldDelivery accepts deliveries that are older than what was accepted.
	bugOldDelivery Bug = "old delivery accepted"
	// bugForgetKeys forgets which movements were explained.
	bugForgetKeys Bug = "movement keys forgotten"
	// bugAnswerLost forgets that an answered push moved what is expected.
	bugAnswerLost Bug = "push not expected"
	// bugUnlinkAtOnce unlinks a ref while a call of it is not definite.
	bugUnlinkAtOnce Bug = "unlinked during a push"
	// bugForgetBaseline lets movements explain that the baseline contains.
	bugForgetBaseline Bug = "movement before the baseline explains"
	// bugTrustCopy believes the first own read of a copy that lags behind.
	bugTrustCopy Bug = "copy that lags behind believed"
	// bugLateOpening opens a shelf with a count that came late beside what the others sold before it (R8).
	bugLateOpening Bug = "late opening books twice"
	// bugEditDropped takes a row for known because its key is (R10).
	bugEditDropped Bug = "edited fact dropped"
	// bugEditDoubled books the difference of an edited row twice.
	bugEditDoubled Bug = "edited fact doubled"
	// bugPartLeftOut opens a shelf that two articles of the authority share with the count of one (R8).
	bugPartLeftOut Bug = "part of a sum left out"
	// bugJoinOverwrites lets every ref join an open shelf, whatever it shows, and pushes the level over it (R9).
	bugJoinOverwrites Bug = "join overwrites"
	// bugBrakeOnce looks at the brake on mass changes once, and not before every call at what was done meanwhile.
	bugBrakeOnce Bug = "brake looked at once a round"
	// bugWordTrusted takes the reason that a program writes to a row for a cause.
	bugWordTrusted Bug = "word of a program trusted"
	// bugHeapHides adds up units only, so that one article with many hides what becomes of the others.
	bugHeapHides Bug = "one article hides the others"
	// bugMovesReceived takes units that move from place to place for goods received. No judge finds it: persons are asked too often.
	bugMovesReceived Bug = "moves taken for goods received"
	// bugStepsForgotten remembers the last raise of a counter only. No judge finds it: persons are not asked about steps.
	bugStepsForgotten Bug = "earlier steps forgotten"
	// bugEmptiedTwice forgets what counters were set to.
	bugEmptiedTwice Bug = "set to zero twice"
	// bugProgramTrusted forgets that a counter undoes our pushes.
	bugProgramTrusted Bug = "other program trusted"
	// bugBooksTrusted takes it for chance that a counter takes back just what we pushed, bugZeroTrusted takes every zero for a person's.
	bugBooksTrusted Bug = "program with books of its own trusted"
	bugZeroTrusted  Bug = "program that writes zero trusted"
	// bugMirrorTrusted forgets which pushes of ours may be repeated.
	bugMirrorTrusted Bug = "program that mirrors trusted"
	// bugScaleTrusted takes for answers only what is as large as the answer before.
	bugScaleTrusted Bug = "program that mirrors a part trusted"
	// bugMarkStays never hears that a mark was taken off.
	bugMarkStays Bug = "mark stays"
	// bugMarkTrusted takes what is typed in over a mark for goods that came.
	bugMarkTrusted Bug = "mark trusted"
	// bugMarkMoves takes a mark for a change of the level.
	bugMarkMoves Bug = "mark moves the level"
	// bugSettlementKept forgets that units were settled when the channel tells what they were.
	bugSettlementKept Bug = "settlement kept"
)

// Bugs lists every planted bug.
func Bugs() []Bug {
	return []Bug{
		bugNoRecounts, bugFeedTime, bugNewKey, bugTrustDuringPush, bugReadDuringPush, bugMovementMoves, bugMissingIsZero,
		bugOffsetFirst, bugPushUnopened, bugOldDelivery, bugForgetKeys, bugAnswerLost,
		bugUnlinkAtOnce, bugForgetBaseline, bugTrustCopy, bugLateOpening, bugPartLeftOut, bugEditDropped, bugEditDoubled, bugJoinOverwrites,
		bugBrakeOnce, bugWordTrusted, bugHeapHides, bugProgramTrusted, bugBooksTrusted, bugZeroTrusted, bugMirrorTrusted, bugScaleTrusted, bugMarkStays, bugMarkMoves, bugMarkTrusted, bugSettlementKept, bugEmptiedTwice,
	}
}

// plant wraps the step with the run's bug.
func (w *world) plant(step ledger.Step) ledger.Step {
	switch w.bug {
	case bugNoRecounts:
		return onInputs(step, func(in ledger.Input) ledger.Input {
			if own, ok := in.(ledger.OwnRead); ok {
				own.Recounts = nil
				return own
			}
			if d, ok := in.(ledger.Delivered); ok && d.Event.Recount != nil {
				d.Event.Recount = nil
				d.Event.Hint = &stock.Hint{Resource: "nothing"}
				return d
			}
			return in
		})
	case bugMarkStays:
		return onInputs(step, func(in ledger.Input) ledger.Input {
			if own, ok := in.(ledger.OwnRead); ok && own.Reading.SoldOut == stock.IsNotSoldOut {
				own.Reading.SoldOut = ""
				return own
			}
			if d, ok := in.(ledger.Delivered); ok && d.Event.Reading != nil && d.Event.Reading.SoldOut == stock.IsNotSoldOut {
				reading := *d.Event.Reading
				reading.SoldOut, d.Event.Reading = "", &reading
				return d
			}
			return in
		})
	case bugMarkTrusted:
		return onRefs(step, func(_ ledger.Input, r ledger.Ref) ledger.Ref {
			r.Work.Raises = slices.Clone(r.Work.Raises)
			for i := range r.Work.Raises {
				r.Work.Raises[i].Hidden = false
			}
			return r
		})
	case bugMarkMoves:
		return onChanges(step, func(e ledger.Entry) ledger.Entry {
			if e.Evidence[ledger.EvidenceSoldOut] != "" {
				e.Postings = ledger.Post(ledger.AvailableOn(e.Shelf), ledger.UnexplainedBy(e.Shelf.Item, e.Ref), stock.Unit)
			}
			return e
		})
	case bugMissingIsZero:
		return onInputs(step, func(in ledger.Input) ledger.Input {
			if own, ok := in.(ledger.OwnRead); ok && own.Reading.Status == stock.Missing {
				own.Reading.Status, own.Reading.Version = stock.Counted, own.ReadAt
				return own
			}
			return in
		})
	case bugTrustDuringPush:
		return onDeliveries(step, func(r ledger.Ref) ledger.Ref {
			r.Work.InFlight, r.State.Unconfirmed = "", nil
			return r
		})
	case bugOldDelivery:
		return onDeliveries(step, func(r ledger.Ref) ledger.Ref {
			r.State.Version = time.Time{}
			return r
		})
	case bugUnlinkAtOnce:
		return onRefs(step, func(in ledger.Input, r ledger.Ref) ledger.Ref {
			if _, unlink := in.(ledger.UnlinkRef); unlink {
				r.Work.InFlight = ""
			}
			return r
		})
	case bugForgetBaseline:
		return onRefs(step, func(_ ledger.Input, r ledger.Ref) ledger.Ref {
			r.State.Contains = time.Time{}
			return r
		})
	case bugJoinOverwrites:
		return onChanges(step, func(e ledger.Entry) ledger.Entry {
			if e.Status == ledger.WaitsToJoin {
				e.Status = ledger.Live
			}
			return e
		})
	case bugLateOpening:
		return onRefs(step, func(_ ledger.Input, r ledger.Ref) ledger.Ref {
			if wish := r.Work.Baseline; wish != nil {
				forgetful := *wish
				forgetful.Absent = false
				r.Work.Baseline = &forgetful
			}
			return r
		})
	case bugMovesReceived:
		return onRefs(step, func(_ ledger.Input, r ledger.Ref) ledger.Ref {
			r.Work.Falls, r.Work.Raises = nil, slices.Clone(r.Work.Raises)
			for i := range r.Work.Raises {
				r.Work.Raises[i].Moved = false
			}
			return r
		})
	case bugStepsForgotten:
		return onRefs(step, func(_ ledger.Input, r ledger.Ref) ledger.Ref {
			r.Work.Raises = slices.Clone(r.Work.Raises[max(0, len(r.Work.Raises)-1):])
			return r
		})
	case bugEmptiedTwice:
		return onRefs(step, func(_ ledger.Input, r ledger.Ref) ledger.Ref {
			r.Work.Falls = nil
			return r
		})
	case bugProgramTrusted:
		return onRefs(step, func(_ ledger.Input, r ledger.Ref) ledger.Ref {
			r.Work.Program = nil
			return r
		})
	case bugSettlementKept:
		return onRefs(step, func(_ ledger.Input, r ledger.Ref) ledger.Ref {
			r.State.Settled = nil
			return r
		})
	case bugBooksTrusted:
		return onPrograms(step, func(watch *ledger.ProgramWatch) {
			for i, change := range watch.Changes {
				watch.Changes[i].Undid = change.Undid && !change.Exactly
			}
		})
	case bugZeroTrusted:
		return onPrograms(step, func(watch *ledger.ProgramWatch) {
			for i, change := range watch.Changes {
				watch.Changes[i].Undid = change.Undid && change.To != 0
			}
		})
	case bugMirrorTrusted:
		return onPrograms(step, func(watch *ledger.ProgramWatch) { watch.Pushes = nil })
	case bugScaleTrusted:
		return onPrograms(step, func(watch *ledger.ProgramWatch) {
			for i, change := range watch.Changes {
				watch.Changes[i].Repeated = change.Repeated && (i == 0 || change.Quantity == watch.Changes[i-1].Quantity)
			}
		})
	case bugPartLeftOut:
		return onInputs(step, func(in ledger.Input) ledger.Input {
			if wish, ok := in.(ledger.WantBaseline); ok && w.twin(wish.Ref) {
				wish.Authority = false
				return wish
			}
			return in
		})
	case bugTrustCopy:
		return onRefs(step, func(in ledger.Input, r ledger.Ref) ledger.Ref {
			if _, own := in.(ledger.OwnRead); own {
				r.Work.Older = olderReadsMax - 1
			}
			return r
		})
	case bugMovementMoves:
		return onChanges(step, func(e ledger.Entry) ledger.Entry {
			if e.Kind == ledger.KindMovement {
				for i, p := range e.Postings {
					e.Postings[i] = move(p, ledger.UnexplainedBy(e.Shelf.Item, e.Ref), ledger.AvailableOn(e.Shelf))
				}
			}
			return e
		})
	case bugEditDropped:
		return onInputs(step, w.firstContent)
	case bugEditDoubled:
		return onChanges(step, func(e ledger.Entry) ledger.Entry {
			if e.Evidence[ledger.EvidenceCorrects] != "" {
				e.Postings = append(e.Postings, e.Postings...)
			}
			return e
		})
	case bugAnswerLost:
		return onChanges(step, func(e ledger.Entry) ledger.Entry {
			if e.Push != nil && e.Push.Phase == ledger.Answered {
				e.ExpectedDelta = 0
			}
			return e
		})
	case bugPushUnopened:
		return func(s *ledger.Snapshot, at time.Time, inputs []ledger.Input) (ledger.Changes, error) {
			if _, own := inputs[0].(ledger.OwnRead); !own {
				for name, shelf := range s.Shelves {
					shelf.Opened = true
					s.Shelves[name] = shelf
				}
			}
			return step(s, at, inputs)
		}
	case bugForgetKeys:
		return onChanges(onSnapshot(step, func(s *ledger.Snapshot) { clear(s.Keys); clear(s.Counters) }), func(e ledger.Entry) ledger.Entry {
			if e.Kind == ledger.KindMovement {
				w.forgotten++
				e.Key += "#" + time.Duration(w.forgotten).String()
			}
			return e
		})
	}
	return step
}

// firstContent shows every row with the quantity that was told of it first.
func (w *world) firstContent(in ledger.Input) ledger.Input {
	first := func(m stock.Movement) stock.Movement {
		key := ledger.EntryKey(m.Ref.Channel, m.Key)
		if _, told := w.contents[key]; !told {
			w.contents[key] = m.Quantity
		}
		m.Quantity = w.contents[key]
		return m
	}
	switch in := in.(type) {
	case ledger.OwnRead:
		in.Movements = slices.Clone(in.Movements)
		for i, m := range in.Movements {
			in.Movements[i] = first(m)
		}
		return in
	case ledger.Delivered:
		if in.Event.Movement != nil {
			m := first(*in.Event.Movement)
			in.Event.Movement = &m
		}
		return in
	}
	return in
}

func move(p ledger.Posting, from, to ledger.Account) ledger.Posting {
	if p.From == from {
		p.From = to
	}
	if p.To == from {
		p.To = to
	}
	return p
}

func onInputs(step ledger.Step, change func(ledger.Input) ledger.Input) ledger.Step {
	return func(s *ledger.Snapshot, at time.Time, inputs []ledger.Input) (ledger.Changes, error) {
		changed := make([]ledger.Input, len(inputs))
		for i, in := range inputs {
			changed[i] = change(in)
		}
		return step(s, at, changed)
	}
}

func onSnapshot(step ledger.Step, change func(*ledger.Snapshot)) ledger.Step {
	return func(s *ledger.Snapshot, at time.Time, inputs []ledger.Input) (ledger.Changes, error) {
		change(s)
		return step(s, at, inputs)
	}
}

// onRefs shows changed refs, by the first input of the batch.
func onRefs(step ledger.Step, change func(ledger.Input, ledger.Ref) ledger.Ref) ledger.Step {
	return func(s *ledger.Snapshot, at time.Time, inputs []ledger.Input) (ledger.Changes, error) {
		for name, ref := range s.Refs {
			s.Refs[name] = change(inputs[0], ref)
		}
		return step(s, at, inputs)
	}
}

// onPrograms shows changed memories of how counters answer our pushes.
func onPrograms(step ledger.Step, change func(*ledger.ProgramWatch)) ledger.Step {
	return onRefs(step, func(_ ledger.Input, r ledger.Ref) ledger.Ref {
		if r.Work.Program != nil {
			watch := *r.Work.Program
			watch.Changes = slices.Clone(watch.Changes)
			change(&watch)
			r.Work.Program = &watch
		}
		return r
	})
}

// onDeliveries shows changed refs to batches that only deliver.
func onDeliveries(step ledger.Step, change func(ledger.Ref) ledger.Ref) ledger.Step {
	return func(s *ledger.Snapshot, at time.Time, inputs []ledger.Input) (ledger.Changes, error) {
		for _, in := range inputs {
			d, ok := in.(ledger.Delivered)
			if !ok || d.Event.Reading == nil {
				return step(s, at, inputs)
			}
		}
		refs := maps.Clone(s.Refs)
		for name, ref := range refs {
			if ref.State.Status == ledger.Live {
				refs[name] = change(ref)
			}
		}
		real := s.Refs
		s.Refs = refs
		changes, err := step(s, at, inputs)
		for i, work := range changes.Work {
			changes.Work[i].InFlight = real[work.Ref].Work.InFlight
		}
		return changes, err
	}
}

func onChanges(step ledger.Step, change func(ledger.Entry) ledger.Entry) ledger.Step {
	return func(s *ledger.Snapshot, at time.Time, inputs []ledger.Input) (ledger.Changes, error) {
		changes, err := step(s, at, inputs)
		for i, e := range changes.Entries {
			changes.Entries[i] = change(e)
		}
		return changes, err
	}
}
