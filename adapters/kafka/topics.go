package kafka

import (
	"context"
	"errors"
	"fmt"
	"slices"

	kafkago "github.com/segmentio/kafka-go"
)

// Topic says how a topic is to be created.
type Topic struct {
	Name string

	// Partitions is at least 1. It is fixed for the topic's life.
	Partitions int

	// ReplicationFactor is the number of copies; 0 takes the broker's default.
	ReplicationFactor int

	// Configs are Kafka's topic settings, such as min.insync.replicas.
	Configs map[string]string
}

// Topics returns the number of partitions of every topic. It retries until ctx
// ends while brokers are starting. A topic that another client made less than
// MetadataTTL ago may be missing.
func (c *Client) Topics(ctx context.Context) (map[string]int, error) {
	wait := c.backoff()
	for {
		topics, err := c.tryTopics(ctx)
		if err == nil || !retriable(err) {
			return topics, err
		}
		if !wait.wait(ctx) {
			return nil, errors.Join(context.Cause(ctx), err)
		}
	}
}

func (c *Client) tryTopics(ctx context.Context) (map[string]int, error) {
	resp, err := c.kafka.Metadata(ctx, &kafkago.MetadataRequest{})
	if err != nil {
		return nil, fmt.Errorf("listing topics: %w", err)
	}
	topics := make(map[string]int, len(resp.Topics))
	for _, t := range resp.Topics {
		if t.Error != nil {
			return nil, fmt.Errorf("listing topics: %s: %w", t.Name, t.Error)
		}
		topics[t.Name] = len(t.Partitions)
	}
	return topics, nil
}

// EnsureTopics creates the topics that do not exist and returns when all their
// partitions answer this client. It retries until ctx ends while brokers
// are starting. A topic that exists keeps its settings; another number of
// partitions is ErrPartitionCount.
func (c *Client) EnsureTopics(ctx context.Context, topics []Topic) error {
	for _, t := range topics {
		if t.Name == "" || t.Partitions < 1 {
			return fmt.Errorf("creating topic %q: name and at least one partition are required", t.Name)
		}
	}
	for _, t := range topics {
		if err := c.ensureTopic(ctx, t); err != nil {
			return fmt.Errorf("creating topic %s: %w", t.Name, err)
		}
	}
	return nil
}

func (c *Client) ensureTopic(ctx context.Context, t Topic) error {
	wait := c.backoff()
	for {
		err := c.tryTopic(ctx, t)
		if err == nil || !retriable(err) || errors.Is(err, ErrPartitionCount) {
			return err
		}
		if !wait.wait(ctx) {
			return errors.Join(context.Cause(ctx), err)
		}
	}
}

func (c *Client) tryTopic(ctx context.Context, t Topic) error {
	seen, err := c.fetchPartitions(ctx, t.Name)
	if errors.Is(err, ErrUnknownTopic) {
		if err := c.createTopic(ctx, t); err != nil {
			return err
		}
		seen, err = c.fetchPartitions(ctx, t.Name)
		if errors.Is(err, ErrUnknownTopic) {
			// Created, here or by another process, but not yet in this
			// client's metadata.
			return kafkago.UnknownTopicOrPartition
		}
	}
	if err != nil {
		return err
	}
	if len(seen) != t.Partitions {
		return fmt.Errorf("%w: %d, want %d", ErrPartitionCount, len(seen), t.Partitions)
	}
	// Metadata names leaders that do not know it yet.
	_, err = c.listOffsets(ctx, kafkago.ReadUncommitted, t.Name, seen...)
	return err
}

func (c *Client) createTopic(ctx context.Context, t Topic) error {
	config := kafkago.TopicConfig{Topic: t.Name, NumPartitions: t.Partitions, ReplicationFactor: t.ReplicationFactor}
	if config.ReplicationFactor == 0 {
		config.ReplicationFactor = -1
	}
	for name, value := range t.Configs {
		config.ConfigEntries = append(config.ConfigEntries, kafkago.ConfigEntry{ConfigName: name, ConfigValue: value})
	}
	resp, err := c.kafka.CreateTopics(ctx, &kafkago.CreateTopicsRequest{Topics: []kafkago.TopicConfig{config}})
	if err != nil {
		return err
	}
	if err := resp.Errors[t.Name]; err != nil && !errors.Is(err, kafkago.TopicAlreadyExists) {
		return err
	}
	return nil
}

// partitions returns a topic's partitions in order, from memory if known.
func (c *Client) partitions(ctx context.Context, topic string) ([]int, error) {
	c.mu.Lock()
	known := c.topics[topic]
	c.mu.Unlock()
	if known != nil {
		return known, nil
	}
	return c.fetchPartitions(ctx, topic)
}

// forget drops what is remembered of a topic that the broker denied to have.
func (c *Client) forget(topic string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.topics, topic)
}

func (c *Client) fetchPartitions(ctx context.Context, topic string) ([]int, error) {
	resp, err := c.kafka.Metadata(ctx, &kafkago.MetadataRequest{Topics: []string{topic}})
	if err != nil {
		return nil, fmt.Errorf("reading metadata of %s: %w", topic, err)
	}
	var ids []int
	for _, t := range resp.Topics {
		if t.Name != topic {
			continue
		}
		if t.Error != nil && !errors.Is(t.Error, kafkago.UnknownTopicOrPartition) {
			return nil, fmt.Errorf("reading metadata of %s: %w", topic, t.Error)
		}
		for _, p := range t.Partitions {
			ids = append(ids, p.ID)
		}
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("reading metadata of %s: %w", topic, ErrUnknownTopic)
	}
	slices.Sort(ids)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.topics[topic] = ids
	return ids, nil
}

// awaitPartitions is partitions for readers that may start before the topic or
// the broker does: it tries until ctx ends.
func (c *Client) awaitPartitions(ctx context.Context, topic string) ([]int, error) {
	wait := c.backoff()
	for {
		ids, err := c.partitions(ctx, topic)
		if err == nil || errors.Is(err, ErrClosed) {
			return ids, err
		}
		if wait.attempt == 0 {
			c.opts.Logger.WarnContext(ctx, "waiting for topic", "topic", topic, "error", err)
		}
		if !wait.wait(ctx) {
			return nil, context.Cause(ctx)
		}
	}
}

// DeleteTopics deletes topics with all that they hold. Those that are not there are no error. Brokers remove the files a little later.
func (c *Client) DeleteTopics(ctx context.Context, names ...string) error {
	if len(names) == 0 {
		return nil
	}
	resp, err := c.kafka.DeleteTopics(ctx, &kafkago.DeleteTopicsRequest{Topics: names})
	if err != nil {
		return fmt.Errorf("deleting topics: %w", err)
	}
	for _, name := range names {
		c.forget(name)
		if err := resp.Errors[name]; err != nil && !errors.Is(err, kafkago.UnknownTopicOrPartition) {
			return fmt.Errorf("deleting topic %s: %w", name, err)
		}
	}
	return nil
}
