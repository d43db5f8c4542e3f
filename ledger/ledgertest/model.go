package ledgertest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// set is a set of keys.
type set[K comparable] map[K]struct{}

// put adds key to the set that index holds under group, or removes it.
func put[G, K comparable](index map[G]set[K], group G, key K, member bool) {
	if member {
		if index[group] == nil {
			index[group] = set[K]{}
		}
		index[group][key] = struct{}{}
		return
	}
	delete(index[group], key)
}

type partition struct {
	topic  string
	number int
}

type resource struct {
	channel stock.Channel
	name    string
}

type tallyKey struct {
	channel stock.Channel
	ending  ledger.Ending
	reason  string
}

// Model is a ledger in memory: maps, slices and one mutex. It is safe for concurrent use.
type Model struct {
	mu        sync.Mutex
	entries   []ledger.Entry
	keys      map[string]string
	booked    map[string][]ledger.Entry
	balances  map[stock.ItemID]map[ledger.Account]stock.Quantity
	states    map[stock.Ref]ledger.RefState
	shelves   map[stock.Shelf]bool // true: opened
	work      map[stock.Ref]ledger.Work
	counters  map[ledger.OrderID]map[ledger.CounterKey]stock.Quantity
	waiting   map[ledger.OrderID]map[ledger.CounterKey]ledger.Waiting
	calls     map[string]ledger.Call
	brakes    map[string]ledger.Brake
	resources map[resource]ledger.ResourceWish
	unlinked  map[resource]time.Time
	cursors   map[partition]int64
	marks     map[string]string
	tallies   map[tallyKey]int64

	// Indexes over the above. ofItem and soldAs hold refs that are not unlinked; wished holds refs with a wish.
	ofItem    map[stock.ItemID]set[stock.Ref]
	soldAs    map[ledger.SoldAs]set[stock.Ref]
	wished    map[stock.Channel]set[stock.Ref]
	openCalls map[stock.Channel]set[string]
}

// NewModel returns an empty ledger.
func NewModel() *Model {
	return &Model{
		keys: map[string]string{}, booked: map[string][]ledger.Entry{}, balances: map[stock.ItemID]map[ledger.Account]stock.Quantity{},
		states: map[stock.Ref]ledger.RefState{}, shelves: map[stock.Shelf]bool{}, work: map[stock.Ref]ledger.Work{},
		counters: map[ledger.OrderID]map[ledger.CounterKey]stock.Quantity{},
		waiting:  map[ledger.OrderID]map[ledger.CounterKey]ledger.Waiting{},
		calls:    map[string]ledger.Call{}, brakes: map[string]ledger.Brake{},
		resources: map[resource]ledger.ResourceWish{}, unlinked: map[resource]time.Time{},
		cursors: map[partition]int64{}, marks: map[string]string{}, tallies: map[tallyKey]int64{},
		ofItem: map[stock.ItemID]set[stock.Ref]{}, soldAs: map[ledger.SoldAs]set[stock.Ref]{},
		wished: map[stock.Channel]set[stock.Ref]{}, openCalls: map[stock.Channel]set[string]{},
	}
}

