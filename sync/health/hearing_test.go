package health

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// shopHours has a channel deliver every ten minutes while the shop is open: from nine to six, but not on Sundays.
func shopHours(h *Hearing, from, to time.Time) {
	for at := from; at.Before(to); at = at.Add(10 * time.Minute) {
		if at.Weekday() != time.Sunday && at.Hour() >= 9 && at.Hour() < 18 {
			h.Delivered(at)
		}
	}
}

// monday is the Monday on which serve begins.
var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// TestSilenceAgainstTheRhythm: nights and Sundays are no silence, once they are known; before, nothing is said.
func TestSilenceAgainstTheRhythm(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	h := NewHearing(monday)
	now := monday
	for range 3 * 7 * 24 {
		shopHours(h, now, now.Add(time.Hour))
		now = now.Add(time.Hour)
		require.Empty(t, h.At(now).Silence, "%s", now)
	}
	sunday := 39*time.Hour + 10*time.Minute
	require.Equal(t, sunday, h.At(now).Usual)
	last := h.At(now).Last
	require.Empty(t, h.At(last.Add(2*sunday)).Silence)
	require.Equal(t, SilentForLong, h.At(last.Add(2*sunday+time.Second)).Silence)
	h.Delivered(last.Add(4 * day))
	require.Empty(t, h.At(last.Add(4*day+time.Hour)).Silence, "it spoke again")

	busy := NewHearing(monday)
	for at := monday; at.Before(monday.Add(10 * day)); at = at.Add(time.Minute) {
		busy.Delivered(at)
	}
	require.Empty(t, busy.At(monday.Add(10*day+50*time.Minute)).Silence)
	require.Equal(t, SilentForLong, busy.At(monday.Add(10*day+time.Hour)).Silence)

	young := NewHearing(monday)
	young.Delivered(monday)
	require.Empty(t, young.At(monday.Add(7*day)).Silence, "a week may hold a holiday")
	require.Empty(t, NewHearing(monday).At(monday.Add(30*day)).Silence, "what never spoke has no rhythm")
}

// TestLongPausesAreForgotten: what is usual is that of the last two weeks.
func TestLongPausesAreForgotten(t *testing.T) {
	t.Parallel()
	h := NewHearing(monday)
	h.Delivered(monday)
	h.Delivered(monday.Add(72 * time.Hour))
	require.Equal(t, 72*time.Hour, h.At(monday.Add(73*time.Hour)).Usual)
	for at := monday.Add(73 * time.Hour); at.Before(monday.Add(20 * 24 * time.Hour)); at = at.Add(time.Hour) {
		h.Delivered(at)
	}
	require.Equal(t, time.Hour, h.At(monday.Add(20*24*time.Hour)).Usual)
}

// TestSilenceOnChanges: sweeps see what happened, and no delivery says so, from the first minute on.
func TestSilenceOnChanges(t *testing.T) {
	t.Parallel()
	h := NewHearing(monday)
	at := func(seconds int) time.Time { return monday.Add(time.Duration(seconds) * time.Second) }
	for _, s := range []int{0, 5, 10} {
		h.Changed(at(s))
	}
	require.Empty(t, h.At(at(69)).Silence, "they may be on their way")
	require.Equal(t, Heard{Silence: SilentOnChanges, Changes: 3}, h.At(at(70)))
	h.Delivered(at(80))
	require.Equal(t, Heard{Last: at(80)}, h.At(at(80)))
	h.Changed(at(90))
	h.Changed(at(91))
	require.Empty(t, h.At(at(400)).Silence, "one or two are lost now and then")
	for range 2 * unheardMax {
		h.Changed(at(401))
	}
	require.Equal(t, unheardMax, h.At(at(500)).Changes)
}
