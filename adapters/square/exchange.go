package square

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"sync/atomic"
	"time"

	sdk "github.com/square/square-go-sdk"
	"github.com/square/square-go-sdk/core"
	"github.com/square/square-go-sdk/option"

	"github.com/evenstock/evenstock/adapters/budget"
	"github.com/evenstock/evenstock/ledger/stock"
)

// answerMax is the longest answer we read, in bytes. A page of 1,000 counts is about 250 KB, a page of the catalog with
// long descriptions a few MB.
const answerMax = 16 << 20

// retryAfterMax caps what an answer may ask for.
const retryAfterMax = time.Hour

// exchange is one request and its answer. It is the SDK's HTTP client for exactly one request, because the SDK (v1.5.0)
//
//   - sends an empty body when it repeats a request over HTTP/2: it never gets to repeat one (one attempt, and no status
//     that it would repeat reaches it);
//   - sleeps half a second after 408, 429 and 5xx, deaf to the context: these become errors here, below it;
//   - loses the answer's headers: Date and Retry-After are taken here;
//   - takes Square-Version from the environment variable VERSION: the option on each request wins over it;
//   - encodes the body anew: a stored call is sent with its stored bytes;
//   - decodes each object of an answer several times: the answers of lists are decoded here (answers.go), and the SDK gets an empty one;
//   - returns no error for a 2xx with errors inside: send looks.
type exchange struct {
	channel *Channel
	// stored replaces the body the SDK encoded; nil leaves it.
	stored []byte
	// into is what the answer of a list is decoded into; nil: the SDK decodes it. misshapen is why that did not go.
	into      any
	misshapen error

	begun      bool // the request was handed to the transport
	status     int
	date       time.Time
	received   time.Time
	reached    time.Time // Square's clock had reached this when the request was sent
	notYet     time.Time // and had not reached this when the answer came; zero when unknown
	retryAfter time.Duration
	errs       []*sdk.Error
}

// send makes one request through the SDK. With errors inside a 2xx it returns the answer beside the error.
func send[T interface{ GetErrors() []*sdk.Error }](
	ctx context.Context, c *Channel, operation string, stored []byte,
	request func(context.Context, ...option.RequestOption) (T, error),
) (T, *exchange, error) {
	ex := &exchange{channel: c, stored: stored}
	var answer T
	err := ex.run(ctx, operation, func() []*sdk.Error { return answer.GetErrors() }, func(ctx context.Context, opts ...option.RequestOption) (err error) {
		answer, err = request(ctx, opts...)
		return err
	})
	return answer, ex, err
}

// run makes the request. refusals are the errors inside a 2xx.
func (e *exchange) run(ctx context.Context, operation string, refusals func() []*sdk.Error, request func(context.Context, ...option.RequestOption) error) error {
	err := request(ctx, option.WithHTTPClient(e), option.WithMaxAttempts(1), &core.VersionOption{Version: apiVersion})
	if err == nil {
		err = e.misshapen
	}
	if err == nil && len(refusals()) > 0 {
		e.errs = refusals()
		failure := (&Error{Status: e.status}).blame(e.errs)
		failure.retryable = retryableCategory(failure.Category)
		err = failure
	}
	if err != nil {
		return named(ctx, operation, err)
	}
	return nil
}

// Do implements core.HTTPClient. Anything but a 2xx with a JSON object is returned as an *Error.
func (e *exchange) Do(request *http.Request) (*http.Response, error) {
	attempt := func() (*http.Response, error) { return e.attempt(request) }
	if e.stored != nil {
		return attempt()
	}
	return budget.Listing(request.Context(), attempt)
}

