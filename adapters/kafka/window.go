package kafka

import "sync"

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

func (w *window) push(s *slot) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.slots = append(w.slots, s)
}

func (w *window) ack(s *slot) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s.acked = true
	for len(w.slots) > 0 && w.slots[0].acked {
		w.next, w.moved = w.slots[0].offset+1, true
		w.slots[0] = nil // it is part of a delivery
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
