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
	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/sqlite"
	"github.com/evenstock/evenstock/sync/stream"
)

// eventsBytesMax bounds the kept log of one events partition: the embedded broker reads its whole log at start.
const eventsBytesMax = 200 << 20

// broker is the stream's transport: the embedded broker and the one client on it.
type broker struct {
	embedded  *embedkafka.Broker
	client    *kafka.Client
	publisher *kafka.Publisher
}

// openBroker starts the embedded broker on the data folder and takes the folder's lock with it.
func openBroker(ctx context.Context, data string, logger *slog.Logger, now func() time.Time) (*broker, error) {
	embedded, err := embedkafka.Open(embedkafka.Options{Dir: brokerPath(data), Logger: logger, Now: now})
	if err != nil {
		return nil, openError(data, err)
	}
	client, err := kafka.New(kafka.Options{Brokers: []string{embedded.Addr()}, Dial: embedded.Dial, Logger: logger, Now: now})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening the broker's client: %w", err), embedded.Close())
	}
	b := &broker{embedded: embedded, client: client, publisher: client.NewPublisher(kafka.PublisherOptions{})}
	err = client.EnsureTopics(ctx, []kafka.Topic{
		{Name: stream.Events, Partitions: stream.EventsPartitions}, {Name: stream.DeadLettersTopic, Partitions: stream.DeadLettersPartitions},
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("creating topics: %w", err), b.close())
	}
	return b, nil
}

func brokerPath(data string) string { return filepath.Join(data, "broker") }

// lockFolder owns the data folder, whose lock is the broker's, without a broker.
func lockFolder(data string) (unlock func() error, err error) {
	if unlock, err = embedkafka.Lock(brokerPath(data)); err != nil {
		return nil, openError(data, err)
	}
	return unlock, nil
}

// errOwned: another process has the data folder.
var errOwned = errors.New("belongs to another evenstock process")

func openError(data string, err error) error {
	if errors.Is(err, embedkafka.ErrLocked) {
		return fmt.Errorf("data folder %s %w: stop that one, or name another folder with --data", data, errOwned)
	}
	return fmt.Errorf("starting the broker: %w", err)
}

func (b *broker) close() error {
	return errors.Join(b.publisher.Close(), b.client.Close(), b.embedded.Close())
}

// place is where a partition is read next. lost says that the ledger's offset means nothing to this log, and must be set anew.
type place struct {
	next int64
	lost bool
}

// consume applies the events topic to the ledger until ctx ends, from the ledger's own offsets; lost is told when the log does
// not have what the ledger expects next. fresh says that the log is another one than the ledger knows.
func (b *broker) consume(ctx context.Context, consumer *stream.Consumer, offsets map[int]int64, fresh bool, lost func(kafka.Gap)) error {
	// Each partition has one goroutine, which alone uses its element.
	places := make([]place, stream.EventsPartitions)
	for partition := range places {
		offset, known := offsets[partition]
		places[partition] = place{next: offset}
		if !known || fresh {
			places[partition] = place{next: kafka.FirstOffset, lost: true}
		}
	}
	return b.client.ReadBatches(ctx, kafka.BatchOptions{
		Topic: stream.Events, OnGap: lost,
		Start: func(partition int) int64 { return places[partition].next },
	}, func(ctx context.Context, batch kafka.Batch) error {
		records := make([]stream.Record, len(batch.Records))
		for i, record := range batch.Records {
			records[i] = stream.Record{Offset: record.Offset, Value: record.Value}
		}
		at := &places[batch.Partition]
		if at.lost = at.lost || batch.AfterGap; at.lost {
			at.next = batch.Records[0].Offset
		}
		err := consumer.Handle(ctx, stream.Batch{Topic: batch.Topic, Partition: batch.Partition, From: at.next, Next: batch.NextOffset, Reset: at.lost, Records: records})
		if err == nil {
			*at = place{next: batch.NextOffset}
		}
		return err
	})
}

// clusterMark is the ledger's mark that names the log whose offsets it holds.
const clusterMark = "stream/cluster"

// recognise compares the log with the one the ledger knows, and notes it together with the loss. A data folder whose broker part
// was lost or replaced has another log, whose offsets mean nothing to the ledger.
func (b *broker) recognise(ctx context.Context, store *sqlite.Store, lost *resync) (fresh bool, err error) {
	id, err := b.client.ClusterID(ctx)
	if err != nil {
		return false, fmt.Errorf("asking the broker for its name: %w", err)
	}
	known, err := store.Mark(ctx, clusterMark)
	if err != nil || known == id {
		return false, err
	}
	marks := map[string]string{clusterMark: id}
	if known != "" {
		return true, lost.want(ctx, marks)
	}
	_, err = store.Apply(ctx, nil, ledger.Batch{At: lost.now(), Marks: marks})
	return false, err
}

// offsetReader is the ledger as the janitor needs it.
type offsetReader interface {
	Cursors(ctx context.Context, topic string) (map[int]int64, error)
}

// trim cuts the consumed part of partitions that have grown too large. It never passes the ledger's offset.
func (b *broker) trim(ctx context.Context, store offsetReader) error {
	offsets, err := store.Cursors(ctx, stream.Events)
	if err != nil {
		return err
	}
	partitions, err := b.embedded.Partitions(stream.Events)
	if err != nil {
		return fmt.Errorf("describing partitions: %w", err)
	}
	for _, partition := range partitions {
		offset, known := offsets[partition.Partition]
		if !known || partition.Bytes < eventsBytesMax {
			continue
		}
		if _, err := b.embedded.Trim(stream.Events, partition.Partition, offset); err != nil {
			return fmt.Errorf("trimming partition %d: %w", partition.Partition, err)
		}
	}
	return nil
}

// letters reads the dead letters.
func (b *broker) letters(ctx context.Context) ([]stream.DeadLetter, error) {
	var values [][]byte
	err := b.client.ReadRange(ctx, kafka.RangeOptions{Topic: stream.DeadLettersTopic}, func(batch kafka.Batch) error {
		for _, record := range batch.Records {
			values = append(values, record.Value)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading dead letters: %w", err)
	}
	return stream.Letters(values), nil
}
