package ledgertest

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// DueReads returns refs of the channel whose wished read is due, but for baselines, the most urgent first: smallest |level|, then longest
// due, then by ref.
func (m *Model) DueReads(_ context.Context, channel stock.Channel, now time.Time, limit int) ([]ledger.DueRef, error) {
	return m.due(channel, now, limit, false), nil
}

// DueBaselines returns refs of the channel whose baseline is wanted and whose wished read is due, longest due first, then by ref.
func (m *Model) DueBaselines(_ context.Context, channel stock.Channel, now time.Time, limit int) ([]ledger.DueRef, error) {
	return m.due(channel, now, limit, true), nil
}

// due returns reads that are due: baselines, or all others.
func (m *Model) due(channel stock.Channel, now time.Time, limit int, baselines bool) []ledger.DueRef {
	m.mu.Lock()
	defer m.mu.Unlock()
	var due []ledger.DueRef
	for ref := range m.wished[channel] {
		if r := m.dueRef(m.states[ref]); r.ReadAllowed() && !r.Work.ReadDue.After(now) && (r.Work.Baseline != nil) == baselines {
			due = append(due, r)
		}
	}
	slices.SortFunc(due, func(a, b ledger.DueRef) int {
		longest := cmp.Or(a.Work.ReadDue.Compare(b.Work.ReadDue), a.State.Ref.Compare(b.State.Ref))
		if baselines {
			return longest
		}
		return cmp.Or(cmp.Compare(a.Level.Abs(), b.Level.Abs()), longest)
	})
	return due[:min(len(due), ledger.PageSize(limit))]
}

// BaselineProgress counts what first syncs have still to do.
func (m *Model) BaselineProgress(context.Context) (ledger.BaselineProgress, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var progress ledger.BaselineProgress
	for ref, work := range m.work {
		switch {
		case work.Baseline == nil:
		case work.Baseline.Missing:
			progress.Missing++
		default:
			progress.Waiting++
		}
		if state := m.states[ref]; work.Push && state.Status == ledger.Live && m.shelf(state.Shelf).Opened {
			progress.PushesLeft++
		}
	}
	return progress, nil
}

// BaselinesBegun says whether any ref of the channel has, or had, its baseline since it was linked.
func (m *Model) BaselinesBegun(_ context.Context, channel stock.Channel) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for ref, state := range m.states {
		if ref.Channel == channel && state.Status != ledger.Linked && state.Status != ledger.Unlinked {
			return true, nil
		}
	}
	return false, nil
}

// DuePushes returns a page of the wanted pushes of the channel that are due, the most urgent first.
func (m *Model) DuePushes(_ context.Context, channel stock.Channel, now time.Time, after ledger.DuePush, limit int) ([]ledger.DuePush, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	after.Ref.Channel = channel
	var due []ledger.DuePush
	for ref := range m.wished[channel] {
		r := m.dueRef(m.states[ref])
		push := ledger.DuePush{Ref: ref, Level: r.Level, Due: r.Work.PushDue, Refusals: r.Work.Refusals}
		if r.PushAllowed(r.Opened) && !r.Work.PushDue.After(now) && push.Compare(after) > 0 {
			due = append(due, push)
		}
	}
	slices.SortFunc(due, ledger.DuePush.Compare)
	return due[:min(len(due), ledger.PageSize(limit))], nil
}

// NextDue returns the earliest time after now at which something of the channel becomes due; zero when nothing will.
func (m *Model) NextDue(_ context.Context, channel stock.Channel, now time.Time) (time.Time, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var next time.Time
	consider := func(due time.Time) {
		if due.After(now) && (next.IsZero() || due.Before(next)) {
			next = due
		}
	}
	for ref := range m.wished[channel] {
		r := m.dueRef(m.states[ref])
		if r.ReadAllowed() {
			consider(r.Work.ReadDue)
		}
		if r.PushAllowed(r.Opened) {
			consider(r.Work.PushDue)
		}
	}
	for key := range m.openCalls[channel] {
		consider(m.calls[key].Due)
	}
	for key, wish := range m.resources {
		if key.channel == channel {
			consider(wish.Due)
		}
	}
	return next, nil
}

// OpenCalls returns the calls of the channel that are not definite, oldest first.
func (m *Model) OpenCalls(_ context.Context, channel stock.Channel) ([]ledger.Call, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var calls []ledger.Call
	for key := range m.openCalls[channel] {
		calls = append(calls, cloneCall(m.calls[key]))
	}
	slices.SortFunc(calls, func(a, b ledger.Call) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.Key, b.Key))
	})
	return calls, nil
}

