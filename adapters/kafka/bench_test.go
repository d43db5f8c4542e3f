package kafka

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	kafkago "github.com/segmentio/kafka-go"
	"github.com/stretchr/testify/require"
)

// Records of 1 KB, 4 partitions, acks=all, a broker that fsyncs, in this
// process over a Unix socket. ns/op is per record.

const benchPartitions = 4

var benchValue = bytes.Repeat([]byte("evenstock"), 1024/9)

func BenchmarkPublish(b *testing.B) {
	for _, compression := range []Compression{NoCompression, Snappy} {
		for _, publishers := range []int{1, 16, 128, 1000} {
			b.Run(fmt.Sprintf("%v/publishers=%d", compression, publishers), func(b *testing.B) {
				h := newHarness(b)
				c := h.client()
				h.topic(c, h.events, benchPartitions)
				pub := c.NewPublisher(PublisherOptions{Compression: compression})
				var left atomic.Int64
				left.Store(int64(b.N))
				var wg sync.WaitGroup
				b.ResetTimer()
				for range publishers {
					wg.Go(func() {
						for left.Add(-1) >= 0 {
							if err := pub.Publish(h.events, message.NewMessage(watermill.NewUUID(), benchValue)); err != nil {
								b.Error(err)
								return
							}
						}
					})
				}
				wg.Wait()
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
				require.NoError(b, pub.Close())
			})
		}
	}
}

// BenchmarkProduce is the ceiling: requests of 500 records, one in flight per
// partition, without a publisher.
func BenchmarkProduce(b *testing.B) {
	h := newHarness(b)
	c := h.client()
	h.topic(c, h.events, benchPartitions)
	var left atomic.Int64
	left.Store(int64(b.N))
	var wg sync.WaitGroup
	b.ResetTimer()
	for p := range benchPartitions {
		wg.Go(func() {
			for left.Add(-500) > -500 {
				records := make([]kafkago.Record, 500)
				for i := range records {
					records[i] = kafkago.Record{Key: kafkago.NewBytes([]byte("0123456789abcdef")), Value: kafkago.NewBytes(benchValue)}
				}
				resp, err := c.kafka.Produce(context.Background(), &kafkago.ProduceRequest{
					Topic: h.events, Partition: p, RequiredAcks: kafkago.RequireAll, Records: kafkago.NewRecordReader(records...),
				})
				if err == nil {
					err = resp.Error
				}
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
}

func BenchmarkReadBatches(b *testing.B) {
	h := newHarness(b)
	c := h.client()
	h.topic(c, h.events, benchPartitions)
	pub := c.NewPublisher(PublisherOptions{MaxQueueRecords: 1 << 20, MaxQueueBytes: 1 << 30, DeliveryTimeout: time.Minute})
	const chunk = 2000
	for written := 0; written < b.N; written += chunk {
		msgs := make([]*message.Message, min(chunk, b.N-written))
		for i := range msgs {
			msgs[i] = message.NewMessage(watermill.NewUUID(), benchValue)
		}
		require.NoError(b, pub.Publish(h.events, msgs...))
	}
	require.NoError(b, pub.Close())
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var left atomic.Int64
	left.Store(int64(b.N))
	b.ResetTimer()
	err := c.ReadBatches(ctx, BatchOptions{Topic: h.events, Start: from(FirstOffset)}, func(_ context.Context, batch Batch) error {
		if left.Add(-int64(len(batch.Records))) <= 0 {
			cancel()
		}
		return nil
	})
	require.ErrorIs(b, err, context.Canceled)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
}
