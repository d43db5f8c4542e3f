package api_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/api"
	"github.com/evenstock/evenstock/sync/app"
)

// canary is a value that no answer may repeat.
const canary = "canary-7b1d"

// TestRequestsThatNoOperationTakes pins what is said of a request before any operation sees it.
func TestRequestsThatNoOperationTakes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, method, target, body string
		headers                    []string
		status                     int
	}{
		{"an unknown path", http.MethodGet, "/v1/nothing", "", nil, 404},
		{"the root", http.MethodGet, "/", "", nil, 404},
		{"a path that goes on", http.MethodGet, "/v1/jobs/a/b", "", nil, 404},
		{"another method", http.MethodDelete, "/v1/stock", "", nil, 405},
		{"a method of another path", http.MethodPost, "/v1/stock", `{}`, nil, 405},
		{"broken JSON", http.MethodPost, "/v1/brakes/release", `{"id": "` + canary, nil, 400},
		{"text after the JSON", http.MethodPost, "/v1/brakes/release", `{"id": "x"} ` + canary, nil, 400},
		{"no body", http.MethodPost, "/v1/brakes/release", "", nil, 400},
		{"another content type", http.MethodPost, "/v1/brakes/release", "id=" + canary, []string{"Content-Type", "application/x-www-form-urlencoded"}, 415},
		{"a parameter of another operation", http.MethodGet, "/v1/stock?authority=" + canary, "", nil, 422},
		{"a property that does not belong there", http.MethodPost, "/v1/brakes/release", `{"id": "x", "by": "` + canary + `"}`, nil, 422},
		{"another type", http.MethodPost, "/v1/brakes/release", `{"id": {"x": "` + canary + `"}, "correct": "` + canary + `"}`, nil, 422},
		{"no object", http.MethodPost, "/v1/brakes/release", `["` + canary + `"]`, nil, 422},
	}
	m := newMerchant(t)
	var text bytes.Buffer
	for _, test := range tests {
		got := m.ask(test.method, test.target, test.body, test.headers...)
		p := got.problem(test.status)
		require.NotEmpty(t, p.Kind, test.name)
		require.NotContains(t, got.Body.String(), canary, test.name)
		fmt.Fprintf(&text, "# %s\n%s %s\n%s\n\n%s\n", test.name, test.method, test.target, test.body, got.Body)
	}
	golden(t, "no-operation", text.Bytes())
	require.Equal(t, "GET, HEAD", m.ask(http.MethodDelete, "/v1/stock", "").Header().Get("Allow"))
}

func TestBodiesAreBounded(t *testing.T) {
	t.Parallel()
	m := newMerchant(t)
	pad := strings.Repeat(" ", 1<<20)
	p := m.ask(http.MethodPost, "/v1/brakes/release", `{"id": "x"}`+pad).problem(http.StatusRequestEntityTooLarge)
	require.Equal(t, app.Invalid.String(), p.Kind)
	m.ask(http.MethodPost, "/v1/brakes/release", `{"id": "x"}`+pad[:1<<19]).problem(http.StatusNotFound)
	require.Equal(t, http.StatusOK, m.ask(http.MethodPost, "/v1/links", `{"rows": []}`+pad+pad).Code, "a link file may be larger")
	m.ask(http.MethodPost, "/v1/links", `{"rows": []}`+strings.Repeat(pad, 32)).problem(http.StatusRequestEntityTooLarge)
}

// A request that is wrong in very many places gets an answer of bounded size.
func TestFaultsAreBounded(t *testing.T) {
	t.Parallel()
	var body strings.Builder
	body.WriteString(`{"id": "x"`)
	for i := range 3_000 {
		fmt.Fprintf(&body, `, "%s%d": 1`, strings.Repeat("x", 300), i)
	}
	body.WriteString("}")
	got := newMerchant(t).ask(http.MethodPost, "/v1/brakes/release", body.String())
	p := got.problem(http.StatusUnprocessableEntity)
	require.Len(t, p.Faults, 20)
	require.Equal(t, "validation failed in 3000 places, of which these are the first 20", p.Detail)
	require.Less(t, got.Body.Len(), 16<<10)
	got = newMerchant(t).ask(http.MethodPost, "/v1/brakes/release", "{}", "Content-Type", "text/"+strings.Repeat("x", 32<<10))
	got.problem(http.StatusUnsupportedMediaType)
	require.Less(t, got.Body.Len(), 1<<10)
}

