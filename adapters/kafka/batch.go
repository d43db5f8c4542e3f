package kafka

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"
)

const defaultBatchRecords = 500

// BatchOptions configure ReadBatches. Topic and Start are required.
type BatchOptions struct {
	Topic string

	// Start returns the offset of the first record wanted, usually the one
	// that the caller's store remembers. FirstOffset means the first there is;
	// it is the right answer for a partition never read (0 would report a Gap
	// once the log has been trimmed). It is called once per partition, before
	// the first fetch.
	Start func(partition int) int64

	// MaxRecords bounds a batch. Default 500.
	MaxRecords int

	// MaxBytes bounds a fetch, not counting a single larger record.
	// Default 1 MiB.
	MaxBytes int

	// MaxWait is how long the broker holds a fetch that finds nothing; new
	// records end it at once. Default 250 ms.
	MaxWait time.Duration

	// OnGap is called when a wanted offset does not exist, before reading
	// goes on at the first that does. It is called from the partition's
	// goroutine. The gap is logged in any case.
	OnGap func(Gap)
}

// Batch is a stretch of one partition's log, with the records that are in it.
type Batch struct {
	Topic     string
	Partition int

	// From is the offset that was read from. The first record may come later:
	// compaction and transactions leave offsets without a record.
	From int64

	// Records are in order. ReadBatches hands over stretches without any too,
	// so that a stored offset can move on behind them.
	Records []Record

	// NextOffset is where to start after this batch.
	NextOffset int64

	// HighWater is the offset that the partition's next record will get, as of
	// the fetch. HighWater - NextOffset is the lag after this batch.
	HighWater int64

	// AfterGap is set on the first batch after a Gap: a stored offset must be
	// set to NextOffset, it cannot be advanced to it.
	AfterGap bool
}

// ReadBatches reads all partitions of a topic, without a consumer group, and
// calls handle for each batch: in order within a partition, concurrently for
// different ones. What has arrived is handed over at once; batches grow while
// handle is busy.
//
// When handle returns an error the same batch is handed to it again after a
// jittered backoff, for ever: nothing is skipped. What must not be retried is
// for handle to set aside. ReadBatches waits for topic and broker, recovers
// from their loss, and returns when ctx ends and running handlers have
// returned; its error is then ctx's. With a closed client it is ErrClosed.
func (c *Client) ReadBatches(ctx context.Context, opts BatchOptions, handle func(context.Context, Batch) error) error {
	if opts.Topic == "" || opts.Start == nil || handle == nil {
		return errors.New("reading batches: topic, start and handler are required")
	}
	opts.MaxRecords = cmp.Or(opts.MaxRecords, defaultBatchRecords)
	opts.MaxBytes = cmp.Or(opts.MaxBytes, defaultFetchBytes)
	opts.MaxWait = cmp.Or(opts.MaxWait, defaultMaxWait)
	partitions, err := c.awaitPartitions(ctx, opts.Topic)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for _, p := range partitions {
		wg.Go(func() {
			r := batchReader{opts: opts, handle: handle, fetcher: fetcher{
				client: c, topic: opts.Topic, partition: p, next: opts.Start(p),
				maxBytes: opts.MaxBytes, maxWait: opts.MaxWait, onGap: opts.OnGap,
			}}
			cancel(r.run(ctx)) // ends the others too: it only returns at the end
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

// batchReader reads one partition for ReadBatches.
type batchReader struct {
	opts    BatchOptions
	handle  func(context.Context, Batch) error
	fetcher fetcher
}

func (r *batchReader) run(ctx context.Context) error {
	gaps := 0
	for {
		s, err := r.fetcher.read(ctx)
		if err != nil {
			return err
		}
		for s.from < s.next {
			var batch Batch
			batch, s = r.cut(s)
			batch.AfterGap = r.fetcher.gaps > gaps
			if err := r.deliver(ctx, batch); err != nil {
				return err
			}
			gaps = r.fetcher.gaps
		}
	}
}

// cut parts a batch of MaxRecords from a stretch.
func (r *batchReader) cut(s stretch) (Batch, stretch) {
	n, next := len(s.records), s.next
	if n > r.opts.MaxRecords {
		n = r.opts.MaxRecords
		next = s.records[n-1].Offset + 1
	}
	batch := r.fetcher.batch(stretch{from: s.from, next: next, records: s.records[:n:n]})
	return batch, stretch{from: next, next: s.next, records: s.records[n:]}
}

// batch is a stretch as handlers get it.
func (f *fetcher) batch(s stretch) Batch {
	return Batch{Topic: f.topic, Partition: f.partition, From: s.from, Records: s.records, NextOffset: s.next, HighWater: f.highWater}
}

// deliver calls the handler until it succeeds or ctx ends.
func (r *batchReader) deliver(ctx context.Context, batch Batch) error {
	wait := r.fetcher.client.backoff()
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		err := r.handle(ctx, batch)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		r.fetcher.client.opts.Logger.WarnContext(ctx, "handling batch failed; it will be repeated",
			"topic", batch.Topic, "partition", batch.Partition, "offset", batch.From,
			"records", len(batch.Records), "attempt", wait.attempt+1, "error", err)
		if !wait.wait(ctx) {
			return context.Cause(ctx)
		}
	}
}
