package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestMeasures measures the real thing, built from this tree, for a second.
func TestMeasures(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it builds evenstock")
	}
	path := filepath.Join(t.TempDir(), "evenstock")
	built, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "github.com/evenstock/evenstock/cmd/evenstock").CombinedOutput()
	require.NoError(t, err, string(built))
	var out, progress bytes.Buffer
	dir := t.TempDir()
	opts := options{dir: dir, binaries: []binary{{path: path, name: "now"}}, length: time.Second, shops: 300, repeat: 1, seed: 1}
	small := scenario{name: "small", square: 200, plan: plusPlan, articles: 5, places: 2, settle: 2 * time.Minute}
	outcomes, err := playAll(t.Context(), small, opts, &progress)
	require.NoError(t, err, progress.String())
	o := outcomes[0]
	require.NotEmpty(t, o.webhook, progress.String())
	require.Len(t, o.sale, len(o.webhook))
	require.Zero(t, o.open)
	require.Positive(t, o.happenings)
	require.Positive(t, o.till+o.web)
	require.Positive(t, o.imported)
	require.NoError(t, printTable(&out, []row{o.row(small)}))
	require.Contains(t, out.String(), "small")
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left, "a folder is left behind")
}

func TestParse(t *testing.T) {
	t.Parallel()
	extra := filepath.Join(t.TempDir(), "fast.yaml")
	require.NoError(t, os.WriteFile(extra, []byte("log: {}"), 0o600))
	o, err := parse([]string{"-binary", "/old", "-binary", "/new", "-config-extra", extra, "-scenario", "calm-40-*,import", "-articles", "7", "-for", "5s"}, io.Discard)
	require.NoError(t, err)
	require.Equal(t, []binary{{"/old", "old", nil}, {"/new", "new+fast.yaml", []byte("log: {}")}}, o.binaries)
	require.Len(t, o.scenarios, 3)
	require.Equal(t, 7, o.scenarios[2].articles)
	for _, bad := range [][]string{nil, {"-binary", "/old", "-scenario", "storm"}, {"-config-extra", extra, "-binary", "/old"}, {"-binary", "/old", "-for", "0s"},
		{"-binary", "/old", "more"}, {"-binary", "/old", "-articles", "0"}, {"-binary", "/old", "-repeat", "0"}} {
		_, err := parse(bad, io.Discard)
		require.Error(t, err, "%v", bad)
	}
}

// Who interrupts gets what there is, and nothing is left running.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var out, progress bytes.Buffer
	err := measureAll(ctx, []string{"-binary", "/bin/false", "-json"}, &out, &progress)
	require.EqualError(t, err, "interrupted")
	require.Equal(t, "[]\n", out.String())
}

// Several runs of the same become one row: times are pooled, sums are per happening or means.
func TestOutcomesAdd(t *testing.T) {
	t.Parallel()
	s := scenario{name: "calm", square: 40, plan: standardPlan, articles: 10, places: 1}
	one := outcome{scenario: "calm", binary: "b", runs: 1, happenings: 10, till: 10, web: 20, points: 100, cpu: time.Second, took: 30 * time.Second,
		asked: map[string]int64{"shopify EvenstockAdjust": 15}, rss: 50 << 20, oversold: 3, unavoidable: 2, imported: 4 * time.Second, swept: 2 * time.Second,
		followed: followed{webhook: []time.Duration{time.Second}, sale: []time.Duration{2 * time.Second}, open: 1}}
	two := one
	two.webhook, two.happenings, two.rss = []time.Duration{3 * time.Second}, 30, 40<<20
	one.add(two)
	r := one.row(s)
	require.Equal(t, []int64{1000, 3000}, []int64{r.Webhook.P50, r.Webhook.P99})
	require.Equal(t, []float64{0.5, 1, 5, 2, 4, 2, 4}, []float64{r.TillRequests, r.WebRequests, r.Points, r.CPU, r.Import, r.Sweep, r.Unavoidable})
	require.Equal(t, []int64{2, 40, 6, 50, 2}, []int64{int64(r.Runs), r.Happenings, r.Oversold, r.RSS, int64(r.Open)})

	var text bytes.Buffer
	require.NoError(t, printTable(&text, []row{r}))
	for _, want := range []string{"1000 / 3000 / 3000", "6 / 4.0 = 1.5", "1.50 = 0.50 + 1.00", "2000/100", "0.750  shopify EvenstockAdjust"} {
		require.Contains(t, text.String(), want)
	}
	text.Reset()
	require.NoError(t, printJSON(&text, []row{r}))
	var back []row
	require.NoError(t, json.Unmarshal(text.Bytes(), &back))
	require.Equal(t, []row{r}, back)
}

func TestProcessorTime(t *testing.T) {
	t.Parallel()
	require.Equal(t, 3500*time.Millisecond, processorTime("42 (odd ) name) S 1 42 42 0 -1 4194560 100 0 0 0 300 50 0 0 20 0 9 0 100 0 0"))
	require.Zero(t, processorTime("nonsense"))
	if cpu, rss := resources(os.Getpid()); rss != 0 {
		require.Positive(t, rss)
		require.GreaterOrEqual(t, cpu, time.Duration(0))
	}
}
