package square

import (
	"fmt"
	"time"
)

// DeliveryError is a verified delivery that gives no events. It says what by its methods, and holds no text of the body but
// the topic.
type DeliveryError struct {
	topic string
	// reason is why a topic that is known cannot be understood; empty when the topic is not known.
	reason string
}

func (e *DeliveryError) Error() string {
	if e.UnknownTopic() {
		return fmt.Sprintf("unknown webhook topic: %q", e.topic)
	}
	return "malformed webhook payload: " + e.reason
}

// UnknownTopic says whether the topic carries nothing for us: the delivery is acknowledged and counted.
func (e *DeliveryError) UnknownTopic() bool { return e.reason == "" }

// Topic is the delivery's topic; empty when it could not be read.
func (e *DeliveryError) Topic() string { return e.topic }

// Retryable is false: the same bytes stay what they are.
func (e *DeliveryError) Retryable() bool { return false }

// RetryAfter is 0.
func (e *DeliveryError) RetryAfter() time.Duration { return 0 }
