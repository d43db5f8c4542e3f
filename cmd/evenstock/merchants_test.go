package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/sandbox/shopify"
	"github.com/evenstock/evenstock/adapters/sandbox/square"
	"github.com/evenstock/evenstock/cmd/evenstock/cli"
)

// trader is one of two merchants of a process, with shops of its own.
type trader struct {
	*stage
	name string
	item item
	// canaries are texts that are this merchant's alone.
	canaries []string
	shop     string
}

func (m *trader) hook(channel string) string {
	return "/hooks/" + m.name + "/" + channel + "/" + strings.ToUpper(m.name) + "hook0123456789" + channel
}

// newTrader opens shops, and writes the shop as a part of a configuration. The process is that of the first trader.
func newTrader(t *testing.T, name string, seed int64, first *trader) *trader {
	t.Helper()
	m := &trader{stage: newStage(t, stageOptions{square: square.Options{Seed: seed}, shopify: shopify.Options{Seed: seed}}), name: name}
	m.merchant = name
	own := filepath.Dir(m.cfgPath)
	text, err := os.ReadFile(m.cfgPath)
	require.NoError(t, err)
	_, channels, found := strings.Cut(string(text), "channels:\n")
	require.True(t, found)
	channels, _, _ = strings.Cut(channels, "sweep:")
	if first != nil {
		channels = strings.ReplaceAll(channels, m.hooks, first.hooks)
		m.cfgPath, m.hooks, m.db, m.log, m.env = first.cfgPath, first.hooks, first.db, first.log, first.env
	}
	for from, to := range map[string]string{tillHook: m.hook("till"), webHook: m.hook("web"), "till.token": own + "/till.token", "till.hook": own + "/till.hook",
		"web.token": own + "/web.token", "web.hook": own + "/web.hook"} {
		channels = strings.ReplaceAll(channels, from, to)
	}
	m.shop = "locations: [main]\nchannels:\n" + channels
	m.square.SetWebhook(m.hooks+m.hook("till"), squareSecret)
	m.shopify.SetWebhook(m.hooks + m.hook("web"))
	m.item = m.sells(strings.ToUpper(name)+"-CANARY", 10, 10)
	m.canaries = []string{m.item.sku, m.item.till, m.square.Locations()[0], strings.ToUpper(name) + "hook"}
	return m
}

// writeMerchants writes a configuration that declares these.
func writeMerchants(t *testing.T, path string, merchants ...*trader) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	head, _, _ := strings.Cut(string(text), "locations:")
	head, _, _ = strings.Cut(head, "merchants:")
	require.NoError(t, os.RemoveAll(filepath.Join(filepath.Dir(path), "shops")))
	require.NoError(t, os.Mkdir(filepath.Join(filepath.Dir(path), "shops"), 0o700))
	for _, m := range merchants {
		require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(path), "shops", m.name+".yaml"), []byte(m.shop), 0o600))
	}
	head += "merchants: shops\nsweep: {recent: \"@every 24h\", full: \"@every 24h\"}\nlog: {level: debug}\n"
	require.NoError(t, os.WriteFile(path, []byte(head), 0o600))
}

// mentions are those of a merchant's canaries that a text has.
func (m *trader) mentions(text string) (found []string) {
	for _, canary := range m.canaries {
		if strings.Contains(text, canary) {
			found = append(found, canary)
		}
	}
	return found
}

// stored shows everything that is in the data folder and on the servers.
func (m *trader) stored(look func(where, text string)) {
	m.t.Helper()
	data := filepath.Join(filepath.Dir(m.cfgPath), "data")
	must(m.t, filepath.WalkDir(data, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		look(path, path+" "+string(content))
		return err
	}))
	m.onServers(look)
}

// listings are all that a person can look at of a merchant, and errors.
func (m *trader) listings() map[string]string {
	m.t.Helper()
	texts := map[string]string{}
	for _, line := range []string{"status", "stock", "link list", "link export", "link waiting", "brakes", "push list", "dlq list --all", "events tail --last 1000",
		"reconcile report", "explain " + m.item.sku, "explain " + m.item.sku[:len(m.item.sku)-1], "ledger verify", "doctor"} {
		for _, json := range []bool{false, true} {
			args := strings.Fields(line)
			if json {
				args = append(args, "--json")
			}
			var out, messages bytes.Buffer
			run(m.t.Context(), append([]string{"--config", m.cfgPath, "--merchant", m.name}, args...), m.getenv, &out, &messages)
			texts[fmt.Sprint(args)] = out.String() + messages.String()
		}
	}
	return texts
}

