package kafka

import (
	"context"
	"sync"
	"time"

	kafkago "github.com/segmentio/kafka-go"
)

const (
	// pulseAge is how long an answer counts, pulsePatience how long one is
	// waited for, pulseTries how often it is asked: the first to find a
	// connection cut gets an error although the broker is back.
	pulseAge      = time.Second
	pulsePatience = 2 * time.Second
	pulseTries    = 3
)

// Pulse says whether brokers answer, to whoever asks often. It is safe for
// concurrent use.
type Pulse struct {
	Client *Client

	mu  sync.Mutex
	at  time.Time
	err error
}

// Err is nil, or why no broker answers. They are asked at most every second,
// and whoever asks meanwhile waits for that answer.
func (p *Pulse) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.Client.opts.Now
	if p.at.IsZero() || now().Sub(p.at) >= pulseAge {
		p.err = p.Client.ask()
		p.at = now()
	}
	return p.err
}

// ask asks a broker something that the connection pool does not know: metadata
// it answers itself, from what it heard last.
func (c *Client) ask() error {
	ctx, cancel := context.WithTimeout(context.Background(), pulsePatience)
	defer cancel()
	wait := c.backoff()
	for try := 1; ; try++ {
		_, err := c.kafka.ApiVersions(ctx, &kafkago.ApiVersionsRequest{})
		if err == nil || !retriable(err) || try == pulseTries || !wait.wait(ctx) {
			return err
		}
	}
}
