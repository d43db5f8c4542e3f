package stock

import "time"

// ReferencePrefix begins the reference id of every row we write to a channel's history.
const ReferencePrefix = "evenstock:"

// PushRow is one delta of a call.
type PushRow struct {
	Ref   Ref      `json:"ref"`
	Delta Quantity `json:"delta"`
	// Reference names the row in the channel's history.
	Reference string `json:"reference"`
}

// Outcome says what became of one attempt to send a call.
type Outcome uint8

// The zero value is invalid.
const (
	// Applied: a definite answer that every row was written (now, or by an earlier attempt under the same key).
	Applied Outcome = iota + 1
	// Refused: a definite answer that no row was written under this key.
	Refused
	// NotProcessed: this attempt did nothing (throttled, token refused); it says nothing about earlier attempts.
	NotProcessed
	// Unknown: anything else, such as a time-out or a 500; the rows may or may not have been written.
	Unknown
)

// Answer is a platform's answer to one attempt to send a call.
type Answer struct {
	Outcome Outcome
	// Reason is the platform's code and message when the outcome is not Applied; for people and the ledger's evidence.
	Reason string
	// BadRows are the indices of the rows that a refusal blames; empty when it names none.
	BadRows []int
	// GoneRows are those of the bad rows whose item, by the platform's words, does not exist any more: they need not be tried again.
	GoneRows []int
	// RetryAfter is the wait the platform asked for; 0 when it did not.
	RetryAfter time.Duration
	// PlatformTime is the platform's clock in the answer; zero when it did not say.
	PlatformTime time.Time
}
