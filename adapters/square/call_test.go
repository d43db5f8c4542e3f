package square

import (
	"context"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
)

func goldenRows() []stock.PushRow {
	return []stock.PushRow{
		{Ref: ref("VARMUG", "LOCMAIN"), Delta: -2 * stock.Unit, Reference: "evenstock:c1:0"},
		{Ref: ref("VARTEA", "LOCSIDE"), Delta: stock.Unit / 2, Reference: "evenstock:c1:1"},
	}
}

func TestEncodeCall(t *testing.T) {
	t.Parallel()
	c := newChannel(t)
	for range 3 {
		body, err := c.EncodeCall("call-1", at("2025-06-01T12:00:00.123999+02:00"), goldenRows())
		require.NoError(t, err)
		assert.Equal(t, string(golden(t, "call.json")), string(body))
	}
}

func TestEncodeCallRefuses(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(key *string, at *time.Time, rows *[]stock.PushRow){
		"long key":             func(key *string, _ *time.Time, _ *[]stock.PushRow) { *key = strings.Repeat("k", 129) },
		"no time":              func(_ *string, at *time.Time, _ *[]stock.PushRow) { *at = time.Time{} },
		"zero delta":           func(_ *string, _ *time.Time, rows *[]stock.PushRow) { (*rows)[0].Delta = 0 },
		"delta without abs":    func(_ *string, _ *time.Time, rows *[]stock.PushRow) { (*rows)[0].Delta = math.MinInt64 },
		"no item":              func(_ *string, _ *time.Time, rows *[]stock.PushRow) { (*rows)[0].Ref.Item = "" },
		"no reference":         func(_ *string, _ *time.Time, rows *[]stock.PushRow) { (*rows)[1].Reference = "" },
		"foreign reference":    func(_ *string, _ *time.Time, rows *[]stock.PushRow) { (*rows)[1].Reference = "recon-3" },
		"long reference":       func(_ *string, _ *time.Time, rows *[]stock.PushRow) { (*rows)[1].Reference += strings.Repeat("x", 255) },
		"reference with NUL":   func(_ *string, _ *time.Time, rows *[]stock.PushRow) { (*rows)[1].Reference += "\x00" },
		"reference used twice": func(_ *string, _ *time.Time, rows *[]stock.PushRow) { (*rows)[1].Reference = (*rows)[0].Reference },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			key, when, rows := "call-1", platformTime, goldenRows()
			change(&key, &when, &rows)
			_, err := newChannel(t).EncodeCall(key, when, rows)
			require.Error(t, err)
			assertClass(t, err, false, 0)
		})
	}
	_, err := newChannel(t).EncodeCall(strings.Repeat("k", 128), platformTime, manyRows(100))
	require.NoError(t, err)
}

func manyRows(n int) []stock.PushRow {
	rows := make([]stock.PushRow, n)
	for i := range rows {
		rows[i] = stock.PushRow{Ref: ref("V", "L"), Delta: 1, Reference: stock.ReferencePrefix + strconv.Itoa(i)}
	}
	return rows
}

func TestSendCallApplied(t *testing.T) {
	t.Parallel()
	s := newShop(t, map[string][]reply{pathCreate: {{file: "call_applied.json"}}})
	c := s.channel()
	body := golden(t, "call.json")
	assert.Equal(t, stock.Answer{Outcome: stock.Applied, PlatformTime: at("2025-06-01T10:00:00.7Z")}, c.SendCall(t.Context(), "call-1", body))
	require.Len(t, s.asked(), 1)
	assert.Equal(t, string(body), string(s.asked()[0].body))
	assert.Equal(t, at("2025-06-01T10:00:00.7Z"), c.PlatformNow(), "created_at is finer than Date")
}

// The stored bytes are sent, also when the SDK of the day would write them in another way.
func TestSendCallSendsStoredBytes(t *testing.T) {
	t.Parallel()
	stored := `{ "changes" : [ {"adjustment":{"quantity":"2","to_state":"SOLD","from_state":"IN_STOCK"},"type":"ADJUSTMENT"} ],` + "\n" + `"idempotency_key":"call-<1>" }`
	s := newShop(t, map[string][]reply{pathCreate: {{}}})
	answer := s.channel().SendCall(t.Context(), "call-<1>", []byte(stored))
	assert.Equal(t, stock.Applied, answer.Outcome)
	assert.Equal(t, stored, string(s.asked()[0].body))
	assert.Equal(t, strconv.Itoa(len(stored)), s.asked()[0].header.Get("Content-Length"))
}

