package kafka

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"go.uber.org/goleak"

	"github.com/evenstock/evenstock/adapters/embedkafka"
)

func TestMain(m *testing.M) {
	// The universal suite's subscriber multiplier abandons goroutines that
	// hold a message when nobody reads on.
	const multiplier = "github.com/ThreeDotsLabs/watermill/internal/subscriber.(*multiplier).Subscribe."
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction(multiplier+"func2"), goleak.IgnoreAnyFunction(multiplier+"func3"))
}

// variable names the one that says where a real Kafka is; make test-cluster sets it. Without it the tests run on the embedded broker.
const variable = "EVENSTOCK_TEST_KAFKA"

// harness is a broker that can be stopped and started behind a client's back:
// the embedded one, or the way to a real one that others use too.
type harness struct {
	t      testing.TB
	addr   string
	events string // a topic that only this test knows
	run    string // makes names of this test only

	mu       sync.Mutex
	dir      string
	embedded *embedkafka.Broker // nil: the broker is a real one
	road     *connSet           // to the real one; nil while it is stopped
}

func newHarness(t testing.TB) *harness {
	h := &harness{t: t, addr: os.Getenv(variable), run: fmt.Sprintf("%016x", rand.Uint64())}
	if h.addr == "" {
		h.addr, h.dir = embedkafka.Addr, t.TempDir()
	}
	h.events = h.name("events")
	h.start()
	t.Cleanup(h.stop)
	return h
}

// realHarness is for what only Apache Kafka does.
func realHarness(t testing.TB) *harness {
	t.Helper()
	if os.Getenv(variable) == "" {
		t.Skipf("no Kafka: %s is not set; make test-cluster starts one", variable)
	}
	return newHarness(t)
}

func (h *harness) real() bool { return h.dir == "" }

// name is a topic's name that no other test has.
func (h *harness) name(topic string) string { return topic + "-" + h.run }

func (h *harness) start() {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.real() {
		h.road = newConnSet((&net.Dialer{}).DialContext)
		return
	}
	b, err := embedkafka.Open(embedkafka.Options{Dir: h.dir, MinFreeBytes: -1})
	require.NoError(h.t, err)
	h.embedded = b
}

func (h *harness) stop() {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.real() {
		h.road.close()
		return
	}
	require.NoError(h.t, h.embedded.Close())
}

func (h *harness) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	h.mu.Lock()
	broker, road := h.embedded, h.road
	h.mu.Unlock()
	if h.real() {
		conn, err := road.dial(ctx, network, addr)
		if errors.Is(err, ErrClosed) { // the road's end, not the client's
			err = syscall.ECONNREFUSED
		}
		return conn, err
	}
	return broker.Dial(ctx, network, addr)
}

// trim deletes a partition's records below upTo.
func (h *harness) trim(topic string, partition int, upTo int64) {
	h.t.Helper()
	if !h.real() {
		_, err := h.embedded.Trim(topic, partition, upTo)
		require.NoError(h.t, err)
		return
	}
	req := kmsg.NewPtrDeleteRecordsRequest()
	req.Topics = []kmsg.DeleteRecordsRequestTopic{{
		Topic:      topic,
		Partitions: []kmsg.DeleteRecordsRequestTopicPartition{{Partition: int32(partition), Offset: upTo}},
	}}
	req.TimeoutMillis = int32(patience.Milliseconds())
	resp, err := req.RequestWith(h.t.Context(), h.franz())
	require.NoError(h.t, err)
	require.NoError(h.t, kerr.ErrorForCode(resp.Topics[0].Partitions[0].ErrorCode))
}

// franz is another client than ours, for what ours does not do.
func (h *harness) franz(opts ...kgo.Opt) *kgo.Client {
	h.t.Helper()
	client, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(h.addr), kgo.Dialer(h.dial)}, opts...)...)
	require.NoError(h.t, err)
	h.t.Cleanup(client.Close)
	return client
}

// client returns a client that is closed before the broker is.
func (h *harness) client(change ...func(*Options)) *Client {
	h.t.Helper()
	opts := Options{Brokers: []string{h.addr}, Dial: h.dial, MetadataTTL: 200 * time.Millisecond}
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
