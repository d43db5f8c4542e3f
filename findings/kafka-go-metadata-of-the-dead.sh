#!/usr/bin/env bash
# github.com/segmentio/kafka-go v0.4.51 (broker: franz-go's kfake v0.0.0-20260918054303-01f206a7e32c): Client.Metadata goes on to answer,
# with no error, when every broker has been gone for many times the metadata's time to live.
#
# Expected: an error once what is remembered is older than Transport.MetadataTTL, which is "TTL for the metadata cached by this transport"
# and "an upper bound".
# Why: the transport answers metadata from memory, and an update that fails leaves there what was known before (connPool.update).
# For us: whether brokers answer is asked with ApiVersions, which is always sent; the topics that a client knows are believed only as
# far as the next request to a partition's leader goes well.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kfake"
)

const ttl = 100 * time.Millisecond

func main() {
	broker, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "events"))
	if err != nil {
		panic(err)
	}
	client := &kafka.Client{Addr: kafka.TCP(broker.ListenAddrs()...), Timeout: 5 * time.Second, Transport: &kafka.Transport{MetadataTTL: ttl}}
	ask("broker there", client)
	broker.Close()
	time.Sleep(20 * ttl)
	ask("broker gone for 20 times the TTL", client)
}

func ask(when string, client *kafka.Client) {
	ctx := context.Background()
	topics := 0
	meta, err := client.Metadata(ctx, &kafka.MetadataRequest{Topics: []string{"events"}})
	if err == nil {
		for _, topic := range meta.Topics {
			if topic.Error == nil {
				topics++
			}
		}
	}
	fmt.Printf("%s: Metadata: %s, %d topic, %d broker", when, outcome(err), topics, len(meta.Brokers))
	_, err = client.ApiVersions(ctx, &kafka.ApiVersionsRequest{})
	fmt.Printf("; ApiVersions: %s\n", outcome(err))
}

func outcome(err error) string {
	if err != nil {
		return "error"
	}
	return "no error"
}
GO
export GOWORK=off
go mod init finding
go get github.com/segmentio/kafka-go@v0.4.51 github.com/twmb/franz-go/pkg/kfake@v0.0.0-20260918054303-01f206a7e32c github.com/twmb/franz-go@v1.22.2

diff - <(go run .) <<'SEEN' && echo "as described"
broker there: Metadata: no error, 1 topic, 1 broker; ApiVersions: no error
broker gone for 20 times the TTL: Metadata: no error, 1 topic, 1 broker; ApiVersions: error
SEEN
