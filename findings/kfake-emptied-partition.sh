#!/usr/bin/env bash
# github.com/twmb/franz-go/pkg/kfake v0.0.0-20260918054303-01f206a7e32c (with franz-go v1.22.2): a partition whose records were all
# deleted begins anew at offset 0 when the broker is closed and opened again on its data folder. What a consumer group committed
# stays, so the group stands beyond the end, and the next records get offsets that it was told were done.
#
# Expected: the high watermark survives, as in Kafka and as it does here with one record left.
# Why: on opening, the saved state of a partition counts only if there is at least one segment file.
# For us: the janitor of the stream always leaves the last batch, and places in a log are compared with the ledger's at start.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

func main() {
	for _, upTo := range []int64{9, 10} {
		folder, err := os.MkdirTemp(".", "data")
		must(err)
		broker := open(folder)
		produce(broker, 10)
		consume(broker, 10)
		must(broker.DeleteRecords("events", 0, upTo))
		fmt.Printf("10 produced, deleted up to %d: %s\n", upTo, offsets(broker))
		broker.Close()
		broker = open(folder)
		fmt.Printf("  opened again: %s\n", offsets(broker))
		produce(broker, 1)
		fmt.Printf("  1 produced: %s\n", offsets(broker))
		broker.Close()
	}
}

func open(folder string) *kfake.Cluster {
	broker, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "events"), kfake.DataDir(folder), kfake.SyncWrites())
	must(err)
	return broker
}

// produce sends records one by one, so that each is a batch.
func produce(broker *kfake.Cluster, records int) {
	client, err := kgo.NewClient(kgo.SeedBrokers(broker.ListenAddrs()...))
	must(err)
	defer client.Close()
	for range records {
		must(client.ProduceSync(context.Background(), &kgo.Record{Topic: "events", Value: []byte("sale")}).FirstErr())
	}
}

// consume reads records as a group and commits them.
func consume(broker *kfake.Cluster, records int) {
	client, err := kgo.NewClient(kgo.SeedBrokers(broker.ListenAddrs()...), kgo.ConsumerGroup("shop"), kgo.ConsumeTopics("events"),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.DisableAutoCommit())
	must(err)
	defer client.Close()
	for got := 0; got < records; {
		got += client.PollFetches(context.Background()).NumRecords()
	}
	must(client.CommitUncommittedOffsets(context.Background()))
}

func offsets(broker *kfake.Cluster) string {
	p := broker.PartitionInfo("events", 0)
	return fmt.Sprintf("first %d, end %d, group at %d", p.LogStartOffset, p.HighWatermark, broker.GroupInfo("shop").Commits["events"][0].Offset)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
GO
export GOWORK=off
go mod init finding
go get github.com/twmb/franz-go/pkg/kfake@v0.0.0-20260918054303-01f206a7e32c github.com/twmb/franz-go@v1.22.2

diff - <(go run .) <<'SEEN' && echo "as described"
10 produced, deleted up to 9: first 9, end 10, group at 10
  opened again: first 9, end 10, group at 10
  1 produced: first 9, end 11, group at 10
10 produced, deleted up to 10: first 10, end 10, group at 10
  opened again: first 0, end 0, group at 10
  1 produced: first 0, end 1, group at 10
SEEN
