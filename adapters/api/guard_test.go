package api_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/api"
)

// TestEveryOperationIsWhole fails for an operation that does not say everything about itself.
func TestEveryOperationIsWhole(t *testing.T) {
	t.Parallel()
	scopes := []api.Scope{api.ScopeRead, api.ScopeOperate, api.ScopeSetUp, api.ScopeMaintain}
	ids, patterns, used := map[string]bool{}, map[string]bool{}, map[api.Scope]bool{}
	for _, op := range api.Operations() {
		require.Regexp(t, "^[a-z]+(-[a-z]+)*$", op.ID)
		require.False(t, ids[op.ID], op.ID)
		require.False(t, patterns[op.Method+op.Path], op.ID)
		ids[op.ID], patterns[op.Method+op.Path], used[op.Scope] = true, true, true
		require.True(t, strings.HasPrefix(op.Path, "/v1/"), op.ID)
		require.NotEmpty(t, op.Summary, op.ID)
		require.NotContains(t, op.Summary, "evenstock ", "%s: a summary names no command", op.ID)
		require.Contains(t, scopes, op.Scope, op.ID)
		require.NotZero(t, op.Access, op.ID)
		require.NotNil(t, op.Example, op.ID)
		if op.Method == http.MethodGet {
			require.Equal(t, api.ScopeRead, op.Scope, "%s: what changes something is no GET", op.ID)
		}

		h := described(t, op)
		require.Equal(t, op.Scope, h.Extensions["x-scope"])
		require.Equal(t, []string{"application/problem+json"}, slices.Collect(maps.Keys(h.Responses["default"].Content)), op.ID)
		require.Len(t, h.Responses, 2, op.ID)
		example, err := json.Marshal(op.Example)
		require.NoError(t, err, op.ID)
		media, schema := schemaOf(t, op)
		fits(t, schema, example)
		require.Equal(t, op.Example, h.Responses[statusText(op)].Content[media].Example)

		found, ok := api.Find(httptest.NewRequestWithContext(t.Context(), op.Method, strings.Replace(op.Path, "{id}", "a%2Fb", 1)+"?x=y", nil))
		require.True(t, ok, op.ID)
		require.Equal(t, op.ID, found.ID)
	}
	require.Len(t, used, len(scopes), "no scope is idle")
	_, ok := api.Find(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/nothing", nil))
	require.False(t, ok)
	_, ok = api.Find(httptest.NewRequestWithContext(t.Context(), http.MethodDelete, "/v1/stock", nil))
	require.False(t, ok)
}

// TestTheAccessSuffices knows what covers what: a running serve answers everything, and who owns the ledger can read it.
func TestTheAccessSuffices(t *testing.T) {
	t.Parallel()
	for _, op := range api.Operations() {
		require.True(t, api.Everything.Covers(op.Access), op.ID)
	}
	require.True(t, api.Own.Covers(api.Ledger))
	require.False(t, api.Ledger.Covers(api.Own))
	require.False(t, (api.Own | api.Platforms).Covers(api.Own|api.Stream))
	require.True(t, api.Own.Covers(api.Own|api.First), "what is open may have been the first")
}

// asked are the names of everything that a request can say, with where.
func asked(t *testing.T, op api.Operation) map[string]*huma.Schema {
	t.Helper()
	h, names := described(t, op), map[string]*huma.Schema{}
	for _, parameter := range h.Parameters {
		names[parameter.In+"."+parameter.Name] = parameter.Schema
	}
	if h.RequestBody != nil {
		properties("body", h.RequestBody.Content["application/json"].Schema, names)
	}
	return names
}

func properties(where string, schema *huma.Schema, names map[string]*huma.Schema) {
	if schema.Ref != "" {
		schema = api.Document().Components.Schemas.SchemaFromRef(schema.Ref)
	}
	names[where] = schema
	if schema.Items != nil {
		properties(where+"[0]", schema.Items, names)
	}
	for name, property := range schema.Properties {
		properties(where+"."+name, property, names)
	}
}

// TestNoRequestNamesWhoAsks: who acts comes from the transport. A name in a request would be a forged signature in an append-only
// ledger.
func TestNoRequestNamesWhoAsks(t *testing.T) {
	t.Parallel()
	actors := []string{"by", "actor", "user", "username", "who", "author", "caller", "person", "operator", "released_by"}
	all := 0
	for _, op := range api.Operations() {
		for where := range asked(t, op) {
			all++
			require.NotContains(t, actors, strings.ToLower(where[strings.LastIndexAny(where, ".")+1:]), "%s: %s", op.ID, where)
		}
	}
	require.Greater(t, all, 30)
}

// TestOpenAPI pins the document: whoever changes it sees what callers see.
func TestOpenAPI(t *testing.T) {
	t.Parallel()
	document, err := api.OpenAPI()
	require.NoError(t, err)
	golden(t, "openapi", document)
	var read struct {
		OpenAPI    string `json:"openapi"`
		Servers    []any  `json:"servers"`
		Paths      map[string]map[string]map[string]any
		Components struct {
			Schemas map[string]struct{ Properties map[string]any }
		}
	}
	require.NoError(t, json.Unmarshal(document, &read))
	require.Equal(t, "3.1.0", read.OpenAPI)
	require.Empty(t, read.Servers)
	require.NotContains(t, string(document), "$schema")
	require.NotContains(t, string(document), "http://")
	require.NotContains(t, string(document), "https://")
	count := 0
	for _, methods := range read.Paths {
		count += len(methods)
	}
	require.Equal(t, len(api.Operations()), count, "what is described is what there is")
	for name, schema := range read.Components.Schemas {
		require.Contains(t, string(document), `"$ref": "#/components/schemas/`+name+`"`, "nobody gets it")
		require.NotContains(t, schema.Properties, "$schema", name)
	}

	m := newMerchant(t)
	got := m.ask(http.MethodGet, "/openapi.json", "")
	require.Equal(t, http.StatusOK, got.Code)
	require.JSONEq(t, string(document), got.Body.String())
	require.Equal(t, http.StatusNotFound, m.ask(http.MethodGet, "/docs", "").Code, "the ready-made page loads scripts from elsewhere")
	require.Equal(t, http.StatusNotFound, m.ask(http.MethodGet, "/schemas/Job.json", "").Code)
}
