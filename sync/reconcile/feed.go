package reconcile

import (
	"slices"
	"strconv"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// feedOverlap is how much of the history before the last read is read again: the platform tells its clock in whole seconds.
	feedOverlap = 2 * time.Second
	// pushOverlap is how far before a push's occurred_at history must be read (HistoryFrom).
	pushOverlap = time.Second
	// absentPauseMax bounds the wait before history is asked again for a push that it does not show. The wait grows with the
	// push's age: most rows appear within moments, and one that is missing for minutes must not use up the account's budget.
	absentPauseMax = 30 * time.Second
)

// HistoryFrom is since when history must be read to find a push with this occurred_at, and every recount that could absorb it (R6).
func HistoryFrom(occurredAt time.Time) time.Time { return occurredAt.Add(-pushOverlap) }

// FeedSince returns from which channel time on the next own read of a ref must bring history: early enough to decide about every
// unconfirmed push, and to contain whatever was not read before. Zero: nothing was ever read.
func FeedSince(ref ledger.Ref) time.Time {
	since := ref.Work.FeedFrom
	for _, push := range ref.State.Unconfirmed {
		if from := HistoryFrom(push.OccurredAt); since.IsZero() || from.Before(since) {
			since = from
		}
	}
	return since
}

// Reference names a row of a call in the channel's history.
func Reference(call string, row int) string {
	return stock.ReferencePrefix + call + ":" + strconv.Itoa(row)
}

// effect is what history says about one of our pushes.
type effect uint8

const (
	notFound effect = iota + 1
	effective
	absorbed
	tied
)

// decidePushes is R6: before any difference is posted, history decides what each unconfirmed push did. settled is false when it
// cannot be decided, so that the read must not be accepted; d says why.
func (s *session) decidePushes(r *row, in ledger.OwnRead) (d ledger.Disposition, settled bool) {
	channel := r.State.Ref.Channel
	effects := make([]effect, len(r.State.Unconfirmed))
	recounts := make([]*ledger.RecountMark, len(r.State.Unconfirmed))
	for i, push := range r.State.Unconfirmed {
		if push.Phase == ledger.Resolved {
			continue
		}
		_, effects[i], recounts[i] = effectOf(push, r.State, in)
		if effects[i] == notFound {
			d := s.repeatRead(r, "our push is not in the history yet")
			r.work().ReadDue = s.at.Add(min(max(in.ReadAt.Sub(push.AnsweredAt)/4, repeatPause), absentPauseMax))
			return d, false
		}
	}
	undecided := false
	for i, push := range r.State.Unconfirmed {
		switch effects[i] {
		case absorbed:
			push.Phase = ledger.Absorbed
			s.writePush(r, push, ledger.Entry{ExpectedDelta: -push.Delta, Evidence: recountEvidence(recounts[i])})
		case tied:
			push.Phase = ledger.Undecided
			s.writePush(r, push, ledger.Entry{Status: ledger.SetAside, Evidence: recountEvidence(recounts[i])})
			undecided = true
		}
	}
	if undecided {
		return ignored(channel, "a push ties with a recount: a person decides"), false
	}
	return ledger.Disposition{}, true
}

// lateWrites finds rows of ours in the history whose call was refused: one attempt was on its way in the network when another was
// refused, and was written after all. It adds them to the unconfirmed pushes, for otherwise they would count as what others did. To
// decide about them history must be known from a certain time on, which is returned; if the read does not reach back that far, none
// is added and a longer read must follow.
func (s *session) lateWrites(r *row, in ledger.OwnRead) (from time.Time) {
	from = in.FeedFrom
	var late []ledger.PushMark
	for _, m := range in.Movements {
		call, known := s.call(ledger.CallOfReference(m.Reference))
		i := ledger.RowOfReference(m.Reference)
		contained := !m.ChannelTime.After(r.State.Contains)
		if m.Ref != r.State.Ref || !known || call.State != ledger.CallRefused || contained || i < 0 || i >= len(call.Rows) {
			continue
		}
		if _, taken := s.known(ledger.PushKey(call.Key, i, ledger.Answered)); taken {
			continue
		}
		late = append(late, ledger.PushMark{Call: call.Key, Row: i, Delta: call.Rows[i].Delta, Phase: ledger.Answered, OccurredAt: call.OccurredAt, AnsweredAt: m.ChannelTime})
		if needs := HistoryFrom(call.OccurredAt); needs.Before(from) {
			from = needs
		}
	}
	if from.Before(in.FeedFrom) {
		return from
	}
	for _, mark := range late {
		s.writePush(r, mark, ledger.Entry{ExpectedDelta: mark.Delta, ObservedAt: mark.AnsweredAt, Evidence: stock.Evidence{"note": "written although the call was refused"}})
		s.explainRaise(r, mark.Delta, mark.AnsweredAt, mark.AnsweredAt)
	}
	return from
}

// effectOf finds the row of one of our pushes in the history that a read brought, and what became of it.
func effectOf(push ledger.PushMark, state ledger.RefState, in ledger.OwnRead) (stock.Movement, effect, *ledger.RecountMark) {
	reference := Reference(push.Call, push.Row)
	for _, row := range in.Movements {
		if row.Reference != reference || row.Ref != state.Ref {
			continue
		}
		recounts := recountsOf(state, in)
		for _, e := range []effect{absorbed, tied} {
			if i := slices.IndexFunc(recounts, func(r ledger.RecountMark) bool { return weigh(row, r) == e }); i >= 0 {
				return row, e, &recounts[i]
			}
		}
		return row, effective, nil
	}
	return stock.Movement{}, notFound, nil
}

// weigh compares a row of history with a recount: the recount absorbs what occurred before it and was received after it.
func weigh(row stock.Movement, recount ledger.RecountMark) effect {
	if recount.ChannelTime.After(row.ChannelTime) || recount.OccurredAt.Before(row.OccurredAt) {
		return effective
	}
	if recount.OccurredAt.Equal(row.OccurredAt) || recount.ChannelTime.Equal(row.ChannelTime) {
		return tied
	}
	return absorbed
}

// recountsOf lists the recounts that may have absorbed a row: the youngest known one, and those the read brought.
func recountsOf(state ledger.RefState, in ledger.OwnRead) []ledger.RecountMark {
	var marks []ledger.RecountMark
	if state.Recount != nil {
		marks = append(marks, *state.Recount)
	}
	for _, recount := range in.Recounts {
		if recount.Ref == state.Ref {
			marks = append(marks, markOf(recount))
		}
	}
	return marks
}

func recountEvidence(mark *ledger.RecountMark) stock.Evidence {
	return stock.Evidence{"recount": mark.Key, "counted": mark.Counted.String()}
}
