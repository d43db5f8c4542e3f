package stream_test

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/evenstock/evenstock/sync/stream"
)

// memoryLog is a log in memory. It hands one partition over after the other.
type memoryLog struct {
	id     string
	topics map[string][]part
	// idle is called when a reader of a topic has come to its end.
	idle func(topic string)
	// failed is called when a batch was not taken; nil: nobody asks. read are the topics that were read, in order.
	failed func()
	read   []string
	// made are the topics that were created, in order; full says that none can be.
	made []string
	full bool
}

// part is a partition, of which the records before first are trimmed.
type part struct {
	first   int64
	records []stream.Record
	bytes   int64
}

func (p part) next() int64 { return p.first + int64(len(p.records)) }

func (l *memoryLog) append(topic string, partition int, values ...[]byte) {
	for _, value := range values {
		p := &l.topics[topic][partition]
		p.records = append(p.records, stream.Record{Offset: p.next(), Value: value})
	}
}

func (l *memoryLog) Identity(context.Context) (string, error) { return l.id, nil }

func (l *memoryLog) Topics(context.Context) (map[string]int, error) {
	counts := map[string]int{}
	for topic, parts := range l.topics {
		counts[topic] = len(parts)
	}
	return counts, nil
}

func (l *memoryLog) EnsureTopic(_ context.Context, name string, partitions int) error {
	if l.full {
		return errFull
	}
	switch parts, known := l.topics[name]; {
	case !known:
		l.topics[name] = make([]part, partitions)
		l.made = append(l.made, name)
	case len(parts) != partitions:
		return errors.New("another number of partitions")
	}
	return nil
}

func (l *memoryLog) Describe(_ context.Context, topic string) (extents []stream.Extent, err error) {
	for i, p := range l.topics[topic] {
		extents = append(extents, stream.Extent{Partition: i, First: p.first, Next: p.next(), Bytes: p.bytes})
	}
	return extents, nil
}

func (l *memoryLog) Trim(topic string, partition int, upTo int64) error {
	p := &l.topics[topic][partition]
	if to := min(upTo, p.next()-1); to > p.first {
		p.first, p.records = to, p.records[to-p.first:]
	}
	return nil
}

// batchMax is how many records a batch holds.
const batchMax = 2

func (l *memoryLog) ReadBatches(ctx context.Context, from stream.From, handle func(context.Context, stream.Batch) error) error {
	l.read = append(l.read, from.Topic)
	places := map[int]int64{}
	for partition := range l.topics[from.Topic] {
		places[partition] = from.Start(partition)
	}
	for ctx.Err() == nil {
		idle := true
		for partition, p := range l.topics[from.Topic] {
			next := places[partition]
			if next < 0 {
				next = p.first
			}
			if next < p.first || next > p.next() {
				from.OnGap(stream.Gap{Topic: from.Topic, Partition: partition, Wanted: next, First: p.first})
				next = p.first
			}
			places[partition] = next
			records := p.records[next-p.first:]
			if len(records) == 0 {
				continue
			}
			idle = false
			batch := stream.Batch{Topic: from.Topic, Partition: partition, From: next, Records: records[:min(batchMax, len(records))]}
			batch.Next = next + int64(len(batch.Records))
			if handle(ctx, batch) == nil {
				places[partition] = batch.Next
			} else if l.failed != nil {
				l.failed()
			}
		}
		if idle && ctx.Err() == nil {
			l.idle(from.Topic)
			<-ctx.Done()
		}
	}
	return context.Cause(ctx)
}

func (l *memoryLog) ReadRange(ctx context.Context, from stream.From, follow bool, handle func(stream.Batch) error) error {
	for _, partition := range slices.Sorted(maps.Keys(indexed(l.topics[from.Topic]))) {
		p := l.topics[from.Topic][partition]
		start := min(max(from.Start(partition), p.first), p.next())
		if records := p.records[start-p.first:]; len(records) > 0 {
			if err := handle(stream.Batch{Topic: from.Topic, Partition: partition, From: start, Next: p.next(), Records: records}); err != nil {
				return err
			}
		}
	}
	if follow {
		l.idle(from.Topic)
		<-ctx.Done()
		return context.Cause(ctx)
	}
	return nil
}

func indexed(parts []part) map[int]part { return maps.Collect(slices.All(parts)) }
