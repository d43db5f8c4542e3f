package kafka

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"
)

// What only Apache Kafka does with a log: transactions end with markers, and
// compaction leaves batches without records.

// compacted are the settings of a topic that is compacted at once, and whose
// batches of half a segment and more get a segment each.
var compacted = map[string]string{
	"cleanup.policy": "compact", "segment.bytes": "1048576", "segment.ms": "1", "min.cleanable.dirty.ratio": "0.0",
	"min.compaction.lag.ms": "0", "delete.retention.ms": "0", "max.message.bytes": "1048588",
}

// large fills more than half of a segment.
func large(name string) string { return name + strings.Repeat(".", 700_000) }

// produce writes records as one batch, by another client than ours.
func produce(t *testing.T, client *kgo.Client, records ...*kgo.Record) {
	t.Helper()
	require.NoError(t, client.ProduceSync(t.Context(), records...).FirstErr())
}

// record is one of partition 0.
func record(topic, key, value string) *kgo.Record {
	return &kgo.Record{Topic: topic, Key: []byte(key), Value: []byte(value)}
}

// manually has a producer put records where they say.
var manually = kgo.RecordPartitioner(kgo.ManualPartitioner())

// transaction writes a record in a transaction of its own.
func transaction(t *testing.T, client *kgo.Client, commit kgo.TransactionEndTry, r *kgo.Record) {
	t.Helper()
	require.NoError(t, client.BeginTransaction())
	produce(t, client, r)
	require.NoError(t, client.EndTransaction(t.Context(), commit))
}

// awaitFirstBatch waits until the partition's first batch has so many records.
func awaitFirstBatch(t *testing.T, c *Client, topic string, records int32) {
	t.Helper()
	require.Eventually(t, func() bool {
		answer, err := c.fetchPartition(t.Context(), topic, 0, 0, 1, time.Second)
		require.NoError(t, err)
		first, _, ok, err := nextBatch(answer.batches)
		require.NoError(t, err)
		return ok && first.base == 0 && first.count == records
	}, patience, 50*time.Millisecond)
}

// name is what a value begins with.
func names(records []Record) []string {
	var out []string
	for _, r := range records {
		out = append(out, strings.TrimRight(string(r.Value), "."))
	}
	return out
}

// readsAll checks that every way to read a topic of one partition comes to its
// end, and finds these values.
func readsAll(t *testing.T, h *harness, c *Client, want ...string) {
	t.Helper()
	// A transaction has ended for its client before its marker is in the log.
	var end int64
	require.Eventually(t, func() bool {
		stable, err := c.stableBounds(t.Context(), h.events)
		require.NoError(t, err)
		bounds, err := c.Bounds(t.Context(), h.events)
		require.NoError(t, err)
		end = bounds[0].HighWater
		return stable[0].HighWater == end
	}, patience, 10*time.Millisecond)

	t.Run("range", func(t *testing.T) {
		var got []string
		require.NoError(t, c.ReadRange(t.Context(), RangeOptions{Topic: h.events}, func(b Batch) error {
			got = append(got, names(b.Records)...)
			return nil
		}))
		require.Equal(t, want, got)
	})
	t.Run("batches", func(t *testing.T) {
		type part struct {
			from, next int64
			values     []string
		}
		parts := make(chan part, 100)
		stop := reading(t, c, BatchOptions{Topic: h.events, Start: from(FirstOffset)}, func(_ context.Context, b Batch) error {
			parts <- part{b.From, b.NextOffset, names(b.Records)}
			return nil
		})
		var got []string
		for next := int64(0); next < end; {
			p := within(t, parts)
			require.Equal(t, next, p.from, "batches join")
			require.Greater(t, p.next, p.from)
			got, next = append(got, p.values...), p.next
		}
		require.Equal(t, want, got)
		stop()
	})
	t.Run("subscriber", func(t *testing.T) {
		sub := c.NewSubscriber(SubscriberOptions{})
		out, err := sub.Subscribe(t.Context(), h.events)
		require.NoError(t, err)
		for _, value := range want {
			msg := within(t, out)
			require.Equal(t, value, strings.TrimRight(string(msg.Payload), "."))
			msg.Ack()
		}
		require.NoError(t, sub.Close())
	})
}

func TestReadsBehindTransactionMarkers(t *testing.T) {
	h := realHarness(t)
	c := h.client()
	require.NoError(t, c.EnsureTopics(t.Context(), []Topic{{Name: h.events, Partitions: 1, Configs: map[string]string{"segment.bytes": "1048576", "segment.ms": "1"}}}))
	other := h.franz(manually, kgo.TransactionalID(h.events))
	transaction(t, other, kgo.TryCommit, record(h.events, "k", "committed")) // 0, its marker 1
	transaction(t, other, kgo.TryAbort, record(h.events, "k", "aborted"))    // 2, its marker 3
	t.Run("at the end", func(t *testing.T) { readsAll(t, h, c, "committed") })

	pub := c.NewPublisher(PublisherOptions{})
	require.NoError(t, pub.Publish(h.events, keyed("k", "ours")))
	transaction(t, other, kgo.TryAbort, record(h.events, "k", "aborted too"))
	require.NoError(t, pub.Publish(h.events, keyed("k", "ours again")))
	require.NoError(t, pub.Close())
	t.Run("in the middle", func(t *testing.T) { readsAll(t, h, c, "committed", "ours", "ours again") })
}

