package square

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	sdk "github.com/square/square-go-sdk"

	"github.com/evenstock/evenstock/ledger/stock"
)

var (
	// ErrSignature is returned by Verify, whatever the reason.
	ErrSignature = errors.New("webhook signature not accepted")

	errAnswer  = errors.New("answer is not a JSON object")
	errTooLong = errors.New("answer is too long")
	errPages   = errors.New("too many pages")
	errCursor  = errors.New("cursor repeats itself")
)

// detailMax is how much of Square's explanation an error keeps, in bytes.
const detailMax = 200

// Error is a request that did not succeed.
type Error struct {
	// Operation says what was tried: "reading counts".
	Operation string
	// Status is the HTTP status; 0 when there was no answer.
	Status int
	// Category, Code, Field and Detail are Square's first error; empty when the answer named none.
	// https://developer.squareup.com/docs/build-basics/handling-errors
	Category, Code, Field, Detail string

	cause      error
	retryable  bool
	retryAfter time.Duration
	neverSent  bool
	// failure is what the status does not say.
	failure stock.Failure
}

func (e *Error) Error() string {
	var b strings.Builder
	if e.Operation != "" {
		b.WriteString(e.Operation + ": ")
	}
	if failure := e.Failure(); failure != "" {
		b.WriteString("square " + failure.Words())
		if e.Status != 0 {
			b.WriteString(" (HTTP " + strings.TrimPrefix(e.reason(), "square answered ") + ")")
		}
	} else {
		b.WriteString(e.reason())
	}
	if e.cause != nil {
		if e.Status != 0 || e.Code != "" || e.Failure() != "" {
			b.WriteString(": ")
		}
		b.WriteString(e.cause.Error())
	}
	return b.String()
}

// Failure says what Square did instead of giving what was asked.
func (e *Error) Failure() stock.Failure {
	if e.failure != "" {
		return e.failure
	}
	return stock.FailureOfStatus(e.Status)
}

// reason is Square's answer in one line.
func (e *Error) reason() string {
	var parts []string
	if e.Status != 0 {
		parts = append(parts, fmt.Sprintf("square answered %d", e.Status))
	}
	for _, part := range []string{e.Code, e.Field, e.Detail} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, " ")
}

// Unwrap returns what lies below, such as a time-out.
func (e *Error) Unwrap() error { return e.cause }

// Retryable says whether the same request may succeed later.
func (e *Error) Retryable() bool { return e.retryable }

// Denied says whether Square refused us (a dead token, a missing scope, a disabled application), whatever we ask.
func (e *Error) Denied() bool {
	return e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden
}

// RetryAfter is the wait Square asked for; 0 when it did not.
func (e *Error) RetryAfter() time.Duration { return e.retryAfter }

// blame fills in Square's first error.
func (e *Error) blame(errs []*sdk.Error) *Error {
	for _, first := range errs {
		if first == nil {
			continue
		}
		e.Category, e.Code = plain(string(first.Category)), plain(string(first.Code))
		e.Field, e.Detail = label(first.Field), label(first.Detail)
		break
	}
	return e
}

// invalid is a request that the caller made wrongly: nothing was sent, and asking again will not help.
func invalid(operation, format string, args ...any) error {
	return &Error{Operation: operation, cause: fmt.Errorf(format, args...)}
}

// retryableStatus: https://developer.squareup.com/docs/build-basics/handling-errors
func retryableStatus(status int) bool {
	return status == http.StatusRequestTimeout || status == http.StatusTooManyRequests || status >= http.StatusInternalServerError
}

// retryableCategory judges errors inside a 2xx, where the status says nothing.
func retryableCategory(category string) bool {
	return category == string(sdk.ErrorCategoryAPIError) || category == string(sdk.ErrorCategoryRateLimitError)
}

// named gives an error its operation; whatever is not ours is an answer that the SDK could not decode.
func named(ctx context.Context, operation string, err error) error {
	var ours *Error
	if !errors.As(err, &ours) {
		ours = &Error{retryable: true, cause: err, failure: stock.BadAnswer}
		if ctx.Err() != nil {
			ours.cause, ours.failure = ctx.Err(), ""
		}
	}
	ours.Operation = operation
	return ours
}

// label is text for people: without control characters, at most detailMax bytes, whole characters.
func label(text *string) string {
	if text == nil {
		return ""
	}
	return plain(*text)
}

func plain(text string) string {
	text = printable(text)
	if len(text) <= detailMax {
		return text
	}
	cut := detailMax
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut]
}

// printable drops control characters; U+0000 among them is refused by Postgres.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, text)
}

// idMax is the longest id Square's specification allows, in characters.
const idMax = 100

// validID says whether a text can be one of Square's ids: visible ASCII, 1 to 100 characters.
func validID(id string) bool {
	return id != "" && len(id) <= idMax && strings.IndexFunc(id, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
}
