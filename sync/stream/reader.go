package stream

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/evenstock/evenstock/ledger"
)

// clusterMark is the ledger's mark that names the log whose offsets it holds.
const clusterMark = "stream/cluster"

// Ledger is the ledger as the Reader needs it.
type Ledger interface {
	Applier
	Mark(ctx context.Context, name string) (string, error)
}

// Reader applies the events topic to the ledger, from the ledger's own offsets.
type Reader struct {
	Log      Log
	Ledger   Ledger
	Consumer *Consumer
	// Lost stores, together with marks, that the log has lost records which the ledger did not see.
	Lost   func(ctx context.Context, marks map[string]string) error
	Logger *slog.Logger
}

// place is where a partition is read next. With lost the ledger has no offset that means anything to this log, because the log is new
// or was cut; the next batch then sets the ledger's offset whatever it was.
type place struct {
	next int64
	lost bool
}

// Run applies events until ctx ends.
func (r *Reader) Run(ctx context.Context) error {
	offsets, err := r.Ledger.Cursors(ctx, Events)
	if err != nil {
		return fmt.Errorf("reading the offsets of %s: %w", Events, err)
	}
	fresh, err := r.recognise(ctx)
	if err != nil {
		return err
	}
	// Each partition has one goroutine, which alone uses its element.
	places := make([]place, EventsPartitions)
	for partition := range places {
		offset, known := offsets[partition]
		places[partition] = place{next: offset}
		if !known || fresh {
			places[partition] = place{next: FirstOffset, lost: true}
		}
	}
	from := From{
		Topic: Events, Start: func(partition int) int64 { return places[partition].next },
		OnGap: func(gap Gap) { r.gap(ctx, gap) },
	}
	return r.Log.ReadBatches(ctx, from, func(ctx context.Context, batch Batch) error {
		return r.handle(ctx, &places[batch.Partition], batch)
	})
}

// handle applies a batch from where the ledger is.
func (r *Reader) handle(ctx context.Context, at *place, batch Batch) error {
	if at.lost = at.lost || batch.Reset; !at.lost {
		batch.From = at.next
	}
	batch.Reset = at.lost
	err := r.Consumer.Handle(ctx, batch)
	if err == nil {
		*at = place{next: batch.Next}
	}
	return err
}

func (r *Reader) gap(ctx context.Context, gap Gap) {
	r.Logger.Error("the stream does not have what the ledger expects next", "topic", gap.Topic, "partition", gap.Partition, "wanted", gap.Wanted, "first", gap.First)
	if err := r.Lost(ctx, map[string]string{}); err != nil {
		r.Logger.Error("a full sweep is needed; run `evenstock reconcile run`", "error", err)
	}
}

// recognise compares the log with the one the ledger knows, and notes it together with the loss. A data folder whose broker part
// was lost or replaced has another log, whose offsets mean nothing to the ledger.
func (r *Reader) recognise(ctx context.Context) (fresh bool, err error) {
	id, err := r.Log.Identity(ctx)
	if err != nil {
		return false, fmt.Errorf("asking the broker for its name: %w", err)
	}
	known, err := r.Ledger.Mark(ctx, clusterMark)
	if err != nil || known == id {
		return false, err
	}
	marks := map[string]string{clusterMark: id}
	if known != "" {
		return true, r.Lost(ctx, marks)
	}
	_, err = r.Ledger.Apply(ctx, nil, ledger.Batch{At: r.Consumer.Now(), Marks: marks})
	return false, err
}
