package stream

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

const (
	// trimEvery is how often the consumed part is looked at.
	trimEvery = time.Minute
	// eventsBytesMax bounds the kept log of one events partition: the embedded broker reads its whole log at start.
	eventsBytesMax = 200 << 20
)

// Trimmer is the broker as the Janitor needs it.
type Trimmer interface {
	Describer
	// Trim deletes the records of a partition below upTo.
	Trim(topic string, partition int, upTo int64) error
}

// Offsets is the ledger as the Janitor needs it.
type Offsets interface {
	Cursors(ctx context.Context, topic string) (map[int]int64, error)
}

// Janitor cuts the consumed part of partitions that have grown too large. It never passes the ledger's offset.
type Janitor struct {
	Log    Trimmer
	Ledger Offsets
	Logger *slog.Logger
}

// Run trims until ctx ends.
func (j *Janitor) Run(ctx context.Context) error {
	ticker := time.NewTicker(trimEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			if err := j.trim(ctx); err != nil && ctx.Err() == nil {
				j.Logger.Warn("the stream could not be trimmed", "error", err)
			}
		}
	}
}

func (j *Janitor) trim(ctx context.Context) error {
	offsets, err := j.Ledger.Cursors(ctx, Events)
	if err != nil {
		return fmt.Errorf("reading the offsets of %s: %w", Events, err)
	}
	partitions, err := j.Log.Describe(ctx, Events)
	if err != nil {
		return fmt.Errorf("describing partitions: %w", err)
	}
	for _, partition := range partitions {
		offset, known := offsets[partition.Partition]
		if !known || partition.Bytes < eventsBytesMax {
			continue
		}
		if err := j.Log.Trim(Events, partition.Partition, offset); err != nil {
			return fmt.Errorf("trimming partition %d: %w", partition.Partition, err)
		}
	}
	return nil
}
