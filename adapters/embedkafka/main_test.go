package embedkafka

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	kafkago "github.com/segmentio/kafka-go"
	"go.uber.org/goleak"
)

// childDir, when set, makes the test binary a broker with producers on that
// directory, for somebody to kill.
const childDir = "EMBEDKAFKA_TEST_CHILD_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := produceForever(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

const (
	killTopic      = "events"
	killPartitions = 4
	killProducers  = 8
)

// produceForever writes the id of each acknowledged record to standard output.
// The environment says which life this is, so that ids are never used twice.
func produceForever(dir string) error {
	b, err := Open(Options{Dir: dir, MinFreeBytes: -1})
	if err != nil {
		return err
	}
	client := newClient(b)
	if err := createTopic(client, killTopic, killPartitions); err != nil {
		return err
	}
	life := os.Getenv("EMBEDKAFKA_TEST_LIFE")
	var mu sync.Mutex
	out := bufio.NewWriter(os.Stdout)
	errs := make(chan error, killProducers)
	for producer := range killProducers {
		go func() {
			for n := 0; ; n++ {
				id := fmt.Sprintf("%s-%d-%d", life, producer, n)
				if _, err := produce(client, killTopic, producer%killPartitions, id); err != nil {
					errs <- err
					return
				}
				mu.Lock()
				fmt.Fprintln(out, id)
				_ = out.Flush()
				mu.Unlock()
			}
		}()
	}
	return <-errs
}

// patience bounds what a test waits for. It is generous: on success nobody waits for it.
const patience = 2 * time.Minute

func newClient(b *Broker) *kafkago.Client {
	return &kafkago.Client{
		Addr:    kafkago.TCP(b.Addr()),
		Timeout: patience,
		Transport: &kafkago.Transport{
			Dial:        b.Dial,
			MetadataTTL: 200 * time.Millisecond,
		},
	}
}

func createTopic(client *kafkago.Client, topic string, partitions int, configs ...kafkago.ConfigEntry) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		resp, err := client.CreateTopics(ctx, &kafkago.CreateTopicsRequest{Topics: []kafkago.TopicConfig{
			{Topic: topic, NumPartitions: partitions, ReplicationFactor: 1, ConfigEntries: configs},
		}})
		if err == nil {
			err = resp.Errors[topic]
		}
		if err == nil || errors.Is(err, kafkago.TopicAlreadyExists) {
			return nil
		}
		if ctx.Err() != nil || !errors.Is(err, kafkago.BrokerNotAvailable) {
			return err
		}
	}
}

// produce writes one record and returns its offset.
func produce(client *kafkago.Client, topic string, partition int, value string) (int64, error) {
	resp, err := client.Produce(context.Background(), &kafkago.ProduceRequest{
		Topic: topic, Partition: partition, RequiredAcks: kafkago.RequireAll,
		Records: kafkago.NewRecordReader(kafkago.Record{Value: kafkago.NewBytes([]byte(value))}),
	})
	if err == nil {
		err = resp.Error
	}
	if err != nil {
		return 0, fmt.Errorf("producing: %w", err)
	}
	return resp.BaseOffset, nil
}

// values reads a partition from an offset to its high watermark.
func values(t testing.TB, b *Broker, client *kafkago.Client, topic string, partition int, from int64) []string {
	t.Helper()
	parts, err := b.Partitions(topic)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for next, end := from, parts[partition].HighWater; next < end; {
		resp, err := client.Fetch(context.Background(), &kafkago.FetchRequest{
			Topic: topic, Partition: partition, Offset: next, MinBytes: 1, MaxBytes: 1 << 20, MaxWait: time.Second,
		})
		if err == nil {
			err = resp.Error
		}
		if err != nil {
			t.Fatal(err)
		}
		for {
			record, err := resp.Records.ReadRecord()
			if err != nil {
				break
			}
			if record.Offset < next {
				continue
			}
			value, err := kafkago.ReadAll(record.Value)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, string(value))
			next = record.Offset + 1
		}
	}
	return out
}