// Apply decides about a batch and keeps what was decided; see ledger.Store.
func (m *Model) Apply(ctx context.Context, step ledger.Step, batch ledger.Batch) (ledger.Receipt, error) {
	if err := ctx.Err(); err != nil {
		return ledger.Receipt{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if c := batch.Cursor; c != nil {
		next, known := m.cursors[partition{c.Topic, c.Partition}]
		if !c.Reset && (known && next != c.From || c.Next < c.From) {
			return ledger.Receipt{}, fmt.Errorf("%w: %s/%d is at %d, batch is from %d to %d", ledger.ErrCursorMoved, c.Topic, c.Partition, next, c.From, c.Next)
		}
	}
	changes, err := step.Decide(m.snapshot(batch), batch)
	if err != nil {
		return ledger.Receipt{}, err
	}
	draft, err := m.draft(changes, batch.At)
	if err != nil {
		return ledger.Receipt{}, err
	}
	m.keepEntries(draft)
	m.keepIntentions(changes)
	if c := batch.Cursor; c != nil {
		m.cursors[partition{c.Topic, c.Partition}] = c.Next
	}
	maps.Copy(m.marks, batch.Marks)
	return ledger.Receipt{
		LastSeq: int64(len(m.entries)), Entries: slices.Clone(draft.entries), Dispositions: changes.Dispositions,
		Calls: changes.Calls, Wanted: changes.Wanted(),
	}, nil
}

// draft is what a batch's entries come to, before anything is kept.
type draft struct {
	entries  []ledger.Entry
	keys     map[string]string
	states   map[stock.Ref]ledger.RefState
	balances map[ledger.Account]stock.Quantity
}

func (m *Model) draft(changes ledger.Changes, at time.Time) (draft, error) {
	d := draft{keys: map[string]string{}, states: map[stock.Ref]ledger.RefState{}, balances: map[ledger.Account]stock.Quantity{}}
	for _, decided := range changes.Entries {
		e, err := decided.Recorded(int64(len(m.entries)+len(d.entries)+1), at)
		if err != nil {
			return draft{}, fmt.Errorf("writing entry: %w", err)
		}
		taken, used := d.keys[e.Key]
		if !used {
			taken, used = m.keys[e.Key]
		}
		switch {
		case used && taken == e.Fingerprint:
			return draft{}, fmt.Errorf("writing entry: key %s is written twice", e.Key)
		case used:
			return draft{}, fmt.Errorf("writing entry: %w: %s", ledger.ErrKeyReused, e.Key)
		}
		d.keys[e.Key] = e.Fingerprint
		for _, p := range e.Postings {
			if !m.move(d.balances, p.From, -p.Quantity) || !m.move(d.balances, p.To, p.Quantity) {
				return draft{}, fmt.Errorf("writing entry %s: %w: %s from %s to %s", e.Key, ledger.ErrOverflow, p.Quantity, p.From, p.To)
			}
		}
		if e.Ref != (stock.Ref{}) {
			state, seen := d.states[e.Ref]
			if !seen {
				state = m.states[e.Ref]
			}
			if _, fits := state.Expected.Plus(e.ExpectedDelta); !fits {
				return draft{}, fmt.Errorf("writing entry %s: %w: expected %s and %s", e.Key, ledger.ErrOverflow, state.Expected, e.ExpectedDelta)
			}
			d.states[e.Ref] = state.After(e)
		}
		d.entries = append(d.entries, e)
	}
	for _, w := range changes.Work {
		_, linked := m.states[w.Ref]
		if _, links := d.states[w.Ref]; !linked && !links {
			return draft{}, fmt.Errorf("writing work: %w: %s was never linked", ledger.ErrNotFound, w.Ref)
		}
	}
	return d, nil
}

// move adds quantity to an account of the draft and reports whether the balance still fits.
func (m *Model) move(balances map[ledger.Account]stock.Quantity, account ledger.Account, quantity stock.Quantity) bool {
	balance, seen := balances[account]
	if !seen {
		balance = m.balances[account.Item][account]
	}
	sum, fits := balance.Plus(quantity)
	balances[account] = sum
	return fits
}

func (m *Model) keepEntries(d draft) {
	m.entries = append(m.entries, d.entries...)
	maps.Copy(m.keys, d.keys)
	for _, e := range d.entries {
		if e.Kind == ledger.KindMovement {
			key := ledger.KeyOfEdit(e.Key)
			m.booked[key] = append(m.booked[key], e)
		}
	}
	for _, e := range d.entries {
		m.shelves[e.Shelf] = m.shelves[e.Shelf] || e.Opens
	}
	for account, balance := range d.balances {
		if m.balances[account.Item] == nil {
			m.balances[account.Item] = map[ledger.Account]stock.Quantity{}
		}
		m.balances[account.Item][account] = balance
	}
	for ref, state := range d.states {
		old := m.states[ref]
		put(m.ofItem, old.Shelf.Item, ref, false)
		put(m.soldAs, ledger.SoldAs{Channel: ref.Channel, Item: old.SoldAs}, ref, false)
		linked := state.Status != ledger.Unlinked
		put(m.ofItem, state.Shelf.Item, ref, linked)
		put(m.soldAs, ledger.SoldAs{Channel: ref.Channel, Item: state.SoldAs}, ref, linked)
		m.states[ref] = state
	}
}

func (m *Model) keepIntentions(changes ledger.Changes) {
	for _, w := range changes.Work {
		m.work[w.Ref] = cloneWork(w.Stored())
		put(m.wished, w.Ref.Channel, w.Ref, w.Read != 0 || w.Push)
	}
	for key, quantity := range changes.Counters {
		order := ledger.OrderID{Channel: key.Channel, Order: key.Order}
		if m.counters[order] == nil {
			m.counters[order] = map[ledger.CounterKey]stock.Quantity{}
		}
		old, known := m.counters[order][key]
		if !known || quantity > old {
			m.counters[order][key] = quantity
		}
	}
	for _, w := range changes.Waiting {
		order := ledger.OrderID{Channel: w.Counter.Channel, Order: w.Counter.Order}
		if m.waiting[order] == nil {
			m.waiting[order] = map[ledger.CounterKey]ledger.Waiting{}
		}
		m.waiting[order][w.Counter] = w
		if w.Quantity == 0 {
			delete(m.waiting[order], w.Counter)
		}
	}
	for _, call := range changes.Calls {
		put(m.openCalls, m.calls[call.Key].Channel, call.Key, false)
		m.calls[call.Key] = cloneCall(call)
		put(m.openCalls, call.Channel, call.Key, call.State == ledger.CallOpen)
	}
	for _, brake := range changes.Brakes {
		m.brakes[brake.ID] = brake
	}
	for _, wish := range changes.Resources {
		m.resources[resource{wish.Channel, wish.Resource}] = wish
		if wish.Due.IsZero() {
			delete(m.resources, resource{wish.Channel, wish.Resource})
		}
	}
	for _, item := range changes.Unlinked {
		if key := (resource{item.Channel, item.Item}); item.LastSeen.After(m.unlinked[key]) {
			m.unlinked[key] = item.LastSeen
		}
	}
	for _, d := range slices.Concat(changes.Dispositions, changes.Noted) {
		m.tallies[tallyKey{d.Channel, d.Ending, d.Reason}]++
	}
}
