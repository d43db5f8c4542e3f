package shopify

import (
	"sync"
	"time"
)

// dateGrain is the grain of the Date header.
const dateGrain = time.Second

// platformClock keeps Shopify's time. A Date header is cut to the second and old by the answer's way, so the platform's clock
// is never behind it: that instant plus what passed here since is a time that Shopify has reached.
type platformClock struct {
	now func() time.Time

	mu sync.Mutex
	// date was Shopify's time at heard, by our clock; both zero before the first answer.
	date, heard time.Time
	// last is the latest time given out, so that Now never goes back.
	last time.Time
}

// learn takes the Date header of an answer to a request that was sent at the given time of ours.
func (p *platformClock) learn(date, sent time.Time) {
	if date.IsZero() {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	ours := p.date.Add(now.Sub(p.heard))
	// An estimate past the latest that this answer allows means that our clock ran fast or was set: begin again.
	ahead := ours.After(date.Add(dateGrain).Add(max(0, now.Sub(sent))))
	if p.date.IsZero() || date.After(ours) || ahead {
		p.date, p.heard = date, now
	}
}

// Now is the platform's time; zero before the first answer.
func (p *platformClock) Now() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.date.IsZero() {
		return time.Time{}
	}
	now := p.date.Add(max(0, p.now().Sub(p.heard)))
	if now.After(p.last) {
		p.last = now
	}
	return p.last
}
