//go:build unix

package kafka

import (
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	kafkago "github.com/segmentio/kafka-go"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// Ours beside what it is built on, in turns: an iteration is one round of a
// turn each, and the ratio is the median of the rounds' ratios, our rate by the
// other. Seven rounds (-benchtime 7x) or more give a figure worth quoting; on a
// machine that others load, only the ratio is. make bench-cluster runs them on
// Apache Kafka.

// beside times ours and theirs in turns, of n records each.
func beside(b *testing.B, n int, ours, theirs func()) {
	timed := func(f func()) (wall, cpu time.Duration) {
		began, spent := time.Now(), cpuTime(b)
		f()
		return time.Since(began), cpuTime(b) - spent
	}
	var ratios, cpuRatios []float64
	var took, theirTook time.Duration
	ours() // connections, and what grows once
	theirs()
	for b.Loop() {
		t, cpu := timed(ours)
		u, theirCPU := timed(theirs)
		took, theirTook = took+t, theirTook+u
		ratios = append(ratios, u.Seconds()/t.Seconds())
		cpuRatios = append(cpuRatios, theirCPU.Seconds()/cpu.Seconds())
	}
	slices.Sort(ratios)
	slices.Sort(cpuRatios)
	total := float64(n * len(ratios))
	b.ReportMetric(total/took.Seconds(), "ours/s")
	b.ReportMetric(total/theirTook.Seconds(), "theirs/s")
	b.ReportMetric(ratios[len(ratios)/2], "ratio")
	b.ReportMetric(cpuRatios[len(cpuRatios)/2], "cpu-ratio")
}

// cpuTime is what this process has used, which a machine that others load
// changes less than how long something takes.
func cpuTime(b *testing.B) time.Duration {
	var used unix.Rusage
	require.NoError(b, unix.Getrusage(unix.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// BenchmarkSubscribeBesideFetch reads a topic with a Subscriber, every message
// acknowledged, and with kafka-go's Client.Fetch alone.
func BenchmarkSubscribeBesideFetch(b *testing.B) {
	const records, chunk = 100_000, 2000
	h := newHarness(b)
	c := h.client()
	h.topic(c, h.events, benchPartitions)
	pub := c.NewPublisher(PublisherOptions{DeliveryTimeout: time.Minute})
	for range records / chunk {
		msgs := make([]*message.Message, chunk)
		for i := range msgs {
			msgs[i] = message.NewMessage(watermill.NewUUID(), benchValue)
		}
		require.NoError(b, pub.Publish(h.events, msgs...))
	}
	require.NoError(b, pub.Close())
	bounds, err := c.Bounds(b.Context(), h.events)
	require.NoError(b, err)
	for _, window := range []int{1, 1000} {
		b.Run(fmt.Sprintf("window=%d", window), func(b *testing.B) {
			beside(b, records, func() {
				sub := c.NewSubscriber(SubscriberOptions{Window: window})
				out, err := sub.Subscribe(b.Context(), h.events)
				require.NoError(b, err)
				for range records {
					(<-out).Ack()
				}
				require.NoError(b, sub.Close())
			}, func() {
				var wg sync.WaitGroup
				for p, r := range bounds {
					wg.Go(func() { bareFetch(b, c, h.events, p, r.HighWater) })
				}
				wg.Wait()
			})
		})
	}
}

// bareFetch looks at every record of a partition.
func bareFetch(b *testing.B, c *Client, topic string, partition int, end int64) {
	for next := int64(0); next < end; {
		resp, err := c.kafka.Fetch(b.Context(), &kafkago.FetchRequest{
			Topic: topic, Partition: partition, Offset: next, MinBytes: 1, MaxBytes: defaultFetchBytes, MaxWait: defaultMaxWait,
		})
		if err == nil {
			err = resp.Error
		}
		for err == nil {
			var record *kafkago.Record
			if record, err = resp.Records.ReadRecord(); err == nil {
				next = record.Offset + 1
				_ = record.Key.Close()
				_ = record.Value.Close()
			}
		}
		if err != io.EOF {
			b.Error(err)
			return
		}
	}
}

// BenchmarkPublishBesideWriter has 128 callers publish a message at a time,
// acknowledged by all replicas, with a Publisher and with kafka-go's Writer as
// fast as it was found to go.
func BenchmarkPublishBesideWriter(b *testing.B) {
	const callers, records = 128, 20_000
	h := newHarness(b)
	c := h.client()
	h.topic(c, h.events, benchPartitions)
	pub := c.NewPublisher(PublisherOptions{})
	writer := &kafkago.Writer{
		Addr: c.kafka.Addr, Topic: h.events, Transport: c.transport, Balancer: kafkago.Murmur2Balancer{Consistent: true},
		RequiredAcks: kafkago.RequireAll, BatchSize: 100, BatchTimeout: time.Millisecond,
	}
	share := func(publish func() error) func() {
		return func() {
			var left atomic.Int64
			left.Store(records)
			var wg sync.WaitGroup
			for range callers {
				wg.Go(func() {
					for left.Add(-1) >= 0 {
						if err := publish(); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
		}
	}
	beside(b, records, share(func() error {
		return pub.Publish(h.events, message.NewMessage(watermill.NewUUID(), benchValue))
	}), share(func() error {
		return writer.WriteMessages(b.Context(), kafkago.Message{Key: []byte(watermill.NewUUID()), Value: benchValue})
	}))
	require.NoError(b, writer.Close())
	require.NoError(b, pub.Close())
}
