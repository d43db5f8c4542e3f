package simulator

import "time"

// event is something that will happen at a virtual time. A life other than 0 ties it to one life of our process: after a
// crash it never happens.
type event struct {
	at   time.Duration
	seq  uint64
	life int
	do   func()
}

func (e event) before(o event) bool {
	if e.at != o.at {
		return e.at < o.at
	}
	return e.seq < o.seq
}

// queue is a binary heap of events, by time and then in the order they were added.
type queue struct {
	events []event
	seq    uint64
}

func (q *queue) add(at time.Duration, life int, do func()) {
	q.seq++
	q.events = append(q.events, event{at: at, seq: q.seq, life: life, do: do})
	for i := len(q.events) - 1; i > 0; {
		parent := (i - 1) / 2
		if !q.events[i].before(q.events[parent]) {
			break
		}
		q.events[i], q.events[parent] = q.events[parent], q.events[i]
		i = parent
	}
}

// next removes and returns the earliest event.
func (q *queue) next() (event, bool) {
	last := len(q.events) - 1
	if last < 0 {
		return event{}, false
	}
	first := q.events[0]
	q.events[0] = q.events[last]
	q.events[last] = event{}
	q.events = q.events[:last]
	for i := 0; ; {
		child := 2*i + 1
		if child >= last {
			break
		}
		if right := child + 1; right < last && q.events[right].before(q.events[child]) {
			child = right
		}
		if !q.events[child].before(q.events[i]) {
			break
		}
		q.events[i], q.events[child] = q.events[child], q.events[i]
		i = child
	}
	return first, true
}
