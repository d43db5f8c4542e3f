package app

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// ShownCounts is what a plan read with one request at one location of a channel.
type ShownCounts struct {
	Channel  stock.Channel `json:"channel"`
	Location string        `json:"location" doc:"the channel's id of it"`
	// ReadAt is the channel's clock then; ours where its answer did not say.
	ReadAt time.Time `json:"read_at"`
	// Counts is what the counters showed, by the channel's id of the item. One that showed nothing is not here.
	Counts map[string]stock.Quantity `json:"counts"`
}

// shownCounts is what a plan read, in the order in which its counters stand.
func shownCounts(shelves []*PlannedShelf) []ShownCounts {
	type place struct {
		channel  stock.Channel
		location string
		at       int64
	}
	list, at := []ShownCounts{}, map[place]int{}
	for _, shelf := range shelves {
		for _, ref := range shelf.refs {
			if !ref.counted() {
				continue
			}
			name := ref.state.Ref
			here := place{name.Channel, name.Location, ref.shownAt().UnixNano()}
			i, known := at[here]
			if !known {
				i = len(list)
				at[here], list = i, append(list, ShownCounts{Channel: name.Channel, Location: name.Location, ReadAt: ref.shownAt(), Counts: map[string]stock.Quantity{}})
			}
			list[i].Counts[name.Item] = ref.reading.Quantity
		}
	}
	return list
}

// counted says that a plan has a count of the ref.
func (r plannedRef) counted() bool { return r.reading.Status == stock.Counted && r.problem == "" }

// shownAt is the channel's clock when the ref was read, as far as it is known.
func (r plannedRef) shownAt() time.Time {
	if r.readAt.IsZero() {
		return r.seenAt
	}
	return r.readAt
}

// changedCount is a counter that shows something else by now than a person has seen.
type changedCount struct {
	shelf *PlannedShelf
	ref   plannedRef
	// shown is what they saw, and at when that was read; not known: they saw no count of it.
	shown stock.Quantity
	at    time.Time
	known bool
}

func (c changedCount) String() string {
	was := "no count"
	if c.known {
		was = c.shown.String()
	}
	return fmt.Sprintf("%s at %s on %s from %s to %s", c.shelf.SKU, c.shelf.Location, c.ref.state.Ref.Channel, was, c.ref.reading.Quantity)
}

// changedSince are the counters of a plan that show something else than a person has seen.
func (p *BaselinePlan) changedSince(shown []ShownCounts) []changedCount {
	type count struct {
		quantity stock.Quantity
		at       time.Time
	}
	was := map[stock.Ref]count{}
	for _, place := range shown {
		for item, quantity := range place.Counts {
			was[stock.Ref{Channel: place.Channel, Item: item, Location: place.Location}] = count{quantity, place.ReadAt}
		}
	}
	var changed []changedCount
	for _, shelf := range p.Shelves {
		for _, ref := range shelf.refs {
			if then, known := was[ref.state.Ref]; ref.counted() && (!known || then.quantity != ref.reading.Quantity) {
				changed = append(changed, changedCount{shelf: shelf, ref: ref, shown: then.quantity, at: then.at, known: known})
			}
		}
	}
	return changed
}

// changesTold is how many changed counters are named.
const changesTold = 3

// shownStill stops a baseline that would do something else than a person has seen: somebody changed a counter meanwhile. What was sold
// there or given back, and is told by the channel, is no such change: shops go on selling while a person thinks.
func (a *App) shownStill(ctx context.Context, shown []ShownCounts, now *BaselinePlan, undone string) error {
	var untold []changedCount
	changed := now.changedSince(shown)
	for _, c := range a.Channels {
		here := slices.DeleteFunc(slices.Clone(changed), func(one changedCount) bool { return one.ref.state.Ref.Channel != c.Name })
		told, err := a.soldSince(ctx, c, here)
		if err != nil {
			return err
		}
		for _, one := range here {
			if !one.known || !told.explains(one.ref.state.Ref, one.ref.reading.Quantity-one.shown, one.at, one.ref.shownAt()) {
				untold = append(untold, one)
			}
		}
	}
	if len(untold) == 0 {
		return nil
	}
	names := make([]string, 0, changesTold)
	for _, one := range untold[:min(len(untold), changesTold)] {
		names = append(names, one.String())
	}
	more := ""
	if left := len(untold) - len(names); left > 0 {
		more = fmt.Sprintf(", and %s more", stock.Plural(left, "counter"))
	}
	return &Error{Kind: Conflict, Remedy: RemedyPlan, What: fmt.Sprintf("counts have changed since the plan was shown, and no sale says why: %s%s; %s",
		strings.Join(names, ", "), more, undone)}
}

