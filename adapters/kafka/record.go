package kafka

import (
	"context"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	kafkago "github.com/segmentio/kafka-go"
)

const (
	// MetadataKey is the message metadata that holds the record's key.
	// Messages with the same key keep their order. Without it the message's
	// UUID is the key.
	MetadataKey = "key"

	// UUIDHeader is the record header that carries the message's UUID; the
	// name is that of Watermill's own Kafka Pub/Sub.
	UUIDHeader = "_watermill_message_uuid"
)

// Header is a name and a value beside a record's value.
type Header = kafkago.Header

// Record is one record of a partition. Its bytes lie among those that were
// fetched with it: keeping a part of one keeps all.
type Record struct {
	Offset  int64
	Key     []byte
	Value   []byte
	Headers []Header
	Time    time.Time // when the producer made it, to the millisecond
}

// Message returns the record as the Watermill message that was published.
func (r Record) Message() *message.Message {
	msg := message.NewMessage("", r.Value)
	for _, h := range r.Headers {
		if h.Key == UUIDHeader {
			msg.UUID = string(h.Value)
			continue
		}
		msg.Metadata[h.Key] = string(h.Value)
	}
	if key := string(r.Key); key != msg.UUID {
		msg.Metadata[MetadataKey] = key
	}
	return msg
}

// Position says where a message was read.
type Position struct {
	Topic     string
	Partition int
	Offset    int64
}

type positionKey struct{}

// PositionOf returns where the message with this context was read. It reports
// false for contexts of other messages.
func PositionOf(ctx context.Context) (Position, bool) {
	p, ok := ctx.Value(positionKey{}).(Position)
	return p, ok
}

// recordKey is the key by which a message is assigned to a partition.
func recordKey(msg *message.Message) []byte {
	if key := msg.Metadata[MetadataKey]; key != "" {
		return []byte(key)
	}
	return []byte(msg.UUID)
}

func recordHeaders(msg *message.Message) []Header {
	headers := make([]Header, 0, len(msg.Metadata)+1)
	headers = append(headers, Header{Key: UUIDHeader, Value: []byte(msg.UUID)})
	for name, value := range msg.Metadata {
		if name != MetadataKey {
			headers = append(headers, Header{Key: name, Value: []byte(value)})
		}
	}
	return headers
}
