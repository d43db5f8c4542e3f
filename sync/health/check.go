package health

import (
	"fmt"

	"github.com/evenstock/evenstock/ledger/stock"
)

// Result is how a check ended.
type Result string

// From best to worst.
const (
	OK   Result = "ok"
	Warn Result = "warn"
	Fail Result = "fail"
)

// Worse says whether a result is worse than another.
func (r Result) Worse(than Result) bool { return severity[r] > severity[than] }

var severity = map[Result]int{OK: 1, Warn: 2, Fail: 3}

// Check is what was found of one thing.
type Check struct {
	// Code is what was looked at.
	Code   Code   `json:"code"`
	Result Result `json:"result"`
	// Channel is set where it concerns one.
	Channel stock.Channel `json:"channel,omitempty"`
	// Detail says to a person what was found.
	Detail string `json:"detail"`
	// Remedy is what to do about it; empty where nobody knows, or nothing is to be done.
	Remedy Remedy `json:"remedy_code,omitempty"`
	// With is what the remedy speaks of, such as the scopes that a token needs.
	With []string `json:"with,omitempty"`
}

// Checks collects what a probe finds.
type Checks []Check

// OK adds that something works.
func (c *Checks) OK(code Code, format string, args ...any) {
	*c = append(*c, Check{Code: code, Result: OK, Detail: fmt.Sprintf(format, args...)})
}

// Warn adds that somebody should look at something.
func (c *Checks) Warn(code Code, detail string, remedy Remedy, with ...string) {
	*c = append(*c, Check{Code: code, Result: Warn, Detail: detail, Remedy: remedy, With: with})
}

// Fail adds that something does not work.
func (c *Checks) Fail(code Code, detail string, remedy Remedy, with ...string) {
	*c = append(*c, Check{Code: code, Result: Fail, Detail: detail, Remedy: remedy, With: with})
}

// Of returns the checks as those of a channel.
func (c Checks) Of(channel stock.Channel) Checks {
	for i := range c {
		c[i].Channel = channel
	}
	return c
}
