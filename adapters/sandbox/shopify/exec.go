package shopify

import (
	"errors"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// gqlObject is a value with fields. get resolves one: nil, a scalar, a gqlObject, a []gqlObject, a gqlNodes or a *gqlPage.
type gqlObject struct {
	kind string
	get  func(field string, args map[string]any) (any, error)
}

// gqlNodes is the answer of nodes(ids): a gqlObject or nil for each id.
type gqlNodes []any

// exec runs one operation and counts what it really cost.
type exec struct {
	schema *ast.Schema
	vars   map[string]any
}

// run resolves the operation's root fields one after the other. A field that fails is null in the data and has an error.
func (x *exec) run(op *ast.OperationDefinition, root gqlObject) (data map[string]any, cost int, errs []*gqlError) {
	data = map[string]any{}
	keys, fields := x.collect([]ast.SelectionSet{op.SelectionSet}, root.kind)
	for _, key := range keys {
		value, fieldCost, err := x.field(root, fields[key])
		if err != nil {
			var e *gqlError
			if !errors.As(err, &e) {
				e = newGQLError("INTERNAL_SERVER_ERROR", "%s", err.Error())
			}
			at := fields[key][0].Position
			e.Path = append([]any{key}, e.Path...)
			e.Locations = append(e.Locations, location(at))
			errs = append(errs, e)
		}
		if op.Operation == ast.Mutation {
			fieldCost = mutationCost + max(0, fieldCost-x.directObjects(fields[key], value))
		}
		data[key], cost = value, cost+fieldCost
	}
	return data, cost, errs
}

// directObjects is what a mutation's price contains already: its payload and the payload's own objects.
func (x *exec) directObjects(fields []*ast.Field, value any) int {
	payload, ok := value.(map[string]any)
	if !ok {
		return 0
	}
	n := 1
	_, children := x.collect(selections(fields), fields[0].Definition.Type.Name())
	for key := range children {
		switch v := payload[key].(type) {
		case map[string]any:
			n++
		case []any:
			if len(v) > 0 {
				n++
			}
		}
	}
	return n
}

// field resolves one field; fields are its occurrences, whose selections are merged.
func (x *exec) field(of gqlObject, fields []*ast.Field) (value any, cost int, err error) {
	if fields[0].Name == "__typename" {
		return of.kind, 0, nil
	}
	args, err := x.arguments(fields[0])
	if err != nil {
		return nil, 0, err
	}
	got, err := of.get(fields[0].Name, args)
	if err != nil {
		return nil, 0, err
	}
	return x.complete(selections(fields), got)
}

// complete turns a resolved value into JSON-ready data and counts its cost.
func (x *exec) complete(sets []ast.SelectionSet, got any) (any, int, error) {
	switch v := got.(type) {
	case gqlObject:
		out, cost, err := x.object(sets, v)
		return out, 1 + cost, err
	case []gqlObject:
		out, most, err := x.list(sets, v)
		if len(v) == 0 {
			return out, 0, err
		}
		return out, 1 + most, err
	case gqlNodes:
		out, most := make([]any, len(v)), 0
		for i, node := range v {
			if node == nil {
				continue
			}
			completed, cost, err := x.complete(sets, node)
			if err != nil {
				return nil, 0, err
			}
			out[i], most = completed, max(most, cost)
		}
		return out, size(len(v)) * most, nil
	case *gqlPage:
		return x.page(sets, v)
	default:
		return got, 0, nil
	}
}

func (x *exec) list(sets []ast.SelectionSet, objects []gqlObject) (out []any, most int, err error) {
	out = make([]any, 0, len(objects))
	for _, object := range objects {
		value, cost, err := x.object(sets, object)
		if err != nil {
			return nil, 0, err
		}
		out, most = append(out, value), max(most, cost)
	}
	return out, most, nil
}

func (x *exec) object(sets []ast.SelectionSet, of gqlObject) (out map[string]any, cost int, err error) {
	out = map[string]any{}
	keys, fields := x.collect(sets, of.kind)
	for _, key := range keys {
		value, fieldCost, err := x.field(of, fields[key])
		if err != nil {
			return nil, 0, err
		}
		out[key], cost = value, cost+fieldCost
	}
	return out, cost, nil
}

// collect flattens fragments and groups the fields that apply to a kind by response key, in the order of the query.
func (x *exec) collect(sets []ast.SelectionSet, kind string) (keys []string, fields map[string][]*ast.Field) {
	fields = map[string][]*ast.Field{}
	var walk func(set ast.SelectionSet)
	walk = func(set ast.SelectionSet) {
		for _, selection := range set {
			switch s := selection.(type) {
			case *ast.Field:
				if x.included(s.Directives) {
					if fields[s.Alias] == nil {
						keys = append(keys, s.Alias)
					}
					fields[s.Alias] = append(fields[s.Alias], s)
				}
			case *ast.InlineFragment:
				if x.included(s.Directives) && x.applies(s.TypeCondition, kind) {
					walk(s.SelectionSet)
				}
			case *ast.FragmentSpread:
				if x.included(s.Directives) && x.applies(s.Definition.TypeCondition, kind) {
					walk(s.Definition.SelectionSet)
				}
			}
		}
	}
	for _, set := range sets {
		walk(set)
	}
	return keys, fields
}

// applies says whether a fragment on a type applies to objects of a kind.
func (x *exec) applies(condition, kind string) bool {
	if condition == "" || condition == kind {
		return true
	}
	def := x.schema.Types[kind]
	return def != nil && slices.Contains(def.Interfaces, condition)
}

// included evaluates @skip and @include.
func (x *exec) included(directives ast.DirectiveList) bool {
	for _, d := range directives {
		if d.Name != "skip" && d.Name != "include" {
			continue
		}
		if arg := d.Arguments.ForName("if"); arg != nil {
			value, err := arg.Value.Value(x.vars)
			if yes, ok := value.(bool); err == nil && ok && yes == (d.Name == "skip") {
				return false
			}
		}
	}
	return true
}

// arguments evaluates a field's arguments with the variables and the schema's defaults. What was not given is absent.
func (x *exec) arguments(f *ast.Field) (map[string]any, error) {
	args := map[string]any{}
	for _, def := range f.Definition.Arguments {
		source := def.DefaultValue
		if given := f.Arguments.ForName(def.Name); given != nil {
			if given.Value.Kind != ast.Variable {
				source = given.Value
			} else if value, set := x.vars[given.Value.Raw]; set {
				args[def.Name] = value
				continue
			}
		}
		if source == nil {
			continue
		}
		value, err := source.Value(x.vars)
		if err != nil {
			return nil, newGQLError("argumentLiteralsIncompatible", "Argument '%s' on Field '%s' has an invalid value", def.Name, f.Name)
		}
		args[def.Name] = value
	}
	if d := f.Directives.ForName("idempotent"); d != nil {
		if key := d.Arguments.ForName("key"); key != nil {
			value, err := key.Value.Value(x.vars)
			if err != nil {
				return nil, newGQLError("argumentLiteralsIncompatible", "Argument 'key' on Directive 'idempotent' has an invalid value")
			}
			args[idempotentArgument] = value
		}
	}
	return args, nil
}

func selections(fields []*ast.Field) []ast.SelectionSet {
	sets := make([]ast.SelectionSet, len(fields))
	for i, f := range fields {
		sets[i] = f.SelectionSet
	}
	return sets
}
