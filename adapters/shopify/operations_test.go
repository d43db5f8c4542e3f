package shopify

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"

	"github.com/evenstock/evenstock/ledger/stock"
)

// contractsEnv names the folder with the official contracts, which are not part of the repository.
const contractsEnv = "EVENSTOCK_CONTRACTS"

// samples holds every document with the largest variables that are ever sent with it.
func samples() map[string]struct {
	op   operation
	vars map[string]any
} {
	type sample = struct {
		op   operation
		vars map[string]any
	}
	many := func(kind string, n int) []any {
		ids := make([]any, n)
		for i := range ids {
			ids[i] = gid(kind, "501")
		}
		return ids
	}
	list := []sample{
		{opLocations, map[string]any{"first": int64(pageWide), "after": nil}},
		{opCatalog, map[string]any{"first": int64(pageWide), "after": "x", "query": "id:>5"}},
		{opReadRefs, map[string]any{"ids": many(typeItem, maxReads), "location": gid(typeLocation, "77")}},
		// As many as placesPerRead lets pass where each id costs a whole node.
		{opReadPlaces[2], map[string]any{"ids": many(typeItem, 179), "location": gid(typeLocation, "77"), "at2": gid(typeLocation, "78")}},
		{opReadPlaces[3], map[string]any{"ids": many(typeItem, 128), "location": gid(typeLocation, "77"), "at2": gid(typeLocation, "78"),
			"at3": gid(typeLocation, "79")}},
		{opReadPlaces[4], map[string]any{"ids": many(typeItem, 99), "location": gid(typeLocation, "77"), "at2": gid(typeLocation, "78"),
			"at3": gid(typeLocation, "79"), "at4": gid(typeLocation, "80")}},
		{opListCounts, map[string]any{"location": gid(typeLocation, "77"), "first": int64(pageWide), "after": nil, "query": nil}},
		{opOrderTimes, map[string]any{"first": int64(pageWide), "after": nil, "query": "updated_at:>'2026-10-01T00:00:00Z'"}},
		{opReadOrders, map[string]any{"ids": many(typeOrder, readOrders)}},
		{opOrderLines, map[string]any{"id": "x", "first": int64(pageNested), "after": "x"}},
		{opOrderRefunds, map[string]any{"id": "x"}},
		{opRefundLines, map[string]any{"id": "x", "first": int64(pageNested), "after": "x"}},
		{opOrderRouting, map[string]any{"id": "x", "first": int64(pageNested), "after": "x"}},
		{opRoutedLines, map[string]any{"id": "x", "first": int64(pageNested), "after": "x"}},
		{opScopes, nil},
		{opAdjust, nil},
	}
	byName := make(map[string]sample, len(list))
	for _, s := range list {
		byName[s.op.name] = s
	}
	return byName
}

func TestOperationsAgainstTheOfficialSchema(t *testing.T) {
	t.Parallel()
	folder := os.Getenv(contractsEnv)
	if folder == "" {
		t.Skip(contractsEnv + " is not set: it names the folder that holds shopify-admin-2026-10.graphql.gz")
	}
	schema := loadSchema(t, filepath.Join(folder, "shopify-admin-2026-10.graphql.gz"))
	call, err := channelOn(t, ok("")).EncodeCall("k", at(t, "2026-10-02T00:00:00Z"), pushRows(maxRows))
	if err != nil {
		t.Fatal(err)
	}
	for name, sample := range samples() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			vars := sample.vars
			if name == opAdjust.name {
				vars = variablesOf(t, call)
			}
			doc, errs := gqlparser.LoadQueryWithRules(schema, sample.op.query, nil)
			if errs != nil {
				t.Fatal(errs)
			}
			op := doc.Operations.ForName(name)
			if op == nil {
				t.Fatal("the document has another name")
			}
			if _, err := validator.VariableValues(schema, op, vars); err != nil {
				t.Fatal(err)
			}
			requested := costOf(schema, op.SelectionSet, vars)
			t.Logf("requests about %d points, estimated %g", requested, sample.op.cost)
			// The estimate must not be below the formula, or the first request of a burst is throttled.
			if requested >= 1000 || sample.op.cost < float64(requested) {
				t.Errorf("requests %d points, estimated %g, allowed 1000", requested, sample.op.cost)
			}
			for _, field := range []string{"customer", "email", "phone", "Address", "note", "staffMember"} {
				if strings.Contains(sample.op.query, field) {
					t.Errorf("asks for %s", field)
				}
			}
		})
	}
}

func loadSchema(t *testing.T, path string) *ast.Schema {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	packed, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(packed)
	if err != nil {
		t.Fatal(err)
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "shopify-admin-2026-10.graphql", Input: string(text)})
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func variablesOf(t *testing.T, body []byte) map[string]any {
	t.Helper()
	var call struct {
		Variables map[string]any `json:"variables"`
	}
	dec := json.NewDecoder(strings.NewReader(string(body)))
	dec.UseNumber()
	if err := dec.Decode(&call); err != nil {
		t.Fatal(err)
	}
	return call.Variables
}

// costOf is the fitted formula, dearer where it is in doubt: a list counts by its first, nodes by every id.
func costOf(schema *ast.Schema, set ast.SelectionSet, vars map[string]any) int {
	total := 0
	for _, selection := range set {
		var field *ast.Field
		switch s := selection.(type) {
		case *ast.InlineFragment:
			total += costOf(schema, s.SelectionSet, vars)
			continue
		case *ast.Field:
			field = s
		}
		def := schema.Types[field.Definition.Type.Name()]
		if def.IsLeafType() {
			continue
		}
		inner := costOf(schema, field.SelectionSet, vars)
		times := 1
		for _, argument := range field.Arguments {
			value, _ := argument.Value.Value(vars)
			switch v := value.(type) {
			case int64:
				times = max(1, int(2*math.Log(float64(v))))
			case []any:
				if field.Name == "nodes" {
					times = len(v)
				}
			}
		}
		switch {
		case strings.HasSuffix(def.Name, "Connection"):
			total += 2 + times*inner
		case field.ObjectDefinition.Name == "Mutation":
			total += 10 + inner
		default:
			total += times * (1 + inner)
		}
	}
	return total
}

func pushRows(n int) []stock.PushRow {
	rows := make([]stock.PushRow, n)
	for i := range rows {
		rows[i] = stock.PushRow{Ref: stock.Ref{Channel: "web", Item: "501", Location: "77"}, Delta: -stock.Unit}
	}
	return rows
}
