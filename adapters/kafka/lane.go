package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	kafkago "github.com/segmentio/kafka-go"
)

type laneKey struct {
	topic     string
	partition int
}

// lane is the queue of one partition. Its goroutine lives while there is
// something to send, and has at most one request in flight: that is what keeps
// the order when a request has to be repeated.
type lane struct {
	laneKey
	publisher *Publisher

	queue   []*entry // guarded by publisher.mu, like the others
	running bool
	limit   int // bytes that a batch may have, once the broker has refused more; 0: not known
}

// entry is one message in a lane.
type entry struct {
	call    *call
	msg     *message.Message
	key     []byte
	headers []Header
	time    time.Time
	size    int
}

func (l *lane) run() {
	for {
		batch := l.take()
		if len(batch) == 0 {
			return
		}
		l.deliver(batch)
	}
}

// deliver sends a batch and tells its callers. One that the broker refuses as
// too large, though each of its records may not be, goes in halves and in order.
func (l *lane) deliver(batch []*entry) {
	err := l.send(batch)
	tooLarge := errors.Is(err, kafkago.MessageSizeTooLarge) || errors.Is(err, kafkago.RecordListTooLarge)
	if tooLarge && len(batch) > 1 {
		l.shrink(batch)
		middle := len(batch) / 2
		l.deliver(batch[:middle])
		l.deliver(batch[middle:])
		return
	}
	if tooLarge {
		err = fmt.Errorf("%w: %d bytes: %w", ErrMessageTooLarge, batch[0].size, err)
	}
	l.release(batch) // before the callers are told: what they wait for is what counts as queued
	for _, e := range batch {
		e.call.settle(err)
	}
}

// shrink has later batches be half as large as one that was refused.
func (l *lane) shrink(refused []*entry) {
	size := 0
	for _, e := range refused {
		size += e.size
	}
	p := l.publisher
	p.mu.Lock()
	defer p.mu.Unlock()
	if l.limit == 0 {
		p.client.opts.Logger.Warn("broker refuses a batch as too large; sending smaller ones",
			"topic", l.topic, "partition", l.partition, "records", len(refused), "bytes", size)
	}
	if l.limit == 0 || size/2 < l.limit {
		l.limit = size / 2
	}
}

// take removes the next batch from the queue. Entries whose call has ended are
// dropped: nobody waits for them, and their caller was told.
func (l *lane) take() []*entry {
	p := l.publisher
	p.mu.Lock()
	defer p.mu.Unlock()
	limit := p.opts.MaxBatchBytes
	if l.limit > 0 {
		limit = min(limit, l.limit)
	}
	var batch []*entry
	size, taken := 0, 0
	for _, e := range l.queue {
		if e.call.ended() {
			p.records--
			p.bytes -= e.size
			taken++
			continue
		}
		if len(batch) == p.opts.MaxBatchRecords || (len(batch) > 0 && size+e.size > limit) {
			break
		}
		batch = append(batch, e)
		size += e.size
		taken++
	}
	clear(l.queue[:taken]) // let go of what was taken before the array is
	l.queue = l.queue[taken:]
	if len(batch) == 0 {
		l.queue, l.running = nil, false
	}
	return batch
}

func (l *lane) release(batch []*entry) {
	p := l.publisher
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range batch {
		p.records--
		p.bytes -= e.size
	}
}

// send produces a batch until it is durable, cannot be, or nobody waits for it
// any more (each call ends by its DeliveryTimeout).
func (l *lane) send(batch []*entry) error {
	wait := l.publisher.client.backoff()
	for {
		live := make([]*entry, 0, len(batch))
		for _, e := range batch {
			if !e.call.ended() {
				live = append(live, e)
			}
		}
		if len(live) == 0 {
			return nil
		}
		if quiet := l.publisher.client.quietFor(); quiet > 0 {
			pause(live, quiet)
			continue
		}
		err := l.produce(live)
		if err == nil || !retriable(err) {
			return err
		}
		if wait.attempt == 0 {
			l.publisher.client.opts.Logger.Warn("producing fails; retrying",
				"topic", l.topic, "partition", l.partition, "records", len(live), "error", err)
		}
		pause(live, wait.next())
	}
}

// pause waits, but not for longer than somebody waits for one of the entries.
func pause(entries []*entry, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for _, e := range entries {
		select {
		case <-e.call.done:
		case <-timer.C:
			return
		}
	}
}

// produce makes one request with acks=all.
func (l *lane) produce(batch []*entry) error {
	p := l.publisher
	records := make([]kafkago.Record, len(batch))
	for i, e := range batch {
		records[i] = kafkago.Record{
			Time:    e.time,
			Key:     kafkago.NewBytes(e.key),
			Value:   kafkago.NewBytes(e.msg.Payload),
			Headers: e.headers,
		}
	}
	// The request serves many callers: one that gives up must not end it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(batch[0].msg.Context()), p.opts.ProduceTimeout)
	defer cancel()
	resp, err := p.client.kafka.Produce(ctx, &kafkago.ProduceRequest{
		Topic:        l.topic,
		Partition:    l.partition,
		RequiredAcks: kafkago.RequireAll,
		Compression:  p.opts.Compression,
		Records:      kafkago.NewRecordReader(records...),
	})
	if err == nil {
		p.client.obey(resp.Throttle, l.topic)
		err = resp.Error
	}
	if errors.Is(err, kafkago.UnknownTopicOrPartition) {
		p.client.forget(l.topic)
	}
	return err
}