// TestNoRefusalRepeatsAValue puts a canary of the wrong type into every place of every request.
func TestNoRefusalRepeatsAValue(t *testing.T) {
	t.Parallel()
	m := newMerchant(t)
	places := 0
	for _, op := range api.Operations() {
		path := strings.Replace(op.Path, "{id}", "x", 1)
		for where, schema := range asked(t, op) {
			in, name, _ := strings.Cut(where, ".")
			if in == "query" && schema.Type != huma.TypeString || schema.Format != "" && in == "query" {
				places++
				got := m.ask(op.Method, path+"?"+name+"="+canary, "")
				got.problem(http.StatusUnprocessableEntity)
				require.NotContains(t, got.Body.String(), canary, "%s: %s", op.ID, where)
			}
		}
		if body := described(t, op).RequestBody; body != nil {
			top := asked(t, op)["body"]
			for name := range top.Properties {
				for _, value := range []string{`"` + canary + `"`, `{"x": "` + canary + `"}`, `["` + canary + `"]`, `[{"sku": ["` + canary + `"]}]`, `"` + canary} {
					places++
					got := m.ask(op.Method, path, `{"`+name+`": `+value+`, "x": "`+canary+`"}`)
					require.Contains(t, []int{http.StatusUnprocessableEntity, http.StatusBadRequest}, got.Code, "%s: %s", op.ID, got.Body)
					require.NotContains(t, got.Body.String(), canary, "%s: %s", op.ID, name)
				}
			}
		}
	}
	require.Greater(t, places, 90)
}

// A request that no transport vouches for may do nothing, whatever it says of itself.
func TestNobodyMayDoNothing(t *testing.T) {
	t.Parallel()
	m := newMerchant(t)
	for _, op := range api.Operations() {
		req := httptest.NewRequestWithContext(t.Context(), op.Method, strings.Replace(op.Path, "{id}", "x", 1), strings.NewReader("{}"))
		req.Header.Set("Content-Type", "application/json")
		req.SetBasicAuth("ann", "ann")
		a := answer{t, httptest.NewRecorder()}
		m.handler.ServeHTTP(a.ResponseRecorder, req)
		p := a.problem(http.StatusForbidden)
		require.Equal(t, app.Refused.String(), p.Kind)
		require.Equal(t, "this needs the scope "+string(op.Scope), p.Detail, op.ID)
	}
}

// A fault of ours has words and no kind, and does not end the process.
func TestAFaultIsAnAnswer(t *testing.T) {
	t.Parallel()
	m := newMerchant(t)
	opts := m.Options()
	m.Stream.Fail(context.DeadlineExceeded)
	m.serve(opts)
	p := m.ask(http.MethodGet, "/v1/dead-letters", "").problem(http.StatusInternalServerError)
	require.Equal(t, api.Problem{Title: "Internal Server Error", Status: 500, Detail: "reading dead letters: context deadline exceeded"}, p)
}

// What a caller accepts is not negotiated: it is JSON.
func TestWhatIsAcceptedDoesNotMatter(t *testing.T) {
	t.Parallel()
	m := newMerchant(t)
	for _, accept := range []string{"text/html", "application/xml;q=1", "*/*", "nonsense"} {
		got := m.ask(http.MethodGet, "/v1/brakes", "", "Accept", accept)
		require.Equal(t, http.StatusOK, got.Code)
		require.Equal(t, "application/json", got.Header().Get("Content-Type"))
		require.Equal(t, "[]\n", got.Body.String())
	}
}

// gone is a caller who has hung up before the answer.
type gone struct{ *httptest.ResponseRecorder }

func (gone) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// A caller who has hung up is no reason to panic: in process nobody would recover.
func TestACallerWhoHungUp(t *testing.T) {
	t.Parallel()
	m := newMerchant(t)
	for _, target := range []string{"/v1/status", "/v1/jobs/x", "/v1/stock?limit=x", "/v1/events?last=1", "/v1/nothing"} {
		for _, caller := range []api.Caller{api.LocalCaller("ann"), {}} {
			req := httptest.NewRequestWithContext(api.WithCaller(t.Context(), caller), http.MethodGet, target, nil)
			require.NotPanics(t, func() { m.handler.ServeHTTP(gone{httptest.NewRecorder()}, req) }, target)
		}
	}
}
