package kafka

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fill publishes n values, "0" on, to one key.
func fill(t testing.TB, c *Client, topic string, from, n int) {
	t.Helper()
	pub := c.NewPublisher(PublisherOptions{DeliveryTimeout: 30 * time.Second})
	for i := from; i < from+n; i++ {
		require.NoError(t, pub.Publish(topic, keyed("k", fmt.Sprint(i))))
	}
	require.NoError(t, pub.Close())
}

// reading runs ReadBatches until the test ends and checks how it ended: at
// once, for the broker would hold a fetch for longer than we wait.
func reading(t testing.TB, c *Client, opts BatchOptions, handle func(context.Context, Batch) error) (stop func()) {
	opts.MaxWait = 30 * time.Second
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.ReadBatches(ctx, opts, handle) }()
	stop = sync.OnceFunc(func() {
		ended := time.Now()
		cancel()
		require.ErrorIs(t, within(t, done), context.Canceled)
		require.Less(t, time.Since(ended), opts.MaxWait)
	})
	t.Cleanup(stop)
	return stop
}

func from(offset int64) func(int) int64 { return func(int) int64 { return offset } }

func TestReadBatchesInOrderFromOffset(t *testing.T) {
	h := newHarness(t)
	c := h.client()
	h.topic(c, h.events, 1)
	fill(t, c, h.events, 0, 100)
	batches := make(chan Batch, 100)
	reading(t, c, BatchOptions{Topic: h.events, Start: from(30), MaxRecords: 7}, func(_ context.Context, b Batch) error {
		batches <- b
		return nil
	})
	next := int64(30)
	for next < 100 {
		b := within(t, batches)
		require.LessOrEqual(t, len(b.Records), 7)
		require.Equal(t, int64(100), b.HighWater)
		require.False(t, b.AfterGap)
		for _, r := range b.Records {
			require.Equal(t, next, r.Offset)
			require.Equal(t, fmt.Sprint(next), string(r.Value))
			require.Equal(t, "k", string(r.Key))
			require.WithinDuration(t, time.Now(), r.Time, time.Minute)
			next++
		}
		require.Equal(t, next, b.NextOffset)
	}
	fill(t, c, h.events, 100, 1)
	require.Equal(t, int64(100), within(t, batches).Records[0].Offset, "and on, as records come")
}

func TestFailedBatchIsRepeated(t *testing.T) {
	h := newHarness(t)
	c := h.client()
	h.topic(c, h.events, 1)
	fill(t, c, h.events, 0, 20)
	var seen []int64
	attempts := 0
	done := make(chan struct{})
	reading(t, c, BatchOptions{Topic: h.events, Start: from(FirstOffset), MaxRecords: 10}, func(_ context.Context, b Batch) error {
		if attempts++; attempts <= 3 {
			require.Equal(t, int64(0), b.Records[0].Offset)
			return errors.New("store is down")
		}
		for _, r := range b.Records {
			seen = append(seen, r.Offset)
		}
		if b.NextOffset == 20 {
			close(done)
		}
		return nil
	})
	within(t, done)
	require.Len(t, seen, 20)
	for i, offset := range seen {
		require.EqualValues(t, i, offset)
	}
}

func TestGapIsReported(t *testing.T) {
	for name, tc := range map[string]struct {
		start int64
		gap   Gap
	}{
		"ahead of the high watermark": {start: 50, gap: Gap{Wanted: 50, First: 4, HighWater: 10}},
		"below the log start":         {start: 1, gap: Gap{Wanted: 1, First: 4, HighWater: 10}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t)
			c := h.client()
			h.topic(c, h.events, 1)
			fill(t, c, h.events, 0, 10)
			h.trim(h.events, 0, 4)
			gaps := make(chan Gap, 10)
			batches := make(chan Batch, 10)
			reading(t, c, BatchOptions{Topic: h.events, Start: from(tc.start), MaxRecords: 3, OnGap: func(g Gap) { gaps <- g }}, func(_ context.Context, b Batch) error {
				batches <- b
				return nil
			})
			tc.gap.Topic = h.events
			require.Equal(t, tc.gap, within(t, gaps))
			b := within(t, batches)
			require.Equal(t, int64(4), b.Records[0].Offset)
			require.True(t, b.AfterGap)
			require.False(t, within(t, batches).AfterGap, "only the first batch is after the gap")
			require.Empty(t, gaps)
		})
	}
	t.Run("none", func(t *testing.T) {
		h := newHarness(t)
		c := h.client()
		h.topic(c, h.events, 1)
		fill(t, c, h.events, 0, 10)
		h.trim(h.events, 0, 4)
		for _, start := range []int64{FirstOffset, 4, 9, 10} {
			batches := make(chan Batch, 100)
			stop := reading(t, c, BatchOptions{Topic: h.events, Start: from(start), OnGap: func(g Gap) { t.Errorf("start %d: %+v", start, g) }}, func(_ context.Context, b Batch) error {
				batches <- b
				return nil
			})
			if start == 10 {
				fill(t, c, h.events, 10, 1)
			}
			b := within(t, batches)
			require.Equal(t, max(start, 4), b.Records[0].Offset)
			stop()
		}
	})
}

func TestReadBatchesSurvivesBrokerRestart(t *testing.T) {
	h := newHarness(t)
	c := h.client()
	h.topic(c, h.events, 2)
	fill(t, c, h.events, 0, 5)
	offsets := make(chan int64, 100)
	reading(t, c, BatchOptions{Topic: h.events, Start: from(FirstOffset), OnGap: func(g Gap) { t.Errorf("gap %+v", g) }}, func(_ context.Context, b Batch) error {
		for _, r := range b.Records {
			offsets <- r.Offset
		}
		return nil
	})
	for i := range 5 {
		require.EqualValues(t, i, within(t, offsets))
	}
	h.stop()
	h.start()
	fill(t, c, h.events, 5, 5)
	for i := 5; i < 10; i++ {
		require.EqualValues(t, i, within(t, offsets))
	}
}

// A reader may be started before the topic is made.
func TestReadBatchesWaitsForTopic(t *testing.T) {
	h := newHarness(t)
	c := h.client()
	got := make(chan Batch, 1)
	reading(t, c, BatchOptions{Topic: h.name("late"), Start: from(FirstOffset)}, func(_ context.Context, b Batch) error {
		got <- b
		return nil
	})
	h.topic(c, h.name("late"), 1)
	fill(t, c, h.name("late"), 0, 1)
	within(t, got)
}

func TestReadBatchesOnClosedClient(t *testing.T) {
	h := newHarness(t)
	c := h.client()
	h.topic(c, h.events, 4)
	done := make(chan error, 1)
	go func() {
		done <- c.ReadBatches(context.Background(), BatchOptions{Topic: h.events, Start: from(FirstOffset)}, func(context.Context, Batch) error { return nil })
	}()
	require.NoError(t, c.Close())
	require.ErrorIs(t, within(t, done), ErrClosed)
	require.ErrorIs(t, c.EnsureTopics(context.Background(), []Topic{{Name: "x", Partitions: 1}}), ErrClosed)
}