// soldUnits is what one sale or return did to a counter.
type soldUnits struct {
	quantity stock.Quantity
	at       time.Time
}

// soldSince is what sales and returns did to counters, each by its key: pages of a list that grows may tell one twice.
type soldSince map[stock.Ref]map[string]soldUnits

func (s soldSince) add(ref stock.Ref, key string, one soldUnits) {
	if s[ref] == nil {
		s[ref] = map[string]soldUnits{}
	}
	s[ref][key] = one
}

// explains says whether a change of a counter between two reads is what was sold there and given back: all that was between the two. What
// stands within a moment of either may be in that read or not.
func (s soldSince) explains(ref stock.Ref, change stock.Quantity, from, to time.Time) bool {
	early, late := from.Add(-reconcile.NewsWindow), to.Add(-reconcile.NewsWindow)
	list := slices.SortedFunc(maps.Values(s[ref]), func(a, b soldUnits) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.quantity, b.quantity)) })
	list = slices.DeleteFunc(list, func(one soldUnits) bool { return one.at.Before(early) })
	for first := range list {
		if first > 0 && list[first-1].at.After(from.Add(reconcile.NewsWindow)) {
			return false
		}
		var sum stock.Quantity
		for last := first; last < len(list); last++ {
			sum += list[last].quantity
			if all := last == len(list)-1 || !list[last+1].at.Before(late); all && sum == change {
				return true
			}
		}
	}
	return false
}

// soldSince lists what was sold of changed counters of a channel and given back since they were shown.
func (a *App) soldSince(ctx context.Context, c Channel, changed []changedCount) (soldSince, error) {
	sold, refs := soldSince{}, map[article]stock.Ref{}
	var since time.Time
	for _, one := range changed {
		name := one.ref.state.Ref
		refs[article{one.ref.state.SoldAs, name.Location}] = name
		if one.known && (since.IsZero() || one.at.Before(since)) {
			since = one.at
		}
	}
	if since.IsZero() {
		return sold, nil
	}
	for cursor := ""; ; {
		page, err := c.Platform.ListMovements(stock.InLane(ctx, stock.ConfirmingReads), since.Add(-reconcile.NewsWindow), cursor)
		if err != nil {
			return nil, unanswered(c.Name, fmt.Sprintf("listing what was sold on %s", c.Name), err)
		}
		sold.addPage(page, refs)
		if cursor = page.Next; cursor == "" {
			return sold, nil
		}
	}
}

// article is how an order line names a counter.
type article struct{ soldAs, location string }

// addPage adds what a page tells of sales and returns. What only somebody's word stands behind is none: a program has a reason for all it writes.
func (s soldSince) addPage(page stock.Page, refs map[article]stock.Ref) {
	for _, m := range page.Movements {
		if sale := m.Cause == stock.Sold || m.Cause == stock.Returned; sale && m.Evidence[stock.EvidenceUnproven] == "" {
			s.add(m.Ref, m.Key, soldUnits{m.Quantity, m.ChannelTime})
		}
	}
	for _, order := range page.Orders {
		for _, line := range order.Lines {
			if ref, is := refs[article{line.SoldAs, line.Location}]; is {
				s.add(ref, order.ID+"/"+line.ID, soldUnits{-line.Taken, order.CreatedAt})
			}
			for _, restock := range line.Restocks {
				if ref, is := refs[article{line.SoldAs, restock.Location}]; is {
					s.add(ref, order.ID+"/"+line.ID+"/"+restock.ID, soldUnits{restock.Quantity, restock.At})
				}
			}
		}
	}
}
