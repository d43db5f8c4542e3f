package shopify

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// contract is the official schema's file in the folder that EVENSTOCK_CONTRACTS names.
const contract = "shopify-admin-2026-10.graphql.gz"

func TestShopifySchemaIsASubset(t *testing.T) {
	t.Parallel()
	folder := os.Getenv("EVENSTOCK_CONTRACTS")
	if folder == "" {
		t.Skip("EVENSTOCK_CONTRACTS does not name the folder with " + contract)
	}
	file, err := os.Open(filepath.Join(folder, contract))
	require.NoError(t, err)
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	require.NoError(t, err)
	text, err := io.ReadAll(unzipped)
	require.NoError(t, err)
	official, err := gqlparser.LoadSchema(&ast.Source{Name: contract, Input: string(text)})
	require.NoError(t, err)
	ours := newGraphQL().schema
	require.Equal(t, official.Query.Name, ours.Query.Name)
	require.Equal(t, official.Mutation.Name, ours.Mutation.Name)
	require.Equal(t, directive(official), directive(ours))
	checked := 0
	for name, def := range ours.Types {
		if def.BuiltIn {
			continue
		}
		theirs := official.Types[name]
		if theirs == nil {
			t.Errorf("type %s does not exist", name)
			continue
		}
		checked++
		compareShopifyType(t, def, theirs)
	}
	require.Greater(t, checked, 50)
}

func directive(s *ast.Schema) string {
	d := s.Directives["idempotent"]
	return d.Arguments[0].Name + d.Arguments[0].Type.String() + string(d.Locations[0])
}

func compareShopifyType(t *testing.T, ours, theirs *ast.Definition) {
	t.Helper()
	if ours.Kind != theirs.Kind {
		t.Errorf("%s is a %s, not a %s", ours.Name, theirs.Kind, ours.Kind)
	}
	for _, name := range ours.Interfaces {
		if !slices.Contains(theirs.Interfaces, name) {
			t.Errorf("%s does not implement %s", ours.Name, name)
		}
	}
	for _, value := range ours.EnumValues {
		if theirs.EnumValues.ForName(value.Name) == nil {
			t.Errorf("%s has no value %s", ours.Name, value.Name)
		}
	}
	for _, field := range ours.Fields {
		official := theirs.Fields.ForName(field.Name)
		if official == nil {
			if !strings.HasPrefix(field.Name, "__") {
				t.Errorf("%s has no field %s", ours.Name, field.Name)
			}
			continue
		}
		if field.Type.String() != official.Type.String() {
			t.Errorf("%s.%s is a %s, not a %s", ours.Name, field.Name, official.Type, field.Type)
		}
		for _, arg := range field.Arguments {
			other := official.Arguments.ForName(arg.Name)
			if other == nil {
				t.Errorf("%s.%s has no argument %s", ours.Name, field.Name, arg.Name)
				continue
			}
			if arg.Type.String() != other.Type.String() || arg.DefaultValue.String() != other.DefaultValue.String() {
				t.Errorf("%s.%s(%s) is a %s = %s", ours.Name, field.Name, arg.Name, other.Type, other.DefaultValue)
			}
		}
		for _, other := range official.Arguments {
			if other.Type.NonNull && other.DefaultValue == nil && field.Arguments.ForName(other.Name) == nil {
				t.Errorf("%s.%s lacks the required argument %s", ours.Name, field.Name, other.Name)
			}
		}
	}
	if theirs.Kind != ast.InputObject {
		return
	}
	for _, field := range theirs.Fields {
		if ours.Fields.ForName(field.Name) == nil {
			t.Errorf("the input %s lacks %s", ours.Name, field.Name)
		}
	}
}

// Every field of every object resolves: no field of the schema ends in unknownField.
func TestShopifyEveryFieldResolves(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	v := f.variant("TEE-M", 5)
	o := f.order(v.Item, 2)
	_, err := f.Refund(OrderRefund{Order: o.ID, Line: o.Lines[0].ID, Quantity: 1, Restock: RestockCancel})
	require.NoError(t, err)
	roots := map[string]gqlObject{}
	walkShopifyObjects(t, f.graphql.schema, f.queryRoot(), roots, map[string]any{
		"QueryRoot.id":  "gid://shopify/Order/" + o.ID,
		"QueryRoot.ids": []any{itemGID(v), "gid://shopify/ProductVariant/" + v.Variant},
	})
	group := &adjustmentGroup{id: 1, changes: []counterChange{{item: f.items[0], location: f.locations[0]}}}
	walkShopifyObjects(t, f.graphql.schema, f.groupObject(group).(gqlObject), roots, nil)
	for name, def := range f.graphql.schema.Types {
		covered := def.Kind != ast.Object || def.BuiltIn || roots[name].kind != ""
		switch {
		case covered, strings.HasSuffix(name, "Connection"), strings.HasSuffix(name, "Edge"), strings.HasSuffix(name, "Payload"),
			strings.HasSuffix(name, "UserError"):
		case slices.Contains([]string{"Mutation", "PageInfo", "OrderApp", "LineItemGroup"}, name): // always null, or tested elsewhere
		default:
			t.Errorf("no object of type %s was reached", name)
		}
	}
}

func walkShopifyObjects(t *testing.T, schema *ast.Schema, of gqlObject, seen map[string]gqlObject, args map[string]any) {
	t.Helper()
	if _, again := seen[of.kind]; again {
		return
	}
	seen[of.kind] = of
	for _, field := range schema.Types[of.kind].Fields {
		if strings.HasPrefix(field.Name, "__") {
			continue
		}
		given := map[string]any{
			"first": int64(10), "names": []any{"available"}, "locationId": mainGID,
			"inventoryItemId": gid("InventoryItem", 45_000_000_000_053), "id": args[of.kind+".id"], "ids": args[of.kind+".ids"],
		}
		if of.kind == "QueryRoot" && field.Name != "order" && field.Name != "node" {
			delete(given, "id")
		}
		value, err := of.get(field.Name, given)
		if err != nil {
			t.Errorf("%s.%s: %v", of.kind, field.Name, err)
			continue
		}
		switch v := value.(type) {
		case gqlObject:
			walkShopifyObjects(t, schema, v, seen, args)
		case []gqlObject:
			for _, o := range v {
				walkShopifyObjects(t, schema, o, seen, args)
			}
		case *gqlPage:
			for _, o := range v.nodes {
				walkShopifyObjects(t, schema, o, seen, args)
			}
		}
	}
}
