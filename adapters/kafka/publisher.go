package kafka

import (
	"cmp"
	"fmt"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	kafkago "github.com/segmentio/kafka-go"
)

// Compression is a codec for produce requests.
type Compression = kafkago.Compression

// The codecs that brokers take.
const (
	NoCompression = Compression(0)
	Gzip          = kafkago.Gzip
	Snappy        = kafkago.Snappy
	LZ4           = kafkago.Lz4
	Zstd          = kafkago.Zstd
)

// DefaultBatchBytes is what a publisher sends in one request unless told
// otherwise.
const DefaultBatchBytes = 900_000

// PublisherOptions configure a Publisher. The zero value is usable.
type PublisherOptions struct {
	// MaxBatchRecords and MaxBatchBytes bound one produce request. Default
	// 1,000 records and 900,000 bytes; brokers refuse more than the topic's
	// max.message.bytes, which is 1,048,588 unless somebody set it. A request
	// that is refused goes in halves.
	MaxBatchRecords int
	MaxBatchBytes   int

	// MaxQueueRecords and MaxQueueBytes bound what waits or is in flight, over
	// all topics. Default 10,000 records and 32 MiB.
	MaxQueueRecords int
	MaxQueueBytes   int

	// ProduceTimeout bounds one produce request. Default: the client's
	// RequestTimeout.
	ProduceTimeout time.Duration

	// DeliveryTimeout bounds a call of Publish, retries included.
	// Default 15 s.
	DeliveryTimeout time.Duration

	// Compression of requests. Default: none.
	Compression Compression
}

func (o PublisherOptions) withDefaults(client Options) PublisherOptions {
	o.MaxBatchRecords = cmp.Or(o.MaxBatchRecords, 1000)
	o.MaxBatchBytes = cmp.Or(o.MaxBatchBytes, DefaultBatchBytes)
	o.MaxQueueRecords = cmp.Or(o.MaxQueueRecords, 10_000)
	o.MaxQueueBytes = cmp.Or(o.MaxQueueBytes, 32<<20)
	o.ProduceTimeout = cmp.Or(o.ProduceTimeout, client.RequestTimeout)
	o.DeliveryTimeout = cmp.Or(o.DeliveryTimeout, 15*time.Second)
	return o
}

// Publisher is a message.Publisher that is durable, ordered by key and bounded.
// It holds no goroutine while nothing is queued.
type Publisher struct {
	client *Client
	opts   PublisherOptions

	mu      sync.Mutex
	closed  bool
	lanes   map[laneKey]*lane
	records int // queued or in flight
	bytes   int
	wg      sync.WaitGroup // running lanes
}

var _ message.Publisher = (*Publisher)(nil)

// NewPublisher returns a Publisher on this client.
func (c *Client) NewPublisher(opts PublisherOptions) *Publisher {
	return &Publisher{client: c, opts: opts.withDefaults(c.opts), lanes: make(map[laneKey]*lane)}
}

// Publish writes the messages and returns when all are durable, or with the
// first error. It returns ErrQueueFull, ErrUnknownTopic, ErrClosed and, for what
// is over MaxBatchBytes, ErrMessageTooLarge before anything is sent. On any other error, among them the end of
// a message's context and ErrDeliveryTimeout, messages that were already sent
// may be durable, and those that still waited are not sent any more.
func (p *Publisher) Publish(topic string, messages ...*message.Message) error {
	if len(messages) == 0 {
		return nil
	}
	if err := p.publish(topic, messages); err != nil {
		return fmt.Errorf("publishing to %s: %w", topic, err)
	}
	return nil
}

func (p *Publisher) publish(topic string, messages []*message.Message) error {
	partitions, err := p.client.partitions(messages[0].Context(), topic)
	if err != nil {
		return err
	}
	call := newCall(len(messages))
	defer call.watch(messages)()
	entries := make([]*entry, len(messages))
	for i, msg := range messages {
		entries[i] = p.entry(call, msg)
		if entries[i].size > p.opts.MaxBatchBytes {
			return fmt.Errorf("%w: %d bytes, at most %d", ErrMessageTooLarge, entries[i].size, p.opts.MaxBatchBytes)
		}
	}
	if err := p.enqueue(topic, partitions, entries); err != nil {
		return err
	}
	timer := time.NewTimer(p.opts.DeliveryTimeout)
	defer timer.Stop()
	select {
	case <-call.done:
	case <-timer.C:
		call.finish(ErrDeliveryTimeout)
	}
	return call.result()
}

// entry builds a message's place in the queue. Size is what the record takes
// in a request, from above: a record has at most 30 bytes of its own.
func (p *Publisher) entry(call *call, msg *message.Message) *entry {
	e := &entry{call: call, msg: msg, key: recordKey(msg), headers: recordHeaders(msg), time: p.client.opts.Now()}
	e.size = 30 + len(e.key) + len(msg.Payload)
	for _, h := range e.headers {
		e.size += 10 + len(h.Key) + len(h.Value)
	}
	return e
}

// enqueue puts all entries into their lanes, or none.
func (p *Publisher) enqueue(topic string, partitions []int, entries []*entry) error {
	size := 0
	for _, e := range entries {
		size += e.size
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return ErrClosed
	}
	if p.records+len(entries) > p.opts.MaxQueueRecords || p.bytes+size > p.opts.MaxQueueBytes {
		return fmt.Errorf("%w: %d records, %d bytes wait", ErrQueueFull, p.records, p.bytes)
	}
	p.records += len(entries)
	p.bytes += size
	balancer := kafkago.Murmur2Balancer{Consistent: true}
	for _, e := range entries {
		key := laneKey{topic: topic, partition: balancer.Balance(kafkago.Message{Key: e.key}, partitions...)}
		l := p.lanes[key]
		if l == nil {
			l = &lane{laneKey: key, publisher: p}
			p.lanes[key] = l
		}
		l.queue = append(l.queue, e)
		if !l.running {
			l.running = true
			p.wg.Go(l.run)
		}
	}
	return nil
}

// Queued returns how many records and bytes wait or are in flight.
func (p *Publisher) Queued() (records, bytes int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.records, p.bytes
}

// Close refuses new calls and waits for the running ones, at most
// DeliveryTimeout and one ProduceTimeout. It leaves the client open and is
// idempotent.
func (p *Publisher) Close() error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.wg.Wait()
	return nil
}
