// Compare times our publisher and Watermill's own for Kafka (on sarama) in turns: callers that publish a message of 1 KB at a time and wait
// until all replicas have it. It is a module of its own, so that evenstock depends on none of that. make bench-cluster runs it.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/IBM/sarama"
	"github.com/ThreeDotsLabs/watermill"
	wmkafka "github.com/ThreeDotsLabs/watermill-kafka/v3/pkg/kafka"
	"github.com/ThreeDotsLabs/watermill/message"
	"golang.org/x/sys/unix"

	"github.com/evenstock/evenstock/adapters/kafka"
)

var (
	callers  = flag.Int("callers", 128, "goroutines that publish")
	messages = flag.Int("messages", 20_000, "messages of one turn")
	rounds   = flag.Int("rounds", 7, "rounds of a turn each; the ratio is the median of theirs")
	value    = bytes.Repeat([]byte("evenstock"), 1024/9)
)

func main() {
	flag.Parse()
	if err := run(os.Getenv("EVENSTOCK_TEST_KAFKA")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(broker string) (err error) {
	client, err := kafka.New(kafka.Options{Brokers: []string{broker}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	topic := "compare-" + watermill.NewUUID()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := client.EnsureTopics(ctx, []kafka.Topic{{Name: topic, Partitions: 4}}); err != nil {
		return err
	}
	config := wmkafka.DefaultSaramaSyncPublisherConfig()
	config.Producer.RequiredAcks = sarama.WaitForAll
	theirs, err := wmkafka.NewPublisher(wmkafka.PublisherConfig{Brokers: []string{broker}, Marshaler: wmkafka.DefaultMarshaler{}, OverwriteSaramaConfig: config}, watermill.NopLogger{})
	if err != nil {
		return err
	}
	ours := client.NewPublisher(kafka.PublisherOptions{})
	var ratios, cpuRatios []float64
	var total, theirTotal time.Duration
	for round := range *rounds + 1 {
		took, cpu, err := turn(ours, topic)
		if err != nil {
			return err
		}
		theirTook, theirCPU, err := turn(theirs, topic)
		if err != nil {
			return err
		}
		if round == 0 {
			continue // connections, and what grows once
		}
		total, theirTotal = total+took, theirTotal+theirTook
		ratios = append(ratios, theirTook.Seconds()/took.Seconds())
		cpuRatios = append(cpuRatios, theirCPU.Seconds()/cpu.Seconds())
	}
	n := float64(*messages * *rounds)
	fmt.Printf("PublishBesideWatermillKafka\t%d callers\t%.0f ours/s\t%.0f theirs/s\t%.2f ratio\t%.2f cpu-ratio\n",
		*callers, n/total.Seconds(), n/theirTotal.Seconds(), median(ratios), median(cpuRatios))
	return errors.Join(ours.Close(), theirs.Close())
}

// turn publishes one turn's messages.
func turn(publisher message.Publisher, topic string) (wall, cpu time.Duration, err error) {
	var left atomic.Int64
	left.Store(int64(*messages))
	var wg sync.WaitGroup
	errs := make(chan error, *callers)
	began, spent := time.Now(), cpuTime()
	for range *callers {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				if err := publisher.Publish(topic, message.NewMessage(watermill.NewUUID(), value)); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	return time.Since(began), cpuTime() - spent, <-errs
}

func cpuTime() time.Duration {
	var used unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &used); err != nil {
		panic(err) // of this process, it is always known
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
