package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/sandbox/shopify"
	"github.com/evenstock/evenstock/adapters/sandbox/square"
	"github.com/evenstock/evenstock/cmd/evenstock/cli"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/health"
)

// writeConfig writes a configuration with secrets for a till and a web shop, with webhooks, and returns its path.
func writeConfig(t *testing.T, dir, squareURL, shopifyURL string) string {
	t.Helper()
	for name, text := range map[string]string{"till.token": "square-token", "till.hook": squareSecret, "web.token": "shopify-token", "web.hook": webSecret} {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	path := filepath.Join(dir, "evenstock.yaml")
	must(t, os.WriteFile(path, []byte(fmt.Sprintf(`data: ./data
listen: 127.0.0.1:0
locations: [main]
channels:
  - name: till
    platform: square
    api_url: %s
    token_file: till.token
    webhook_url: https://hooks.example.com/hooks/till/AbCdEfGhIjKlMnOp
    webhook_secret_files: [till.hook]
    locations: {LMAIN: main}
  - name: web
    platform: shopify
    api_url: %s
    token_file: web.token
    webhook_url: https://hooks.example.com/hooks/web/QrStUvWxYz012345
    webhook_secret_files: [web.hook]
    locations: {"77": main}
`, squareURL, shopifyURL)), 0o600))
	return path
}

// clinic is two pretend shops with a configuration for them, and nothing served.
type clinic struct {
	t       *testing.T
	cfg     string
	square  *square.Shop
	shopify *shopify.Shop
}

func newClinic(t *testing.T) *clinic {
	t.Helper()
	c := &clinic{t: t, square: square.New(square.Options{Token: "square-token"}),
		shopify: shopify.New(shopify.Options{Token: "shopify-token"})}
	squareServer, shopifyServer := httptest.NewServer(c.square), httptest.NewServer(c.shopify)
	t.Cleanup(func() { squareServer.Close(); shopifyServer.Close(); c.square.Close(); c.shopify.Close() })
	c.cfg = writeConfig(t, t.TempDir(), squareServer.URL, shopifyServer.URL)
	c.replace("LMAIN", c.square.Locations()[0])
	return c
}

func (c *clinic) path(name string) string { return filepath.Join(filepath.Dir(c.cfg), name) }

// replace changes the configuration.
func (c *clinic) replace(old, replacement string) {
	c.t.Helper()
	text, err := os.ReadFile(c.cfg)
	must(c.t, err)
	must(c.t, os.WriteFile(c.cfg, []byte(strings.ReplaceAll(string(text), old, replacement)), 0o600))
}

// diagnosis is what doctor prints as JSON.
type diagnosis struct {
	Result health.Result
	Checks []struct {
		Result                health.Result
		Check, Detail, Remedy string
	}
}

func (c *clinic) doctor() (diagnosis, int) {
	c.t.Helper()
	var out bytes.Buffer
	code := run(c.t.Context(), []string{"--config", c.cfg, "doctor", "--json"}, func(string) string { return "" }, &out, c.t.Output())
	var found diagnosis
	require.NoError(c.t, json.Unmarshal(out.Bytes(), &found), out.String())
	for _, secret := range []string{"square-token", squareSecret, "shopify-token", webSecret, "AbCdEfGhIjKlMnOp"} {
		require.NotContains(c.t, out.String(), secret)
	}
	return found, code
}

// lines are the results of one check.
func (d diagnosis) lines(check string) []string {
	var lines []string
	for _, line := range d.Checks {
		if line.Check == check {
			lines = append(lines, string(line.Result)+": "+line.Detail)
		}
	}
	return lines
}

func TestDoctorWell(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	must(t, os.Mkdir(c.path("data"), 0o700))
	found, code := c.doctor()
	require.Equal(t, cli.ExitOK, code, "%v", found)
	for check, detail := range map[string]string{
		"till token": "takes it", "till locations": "1 known and active", "till clock": "agrees", "till webhook": "hooks/till/[redacted]; signed and verified with 1 secret",
		"web token": "takes it", "web locations": "1 known and active", "web clock": "agrees", "web webhook": "signed and verified with 1 secret",
		"serve": "none runs", "ledger": "none yet", "broker": "none yet", "data folder": "can be written", "disk": "GiB free",
	} {
		lines := found.lines(check)
		require.Len(t, lines, 1, check)
		require.True(t, strings.HasPrefix(lines[0], "ok: "), lines[0])
		require.Contains(t, lines[0], detail)
	}
	for operation := range c.square.Requests() {
		require.NotContains(t, operation, "batch-create")
	}
	for operation := range c.shopify.Requests() {
		require.NotContains(t, strings.ToLower(operation), "adjust")
	}
}

// TestDoctorIll breaks one thing at a time.
func TestDoctorIll(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		ail    func(c *clinic)
		code   int
		check  string
		detail string
	}{
		{"configuration", func(c *clinic) { c.replace("locations: [main]", "locations: [main, main]") }, cli.ExitIll, "configuration", "listed twice"},
		{"no configuration", func(c *clinic) { must(c.t, os.Remove(c.cfg)) }, cli.ExitIll, "configuration", "cannot be read"},
		{"secret open to others", func(c *clinic) { must(c.t, os.Chmod(c.path("till.token"), 0o644)) }, cli.ExitIll, "till secrets", "open to others"},
		{"secret missing", func(c *clinic) { must(c.t, os.Remove(c.path("web.hook"))) }, cli.ExitIll, "web secrets", "no such file"},
		{"wrong token at Square", func(c *clinic) { must(c.t, os.WriteFile(c.path("till.token"), []byte("other"), 0o600)) }, cli.ExitIll, "till token", "401"},
		{"wrong token at Shopify", func(c *clinic) { must(c.t, os.WriteFile(c.path("web.token"), []byte("other"), 0o600)) }, cli.ExitIll, "web token", "401"},
		{"unreachable", func(c *clinic) {
			server := httptest.NewServer(c.square)
			server.Close()
			c.replace(c.api("square"), server.URL)
		}, cli.ExitIll, "till token", "refused"},
		{"location unknown at Square", func(c *clinic) { c.replace(c.square.Locations()[0], "LOTHER") }, cli.ExitIll, "till locations", "not known there: LOTHER"},
		{"location unknown at Shopify", func(c *clinic) { c.replace(`"77"`, `"78"`) }, cli.ExitIll, "web locations", "not known there: 78"},
		{"no webhook", func(c *clinic) {
			c.replace("    webhook_url: https://hooks.example.com/hooks/web/QrStUvWxYz012345\n", "")
			c.replace("    webhook_secret_files: [web.hook]\n", "")
		}, cli.ExitWarned, "web webhook", "sweeps alone"},
		{"folder open to others", func(c *clinic) { must(c.t, os.Chmod(c.path("data"), 0o755)) }, cli.ExitWarned, "data folder", "open to other users"},
		{"data is a file", func(c *clinic) {
			must(c.t, os.Remove(c.path("data")))
			must(c.t, os.WriteFile(c.path("data"), nil, 0o600))
		}, cli.ExitIll, "data folder", "is not a folder"},
		{"ledger is no database", func(c *clinic) {
			must(c.t, os.WriteFile(c.path("data/ledger.db"), bytes.Repeat([]byte("no database "), 100), 0o600))
		}, cli.ExitIll, "ledger", "not a database"},
		{"broker is a file", func(c *clinic) { must(c.t, os.WriteFile(c.path("data/broker"), nil, 0o600)) }, cli.ExitIll, "broker", "cannot be used"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newClinic(t)
			must(t, os.Mkdir(c.path("data"), 0o700))
			test.ail(c)
			found, code := c.doctor()
			require.Equal(t, test.code, code, "%v", found)
			lines := strings.Join(found.lines(test.check), "\n")
			require.Contains(t, lines, test.detail)
			require.NotContains(t, lines, "ok: ")
			for _, line := range found.Checks {
				require.True(t, line.Result == health.OK || line.Remedy != "", "%v", line)
			}
		})
	}
}

