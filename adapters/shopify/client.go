package shopify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/evenstock/evenstock/adapters/budget"
)

const (
	// throttledPause is the pause after a 429 that names none.
	throttledPause = time.Second
	// pauseAtMost bounds what a Retry-After header may ask for.
	pauseAtMost = time.Hour
	// answerBytes bounds the body of an answer: a page of 20 orders with 20 lines each is about 100 KiB.
	answerBytes = 8 << 20
	// statusSecurityRejection is Shopify's own status (https://shopify.dev/docs/api/usage/response-codes).
	statusSecurityRejection = 430
	headerAPIVersion        = "X-Shopify-API-Version"
)

// operation is one GraphQL document. cost estimates requestedQueryCost in points until an answer has said it.
type operation struct {
	name, query string
	cost        float64
	// units is how many things the request asks for, by which its cost grows; 0: it asks for one.
	units int
}

// of is the operation as it asks for so many things.
func (o operation) of(units int) operation {
	o.units = units
	return o
}

// request is the HTTP body of a GraphQL request.
type request struct {
	Query         string `json:"query"`
	OperationName string `json:"operationName"`
	Variables     any    `json:"variables"`
}

// envelope is the HTTP body of a GraphQL answer.
type envelope struct {
	Data       json.RawMessage `json:"data"`
	Errors     json.RawMessage `json:"errors"`
	Extensions struct {
		Cost   *queryCost `json:"cost"`
		Search []struct {
			Warnings []struct {
				Field string `json:"field"`
				Code  string `json:"code"`
			} `json:"warnings"`
		} `json:"search"`
	} `json:"extensions"`
}

// reply is an answer that arrived whole.
type reply struct {
	status int
	// date is the platform's clock when it answered; zero when the answer did not say.
	date time.Time
	// after is the Retry-After header; 0 when there was none.
	after time.Duration
	// envelope is nil when the body was not JSON.
	envelope *envelope
}

// query runs a read and decodes its data. The time returned is the platform's.
func (c *Channel) query(ctx context.Context, op operation, variables, into any) (time.Time, error) {
	return budget.Listing(ctx, func() (time.Time, error) { return c.ask(ctx, op, variables, into) })
}

// ask runs a read once.
func (c *Channel) ask(ctx context.Context, op operation, variables, into any) (time.Time, error) {
	body, err := json.Marshal(request{Query: op.query, OperationName: op.name, Variables: variables})
	if err != nil {
		return time.Time{}, &Error{Operation: op.name, Code: codeNotSent, cause: err}
	}
	r, err := c.post(ctx, op, body)
	if err != nil {
		return time.Time{}, err
	}
	if r.status != http.StatusOK {
		return time.Time{}, statusError(op.name, r)
	}
	if r.envelope == nil {
		return time.Time{}, badAnswer(op.name, "the body is not JSON", nil)
	}
	if list := errorsOf(r.envelope.Errors); len(list) > 0 {
		return time.Time{}, c.graphErrors(op, list)
	}
	for _, search := range r.envelope.Extensions.Search {
		if len(search.Warnings) > 0 {
			w := search.Warnings[0]
			return time.Time{}, &Error{Operation: op.name, Code: codeIgnored, Message: bounded("the search ignored " + w.Field + " (" + w.Code + ")")}
		}
	}
	if isNull(r.envelope.Data) {
		return time.Time{}, badAnswer(op.name, "the answer has no data", nil)
	}
	if err := json.Unmarshal(r.envelope.Data, into); err != nil {
		return time.Time{}, badAnswer(op.name, "decoding the data", err)
	}
	return r.date, nil
}

