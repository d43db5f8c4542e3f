package square

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

func TestPlatformClock(t *testing.T) {
	t.Parallel()
	local := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	date := platformTime
	var p platformClock
	assert.True(t, p.now(local).IsZero(), "nothing is known before the first answer")

	reached, notYet := p.answered(date, local, local.Add(200*time.Millisecond))
	assert.Equal(t, date.Add(-200*time.Millisecond), reached)
	assert.Equal(t, date.Add(1200*time.Millisecond), notYet)
	assert.Equal(t, date, p.now(local.Add(200*time.Millisecond)))
	assert.Equal(t, date.Add(999*time.Millisecond-1), p.now(local.Add(1200*time.Millisecond)), "carried on, a thousandth slower")

	p.proven(date.Add(1500*time.Millisecond), local.Add(1200*time.Millisecond), time.Time{})
	assert.Equal(t, date.Add(1500*time.Millisecond), p.now(local.Add(1200*time.Millisecond)), "a row proves a later time")
	p.proven(date.Add(time.Hour), local.Add(1200*time.Millisecond), date.Add(2*time.Second))
	assert.Equal(t, date.Add(1500*time.Millisecond), p.now(local.Add(1200*time.Millisecond)), "a row beyond the answer's Date is not believed")

	assert.Equal(t, date.Add(1500*time.Millisecond), p.now(local), "never back when asked out of order")
}

func TestPlatformNowHasTheGrainThatIsSent(t *testing.T) {
	t.Parallel()
	c := newChannel(t)
	c.clock.proven(platformTime.Add(1_999_999), platformTime, time.Time{})
	assert.Equal(t, platformTime.Add(time.Millisecond), c.PlatformNow())
}

func TestPlatformClockDisproved(t *testing.T) {
	t.Parallel()
	local := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	var p platformClock
	p.answered(platformTime.Add(4*time.Second), local, local)
	assert.Equal(t, platformTime.Add(4*time.Second), p.now(local))
	reached, _ := p.answered(platformTime, local, local)
	assert.Equal(t, platformTime, reached)
	assert.Equal(t, platformTime.Add(4*time.Second), p.now(local), "a little ahead: it waits")

	p.answered(platformTime.Add(time.Hour), local, local)
	assert.Equal(t, platformTime.Add(time.Hour), p.now(local))
	p.answered(platformTime, local, local)
	assert.Equal(t, platformTime, p.now(local), "far ahead: it goes back, or Square would refuse every push")
}

// Whatever the offset, the trip times and the (allowed) drift: never ahead, never back, and close.
func TestPlatformClockNeverAhead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		offset := time.Duration(rapid.Int64Range(-1e15, 1e15).Draw(t, "offset_ns"))
		fast := rapid.Int64Range(-500, 500).Draw(t, "local_ppm_faster")
		platform := platformTime
		elapsed := time.Duration(0)
		local := func() time.Time {
			return platform.Add(offset + elapsed*time.Duration(fast)/1_000_000)
		}
		wait := func(name string, limit int64) {
			d := time.Duration(rapid.Int64Range(0, limit).Draw(t, name))
			platform, elapsed = platform.Add(d), elapsed+d
		}
		var p platformClock
		last := time.Time{}
		for range rapid.IntRange(1, 20).Draw(t, "answers") {
			wait("pause_ns", 60e9)
			sentAt, sent := platform, local()
			wait("there_ns", 3e8)
			date := platform.Truncate(time.Second)
			written := platform.Add(-time.Duration(rapid.Int64Range(0, 5e9).Draw(t, "row_age_ns")))
			wait("back_ns", 3e8)
			reached, notYet := p.answered(date, sent, local())
			p.proven(written, local(), notYet)
			if reached.After(sentAt.Add(time.Millisecond)) { // trips are measured with our clock: 600 ms * 500 ppm
				t.Fatalf("reached %v, but it was sent at %v", reached, sentAt)
			}
			now := p.now(local())
			if now.After(platform) || now.Before(last) || now.Before(date) {
				t.Fatalf("now %v, platform %v, last %v, date %v", now, platform, last, date)
			}
			last = now
		}
	})
}