// api is the address of a channel's platform in the configuration.
func (c *clinic) api(platform string) string {
	c.t.Helper()
	text, err := os.ReadFile(c.cfg)
	must(c.t, err)
	_, rest, _ := strings.Cut(string(text), "platform: "+platform+"\n    api_url: ")
	url, _, _ := strings.Cut(rest, "\n")
	return url
}

// TestDoctorClock has our clock run an hour ahead of the platforms'.
func TestDoctorClock(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	hasty := program(noEnv)
	hasty.Now = func() time.Time { return time.Now().Add(time.Hour) }
	var out, text bytes.Buffer
	require.Equal(t, cli.ExitWarned, cli.Run(t.Context(), hasty, []string{"--config", c.cfg, "doctor", "--json"}, noEnv, &out, t.Output()))
	var found diagnosis
	require.NoError(t, json.Unmarshal(out.Bytes(), &found))
	for _, check := range []string{"till clock", "web clock"} {
		require.Len(t, found.lines(check), 1)
		require.Contains(t, found.lines(check)[0], "warn: this machine's clock is 1h0m")
	}
	cli.Run(t.Context(), hasty, []string{"--config", c.cfg, "doctor"}, noEnv, &text, t.Output())
	require.Contains(t, text.String(), "NTP")
}

// TestDoctorAndStatusBesideServe asks a running serve, which owns the data folder.
func TestDoctorAndStatusBesideServe(t *testing.T) {
	t.Parallel()
	s := newStage(t, stageOptions{})
	tee := s.sells("TEE-M", 8, 8)
	s.serve()
	s.open()
	s.even(tee, "8")
	out, code := s.exit("doctor", "--json")
	require.NotEqual(t, cli.ExitIll, code, out)
	require.Contains(t, out, "runs, owns the data folder and is ready")
	require.Contains(t, out, "schema is current")

	var shown app.Status
	require.NoError(t, json.Unmarshal([]byte(s.command("status", "--json")), &shown))
	require.True(t, shown.Serving)
	require.Len(t, shown.Workers, 2)
	require.EqualValues(t, 1, shown.Shelves)
	require.EqualValues(t, 2, shown.Refs["live"])
	require.NotEmpty(t, shown.Endings)
	text := s.command("status")
	require.Contains(t, text, "running and ready")
	require.Contains(t, text, "2 live")

	s.command("ledger", "rebuild")
	s.command("ledger", "verify", "--json")
	require.Contains(t, s.command("explain", "TEE-M"), "= 8\n")
	require.Contains(t, s.command("stock"), "TEE-M")

	s.stop()
	out, code = s.exit("status")
	require.Equal(t, cli.ExitFailed, code)
	require.Contains(t, out, "NOT RUNNING")
}
