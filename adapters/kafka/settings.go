package kafka

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	kafkago "github.com/segmentio/kafka-go"
)

// Settings are those of a topic that decide whether it keeps what it was given.
type Settings struct {
	Partitions int

	// Replicas is the smallest number of copies that a partition has, InSync
	// how many of them must have a record before it counts as written.
	Replicas, InSync int

	// MaxBatchBytes is what the topic takes in one request of a publisher.
	MaxBatchBytes int

	// Compacted: of the records with one key only the last is kept.
	Compacted bool
}

// Settings asks the brokers for a topic's settings.
func (c *Client) Settings(ctx context.Context, topic string) (Settings, error) {
	var s Settings
	meta, err := c.kafka.Metadata(ctx, &kafkago.MetadataRequest{Topics: []string{topic}})
	if err != nil {
		return s, fmt.Errorf("reading settings of %s: %w", topic, err)
	}
	for _, t := range meta.Topics {
		s.Partitions = len(t.Partitions)
		for i, p := range t.Partitions {
			if i == 0 || len(p.Replicas) < s.Replicas {
				s.Replicas = len(p.Replicas)
			}
		}
	}
	if s.Partitions == 0 {
		return s, fmt.Errorf("reading settings of %s: %w", topic, ErrUnknownTopic)
	}
	resp, err := c.kafka.DescribeConfigs(ctx, &kafkago.DescribeConfigsRequest{Resources: []kafkago.DescribeConfigRequestResource{{
		ResourceType: kafkago.ResourceTypeTopic, ResourceName: topic, ConfigNames: []string{"max.message.bytes", "min.insync.replicas", "cleanup.policy"},
	}}})
	if err == nil && len(resp.Resources) != 1 {
		err = errMalformed
	}
	if err == nil {
		err = resp.Resources[0].Error
	}
	if err != nil {
		return s, fmt.Errorf("reading settings of %s: %w", topic, err)
	}
	for _, entry := range resp.Resources[0].ConfigEntries {
		if err := s.take(entry.ConfigName, entry.ConfigValue); err != nil {
			return s, fmt.Errorf("reading settings of %s: %s: %w", topic, entry.ConfigName, err)
		}
	}
	return s, nil
}

func (s *Settings) take(name, value string) (err error) {
	switch name {
	case "max.message.bytes":
		s.MaxBatchBytes, err = strconv.Atoi(value)
	case "min.insync.replicas":
		s.InSync, err = strconv.Atoi(value)
	case "cleanup.policy":
		s.Compacted = strings.Contains(value, "compact")
	}
	return err
}

// Ping asks a broker whether it answers. What else is asked of a Client may be
// answered from its memory, which outlives the brokers.
func (c *Client) Ping(ctx context.Context) error {
	resp, err := c.kafka.ApiVersions(ctx, &kafkago.ApiVersionsRequest{})
	if err == nil {
		err = resp.Error
	}
	if err != nil {
		return fmt.Errorf("asking the brokers: %w", err)
	}
	return nil
}
