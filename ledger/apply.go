package ledger

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// ErrTime: a time cannot be stored: at or before 1970-01-01T00:00:00Z (and not zero), or after the year 2262.
var ErrTime = errors.New("time out of range")

// CheckTime reports a time that stores cannot keep to the nanosecond.
func CheckTime(t time.Time) error {
	if t.IsZero() {
		return nil
	}
	if s := t.Unix(); s < 0 || s >= math.MaxInt64/int64(time.Second) || t.UnixNano() == 0 {
		return fmt.Errorf("%w: %s", ErrTime, t.UTC().Format(time.RFC3339Nano))
	}
	return nil
}

// Scope collects what the batch touches, sorted and without repetitions. What follows from it (the refs of a touched call,
// the siblings of a ref) is up to the store.
func (b Batch) Scope() Scope {
	var s Scope
	for _, input := range b.Inputs {
		input.Touch(&s)
	}
	s.Refs = unique(s.Refs, stock.Ref.Compare)
	s.Shelves = unique(s.Shelves, stock.Shelf.Compare)
	s.SoldAs = unique(s.SoldAs, func(a, b SoldAs) int {
		return cmp.Or(cmp.Compare(a.Channel, b.Channel), strings.Compare(a.Item, b.Item))
	})
	s.Keys = unique(s.Keys, strings.Compare)
	s.Orders = unique(s.Orders, func(a, b OrderID) int {
		return cmp.Or(cmp.Compare(a.Channel, b.Channel), strings.Compare(a.Order, b.Order))
	})
	s.Calls = unique(s.Calls, strings.Compare)
	s.Brakes = unique(s.Brakes, strings.Compare)
	s.Channels = unique(s.Channels, cmp.Compare[stock.Channel])
	return s
}

func unique[T comparable](list []T, compare func(a, b T) int) []T {
	slices.SortFunc(list, compare)
	return slices.Compact(list)
}

// Recorded returns the entry as stores write it: with its number, its time of recording, every time in UTC without a
// monotonic part, so that what is read back and folded again gives the same bytes.
func (e Entry) Recorded(seq int64, at time.Time) (Entry, error) {
	if err := e.Check(); err != nil {
		return Entry{}, err
	}
	if e.Ref.Channel == "" && e.Ref != (stock.Ref{}) {
		return Entry{}, fmt.Errorf("%w: entry %s has a ref without a channel", ErrUnbalanced, e.Key)
	}
	e.Seq, e.RecordedAt = seq, at
	times := []*time.Time{&e.OccurredAt, &e.ObservedAt, &e.RecordedAt}
	if e.Push != nil {
		mark := *e.Push
		e.Push, times = &mark, append(times, &mark.OccurredAt, &mark.AnsweredAt)
	}
	if e.Recount != nil {
		mark := *e.Recount
		e.Recount, times = &mark, append(times, &mark.OccurredAt, &mark.ChannelTime)
	}
	for _, t := range times {
		if err := CheckTime(*t); err != nil {
			return Entry{}, fmt.Errorf("entry %s: %w", e.Key, err)
		}
		*t = t.UTC().Round(0)
	}
	return e, nil
}

// Stored returns the work as stores write it: every time in UTC without a monotonic part. A time beyond what stores keep
// becomes the nearest that they do: no clock shows either, and a platform's nonsense must not hold up what came with it.
func (w Work) Stored() Work {
	for _, t := range []*time.Time{&w.ReadDue, &w.ReadUntil, &w.PushDue, &w.FeedFrom, &w.Before.At} {
		switch {
		case CheckTime(*t) == nil:
			*t = t.UTC().Round(0)
		case t.Unix() <= 0:
			*t = time.Unix(0, 1).UTC()
		default:
			*t = time.Unix(math.MaxInt64/int64(time.Second)-1, 0).UTC()
		}
	}
	return w
}

// Wanted lists the channels that have something to read or push after these changes, or whose calls or resource wishes
// changed.
func (c Changes) Wanted() []stock.Channel {
	var channels []stock.Channel
	for _, w := range c.Work {
		if w.Read != 0 || w.Push {
			channels = append(channels, w.Ref.Channel)
		}
	}
	for _, call := range c.Calls {
		channels = append(channels, call.Channel)
	}
	for _, wish := range c.Resources {
		channels = append(channels, wish.Channel)
	}
	return unique(channels, cmp.Compare[stock.Channel])
}

// ReadAllowed says whether a wished read of the ref may be sent: it has a status in which a reading means something, and
// no call of it is in flight.
func (r Ref) ReadAllowed() bool {
	if r.Work.Read == 0 || r.Work.InFlight != "" {
		return false
	}
	switch r.State.Status {
	case Live, Unreadable, Untracked, WaitsToJoin, Gone:
		return true
	case Linked:
		return r.Work.Baseline != nil
	case SetAside, Unlinked:
		return false
	}
	return false
}

// PushAllowed says whether a wanted push of the ref may be planned, as far as the ledger knows; brakes are the rules' affair.
func (r Ref) PushAllowed(opened bool) bool {
	return r.Work.Push && r.Work.InFlight == "" && r.State.Status == Live && opened
}
