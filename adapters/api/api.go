package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/evenstock/evenstock/sync/app"
)

// version is that of the API: it changes when an operation changes in a way that breaks a caller.
const version = "1"

// scopeExtension is under which name the document says an operation's scope.
const scopeExtension = "x-scope"

// New serves every operation of a merchant. Requests carry their Caller in the context.
func New(a *app.App) http.Handler { return NewFor(Parts{App: a}) }

// NewFor serves every operation, with the parts that there are.
func NewFor(to Parts) http.Handler {
	mux := http.NewServeMux()
	build(mux, to)
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if answer, pattern := mux.Handler(req); pattern == "" {
			unanswered(w, req, answer)
			return
		}
		mux.ServeHTTP(answering{w}, req)
	})
}

// answering writes to a caller who may have hung up. What cannot be written is dropped: huma would panic, and the request's context
// says it to whoever wants to know.
type answering struct{ http.ResponseWriter }

func (a answering) Write(p []byte) (int, error) {
	_, _ = a.ResponseWriter.Write(p)
	return len(p), nil
}

// Unwrap is http.ResponseController's.
func (a answering) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// OpenAPI is the document of the API: OpenAPI 3.1, indented JSON.
func OpenAPI() ([]byte, error) {
	document, err := json.MarshalIndent(build(http.NewServeMux(), Parts{}).OpenAPI(), "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encoding the OpenAPI document: %w", err)
	}
	return append(document, '\n'), nil
}

func build(mux *http.ServeMux, to Parts) huma.API {
	config := huma.DefaultConfig("evenstock", version)
	config.Info.Description = "What a merchant's stock is and why, and what a person can do about it. Quantities are decimal strings with up to five decimals; times are RFC 3339."
	// The ready-made docs page loads its scripts from elsewhere, and $schema fields would be made of the Host header.
	config.DocsPath, config.SchemasPath, config.CreateHooks = "", "", nil
	config.RejectUnknownQueryParameters = true
	config.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	config.Transformers = []huma.Transformer{asProblem}
	api := humago.New(mux, config)
	faults := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "")
	for _, row := range table() {
		row.register(api, describe(api, row.Operation, faults), to)
		example(api, row.Operation)
	}
	// Huma describes its own errors too, which nobody gets.
	for _, unused := range []reflect.Type{reflect.TypeFor[huma.ErrorModel](), reflect.TypeFor[huma.ErrorDetail]()} {
		delete(api.OpenAPI().Components.Schemas.Map(), schemaName(unused, ""))
	}
	return api
}

// describe says of an operation what the document needs.
func describe(api huma.API, op Operation, faults *huma.Schema) huma.Operation {
	problem := map[string]*huma.MediaType{"application/problem+json": {Schema: faults}}
	return huma.Operation{
		OperationID: op.ID, Method: op.Method, Path: op.Path, Summary: op.Summary, DefaultStatus: op.Status, MaxBodyBytes: op.BodyMax,
		Responses:   map[string]*huma.Response{"default": {Description: "what is wrong, and what to do about it", Content: problem}},
		Middlewares: huma.Middlewares{allowed(api, op.Scope)},
		Extensions:  map[string]any{scopeExtension: op.Scope},
	}
}

// example adds the example to what huma wrote down of the answer.
func example(api huma.API, op Operation) {
	item := api.OpenAPI().Paths[op.Path]
	described := map[string]*huma.Operation{http.MethodGet: item.Get, http.MethodPost: item.Post}[op.Method]
	status := op.Status
	if status == 0 {
		status = http.StatusOK
	}
	for _, media := range described.Responses[strconv.Itoa(status)].Content {
		media.Example = op.Example
	}
}

// schemaName names a schema after its type, and those of other packages than app after the package too.
func schemaName(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name := huma.DefaultSchemaNamer(t, hint)
	folder := t.PkgPath()[strings.LastIndex(t.PkgPath(), "/")+1:]
	if folder == "" || folder == "app" || folder == "api" || strings.HasPrefix(strings.ToLower(name), folder) {
		return name
	}
	return strings.ToUpper(folder[:1]) + folder[1:] + name
}
