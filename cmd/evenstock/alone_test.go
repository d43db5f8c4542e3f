package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/cmd/evenstock/cli"
)

// TestAloneOpensOnlyWhatIsNeeded: beside no serve, what concerns the ledger or the stream alone works without any secret.
func TestAloneOpensOnlyWhatIsNeeded(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.open(8, 8)
	for line, says := range map[string]string{
		"ledger rebuild":     "all balances, shelves and refs follow from them",
		"dlq list":           "no dead letters",
		"dlq retry --all":    "0 sent again",
		"events tail":        "",
		"link list":          "TEE-M",
		"brakes":             "nothing holds pushes back",
		"push list":          "no push waits for a person",
		"reconcile report":   "no sweep ran",
		"stock TEE-M":        "8",
		"explain TEE-M":      "main: 8 available",
		"ledger verify":      "follow from them",
		"config print":       "platform: shopify",
		"link export":        "sku,name,channel,item,sold_as",
		"dlq list --json":    "[]",
		"push list --json":   "[]",
		"brakes --json":      "[]",
		"events tail --json": "",
	} {
		stdout, stderr, code := b.command(strings.Fields(line)...)
		require.Equal(t, cli.ExitOK, code, "%s: %s", line, stderr)
		require.Contains(t, stdout, says, line)
		require.Empty(t, stderr, line)
	}
	for _, line := range []string{"reconcile run", "brakes release x", "link remove web 45"} {
		_, stderr, code := b.command(strings.Fields(line)...)
		require.Equal(t, cli.ExitFailed, code, line)
		require.Contains(t, stderr, "till.token cannot be read", line)
	}
	_, stderr, code := b.command("dlq", "show", "")
	require.Equal(t, cli.ExitUsage, code)
	require.Contains(t, stderr, "name the dead letter to show")
}

// TestAloneOwnsTheFolder: two processes never write one ledger.
func TestAloneOwnsTheFolder(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	unlock, err := lockFolder(filepath.Join(filepath.Dir(b.cfg), "data"))
	require.NoError(t, err)
	for _, line := range []string{"ledger rebuild", "dlq list"} {
		_, stderr, code := b.command(strings.Fields(line)...)
		require.Equal(t, cli.ExitFailed, code, line)
		require.Contains(t, stderr, "belongs to another evenstock process: stop that one, or name another folder with --data", line)
	}
	require.NoError(t, unlock())
	_, stderr, code := b.command("ledger", "rebuild")
	require.Equal(t, cli.ExitOK, code, stderr)
}

// TestLookingMakesNoDataFolder: only linking and serving begin a ledger.
func TestLookingMakesNoDataFolder(t *testing.T) {
	t.Parallel()
	cfg := newConfigFile(t)
	for _, line := range []string{"stock", "explain X", "link list", "link export", "brakes", "push list", "dlq list", "dlq show X", "dlq retry --all", "events tail",
		"ledger verify", "ledger rebuild", "reconcile run", "reconcile report", "push resolve C I --applied yes", "brakes release X", "link remove web X", "baseline apply --authority till"} {
		stdout, stderr, code := typed(t, append([]string{"--config", cfg}, strings.Fields(line)...)...)
		require.Equal(t, cli.ExitFailed, code, line)
		require.Contains(t, stderr, "there is no ledger yet in ", line)
		require.Equal(t, 1, strings.Count(stderr, "it begins with evenstock --config "+cfg+" link import or evenstock --config "+cfg+" serve\n"), line)
		require.Equal(t, 1, strings.Count(stderr, "it begins with"), line)
		require.Empty(t, stdout, line)
	}
	_, err := os.Stat(filepath.Join(filepath.Dir(cfg), "data"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

// typed runs a command line without a stage.
func typed(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, noEnv, &out, &errs)
	return out.String(), errs.String(), code
}

func TestConfigPrint(t *testing.T) {
	t.Parallel()
	file := writeConfig(t, t.TempDir(), "https://connect.squareup.com", "https://example.myshopify.com")
	stdout, _, code := typed(t, "--config", file, "config", "print", "--brakes-max-percent", "12")
	require.Equal(t, cli.ExitOK, code)
	require.Contains(t, stdout, "max_percent: 12 # flag --brakes-max-percent")
	require.NotContains(t, stdout, "AbCdEfGhIjKlMnOp")
	stdout, _, code = typed(t, "--config", file, "config", "print", "--json")
	require.Equal(t, cli.ExitOK, code)
	var values struct {
		Locations []string
		Channels  []struct{ Locations map[string]string }
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &values))
	require.Equal(t, []string{"main"}, values.Locations)
	require.Equal(t, map[string]string{"77": "main"}, values.Channels[1].Locations)
}
