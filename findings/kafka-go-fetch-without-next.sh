#!/usr/bin/env bash
# github.com/segmentio/kafka-go v0.4.51 (broker: franz-go's kfake v0.0.0-20260918054303-01f206a7e32c; Apache Kafka 4.1.1 answers alike):
# a fetch that meets only the marker at the end of a transaction returns no record and no error, with the high watermark ahead, and
# nothing in the FetchResponse says where to go on. Who goes on behind the last record, as its documentation of Records has it done,
# asks for the same offset again; on Kafka, where an answer never crosses a segment, for ever. The same happens at batches that compaction
# emptied, or whose last records it took.
#
# Expected: a record, an error, or the next offset. "kafka may return record batches that start at an offset before the one that was
# requested. It is the program's responsibility to skip the offsets that it is not interested in" is all that is said.
# Why: RecordStream leaves control batches out, and readFromVersion2 drops each batch's lastOffsetDelta as unused.
# For us: adapters/kafka sends the fetch through kafka-go and decodes the answer itself.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >main.go <<'GO'
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

func main() {
	ctx := context.Background()
	broker, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "plain", "transactions"))
	must(err)
	defer broker.Close()
	addresses := broker.ListenAddrs()

	producer, err := kgo.NewClient(kgo.SeedBrokers(addresses...))
	must(err)
	must(producer.ProduceSync(ctx, &kgo.Record{Topic: "plain", Value: []byte("sale")}).FirstErr())
	producer.Close()
	transactional, err := kgo.NewClient(kgo.SeedBrokers(addresses...), kgo.TransactionalID("shop"))
	must(err)
	must(transactional.BeginTransaction())
	must(transactional.ProduceSync(ctx, &kgo.Record{Topic: "transactions", Value: []byte("sale")}).FirstErr())
	must(transactional.EndTransaction(ctx, kgo.TryCommit))
	transactional.Close()

	client := &kafka.Client{Addr: kafka.TCP(addresses...), Timeout: 10 * time.Second}
	for _, topic := range []string{"plain", "transactions"} {
		next := int64(0)
		for range 4 {
			resp, err := client.Fetch(ctx, &kafka.FetchRequest{Topic: topic, Offset: next, MinBytes: 1, MaxBytes: 1 << 20, MaxWait: 100 * time.Millisecond})
			must(err)
			must(resp.Error)
			records, asked := 0, next
			for {
				record, err := resp.Records.ReadRecord()
				if errors.Is(err, io.EOF) {
					break
				}
				must(err)
				records++
				next = record.Offset + 1
			}
			fmt.Printf("%s: fetch at %d: %d records, high watermark %d\n", topic, asked, records, resp.HighWatermark)
		}
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
GO
export GOWORK=off
go mod init finding
go get github.com/segmentio/kafka-go@v0.4.51 github.com/twmb/franz-go/pkg/kfake@v0.0.0-20260918054303-01f206a7e32c github.com/twmb/franz-go@v1.22.2

diff - <(go run .) <<'SEEN' && echo "as described"
plain: fetch at 0: 1 records, high watermark 1
plain: fetch at 1: 0 records, high watermark 1
plain: fetch at 1: 0 records, high watermark 1
plain: fetch at 1: 0 records, high watermark 1
transactions: fetch at 0: 1 records, high watermark 2
transactions: fetch at 1: 0 records, high watermark 2
transactions: fetch at 1: 0 records, high watermark 2
transactions: fetch at 1: 0 records, high watermark 2
SEEN
