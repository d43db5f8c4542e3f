package webhook

import (
	"encoding/base64"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func with(r *http.Request, change func(*http.Request)) *http.Request {
	change(r)
	return r
}

func withHeader(name string, values ...string) func(*http.Request) {
	return func(r *http.Request) { r.Header[name] = values }
}

func TestServeHTTP(t *testing.T) {
	t.Parallel()
	const body = `ok {"name":"` + canary + `"}`
	good := sign(tillSecret, []byte(body))
	digest, err := base64.StdEncoding.DecodeString(good)
	require.NoError(t, err)
	post := func(path, body string) *http.Request {
		return with(httptest.NewRequest(http.MethodPost, path, strings.NewReader(body)), withHeader(signHeader, good))
	}
	method := func(method, path string) *http.Request {
		return with(httptest.NewRequest(method, path, strings.NewReader(body)), withHeader(signHeader, good))
	}
	for name, c := range map[string]struct {
		request *http.Request
		result  Result
		status  int
	}{
		"good":                         {signed(body), Published, 200},
		"Content-Type text/plain":      {with(signed(body), withHeader("Content-Type", "text/plain")), Published, 200},
		"Content-Encoding identity":    {with(signed(body), withHeader("Content-Encoding", "identity")), Published, 200},
		"forged X-Forwarded-Host":      {with(signed(body), withHeader("X-Forwarded-Host", "evil.example.com")), Published, 200},
		"query":                        {post(tillPath+"?x=1", body), Published, 200},
		"other host":                   {with(signed(body), func(r *http.Request) { r.Host = "evil.example.com" }), Published, 200},
		"no signature":                 {with(signed(body), func(r *http.Request) { r.Header.Del(signHeader) }), BadSignature, 401},
		"empty signature":              {with(signed(body), withHeader(signHeader, "")), BadSignature, 401},
		"two signatures":               {with(signed(body), withHeader(signHeader, good, good)), BadSignature, 401},
		"hex":                          {with(signed(body), withHeader(signHeader, hex.EncodeToString(digest))), BadSignature, 401},
		"no padding":                   {with(signed(body), withHeader(signHeader, strings.TrimRight(good, "="))), BadSignature, 401},
		"trailing space":               {with(signed(body), withHeader(signHeader, good+" ")), BadSignature, 401},
		"trailing newline":             {with(signed(body), withHeader(signHeader, good+"\n")), BadSignature, 401},
		"other tenant's secret":        {with(signed(body), withHeader(signHeader, sign(webSecret, []byte(body)))), BadSignature, 401},
		"empty secret":                 {with(signed(body), withHeader(signHeader, sign("", []byte(body)))), BadSignature, 401},
		"till's delivery at the web's": {post(webPath, body), BadSignature, 401},
		"body and newline":             {post(tillPath, body+"\n"), BadSignature, 401},
		"body re-encoded":              {post(tillPath, `ok {"name": "`+canary+`"}`), BadSignature, 401},
		"body shorter":                 {post(tillPath, body[:len(body)-1]), BadSignature, 401},
		"empty body":                   {signed(""), EmptyBody, 400},
		"gzip":                         {with(signed(body), withHeader("Content-Encoding", "gzip")), Encoded, 415},
		"br after identity":            {with(signed(body), withHeader("Content-Encoding", "identity", "br")), Encoded, 415},
		"gzip at an unknown path":      {with(post("/hooks/x", body), withHeader("Content-Encoding", "gzip")), NotFound, 404},
		"unknown path":                 {post("/hooks/till/0123456789abcdeg", body), NotFound, 404},
		"root":                         {post("/", body), NotFound, 404},
		"path and slash":               {post(tillPath+"/", body), Published, 200},
		"path and two slashes":         {post(tillPath+"//", body), Published, 200},
		"of another shop":              {with(signed(body), withHeader("X-Test-Shop", "another")), OtherShop, 401},
		"path in capitals":             {post(strings.ToUpper(tillPath), body), NotFound, 404},
		"path, escaped":                {post("/hooks/%74ill/0123456789abcdef", body), Published, 200},
		"path, escaped in capitals":    {post("/hooks/til%6C/0123456789abcdef", body), Published, 200},
		"path, escaped slash":          {post("/hooks%2Ftill/0123456789abcdef", body), Published, 200},
		"path, doubled slash":          {post("/hooks//till/0123456789abcdef", body), Published, 200},
		"path, doubled slash first":    {post("//hooks/till/0123456789abcdef", body), Published, 200},
		"path, dot":                    {post("/hooks/./till/0123456789abcdef", body), Published, 200},
		"path, two dots":               {post("/x/../hooks/till/0123456789abcdef", body), Published, 200},
		"path, doubled and unsigned":   {with(post("/hooks//till/0123456789abcdef", body), func(r *http.Request) { r.Header.Del(signHeader) }), BadSignature, 401},
		"path, doubled and unknown":    {post("/hooks//till/0123456789abcdeg", body), NotFound, 404},
		"GET":                          {method(http.MethodGet, tillPath), WrongMethod, 405},
		"HEAD":                         {method(http.MethodHead, tillPath), WrongMethod, 405},
		"PUT":                          {method(http.MethodPut, tillPath), WrongMethod, 405},
		"DELETE":                       {method(http.MethodDelete, tillPath), WrongMethod, 405},
		"OPTIONS":                      {method(http.MethodOptions, tillPath), WrongMethod, 405},
		"post in small letters":        {method("post", tillPath), WrongMethod, 405},
		"GET unknown path":             {method(http.MethodGet, "/hooks/x"), NoDelivery, 404},
		"HEAD unknown path":            {method(http.MethodHead, "/hooks/x"), NoDelivery, 404},
		"unknown topic":                {signed("unknown x"), UnknownTopic, 200},
		"no events":                    {signed("none x"), NoEvents, 200},
		"undecodable":                  {signed("broken x"), Undecodable, 200},
		"undecodable, leaking error":   {signed("leaking " + canary), Undecodable, 200},
		"decoder panics":               {signed("panic " + canary), Undecodable, 200},
		"event of another channel":     {signed("foreign " + canary), WrongChannel, 500},
		"ref of another channel":       {signed("foreign-ref x"), WrongChannel, 500},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			response := serve(b, c.request)
			assert.Equal(t, c.status, response.StatusCode)
			assert.Equal(t, c.result == WrongMethod, response.Header.Get("Allow") == "POST")
			requireEmpty(t, response)
			requireOnly(t, b, c.result)
			assert.Equal(t, c.result == Published, b.sink.published() == 1)
			assert.Equal(t, c.result == Undecodable, len(b.letters.rejected) == 1)
			for _, secret := range []string{canary, "Canary", tillPath, webPath, tillSecret, good} {
				assert.NotContains(t, b.log.String(), secret)
				for _, r := range b.letters.rejected {
					assert.NotContains(t, r.Reason+r.Topic, secret)
				}
			}
		})
	}
}

