package registry

import (
	"context"
	"errors"
	"fmt"
	"time"
)

var (
	// ErrExists: there is a merchant of this name.
	ErrExists = errors.New("there is such a merchant already")
	// ErrErasing: the merchant is being erased, which is not taken back.
	ErrErasing = errors.New("the merchant is being erased")
)

// State says what is to be done for a merchant.
type State uint8

// The zero value is invalid. Stored by number: append only.
const (
	// Working: everything is done.
	Working State = iota + 1
	// Paused: webhooks are taken in, and nothing else is done.
	Paused
	// Erasing: it goes, with everything that is its own.
	Erasing
)

var stateNames = [...]string{Working: "working", Paused: "paused", Erasing: "erasing"}

// String names the state.
func (s State) String() string {
	if s < Working || s > Erasing {
		return fmt.Sprintf("State(%d)", uint8(s))
	}
	return stateNames[s]
}

// Merchant is what is known of one merchant.
type Merchant struct {
	Name  string
	State State
	// Since is when it got into its state, By who brought it there.
	Since time.Time
	By    string
	// Settings are its shop's, and empty for a merchant that the configuration declares.
	Settings string
	// Channels are those of its shop, in their order.
	Channels []Channel
}

// Channel is one of a merchant's channels, which has its platform's and its own settings.
type Channel struct{ Name, Platform, Settings string }

// Store keeps what is set. It is safe for concurrent use, by several processes too.
type Store interface {
	// Merchants lists them by name.
	Merchants(ctx context.Context) ([]Merchant, error)
	// AddMerchant adds a merchant, or fails with ErrExists.
	AddMerchant(ctx context.Context, m Merchant) error
	// SetState notes in which state a merchant is to be, and makes a record of one that has none. It fails with ErrErasing where that would
	// take an erasure back.
	SetState(ctx context.Context, name string, state State, by string, at time.Time) error
	// RemoveMerchant forgets a merchant and its channels. One that is not there is no error.
	RemoveMerchant(ctx context.Context, name string) error
	Close() error
}