// post sends a body exactly as it is, once, within the budget. An error means that no whole answer arrived; its code is
// NOT_SENT when the platform certainly did not see the request.
func (c *Channel) post(ctx context.Context, op operation, body []byte) (reply, error) {
	taken, err := c.budget.Take(ctx, op.name, op.units, op.cost)
	if err != nil {
		return reply{}, notSent(op.name, err)
	}
	var cost queryCost
	charged := taken
	defer func() { c.budget.Settle(op.name, op.units, taken, charged, cost.Requested, cost.status()) }()

	resp, sent, err := c.do(ctx, body)
	if err != nil {
		return reply{}, &Error{Operation: op.name, Code: codeOfTransport(err), retryable: true, cause: err}
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, answerBytes+1))
	if err != nil {
		return reply{}, &Error{Operation: op.name, Status: resp.StatusCode, Code: codeNoAnswer, retryable: true, cause: err}
	}
	if len(text) > answerBytes {
		return reply{}, badAnswer(op.name, "the answer is larger than "+strconv.Itoa(answerBytes)+" bytes", nil)
	}
	r := reply{status: resp.StatusCode, date: dateOf(resp.Header), after: c.retryAfter(resp.Header)}
	c.clock.learn(r.date, sent)
	c.reportVersion(resp.Header.Get(headerAPIVersion), "answer")
	switch {
	case r.after > 0:
		c.budget.Pause(r.after)
	case r.status == http.StatusTooManyRequests:
		c.budget.Pause(throttledPause)
	}
	if r.status >= http.StatusBadRequest && r.status < http.StatusInternalServerError {
		charged = 0 // refused at the door
	}
	var parsed envelope
	if json.Unmarshal(text, &parsed) == nil {
		r.envelope = &parsed
		if parsed.Extensions.Cost != nil {
			cost = *parsed.Extensions.Cost
		}
	}
	return r, nil
}

// do sends the request, and returns our clock when it did. A token that is refused while another one came into force is no
// refusal: the request, whose idempotency key is the same, is sent once more with that.
func (c *Channel) do(ctx context.Context, body []byte) (resp *http.Response, sent time.Time, err error) {
	token := c.token()
	if resp, sent, err = c.doWith(ctx, token, body); err != nil || resp.StatusCode != http.StatusUnauthorized {
		return resp, sent, err
	}
	if newer := c.token(); newer != token {
		_ = resp.Body.Close() // what it says is known
		return c.doWith(ctx, newer, body)
	}
	return resp, sent, nil
}

func (c *Channel) doWith(ctx context.Context, token string, body []byte) (*http.Response, time.Time, error) {
	sent := c.clock.now()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, sent, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("X-Shopify-Access-Token", token)
	resp, err := c.client.Do(req)
	return resp, sent, err
}

// codeOfTransport tells a connection that was never made from one that was cut.
func codeOfTransport(err error) string {
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" {
		return codeNotSent
	}
	return codeNoAnswer
}

func dateOf(header http.Header) time.Time {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return date.UTC()
}

// retryAfter reads seconds (Shopify sends "2.0") or a date, never more than pauseAtMost.
func (c *Channel) retryAfter(header http.Header) time.Duration {
	text := strings.TrimSpace(header.Get("Retry-After"))
	if text == "" {
		return 0
	}
	wait := time.Duration(0)
	if seconds, err := strconv.ParseFloat(text, 64); err == nil && seconds > 0 {
		wait = time.Duration(min(seconds, pauseAtMost.Seconds()) * float64(time.Second))
	} else if at, err := http.ParseTime(text); err == nil {
		wait = at.Sub(c.clock.now())
	}
	return min(max(wait, 0), pauseAtMost)
}

// reportVersion says once that the platform speaks another version than the pinned one: a retired version falls forward
// (https://shopify.dev/docs/api/usage/versioning).
func (c *Channel) reportVersion(version, where string) {
	if version != "" && version != APIVersion && c.versionReported.CompareAndSwap(false, true) {
		c.log.Warn("shopify speaks another API version than the pinned one",
			"channel", string(c.name), "where", where, "version", bounded(version), "pinned", APIVersion)
	}
}

// errorsOf reads errors, which is a list, or one text on answers from before the GraphQL layer.
func errorsOf(raw json.RawMessage) []graphError {
	if isNull(raw) {
		return nil
	}
	var list []graphError
	if json.Unmarshal(raw, &list) == nil {
		return list
	}
	var text string
	if json.Unmarshal(raw, &text) != nil {
		text = "errors of an unknown form"
	}
	return []graphError{{Message: text}}
}

func isNull(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }
