package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
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
		require.Equal(t, exitOK, code, "%s: %s", line, stderr)
		require.Contains(t, stdout, says, line)
		require.Empty(t, stderr, line)
	}
	for _, line := range []string{"reconcile run", "brakes release x", "link remove web 45"} {
		_, stderr, code := b.command(strings.Fields(line)...)
		require.Equal(t, exitFailed, code, line)
		require.Contains(t, stderr, "till.token cannot be read", line)
	}
}

// TestAloneOwnsTheFolder: two processes never write one ledger.
func TestAloneOwnsTheFolder(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	unlock, err := lockFolder(filepath.Join(filepath.Dir(b.cfg), "data"))
	require.NoError(t, err)
	for _, line := range []string{"ledger rebuild", "dlq list"} {
		_, stderr, code := b.command(strings.Fields(line)...)
		require.Equal(t, exitFailed, code, line)
		require.Contains(t, stderr, "belongs to another evenstock process: stop that one, or name another folder with --data", line)
	}
	require.NoError(t, unlock())
	_, stderr, code := b.command("ledger", "rebuild")
	require.Equal(t, exitOK, code, stderr)
}

// TestLookingMakesNoDataFolder: only linking and serving begin a ledger.
func TestLookingMakesNoDataFolder(t *testing.T) {
	t.Parallel()
	cfg := newConfigFile(t)
	for _, line := range []string{"stock", "explain X", "link list", "link export", "brakes", "push list", "dlq list", "dlq show X", "dlq retry --all", "events tail",
		"ledger verify", "ledger rebuild", "reconcile run", "reconcile report", "push resolve C I --applied yes", "brakes release X", "link remove web X", "baseline apply --authority till"} {
		stdout, stderr, code := typed(t, append([]string{"--config", cfg}, strings.Fields(line)...)...)
		require.Equal(t, exitFailed, code, line)
		require.Contains(t, stderr, "there is no ledger yet in ", line)
		require.Contains(t, stderr, "it begins with evenstock link import or evenstock serve\n", line)
		require.Empty(t, stdout, line)
	}
	_, err := os.Stat(filepath.Join(filepath.Dir(cfg), "data"))
	require.ErrorIs(t, err, os.ErrNotExist)
}