// requireOnly checks that exactly one request was counted, with this result, and under its channel.
func requireOnly(t *testing.T, b rig, result Result) {
	t.Helper()
	var total, acks uint64
	for _, row := range b.Stats().Deliveries {
		total += row.Count
		if row.Count > 0 {
			require.Equal(t, result, row.Result, "counted as %s", row.Result)
			require.Equal(t, result == NotFound || result == NoDelivery, row.Channel == "", "counted for channel %q", row.Channel)
		}
	}
	for _, n := range b.Stats().Ack.Counts {
		acks += n
	}
	require.EqualValues(t, 1, total)
	require.Equal(t, result.Good(), acks == 1)
}

func TestRejectedCarriesNoBody(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		topic, wantTopic, body, reason string
	}{
		"plain":               {"orders/create", "orders/create", "broken x", "row 3: quantity is not a number"},
		"no topic":            {"", "", "broken x", "row 3: quantity is not a number"},
		"topic with a person": {"orders/create " + canary, "", "broken x", "row 3: quantity is not a number"},
		"topic too long":      {strings.Repeat("a", topicMax+1), "", "broken x", "row 3: quantity is not a number"},
		"error leaks":         {"orders/create", "orders/create", "leaking x", "[...] [...] x: cannot read [...]"},
		"panic":               {"orders/create", "", "panic x", "the decoder panicked"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			r := signed(c.body)
			r.Header.Set("X-Test-Topic", c.topic)
			require.Equal(t, 200, serve(b, r).StatusCode)
			require.Len(t, b.letters.rejected, 1)
			got := b.letters.rejected[0]
			assert.EqualValues(t, "till", got.Channel)
			assert.Equal(t, c.wantTopic, got.Topic)
			assert.Equal(t, len(c.body), got.Size)
			assert.Len(t, got.SHA256, 64)
			if name != "error leaks" {
				assert.Equal(t, c.reason, got.Reason)
			}
		})
	}
}

func TestEventsCarryTheTimeOfArrival(t *testing.T) {
	t.Parallel()
	b := setup(t)
	require.Equal(t, 200, serve(b, signed("ok")).StatusCode)
	require.Equal(t, at, b.sink.events[0].ObservedAt)
	require.Equal(t, "0s", b.Stats().Ack.Sum.String())
}

func TestBodyMax(t *testing.T) {
	t.Parallel()
	exact := "ok " + strings.Repeat("x", BodyMax-3)
	for name, c := range map[string]struct {
		body    string
		path    string
		chunked bool
		channel string
		result  Result
	}{
		"1 MiB":                        {exact, tillPath, false, "till", Published},
		"1 MiB, chunked":               {exact, tillPath, true, "till", Published},
		"1 MiB and 1 byte":             {exact + "x", tillPath, false, "till", TooLarge},
		"1 MiB and 1 byte, chunked":    {exact + "x", tillPath, true, "till", TooLarge},
		"1 MiB and 1 byte, wrong path": {exact + "x", "/x", false, "", TooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			r := signed(c.body)
			r.URL.Path = c.path
			if c.chunked {
				r.ContentLength, r.TransferEncoding = -1, []string{"chunked"}
			}
			response := serve(b, r)
			assert.Equal(t, c.result.status(), response.StatusCode)
			requireEmpty(t, response)
			assert.EqualValues(t, 1, b.Stats().Of(hookChannel(c.channel), c.result))
		})
	}
}

// untouched fails the test when it is read.
type untouched struct{ t *testing.T }

func (u untouched) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, io.EOF
}

func TestBodyIsNotReadWhenTheHeadersSayNo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, c := range map[string]struct {
		change func(*http.Request)
		status int
	}{
		"too long":  {func(r *http.Request) { r.ContentLength = BodyMax + 1 }, 413},
		"path":      {func(r *http.Request) { r.URL.Path = "/x" }, 404},
		"method":    {func(r *http.Request) { r.Method = http.MethodGet }, 405},
		"gzip":      {func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") }, 415},
		"not ready": {func(*http.Request) {}, 503},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := b
			if name == "not ready" {
				b = setup(t, func(o *Options) { o.Ready = func() error { return io.ErrShortWrite } })
			}
			r := httptest.NewRequest(http.MethodPost, tillPath, untouched{t})
			c.change(r)
			assert.Equal(t, c.status, serve(b, r).StatusCode)
		})
	}
}
