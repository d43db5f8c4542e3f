package square

import (
	"sync"
	"time"
)

const (
	// dateGrain is the grain of an HTTP Date header: the true time is less than this after it (RFC 9110, 5.6.7).
	dateGrain = time.Second
	// driftShare allows our clock to run 1/1000 faster than Square's, twice what clock discipline may slew, and still
	// keeps the estimate behind.
	driftShare = 1000
	// holdMax is how long the clock stands still rather than go back when Square disproves what it said. Beyond that it goes
	// back: a time ahead of Square's is refused by Square.
	holdMax = 5 * time.Second
)

// platformClock is the latest time that Square's clock has certainly reached. Each answer proves a time (its Date header,
// the created_at of a row in it); between answers our own clock carries the proof on, a little slowly. So it is
// never ahead, and it sharpens with every answer, for the best proof is kept. It never goes back, unless Square itself
// shows that an earlier proof was wrong by more than holdMax.
type platformClock struct {
	mu    sync.Mutex
	base  time.Time // proven at the moment `local` of our clock
	local time.Time
	said  time.Time
}

// now returns the estimate at a moment of our clock; zero before the first proof.
func (p *platformClock) now(local time.Time) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	estimate := p.at(local)
	if estimate.Before(p.said) && p.said.Sub(estimate) <= holdMax {
		return p.said
	}
	p.said = estimate
	return estimate
}

// at carries the proof on, or back to a moment before it, without the promise not to go back. The caller holds the lock.
func (p *platformClock) at(local time.Time) time.Time {
	if p.base.IsZero() {
		return time.Time{}
	}
	elapsed := local.Sub(p.local)
	if elapsed == 0 {
		return p.base
	}
	return p.base.Add(elapsed - elapsed.Abs()/driftShare - 1) // 1 ns: the allowance is rounded up
}

// answered takes the Date header of an answer that was asked for at `sent` and read at `received`, and returns the times
// between which Square's clock was: after `reached` when the request left, before `notYet` when the answer came. An
// estimate beyond notYet is disproved and given up.
func (p *platformClock) answered(date, sent, received time.Time) (reached, notYet time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	reached = p.at(sent)
	if date.IsZero() {
		return reached, time.Time{}
	}
	trip := max(0, received.Sub(sent))
	notYet = date.Add(dateGrain + trip)
	estimate := p.at(received)
	if estimate.Before(date) || estimate.After(notYet) {
		p.base, p.local = date, received
	}
	if early := date.Add(-trip); reached.Before(early) || estimate.After(notYet) {
		reached = early
	}
	return reached, notYet
}

// proven takes a time that Square wrote into a row of an answer read at `received`. A time that the same answer's Date
// header rules out is not believed.
func (p *platformClock) proven(written, received, notYet time.Time) {
	if !notYet.IsZero() && written.After(notYet) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.at(received).Before(written) {
		p.base, p.local = written, received
	}
}
