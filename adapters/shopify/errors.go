package shopify

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/evenstock/evenstock/adapters/budget"
	"github.com/evenstock/evenstock/ledger/stock"
)

// permanentError is a sentinel that no repetition cures.
type permanentError string

func (e permanentError) Error() string             { return string(e) }
func (e permanentError) Retryable() bool           { return false }
func (e permanentError) RetryAfter() time.Duration { return 0 }

// shopError is a refusal that says what it is about.
type shopError string

func (e shopError) Error() string             { return string(e) }
func (e shopError) Retryable() bool           { return false }
func (e shopError) RetryAfter() time.Duration { return 0 }

// OtherShop is true: the signature is good.
func (e shopError) OtherShop() bool { return true }

const (
	// ErrSignature: the delivery was not signed with one of our secrets.
	ErrSignature permanentError = "the webhook signature is not valid"
	// ErrShop: the delivery was signed with one of our secrets and is of another shop.
	ErrShop shopError = "the webhook is of another shop"
	// ErrCursor: a cursor that this package did not make, or one for another configuration.
	ErrCursor permanentError = "the cursor is not valid"
)

// Codes of our own, beside Shopify's.
const (
	codeNotSent    = "NOT_SENT"
	codeNoAnswer   = "NO_ANSWER"
	codeBadAnswer  = "BAD_ANSWER"
	codeIgnored    = "SEARCH_IGNORED"
	codeScopes     = "MISSING_SCOPES"
	codeVersion    = "API_VERSION"
	codeTooMany    = "TOO_MANY"
	codeThrottled  = "THROTTLED"
	codeMismatch   = "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"
	codeConcurrent = "IDEMPOTENCY_CONCURRENT_REQUEST"
)

// reasonBytes bounds a platform's message in our errors and reasons.
const reasonBytes = 500

// Error is a request that did not give what was asked.
type Error struct {
	Operation string
	// Status is the HTTP status; 0 when there was none.
	Status int
	// Code is Shopify's error code, or one of ours.
	Code    string
	Message string

	retryable bool
	denied    bool
	after     time.Duration
	cause     error
}

