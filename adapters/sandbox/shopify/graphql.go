package shopify

import (
	_ "embed"
	"errors"
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
)

//go:embed admin.graphql
var schemaText string

// tokensMax is how many tokens a query may have; the longest of a sync app has a few hundred.
const tokensMax = 15_000

// graphQL reads queries by the schema.
type graphQL struct{ schema *ast.Schema }

// newGraphQL loads the embedded schema. It panics when that is not valid, which a test shows and input cannot cause.
func newGraphQL() *graphQL {
	return &graphQL{schema: gqlparser.MustLoadSchema(&ast.Source{Name: "admin.graphql", Input: schemaText})}
}

// gqlRequest is the body of a GraphQL request. Numbers in variables are json.Number.
type gqlRequest struct {
	Query         string         `json:"query"`
	OperationName string         `json:"operationName"`
	Variables     map[string]any `json:"variables"`
}

// gqlError is one entry of a response's errors.
type gqlError struct {
	Message    string              `json:"message"`
	Locations  []gqlerror.Location `json:"locations,omitempty"`
	Path       []any               `json:"path,omitempty"`
	Extensions map[string]any      `json:"extensions,omitempty"`
}

// Error makes it an error, so that resolvers can return one.
func (e *gqlError) Error() string { return e.Message }

func newGQLError(code, format string, args ...any) *gqlError {
	return &gqlError{Message: fmt.Sprintf(format, args...), Extensions: map[string]any{"code": code}}
}

// prepare reads and validates a request: the operation to run and its coerced variables, or what is wrong.
func (g *graphQL) prepare(req gqlRequest) (*ast.OperationDefinition, map[string]any, []*gqlError) {
	doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: req.Query}, tokensMax)
	if err != nil {
		return nil, nil, []*gqlError{translateGQLError(err)}
	}
	if errs := validator.ValidateWithRules(g.schema, doc, nil); len(errs) > 0 {
		var all []*gqlError
		for _, err := range errs {
			all = append(all, translateGQLError(err))
		}
		return nil, nil, all
	}
	op := doc.Operations.ForName(req.OperationName)
	if req.OperationName == "" && len(doc.Operations) == 1 {
		op = doc.Operations[0]
	}
	switch {
	case op == nil && req.OperationName == "":
		return nil, nil, []*gqlError{{Message: "An operation name is required"}}
	case op == nil:
		return nil, nil, []*gqlError{{Message: fmt.Sprintf("No operation named %q", req.OperationName)}}
	}
	vars, problems := coerceVariables(g.schema, op, req.Variables)
	return op, vars, problems
}

// translateGQLError puts a parser's or validator's error into Shopify's form, and into its words where they are known.
func translateGQLError(err error) *gqlError {
	var invalid *gqlerror.Error
	if !errors.As(err, &invalid) {
		return &gqlError{Message: err.Error()}
	}
	out := &gqlError{Message: invalid.Message, Locations: invalid.Locations}
	switch invalid.Rule {
	case "FieldsOnCorrectType":
		// Cannot query field "code" on type "X". -> Field 'code' doesn't exist on type 'X'
		if parts := strings.Split(invalid.Message, `"`); len(parts) >= 4 {
			out.Message = fmt.Sprintf("Field '%s' doesn't exist on type '%s'", parts[1], parts[3])
			out.Extensions = map[string]any{"code": "undefinedField", "typeName": parts[3], "fieldName": parts[1]}
		}
	case "KnownDirectives":
		if strings.HasPrefix(invalid.Message, `Directive "@idempotent" may not be used`) {
			out.Message = "'@idempotent' can't be applied to mutations (allowed: fields)"
			out.Extensions = map[string]any{"code": "directiveCannotBeApplied", "targetName": "mutations"}
		}
	}
	return out
}
