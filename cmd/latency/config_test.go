package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// What is said extra is laid over the configuration; the rest stays.
func TestConfigExtra(t *testing.T) {
	t.Parallel()
	s := stage{till: end{channel: "till", platform: "square", url: "http://127.0.0.1:1", token: "t", secret: "s", hook: "http://h", locations: []string{"L1", "L2"}},
		web: end{channel: "web", platform: "shopify", url: "http://127.0.0.1:2", token: "t2", secret: "s2", hook: "http://h2", locations: []string{"77", "78"}}}
	dir := t.TempDir()
	require.NoError(t, s.writeConfig(dir, "127.0.0.1:3", []byte("log: {level: debug}\nlocations: [one, two]\nchannels:\n- {name: till, locations: {L2: two}, limit: {per_second: 40}}\n- {name: more}\n")))
	text, err := os.ReadFile(filepath.Join(dir, "evenstock.yaml"))
	require.NoError(t, err)
	var config map[string]any
	require.NoError(t, yaml.Unmarshal(text, &config))
	require.Equal(t, map[string]any{"level": "debug"}, config["log"])
	require.Equal(t, []any{"one", "two"}, config["locations"])
	channels := config["channels"].([]any)
	require.Len(t, channels, 3)
	till := channels[0].(map[string]any)
	require.Equal(t, map[string]any{"L1": "place-1", "L2": "two"}, till["locations"])
	require.Equal(t, map[string]any{"per_second": 40}, till["limit"])
	require.Equal(t, "http://127.0.0.1:1", till["api_url"])
	require.NotContains(t, channels[1], "limit")
	for name, want := range map[string]string{"till.token": "t", "till.hook": "s", "web.token": "t2", "web.hook": "s2"} {
		got, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		require.Equal(t, want, string(got))
	}
	require.Error(t, s.writeConfig(dir, "127.0.0.1:3", []byte("log: [")))
}
