package kafka

import (
	"context"
	"errors"
	"fmt"
	"sync"

	kafkago "github.com/segmentio/kafka-go"
)

// Client is the process's one connection pool to the brokers, and what is made
// on it. It is safe for concurrent use.
//
// There should be one per process: each pool polls metadata on its own, so a
// topic made through one client is unknown to another for up to MetadataTTL.
type Client struct {
	opts      Options
	kafka     *kafkago.Client
	transport *transport
	conns     *connSet
	quiet     quiet

	mu     sync.Mutex
	topics map[string][]int // partitions by topic; fixed for a topic's life
}

// New returns a Client. It does not connect: brokers that are down show up as
// errors or retries of the first call.
func New(opts Options) (*Client, error) {
	if len(opts.Brokers) == 0 {
		return nil, errors.New("creating kafka client: no brokers given")
	}
	opts = opts.withDefaults()
	conns := newConnSet(opts.Dial)
	pools := &transport{pools: &kafkago.Transport{
		Dial:        conns.dial,
		ClientID:    opts.ClientID,
		TLS:         opts.TLS,
		SASL:        opts.SASL,
		MetadataTTL: opts.MetadataTTL,
	}}
	return &Client{
		opts:      opts,
		transport: pools,
		conns:     conns,
		topics:    make(map[string][]int),
		kafka: &kafkago.Client{
			Addr:      kafkago.TCP(opts.Brokers...),
			Timeout:   opts.RequestTimeout,
			Transport: pools,
		},
	}, nil
}

// Close cuts all connections and waits for the requests that were on them,
// which takes RequestTimeout at the worst. Publishers and subscribers should be
// closed first; what is left fails. It is idempotent.
func (c *Client) Close() error {
	c.transport.close(c.conns.close)
	return nil
}

// ClusterID is the broker's name for itself. The embedded broker draws a new
// one when its directory is new, so a changed id means that remembered offsets
// belong to another log, even when they happen to be in range.
func (c *Client) ClusterID(ctx context.Context) (string, error) {
	// A topic list, even an empty one, keeps the answer small.
	resp, err := c.kafka.Metadata(ctx, &kafkago.MetadataRequest{Topics: []string{}})
	if err != nil {
		return "", fmt.Errorf("reading cluster id: %w", err)
	}
	return resp.ClusterID, nil
}
