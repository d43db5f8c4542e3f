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
	// Recovered says that good ones went on coming for recoveredAfter since, so that what was wrong is right now.
	Recovered bool `json:"recovered,omitempty"`
}

// recoveredAfter is how long good deliveries must have come after the last refused one. What is still wrong is refused again sooner, for
// platforms repeat what was refused: Square seven times within two hours, Shopify eight times within four.
const recoveredAfter = time.Hour

// recovered marks the refusals after which good deliveries went on coming: the channel's, and after what came to no address of ours
// those of every channel, for it may have been any one's.
func recovered(list []Deliveries) []Deliveries {
	var all time.Time
	for i, d := range list {
		if d.Channel != "" && (i == 0 || d.LastTaken.Before(all)) {
			all = d.LastTaken
		}
	}
	for _, d := range list {
		last := d.LastTaken
		if d.Channel == "" {
			last = all
		}
		for i := range d.Refused {
			d.Refused[i].Recovered = last.Sub(d.Refused[i].Last) >= recoveredAfter
		}
	}
	return list
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
