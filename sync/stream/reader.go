package stream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/evenstock/evenstock/ledger"
)

// clusterMark is the ledger's mark that names the log whose offsets it holds.
const clusterMark = "stream/cluster"

// Reader applies events to the ledger, from the ledger's own offsets.
type Reader struct {
	Log      Log
	Topics   Topics
	Ledger   Ledger
	Consumer *Consumer
	// Lost stores, together with marks, that the log has lost records which the ledger did not see.
	Lost   func(ctx context.Context, marks map[string]string) error
	Logger *slog.Logger
}

// place is where a partition is read next.
type place struct {
	next int64
	// unset says that the ledger has no offset, or one that is not in the log: the next batch sets it anew.
	unset bool
	// untold says that a loss could not be stored yet; no record after it is applied before it is.
	untold bool
}

// Run applies what older generations still hold, and then the youngest, until ctx ends.
func (r *Reader) Run(ctx context.Context) error {
	if err := r.recognise(ctx); err != nil {
		return err
	}
	for _, topic := range r.Topics.Older {
		if err := r.drain(ctx, topic); err != nil {
			return err
		}
	}
	places, _, err := r.places(ctx, r.Topics.Events)
	if err != nil {
		return err
	}
	return r.read(ctx, r.Topics.Events, places, func(Batch) {})
}

// errDrained ends the reading of a topic that was read to its end.
var errDrained = errors.New("drained")

// drain applies a topic that nobody writes to to its end.
func (r *Reader) drain(ctx context.Context, topic string) error {
	places, extents, err := r.places(ctx, topic)
	if err != nil {
		return err
	}
	left, mu := map[int]int64{}, sync.Mutex{} // where partitions end that were not read to their end
	for i, extent := range extents {
		if places[i].next != extent.Next && extent.First != extent.Next {
			left[extent.Partition] = extent.Next
		}
	}
	if len(left) == 0 {
		return nil
	}
	r.Logger.Info("applying what the topic of before still holds", "topic", topic, "partitions", len(left))
	reading, done := context.WithCancelCause(ctx)
	defer done(nil)
	err = r.read(reading, topic, places, func(batch Batch) {
		mu.Lock()
		defer mu.Unlock()
		if end, open := left[batch.Partition]; open && batch.Next >= end {
			delete(left, batch.Partition)
		}
		if len(left) == 0 {
			done(errDrained)
		}
	})
	if errors.Is(context.Cause(reading), errDrained) {
		return nil
	}
	return err
}

// read applies a topic from its places on until ctx ends. applied is told of each batch.
func (r *Reader) read(ctx context.Context, topic string, places []place, applied func(Batch)) error {
	// Each partition is handed over by one goroutine, which alone uses its element.
	from := From{Topic: topic, Start: func(partition int) int64 { return places[partition].next }, OnGap: func(gap Gap) {
		at := &places[gap.Partition]
		at.unset = true
		if err := r.tell(ctx, gap); err != nil {
			r.Logger.Error("a full sweep is needed, and that could not be stored yet", "error", err)
			at.untold = true
		}
	}}
	return r.Log.ReadBatches(ctx, from, func(ctx context.Context, batch Batch) error {
		at := &places[batch.Partition]
		if at.untold {
			if err := r.Lost(ctx, map[string]string{}); err != nil {
				return err
			}
			at.untold = false
		}
		if batch.Reset = at.unset; !at.unset {
			batch.From = at.next
		}
		if err := r.Consumer.Handle(ctx, batch); err != nil {
			return err
		}
		*at = place{next: batch.Next}
		applied(batch)
		return nil
	})
}

// places returns where the partitions of a topic are read next, and what they hold. An offset of the ledger that the log does not
// have is a loss, and is moved to the first that it has.
func (r *Reader) places(ctx context.Context, topic string) ([]place, []Extent, error) {
	extents, err := r.Log.Describe(ctx, topic)
	if err != nil {
		return nil, nil, fmt.Errorf("describing %s: %w", topic, err)
	}
	offsets, err := r.Ledger.Cursors(ctx, topic)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the offsets of %s: %w", topic, err)
	}
	places := make([]place, len(extents))
	for i, extent := range extents {
		offset, known := offsets[extent.Partition]
		switch {
		case !known:
			places[i] = place{next: FirstOffset, unset: true}
		case extent.First <= offset && offset <= extent.Next:
			places[i] = place{next: offset}
		default:
			if err := r.tell(ctx, Gap{Topic: topic, Partition: extent.Partition, Wanted: offset, First: extent.First}); err != nil {
				return nil, nil, err
			}
			if err := r.rewind(ctx, topic, extent); err != nil {
				return nil, nil, err
			}
			places[i] = place{next: extent.First}
		}
	}
	return places, extents, nil
}

func (r *Reader) tell(ctx context.Context, gap Gap) error {
	r.Logger.Error("the stream does not have what the ledger expects next", "topic", gap.Topic, "partition", gap.Partition, "wanted", gap.Wanted, "first", gap.First)
	return r.Lost(ctx, map[string]string{})
}

// rewind sets the ledger's offset to the first record of a partition.
func (r *Reader) rewind(ctx context.Context, topic string, extent Extent) error {
	_, err := r.Ledger.Apply(ctx, nil, ledger.Batch{At: r.Consumer.Now(), Cursor: &ledger.Cursor{
		Topic: topic, Partition: extent.Partition, From: extent.First, Next: extent.First, Reset: true,
	}})
	if err != nil {
		return fmt.Errorf("setting the offset of %s/%d: %w", topic, extent.Partition, err)
	}
	return nil
}

// recognise compares the log with the one the ledger knows. A data folder whose broker part was lost or replaced has another log,
// whose offsets mean nothing to the ledger: they are set anew, and then the log is noted together with the loss.
func (r *Reader) recognise(ctx context.Context) error {
	id, err := r.Log.Identity(ctx)
	if err != nil {
		return fmt.Errorf("asking the broker for its name: %w", err)
	}
	known, err := r.Ledger.Mark(ctx, clusterMark)
	if err != nil || known == id {
		return err
	}
	marks := map[string]string{clusterMark: id}
	if known == "" {
		_, err = r.Ledger.Apply(ctx, nil, ledger.Batch{At: r.Consumer.Now(), Marks: marks})
		return err
	}
	for _, topic := range r.Topics.All() {
		extents, err := r.Log.Describe(ctx, topic)
		if err != nil {
			return fmt.Errorf("describing %s: %w", topic, err)
		}
		for _, extent := range extents {
			if err := r.rewind(ctx, topic, extent); err != nil {
				return err
			}
		}
	}
	return r.Lost(ctx, marks)
}
