package budget_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/budget"
	"github.com/evenstock/evenstock/ledger/stock"
)

// platform takes so many requests a second, after a burst of one second's.
type platform struct {
	takes, tokens float64
	at            time.Time
	sent, refused int
	// odd says of some requests that they are refused whatever the platform takes; nil: none.
	odd func() bool
}

func newPlatform(takes float64) *platform {
	return &platform{takes: takes, tokens: takes, at: time.Now()}
}

// ask sends one request at its turn.
func (p *platform) ask(t *testing.T, b *budget.Rate, lane stock.Lane) {
	turn, err := b.Take(in(t, lane))
	require.NoError(t, err)
	p.tokens, p.at = min(p.takes, p.tokens+time.Since(p.at).Seconds()*p.takes), time.Now()
	if p.tokens < 1 || p.odd != nil && p.odd() {
		p.refused++
		b.Refused(turn, 0)
		return
	}
	p.tokens--
	p.sent++
	b.Answered(turn)
}

// press asks for as much as the budget allows.
func (p *platform) press(t *testing.T, b *budget.Rate, during time.Duration) {
	for begin := time.Now(); time.Since(begin) < during; {
		p.ask(t, b, stock.Sweeps)
	}
}

// once is true the first time.
func once() func() bool {
	done := false
	return func() bool {
		was := done
		done = true
		return !was
	}
}

// The rate climbs while it is used, up to the ceiling; one that nobody uses proves nothing.
func TestRateClimbs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, p := budget.NewRate(5, 200), newPlatform(1_000)
		for range 100 {
			p.ask(t, b, stock.Pushes)
			time.Sleep(time.Second)
		}
		assert.InDelta(t, 5, b.State().PerSecond, 0.01, "one a second does not need more")
		begin := time.Now()
		for b.State().PerSecond < 200 {
			p.ask(t, b, stock.Sweeps)
		}
		assert.Less(t, time.Since(begin), 10*time.Second)
	})
}

// What a platform takes is found by asking, and asked beyond seldom.
func TestRateLearnsWhatAPlatformTakes(t *testing.T) {
	t.Parallel()
	for _, takes := range []float64{6, 40, 200} {
		synctest.Test(t, func(t *testing.T) {
			b, p := budget.NewRate(5, 0), newPlatform(takes)
			p.press(t, b, time.Minute)
			p.sent, p.refused = 0, 0
			p.press(t, b, 10*time.Minute)
			assert.Greater(t, float64(p.sent)/600, takes*0.8, "%v/s: used", takes)
			assert.Less(t, p.refused, 25, "%v/s: refused in ten minutes", takes)
		})
	}
}

// A limit that falls is obeyed at once: hardly anything is refused until the rate is below it, and then it is used.
func TestRateFollowsALimitThatFalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, p := budget.NewRate(5, 0), newPlatform(200)
		p.press(t, b, time.Minute)
		p.takes, p.refused = 6, 0
		begin := time.Now()
		for b.State().PerSecond > 6 {
			p.ask(t, b, stock.Sweeps)
		}
		assert.Less(t, time.Since(begin), 20*time.Second)
		assert.Less(t, p.refused, 20)
		p.sent, p.refused = 0, 0
		p.press(t, b, 10*time.Minute)
		assert.Greater(t, float64(p.sent)/600, 6*0.8)
		assert.Less(t, p.refused, 25)
	})
}

// While as much is asked for as the rate allows, a refusal lets it fall at once; requests that were under way together count once.
func TestRateFallsOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := budget.NewRate(100, 100)
		var turns []budget.Turn
		for range 51 { // half a second's go out at once
			turn, err := b.Take(in(t, stock.Pushes))
			require.NoError(t, err)
			turns = append(turns, turn)
		}
		time.Sleep(50 * time.Millisecond)
		for _, turn := range turns {
			b.Refused(turn, 0)
		}
		state := b.State()
		assert.InDelta(t, 70, state.PerSecond, 0.01)
		assert.EqualValues(t, 51, state.Refused)
	})
}

