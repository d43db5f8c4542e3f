package kafka

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	fetchapi "github.com/segmentio/kafka-go/protocol/fetch"
)

const (
	// correlation is the same for all fetches: a connection has one request
	// under way.
	correlation = 1

	// maxAnswerBytes bounds what a broker may announce. It answers with one
	// batch at least, whatever a fetch asked for.
	maxAnswerBytes = 1 << 30

	// firstFetchVersion is that of Kafka 0.11, the first with the batches that
	// decodeBatches reads.
	firstFetchVersion = 4
)

// fetchRequest is kafka-go's, but its answer is kept as it came. What kafka-go
// makes of an answer does not say where its batches end, so nobody who reads
// that could go on behind a batch without records.
type fetchRequest struct {
	fetchapi.Request
	clientID string
	version  int16 // of the connection that the request goes out on
}

var _ protocol.RawExchanger = (*fetchRequest)(nil)

// Required takes the version that the connection's broker was found to speak.
func (r *fetchRequest) Required(versions map[protocol.ApiKey]int16) bool {
	r.version = versions[protocol.Fetch]
	return true
}

// RawExchange sends the request and reads the answer.
func (r *fetchRequest) RawExchange(rw io.ReadWriter) (protocol.Message, error) {
	if r.version < firstFetchVersion {
		return nil, fmt.Errorf("fetch version %d: %w", r.version, kafkago.UnsupportedVersion)
	}
	if err := protocol.WriteRequest(rw, r.version, correlation, r.clientID, &r.Request); err != nil {
		return nil, err
	}
	var head [8]byte
	if _, err := io.ReadFull(rw, head[:]); err != nil {
		return nil, err
	}
	size, id := int32(binary.BigEndian.Uint32(head[:4])), int32(binary.BigEndian.Uint32(head[4:]))
	if size < 4 || size > maxAnswerBytes || id != correlation {
		return nil, fmt.Errorf("fetch answer of %d bytes to request %d: %w", size, id, errMalformed)
	}
	body := make([]byte, size-4)
	if _, err := io.ReadFull(rw, body); err != nil {
		return nil, err
	}
	return &fetchAnswer{version: r.version, body: body}, nil
}

// fetchAnswer is an answer without its size and correlation id.
type fetchAnswer struct {
	version int16
	body    []byte
}

// ApiKey makes it a protocol.Message.
func (*fetchAnswer) ApiKey() protocol.ApiKey { return protocol.Fetch }

// fetched is what a broker says of one partition.
type fetched struct {
	highWater int64
	stable    int64 // offset before which every transaction has ended
	throttle  time.Duration
	aborted   []abortedTransaction
	batches   []byte
}

// errMalformed: an answer is not what the protocol says.
var errMalformed = errors.New("malformed answer")

// fetched reads the answer to a request for one partition.
func (a *fetchAnswer) fetched() (fetched, error) {
	var f fetched
	c := cursor{rest: a.body}
	f.throttle = time.Duration(c.int32()) * time.Millisecond
	var code int16
	if a.version >= 7 {
		code = c.int16()
		c.int32() // session, which we have none of
	}
	if topics := c.int32(); topics > 0 {
		c.bytes(int(c.int16())) // its name
		if partitions := c.int32(); partitions > 0 {
			c.int32() // its number
			if failed := c.int16(); failed != 0 {
				code = failed
			}
			f.highWater, f.stable = c.int64(), c.int64()
			if a.version >= 5 {
				c.int64() // the first offset
			}
			for range c.int32() {
				f.aborted = append(f.aborted, abortedTransaction{producer: c.int64(), first: c.int64()})
				if c.failed {
					break
				}
			}
			if a.version >= 11 {
				c.int32() // a nearer replica, which we do not ask for
			}
			f.batches = c.bytes(int(c.int32()))
		}
	}
	if code != 0 {
		return fetched{}, kafkago.Error(code)
	}
	if c.failed {
		return fetched{}, fmt.Errorf("fetch answer: %w", errMalformed)
	}
	return f, nil
}

// fetchPartition asks a partition's leader once. Transactions that have not
// ended hold the answer back, so that what they abort can be told apart.
func (c *Client) fetchPartition(ctx context.Context, topic string, partition int, offset int64, maxBytes int, maxWait time.Duration) (fetched, error) {
	if err := c.awaitQuiet(ctx); err != nil {
		return fetched{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, c.opts.RequestTimeout)
	defer cancel()
	wait := min(maxWait, c.opts.RequestTimeout/2) // the broker's wait must end before ours
	resp, err := c.transport.RoundTrip(ctx, c.kafka.Addr, &fetchRequest{clientID: c.opts.ClientID, Request: fetchapi.Request{
		ReplicaID:      -1,
		MaxWaitTime:    int32(wait.Milliseconds()),
		MinBytes:       1,
		MaxBytes:       int32(maxBytes),
		IsolationLevel: int8(kafkago.ReadCommitted),
		SessionID:      -1,
		SessionEpoch:   -1,
		Topics: []fetchapi.RequestTopic{{Topic: topic, Partitions: []fetchapi.RequestPartition{{
			Partition:          int32(partition),
			CurrentLeaderEpoch: -1,
			FetchOffset:        offset,
			LogStartOffset:     -1,
			PartitionMaxBytes:  int32(maxBytes),
		}}}},
	}})
	if err != nil {
		return fetched{}, err
	}
	answer, err := resp.(*fetchAnswer).fetched()
	c.obey(answer.throttle, topic)
	return answer, err
}
