package square

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	contractsEnv  = "EVENSTOCK_CONTRACTS"
	contractsFile = "square-openapi-2025-08-20.json.gz"
)

// contract is Square's OpenAPI description, as far as we check it: known and required fields, types, lengths, ranges,
// enumerations, null, and that nothing read-only is sent. A nil contract checks nothing.
type contract struct {
	Components struct {
		Schemas map[string]schema `json:"schemas"`
	} `json:"components"`
	Paths map[string]map[string]operation `json:"paths"`
}

type operation struct {
	RequestBody content            `json:"requestBody"`
	Responses   map[string]content `json:"responses"`
}

type content struct {
	Content map[string]struct {
		Schema schema `json:"schema"`
	} `json:"content"`
}

type schema struct {
	Ref                  string            `json:"$ref"`
	Type                 string            `json:"type"`
	Properties           map[string]schema `json:"properties"`
	Items                *schema           `json:"items"`
	Required             []string          `json:"required"`
	Enum                 []string          `json:"enum"`
	AdditionalProperties json.RawMessage   `json:"additionalProperties"`
	Nullable             bool              `json:"nullable"`
	ReadOnly             bool              `json:"readOnly"`
	Pattern              string            `json:"pattern"`
	MinLength            int               `json:"minLength"`
	MaxLength            *int              `json:"maxLength"`
	Minimum              *float64          `json:"minimum"`
	Maximum              *float64          `json:"maximum"`
}

var loadContract = sync.OnceValues(func() (*contract, error) {
	file, err := os.Open(filepath.Join(os.Getenv(contractsEnv), contractsFile))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(unpacked)
	if err != nil {
		return nil, err
	}
	c := new(contract)
	return c, json.Unmarshal(text, c)
})

// contractFromEnv is nil when no contracts are at hand; TestContract says so.
func contractFromEnv(t testing.TB) *contract {
	if os.Getenv(contractsEnv) == "" {
		return nil
	}
	c, err := loadContract()
	require.NoError(t, err)
	return c
}

func (c *contract) checkRequest(t testing.TB, method, path string, body []byte) {
	if c == nil {
		return
	}
	op, known := c.Paths[path][strings.ToLower(method)]
	assert.True(t, known, "%s %s is not in the contract", method, path)
	if len(op.RequestBody.Content) == 0 {
		assert.Empty(t, body, "%s %s takes no body", method, path)
		return
	}
	c.check(t, method+" "+path, op.RequestBody, body, true)
}

func (c *contract) checkAnswer(t testing.TB, method, path string, body []byte) {
	if c == nil {
		return
	}
	c.check(t, "answer of "+path, c.Paths[path][strings.ToLower(method)].Responses["200"], body, false)
}

func (c *contract) check(t testing.TB, place string, of content, body []byte, sent bool) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		t.Errorf("%s: %v in %.200s", place, err, body)
		return
	}
	for _, problem := range c.problems(of.Content["application/json"].Schema, value, place, sent) {
		t.Error(problem)
	}
}

func (c *contract) problems(s schema, value any, place string, sent bool) []string {
	nullable, readOnly := s.Nullable, s.ReadOnly
	if name, isRef := strings.CutPrefix(s.Ref, "#/components/schemas/"); isRef {
		resolved, known := c.Components.Schemas[name]
		if !known {
			return nil // Square's own file refers to a schema it lacks
		}
		s = resolved
	}
	if sent && readOnly {
		return []string{place + ": read-only field is sent"}
	}
	switch v := value.(type) {
	case nil:
		if !nullable {
			return []string{place + ": null"}
		}
		return nil
	case string:
		return c.textProblems(s, v, place)
	case bool:
		return unless(s.Type == "boolean", place+": boolean, want "+s.Type)
	case json.Number:
		f, _ := v.Float64()
		good := (s.Type == "integer" && !strings.ContainsAny(v.String(), ".eE") || s.Type == "number") &&
			(s.Minimum == nil || f >= *s.Minimum) && (s.Maximum == nil || f <= *s.Maximum)
		return unless(good, fmt.Sprintf("%s: %s is not a %s in range", place, v, s.Type))
	case []any:
		if s.Type != "array" || s.Items == nil {
			return []string{place + ": list, want " + s.Type}
		}
		var problems []string
		for i, element := range v {
			problems = append(problems, c.problems(*s.Items, element, fmt.Sprintf("%s[%d]", place, i), sent)...)
		}
		return problems
	case map[string]any:
		return c.objectProblems(s, v, place, sent)
	}
	return []string{place + ": unexpected value"}
}

func (c *contract) objectProblems(s schema, fields map[string]any, place string, sent bool) []string {
	if s.Type != "object" {
		return []string{place + ": object, want " + s.Type}
	}
	var problems []string
	for _, key := range s.Required {
		if _, has := fields[key]; !has {
			problems = append(problems, place+": required field "+key+" is missing")
		}
	}
	for key, field := range fields {
		property, known := s.Properties[key]
		if !known {
			problems = append(problems, unless(len(s.AdditionalProperties) > 0, place+": unknown field "+key)...)
			continue
		}
		problems = append(problems, c.problems(property, field, place+"."+key, sent)...)
	}
	return problems
}

func (c *contract) textProblems(s schema, text, place string) []string {
	var problems []string
	problems = append(problems, unless(s.Type == "string", place+": text, want "+s.Type)...)
	problems = append(problems, unless(len(text) >= s.MinLength && (s.MaxLength == nil || len(text) <= *s.MaxLength), place+": length of "+text)...)
	problems = append(problems, unless(len(s.Enum) == 0 || slices.Contains(s.Enum, text), place+": "+text+" is not in the enumeration")...)
	if s.Pattern != "" {
		if pattern, err := regexp.Compile(s.Pattern); err == nil {
			problems = append(problems, unless(pattern.MatchString(text), place+": "+text+" does not match "+s.Pattern)...)
		}
	}
	return problems
}

func unless(good bool, problem string) []string {
	if good {
		return nil
	}
	return []string{problem}
}

// TestContract checks the checker, and every golden body that no other test sends or reads. The other tests check what
// they send and read on the way.
func TestContract(t *testing.T) {
	t.Parallel()
	c := contractFromEnv(t)
	if c == nil {
		t.Skipf("%s does not name the folder with %s: bodies are not checked against Square's contract", contractsEnv, contractsFile)
	}
	for place, body := range map[string]string{
		"unknown field":   `{"idempotency_key":"k","change":[]}`,
		"missing field":   `{"changes":[]}`,
		"null":            `{"idempotency_key":null}`,
		"read-only":       `{"idempotency_key":"k","changes":[{"measurement_unit_id":"U"}]}`,
		"number for text": `{"idempotency_key":1}`,
		"enumeration":     `{"idempotency_key":"k","changes":[{"type":"ADJUST"}]}`,
		"too long":        `{"idempotency_key":"` + strings.Repeat("k", 129) + `"}`,
	} {
		var value any
		require.NoError(t, json.Unmarshal([]byte(body), &value))
		assert.NotEmpty(t, c.problems(schema{Ref: "#/components/schemas/BatchChangeInventoryRequest"}, value, place, true), place)
	}
	var event any
	require.NoError(t, json.Unmarshal(golden(t, "webhook_counts.json"), &event))
	assert.Empty(t, c.problems(schema{Ref: "#/components/schemas/InventoryCountUpdatedEvent"}, event, "event", false))
	files, err := filepath.Glob("../../testdata/square/error_*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		c.check(t, file, c.Paths[pathCreate]["post"].Responses["200"], golden(t, filepath.Base(file)), false)
	}
}
