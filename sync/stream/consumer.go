package stream

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Record is one record of a partition.
type Record struct {
	Offset int64
	Value  []byte
}

// Batch is an ordered run of records of one partition; From is the offset it starts at, Next the one after it. Reset says that
// the log was cut or replaced before it.
type Batch struct {
	Topic     string
	Partition int
	From      int64
	Next      int64
	Reset     bool
	Records   []Record
}

// Ledger is the ledger as the stream needs it.
type Ledger interface {
	ledger.Applier
	ledger.Positions
}

// Consumer applies batches of events to the ledger.
type Consumer struct {
	Ledger      Ledger
	Step        ledger.Step // decides about the events
	DeadLetters *DeadLetters
	Wake        func(channels ...stock.Channel)
	Now         func() time.Time
	Logger      *slog.Logger
	Failpoint   func(name string)
}

// Handle applies one batch and its offset in one transaction. Records that cannot be decoded and events that no rule takes
// are dead-lettered first. Any other error leaves the batch as it was, for another try.
func (c *Consumer) Handle(ctx context.Context, batch Batch) error {
	events, err := c.decode(ctx, batch)
	if err != nil {
		return err
	}
	return c.apply(ctx, batch, events)
}

// apply applies the events of a batch, isolating those that cannot be: by the ledger's word on which one it is, or by halving
// the batch where the ledger cannot tell.
func (c *Consumer) apply(ctx context.Context, batch Batch, events []placed) error {
	c.Failpoint("before commit")
	receipt, err := c.Ledger.Apply(ctx, c.Step, ledger.Batch{
		At: c.Now(), Inputs: inputs(events),
		Cursor: &ledger.Cursor{Topic: batch.Topic, Partition: batch.Partition, From: batch.From, Next: batch.Next, Reset: batch.Reset},
	})
	var refused *ledger.InputError
	switch {
	case err == nil:
		c.Failpoint("after commit")
		c.Wake(receipt.Wanted...)
		return nil
	case errors.Is(err, ledger.ErrCursorMoved):
		return c.resume(ctx, batch, events, err)
	case errors.As(err, &refused) && refused.Index >= 0 && refused.Index < len(events):
		return c.isolate(ctx, batch, events, refused.Index, refused.Err)
	case permanent(err) && len(events) == 1:
		return c.isolate(ctx, batch, events, 0, err)
	case permanent(err) && len(events) > 1:
		middle := len(events) / 2
		first, second := batch, batch
		first.Next, second.From, second.Reset = events[middle].offset, events[middle].offset, false
		if err := c.apply(ctx, first, events[:middle]); err != nil {
			return err
		}
		return c.apply(ctx, second, events[middle:])
	}
	return fmt.Errorf("applying %s/%d from %d: %w", batch.Topic, batch.Partition, batch.From, err)
}

// resume goes on where the ledger is. A batch may have been applied before (its commit was not heard of), or a part of it (it was
// halved and the second half met a full disk). A ledger that is anywhere else has missed records or knows another log: that is
// an error, for to go on would skip events without a word.
func (c *Consumer) resume(ctx context.Context, batch Batch, events []placed, moved error) error {
	offsets, err := c.Ledger.Cursors(ctx, batch.Topic)
	if err != nil {
		return fmt.Errorf("reading the offsets of %s: %w", batch.Topic, err)
	}
	next := offsets[batch.Partition]
	switch {
	case batch.From < batch.Next && batch.Next <= next:
		c.Logger.Warn("batch was applied before", "topic", batch.Topic, "partition", batch.Partition, "from", batch.From)
		return nil
	case batch.From < next && next < batch.Next:
		c.Logger.Warn("batch was applied in part", "topic", batch.Topic, "partition", batch.Partition, "from", batch.From, "to", next)
		applied := slices.IndexFunc(events, func(e placed) bool { return e.offset >= next })
		if applied < 0 {
			applied = len(events)
		}
		batch.From = next
		return c.apply(ctx, batch, events[applied:])
	}
	return fmt.Errorf("applying %s/%d from %d to %d: %w", batch.Topic, batch.Partition, batch.From, batch.Next, moved)
}

// permanent tells an error that the same events will cause again from one that passes, such as a full disk.
func permanent(err error) bool {
	return errors.Is(err, ledger.ErrTime) || errors.Is(err, ledger.ErrOverflow) || errors.Is(err, ledger.ErrKeyReused) || errors.Is(err, ledger.ErrUnbalanced)
}

// placed is an event with the offset it came from.
type placed struct {
	event  stock.Event
	offset int64
}

func inputs(events []placed) []ledger.Input {
	list := make([]ledger.Input, len(events))
	for i, e := range events {
		list[i] = ledger.Delivered{Event: e.event}
	}
	return list
}

func (c *Consumer) decode(ctx context.Context, batch Batch) ([]placed, error) {
	events := make([]placed, 0, len(batch.Records))
	for _, record := range batch.Records {
		event, err := Decode(record.Value)
		if err == nil {
			events = append(events, placed{event, record.Offset})
			continue
		}
		sum := sha256.Sum256(record.Value)
		letter := DeadLetter{ID: letterID(source(batch, record.Offset), hex.EncodeToString(sum[:])), Reason: err.Error(), Source: source(batch, record.Offset), Size: len(record.Value), SHA256: hex.EncodeToString(sum[:])}
		if err := c.putLetter(ctx, letter); err != nil {
			return nil, err
		}
	}
	return events, nil
}

// isolate dead-letters one event and applies the others.
func (c *Consumer) isolate(ctx context.Context, batch Batch, events []placed, index int, reason error) error {
	bad := events[index]
	letter := DeadLetter{ID: letterID(source(batch, bad.offset), bad.event.ID), Reason: reason.Error(), Source: source(batch, bad.offset), Event: &bad.event, Channel: bad.event.Channel, Topic: bad.event.Topic}
	if err := c.putLetter(ctx, letter); err != nil {
		return err
	}
	return c.apply(ctx, batch, append(events[:index:index], events[index+1:]...))
}

func (c *Consumer) putLetter(ctx context.Context, letter DeadLetter) error {
	c.Logger.Error("dead letter", "reason", letter.Reason, "source", letter.Source, "channel", letter.Channel)
	return c.DeadLetters.Put(ctx, letter)
}

// letterID names the letter of a record, so that a batch that is tried again writes it under the same name.
func letterID(source, content string) string { return ledger.Fingerprint(source, content)[:12] }

func source(batch Batch, offset int64) string {
	return fmt.Sprintf("%s/%d@%d", batch.Topic, batch.Partition, offset)
}
