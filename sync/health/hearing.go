package health

import (
	"sync"
	"time"
)

const (
	// unheardMin changes that sweeps were the first to see, each unheardAge old or older, with no delivery after them, are no accident:
	// one webhook is lost now and then, and most come within seconds.
	unheardMin = 3
	unheardAge = time.Minute
	// unheardMax is how many are remembered.
	unheardMax = 100
	// rhythmDays are the days whose longest pauses are remembered, and rhythmAge how long one must have listened to know nights and
	// closed days. quietLeast is the least that counts as silence.
	rhythmDays = 14
	rhythmAge  = 8 * 24 * time.Hour
	quietLeast = time.Hour
)

// Hearing listens to the webhooks of one channel, and says when it should have spoken and has not. It learns that from the channel
// alone, in two ways: sweeps see several changes in a row that no delivery told, which needs no patience; or nothing came for twice as
// long as the longest pause of the last two weeks, once it has listened for eight days. It is safe for concurrent use, and forgets
// everything with the process.
type Hearing struct {
	mu    sync.Mutex
	began time.Time
	last  time.Time
	// unheard are changes that sweeps saw first since the last delivery, oldest first.
	unheard []time.Time
	// pauses are the longest pauses that ended on each of the last days, by the day's number.
	pauses map[int64]time.Duration
}

// Silence says why a channel counts as silent.
type Silence string

// Silences; the zero value is none.
const (
	// SilentOnChanges: sweeps saw changes that no delivery told.
	SilentOnChanges Silence = "changes"
	// SilentForLong: nothing came for longer than is usual.
	SilentForLong Silence = "rhythm"
)

// Heard is what a Hearing knows.
type Heard struct {
	// Last is when the last good delivery came; zero: none has.
	Last    time.Time
	Silence Silence
	// Changes is how many changes no delivery told; Usual is the longest pause that is usual, as far as it is known.
	Changes int
	Usual   time.Duration
}

// NewHearing begins to listen.
func NewHearing(began time.Time) *Hearing {
	return &Hearing{began: began, pauses: map[int64]time.Duration{}}
}

// Delivered notes a good delivery.
func (h *Hearing) Delivered(at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.last.IsZero() {
		today := dayOf(at)
		h.pauses[today] = max(h.pauses[today], at.Sub(h.last))
		for day := range h.pauses {
			if day <= today-rhythmDays {
				delete(h.pauses, day)
			}
		}
	}
	h.last, h.unheard = at, h.unheard[:0]
}

// Changed notes that a sweep was the first to see a change.
func (h *Hearing) Changed(at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.unheard) < unheardMax {
		h.unheard = append(h.unheard, at)
	}
}

// At says what is known at a time.
func (h *Hearing) At(now time.Time) Heard {
	h.mu.Lock()
	defer h.mu.Unlock()
	heard := Heard{Last: h.last}
	for _, at := range h.unheard {
		if now.Sub(at) >= unheardAge {
			heard.Changes++
		}
	}
	for _, pause := range h.pauses {
		heard.Usual = max(heard.Usual, pause)
	}
	known := now.Sub(h.began) >= rhythmAge && !h.last.IsZero()
	switch {
	case heard.Changes >= unheardMin:
		heard.Silence = SilentOnChanges
	case known && now.Sub(h.last) > max(2*heard.Usual, quietLeast):
		heard.Silence = SilentForLong
	}
	return heard
}

func dayOf(at time.Time) int64 { return at.Unix() / int64(24*time.Hour/time.Second) }
