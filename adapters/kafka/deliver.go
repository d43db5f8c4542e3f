package kafka

import (
	"context"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
)

// sweepInterval is how late it may be noticed that a message was acknowledged
// or refused which is not the oldest that is out.
const sweepInterval = 10 * time.Millisecond

// deliverer hands one partition's records to a subscription's channel and
// keeps account of which were acknowledged. One goroutine does it, so that a
// message costs none of its own; another fetches ahead, and each refused message
// has one until it is acknowledged.
type deliverer struct {
	fetcher fetcher
	out     chan<- *message.Message
	nacks   backoff // copied for each message
	limit   int     // messages that may be unacknowledged
	window  window

	values   context.Context // what messages see of the subscription's context
	free     int             // room in limit
	waiting  []*delivery     // out, in order
	returned chan struct{}   // a refused message was acknowledged
	sweep    *time.Timer
	armed    bool           // the timer runs
	wg       sync.WaitGroup // the other goroutines
}

// delivery is a record that is out for acknowledgement.
type delivery struct {
	record Record
	slot   slot
	msg    *message.Message
	ctx    messageContext
}

// run delivers until ctx ends. When it returns nothing is sent any more.
func (d *deliverer) run(ctx context.Context) {
	stretches := make(chan stretch)
	d.wg.Go(func() { d.fetchAhead(ctx, stretches) })
	defer d.wg.Wait()
	d.free, d.returned, d.values = d.limit, make(chan struct{}, d.limit), context.WithoutCancel(ctx)
	d.sweep = time.NewTimer(sweepInterval)
	d.armed = true
	defer d.sweep.Stop()
	defer d.abandon()

	var records []Record
	var next *delivery
	for {
		d.settle(ctx)
		var in <-chan stretch
		switch {
		case len(records) == 0 && next == nil:
			in = stretches
		case next == nil && d.free > 0:
			next = d.prepare(records[0])
			records = records[1:]
		}
		if sent, goesOn := d.move(ctx, in, next, &records); !goesOn {
			return
		} else if sent {
			d.window.push(&next.slot)
			d.waiting = append(d.waiting, next)
			d.free--
			next = nil
		}
	}
}

// move waits until something happens: the next message is taken, records come,
// or it may be that one was acknowledged. It reports false when ctx has ended.
func (d *deliverer) move(ctx context.Context, in <-chan stretch, next *delivery, records *[]Record) (sent, goesOn bool) {
	var out chan<- *message.Message
	var msg *message.Message
	if next != nil {
		out, msg = d.out, next.msg
		select { // which is quick when the receiver waits already
		case out <- msg:
			return true, true
		default:
		}
	}
	// A receiver that is slow is waited for with few channels, because waiting
	// for many costs more than all else: the sweep looks at what is out then.
	var acked, nacked, returned <-chan struct{}
	if next == nil {
		returned = d.returned
		if len(d.waiting) > 0 {
			acked, nacked = d.waiting[0].msg.Acked(), d.waiting[0].msg.Nacked()
		}
	}
	var sweep <-chan time.Time
	if d.armed {
		sweep = d.sweep.C
	}
	select {
	case out <- msg:
		return true, true
	case s, open := <-in:
		*records = s.records
		return false, open
	case <-sweep:
		d.armed = false
		d.settleAll(ctx)
	case <-returned:
		d.free++
	case <-acked:
	case <-nacked:
	case <-ctx.Done():
		return false, false
	}
	return false, true
}

func (d *deliverer) fetchAhead(ctx context.Context, out chan<- stretch) {
	defer close(out)
	for {
		s, err := d.fetcher.read(ctx)
		if err != nil {
			return
		}
		select {
		case out <- s:
		case <-ctx.Done():
			return
		}
	}
}

// settle notices what became of the oldest messages, and from time to time of
// the others.
func (d *deliverer) settle(ctx context.Context) {
	done := 0
	for done < len(d.waiting) && d.settled(ctx, d.waiting[done]) {
		d.waiting[done] = nil
		done++
	}
	if d.waiting = d.waiting[done:]; len(d.waiting) == 0 {
		return
	}
	if !d.armed {
		d.sweep.Reset(sweepInterval)
		d.armed = true
		return
	}
	select {
	case <-d.sweep.C:
		d.armed = false
		d.settleAll(ctx)
	default:
	}
}

func (d *deliverer) settleAll(ctx context.Context) {
	left := d.waiting[:0]
	for _, out := range d.waiting {
		if !d.settled(ctx, out) {
			left = append(left, out)
		}
	}
	clear(d.waiting[len(left):])
	d.waiting = left
}

// settled reports whether a message is not waited for any more: it was
// acknowledged, or refused and is another goroutine's.
func (d *deliverer) settled(ctx context.Context, out *delivery) bool {
	select {
	case <-out.msg.Acked():
		out.ctx.end()
		d.window.ack(&out.slot)
		d.free++
	case <-out.msg.Nacked():
		out.ctx.end()
		d.wg.Go(func() {
			if d.redeliver(ctx, out.record) {
				d.window.ack(&out.slot)
				d.returned <- struct{}{} // which has room for all that can be out
			}
		})
	default:
		return false
	}
	return true
}

// abandon lets go of what is out: what was acknowledged counts, the rest
// belongs to whoever reads the partition next.
func (d *deliverer) abandon() {
	for _, out := range d.waiting {
		select {
		case <-out.msg.Acked():
			d.window.ack(&out.slot)
		default:
		}
		out.ctx.end()
	}
}

// redeliver sends a refused record again after a wait, until it is
// acknowledged. It reports false when ctx ended before.
func (d *deliverer) redeliver(ctx context.Context, record Record) bool {
	wait := d.nacks
	for wait.wait(ctx) {
		// Ack and nack of a message are for once: the repeat is a new one.
		out := d.prepare(record)
		select {
		case d.out <- out.msg:
		case <-ctx.Done():
			out.ctx.end()
			return false
		}
		select {
		case <-out.msg.Acked():
			out.ctx.end()
			return true
		case <-out.msg.Nacked():
			out.ctx.end()
		case <-ctx.Done():
			out.ctx.end()
			select {
			case <-out.msg.Acked(): // both were ready: the work is done
				return true
			default:
				return false
			}
		}
	}
	return false
}

func (d *deliverer) prepare(record Record) *delivery {
	out := &delivery{record: record, msg: record.Message(), slot: slot{offset: record.Offset}}
	out.ctx.values, out.ctx.deliverer, out.ctx.offset = d.values, d, record.Offset
	out.msg.SetContext(&out.ctx)
	return out
}