func (e *Error) Error() string {
	code := e.Code
	if e.Status != 0 && e.Status != http.StatusOK {
		code = "HTTP " + strconv.Itoa(e.Status)
	}
	text := "asking shopify for " + e.Operation + ": " + code
	switch failure := e.Failure(); {
	case failure != "" && ours[code]: // the words say all of it
		text = "shopify " + failure.Words() + " (" + e.Operation + ")"
	case failure != "":
		text = "shopify " + failure.Words() + " (" + code + ", " + e.Operation + ")"
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

// Failure says what Shopify did instead of giving what was asked.
func (e *Error) Failure() stock.Failure {
	switch {
	case e.Code == codeNotSent && e.after > 0:
		return stock.TooManyRequests
	case e.Code == codeNotSent && e.retryable:
		return stock.NotReached
	case e.Status == http.StatusNotFound: // there is one endpoint, which every shop has
		return stock.NoShop
	}
	if failure, known := failures[e.Code]; known {
		return failure
	}
	return stock.FailureOfStatus(e.Status)
}

// ours are codes that Shopify does not know.
var ours = map[string]bool{codeNotSent: true, codeNoAnswer: true, codeBadAnswer: true, codeScopes: true}

// failures are those that a code stands for, whatever the status.
var failures = map[string]stock.Failure{
	codeNoAnswer: stock.NoAnswer, codeBadAnswer: stock.BadAnswer, codeThrottled: stock.TooManyRequests,
	codeScopes: stock.NotPermitted, "ACCESS_DENIED": stock.NotPermitted, "SHOP_INACTIVE": stock.ShopClosed,
	"INTERNAL_SERVER_ERROR": stock.PlatformFails,
}

// Retryable says whether the same request may succeed later without a person's help.
func (e *Error) Retryable() bool { return e.retryable }

// Denied says whether the platform refused us (a dead token, a missing scope, a closed shop), whatever we ask.
func (e *Error) Denied() bool { return e.denied }

// RetryAfter is how long to wait before; 0 when the platform did not say.
func (e *Error) RetryAfter() time.Duration { return e.after }

// TooMany says whether a list is longer than the platform pages through: it must be asked for in another way.
func (e *Error) TooMany() bool { return e.Code == codeTooMany }

func (e *Error) Unwrap() error { return e.cause }

// badAnswer is an answer that says nothing we can rely on.
func badAnswer(operation, message string, cause error) *Error {
	return &Error{Operation: operation, Code: codeBadAnswer, Message: message, retryable: true, cause: cause}
}

// statusError judges an answer by its HTTP status (https://shopify.dev/docs/api/usage/response-codes). 401, 403 and 404 need
// a person; a frozen (402) or locked (423) shop and a rejection (430) may pass.
func statusError(operation string, r reply) *Error {
	e := &Error{Operation: operation, Status: r.status, Code: "HTTP_" + strconv.Itoa(r.status), after: r.after}
	switch r.status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		e.denied = true
	case http.StatusPaymentRequired, http.StatusLocked:
		e.denied, e.retryable = true, true
	case http.StatusTooManyRequests, statusSecurityRejection, http.StatusRequestTimeout:
		e.retryable = true
	default:
		e.retryable = r.status >= http.StatusInternalServerError
	}
	return e
}

// graphError is one member of errors[].
type graphError struct {
	Message    string `json:"message"`
	Extensions struct {
		Code string `json:"code"`
	} `json:"extensions"`
}

// graphErrors turns errors[] of a read into one error. A code we do not know is retryable: the caller bounds its attempts.
func (c *Channel) graphErrors(op operation, list []graphError) *Error {
	e := &Error{Operation: op.name, Status: http.StatusOK, Code: codeOf(list), Message: describe(list)}
	switch kindOfAll(list) {
	case kindThrottled:
		e.retryable, e.after = true, c.throttled(op)
	case kindUnclear:
		e.retryable = true
	case kindDenied:
		e.denied = true
	}
	return e
}

// throttled is how long to wait after an answer that said THROTTLED.
func (c *Channel) throttled(op operation) time.Duration {
	return c.budget.Refused(op.name, op.units, op.cost)
}

// notSent is a request that never got its turn.
func notSent(operation string, err error) *Error {
	failure := &Error{Operation: operation, Code: codeNotSent, Message: "nothing was sent", retryable: true, cause: err}
	var paused *budget.PausedError
	if errors.As(err, &paused) {
		failure.after = paused.After
	}
	return failure
}

// errorKind is what a GraphQL error code says about the request.
type errorKind uint8

const (
	// kindInvalid: the request was refused before it ran; the same one will be refused again.
	kindInvalid errorKind = iota + 1
	// kindDenied: nothing was done, for want of a right.
	kindDenied
	// kindThrottled: nothing was done, for want of points.
	kindThrottled
	// kindUnclear: it may have run.
	kindUnclear
)

// kindOf sorts Shopify's codes. Codes of static validation begin with a small letter (undefinedField, variableMismatch).
// INVALID_FIELD_ARGUMENTS and BAD_REQUEST are what a missing changeFromQuantity or @idempotent gives.
func kindOf(code string) errorKind {
	switch code {
	case codeThrottled:
		return kindThrottled
	case "ACCESS_DENIED", "SHOP_INACTIVE":
		return kindDenied
	case "INVALID_VARIABLE", "INVALID_FIELD_ARGUMENTS", "BAD_REQUEST", "MAX_COST_EXCEEDED":
		return kindInvalid
	}
	if code != "" && code[0] >= 'a' && code[0] <= 'z' {
		return kindInvalid
	}
	return kindUnclear
}

// kindOfAll is the least definite kind among the errors.
func kindOfAll(list []graphError) errorKind {
	kind := kindInvalid
	for _, e := range list {
		kind = max(kind, kindOf(e.Extensions.Code))
	}
	return kind
}

func codeOf(list []graphError) string {
	codes := make([]string, 0, len(list))
	for _, e := range list {
		if code := e.Extensions.Code; code != "" && !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	if len(codes) == 0 {
		return "GRAPHQL_ERROR"
	}
	return bounded(strings.Join(codes, ","))
}

func describe(list []graphError) string {
	messages := make([]string, 0, len(list))
	for _, e := range list {
		messages = append(messages, e.Message)
	}
	return bounded(strings.Join(messages, "; "))
}

// bounded makes a platform's text fit for a log line.
func bounded(text string) string {
	text = printable(text)
	if len(text) > reasonBytes {
		text = strings.ToValidUTF8(text[:reasonBytes], "") + "..."
	}
	return text
}

// as finds an *Error in a chain.
func as(err error) (*Error, bool) {
	var e *Error
	found := errors.As(err, &e)
	return e, found
}

func tooMany(operation, what string, limit int) error {
	return &Error{Operation: operation, Code: codeTooMany, Message: fmt.Sprintf("more than %d pages of %s", limit, what)}
}
