package stream

import (
	"context"
	"fmt"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Lister is the broker as lists need it.
type Lister interface {
	Describer
	// ReadRange hands over what a topic holds now, partition after partition, and with follow what comes, until ctx ends. It
	// leaves no trace. A start that is not in the log is moved into it. An error of handle ends it and is returned.
	ReadRange(ctx context.Context, from From, follow bool, handle func(Batch) error) error
}

// ReadLetters lists the dead letters, oldest first.
func ReadLetters(ctx context.Context, log Lister) ([]DeadLetter, error) {
	var values [][]byte
	from := From{Topic: DeadLettersTopic, Start: func(int) int64 { return FirstOffset }}
	err := log.ReadRange(ctx, from, false, func(batch Batch) error {
		for _, record := range batch.Records {
			values = append(values, record.Value)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading dead letters: %w", err)
	}
	return Letters(values), nil
}

// Tailed is an event with its place on the stream.
type Tailed struct {
	// Topic is the generation it stands in; "": the one that is written to now.
	Topic     string       `json:"topic,omitempty"`
	Partition int          `json:"partition"`
	Offset    int64        `json:"offset"`
	Event     *stock.Event `json:"event,omitempty"`
	// Error says why the record cannot be read; there is no event then.
	Error string `json:"error,omitempty"`
}

// Tail hands over the last events of each partition, oldest generation first, and with follow those that come, until ctx ends.
func (t Topics) Tail(ctx context.Context, log Lister, last int, follow bool, handle func(Tailed) error) error {
	for _, topic := range t.Older {
		if err := tail(ctx, log, topic, last, false, func(e Tailed) error { e.Topic = topic; return handle(e) }); err != nil {
			return err
		}
	}
	return tail(ctx, log, t.Events, last, follow, handle)
}

func tail(ctx context.Context, log Lister, topic string, last int, follow bool, handle func(Tailed) error) error {
	partitions, err := log.Describe(ctx, topic)
	if err != nil {
		return fmt.Errorf("describing %s: %w", topic, err)
	}
	starts := make(map[int]int64, len(partitions))
	for _, p := range partitions {
		starts[p.Partition] = max(0, p.Next-int64(last))
	}
	from := From{Topic: topic, Start: func(partition int) int64 { return starts[partition] }}
	return log.ReadRange(ctx, from, follow, func(batch Batch) error {
		for _, record := range batch.Records {
			tailed := Tailed{Partition: batch.Partition, Offset: record.Offset}
			if event, err := Decode(record.Value); err == nil {
				tailed.Event = &event
			} else {
				tailed.Error = err.Error()
			}
			if err := handle(tailed); err != nil {
				return err
			}
		}
		return nil
	})
}

// Lag counts the records that the ledger has not consumed.
func (t Topics) Lag(ctx context.Context, log Describer, offsets ledger.Positions) (lag int64, err error) {
	for _, topic := range t.All() {
		consumed, err := offsets.Cursors(ctx, topic)
		if err != nil {
			return 0, fmt.Errorf("reading the offsets of %s: %w", topic, err)
		}
		partitions, err := log.Describe(ctx, topic)
		if err != nil {
			return 0, fmt.Errorf("describing %s: %w", topic, err)
		}
		for _, p := range partitions {
			lag += p.Next - max(consumed[p.Partition], p.First)
		}
	}
	return lag, nil
}
