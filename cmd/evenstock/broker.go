package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/evenstock/evenstock/adapters/embedkafka"
	"github.com/evenstock/evenstock/adapters/kafka"
	"github.com/evenstock/evenstock/sync/stream"
)

// broker is the stream's transport: the embedded broker and the one client on it.
type broker struct {
	embedded  *embedkafka.Broker
	client    *kafka.Client
	publisher *kafka.Publisher
	topics    stream.Topics
}

// openBroker starts the embedded broker on the data folder, whose lock the caller holds.
func openBroker(ctx context.Context, data string, partitions int, logger *slog.Logger, now func() time.Time) (*broker, error) {
	embedded, err := embedkafka.Open(embedkafka.Options{Dir: brokerPath(data), Locked: true, Logger: logger, Now: now})
	if err != nil {
		return nil, fmt.Errorf("starting the broker: %w", err)
	}
	client, err := kafka.New(kafka.Options{Brokers: []string{embedded.Addr()}, Dial: embedded.Dial, Logger: logger, Now: now})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening the broker's client: %w", err), embedded.Close())
	}
	b := &broker{embedded: embedded, client: client, publisher: client.NewPublisher(kafka.PublisherOptions{})}
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
		return nil, fmt.Errorf("data folder %s %w: stop that one, or name another folder with --data", data, errOwned)
	}
	return unlock, err
}

// errOwned: another process has the data folder.
var errOwned = errors.New("belongs to another evenstock process")

func (b *broker) close() error {
	return errors.Join(b.publisher.Close(), b.client.Close(), b.embedded.Close())
}

// Identity is the broker's cluster id.
func (b *broker) Identity(ctx context.Context) (string, error) { return b.client.ClusterID(ctx) }

// Topics returns the number of partitions of every topic.
func (b *broker) Topics(ctx context.Context) (map[string]int, error) { return b.client.Topics(ctx) }

// EnsureTopic creates a topic that does not exist.
func (b *broker) EnsureTopic(ctx context.Context, name string, partitions int) error {
	return b.client.EnsureTopics(ctx, []kafka.Topic{{Name: name, Partitions: partitions}})
}

// Describe returns the partitions of a topic in order.
func (b *broker) Describe(_ context.Context, topic string) ([]stream.Extent, error) {
	partitions, err := b.embedded.Partitions(topic)
	if err != nil {
		return nil, err
	}
	extents := make([]stream.Extent, len(partitions))
	for i, p := range partitions {
		extents[i] = stream.Extent{Partition: p.Partition, First: p.First, Next: p.HighWater, Bytes: p.Bytes}
	}
	return extents, nil
}

// Trim deletes the records of a partition below upTo, but for the last.
func (b *broker) Trim(topic string, partition int, upTo int64) error {
	_, err := b.embedded.Trim(topic, partition, upTo)
	return err
}

// ReadBatches reads a topic until ctx ends.
func (b *broker) ReadBatches(ctx context.Context, from stream.From, handle func(context.Context, stream.Batch) error) error {
	opts := kafka.BatchOptions{Topic: from.Topic, Start: from.Start, OnGap: func(gap kafka.Gap) {
		from.OnGap(stream.Gap{Topic: gap.Topic, Partition: gap.Partition, Wanted: gap.Wanted, First: gap.First})
	}}
	return b.client.ReadBatches(ctx, opts, func(ctx context.Context, batch kafka.Batch) error { return handle(ctx, streamBatch(batch)) })
}

// ReadRange lists a topic.
func (b *broker) ReadRange(ctx context.Context, from stream.From, follow bool, handle func(stream.Batch) error) error {
	opts := kafka.RangeOptions{Topic: from.Topic, Start: from.Start, Follow: follow}
	return b.client.ReadRange(ctx, opts, func(batch kafka.Batch) error { return handle(streamBatch(batch)) })
}

func streamBatch(batch kafka.Batch) stream.Batch {
	records := make([]stream.Record, len(batch.Records))
	for i, record := range batch.Records {
		records[i] = stream.Record{Offset: record.Offset, Value: record.Value}
	}
	return stream.Batch{Topic: batch.Topic, Partition: batch.Partition, From: batch.From, Next: batch.NextOffset, Records: records}
}
