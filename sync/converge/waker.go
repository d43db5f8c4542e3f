package converge

import (
	"sync"

	"github.com/evenstock/evenstock/ledger/stock"
)

// Waker wakes the workers of channels that have something to do. A wake while a worker is busy is kept; more than one count
// as one.
type Waker struct {
	mu    sync.Mutex
	wakes map[stock.Channel]chan struct{}
}

// NewWaker returns a waker for any number of channels.
func NewWaker() *Waker { return &Waker{wakes: map[stock.Channel]chan struct{}{}} }

// Wake wakes the workers of these channels.
func (w *Waker) Wake(channels ...stock.Channel) {
	for _, channel := range channels {
		select {
		case w.of(channel) <- struct{}{}:
		default:
		}
	}
}

func (w *Waker) of(channel stock.Channel) chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	wake, ok := w.wakes[channel]
	if !ok {
		wake = make(chan struct{}, 1)
		w.wakes[channel] = wake
	}
	return wake
}
