package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/api"
	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/sqlite"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/app/apptest"
	"github.com/evenstock/evenstock/sync/fleet/fleettest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a file of testdata, or writes it with -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("..", "..", "testdata", "api", name+".golden")
	if *update {
		require.NoError(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "run go test -update to write it")
	require.Equal(t, string(want), string(got))
}

// merchant is a book with its app and the handler over it.
type merchant struct {
	*apptest.Book
	app     *app.App
	handler http.Handler
}

func newMerchant(t *testing.T) *merchant {
	t.Helper()
	store, err := sqlite.Open(t.Context(), sqlite.Options{Folder: t.TempDir()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	m := &merchant{Book: apptest.New(t, store)}
	m.serve(m.Options())
	return m
}

// serve answers with an app of these parts.
func (m *merchant) serve(opts app.Options) {
	m.app = app.New(opts)
	// The merchants of the process: bakery and florist are declared, grocer is by now.
	world := fleettest.New(false, "bakery", "florist")
	require.NoError(m, world.Fleet.Start(m.Context()))
	world.Declared = []string{"florist", "grocer"}
	m.handler = api.NewFor(api.Parts{App: m.app, Fleet: world.Fleet})
}

// work does the app's jobs until the test ends.
func (m *merchant) work() {
	ctx, stop := context.WithCancel(m.Context())
	ended := make(chan struct{})
	go func() {
		m.app.Run(ctx)
		close(ended)
	}()
	m.Cleanup(func() {
		stop()
		<-ended
	})
}

// answer is what a request got.
type answer struct {
	*testing.T
	*httptest.ResponseRecorder
}

// ask sends a request of a local user.
func (m *merchant) ask(method, target, body string, headers ...string) answer {
	m.Helper()
	req := httptest.NewRequestWithContext(m.Context(), method, target, strings.NewReader(body))
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	req = req.WithContext(api.WithCaller(req.Context(), api.LocalCaller("ann")))
	a := answer{m.T, httptest.NewRecorder()}
	m.handler.ServeHTTP(a.ResponseRecorder, req)
	return a
}

// problem expects a problem that the document allows.
func (a answer) problem(status int) api.Problem {
	a.Helper()
	require.Equal(a, status, a.Code, a.Body.String())
	require.Equal(a, "application/problem+json", a.Header().Get("Content-Type"))
	fits(a.T, api.Document().Components.Schemas.Map()["Problem"], a.Body.Bytes())
	var p api.Problem
	require.NoError(a, json.Unmarshal(a.Body.Bytes(), &p))
	require.Equal(a, status, p.Status)
	require.Equal(a, http.StatusText(status), p.Title)
	require.NotEmpty(a, p.Detail)
	return p
}

// fits expects JSON that a schema of the document allows.
func fits(t *testing.T, schema *huma.Schema, text []byte) {
	t.Helper()
	var value any
	decoder := json.NewDecoder(bytes.NewReader(text))
	require.NoError(t, decoder.Decode(&value))
	var result huma.ValidateResult
	huma.Validate(api.Document().Components.Schemas, schema, huma.NewPathBuffer(nil, 0), huma.ModeReadFromServer, value, &result)
	require.Empty(t, result.Errors, string(text))
	require.NotContains(t, string(text), "$schema")
}

// described is an operation as the document has it.
func described(t *testing.T, op api.Operation) *huma.Operation {
	t.Helper()
	item := api.Document().Paths[op.Path]
	require.NotNil(t, item, op.ID)
	found := map[string]*huma.Operation{http.MethodGet: item.Get, http.MethodPost: item.Post}[op.Method]
	require.NotNil(t, found, op.ID)
	return found
}

// schemaOf is what an operation answers, and with which media type.
func schemaOf(t *testing.T, op api.Operation) (media string, schema *huma.Schema) {
	t.Helper()
	response := described(t, op).Responses[statusText(op)]
	require.NotNil(t, response, op.ID)
	require.Len(t, response.Content, 1, op.ID)
	for media, content := range response.Content {
		return media, content.Schema
	}
	return "", nil
}

func statusOf(op api.Operation) int {
	if op.Status != 0 {
		return op.Status
	}
	return http.StatusOK
}

func statusText(op api.Operation) string { return strconv.Itoa(statusOf(op)) }

func operation(t *testing.T, id string) api.Operation {
	t.Helper()
	i := slices.IndexFunc(api.Operations(), func(op api.Operation) bool { return op.ID == id })
	require.GreaterOrEqual(t, i, 0, id)
	return api.Operations()[i]
}

// brakeID is the id of a brake of a kind that holds.
func (m *merchant) brakeID(kind ledger.BrakeKind) string {
	m.Helper()
	brakes, err := m.app.Brakes(m.Context())
	require.NoError(m, err)
	i := slices.IndexFunc(brakes, func(brake app.Brake) bool { return brake.Kind == kind.String() })
	require.GreaterOrEqual(m, i, 0)
	return brakes[i].ID
}
