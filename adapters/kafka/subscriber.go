package kafka

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
)

// SubscriberOptions configure a Subscriber. The zero value reads all partitions
// from the first offset, without a group.
type SubscriberOptions struct {
	// Group is the consumer group. Each topic gets a group of its own,
	// Group + "." + topic, so that subscribing to one topic does not rebalance
	// the others. Empty: no group; each subscription reads everything.
	Group string

	// Window is how many messages of one partition may be unacknowledged.
	// Default 1, which keeps the order; with more, a nacked message is
	// overtaken by its successors, and Watermill's Router handles them
	// concurrently.
	Window int

	// NackBackoff bounds the jittered exponential wait before a nacked message
	// comes again. Default: the client's BackoffMax.
	NackBackoff time.Duration

	// CommitInterval is how often acknowledged offsets are committed; a crash
	// repeats what was acknowledged since. Default 500 ms.
	CommitInterval time.Duration

	// SessionTimeout is how long the partitions of a killed member wait.
	// Default 10 s; the embedded broker takes at least 6 s.
	SessionTimeout time.Duration

	// HeartbeatInterval bounds how late a member learns of a rebalance.
	// Default 500 ms.
	HeartbeatInterval time.Duration

	// RebalanceTimeout is how long a rebalance waits for slow members.
	// Default 10 s.
	RebalanceTimeout time.Duration

	// CloseTimeout is how long Close waits for a polite leave before it cuts
	// the group's connections. Default 3 s.
	CloseTimeout time.Duration

	// MaxWait is how long the broker holds a fetch that finds nothing.
	// Default 250 ms.
	MaxWait time.Duration

	// OnGap is called when a partition does not have the offset to go on
	// from. The gap is logged in any case.
	OnGap func(Gap)

	// Initialize is how SubscribeInitialize creates topics; Name is ignored.
	// Default: 1 partition.
	Initialize Topic

	// InitializeTimeout bounds SubscribeInitialize. Default 30 s.
	InitializeTimeout time.Duration
}

func (o SubscriberOptions) withDefaults(client Options) SubscriberOptions {
	o.NackBackoff = cmp.Or(o.NackBackoff, client.BackoffMax)
	o.Window = cmp.Or(o.Window, 1)
	o.CommitInterval = cmp.Or(o.CommitInterval, 500*time.Millisecond)
	o.SessionTimeout = cmp.Or(o.SessionTimeout, 10*time.Second)
	o.HeartbeatInterval = cmp.Or(o.HeartbeatInterval, 500*time.Millisecond)
	o.RebalanceTimeout = cmp.Or(o.RebalanceTimeout, 10*time.Second)
	o.CloseTimeout = cmp.Or(o.CloseTimeout, 3*time.Second)
	o.MaxWait = cmp.Or(o.MaxWait, defaultMaxWait)
	o.Initialize.Partitions = cmp.Or(o.Initialize.Partitions, 1)
	o.InitializeTimeout = cmp.Or(o.InitializeTimeout, 30*time.Second)
	return o
}

// Subscriber is a message.Subscriber for lanes where a message at a time is
// fast enough. A nacked message comes again after a backoff.
type Subscriber struct {
	client *Client
	opts   SubscriberOptions

	mu      sync.Mutex
	closed  bool
	closing chan struct{}
	wg      sync.WaitGroup // subscriptions
}

var (
	_ message.Subscriber           = (*Subscriber)(nil)
	_ message.SubscribeInitializer = (*Subscriber)(nil)
)

// NewSubscriber returns a Subscriber on this client.
func (c *Client) NewSubscriber(opts SubscriberOptions) *Subscriber {
	return &Subscriber{client: c, opts: opts.withDefaults(c.opts), closing: make(chan struct{})}
}

// Subscribe reads the topic until ctx ends or the Subscriber is closed; then
// the channel is closed. It does not wait for topic or broker: messages come
// when there are some. The context of a message ends when it is acked, nacked
// or taken away by a rebalance.
func (s *Subscriber) Subscribe(ctx context.Context, topic string) (<-chan *message.Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, fmt.Errorf("subscribing to %s: %w", topic, ErrClosed)
	}
	if err := s.client.transport.check(); err != nil {
		return nil, fmt.Errorf("subscribing to %s: %w", topic, err)
	}
	out := make(chan *message.Message)
	s.wg.Go(func() {
		defer close(out) // all senders have ended
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		go func() {
			select {
			case <-s.closing:
				cancel()
			case <-ctx.Done():
			}
		}()
		if s.opts.Group == "" {
			s.readAll(ctx, topic, out)
		} else {
			s.readGroup(ctx, topic, out)
		}
	})
	return out, nil
}

// SubscribeInitialize creates the topic if it does not exist, and waits until
// this client sees it.
func (s *Subscriber) SubscribeInitialize(topic string) error {
	t := s.opts.Initialize
	t.Name = topic
	// Watermill's interface has no context to pass on.
	ctx, cancel := context.WithTimeout(context.Background(), s.opts.InitializeTimeout)
	defer cancel()
	return s.client.EnsureTopics(ctx, []Topic{t})
}

// Close ends all subscriptions, commits what was acknowledged, leaves the
// groups and closes the channels. It does not wait for handlers, and takes
// little more than CloseTimeout at the worst. It is idempotent.
func (s *Subscriber) Close() error {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.closing)
	}
	s.mu.Unlock()
	s.wg.Wait()
	return nil
}

// readAll reads all partitions from the first offset, committing nothing.
func (s *Subscriber) readAll(ctx context.Context, topic string, out chan<- *message.Message) {
	partitions, err := s.client.awaitPartitions(ctx, topic)
	if err != nil {
		return // ctx has ended, or the client was closed
	}
	var wg sync.WaitGroup
	for _, p := range partitions {
		wg.Go(func() { s.deliverer(topic, p, FirstOffset, out).run(ctx) })
	}
	wg.Wait()
}

func (s *Subscriber) deliverer(topic string, partition int, next int64, out chan<- *message.Message) *deliverer {
	return &deliverer{
		fetcher: fetcher{
			client: s.client, topic: topic, partition: partition, next: next,
			maxBytes: defaultFetchBytes, maxWait: s.opts.MaxWait, onGap: s.opts.OnGap,
		},
		out:   out,
		nacks: backoff{least: min(s.client.opts.BackoffMin, s.opts.NackBackoff), most: s.opts.NackBackoff},
		limit: s.opts.Window,
	}
}
