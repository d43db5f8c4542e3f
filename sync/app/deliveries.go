package app

import (
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// Deliveries is what became of a channel's webhooks since serve began.
type Deliveries struct {
	// Channel is empty for what came to no address of ours.
	Channel stock.Channel `json:"channel"`
	// Taken counts those that were rightly signed; LastTaken is when the last of them came.
	Taken     uint64    `json:"taken"`
	LastTaken time.Time `json:"last_taken,omitzero"`
	// Refused counts the others by why; a channel that is well has none.
	Refused []Refusals `json:"refused"`
	// Silence says that the channel should have spoken and has not: "changes", for sweeps saw UntoldChanges that no delivery told;
	// "rhythm", for nothing came for twice as long as the longest pause in two weeks, LongestPause in seconds. Empty: it is not silent.
	Silence       string `json:"silence,omitempty"`
	UntoldChanges int    `json:"untold_changes,omitempty"`
	LongestPause  int64  `json:"longest_pause_seconds,omitempty"`
}

// Refusals are deliveries that were refused for one reason.
type Refusals struct {
	Reason string    `json:"reason"`
	Count  uint64    `json:"count"`
	Last   time.Time `json:"last"`
}

// LastRefused is when the last delivery was refused; zero: none was.
func (d Deliveries) LastRefused() (last time.Time) {
	for _, refusals := range d.Refused {
		if refusals.Last.After(last) {
			last = refusals.Last
		}
	}
	return last
}