// A single refusal while less is asked for than the rate allows is a pause of a moment, and the rate stays as it is.
func TestOddDenial(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, p := budget.NewRate(5, 0), newPlatform(1_000)
		for range 10 { // over an hour
			p.odd = once()
			p.ask(t, b, stock.Pushes)
			begin := time.Now()
			p.ask(t, b, stock.Pushes)
			assert.Equal(t, 250*time.Millisecond, time.Since(begin), "repeated after a moment")
			time.Sleep(6 * time.Minute)
		}
		assert.InDelta(t, 5, b.State().PerSecond, 0.01)
		assert.Equal(t, 10, p.refused)
	})
}

// A single refusal while everything is used is taken for the limit at first; when the platform takes more after all, that is soon made up for.
func TestOddDenialInARush(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, p := budget.NewRate(5, 0), newPlatform(10_000)
		p.press(t, b, time.Second)
		before := b.State().PerSecond
		p.odd = once()
		p.ask(t, b, stock.Sweeps)
		assert.InDelta(t, before*0.7, b.State().PerSecond, 0.1)
		p.press(t, b, 6*time.Second)
		before = b.State().PerSecond
		assert.Greater(t, before, 200.0)
		p.odd = once()
		p.ask(t, b, stock.Sweeps)
		assert.InDelta(t, before*0.7, b.State().PerSecond, 0.1)
		p.press(t, b, 5*time.Second)
		assert.Greater(t, b.State().PerSecond, before)
		assert.Equal(t, 2, p.refused)
	})
}

// Pauses grow with refusals in a row only. The rate falls with the second one.
func TestDenialsInARow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, p := budget.NewRate(100, 0), newPlatform(1_000)
		p.odd = func() bool { return true }
		p.ask(t, b, stock.Pushes)
		assert.InDelta(t, 100, b.State().PerSecond, 0.01)
		begin := time.Now()
		for _, pause := range []time.Duration{250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000} {
			p.ask(t, b, stock.Pushes)
			assert.Equal(t, pause*time.Millisecond, time.Since(begin))
			begin = time.Now()
		}
		assert.InDelta(t, 70, b.State().PerSecond, 0.01, "once in a row")
		p.odd = nil
		p.ask(t, b, stock.Pushes)
		p.odd = once()
		p.ask(t, b, stock.Pushes)
		begin = time.Now()
		p.ask(t, b, stock.Pushes)
		assert.Equal(t, 250*time.Millisecond, time.Since(begin), "a new row")
	})
}

// A platform that refuses everything for five minutes is asked little, however many wait, and is used again soon after.
func TestStormOfDenials(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, p := budget.NewRate(40, 40), newPlatform(1_000)
		storm := time.Now().Add(5 * time.Minute)
		p.odd = func() bool { return time.Now().Before(storm) }
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		var mu sync.Mutex
		for i := range 1_000 {
			all.Go(func() {
				for ctx.Err() == nil {
					turn, err := b.Take(stock.InLane(ctx, stock.Lane(i%5)))
					if err != nil {
						continue
					}
					mu.Lock()
					odd := p.odd()
					if odd {
						p.refused++
					} else {
						p.sent++
					}
					mu.Unlock()
					if odd {
						b.Refused(turn, 0)
					} else {
						b.Answered(turn)
					}
				}
			})
		}
		time.Sleep(time.Until(storm))
		mu.Lock()
		assert.Less(t, p.refused, 100, "one in ten seconds in the end, after a burst")
		p.sent = 0
		mu.Unlock()
		time.Sleep(time.Minute)
		cancel()
		all.Wait()
		assert.Greater(t, p.sent, 1_000)
		for _, lane := range b.State().Lanes {
			assert.Zero(t, lane.Waiting, lane.Lane)
		}
	})
}
