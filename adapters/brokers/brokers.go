// Package brokers is the stream's transport in the stream's words: a broker, Apache Kafka or the one in this process, with the one client on it.
//
// kafka and embedkafka know neither each other nor the stream; what differs between the two is said here: who trims what is consumed, who
// knows sizes and health, and how long records are kept. On shared brokers every topic has a prefix, which nobody above sees.
//
// What it does not do: choose between the two, or decide what is published and read.
package brokers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/evenstock/evenstock/adapters/embedkafka"
	"github.com/evenstock/evenstock/adapters/kafka"
	"github.com/evenstock/evenstock/sync/stream"
)

// Broker is a broker and the one client on it.
type Broker struct {
	node
	// Publisher writes to topics, Topics are those of the stream.
	Publisher message.Publisher
	Topics    stream.Topics

	prefix      string
	replication int // copies of a topic that is made; 0: as the brokers choose
	client      *kafka.Client
}

// node is what there is to a broker beside the protocol that the client speaks.
type node interface {
	stream.Trimmer
	// Health says why it must not be trusted with new records now; nil: it may be.
	Health() error
	// Repairs is how much of its log was found damaged when it was opened.
	Repairs() int
	Close() error
}

// Options say which broker it is. Brokers, and how they are spoken to, are in Kafka; without any it is the one in this process.
type Options struct {
	Kafka kafka.Options
	// Folder is where the broker in this process keeps what it has; the caller has its lock.
	Folder string
	// Prefix begins the names of our topics.
	Prefix string
	// Partitions carry events, Replication is how many brokers keep a topic that is made.
	Partitions, Replication int
	Logger                  *slog.Logger
	Now                     func() time.Time
}

// Open connects to the brokers, or starts the embedded one, and finds or makes the stream's topics.
func Open(ctx context.Context, o Options) (_ *Broker, err error) {
	b := &Broker{prefix: o.Prefix, replication: o.Replication}
	opts := o.Kafka
	opts.Logger, opts.Now = o.Logger, o.Now
	if len(opts.Brokers) == 0 {
		embedded, err := embedkafka.Open(embedkafka.Options{Dir: o.Folder, Locked: true, Logger: o.Logger, Now: o.Now})
		if err != nil {
			return nil, fmt.Errorf("starting the broker: %w", err)
		}
		b.node, opts.Brokers, opts.Dial = embeddedNode{embedded}, []string{embedded.Addr()}, embedded.Dial
	}
	if b.client, err = kafka.New(opts); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the broker's client: %w", err), b.Close())
	}
	if b.node == nil {
		b.node = clusterNode{b.client, b.prefix, &kafka.Pulse{Client: b.client}}
		if err := b.Health(); err != nil {
			o.Logger.Warn("waiting for Kafka", "brokers", opts.Brokers, "error", err)
		}
	}
	b.Publisher = stream.Prefixed{Publisher: b.client.NewPublisher(kafka.PublisherOptions{}), Prefix: b.prefix}
	if b.Topics, err = stream.OpenTopics(ctx, maker{b}, o.Partitions); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// Close gives up what was opened.
func (b *Broker) Close() error {
	var errs []error
	if b.Publisher != nil {
		errs = append(errs, b.Publisher.Close())
	}
	if b.client != nil {
		errs = append(errs, b.client.Close())
	}
	if b.node != nil {
		errs = append(errs, b.node.Close())
	}
	return errors.Join(errs...)
}

// Identity is the broker's cluster id, and the prefix: under another one are other logs.
func (b *Broker) Identity(ctx context.Context) (string, error) {
	id, err := b.client.ClusterID(ctx)
	return b.prefix + id, err
}

// maker makes topics.
type maker struct{ *Broker }

// Topics returns the number of partitions of every topic.
func (b maker) Topics(ctx context.Context) (map[string]int, error) {
	all, err := b.client.Topics(ctx)
	topics := map[string]int{}
	for name, partitions := range all {
		if ours, is := strings.CutPrefix(name, b.prefix); is {
			topics[ours] = partitions
		}
	}
	return topics, err
}

// EnsureTopic creates a topic that does not exist.
func (b maker) EnsureTopic(ctx context.Context, name string, partitions int) error {
	topic := kafka.Topic{Name: b.prefix + name, Partitions: partitions, ReplicationFactor: b.replication}
	if _, is := b.node.(clusterNode); is {
		topic.Configs = stream.Retention(name)
	}
	return b.client.EnsureTopics(ctx, []kafka.Topic{topic})
}

// embeddedNode is the broker in this process.
type embeddedNode struct{ *embedkafka.Broker }

// Describe returns the partitions of a topic in order.
func (n embeddedNode) Describe(_ context.Context, topic string) ([]stream.Extent, error) {
	partitions, err := n.Partitions(topic)
	extents := make([]stream.Extent, len(partitions))
	for i, p := range partitions {
		extents[i] = stream.Extent{Partition: p.Partition, First: p.First, Next: p.HighWater, Bytes: p.Bytes}
	}
	return extents, err
}

// Trim deletes the records of a partition below upTo, but for the last.
func (n embeddedNode) Trim(topic string, partition int, upTo int64) error {
	_, err := n.Broker.Trim(topic, partition, upTo)
	return err
}

// clusterNode is Apache Kafka, which looks after its own storage: what it keeps for how long is set there.
type clusterNode struct {
	client *kafka.Client
	prefix string
	pulse  *kafka.Pulse
}

func (n clusterNode) Health() error { return n.pulse.Err() }
func (clusterNode) Repairs() int    { return 0 }
func (clusterNode) Close() error    { return nil }

// Trim leaves to the brokers' retention what is consumed.
func (clusterNode) Trim(string, int, int64) error { return nil }

// Describe returns the partitions of a topic in order, without their sizes.
func (n clusterNode) Describe(ctx context.Context, topic string) ([]stream.Extent, error) {
	bounds, err := n.client.Bounds(ctx, n.prefix+topic)
	var extents []stream.Extent
	for _, p := range slices.Sorted(maps.Keys(bounds)) {
		extents = append(extents, stream.Extent{Partition: p, First: bounds[p].First, Next: bounds[p].HighWater})
	}
	return extents, err
}

// ReadBatches reads a topic until ctx ends.
func (b *Broker) ReadBatches(ctx context.Context, from stream.From, handle func(context.Context, stream.Batch) error) error {
	opts := kafka.BatchOptions{Topic: b.prefix + from.Topic, Start: from.Start, OnGap: func(gap kafka.Gap) {
		from.OnGap(stream.Gap{Topic: from.Topic, Partition: gap.Partition, Wanted: gap.Wanted, First: gap.First})
	}}
	return b.client.ReadBatches(ctx, opts, func(ctx context.Context, batch kafka.Batch) error { return handle(ctx, streamBatch(from.Topic, batch)) })
}

// ReadRange lists a topic.
func (b *Broker) ReadRange(ctx context.Context, from stream.From, follow bool, handle func(stream.Batch) error) error {
	opts := kafka.RangeOptions{Topic: b.prefix + from.Topic, Start: from.Start, Follow: follow}
	return b.client.ReadRange(ctx, opts, func(batch kafka.Batch) error { return handle(streamBatch(from.Topic, batch)) })
}

func streamBatch(topic string, batch kafka.Batch) stream.Batch {
	records := make([]stream.Record, len(batch.Records))
	for i, record := range batch.Records {
		records[i] = stream.Record{Offset: record.Offset, Value: record.Value}
	}
	return stream.Batch{Topic: topic, Partition: batch.Partition, From: batch.From, Next: batch.NextOffset, Records: records}
}
