package embedkafka

import (
	"fmt"
	"testing"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/stretchr/testify/require"
)

// kfake forgets where an emptied partition was: after a restart it counts from
// 0 and old consumers skip what is new. Trim must not let it come to that.
func TestTrimmedPartitionKeepsCounting(t *testing.T) {
	dir := t.TempDir()
	b, client := open(t, dir)
	require.NoError(t, createTopic(client, "events", 1))
	for i := range 100 {
		_, err := produce(client, "events", 0, fmt.Sprint(i))
		require.NoError(t, err)
	}
	for range 2 {
		first, err := b.Trim("events", 0, 1<<60)
		require.NoError(t, err)
		require.EqualValues(t, 99, first, "the last record stays")
	}
	require.NoError(t, b.Close())

	again, client := open(t, dir)
	parts, err := again.Partitions("events")
	require.NoError(t, err)
	require.Equal(t, int64(100), parts[0].HighWater)
	require.Equal(t, int64(99), parts[0].First)
	require.Equal(t, []string{"99"}, values(t, again, client, "events", 0, 99))
	offset, err := produce(client, "events", 0, "100")
	require.NoError(t, err)
	require.EqualValues(t, 100, offset)
}

func TestTrimBounds(t *testing.T) {
	b, client := open(t, t.TempDir())
	require.NoError(t, createTopic(client, "events", 2))

	first, err := b.Trim("events", 0, 10)
	require.NoError(t, err)
	require.Zero(t, first, "an empty partition has nothing to trim")

	for i := range 10 {
		_, err := produce(client, "events", 0, fmt.Sprint(i))
		require.NoError(t, err)
	}
	for _, step := range []struct{ upTo, first int64 }{{-1, 0}, {0, 0}, {4, 4}, {2, 4}, {9, 9}, {10, 9}, {11, 9}} {
		first, err := b.Trim("events", 0, step.upTo)
		require.NoError(t, err)
		require.Equal(t, step.first, first, "trimming to %d", step.upTo)
	}
	require.Equal(t, []string{"9"}, values(t, b, client, "events", 0, 9))

	_, err = b.Trim("events", 2, 1)
	require.ErrorIs(t, err, ErrUnknownPartition)
	_, err = b.Trim("other", 0, 1)
	require.ErrorIs(t, err, ErrUnknownPartition)
	_, err = b.Partitions("other")
	require.ErrorIs(t, err, ErrUnknownPartition)
}

func TestRetentionIsRefused(t *testing.T) {
	b, client := open(t, t.TempDir())
	for _, config := range []kafkago.ConfigEntry{
		{ConfigName: "retention.ms", ConfigValue: "1000"},
		{ConfigName: "retention.bytes", ConfigValue: "1000"},
		{ConfigName: "cleanup.policy", ConfigValue: "delete,compact"},
	} {
		for range 2 { // the guard stays after it has refused once
			err := createTopic(client, "events", 1, config)
			require.ErrorIs(t, err, kafkago.PolicyViolation, config.ConfigName)
		}
	}
	_, err := b.Partitions("events")
	require.ErrorIs(t, err, ErrUnknownPartition)

	require.NoError(t, createTopic(client, "events", 1, kafkago.ConfigEntry{ConfigName: "max.message.bytes", ConfigValue: "1000"}))
	for range 2 {
		resp, err := client.IncrementalAlterConfigs(t.Context(), &kafkago.IncrementalAlterConfigsRequest{
			Resources: []kafkago.IncrementalAlterConfigsRequestResource{{
				ResourceType: kafkago.ResourceTypeTopic, ResourceName: "events",
				Configs: []kafkago.IncrementalAlterConfigsRequestConfig{{Name: "retention.ms", Value: "1", ConfigOperation: kafkago.ConfigOperationSet}},
			}},
		})
		require.NoError(t, err)
		require.ErrorIs(t, resp.Resources[0].Error, kafkago.PolicyViolation)
		old, err := client.AlterConfigs(t.Context(), &kafkago.AlterConfigsRequest{
			Resources: []kafkago.AlterConfigRequestResource{{
				ResourceType: kafkago.ResourceTypeTopic, ResourceName: "events",
				Configs: []kafkago.AlterConfigRequestConfig{{Name: "retention.ms", Value: "1"}},
			}},
		})
		require.NoError(t, err)
		require.ErrorIs(t, old.Errors[kafkago.AlterConfigsResponseResource{Type: int8(kafkago.ResourceTypeTopic), Name: "events"}], kafkago.PolicyViolation)
	}
}
