package stock

import (
	"context"
	"time"
)

// Lane says how urgent a request to a platform is. All requests of an account share one budget; those of a lane wait in turn, and
// no lane holds what an earlier one waits for. The zero lane is the most urgent.
type Lane uint8

const (
	// UrgentPushes correct counters near zero, where a unit more is sold twice; reads there that somebody waits for stand with them.
	UrgentPushes Lane = iota
	// Pushes correct all other counters.
	Pushes
	// ConfirmingReads are read because a push, a brake, a baseline or a person waits for what they show.
	ConfirmingReads
	// Causes say why a counter changed: histories and orders. No count depends on them.
	Causes
	// Sweeps list whole channels: sweeps, catalogs, and whatever nobody gave a lane.
	Sweeps

	laneCount
)

var laneNames = [laneCount]string{"urgent pushes", "pushes", "confirming reads", "causes", "sweeps"}

func (l Lane) String() string {
	if l < laneCount {
		return laneNames[l]
	}
	return "unknown lane"
}

type laneKey struct{}

// InLane returns a context whose requests stand in this lane.
func InLane(ctx context.Context, lane Lane) context.Context {
	return context.WithValue(ctx, laneKey{}, lane)
}

// LaneOf returns the lane that a context's requests stand in; Sweeps where it names none.
func LaneOf(ctx context.Context) Lane {
	if lane, named := ctx.Value(laneKey{}).(Lane); named && lane < laneCount {
		return lane
	}
	return Sweeps
}

// Budget is how much an account's platform may be asked for, as a channel knows it now.
type Budget struct {
	// PerSecond is how much comes back each second, Available what is there now of at most Most: requests, or the platform's points.
	// All are zero while nothing is known.
	PerSecond float64 `json:"per_second"`
	Available float64 `json:"available"`
	Most      float64 `json:"most"`
	// Refused counts the answers that said that it was asked too often.
	Refused int64 `json:"refused"`
	// PausedUntil is when the platform wants to be asked again; zero: now.
	PausedUntil time.Time   `json:"paused_until,omitzero"`
	Lanes       []LaneState `json:"lanes"`
}

// LaneState is how a lane of a budget stands.
type LaneState struct {
	Lane    string `json:"lane"`
	Waiting int    `json:"waiting"`
	// Granted counts requests since the program started. WaitedP50 and WaitedMost are milliseconds, of the last of them.
	Granted    int64 `json:"granted"`
	WaitedP50  int64 `json:"waited_p50_ms"`
	WaitedMost int64 `json:"waited_most_ms"`
}
