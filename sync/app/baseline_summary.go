package app

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// PlanSummary is a plan in a few figures, for a person to judge it by.
type PlanSummary struct {
	Opens  int `json:"opens"`
	Closed int `json:"closed"`
	// Negative counts shelves that would open below zero, Uncounted those that stay closed because the authority has no count.
	Negative  int `json:"negative"`
	Uncounted int `json:"uncounted"`
	// Sums counts shelves that open with the sum of several counters, Waits the counters that would wait to join, and Unasked those
	// that cannot be asked for.
	Sums     int              `json:"sums"`
	Waits    int              `json:"waits"`
	Unasked  int              `json:"unasked"`
	Channels []PlannedChannel `json:"channels"`
	// Falls and Raises are the largest changes.
	Falls  []PlannedChange `json:"falls"`
	Raises []PlannedChange `json:"raises"`
}

// PlannedChannel is what would be done to a channel's counters.
type PlannedChannel struct {
	Channel stock.Channel `json:"channel"`
	// Changed counts the counters that would be changed, Units by how many units, Shown what all of the plan show now.
	Changed int            `json:"changed"`
	Units   stock.Quantity `json:"units"`
	Shown   stock.Quantity `json:"shown"`
	// Leaves counts the articles that the channel sells now and would not sell any more.
	Leaves int `json:"leaves"`
	// Exceeds: so much would engage the mass change brake, if nobody had said that it is meant so.
	Exceeds bool `json:"exceeds"`
}

// PlannedChange is one counter that would be changed.
type PlannedChange struct {
	SKU      string         `json:"sku"`
	Location stock.Location `json:"location"`
	Channel  stock.Channel  `json:"channel"`
	From     stock.Quantity `json:"from"`
	To       stock.Quantity `json:"to"`
}

// changesNamed is how many of the largest falls and raises are named.
const changesNamed = 5

// Exceeds says whether the plan would change more of a channel than the brake lets pass.
func (s PlanSummary) Exceeds() bool {
	return slices.ContainsFunc(s.Channels, func(c PlannedChannel) bool { return c.Exceeds })
}

func (a *App) summarize(shelves []*PlannedShelf) PlanSummary {
	summary := PlanSummary{Channels: []PlannedChannel{}, Falls: []PlannedChange{}, Raises: []PlannedChange{}}
	for _, shelf := range shelves {
		summary.addShelf(shelf)
	}
	var changes []PlannedChange
	for _, c := range a.Channels {
		channel := PlannedChannel{Channel: c.Name}
		load := ledger.PushLoad{}
		for _, shelf := range shelves {
			for _, ref := range shelf.refs {
				if ref.state.Ref.Channel != c.Name || ref.reading.Status != stock.Counted {
					continue
				}
				shown := ref.reading.Quantity
				load.AddBefore(shown)
				if !ref.pushes {
					continue
				}
				load.Add(ref.push, shown)
				change := PlannedChange{SKU: shelf.SKU, Location: shelf.Location, Channel: c.Name, From: shown, To: shown + ref.push}
				if change.From > 0 && change.To <= 0 {
					channel.Leaves++
				}
				changes = append(changes, change)
			}
		}
		channel.Changed, channel.Units, channel.Shown, channel.Exceeds = load.Shelves, load.Units, load.Before, a.Limits.Exceeded(load)
		summary.Channels = append(summary.Channels, channel)
	}
	slices.SortStableFunc(changes, compareChange)
	for _, change := range changes {
		if change.To < change.From && len(summary.Falls) < changesNamed {
			summary.Falls = append(summary.Falls, change)
		}
	}
	for _, change := range slices.Backward(changes) {
		if change.To > change.From && len(summary.Raises) < changesNamed {
			summary.Raises = append(summary.Raises, change)
		}
	}
	return summary
}

// compareChange orders changes by what is added.
func compareChange(a, b PlannedChange) int {
	switch x, y := a.To-a.From, b.To-b.From; {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

func (s *PlanSummary) addShelf(shelf *PlannedShelf) {
	opening, missing := 0, false
	for _, ref := range shelf.refs {
		if ref.problem != "" {
			s.Unasked++
		}
		if ref.opens {
			opening++
			missing = missing || ref.reading.Status != stock.Counted
		}
		if ref.waits {
			s.Waits++
		}
	}
	switch {
	case shelf.open:
		return
	case shelf.Opening == nil:
		s.Closed++
		if missing {
			s.Uncounted++
		}
		return
	}
	s.Opens++
	if opening > 1 {
		s.Sums++
	}
	if *shelf.Opening < 0 {
		s.Negative++
	}
}

// idOf names what would be done: in its first half which counters are read, which shelves open and who waits, in its second the
// numbers too.
func idOf(shelves []*PlannedShelf) string {
	decided, numbers := sha256.New(), sha256.New()
	for _, shelf := range shelves {
		fmt.Fprintf(decided, "%q %q %v %v\n", shelf.name.Item, shelf.name.Location, shelf.open, shelf.Opening != nil)
		if shelf.Opening != nil {
			fmt.Fprintf(numbers, "%d ", *shelf.Opening)
		}
		for _, ref := range shelf.refs {
			fmt.Fprintf(decided, "%q %v %v %d %q\n", ref.state.Ref.String(), ref.opens, ref.waits, ref.reading.Status, ref.soldOutBy)
			fmt.Fprintf(numbers, "%d %d\n", ref.reading.Quantity, ref.push)
		}
	}
	return hex.EncodeToString(decided.Sum(nil)[:4]) + "-" + hex.EncodeToString(numbers.Sum(nil)[:4])
}
