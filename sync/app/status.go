package app

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/health"
	"github.com/evenstock/evenstock/sync/sweep"
)

// Status is how everything is doing.
type Status struct {
	// Serving says that a serve owns the data folder; NotReady is why it should not be trusted with webhooks.
	Serving  bool     `json:"serving"`
	NotReady []string `json:"not_ready"`
	// StandsBy says that another process works on the ledger, and this one takes webhooks in.
	StandsBy bool     `json:"stands_by,omitempty"`
	Workers  []Worker `json:"workers"`
	// Configuration is what serve runs with, beside its file.
	Configuration *health.Configuration `json:"configuration,omitempty"`
	// Deliveries are those of every channel that has an address for webhooks.
	Deliveries []Deliveries `json:"deliveries"`
	// Lag counts events on the stream that the ledger has not consumed yet.
	Lag     int64 `json:"lag"`
	Items   int64 `json:"items"`
	Shelves int64 `json:"shelves"`
	Entries int64 `json:"entries"`
	// Joining counts the linked counters that came to an open shelf and are being read: they join, or wait for a person's word.
	Joining int64 `json:"joining"`
	// Away counts those of the counters that wait to join whose location the configuration has no more: nobody is asked about them yet.
	Away int64 `json:"away,omitempty"`
	// Refs counts refs by status.
	Refs      map[string]int64 `json:"refs"`
	Uneven    int64            `json:"uneven_shelves"`
	OpenCalls int64            `json:"open_calls"`
	// Unexplained counts suspense accounts that are not zero.
	Unexplained       int64     `json:"unexplained"`
	OldestUnexplained time.Time `json:"oldest_unexplained,omitzero"`
	// Places are where links and configuration differ.
	Places []Place `json:"places"`
	// Brakes are what holds pushes back.
	Brakes []BrakeSummary `json:"brakes"`
	// Budgets are what the channels' platforms may be asked for, where serve asks them.
	Budgets []Budget  `json:"budgets"`
	Wishes  []Wishes  `json:"wishes"`
	Endings []Endings `json:"endings"`
}

// UnexplainedLong is how long a change may have no cause before people are told of it.
const UnexplainedLong = sweep.ExplainMax

// Budget is what the platform of a channel may be asked for.
type Budget struct {
	Channel stock.Channel `json:"channel"`
	stock.Budget
}

// Budgeted is a Platform that says what it may be asked for.
type Budgeted interface{ Budget() stock.Budget }

// budgets lists the channels' budgets.
func (a *App) budgets() []Budget {
	budgets := []Budget{}
	for _, c := range a.Channels {
		if platform, says := c.Platform.(Budgeted); says {
			budgets = append(budgets, Budget{c.Name, platform.Budget()})
		}
	}
	return budgets
}

// Wishes is what waits to be done for a channel.
type Wishes struct {
	Channel   stock.Channel `json:"channel"`
	Reads     int64         `json:"reads"`
	Pushes    int64         `json:"pushes"`
	Resources int64         `json:"resources"`
}

// Endings is how often inputs of a channel ended in one way since the ledger began.
type Endings struct {
	Channel stock.Channel `json:"channel"`
	Ending  string        `json:"ending"`
	Reason  string        `json:"reason"`
	Count   int64         `json:"count"`
}

// Status says how everything is doing.
func (a *App) Status(ctx context.Context) (Status, error) {
	s := Status{NotReady: []string{}, Workers: []Worker{}, Deliveries: []Deliveries{}, Budgets: []Budget{}, Refs: map[string]int64{}, Wishes: []Wishes{}, Endings: []Endings{}}
	if a.Workers != nil {
		s.Serving, s.StandsBy = true, a.StandsBy
		s.Configuration, s.Budgets = a.configuration(), a.budgets()
		s.NotReady, s.Workers = append(s.NotReady, a.NotReady(ctx)...), append(s.Workers, a.Workers()...)
		if a.Deliveries != nil {
			s.Deliveries = append(s.Deliveries, recovered(a.Deliveries())...)
		}
		var err error
		if s.Lag, err = a.Topics.Lag(ctx, a.Stream, a.Ledger); err != nil {
			return s, err
		}
	}
	sum, err := a.Ledger.Summary(ctx)
	if err != nil {
		return s, err
	}
	s.Items, s.Shelves, s.Entries, s.Uneven, s.OpenCalls = sum.Items, sum.Shelves, sum.Entries, sum.Uneven, sum.OpenCalls
	s.Unexplained, s.OldestUnexplained = sum.Unexplained, sum.OldestUnexplained
	for status, count := range sum.Refs {
		s.Refs[status.String()] = count
	}
	for _, channel := range slices.Sorted(maps.Keys(sum.Wishes)) {
		w := sum.Wishes[channel]
		s.Wishes = append(s.Wishes, Wishes{Channel: channel, Reads: w.Reads, Pushes: w.Pushes, Resources: w.Resources})
	}
	if err = a.lookAtCounters(ctx, &s); err != nil {
		return s, err
	}
	tallies, err := a.Ledger.Tallies(ctx)
	for _, t := range tallies {
		s.Endings = append(s.Endings, Endings{Channel: t.Channel, Ending: t.Ending.String(), Reason: t.Reason, Count: t.Count})
	}
	return s, err
}
