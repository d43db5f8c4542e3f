package kafka

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/stretchr/testify/require"
)

func TestEnsureTopics(t *testing.T) {
	h := newHarness(t)
	c := h.client()
	dlq := h.name("dlq")
	topics := []Topic{{Name: h.events, Partitions: 4}, {Name: dlq, Partitions: 1, ReplicationFactor: 1, Configs: map[string]string{"max.message.bytes": "1000"}}}
	require.NoError(t, c.EnsureTopics(t.Context(), topics))
	require.NoError(t, c.EnsureTopics(t.Context(), topics), "what exists is fine")
	counts, err := h.client().Topics(t.Context())
	require.NoError(t, err)
	require.Equal(t, 4, counts[h.events])
	require.Equal(t, 1, counts[dlq])
	bounds, err := c.Bounds(t.Context(), h.events)
	require.NoError(t, err)
	require.Equal(t, map[int]Bounds{0: {}, 1: {}, 2: {}, 3: {}}, bounds)

	require.ErrorIs(t, c.EnsureTopics(t.Context(), []Topic{{Name: h.events, Partitions: 8}}), ErrPartitionCount)
	require.Error(t, c.EnsureTopics(t.Context(), []Topic{{Name: h.name("none")}}))

	// Many clients at once, as processes that start together.
	var wg sync.WaitGroup
	for range 8 {
		other := h.client()
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			if err := other.EnsureTopics(ctx, []Topic{{Name: h.name("together"), Partitions: 3}}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// Metadata names a leader before it knows that it is one.
func TestEnsuredTopicsAnswer(t *testing.T) {
	h := newHarness(t)
	for i := range 5 {
		c := h.client()
		topic := h.name(fmt.Sprint("topic", i))
		h.topic(c, topic, 30)
		partitions, err := c.partitions(t.Context(), topic)
		require.NoError(t, err)
		bounds, err := c.listOffsets(t.Context(), kafkago.ReadUncommitted, topic, partitions...)
		require.NoError(t, err)
		require.Len(t, bounds, 30)
	}
}

// An answer that will not change is returned, and nothing was made.
func TestEnsureTopicsRefused(t *testing.T) {
	h := newHarness(t)
	c := h.client()
	topic, want := Topic{Name: h.events, Partitions: 1, Configs: map[string]string{"retention.ms": "1"}}, error(kafkago.PolicyViolation)
	if h.real() { // which keeps what a policy says to the embedded broker's janitor
		topic.Configs, want = map[string]string{"retention.ms": "soon"}, kafkago.InvalidConfiguration
	}
	require.ErrorIs(t, c.EnsureTopics(t.Context(), []Topic{topic}), want)
	_, err := c.Bounds(t.Context(), h.events)
	require.ErrorIs(t, err, ErrUnknownTopic)
}

func TestEnsureTopicsWaitsForBroker(t *testing.T) {
	h := newHarness(t)
	h.stop()
	c := h.client()
	done := make(chan error, 1)
	go func() { done <- c.EnsureTopics(context.Background(), []Topic{{Name: h.events, Partitions: 1}}) }()
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, c.EnsureTopics(ctx, []Topic{{Name: h.name("other"), Partitions: 1}}), context.DeadlineExceeded)
	_, err := c.Topics(ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	h.start()
	require.NoError(t, within(t, done))
	counts, err := c.Topics(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, counts[h.events])
	id, err := c.ClusterID(t.Context())
	require.NoError(t, err)
	require.NotEmpty(t, id)
}

// A request that is only sent when Close has returned must not open a pool,
// which would ask for metadata until the process ends.
func TestRequestAfterCloseOpensNothing(t *testing.T) {
	var dials atomic.Int32
	h := newHarness(t)
	c := h.client(func(o *Options) {
		o.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
			dials.Add(1)
			return h.dial(ctx, network, addr)
		}
	})
	_, err := c.ClusterID(t.Context())
	require.NoError(t, err)
	before := dials.Load()
	require.NoError(t, c.Close())
	require.NoError(t, c.Close())
	_, err = c.kafka.Metadata(t.Context(), &kafkago.MetadataRequest{Addr: c.kafka.Addr})
	require.ErrorIs(t, err, ErrClosed)
	_, err = c.ClusterID(t.Context())
	require.ErrorIs(t, err, ErrClosed)
	require.Equal(t, before, dials.Load())
}

func TestReadRange(t *testing.T) {
	h := newHarness(t)
	c := h.client()
	h.topic(c, h.events, 2)
	fill(t, c, h.events, 0, 10)
	require.Len(t, flatten(contents(t, c, h.events)), 10)

	stop := errors.New("enough")
	calls := 0
	require.ErrorIs(t, c.ReadRange(t.Context(), RangeOptions{Topic: h.events}, func(Batch) error { calls++; return stop }), stop)
	require.Equal(t, 1, calls)

	for _, start := range []int64{8, 9, 10, 99} {
		var got []string
		require.NoError(t, c.ReadRange(t.Context(), RangeOptions{Topic: h.events, Start: from(start)}, func(b Batch) error {
			for _, r := range b.Records {
				got = append(got, string(r.Value))
			}
			return nil
		}))
		require.Len(t, got, int(max(0, 10-start)), "from %d", start)
	}
	require.ErrorIs(t, c.ReadRange(t.Context(), RangeOptions{Topic: h.name("other")}, func(Batch) error { return nil }), ErrUnknownTopic)
}

func TestReadRangeFollows(t *testing.T) {
	h := newHarness(t)
	c := h.client()
	h.topic(c, h.events, 2)
	fill(t, c, h.events, 0, 3)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	values := make(chan string, 100)
	done := make(chan error, 1)
	go func() {
		done <- c.ReadRange(ctx, RangeOptions{Topic: h.events, Follow: true}, func(b Batch) error {
			for _, r := range b.Records {
				values <- string(r.Value)
			}
			return nil
		})
	}()
	for i := range 3 {
		require.Equal(t, fmt.Sprint(i), within(t, values))
	}
	fill(t, c, h.events, 3, 1)
	require.Equal(t, "3", within(t, values))
	cancel()
	require.ErrorIs(t, within(t, done), context.Canceled)
}

func flatten(m map[int][]string) []string {
	var out []string
	for _, values := range m {
		out = append(out, values...)
	}
	return out
}

func TestSettings(t *testing.T) {
	h := newHarness(t)
	c := h.client()
	configs := map[string]string{"max.message.bytes": "20000", "min.insync.replicas": "1"}
	if h.real() { // the embedded broker compacts nothing
		configs["cleanup.policy"] = "compact,delete"
	}
	require.NoError(t, c.EnsureTopics(t.Context(), []Topic{{Name: h.events, Partitions: 3, ReplicationFactor: 1, Configs: configs}, {Name: h.name("plain"), Partitions: 1}}))
	settings, err := c.Settings(t.Context(), h.events)
	require.NoError(t, err)
	require.Equal(t, Settings{Partitions: 3, Replicas: 1, InSync: 1, MaxBatchBytes: 20_000, Compacted: h.real()}, settings)
	settings, err = c.Settings(t.Context(), h.name("plain"))
	require.NoError(t, err)
	require.Equal(t, Settings{Partitions: 1, Replicas: 1, InSync: 1, MaxBatchBytes: 1_048_588}, settings)
	_, err = c.Settings(t.Context(), h.name("none"))
	require.ErrorIs(t, err, ErrUnknownTopic)
}

func TestSettingsFaults(t *testing.T) {
	for name, tc := range map[string]struct {
		settings Settings
		faults   []string
	}{
		"as Kafka makes them":  {settings: Settings{Replicas: 1, InSync: 1, MaxBatchBytes: 1_048_588}},
		"compacted":            {settings: Settings{Replicas: 3, InSync: 2, MaxBatchBytes: 1_048_588, Compacted: true}, faults: []string{"cleanup.policy"}},
		"more in step than be": {settings: Settings{Replicas: 1, InSync: 2, MaxBatchBytes: 1_048_588}, faults: []string{"min.insync.replicas"}},
		"small requests":       {settings: Settings{Replicas: 1, InSync: 1, MaxBatchBytes: 899_999}, faults: []string{"max.message.bytes"}},
	} {
		t.Run(name, func(t *testing.T) {
			faults := tc.settings.Faults(DefaultBatchBytes)
			require.Len(t, faults, len(tc.faults))
			for i, fault := range faults {
				require.Contains(t, fault, tc.faults[i])
			}
		})
	}
}

func TestInspect(t *testing.T) {
	h := newHarness(t)
	c := h.client()
	topics := []Topic{{Name: h.events, Partitions: 1}, {Name: h.name("small"), Partitions: 1, Configs: map[string]string{"max.message.bytes": "20000"}}, {Name: h.name("foreign"), Partitions: 1, Configs: map[string]string{"max.message.bytes": "20000"}}}
	require.NoError(t, c.EnsureTopics(t.Context(), topics))
	ours := func(topic string) bool { return topic == h.events || topic == h.name("small") }
	faults, err := Inspect(Options{Brokers: []string{h.addr}, Dial: h.dial}, ours)
	require.NoError(t, err)
	require.Len(t, faults, 1)
	require.Contains(t, faults[0], h.name("small")+" takes 20000 bytes")
	h.stop()
	_, err = Inspect(Options{Brokers: []string{h.addr}, Dial: h.dial}, ours)
	require.Error(t, err)
	h.start()
}
