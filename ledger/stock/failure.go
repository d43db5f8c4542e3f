package stock

import (
	"errors"
	"net/http"
)

// Failure is what a platform, or the way to it, did instead of giving what was asked. Errors of adapters say it with a method of that
// name, so that every face can say what it means and what a person can do about it.
type Failure string

// The failures. An error without one refused a request for what it asks.
const (
	TokenRefused    Failure = "token refused"
	NotPermitted    Failure = "not permitted"
	NoShop          Failure = "no shop"
	ShopClosed      Failure = "shop closed"
	TooManyRequests Failure = "too many requests"
	PlatformFails   Failure = "platform fails"
	NotReached      Failure = "not reached"
	NoAnswer        Failure = "no answer"
	BadAnswer       Failure = "bad answer"
)

// Failures are all of them.
func Failures() []Failure {
	return []Failure{TokenRefused, NotPermitted, NoShop, ShopClosed, TooManyRequests, PlatformFails, NotReached, NoAnswer, BadAnswer}
}

// failureWords go on where a platform was named.
var failureWords = map[Failure]string{
	TokenRefused: "refuses the access token", NotPermitted: "does not permit the access token to do this", NoShop: "has no shop at this address",
	ShopClosed: "says that the shop is closed or locked", TooManyRequests: "asks for fewer requests", PlatformFails: "has a fault of its own",
	NotReached: "cannot be reached", NoAnswer: "gave no whole answer", BadAnswer: "gave an answer that makes no sense",
}

// Words say what the platform does, behind its name.
func (f Failure) Words() string { return failureWords[f] }

// FailureOf is what an error says about the platform; "" when it says nothing.
func FailureOf(err error) Failure {
	var failed interface{ Failure() Failure }
	if !errors.As(err, &failed) {
		return ""
	}
	return failed.Failure()
}

// statusSecurityRejection is what Shopify answers to requests that look malicious.
const statusSecurityRejection = 430

// FailureOfStatus is what an HTTP status says on every platform.
func FailureOfStatus(status int) Failure {
	switch {
	case status == http.StatusUnauthorized:
		return TokenRefused
	case status == http.StatusForbidden:
		return NotPermitted
	case status == http.StatusPaymentRequired || status == http.StatusLocked:
		return ShopClosed
	case status == http.StatusTooManyRequests || status == statusSecurityRejection:
		return TooManyRequests
	case status == http.StatusRequestTimeout:
		return NoAnswer
	case status >= http.StatusInternalServerError:
		return PlatformFails
	}
	return ""
}
