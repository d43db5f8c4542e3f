package webhook

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
)

func TestResult(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, r := range Results() {
		require.NotEmpty(t, r.String())
		require.False(t, names[r.String()], "%s twice", r)
		names[r.String()] = true
		parsed, err := ParseResult(r.String())
		require.NoError(t, err)
		require.Equal(t, r, parsed)
		require.NotEmpty(t, http.StatusText(r.status()), "%s", r)
	}
	require.Len(t, names, int(resultEnd)-1)
	for _, invalid := range []Result{0, resultEnd, 255} {
		require.Contains(t, invalid.String(), "Result(")
		_, err := ParseResult(invalid.String())
		require.Error(t, err)
	}
	_, err := ParseResult("")
	require.Error(t, err)
}

func TestAckHistogram(t *testing.T) {
	t.Parallel()
	require.True(t, slices.IsSorted(ackBounds[:]))
	tally := newTally(nil)
	took := []time.Duration{-time.Second, 0, time.Millisecond, time.Millisecond + 1, 5 * time.Second, 5*time.Second + 1}
	for _, d := range took {
		tally.ack(d)
	}
	ack := tally.snapshot().Ack
	require.Len(t, ack.Counts, len(ack.Bounds)+1)
	require.EqualValues(t, 3, ack.Counts[0])
	require.EqualValues(t, 1, ack.Counts[1])
	require.EqualValues(t, 1, ack.Counts[len(ack.Bounds)-1])
	require.EqualValues(t, 1, ack.Counts[len(ack.Bounds)])
	require.Equal(t, 9*time.Second+2*time.Millisecond+2, ack.Sum)
}

func TestAckIsMeasuredOnTheClock(t *testing.T) {
	t.Parallel()
	now := at
	b := setup(t, func(o *Options) {
		o.Now = func() time.Time { now = now.Add(3 * time.Millisecond); return now }
	})
	require.Equal(t, 200, serve(b, signed("ok")).StatusCode)
	require.Equal(t, 3*time.Millisecond, b.Stats().Ack.Sum)
	require.EqualValues(t, 1, b.Stats().Ack.Counts[2])
	require.Equal(t, 401, serve(b, with(signed("ok"), withHeader(signHeader))).StatusCode)
	require.Equal(t, 3*time.Millisecond, b.Stats().Ack.Sum, "refusals are not acks")
}

func TestStatsListsEveryChannelOnce(t *testing.T) {
	t.Parallel()
	again := Hook{Channel: "till", Path: "/hooks/till/aaaaaaaaaaaaaaaa", Decoder: hmacDecoder{"till", "x"}}
	b := setup(t, func(o *Options) { o.Hooks = append(o.Hooks, again) })
	rows := b.Stats().Deliveries
	require.Len(t, rows, 3*len(Results()))
	for _, row := range rows {
		require.Zero(t, row.Count)
		require.Zero(t, row.Last)
	}
	require.Zero(t, b.Stats().Of("nobody", Published))
}

// TestGoodDeliveriesAreHeard: what is rightly signed is heard, also when there is nothing in it; each row knows its last time.
func TestGoodDeliveriesAreHeard(t *testing.T) {
	t.Parallel()
	now, heard := at, []time.Time{}
	b := setup(t, func(o *Options) {
		o.Now = func() time.Time { return now }
		o.Heard = func(channel stock.Channel, at time.Time) {
			require.EqualValues(t, "till", channel)
			heard = append(heard, at)
		}
	})
	for i, body := range []string{"ok", "none", "unknown", "broken"} {
		now = at.Add(time.Duration(i) * time.Second)
		require.Equal(t, 200, serve(b, signed(body)).StatusCode)
	}
	now = at.Add(time.Minute)
	serve(b, with(signed("ok"), withHeader(signHeader, "x")))
	require.Equal(t, []time.Time{at, at.Add(time.Second), at.Add(2 * time.Second), at.Add(3 * time.Second)}, heard)
	for _, row := range b.Stats().Deliveries {
		switch {
		case row.Channel == "till" && row.Result == BadSignature:
			require.Equal(t, at.Add(time.Minute), row.Last)
		case row.Channel == "till" && row.Result == UnknownTopic:
			require.Equal(t, at.Add(2*time.Second), row.Last)
		case row.Channel == "web":
			require.Zero(t, row.Last)
		}
	}
}

func TestByChannel(t *testing.T) {
	t.Parallel()
	tally := newTally([]Hook{{Channel: "till"}, {Channel: "web"}})
	tally.count("till", BadSignature, at)
	tally.count("till", Limited, at.Add(time.Minute))
	tally.count("till", Undecodable, at)
	tally.count("web", Published, at)
	tally.count("web", Published, at)
	tally.count("", NotFound, at)
	require.Equal(t, map[stock.Channel]Outcome{
		"till": {Refused: []Refused{{Undecodable, 1, at}, {BadSignature, 2, at.Add(time.Minute)}}},
		"web":  {Taken: 2},
		"":     {Refused: []Refused{{NotFound, 1, at}}},
	}, tally.snapshot().ByChannel())
}