// DueResources returns the resource wishes of the channel that are due, oldest first.
func (m *Model) DueResources(_ context.Context, channel stock.Channel, now time.Time, limit int) ([]ledger.ResourceWish, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var wishes []ledger.ResourceWish
	for key, wish := range m.resources {
		if key.channel == channel && !wish.Due.After(now) {
			wishes = append(wishes, wish)
		}
	}
	slices.SortFunc(wishes, func(a, b ledger.ResourceWish) int {
		return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Resource, b.Resource))
	})
	return wishes[:min(len(wishes), ledger.PageSize(limit))], nil
}

// Uncaused returns the refs of the channel that remember changes without a cause, pushed since or to be pushed.
func (m *Model) Uncaused(_ context.Context, channel stock.Channel, since time.Time) ([]ledger.DueRef, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var refs []ledger.DueRef
	for ref, work := range m.work {
		state := m.states[ref]
		if ref.Channel != channel || !state.Status.Follows() || !m.shelf(state.Shelf).Opened {
			continue
		}
		if slices.ContainsFunc(work.Uncaused, func(u ledger.Uncaused) bool { return work.Push || !u.At.Before(since) }) {
			refs = append(refs, m.dueRef(state))
		}
	}
	slices.SortFunc(refs, func(a, b ledger.DueRef) int { return a.State.Ref.Compare(b.State.Ref) })
	return refs, nil
}

// UnitsBefore sums |level| over the refs of a channel that follow their shelves, of before what changed since then.
func (m *Model) UnitsBefore(_ context.Context, channel stock.Channel, since time.Time) (load ledger.PushLoad, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for ref, state := range m.states {
		if ref.Channel != channel || !state.Status.Follows() {
			continue
		}
		level := m.shelf(state.Shelf).Level
		if before := m.work[ref].Before; !before.At.IsZero() && !before.At.Before(since) {
			level = before.Level
		}
		load.AddBefore(level)
	}
	return load, nil
}

// Refs returns a page of refs in order.
func (m *Model) Refs(_ context.Context, filter ledger.RefFilter) ([]ledger.DueRef, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var refs []ledger.DueRef
	for _, ref := range slices.SortedFunc(maps.Keys(m.states), stock.Ref.Compare) {
		state := m.states[ref]
		if ref.Compare(filter.After) <= 0 || len(refs) == ledger.PageSize(filter.Limit) ||
			filter.Channel != "" && ref.Channel != filter.Channel || filter.Article != "" && ref.Item != filter.Article || filter.Item != "" && state.Shelf.Item != filter.Item {
			continue
		}
		refs = append(refs, m.dueRef(state))
	}
	return refs, nil
}

// StoredBrakes returns every brake that was ever stored, by id.
func (m *Model) StoredBrakes(context.Context) ([]ledger.Brake, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.SortedFunc(maps.Values(m.brakes), func(a, b ledger.Brake) int { return cmp.Compare(a.ID, b.ID) }), nil
}

// Cursors returns the next offset of each partition of the topic.
func (m *Model) Cursors(_ context.Context, topic string) (map[int]int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	offsets := map[int]int64{}
	for at, next := range m.cursors {
		if at.topic == topic {
			offsets[at.number] = next
		}
	}
	return offsets, nil
}

// Mark returns a sweep's named position; "" when there is none.
func (m *Model) Mark(_ context.Context, name string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.marks[name], nil
}

func (m *Model) dueRef(state ledger.RefState) ledger.DueRef {
	shelf := m.shelf(state.Shelf)
	return ledger.DueRef{Ref: m.ref(state), Level: shelf.Level, Opened: shelf.Opened}
}

// Entries returns all entries. The caller must not change them.
func (m *Model) Entries() []ledger.Entry {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clip(m.entries)
}

// Ref returns everything stored about a ref; the zero value when it was never linked.
func (m *Model) Ref(ref stock.Ref) ledger.Ref {
	m.mu.Lock()
	defer m.mu.Unlock()
	state, known := m.states[ref]
	if !known {
		return ledger.Ref{}
	}
	return m.ref(state)
}

// Level returns the level of a shelf.
func (m *Model) Level(shelf stock.Shelf) stock.Quantity {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.shelf(shelf).Level
}

// Balances returns the balance of each account of the item that was ever posted to.
func (m *Model) Balances(item stock.ItemID) map[ledger.Account]stock.Quantity {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.balances[item])
}

// Call returns a stored call and whether there is one.
func (m *Model) Call(key string) (ledger.Call, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	call, known := m.calls[key]
	return cloneCall(call), known
}