// TestNoMerchantShowsAnother has two merchants in one process, each with ids that are its own, and looks for them wherever a merchant is
// looked at; then one is paused and erased, and the other goes on.
func TestNoMerchantShowsAnother(t *testing.T) {
	t.Parallel()
	bakery := newTrader(t, "bakery", 11, nil)
	florist := newTrader(t, "florist", 22, bakery)
	if bakery.db != nil {
		bakery.writeURL("owner.url", bakery.db.Name, bakery.db.OwnerName(), "")
		text, err := os.ReadFile(bakery.cfgPath)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(bakery.cfgPath, append([]byte("database_owner_url_file: owner.url\n"), text...), 0o600))
	}
	writeMerchants(t, bakery.cfgPath, bakery, florist)
	bakery.serve()
	florist.runtime = bakery.others[0]
	both := []*trader{bakery, florist}
	for i, m := range both {
		m.open()
		m.sell(m.item, int64(i+1))
		m.even(m.item, fmt.Sprint(9-i))
		// A dead letter, a refusal, and a delivery to the other's channel by the same name.
		require.Equal(t, http.StatusOK, m.post(m.hook("till"), "{"))
		require.Equal(t, http.StatusUnauthorized, m.postSigned(m.hook("till"), "{}", "another key"))
	}
	require.Equal(t, http.StatusUnauthorized, bakery.postSigned(florist.hook("till"), "{}", bakery.hook("till")))

	for i, m := range both {
		other := both[1-i]
		own := 0
		for what, text := range m.listings() {
			require.Empty(t, other.mentions(text), "%s of %s: %s", what, m.name, text)
			own += len(m.mentions(text))
		}
		require.Greater(t, own, 10, "what shows nothing hides nothing")
	}
	attributed := 0
	for line := range strings.Lines(bakery.log.String()) {
		for i, m := range both {
			if len(m.mentions(line)) > 0 || strings.Contains(line, "merchant="+m.name) {
				require.NotContains(t, line, "merchant="+both[1-i].name, line)
				require.Empty(t, both[1-i].mentions(line), line)
			}
			if strings.Contains(line, "merchant="+m.name) {
				attributed++
			}
		}
	}
	require.Greater(t, attributed, 4, "lines say whose they are")

	bakery.command("merchant", "pause", "bakery")
	for _, m := range both {
		m.sell(m.item, 1)
	}
	florist.even(florist.item, "7")
	till, web := bakery.counts(bakery.item)
	require.Equal(t, []string{"8", "9", "9"}, []string{till, web, bakery.level(bakery.item)}, "nothing is done for who is paused")
	bakery.command("merchant", "resume", "bakery")
	bakery.even(bakery.item, "8")

	out, code := bakery.exit("merchant", "erase", "bakery", "--yes", "bakery")
	require.Equal(t, cli.ExitFailed, code, out)
	require.Equal(t, "8", bakery.level(bakery.item), "the configuration declares it, and nothing was done")
	writeMerchants(t, bakery.cfgPath, florist)
	said := bakery.command("merchant", "erase", "bakery", "--yes", "bakery")
	require.Contains(t, said, "nothing of it was found")
	seen := 0
	bakery.stored(func(where, text string) {
		require.Empty(t, bakery.mentions(text), where)
		require.NotContains(t, text, "merchants/bakery", where)
		seen += len(florist.mentions(text))
	})
	require.Greater(t, seen, 4, "a search that finds nothing of anybody proves nothing")
	require.Equal(t, http.StatusNotFound, bakery.post(bakery.hook("till"), "{}"))
	florist.sell(florist.item, 2)
	florist.even(florist.item, "5")
	require.Contains(t, florist.command("merchant", "list"), "florist")
	require.NotContains(t, florist.command("merchant", "list"), "bakery")
	require.Contains(t, florist.command("ledger", "verify"), "follow from them")
	bakery.stop()
	bakery.merchant = "florist"
	bakery.serve()
	florist.runtime = bakery.runtime
	florist.sell(florist.item, 1)
	florist.even(florist.item, "4")
}

// post delivers a body that the till's key signs, and returns the status.
func (m *trader) post(path, body string) int { return m.postSigned(path, body, squareSecret) }

func (m *trader) postSigned(path, body, key string) int {
	m.t.Helper()
	req, err := http.NewRequestWithContext(m.t.Context(), http.MethodPost, m.hooks+path, strings.NewReader(body))
	require.NoError(m.t, err)
	req.Header.Set("X-Square-Hmacsha256-Signature", square.Sign(key, m.hooks+path, []byte(body)))
	res, err := sender.Do(req)
	require.NoError(m.t, err)
	require.NoError(m.t, res.Body.Close())
	return res.StatusCode
}