func TestSendCallOutcomes(t *testing.T) {
	t.Parallel()
	const proxy = `<html>this is a proxy</html>`
	for name, v := range map[string]struct {
		reply   reply
		outcome stock.Outcome
		bad     []int
		wait    time.Duration
	}{
		"200":                         {reply{}, stock.Applied, nil, 0},
		"200 with errors":             {reply{file: "error_bad_row.json"}, stock.Refused, []int{1}, 0},
		"200 with a server error":     {reply{file: "error_internal.json"}, stock.Unknown, nil, 0},
		"200 with errors and changes": {reply{body: `{"errors":[{"category":"INVALID_REQUEST_ERROR","code":"BAD_REQUEST"}],"changes":[{"type":"ADJUSTMENT"}]}`}, stock.Unknown, nil, 0},
		"200 in HTML":                 {reply{body: proxy}, stock.Unknown, nil, 0},
		"200 null":                    {reply{body: `null`}, stock.Unknown, nil, 0},
		"200 two documents":           {reply{body: `{}{}`}, stock.Unknown, nil, 0},
		"200 of another shape":        {reply{body: `{"changes":{}}`, status: 200}, stock.Unknown, nil, 0},
		"400":                         {reply{status: 400, file: "error_bad_row.json"}, stock.Refused, []int{1}, 0},
		"400 of a proxy":              {reply{status: 400, body: proxy}, stock.Unknown, nil, 0},
		"400 key reused":              {reply{status: 400, file: "error_key_reused.json"}, stock.Unknown, nil, 0},
		"400 time, young":             {reply{status: 400, file: "error_invalid_time.json"}, stock.Refused, []int{0}, 0},
		"400 time, a day old":         {reply{status: 400, file: "error_invalid_time.json", header: http.Header{"Date": {platformTime.Add(25 * time.Hour).Format(http.TimeFormat)}}}, stock.Unknown, nil, 0},
		"401":                         {reply{status: 401, file: "error_unauthorized.json"}, stock.NotProcessed, nil, 0},
		"403":                         {reply{status: 403, body: proxy}, stock.NotProcessed, nil, 0},
		"404":                         {reply{status: 404, file: "error_bad_row.json"}, stock.Refused, []int{1}, 0},
		"404 of a proxy":              {reply{status: 404, body: proxy}, stock.Unknown, nil, 0},
		"408":                         {reply{status: 408, file: "error_internal.json"}, stock.Unknown, nil, 0},
		"409":                         {reply{status: 409, file: "error_bad_row.json"}, stock.Refused, []int{1}, 0},
		"413":                         {reply{status: 413, file: "error_bad_row.json"}, stock.Refused, []int{1}, 0},
		"422":                         {reply{status: 422, file: "error_bad_row.json"}, stock.Unknown, nil, 0},
		"429":                         {reply{status: 429, file: "error_rate_limited.json", header: http.Header{"Retry-After": {"7"}}}, stock.NotProcessed, nil, 7 * time.Second},
		"429 bare":                    {reply{status: 429}, stock.NotProcessed, nil, 0},
		"500":                         {reply{status: 500, file: "error_internal.json"}, stock.Unknown, nil, 0},
		"503":                         {reply{status: 503, body: proxy, header: http.Header{"Retry-After": {"9"}}}, stock.Unknown, nil, 9 * time.Second},
		"redirect":                    {reply{status: 307, header: http.Header{"Location": {"/elsewhere"}}}, stock.Unknown, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, map[string][]reply{pathCreate: {v.reply}})
			answer := s.channel().SendCall(t.Context(), "call-1", golden(t, "call.json"))
			assert.Equal(t, v.outcome, answer.Outcome, answer.Reason)
			assert.Equal(t, v.bad, answer.BadRows)
			assert.Equal(t, v.wait, answer.RetryAfter)
			assert.False(t, answer.PlatformTime.IsZero())
			assert.Equal(t, v.outcome == stock.Applied, answer.Reason == "", answer.Reason)
			assert.NotContains(t, answer.Reason, "proxy", "only Square's own words")
			assert.Len(t, s.asked(), 1, "one attempt")
		})
	}
}

func TestBadRows(t *testing.T) {
	t.Parallel()
	s := newShop(t, map[string][]reply{pathCreate: {{status: 400, body: `{"errors":[
		{"category":"INVALID_REQUEST_ERROR","code":"INVALID_VALUE","field":"changes[1].adjustment.quantity"},
		{"category":"INVALID_REQUEST_ERROR","code":"INVALID_VALUE","field":"changes[0]"},
		{"category":"INVALID_REQUEST_ERROR","code":"INVALID_VALUE","field":"changes[1].adjustment.location_id"},
		{"category":"INVALID_REQUEST_ERROR","code":"INVALID_VALUE","field":"changes[2].adjustment.quantity"},
		{"category":"INVALID_REQUEST_ERROR","code":"INVALID_VALUE","field":"changes[-1]"},
		{"category":"INVALID_REQUEST_ERROR","code":"INVALID_VALUE","field":"changes[1"},
		{"category":"INVALID_REQUEST_ERROR","code":"INVALID_VALUE","field":"idempotency_key"},
		{"category":"INVALID_REQUEST_ERROR","code":"INVALID_VALUE"},null]}`}}})
	answer := s.channel().SendCall(t.Context(), "call-1", golden(t, "call.json"))
	assert.Equal(t, stock.Refused, answer.Outcome)
	assert.Equal(t, []int{0, 1}, answer.BadRows)
	assert.Contains(t, answer.Reason, "INVALID_VALUE changes[1].adjustment.quantity")
}

// A transport that reports no connection proves nothing, and neither does an answer that breaks off.
func TestSendCallCut(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]roundTrip{
		"no answer":    func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF },
		"half a 200":   func(r *http.Request) (*http.Response, error) { return broken(r, 200), nil },
		"half a 400":   func(r *http.Request) (*http.Response, error) { return broken(r, 400), nil },
		"endless 200":  func(r *http.Request) (*http.Response, error) { return endless(r), nil },
		"out of time":  func(*http.Request) (*http.Response, error) { return nil, context.DeadlineExceeded },
		"out of order": func(*http.Request) (*http.Response, error) { return nil, context.Canceled },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := newChannel(t, transport(f)).SendCall(t.Context(), "call-1", golden(t, "call.json"))
			assert.Equal(t, stock.Unknown, answer.Outcome, answer.Reason)
		})
	}
}

func broken(r *http.Request, status int) *http.Response {
	response := answer(r, status, "", nil)
	response.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"errors":[{"category":"INVALID_REQUEST_ERROR","code":"BAD_REQUEST"}]`), brokenReader{}))
	return response
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func endless(r *http.Request) *http.Response {
	response := answer(r, 200, "", nil)
	response.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"errors":[]`), spaces{}))
	return response
}

type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}
