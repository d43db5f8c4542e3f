package kafka

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/evenstock/evenstock/adapters/embedkafka"
)

func TestMain(m *testing.M) {
	// The universal suite's subscriber multiplier abandons goroutines that
	// hold a message when nobody reads on.
	const multiplier = "github.com/ThreeDotsLabs/watermill/internal/subscriber.(*multiplier).Subscribe."
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction(multiplier+"func2"), goleak.IgnoreAnyFunction(multiplier+"func3"))
}

// harness is an embedded broker that can be stopped and started behind a
// client's back.
type harness struct {
	t   testing.TB
	dir string

	mu     sync.Mutex
	broker *embedkafka.Broker
}

func newHarness(t testing.TB) *harness {
	h := &harness{t: t, dir: t.TempDir()}
	h.start()
	t.Cleanup(h.stop)
	return h
}

func (h *harness) start() {
	h.t.Helper()
	b, err := embedkafka.Open(embedkafka.Options{Dir: h.dir, MinFreeBytes: -1})
	require.NoError(h.t, err)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.broker = b
}

func (h *harness) stop() {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	require.NoError(h.t, h.broker.Close())
}

func (h *harness) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	h.mu.Lock()
	b := h.broker
	h.mu.Unlock()
	return b.Dial(ctx, network, addr)
}

// client returns a client that is closed before the broker is.
func (h *harness) client(change ...func(*Options)) *Client {
	h.t.Helper()
	opts := Options{Brokers: []string{embedkafka.Addr}, Dial: h.dial, MetadataTTL: 200 * time.Millisecond}
	for _, f := range change {
		f(&opts)
	}
	c, err := New(opts)
	require.NoError(h.t, err)
	h.t.Cleanup(func() { require.NoError(h.t, c.Close()) })
	return c
}

func (h *harness) topic(c *Client, name string, partitions int) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	require.NoError(h.t, c.EnsureTopics(ctx, []Topic{{Name: name, Partitions: partitions}}))
}

// keyed is a message whose payload and key are given.
func keyed(key, payload string) *message.Message {
	msg := message.NewMessage(watermill.NewUUID(), []byte(payload))
	msg.Metadata.Set(MetadataKey, key)
	return msg
}

// contents lists a topic's values by partition.
func contents(t testing.TB, c *Client, topic string) map[int][]string {
	t.Helper()
	out := make(map[int][]string)
	require.NoError(t, c.ReadRange(context.Background(), RangeOptions{Topic: topic}, func(b Batch) error {
		for _, r := range b.Records {
			out[b.Partition] = append(out[b.Partition], string(r.Value))
		}
		return nil
	}))
	return out
}

// patience bounds what a test waits for. It is generous: on success nobody waits for it.
const patience = 2 * time.Minute

// within fails the test if ch does not deliver in time.
func within[T any](t testing.TB, ch <-chan T) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(patience):
		require.FailNow(t, "nothing happened in time", "%v", patience)
		panic("unreachable")
	}
}