// attempt sends the request once, at its turn.
func (e *exchange) attempt(request *http.Request) (*http.Response, error) {
	ctx := request.Context()
	turn, err := e.channel.budget.Take(ctx)
	if err != nil {
		return nil, notSent(err)
	}
	e.status, e.errs = 0, nil
	if e.stored != nil {
		request.ContentLength = int64(len(e.stored))
		request.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(e.stored)), nil }
	}
	if request.GetBody != nil {
		request.Body, _ = request.GetBody() // reading memory
	}
	connection := &connectionTrace{}
	request = request.WithContext(httptrace.WithClientTrace(ctx, connection.trace()))

	sent := e.channel.now()
	e.begun = true
	response, err := e.sendAs(request)
	if err != nil {
		failure := stock.NoAnswer
		if connection.neverMade() {
			failure = stock.NotReached
		}
		return nil, &Error{cause: err, retryable: true, neverSent: connection.neverMade(), failure: failure}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, answerMax+1))
	e.learn(response, sent, turn)
	switch {
	case err != nil:
		return nil, &Error{Status: e.status, cause: err, retryable: true, failure: stock.NoAnswer}
	case len(body) > answerMax:
		return nil, &Error{Status: e.status, cause: errTooLong}
	case e.status < 200 || e.status > 299:
		return nil, e.failure(body)
	}
	if e.into != nil {
		err, body = e.decode(body), []byte("{}")
	} else if !startsObject(body) || !json.Valid(body) {
		err = errAnswer
	}
	if err != nil {
		return nil, &Error{Status: e.status, cause: err, retryable: true, failure: stock.BadAnswer}
	}
	e.channel.budget.Answered(turn)
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// notSent is a request that never got its turn.
func notSent(err error) *Error {
	failure := &Error{retryable: true, neverSent: true, cause: err, failure: stock.TooManyRequests}
	var paused *budget.PausedError
	if errors.As(err, &paused) {
		failure.retryAfter = paused.After
	}
	return failure
}

// sendAs sends the request with the token in force. A token that is refused while another one came into force is no refusal: the
// request, whose idempotency key is the same, is sent once more with that.
func (e *exchange) sendAs(request *http.Request) (*http.Response, error) {
	token := e.channel.token()
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := e.channel.http.Do(request)
	if err != nil || response.StatusCode != http.StatusUnauthorized {
		return response, err
	}
	newer := e.channel.token()
	if newer == token || request.Body != nil && request.GetBody == nil {
		return response, nil
	}
	_ = response.Body.Close() // what it says is known
	again := request.Clone(request.Context())
	if again.GetBody != nil {
		if again.Body, err = again.GetBody(); err != nil {
			return nil, err
		}
	}
	again.Header.Set("Authorization", "Bearer "+newer)
	return e.channel.http.Do(again)
}

// learn takes status, clock and Retry-After.
func (e *exchange) learn(response *http.Response, sent time.Time, turn budget.Turn) {
	e.status = response.StatusCode
	e.received = e.channel.now()
	if date, err := http.ParseTime(response.Header.Get("Date")); err == nil {
		e.date = date.UTC()
	}
	e.reached, e.notYet = e.channel.clock.answered(e.date, sent, e.received)
	e.retryAfter = retryAfter(response.Header.Get("Retry-After"), e.date)
	switch e.status {
	case http.StatusTooManyRequests:
		e.channel.budget.Refused(turn, e.retryAfter)
	case http.StatusServiceUnavailable:
		e.channel.budget.Busy(e.retryAfter)
	}
}

// prove lets the clock learn from a time that Square wrote into the answer.
func (e *exchange) prove(written time.Time) {
	if !written.IsZero() {
		e.channel.clock.proven(written, e.received, e.notYet)
	}
}

// failure decodes the body of an answer that is not a 2xx; what is not Square's own words is left out.
func (e *exchange) failure(body []byte) *Error {
	var words struct {
		Errors []*sdk.Error `json:"errors"`
	}
	if json.Unmarshal(body, &words) == nil {
		e.errs = words.Errors
	}
	failure := &Error{Status: e.status, retryable: retryableStatus(e.status), retryAfter: e.retryAfter}
	return failure.blame(e.errs)
}

func startsObject(body []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{"))
}

// retryAfter reads seconds or an HTTP date; the date is compared with the answer's own.
func retryAfter(header string, date time.Time) time.Duration {
	if seconds, err := strconv.Atoi(header); err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(max(seconds, 0), int(retryAfterMax/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil && !date.IsZero() {
		return min(max(at.Sub(date), 0), retryAfterMax)
	}
	return 0
}

// connectionTrace notes whether a request ever had a connection. The proof is positive: a transport that does not report
// to httptrace (a simulation) proves nothing.
type connectionTrace struct{ wanted, got atomic.Bool }

func (t *connectionTrace) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) { t.wanted.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { t.got.Store(true) },
	}
}

func (t *connectionTrace) neverMade() bool { return t.wanted.Load() && !t.got.Load() }
