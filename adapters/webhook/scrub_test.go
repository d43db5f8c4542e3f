package webhook

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestScrub(t *testing.T) {
	t.Parallel()
	const body = `{"type":"inventory.count.updated","quantity" : "7","name":"Jane Doe","mail":"jane@example.com",
		"note":"quantity","card":4111111111111111,"city":"K\u00f6ln","when":"yesterday","id":"no"}`
	for name, c := range map[string]struct{ reason, want string }{
		"ours":               {"row 3: type is not a text", "row 3: type is not a text"},
		"quoted":             {`no time: "yesterday"`, "no time: [...]"},
		"quoted, escapes":    {`bad "a \" Jane" b`, "bad [...] b"},
		"back quotes":        {"bad `Jane` b", "bad [...] b"},
		"quote without end":  {`bad "Jane Doe`, "bad [...]"},
		"bare words":         {"bad Jane, Doe: <jane@example.com>", "bad [...], [...]: <[...]@[...].[...]>"},
		"number":             {"cannot unmarshal number 4111111111111111 into", "cannot unmarshal number [...] into"},
		"part of a word":     {"a card: 411 is not enough, nor is Jan", "a card: 411 is not enough, nor is Jan"},
		"name and value":     {"quantity is wrong", "[...] is wrong"},
		"not ASCII":          {"city Köln is wrong", "city [...] is wrong"},
		"control characters": {"a\r\n\x1b[31mb\x00\x7f", "a[31mb"},
		"not UTF-8":          {"a \xff\xfe b", "a [...] b"},
		"empty":              {"", ""},
		"whole body":         {body, "{[...]:[...],[...] : [...],[...]:[...],[...]:[...],[...]"},
		"cut in a word":      {strings.Repeat("-", reasonMax-2) + "Jane", strings.Repeat("-", reasonMax-2)},
		"cut in a quote":     {strings.Repeat("-", reasonMax-3) + `"Jane"`, strings.Repeat("-", reasonMax-3) + removed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := scrub(errors.New(c.reason), []byte(body))
			if name == "whole body" {
				require.True(t, strings.HasPrefix(got, c.want), got)
				return
			}
			require.Equal(t, c.want, got)
		})
	}
}

// TestScrubLibraries: errors of libraries quote what they could not read.
func TestScrubLibraries(t *testing.T) {
	t.Parallel()
	body := []byte(`{"at":"Jane Doe","n":"Jane","id":12345678901234567890123}`)
	_, badTime := time.Parse(time.RFC3339, "Jane Doe")
	_, badNumber := strconv.Atoi("Jane")
	var into struct {
		ID int64 `json:"id"`
	}
	badJSON := json.Unmarshal(body, &into)
	for _, err := range []error{badTime, badNumber, badJSON} {
		require.Error(t, err)
		got := scrub(err, body)
		for _, text := range []string{"Jane", "Doe", "1234567"} {
			require.NotContains(t, got, text)
		}
		require.Contains(t, got, removed)
	}
}
