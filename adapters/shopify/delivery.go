package shopify

import (
	"fmt"
	"time"
)

// DeliveryError is a delivery that gives no events. It says what by its methods; neither its text nor what it wraps ever
// holds a part of a body.
type DeliveryError struct {
	topic string
	// cause is why the body is not what its topic promises; nil when the topic is not known.
	cause error
}

func (e *DeliveryError) Error() string {
	switch {
	case e.cause != nil && e.topic == "":
		return fmt.Sprintf("decoding a delivery: %v", e.cause)
	case e.cause != nil:
		return fmt.Sprintf("decoding %s: the webhook body is not valid: %v", e.topic, e.cause)
	case e.topic == "":
		return "decoding a delivery: the webhook topic is not known: there is none"
	}
	return fmt.Sprintf("decoding a delivery: the webhook topic is not known: %.80q", e.topic)
}

// Unwrap returns what was not valid.
func (e *DeliveryError) Unwrap() error { return e.cause }

// UnknownTopic says whether Topics does not list the topic: the delivery is acknowledged and counted.
func (e *DeliveryError) UnknownTopic() bool { return e.cause == nil }

// Topic is the delivery's topic as its header says, which is not signed; empty without one.
func (e *DeliveryError) Topic() string { return e.topic }

// Retryable is false: the same bytes stay what they are.
func (e *DeliveryError) Retryable() bool { return false }

// RetryAfter is 0.
func (e *DeliveryError) RetryAfter() time.Duration { return 0 }
