package converge

import (
	"errors"
	"time"
)

// pauseMin and pauseMax bound the wait after a platform failed. refusedPause is the least wait after it refused us twice in a row,
// for instance for a dead token: no retry mends that. A single refusal may be an odd one.
const (
	pauseMin     = 200 * time.Millisecond
	pauseMax     = time.Minute
	refusedPause = 30 * time.Second
)

// The errors of a platform say by their methods what they are about.
type (
	// retryable: whether the same request may succeed later.
	retryable interface{ Retryable() bool }
	// waiting: how long the platform asked to wait; 0 when it did not.
	waiting interface{ RetryAfter() time.Duration }
	// denying: whether the platform refused us, whatever we ask (a dead token, a closed account), and not this request.
	denying interface{ Denied() bool }
)

// refusesRequest says whether the platform refused a request for what it asks: another request may well be answered.
func refusesRequest(err error) bool {
	var again retryable
	if !errors.As(err, &again) || again.Retryable() {
		return false
	}
	var denial denying
	return !errors.As(err, &denial) || !denial.Denied()
}

// failurePause is how long to rest after a round that failed.
func (l *loop) failurePause(err error) time.Duration {
	wait := l.pause.NextBackOff()
	var again retryable
	if errors.As(err, &again) && !again.Retryable() {
		l.refusals++
	} else {
		l.refusals = 0
	}
	if l.refusals > 1 {
		wait = max(wait, refusedPause)
	}
	var asked waiting
	if errors.As(err, &asked) {
		wait = max(wait, asked.RetryAfter())
	}
	return wait
}
