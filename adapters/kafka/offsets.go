package kafka

import (
	"context"
	"errors"
	"fmt"

	kafkago "github.com/segmentio/kafka-go"
)

// askAttempts bounds how often a question that somebody waits for is put again.
const askAttempts = 5

// errUnanswered: a partition's leader could not be asked. It passes: who leads
// is settled again within seconds.
var errUnanswered = errors.New("no answer from the leader")

// Bounds are what a partition holds: the offsets from First on, before
// HighWater, which the next record will get.
type Bounds struct{ First, HighWater int64 }

// Bounds returns what the partitions of a topic hold. HighWater less a
// consumer's offset is the consumer's lag. Brokers that are down are an error
// after a few attempts.
func (c *Client) Bounds(ctx context.Context, topic string) (map[int]Bounds, error) {
	return c.bounds(ctx, topic, kafkago.ReadUncommitted)
}

// stableBounds are Bounds whose end is before every transaction that has not
// ended: as far as can be read now.
func (c *Client) stableBounds(ctx context.Context, topic string) (map[int]Bounds, error) {
	return c.bounds(ctx, topic, kafkago.ReadCommitted)
}

func (c *Client) bounds(ctx context.Context, topic string, level kafkago.IsolationLevel) (map[int]Bounds, error) {
	partitions, err := c.partitions(ctx, topic)
	if err != nil {
		return nil, err
	}
	wait := c.backoff()
	for {
		bounds, err := c.listOffsets(ctx, level, topic, partitions...)
		if err == nil || !retriable(err) || wait.attempt >= askAttempts {
			return bounds, err
		}
		if !wait.wait(ctx) {
			return nil, errors.Join(context.Cause(ctx), err)
		}
	}
}

// listOffsets asks once. Right after a topic was made, and while its leaders
// change, some do not answer.
func (c *Client) listOffsets(ctx context.Context, level kafkago.IsolationLevel, topic string, partitions ...int) (map[int]Bounds, error) {
	asked := make([]kafkago.OffsetRequest, 0, 2*len(partitions))
	for _, p := range partitions {
		asked = append(asked, kafkago.FirstOffsetOf(p), kafkago.LastOffsetOf(p))
	}
	resp, err := c.kafka.ListOffsets(ctx, &kafkago.ListOffsetsRequest{
		Topics:         map[string][]kafkago.OffsetRequest{topic: asked},
		IsolationLevel: level,
	})
	if err != nil {
		return nil, fmt.Errorf("listing offsets of %s: %w", topic, err)
	}
	bounds := make(map[int]Bounds, len(partitions))
	for _, p := range resp.Topics[topic] {
		switch {
		case errors.Is(p.Error, kafkago.Unknown): // how kafka-go says that one of several requests failed
			return nil, fmt.Errorf("listing offsets of %s/%d: %w", topic, p.Partition, errUnanswered)
		case p.Error != nil:
			return nil, fmt.Errorf("listing offsets of %s/%d: %w", topic, p.Partition, p.Error)
		}
		bounds[p.Partition] = Bounds{First: p.FirstOffset, HighWater: p.LastOffset}
	}
	for _, p := range partitions {
		if _, ok := bounds[p]; !ok {
			return nil, fmt.Errorf("listing offsets of %s/%d: %w", topic, p, errUnanswered)
		}
	}
	return bounds, nil
}
