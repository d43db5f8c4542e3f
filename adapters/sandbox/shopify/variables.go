package shopify

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// variableProblem is one thing wrong with a variable, as Shopify lists it in extensions.problems.
type variableProblem struct {
	Path        []any  `json:"path"`
	Explanation string `json:"explanation"`
}

// coerceVariables checks the variables by their types and turns numbers into int64 or float64. A key that is absent stays
// absent and a null stays null: the quantity mutations tell them apart.
func coerceVariables(schema *ast.Schema, op *ast.OperationDefinition, given map[string]any) (map[string]any, []*gqlError) {
	out := map[string]any{}
	var errs []*gqlError
	for _, def := range op.VariableDefinitions {
		value, present := given[def.Variable]
		if !present && def.DefaultValue != nil {
			fallback, err := def.DefaultValue.Value(nil)
			if err != nil {
				errs = append(errs, &gqlError{Message: err.Error()})
				continue
			}
			out[def.Variable] = fallback
			continue
		}
		if !present && !def.Type.NonNull {
			continue
		}
		c := coercion{schema: schema}
		coerced := c.value(def.Type, value, []any{})
		if len(c.problems) > 0 {
			errs = append(errs, invalidVariable(def, value, c.problems))
			continue
		}
		out[def.Variable] = coerced
	}
	return out, errs
}

func invalidVariable(def *ast.VariableDefinition, value any, problems []variableProblem) *gqlError {
	message := fmt.Sprintf("Variable $%s of type %s was provided invalid value", def.Variable, def.Type.String())
	for i, p := range problems {
		if len(p.Path) == 0 {
			continue
		}
		link := " for "
		if i > 0 {
			link = ", "
		}
		message += link + joinPath(p.Path) + " (" + p.Explanation + ")"
	}
	err := newGQLError("INVALID_VARIABLE", "%s", message)
	err.Extensions["value"], err.Extensions["problems"] = value, problems
	return err
}

func joinPath(path []any) string {
	parts := make([]string, len(path))
	for i, p := range path {
		parts[i] = fmt.Sprint(p)
	}
	return strings.Join(parts, ".")
}

// coercion collects the problems of one variable.
type coercion struct {
	schema   *ast.Schema
	problems []variableProblem
}

func (c *coercion) problem(path []any, format string, args ...any) any {
	c.problems = append(c.problems, variableProblem{Path: slices.Clone(path), Explanation: fmt.Sprintf(format, args...)})
	return nil
}

func (c *coercion) value(typ *ast.Type, value any, path []any) any {
	if value == nil {
		if typ.NonNull {
			return c.problem(path, "Expected value to not be null")
		}
		return nil
	}
	if typ.Elem != nil {
		list, ok := value.([]any)
		if !ok {
			list = []any{value} // GraphQL takes a single value for a list of one
		}
		out := make([]any, len(list))
		for i, v := range list {
			out[i] = c.value(typ.Elem, v, append(path, i))
		}
		return out
	}
	def := c.schema.Types[typ.NamedType]
	switch def.Kind {
	case ast.InputObject:
		return c.object(def, value, path)
	case ast.Enum:
		name, ok := value.(string)
		if !ok || def.EnumValues.ForName(name) == nil {
			return c.problem(path, "Expected %q to be one of: %s", fmt.Sprint(value), enumNames(def))
		}
		return name
	default:
		return c.scalar(typ.NamedType, value, path)
	}
}

func enumNames(def *ast.Definition) string {
	names := make([]string, len(def.EnumValues))
	for i, v := range def.EnumValues {
		names[i] = v.Name
	}
	return strings.Join(names, ", ")
}

func (c *coercion) object(def *ast.Definition, value any, path []any) any {
	given, ok := value.(map[string]any)
	if !ok {
		return c.problem(path, "Expected %q to be a key-value object.", fmt.Sprint(value))
	}
	for name := range given {
		if def.Fields.ForName(name) == nil {
			c.problem(append(path, name), "Field is not defined on %s", def.Name)
		}
	}
	out := map[string]any{}
	for _, field := range def.Fields {
		v, present := given[field.Name]
		if !present && !field.Type.NonNull {
			continue
		}
		out[field.Name] = c.value(field.Type, v, append(path, field.Name))
	}
	return out
}

func (c *coercion) scalar(name string, value any, path []any) any {
	switch name {
	case "Int":
		if number, ok := value.(json.Number); ok {
			if n, err := number.Int64(); err == nil && n >= math.MinInt32 && n <= math.MaxInt32 {
				return n
			}
		}
	case "Float":
		if number, ok := value.(json.Number); ok {
			if f, err := number.Float64(); err == nil {
				return f
			}
		}
	case "Boolean":
		if b, ok := value.(bool); ok {
			return b
		}
	case "ID":
		switch v := value.(type) {
		case string:
			return v
		case json.Number:
			return v.String()
		}
	default: // String, and custom scalars, which are all text here
		if text, ok := value.(string); ok {
			return text
		}
	}
	return c.problem(path, "Could not coerce value %s to %s", shortJSON(value), name)
}

// shortJSON prints a value for an error message.
func shortJSON(value any) string {
	body, err := json.Marshal(value)
	if err != nil {
		return "?"
	}
	return fmt.Sprintf("%.60s", body)
}
