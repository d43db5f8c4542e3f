package kafka

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"time"

	"github.com/segmentio/kafka-go/sasl"
)

// FirstOffset, as a start offset, means the first record that the partition
// still has. It never causes a Gap.
const FirstOffset int64 = -2

var (
	// ErrClosed is returned by calls on a closed Client, Publisher or
	// Subscriber.
	ErrClosed = errors.New("kafka client is closed")

	// ErrQueueFull is returned by Publish when the publisher's queue has no
	// room for the call. Nothing of the call was sent.
	ErrQueueFull = errors.New("publish queue is full")

	// ErrMessageTooLarge is returned by Publish for a message that does not
	// fit into one produce request, and then nothing of the call was sent, or
	// that is over the topic's limit: then its other messages may be durable.
	ErrMessageTooLarge = errors.New("message is too large")

	// ErrDeliveryTimeout is returned by Publish when the broker did not
	// acknowledge within DeliveryTimeout. The records may still be there.
	ErrDeliveryTimeout = errors.New("delivery timed out")

	// ErrUnknownTopic is returned when the broker does not have the topic.
	ErrUnknownTopic = errors.New("unknown topic")

	// ErrPartitionCount is returned by EnsureTopics when a topic exists with
	// another number of partitions. Keys would move between partitions, so
	// growing means a new topic.
	ErrPartitionCount = errors.New("topic has another number of partitions")
)

// DialFunc opens a connection to a broker.
type DialFunc func(ctx context.Context, network, addr string) (net.Conn, error)

// Options configure a Client. Only Brokers is required.
type Options struct {
	// Brokers are the bootstrap addresses, host:port.
	Brokers []string

	// Dial replaces the TCP dialer. The embedded broker gives its own.
	Dial DialFunc

	// ClientID names this program in the broker's logs. Default "evenstock".
	ClientID string

	// TLS and SASL secure connections to brokers that ask for it. Secure sets
	// them.
	TLS  *tls.Config
	SASL sasl.Mechanism

	// MetadataTTL bounds the age of what the client knows about topics and
	// leaders; recovery from a changed leader takes up to this long.
	// Default 1 s.
	MetadataTTL time.Duration

	// RequestTimeout bounds one request. Default 10 s.
	RequestTimeout time.Duration

	// BackoffMin and BackoffMax bound the jittered exponential wait between
	// attempts. Default 50 ms and 2 s.
	BackoffMin time.Duration
	BackoffMax time.Duration

	// Logger takes what the client cannot return to a caller. Default:
	// discard.
	Logger *slog.Logger

	// Now stamps records. Default time.Now.
	Now func() time.Time
}

func (o Options) withDefaults() Options {
	o.ClientID = cmp.Or(o.ClientID, "evenstock")
	o.MetadataTTL = cmp.Or(o.MetadataTTL, time.Second)
	o.RequestTimeout = cmp.Or(o.RequestTimeout, 10*time.Second)
	o.BackoffMin = cmp.Or(o.BackoffMin, 50*time.Millisecond)
	o.BackoffMax = cmp.Or(o.BackoffMax, 2*time.Second)
	o.Logger = cmp.Or(o.Logger, slog.New(slog.DiscardHandler))
	if o.Dial == nil {
		o.Dial = (&net.Dialer{Timeout: 3 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}