// What is behind a transaction that has not ended comes when it has, and a
// reader that waits for longer says so.
func TestOpenTransactionHoldsReadersBack(t *testing.T) {
	h := realHarness(t)
	var mu sync.Mutex
	now := time.Now()
	said := &logLines{lines: make(chan string, 100)}
	c := h.client(func(o *Options) {
		o.Logger = slog.New(slog.NewTextHandler(said, nil))
		o.Now = func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			now = now.Add(time.Second) // with each answer
			return now
		}
	})
	h.topic(c, h.events, 1)
	fill(t, c, h.events, 0, 1)
	other := h.franz(manually, kgo.TransactionalID(h.events))
	require.NoError(t, other.BeginTransaction())
	produce(t, other, record(h.events, "k", "theirs"))
	fill(t, c, h.events, 1, 1)
	require.Equal(t, []string{"0"}, contents(t, c, h.events)[0], "a list ends where nothing more is certain")

	values := make(chan string, 100)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() {
		done <- c.ReadBatches(ctx, BatchOptions{Topic: h.events, Start: from(FirstOffset), MaxWait: 10 * time.Millisecond}, func(_ context.Context, b Batch) error {
			for _, r := range b.Records {
				values <- string(r.Value)
			}
			return nil
		})
	}()
	require.Equal(t, "0", within(t, values))
	said.await(t, "reading stands still", "offset=1", "transaction")
	require.Empty(t, values)
	require.NoError(t, other.EndTransaction(t.Context(), kgo.TryAbort))
	require.Equal(t, "1", within(t, values))
	said.await(t, "reading goes on")
	cancel()
	require.ErrorIs(t, within(t, done), context.Canceled)
}

// logLines are what a logger was told.
type logLines struct{ lines chan string }

func (l *logLines) Write(b []byte) (int, error) {
	l.lines <- string(b)
	return len(b), nil
}

// await waits for a line that has all of these.
func (l *logLines) await(t *testing.T, parts ...string) {
	t.Helper()
	for {
		line := within(t, l.lines)
		has := true
		for _, part := range parts {
			has = has && strings.Contains(line, part)
		}
		if has {
			return
		}
	}
}

func TestReadsBehindEmptiedBatch(t *testing.T) {
	h := realHarness(t)
	c := h.client()
	require.NoError(t, c.EnsureTopics(t.Context(), []Topic{{Name: h.events, Partitions: 1, Configs: compacted}}))
	// The last batch of an idempotent producer stays when all of its records are gone.
	opts := []kgo.Opt{manually, kgo.ProducerBatchCompression(kgo.NoCompression())}
	produce(t, h.franz(opts...), record(h.events, "a", "old"), record(h.events, "k", large("old")))
	other := h.franz(opts...)
	produce(t, other, record(h.events, "a", "new"), record(h.events, "k", large("new")))
	produce(t, other, record(h.events, "b", "last")) // the segment that is written to is never compacted
	awaitFirstBatch(t, c, h.events, 0)
	readsAll(t, h, c, "new", "new", "last")
}

func TestReadsBehindCutBatch(t *testing.T) {
	h := realHarness(t)
	c := h.client()
	require.NoError(t, c.EnsureTopics(t.Context(), []Topic{{Name: h.events, Partitions: 1, Configs: compacted}}))
	pub := c.NewPublisher(PublisherOptions{})
	require.NoError(t, pub.Publish(h.events, keyed("a", "kept"), keyed("k", large("old"))))
	require.NoError(t, pub.Publish(h.events, keyed("k", large("new"))))
	require.NoError(t, pub.Publish(h.events, keyed("b", "last")))
	require.NoError(t, pub.Close())
	awaitFirstBatch(t, c, h.events, 1)
	readsAll(t, h, c, "kept", "new", "last")
	for start := int64(1); start < 4; start++ {
		t.Run(fmt.Sprint("from ", start), func(t *testing.T) {
			batches := make(chan Batch, 100)
			reading(t, c, BatchOptions{Topic: h.events, Start: from(start), OnGap: func(g Gap) { t.Errorf("gap %+v", g) }}, func(_ context.Context, b Batch) error {
				batches <- b
				return nil
			})
			for next := start; next < 4; {
				b := within(t, batches)
				for _, r := range b.Records {
					require.GreaterOrEqual(t, r.Offset, start)
				}
				next = b.NextOffset
			}
		})
	}
}
