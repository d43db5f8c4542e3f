package budget

import (
	"context"
	"errors"

	"github.com/evenstock/evenstock/ledger/stock"
)

// turnsMax is how often Listing asks.
const turnsMax = 5

// Listing asks for something, and again at its next turn while the platform says that it was asked too often, if nobody waits for it by
// the lane of ctx: an error would have a person or a sweep begin anew, for what the budget learns just now. It does not ask for ever, nor
// when the pause is longer than a request waits.
func Listing[T any](ctx context.Context, ask func() (T, error)) (T, error) {
	answer, err := ask()
	for turns := 1; turns < turnsMax && tooOften(err) && stock.LaneOf(ctx) >= stock.Causes; turns++ {
		again, refused := ask()
		if paused(refused) {
			break
		}
		answer, err = again, refused
	}
	return answer, err
}

// tooOften says whether a platform answered that it was asked too often.
func tooOften(err error) bool {
	return stock.FailureOf(err) == stock.TooManyRequests && !paused(err)
}

func paused(err error) bool {
	var paused *PausedError
	return errors.As(err, &paused)
}
