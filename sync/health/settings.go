package health

import (
	"context"
	"strings"
	"time"
)

// Settings is the configuration that a process runs with, which knows the file that it was read of.
type Settings interface {
	// Source is that file, and when it was read; empty for a configuration without one.
	Source() (file string, read time.Time)
	// Reread looks at the file again: whether it means another configuration now, and since when as far as that is known. An error says
	// that it cannot be used.
	Reread() (differs bool, since time.Time, err error)
}

// Difference is how a configuration file differs from what the process runs with.
type Difference string

// Differences.
const (
	// NoDifference: it means the same.
	NoDifference Difference = "none"
	// DifferentValues: it means another configuration.
	DifferentValues Difference = "values"
	// DifferentUnusable: it cannot be used, and so the process could not start again.
	DifferentUnusable Difference = "unusable"
)

// Configuration is what a process runs with beside its file as it is now.
type Configuration struct {
	File string `json:"file"`
	// ReadAt is when the process read it; ChangedAt is when it was changed, where that is known.
	ReadAt     time.Time  `json:"read_at"`
	Difference Difference `json:"difference"`
	ChangedAt  time.Time  `json:"changed_at,omitzero"`
	// Problem is why it cannot be used.
	Problem string `json:"problem,omitempty"`
}

// CompareSettings compares what a process runs with with its file.
func CompareSettings(s Settings) Configuration {
	c := Configuration{Difference: NoDifference}
	c.File, c.ReadAt = s.Source()
	differs, since, err := s.Reread()
	switch {
	case err != nil:
		c.Difference, c.ChangedAt = DifferentUnusable, since
		c.Problem = strings.ReplaceAll(err.Error(), "\n", "; ")
	case differs:
		c.Difference, c.ChangedAt = DifferentValues, since
	}
	return c
}

// Differs says whether the file is another one than the process runs with.
func (c Configuration) Differs() bool {
	return c.Difference == DifferentValues || c.Difference == DifferentUnusable
}

// Check is what there is to say about it.
func (c Configuration) Check() Check {
	check := Check{Code: CodeServeConfig, Result: OK, Detail: "serve runs with the configuration as its file has it"}
	if !c.Differs() {
		return check
	}
	check.Result, check.Remedy = Warn, RemedyConfigRestart
	check.Detail = "serve runs with the configuration of " + moment(c.ReadAt) + "; "
	switch {
	case c.Difference == DifferentUnusable: // the problem names the file
		check.Detail, check.Remedy = check.Detail+"its file cannot be used now: "+c.Problem, RemedyConfigBroken
	case c.ChangedAt.IsZero():
		check.Detail += c.File + " is another one now"
	default:
		check.Detail += c.File + " was changed at " + moment(c.ChangedAt)
	}
	return check
}

// moment is a time as a person of this machine says it.
func moment(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05") }

// Configured compares the configuration with its file.
func Configured(s Settings) Probe {
	return func(context.Context) Checks { return Checks{CompareSettings(s).Check()} }
}
