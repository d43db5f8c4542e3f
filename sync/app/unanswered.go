package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/evenstock/evenstock/ledger/stock"
)

// failureRemedies are what a person can do about a platform that does not give what is asked.
var failureRemedies = map[stock.Failure]Remedy{
	stock.TokenRefused: RemedyToken, stock.NotPermitted: RemedyScopes, stock.NoShop: RemedyAddress, stock.ShopClosed: RemedyShop,
	stock.NotReached: RemedyReach, stock.TooManyRequests: RemedyLater, stock.PlatformFails: RemedyLater, stock.NoAnswer: RemedyLater,
	stock.BadAnswer: RemedyLater,
}

// unanswered says what could not be done because a channel's platform did not give what was asked, and what mends that.
func unanswered(channel stock.Channel, doing string, err error) error {
	var failed interface {
		error
		Failure() stock.Failure
	}
	if !errors.As(err, &failed) || failureRemedies[failed.Failure()] == "" || errors.Is(err, context.Canceled) {
		return fmt.Errorf("%s: %w", doing, err)
	}
	// What lies between says on which way it was asked, which only who works on the code wants to know.
	return &Error{Kind: Busy, What: doing + ": " + failed.Error(), Remedy: failureRemedies[failed.Failure()], Meant: []string{string(channel)}}
}
