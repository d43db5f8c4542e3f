package square_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/adapters/sandbox/square"
)

// contractsEnv names a folder with Square's OpenAPI document of 2025-08-20, gzipped
// (https://github.com/square/connect-api-specification). It is not part of this repository.
const (
	contractsEnv = "EVENSTOCK_CONTRACTS"
	contractFile = "square-openapi-2025-08-20.json.gz"
)

// schema is as much of an OpenAPI schema as Square's document uses.
type schema struct {
	Ref        string             `json:"$ref"`
	Type       string             `json:"type"`
	Properties map[string]*schema `json:"properties"`
	Required   []string           `json:"required"`
	Items      *schema            `json:"items"`
	Enum       []string           `json:"enum"`
	MaxLength  int                `json:"maxLength"`
	Additional any                `json:"additionalProperties"`
}

// contract is Square's own description of its answers.
type contract struct {
	Paths map[string]map[string]struct {
		Responses map[string]struct {
			Content map[string]struct {
				Schema *schema `json:"schema"`
			} `json:"content"`
		} `json:"responses"`
	} `json:"paths"`
	Components struct {
		Schemas map[string]*schema `json:"schemas"`
	} `json:"components"`
}

func contracts(t *testing.T) *contract {
	t.Helper()
	folder := os.Getenv(contractsEnv)
	if folder == "" {
		t.Skipf("%s is not set: it names a folder with %s, Square's OpenAPI document", contractsEnv, contractFile)
	}
	file, err := os.Open(filepath.Join(folder, contractFile))
	require.NoError(t, err)
	defer file.Close()
	text, err := gzip.NewReader(file)
	require.NoError(t, err)
	var c contract
	require.NoError(t, json.NewDecoder(text).Decode(&c))
	return &c
}

// differences lists where a value is not what a schema says: unknown and missing fields, enum values, types, lengths.
func (c *contract) differences(at string, s *schema, value any) []string {
	if s.Ref != "" {
		named := c.Components.Schemas[strings.TrimPrefix(s.Ref, "#/components/schemas/")]
		if named == nil {
			return []string{at + ": no schema " + s.Ref}
		}
		s = named
	}
	var wrong []string
	switch v := value.(type) {
	case map[string]any:
		for _, name := range s.Required {
			if _, given := v[name]; !given {
				wrong = append(wrong, fmt.Sprintf("%s: required %s is missing", at, name))
			}
		}
		for name, field := range v {
			if known := s.Properties[name]; known == nil {
				wrong = append(wrong, fmt.Sprintf("%s: unknown field %s", at, name))
			} else {
				wrong = append(wrong, c.differences(at+"."+name, known, field)...)
			}
		}
	case []any:
		if s.Type != "array" {
			return []string{at + ": an array, not " + s.Type}
		}
		for i, item := range v {
			wrong = append(wrong, c.differences(fmt.Sprintf("%s[%d]", at, i), s.Items, item)...)
		}
	case string:
		if s.Type != "string" || len(s.Enum) > 0 && !slices.Contains(s.Enum, v) || s.MaxLength > 0 && len(v) > s.MaxLength {
			wrong = append(wrong, fmt.Sprintf("%s: %q is not a %s of %v up to %d", at, v, s.Type, s.Enum, s.MaxLength))
		}
	case bool:
		if s.Type != "boolean" {
			wrong = append(wrong, at+": a boolean, not "+s.Type)
		}
	case float64:
		if s.Type != "integer" {
			wrong = append(wrong, at+": a number, not "+s.Type)
		}
	default:
		wrong = append(wrong, at+": null")
	}
	return wrong
}

func TestSquareAnswersFitTheContract(t *testing.T) {
	t.Parallel()
	c := contracts(t)
	till := newFixture(t, square.Options{})
	require.NoError(t, till.SetTracking(till.item, till.location, true))
	for _, kind := range []string{"recount", "sell", "receive", "return", "waste", "other_app"} {
		must(t)(till.Do(square.Action{Kind: kind, Item: till.item, Quantity: units(3)}))
	}
	now := till.clock.Now().Format(time.RFC3339)
	change := fmt.Sprintf(`{"idempotency_key":"k","changes":[
		{"type":"ADJUSTMENT","adjustment":{"reference_id":"evenstock:1","catalog_object_id":%q,"catalog_object_type":"ITEM_VARIATION","location_id":%q,"from_state":"IN_STOCK","to_state":"SOLD","quantity":"1.5","occurred_at":%q}},
		{"type":"PHYSICAL_COUNT","physical_count":{"catalog_object_id":%q,"location_id":%q,"state":"IN_STOCK","quantity":"4","occurred_at":%q}}]}`,
		till.item, till.location, now, till.item, till.location, now)
	for _, e := range []struct {
		method, path, template, body string
		status                       int
	}{
		{"get", "/v2/locations", "", "", 200},
		{"get", "/v2/merchants/me", "/v2/merchants/{merchant_id}", "", 200},
		{"post", "/v2/catalog/search", "", `{"object_types":["ITEM","ITEM_VARIATION"],"include_related_objects":true,"limit":1}`, 200},
		{"get", "/v2/catalog/list?types=ITEM,ITEM_VARIATION", "/v2/catalog/list", "", 200},
		{"post", "/v2/catalog/batch-retrieve", "", fmt.Sprintf(`{"object_ids":[%q],"include_related_objects":true}`, till.item), 200},
		{"get", "/v2/catalog/object/" + till.item, "/v2/catalog/object/{object_id}", "", 200},
		{"post", "/v2/inventory/changes/batch-create", "", change, 200},
		{"post", "/v2/inventory/changes/batch-retrieve", "", `{"limit":5}`, 200},
		{"post", "/v2/inventory/counts/batch-retrieve", "", `{"limit":1}`, 200},
		{"get", "/v2/inventory/" + till.item, "/v2/inventory/{catalog_object_id}", "", 200},
		{"post", "/v2/inventory/changes/batch-create", "", `{"changes":[]}`, 400},
		{"post", "/v2/inventory/changes/batch-create", "", strings.ReplaceAll(change, "1.5", "-2"), 400},
		{"post", "/v2/inventory/changes/batch-retrieve", "", `{"cursor":"x"}`, 400},
		{"get", "/v2/catalog/object/X", "/v2/catalog/object/{object_id}", "", 404},
	} {
		if e.template == "" {
			e.template = e.path
		}
		status, body := till.post(t, e.path, e.body)
		require.Equal(t, e.status, status, body)
		var answer any
		require.NoError(t, json.Unmarshal([]byte(body), &answer))
		want := c.Paths[e.template][e.method].Responses["200"].Content["application/json"].Schema
		require.NotNil(t, want, e.template)
		require.Empty(t, c.differences(e.method+" "+e.path, want, answer))
	}
	for fault, status := range map[shop.Faults]int{{TooManyRequests: 1}: http.StatusTooManyRequests, {ServerError: 1}: http.StatusInternalServerError} {
		require.NoError(t, till.SetFaults(fault))
		got, body := till.post(t, "/v2/locations", "")
		require.Equal(t, status, got)
		var answer any
		require.NoError(t, json.Unmarshal([]byte(body), &answer))
		require.Empty(t, c.differences(body, c.Paths["/v2/locations"]["get"].Responses["200"].Content["application/json"].Schema, answer))
	}
	// The judge itself: it must see what is wrong.
	require.Len(t, c.differences("judge", &schema{Ref: "#/components/schemas/InventoryCount"}, map[string]any{
		"state": "ON_THE_MOON", "stock": "7", "quantity": 7.0}), 3)
}
