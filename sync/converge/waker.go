package converge

import (
	"sync"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// Waker wakes the workers of channels that have something to do. A wake while a worker is busy is kept; more than one count
// as one.
type Waker struct {
	mu    sync.Mutex
	wakes map[stock.Channel]*wakes
	// awaited is when a push last waited for causes, of whichever channel.
	awaited time.Time
}

// wakes are the wakes of the loops of one worker.
type wakes [loopCount]chan struct{}

// NewWaker returns a waker for any number of channels.
func NewWaker() *Waker { return &Waker{wakes: map[stock.Channel]*wakes{}} }

// Wake wakes the workers of these channels.
func (w *Waker) Wake(channels ...stock.Channel) {
	for _, channel := range channels {
		w.of(channel).wake(pushing, reading, ordering)
	}
}

func (w *Waker) of(channel stock.Channel) *wakes {
	w.mu.Lock()
	defer w.mu.Unlock()
	loops, ok := w.wakes[channel]
	if !ok {
		loops = &wakes{}
		for i := range loops {
			loops[i] = make(chan struct{}, 1)
		}
		w.wakes[channel] = loops
	}
	return loops
}

func (w *wakes) wake(loops ...part) {
	for _, loop := range loops {
		select {
		case w[loop] <- struct{}{}:
		default:
		}
	}
}

// awaitCauses says that a push waits for causes, which any channel may have to be asked for.
func (w *Waker) awaitCauses(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.awaited = now
}

// causesAwaited says whether a push waited for causes a moment ago.
func (w *Waker) causesAwaited(now time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.awaited.IsZero() && now.Sub(w.awaited) < hurryLasts
}
