package kafka

import (
	"context"
	"errors"
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

	queue   []*entry // guarded by publisher.mu, like running
	running bool
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
		err := l.send(batch)
		l.release(batch) // before the callers are told: what they wait for is what counts as queued
		for _, e := range batch {
			e.call.settle(err)
		}
	}
}

// take removes the next batch from the queue. Entries whose call has ended are
// dropped: nobody waits for them, and their caller was told.
func (l *lane) take() []*entry {
	p := l.publisher
	p.mu.Lock()
	defer p.mu.Unlock()
	var batch []*entry
	size, taken := 0, 0
	for _, e := range l.queue {
		if e.call.ended() {
			p.records--
			p.bytes -= e.size
			taken++
			continue
		}
		if len(batch) == p.opts.MaxBatchRecords || (len(batch) > 0 && size+e.size > p.opts.MaxBatchBytes) {
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
		err = resp.Error
	}
	if errors.Is(err, kafkago.UnknownTopicOrPartition) {
		p.client.forget(l.topic)
	}
	return err
}
