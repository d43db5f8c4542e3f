package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/evenstock/evenstock/adapters/embedkafka"
	"github.com/evenstock/evenstock/adapters/kafka"
	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/sync/health"
	"github.com/evenstock/evenstock/sync/stream"
)

// broker is the stream's transport: a broker and the one client on it. On shared brokers its topics have a prefix, which nobody else sees.
type broker struct {
	node
	prefix      string
	replication int // copies of a topic that is made; 0: as the brokers choose
	client      *kafka.Client
	publisher   message.Publisher
	topics      stream.Topics
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

// openBroker connects to the configured brokers, or starts the embedded one on the data folder, whose lock the caller holds.
func openBroker(ctx context.Context, cfg *config.Config, env func(string) string, partitions int, logger *slog.Logger, now func() time.Time) (_ *broker, err error) {
	b := &broker{prefix: cfg.Kafka.TopicPrefix, replication: cfg.Kafka.Replication}
	opts, err := kafkaOptions(cfg, env)
	if err != nil {
		return nil, err
	}
	opts.Logger, opts.Now = logger, now
	if !cfg.InCluster() {
		embedded, err := embedkafka.Open(embedkafka.Options{Dir: brokerPath(cfg.Data), Locked: true, Logger: logger, Now: now})
		if err != nil {
			return nil, fmt.Errorf("starting the broker: %w", err)
		}
		b.node, opts.Brokers, opts.Dial = embeddedNode{embedded}, []string{embedded.Addr()}, embedded.Dial
	}
	if b.client, err = kafka.New(opts); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the broker's client: %w", err), b.close())
	}
	if b.node == nil {
		b.node = clusterNode{b.client, b.prefix, &kafka.Pulse{Client: b.client}}
		if err := b.Health(); err != nil {
			logger.Warn("waiting for Kafka", "brokers", cfg.Kafka.Brokers, "error", err)
		}
	}
	b.publisher = stream.Prefixed{Publisher: b.client.NewPublisher(kafka.PublisherOptions{}), Prefix: b.prefix}
	if b.topics, err = stream.OpenTopics(ctx, b, partitions); err != nil {
		return nil, errors.Join(err, b.close())
	}
	return b, nil
}

func brokerPath(data string) string { return filepath.Join(data, "broker") }

// lockFolder owns the data folder: its lock is the broker's, also where no broker is opened.
func lockFolder(data string) (unlock func() error, err error) {
	unlock, err = embedkafka.Lock(brokerPath(data))
	if errors.Is(err, embedkafka.ErrLocked) {
		return nil, fmt.Errorf("data folder %s belongs to another evenstock process: stop that one, or name another folder with --data", data)
	}
	return unlock, err
}

// checkBroker looks at where the stream is kept.
func checkBroker(cfg *config.Config, env func(string) string) health.Probe {
	if !cfg.InCluster() {
		return health.BrokerFolder(brokerPath(cfg.Data))
	}
	return health.Brokers(cfg.Kafka.Brokers, func() ([]string, error) {
		opts, err := kafkaOptions(cfg, env)
		if err != nil {
			return nil, err
		}
		return kafka.Inspect(opts, func(topic string) bool {
			name, is := strings.CutPrefix(topic, cfg.Kafka.TopicPrefix)
			return is && stream.IsTopic(name)
		})
	})
}

// kafkaOptions say where the configured brokers are, and how they are spoken to.
func kafkaOptions(cfg *config.Config, env func(string) string) (kafka.Options, error) {
	opts := kafka.Options{Brokers: cfg.Kafka.Brokers}
	security, err := cfg.KafkaSecurity(env)
	if err != nil {
		return opts, err
	}
	return opts, opts.Secure(kafka.Security(security))
}

func (b *broker) close() error {
	var errs []error
	if b.publisher != nil {
		errs = append(errs, b.publisher.Close())
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
func (b *broker) Identity(ctx context.Context) (string, error) {
	id, err := b.client.ClusterID(ctx)
	return b.prefix + id, err
}

// Topics returns the number of partitions of every topic.
func (b *broker) Topics(ctx context.Context) (map[string]int, error) {
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
func (b *broker) EnsureTopic(ctx context.Context, name string, partitions int) error {
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
func (b *broker) ReadBatches(ctx context.Context, from stream.From, handle func(context.Context, stream.Batch) error) error {
	opts := kafka.BatchOptions{Topic: b.prefix + from.Topic, Start: from.Start, OnGap: func(gap kafka.Gap) {
		from.OnGap(stream.Gap{Topic: from.Topic, Partition: gap.Partition, Wanted: gap.Wanted, First: gap.First})
	}}
	return b.client.ReadBatches(ctx, opts, func(ctx context.Context, batch kafka.Batch) error { return handle(ctx, streamBatch(from.Topic, batch)) })
}

// ReadRange lists a topic.
func (b *broker) ReadRange(ctx context.Context, from stream.From, follow bool, handle func(stream.Batch) error) error {
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
