package kafka

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	kafkago "github.com/segmentio/kafka-go"
)

// inspectPatience is how long Inspect waits for what it asks about topics.
const inspectPatience = 5 * time.Second

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

// Faults says what is wrong with the settings for a publisher that sends up to
// batchBytes at once and takes what was acknowledged for kept.
func (s Settings) Faults(batchBytes int) []string {
	var faults []string
	if s.Compacted {
		faults = append(faults, "is compacted: of two events of one key the first may be gone before it is read; its cleanup.policy must be delete")
	}
	if s.InSync > s.Replicas {
		faults = append(faults, fmt.Sprintf("has %d copies and takes nothing with less than %d in step (min.insync.replicas)", s.Replicas, s.InSync))
	}
	if s.MaxBatchBytes < batchBytes {
		faults = append(faults, fmt.Sprintf("takes %d bytes at once (max.message.bytes), and is sent up to %d: more goes in halves, and one event that is larger not at all", s.MaxBatchBytes, batchBytes))
	}
	return faults
}

// Inspect asks brokers whether they answer, and says what is wrong with those
// of their topics that are ours.
func Inspect(opts Options, ours func(topic string) bool) (faults []string, err error) {
	client, err := New(opts)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	if err := client.ask(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), inspectPatience)
	defer cancel()
	topics, err := client.Topics(ctx)
	if err != nil {
		return nil, err
	}
	for _, topic := range slices.Sorted(maps.Keys(topics)) {
		if !ours(topic) {
			continue
		}
		settings, err := client.Settings(ctx, topic)
		if err != nil {
			return nil, err
		}
		for _, fault := range settings.Faults(DefaultBatchBytes) {
			faults = append(faults, topic+" "+fault)
		}
	}
	return faults, nil
}
