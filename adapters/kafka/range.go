package kafka

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// RangeOptions configure ReadRange. Topic is required.
type RangeOptions struct {
	Topic string

	// Start returns the offset to read from; one that does not exist is moved
	// into the log without complaint. Default: the first there is.
	Start func(partition int) int64

	// Follow reads on when the end is reached, until ctx ends.
	Follow bool
}

// ReadRange lists a topic without leaving a trace: it hands each partition's
// records from Start to the end (as it was when ReadRange began) to
// handle, which is never called concurrently. An error of handle ends it and is
// returned as is. Without Follow partitions come one after the other, and a
// broker that is down is an error after a few attempts.
func (c *Client) ReadRange(ctx context.Context, opts RangeOptions, handle func(Batch) error) error {
	if opts.Topic == "" || handle == nil {
		return errors.New("reading range: topic and handler are required")
	}
	ranges, err := c.stableBounds(ctx, opts.Topic)
	if err != nil {
		return fmt.Errorf("reading range: %w", err)
	}
	starts := make(map[int]int64, len(ranges))
	for p, r := range ranges {
		starts[p] = r.First
		if opts.Start != nil {
			starts[p] = min(max(opts.Start(p), r.First), r.HighWater)
		}
	}
	for _, p := range sortedKeys(ranges) {
		if err := c.readTo(ctx, opts.Topic, p, starts[p], ranges[p].HighWater, handle); err != nil {
			return err
		}
		starts[p] = max(starts[p], ranges[p].HighWater)
	}
	if !opts.Follow {
		return nil
	}
	return c.follow(ctx, opts.Topic, starts, handle)
}

func sortedKeys(ranges map[int]Bounds) []int {
	keys := make([]int, 0, len(ranges))
	for p := range ranges {
		keys = append(keys, p)
	}
	slices.Sort(keys)
	return keys
}

func (c *Client) readTo(ctx context.Context, topic string, partition int, start, end int64, handle func(Batch) error) error {
	f := fetcher{client: c, topic: topic, partition: partition, next: start, maxBytes: defaultFetchBytes, maxWait: defaultMaxWait}
	wait := c.backoff()
	for f.next < end {
		s, err := f.fetch(ctx)
		if err == nil && s.next == s.from {
			err = fmt.Errorf("fetching records of %s/%d: the log ends at %d, before %d", topic, partition, f.next, end)
		}
		if err != nil {
			if !retriable(err) || wait.attempt >= askAttempts || !wait.wait(ctx) {
				return fmt.Errorf("reading range: %w", errors.Join(context.Cause(ctx), err))
			}
			continue
		}
		wait.attempt = 0
		s.records = slices.DeleteFunc(s.records, func(r Record) bool { return r.Offset >= end })
		if len(s.records) == 0 {
			continue
		}
		s.next = min(s.next, end)
		if err := handle(f.batch(s)); err != nil {
			return err
		}
	}
	return nil
}

func (c *Client) follow(ctx context.Context, topic string, starts map[int]int64, handle func(Batch) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var mu sync.Mutex
	return c.ReadBatches(ctx, BatchOptions{
		Topic: topic,
		Start: func(partition int) int64 { return starts[partition] },
	}, func(_ context.Context, batch Batch) error {
		mu.Lock()
		defer mu.Unlock()
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if len(batch.Records) == 0 {
			return nil
		}
		err := handle(batch)
		if err != nil {
			cancel(err) // the batch reader would try again; its cause is our answer
		}
		return err
	})
}
