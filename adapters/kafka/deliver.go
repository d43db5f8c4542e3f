package kafka

import (
	"context"
	"sync"

	"github.com/ThreeDotsLabs/watermill/message"
)

// deliverer hands one partition's records to a subscription's channel and
// keeps account of which were acknowledged.
type deliverer struct {
	fetcher fetcher
	out     chan<- *message.Message
	nacks   backoff       // copied for each message
	slots   chan struct{} // one per message that may be unacknowledged
	window  window
	wg      sync.WaitGroup // messages out for acknowledgement
}

// run delivers until ctx ends. When it returns nothing is sent any more.
func (d *deliverer) run(ctx context.Context) {
	defer d.wg.Wait()
	for {
		s, err := d.fetcher.read(ctx)
		if err != nil {
			return
		}
		for _, record := range s.records {
			select {
			case d.slots <- struct{}{}:
			case <-ctx.Done():
				return
			}
			if !d.deliver(ctx, record) {
				return
			}
		}
	}
}

// deliver sends one record and, when the receiver has it, lets a goroutine wait
// for the acknowledgement. So first deliveries are always in order; it is the
// window that says how many are out. It reports false when ctx has ended.
func (d *deliverer) deliver(ctx context.Context, record Record) bool {
	slot := d.window.push(record.Offset)
	msg, cancel := d.message(ctx, record)
	if !d.send(ctx, msg) {
		cancel()
		return false
	}
	d.wg.Go(func() {
		if d.await(ctx, record, msg, cancel) {
			d.window.ack(slot)
			<-d.slots
		}
	})
	return true
}

// await waits until the record is acknowledged, sending it again after each
// nack. It reports false when ctx ended before.
func (d *deliverer) await(ctx context.Context, record Record, msg *message.Message, cancel context.CancelFunc) bool {
	wait := d.nacks
	for {
		select {
		case <-msg.Acked():
			cancel()
			return true
		case <-msg.Nacked():
			cancel()
		case <-ctx.Done():
			cancel()
			select {
			case <-msg.Acked(): // both were ready: the work is done
				return true
			default:
				return false
			}
		}
		if !wait.wait(ctx) {
			return false
		}
		// Ack and nack of a message are for once: the repeat is a new one.
		msg, cancel = d.message(ctx, record)
		if !d.send(ctx, msg) {
			cancel()
			return false
		}
	}
}

func (d *deliverer) send(ctx context.Context, msg *message.Message) bool {
	select {
	case d.out <- msg:
		return true
	case <-ctx.Done():
		return false
	}
}

func (d *deliverer) message(ctx context.Context, record Record) (*message.Message, context.CancelFunc) {
	msg := record.Message()
	ctx = context.WithValue(ctx, positionKey{}, Position{Topic: d.fetcher.topic, Partition: d.fetcher.partition, Offset: record.Offset})
	ctx, cancel := context.WithCancel(ctx)
	msg.SetContext(ctx)
	return msg, cancel
}

// window is the account of one partition's deliveries. Only the run of
// acknowledged offsets at its beginning may be committed, so a crash repeats
// what is out but loses nothing.
type window struct {
	mu    sync.Mutex
	slots []*slot // in offset order
	next  int64   // offset to commit, valid if moved
	moved bool    // there is something that was not committed
}

type slot struct {
	offset int64
	acked  bool
}

func (w *window) push(offset int64) *slot {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := &slot{offset: offset}
	w.slots = append(w.slots, s)
	return s
}

func (w *window) ack(s *slot) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s.acked = true
	for len(w.slots) > 0 && w.slots[0].acked {
		w.next, w.moved = w.slots[0].offset+1, true
		w.slots = w.slots[1:]
	}
}

// commit returns the offset to commit if it has moved since the last call.
func (w *window) commit() (int64, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	moved := w.moved
	w.moved = false
	return w.next, moved
}

// uncommit takes commit back after the broker refused it.
func (w *window) uncommit() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.moved = true
}
