package converge

import (
	"errors"
	"sync"
)

// Door knows whether a channel's platform lets us in. All that ask the platform tell it how their questions ended; whoever waits
// because a question was refused, or not answered, goes on as soon as the reason has ended: another access token is in force, or
// something else was answered again. The zero Door, and nil, never open.
type Door struct {
	// Keys returns a number that changes with the channel's access token; nil: it never does.
	Keys func() uint64

	mu     sync.Mutex
	shut   bool
	opened uint64
}

// Opening is a time between two openings of a door. Two that differ say that it was opened in between.
type Opening struct{ keys, opened uint64 }

// Heard notes how a question ended. A platform that asked for a pause is not shut: it said when to come again.
func (d *Door) Heard(err error) {
	if d == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err == nil {
		if d.shut {
			d.opened++
		}
		d.shut = false
		return
	}
	var denial denying
	var again retryable
	var asked waiting
	denied := errors.As(err, &denial) && denial.Denied()
	failed := errors.As(err, &again) && again.Retryable() && !(errors.As(err, &asked) && asked.RetryAfter() > 0)
	d.shut = d.shut || denied || failed
}

// Opening is the time since it was last opened.
func (d *Door) Opening() Opening {
	if d == nil {
		return Opening{}
	}
	var keys uint64
	if d.Keys != nil {
		keys = d.Keys()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return Opening{keys, d.opened}
}

// attempt is how a call was last sent.
type attempt struct {
	during Opening
	// paused: the platform said itself when to come again.
	paused bool
}

// freed says whether what kept a call from being answered has ended since it was last sent.
func (w *Worker) freed(key string) bool {
	last, sent := w.pusher.attempts[key]
	return sent && !last.paused && last.during != w.Door.Opening()
}
