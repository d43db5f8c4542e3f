package converge

import (
	"sync"

	"github.com/evenstock/evenstock/ledger/stock"
)

// Bell wakes the workers of channels that have something to do. A ring while a worker is busy is kept; more than one count
// as one.
type Bell struct {
	mu    sync.Mutex
	bells map[stock.Channel]chan struct{}
}

// NewBell returns a bell for any number of channels.
func NewBell() *Bell { return &Bell{bells: map[stock.Channel]chan struct{}{}} }

// Ring wakes the workers of these channels.
func (b *Bell) Ring(channels ...stock.Channel) {
	for _, channel := range channels {
		select {
		case b.of(channel) <- struct{}{}:
		default:
		}
	}
}

func (b *Bell) of(channel stock.Channel) chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	bell, ok := b.bells[channel]
	if !ok {
		bell = make(chan struct{}, 1)
		b.bells[channel] = bell
	}
	return bell
}
