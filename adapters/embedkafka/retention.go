package embedkafka

import (
	"errors"
	"fmt"
	"strings"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Partition describes the log of one partition.
type Partition struct {
	Partition int
	First     int64 // offset of the first record kept
	HighWater int64 // offset that the next record will get
	Bytes     int64 // size of the kept batches on disk
}

// Partitions describes a topic's partitions in order. It returns
// ErrUnknownPartition if there is no such topic.
func (b *Broker) Partitions(topic string) ([]Partition, error) {
	var out []Partition
	err := b.withCluster(func(c *kfake.Cluster) error {
		for _, p := range c.PartitionInfos(topic) {
			out = append(out, Partition{
				Partition: int(p.Partition),
				First:     p.LogStartOffset,
				HighWater: p.HighWatermark,
				Bytes:     p.NumBytes,
			})
		}
		if len(out) == 0 {
			return fmt.Errorf("describing %s: %w", topic, ErrUnknownPartition)
		}
		return nil
	})
	return out, err
}

// Trim deletes the records of a partition below upTo and returns the first
// offset kept. It always keeps the last record, because a partition that is
// empty at a restart would count from 0 again; a smaller or equal upTo than
// the current first offset changes nothing. Space is freed a segment (16 MiB)
// at a time, and the segment that is being written is never freed.
//
// The caller must not pass an offset that a consumer has not passed yet.
func (b *Broker) Trim(topic string, partition int, upTo int64) (int64, error) {
	first := int64(0)
	err := b.withCluster(func(c *kfake.Cluster) error {
		info := c.PartitionInfo(topic, int32(partition))
		if info == nil {
			return fmt.Errorf("trimming %s/%d: %w", topic, partition, ErrUnknownPartition)
		}
		first = info.LogStartOffset
		// The high watermark only grows, so what was a safe bound stays one.
		to := min(upTo, info.HighWatermark-1)
		if to <= first {
			return nil
		}
		err := c.DeleteRecords(topic, int32(partition), to)
		if errors.Is(err, kerr.OffsetOutOfRange) {
			return nil // a concurrent Trim went further
		}
		if err != nil {
			return fmt.Errorf("trimming %s/%d to %d: %w", topic, partition, to, err)
		}
		first = to
		return nil
	})
	return first, err
}

// refuseRetention answers requests that would give a topic retention or
// compaction with POLICY_VIOLATION: either could empty a partition.
func refuseRetention(c *kfake.Cluster) {
	c.ControlKey(int16(kmsg.CreateTopics), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		req := kreq.(*kmsg.CreateTopicsRequest)
		if !createsRetention(req) {
			return nil, nil, false
		}
		c.KeepControl() // handling a request drops the control otherwise
		resp := req.ResponseKind().(*kmsg.CreateTopicsResponse)
		for _, t := range req.Topics {
			rt := kmsg.NewCreateTopicsResponseTopic()
			rt.Topic, rt.ErrorCode = t.Topic, kerr.PolicyViolation.Code
			rt.ErrorMessage = kmsg.StringPtr(policyMessage)
			resp.Topics = append(resp.Topics, rt)
		}
		return resp, nil, true
	})
	c.ControlKey(int16(kmsg.AlterConfigs), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		req := kreq.(*kmsg.AlterConfigsRequest)
		resp := req.ResponseKind().(*kmsg.AlterConfigsResponse)
		for _, r := range req.Resources {
			rr := kmsg.NewAlterConfigsResponseResource()
			rr.ResourceType, rr.ResourceName = r.ResourceType, r.ResourceName
			rr.ErrorCode, rr.ErrorMessage = kerr.PolicyViolation.Code, kmsg.StringPtr(policyMessage)
			resp.Resources = append(resp.Resources, rr)
		}
		return resp, nil, true
	})
	c.ControlKey(int16(kmsg.IncrementalAlterConfigs), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		req := kreq.(*kmsg.IncrementalAlterConfigsRequest)
		resp := req.ResponseKind().(*kmsg.IncrementalAlterConfigsResponse)
		for _, r := range req.Resources {
			rr := kmsg.NewIncrementalAlterConfigsResponseResource()
			rr.ResourceType, rr.ResourceName = r.ResourceType, r.ResourceName
			rr.ErrorCode, rr.ErrorMessage = kerr.PolicyViolation.Code, kmsg.StringPtr(policyMessage)
			resp.Resources = append(resp.Resources, rr)
		}
		return resp, nil, true
	})
}

const policyMessage = "the embedded broker keeps records until they are trimmed: retention and config changes are refused"

func createsRetention(req *kmsg.CreateTopicsRequest) bool {
	for _, t := range req.Topics {
		for _, cfg := range t.Configs {
			switch cfg.Name {
			case "retention.ms", "retention.bytes":
				return true
			case "cleanup.policy":
				if cfg.Value != nil && strings.Contains(*cfg.Value, "compact") {
					return true
				}
			}
		}
	}
	return false
}
