package kafka

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"
)

// gate is a dial function whose connections can be held up: while it is shut,
// writes wait, so requests are in flight for as long as a test needs.
type gate struct {
	dial DialFunc
	mu   sync.RWMutex
}

func (g *gate) open(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := g.dial(ctx, network, addr)
	return gatedConn{conn, g}, err
}

type gatedConn struct {
	net.Conn
	gate *gate
}

func (c gatedConn) Write(b []byte) (int, error) {
	c.gate.mu.RLock()
	defer c.gate.mu.RUnlock()
	return c.Conn.Write(b)
}

func gated(h *harness) (*gate, *Client) {
	g := &gate{dial: h.dial}
	return g, h.client(func(o *Options) { o.Dial = g.open })
}

// inFlight counts the records that a lane has taken from its queue.
func inFlight(p *Publisher) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.records
	for _, l := range p.lanes {
		n -= len(l.queue)
	}
	return n
}

func TestConcurrentPublishersKeepOrderByKey(t *testing.T) {
	const publishers, each = 1000, 10
	h := newHarness(t)
	c := h.client()
	h.topic(c, h.events, 4)
	pub := c.NewPublisher(PublisherOptions{})
	var wg sync.WaitGroup
	errs := make(chan error, publishers)
	for i := range publishers {
		wg.Go(func() {
			for n := range each {
				key := fmt.Sprintf("key-%d", i)
				if err := pub.Publish(h.events, keyed(key, fmt.Sprintf("%s/%d", key, n))); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	require.NoError(t, <-errs)
	require.NoError(t, pub.Close())
	records, bytes := pub.Queued()
	require.Zero(t, records)
	require.Zero(t, bytes)

	next := make(map[string]int)
	home := make(map[string]int)
	total := 0
	for partition, values := range contents(t, c, h.events) {
		require.NotEmpty(t, values)
		for _, v := range values {
			key, n, _ := strings.Cut(v, "/")
			require.Equal(t, fmt.Sprint(next[key]), n, "order of %s", key)
			if next[key] > 0 {
				require.Equal(t, home[key], partition)
			}
			home[key] = partition
			next[key]++
			total++
		}
	}
	require.Equal(t, publishers*each, total, "none lost, none twice")
}

func TestPartitionIsJavasForTheKey(t *testing.T) {
	// Kafka's own test vectors for murmur2 (UtilsTest.java), made positive
	// and taken modulo 4 as its partitioner does.
	h := newHarness(t)
	c := h.client()
	h.topic(c, h.events, 4)
	pub := c.NewPublisher(PublisherOptions{})
	want := map[int][]string{}
	for key, hash := range map[string]int32{"21": -973932308, "foobar": -790332482, "a-little-bit-long-string": -985981536} {
		partition := int(uint32(hash)&0x7fffffff) % 4
		want[partition] = append(want[partition], key)
		require.NoError(t, pub.Publish(h.events, keyed(key, key)))
	}
	got := contents(t, c, h.events)
	for p := range want {
		require.ElementsMatch(t, want[p], got[p])
	}
	require.NoError(t, pub.Close())
}

func TestMessageRoundTrip(t *testing.T) {
	h := newHarness(t)
	c := h.client()
	h.topic(c, h.events, 1)
	pub := c.NewPublisher(PublisherOptions{Compression: Snappy})
	sent := []*message.Message{keyed("ref-1", "with key"), message.NewMessage(watermill.NewUUID(), []byte("without key")), message.NewMessage(watermill.NewUUID(), nil)}
	sent[0].Metadata.Set("cause", "sold")
	require.NoError(t, pub.Publish(h.events, sent...))
	require.NoError(t, pub.Publish(h.events), "nothing to do")
	require.NoError(t, pub.Close())
	var got []*message.Message
	require.NoError(t, c.ReadRange(t.Context(), RangeOptions{Topic: h.events}, func(b Batch) error {
		for _, r := range b.Records {
			got = append(got, r.Message())
		}
		return nil
	}))
	require.Len(t, got, len(sent))
	for i := range sent {
		require.True(t, sent[i].Equals(got[i]), "%v became %v", sent[i], got[i])
	}
}

func TestQueueIsBounded(t *testing.T) {
	h := newHarness(t)
	g, c := gated(h)
	h.topic(c, h.events, 1)
	pub := c.NewPublisher(PublisherOptions{MaxQueueRecords: 3})
	require.NoError(t, pub.Publish(h.events, keyed("k", "0"))) // connects
	g.mu.Lock()
	done := make(chan error, 3)
	for range 3 {
		go func() { done <- pub.Publish(h.events, keyed("k", "held up")) }()
	}
	require.Eventually(t, func() bool { n, _ := pub.Queued(); return n == 3 }, patience, time.Millisecond)
	require.ErrorIs(t, pub.Publish(h.events, keyed("k", "one too many")), ErrQueueFull)
	g.mu.Unlock()
	for range 3 {
		require.NoError(t, within(t, done))
	}
	require.NoError(t, pub.Publish(h.events, keyed("k", "room again")))
	require.NoError(t, pub.Close())
	require.ErrorIs(t, pub.Publish(h.events, keyed("k", "x")), ErrClosed)
	require.Len(t, contents(t, c, h.events)[0], 5)

	small := c.NewPublisher(PublisherOptions{MaxQueueBytes: 100})
	require.ErrorIs(t, small.Publish(h.events, keyed("k", strings.Repeat("x", 200))), ErrQueueFull)
	require.ErrorIs(t, c.NewPublisher(PublisherOptions{}).Publish(h.events, keyed("k", strings.Repeat("x", 1<<20))), ErrMessageTooLarge)
}

// What queues behind a request in flight goes as one request, in order.
func TestQueueCoalesces(t *testing.T) {
	h := newHarness(t)
	g, c := gated(h)
	h.topic(c, h.events, 1)
	pub := c.NewPublisher(PublisherOptions{MaxBatchRecords: 100})
	require.NoError(t, pub.Publish(h.events, keyed("k", "first")))
	records, _ := pub.Queued()
	require.Zero(t, records, "what its caller knows to be durable is not queued any more")
	g.mu.Lock()
	done := make(chan error, 101)
	for i := range 101 {
		go func() { done <- pub.Publish(h.events, keyed("k", fmt.Sprint(i))) }()
		require.Eventually(t, func() bool { n, _ := pub.Queued(); return n == i+1 }, patience, 100*time.Microsecond)
	}
	g.mu.Unlock()
	for range 101 {
		require.NoError(t, within(t, done))
	}
	require.NoError(t, pub.Close())
	values := contents(t, c, h.events)[0]
	require.Len(t, values, 102)
	for i, v := range values[1:] {
		require.Equal(t, fmt.Sprint(i), v)
	}
}

func TestPublishHonoursMessageContext(t *testing.T) {
	h := newHarness(t)
	g, c := gated(h)
	h.topic(c, h.events, 1)
	pub := c.NewPublisher(PublisherOptions{})
	require.NoError(t, pub.Publish(h.events, keyed("k", "0")))
	g.mu.Lock()
	first := make(chan error, 1)
	go func() { first <- pub.Publish(h.events, keyed("k", "in flight")) }()
	require.Eventually(t, func() bool { return inFlight(pub) == 1 }, patience, time.Millisecond)

	ctx, cancel := context.WithCancelCause(context.Background())
	gaveUp := errors.New("gave up")
	msg := keyed("k", "cancelled while it waited")
	msg.SetContext(ctx)
	second := make(chan error, 1)
	go func() { second <- pub.Publish(h.events, msg) }()
	require.Eventually(t, func() bool { n, _ := pub.Queued(); return n == 2 }, patience, time.Millisecond)
	cancel(gaveUp)
	require.ErrorIs(t, within(t, second), gaveUp)
	g.mu.Unlock()
	require.NoError(t, within(t, first))
	require.NoError(t, pub.Close())
	require.Equal(t, []string{"0", "in flight"}, contents(t, c, h.events)[0], "what was not sent is not sent later")
}

func TestPublishWithoutTopicOrBroker(t *testing.T) {
	h := newHarness(t)
	c := h.client()
	h.topic(c, h.events, 1)
	pub, hasty := c.NewPublisher(PublisherOptions{}), c.NewPublisher(PublisherOptions{DeliveryTimeout: 300 * time.Millisecond})
	require.ErrorIs(t, pub.Publish(h.name("other"), keyed("k", "x")), ErrUnknownTopic)
	require.NoError(t, pub.Publish(h.events, keyed("k", "x")))
	h.stop()
	require.ErrorIs(t, hasty.Publish(h.events, keyed("k", "y")), ErrDeliveryTimeout)
	require.NoError(t, pub.Close())
	require.NoError(t, hasty.Close())
}

// Nobody waits for a call that has ended, so Close must not either.
func TestCloseDoesNotWaitForAbandonedRetries(t *testing.T) {
	h := newHarness(t)
	dial := func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no way") }
	c := h.client(func(o *Options) {
		o.Dial, o.BackoffMin, o.BackoffMax = dial, time.Hour, time.Hour
	})
	c.topics[h.events] = []int{0}
	pub := c.NewPublisher(PublisherOptions{})
	ctx, cancel := context.WithCancelCause(context.Background())
	gaveUp := errors.New("gave up")
	abandoned, kept := keyed("k", "abandoned"), keyed("k", "kept")
	abandoned.SetContext(ctx)
	done := make(chan error, 1)
	go func() { done <- pub.Publish(h.events, abandoned) }()
	require.Eventually(t, func() bool { return inFlight(pub) == 1 }, patience, time.Millisecond)
	cancel(gaveUp)
	require.ErrorIs(t, within(t, done), gaveUp)
	closed := make(chan error, 1)
	go func() { closed <- pub.Close() }()
	require.NoError(t, within(t, closed))
	require.ErrorIs(t, pub.Publish(h.events, kept), ErrClosed)
	records, bytes := pub.Queued()
	require.Zero(t, records)
	require.Zero(t, bytes)
}

// A broker that goes and comes back inside DeliveryTimeout costs time, not
// errors and not the order.
func TestPublishSurvivesBrokerRestart(t *testing.T) {
	h := newHarness(t)
	c := h.client()
	h.topic(c, h.events, 1)
	pub := c.NewPublisher(PublisherOptions{DeliveryTimeout: 30 * time.Second})
	const records = 300
	half := make(chan struct{})
	done := make(chan error, 1)
	go func() {
		for i := range records {
			if i == records/2 {
				close(half)
			}
			if err := pub.Publish(h.events, keyed("k", fmt.Sprintf("%04d", i))); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	within(t, half)
	h.stop()
	h.start()
	require.NoError(t, within(t, done))
	require.NoError(t, pub.Close())
	last := ""
	seen := 0
	for _, v := range contents(t, c, h.events)[0] {
		require.LessOrEqual(t, last, v, "order")
		if v != last { // an answer lost with the broker is asked for again
			seen++
		}
		last = v
	}
	require.Equal(t, records, seen)
}

// Records that are small enough each are refused together by a topic with a
// smaller limit than the publisher's: they go in halves, in order, and later
// batches are smaller from the start.
func TestBatchOverTheTopicsLimit(t *testing.T) {
	const each, records, topicLimit = 2000, 100, 20_000
	h := newHarness(t)
	said := &logLines{lines: make(chan string, 1000)}
	g := &gate{dial: h.dial}
	c := h.client(func(o *Options) { o.Dial, o.Logger = g.open, slog.New(slog.NewTextHandler(said, nil)) })
	require.NoError(t, c.EnsureTopics(t.Context(), []Topic{{Name: h.events, Partitions: 1, Configs: map[string]string{"max.message.bytes": fmt.Sprint(topicLimit)}}}))
	pub := c.NewPublisher(PublisherOptions{})
	var msgs []*message.Message
	for i := range records {
		msgs = append(msgs, keyed("k", fmt.Sprintf("%03d%s", i, strings.Repeat(".", each))))
	}
	require.NoError(t, pub.Publish(h.events, msgs...))
	require.ErrorIs(t, pub.Publish(h.events, keyed("k", strings.Repeat("x", topicLimit))), ErrMessageTooLarge)

	// One that is too large for itself does not take its neighbours with it.
	require.NoError(t, pub.Publish(h.events, keyed("k", "connected")))
	g.mu.Lock()
	done := make(map[string]chan error)
	for i, value := range []string{"in flight", "before", strings.Repeat("x", topicLimit), "after"} {
		ended := make(chan error, 1)
		done[value] = ended
		go func() { ended <- pub.Publish(h.events, keyed("k", value)) }()
		require.Eventually(t, func() bool { n, _ := pub.Queued(); return n == i+1 }, patience, time.Millisecond)
	}
	g.mu.Unlock()
	for value, ended := range done {
		if err := within(t, ended); len(value) == topicLimit {
			require.ErrorIs(t, err, ErrMessageTooLarge)
		} else {
			require.NoError(t, err)
		}
	}
	require.NoError(t, pub.Close())
	left, _ := pub.Queued()
	require.Zero(t, left)

	values := contents(t, c, h.events)[0]
	require.Len(t, values, records+4)
	for i, value := range values[:records] {
		require.Equal(t, fmt.Sprintf("%03d", i), value[:3])
	}
	require.Equal(t, []string{"connected", "in flight", "before", "after"}, values[records:])
	said.await(t, "sending smaller ones")
	require.Empty(t, said.lines, "that is said once")
}
