package stream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/evenstock/evenstock/ledger"
)

// trimEvery is how often the consumed part is looked at.
const trimEvery = time.Minute

// Trimmer is the broker as the Janitor needs it.
type Trimmer interface {
	Describer
	// Trim deletes the records of a partition below upTo.
	Trim(topic string, partition int, upTo int64) error
}

// Janitor cuts what is consumed: of older generations all, of the youngest where a partition has grown over its part of
// LogBytesMax. It never passes the ledger's offset.
type Janitor struct {
	Log    Trimmer
	Topics Topics
	Ledger ledger.Positions
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
			if err := j.Trim(ctx); err != nil && ctx.Err() == nil {
				j.Logger.Warn("the stream could not be trimmed", "error", err)
			}
		}
	}
}

// Trim trims once.
func (j *Janitor) Trim(ctx context.Context) error {
	var errs []error
	for _, topic := range j.Topics.All() {
		errs = append(errs, j.trimTopic(ctx, topic))
	}
	return errors.Join(errs...)
}

func (j *Janitor) trimTopic(ctx context.Context, topic string) error {
	offsets, err := j.Ledger.Cursors(ctx, topic)
	if err != nil {
		return fmt.Errorf("reading the offsets of %s: %w", topic, err)
	}
	partitions, err := j.Log.Describe(ctx, topic)
	if err != nil {
		return fmt.Errorf("describing %s: %w", topic, err)
	}
	for _, p := range partitions {
		offset, known := offsets[p.Partition]
		if !known || topic == j.Topics.Events && p.Bytes < int64(LogBytesMax/len(partitions)) {
			continue
		}
		if err := j.Log.Trim(topic, p.Partition, offset); err != nil {
			return fmt.Errorf("trimming %s/%d: %w", topic, p.Partition, err)
		}
	}
	return nil
}
