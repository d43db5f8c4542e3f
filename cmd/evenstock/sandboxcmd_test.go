package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/evenstock/evenstock/adapters/sandbox/life"
	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/cmd/evenstock/cli"
	"github.com/evenstock/evenstock/cmd/evenstock/demo"
	"github.com/evenstock/evenstock/config"
)

// TestSandboxCommand runs the shops as their own program, connects with the configuration they wrote, and stops them.
func TestSandboxCommand(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "try")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	reader, writer := io.Pipe()
	var log lockedBuffer
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, []string{"sandbox", "--json", "--write-config", dir, "--faults", "moderate", "--webhooks", "http://127.0.0.1:9/"}, noEnv, writer, &log)
		writer.Close()
	}()
	var said demo.Announcement
	if err := json.NewDecoder(reader).Decode(&said); err != nil {
		t.Fatalf("%v: %s", err, log.String())
	}
	cfg, err := config.Load(said.Config, noEnv, nil)
	must(t, err)
	if len(cfg.Warnings()) != 0 || cfg.Listen != "127.0.0.1:9" || cfg.Data != filepath.Join(dir, "data") || said.PID != os.Getpid() || len(said.Goods) == 0 {
		t.Errorf("%+v, warnings %v", cfg, cfg.Warnings())
	}
	for i, shop := range []demo.Connection{said.Square, said.Shopify} {
		token, hooks, err := cfg.Channels[i].Secrets(noEnv)
		must(t, err)
		if token.Reveal() != shop.Token || hooks[0].Reveal() != shop.WebhookSecret || cfg.Channels[i].WebhookURL != shop.WebhookURL || cfg.Channels[i].APIURL != shop.URL {
			t.Errorf("channel %s does not connect to %s", cfg.Channels[i].Name, shop.URL)
		}
	}
	var faults shop.Faults
	sandboxAsk(t, http.MethodGet, said.Shopify.URL+"/sandbox/faults", "", &faults)
	if want, _ := shop.FaultPreset("moderate"); faults != want {
		t.Errorf("faults %+v", faults)
	}
	var life life.Status
	sandboxAsk(t, http.MethodPost, said.Square.URL+"/sandbox/life", `{"do":"start","for":"1h","rate":500}`, &life)
	for life.Running && life.Total == 0 {
		sandboxAsk(t, http.MethodGet, said.Shopify.URL+"/sandbox/life", "", &life)
	}
	sandboxAsk(t, http.MethodPost, said.Shopify.URL+"/sandbox/life", `{"do":"stop"}`, &life)
	if life.Running || life.Total == 0 {
		t.Errorf("life %+v", life)
	}
	stop()
	if got := <-code; got != cli.ExitOK {
		t.Errorf("exit code %d: %s", got, log.String())
	}
}

func sandboxAsk(t *testing.T, method, url, body string, answer any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader([]byte(body)))
	must(t, err)
	res, err := http.DefaultClient.Do(req)
	must(t, err)
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s", method, url, res.Status)
	}
	must(t, json.NewDecoder(res.Body).Decode(answer))
}

// TestSandboxAnnounces: a person gets addresses, secrets and the configuration as text.
func TestSandboxAnnounces(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out := &trigger{text: "--write-config DIR", fire: stop}
	var log lockedBuffer
	if code := run(ctx, []string{"sandbox", "--life", "1h"}, noEnv, out, &log); code != cli.ExitOK {
		t.Fatalf("exit code %d: %s", code, log.String())
	}
	for _, want := range []string{"http://127.0.0.1:", "/sandbox/sell -d", "/sandbox/orders/place -d", "pretend-token-", "pretend-secret-", "platform: shopify", "/hooks/till/"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not told: %s", want, out.String())
		}
	}
}

// What the announcement says to type can be typed: a sale at the till, an order on the web, a life.
func TestSandboxSells(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	reader, writer := io.Pipe()
	var log lockedBuffer
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, []string{"sandbox", "--write-config", filepath.Join(t.TempDir(), "try")}, noEnv, writer, &log)
		writer.Close()
	}()
	lines, typed := bufio.NewScanner(reader), 0
	for typed < 3 && lines.Scan() {
		if url, body, ok := strings.Cut(strings.TrimPrefix(lines.Text(), "curl "), " -d "); ok {
			var answer map[string]any
			sandboxAsk(t, http.MethodPost, url, strings.Trim(body, "'"), &answer)
			typed++
		}
	}
	if typed != 3 {
		t.Errorf("%d commands were told: %s", typed, log.String())
	}
	stop()
	if got := <-code; got != cli.ExitOK {
		t.Errorf("exit code %d: %s", got, log.String())
	}
}

// A folder with somebody's real configuration or secrets is left as it is; an earlier one for pretend shops is replaced.
func TestSandboxWritesOverNothingReal(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]string{"configuration": "evenstock.yaml", "secrets": "secrets/till.token"} {
		dir := t.TempDir()
		must(t, os.MkdirAll(filepath.Join(dir, "secrets"), 0o700))
		must(t, os.WriteFile(filepath.Join(dir, path), []byte("mine"), 0o600))
		for _, args := range [][]string{{"sandbox", "--write-config", dir}, {"demo", "--keep", dir, "--for", "1s"}} {
			var out, log lockedBuffer
			if code := run(t.Context(), args, noEnv, &out, &log); code != cli.ExitUsage || !strings.Contains(log.String(), "name another folder") {
				t.Errorf("%s, %v: exit code %d: %s", name, args, code, log.String())
			}
			if kept, err := os.ReadFile(filepath.Join(dir, path)); err != nil || string(kept) != "mine" {
				t.Errorf("%s: %q is left, %v", name, kept, err)
			}
		}
	}
	shops, err := demo.OpenShops(demo.ShopsOptions{Hooks: "http://127.0.0.1:1", Things: life.Assortment(), Seed: 1, RetryScale: demo.RetryScale, Logger: slog.New(slog.DiscardHandler)})
	must(t, err)
	defer func() { must(t, shops.Close()) }()
	dir := t.TempDir()
	for range 2 {
		_, err = shops.WriteConfig(dir, "127.0.0.1:1")
		must(t, err)
	}
}

func TestSandboxRefuses(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"--square-addr", "0.0.0.0:0"}, {"--shopify-addr", ":0"}, {"--square-addr", "192.0.2.1:0"}, {"--square-addr", "example.com:0"}, {"--square-addr", "nonsense"},
		{"--webhooks", "localhost"}, {"--webhooks", "ftp://127.0.0.1:1"}, {"--webhooks", "http://127.0.0.1:1/hooks"}, {"--webhooks", "http://127.0.0.1"},
		{"--faults", "sunshine"}, {"--life", "-1s"}, {"--life", "1m", "--rate", "-1"}, {"more"},
	} {
		var out, log lockedBuffer
		if code := run(t.Context(), append([]string{"sandbox"}, args...), noEnv, &out, &log); code == cli.ExitOK || log.String() == "" {
			t.Errorf("%v: exit code %d: %s", args, code, log.String())
		}
	}
}
