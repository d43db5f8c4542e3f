package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/shopify"
	"github.com/evenstock/evenstock/adapters/sandbox/square"
	"github.com/evenstock/evenstock/cmd/evenstock/cli"
	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/explain"
	"github.com/evenstock/evenstock/ledger/postgres/postgrestest"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
)

// stage is the whole program against two pretend shops, over loopback HTTP.
type stage struct {
	t       testing.TB
	square  *square.Shop
	shopify *shopify.Shop
	cfgPath string
	cfg     *config.Config
	hooks   string
	log     *lockedBuffer
	env     map[string]string
	runtime *runtime
	// merchant is whom commands are about, where there are several; others are the merchants that run beside.
	merchant string
	others   []*runtime
	stop     func()
	// partitions carry events when this process serves; zero: as many as everywhere.
	partitions int
	// db keeps the ledger on a cluster; nil: it is a file.
	db *postgrestest.Database
}

// lockedBuffer keeps the log of a stage; it is printed when the test fails.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

const (
	canary       = "Kanarienvogel Q. Customer"
	squareSecret = "square-signature-key"
	webSecret    = "shopify-client-secret"
)

// stageOptions bend what newStage builds.
type stageOptions struct {
	square  square.Options
	shopify shopify.Options
	// cluster has it serve on real servers; every stage does where clusterVariable is set.
	cluster bool
}

// newStage opens both shops and writes the configuration. Nothing is served yet.
func newStage(t testing.TB, opts stageOptions) *stage {
	t.Helper()
	s := &stage{t: t, log: &lockedBuffer{}, env: map[string]string{}}
	listener := listen(t)
	s.hooks = "http://" + listener.Addr().String()
	must(t, listener.Close())
	opts.square.Token, opts.square.Canary, opts.square.AppID = "square-token", canary, "evenstock-app"
	opts.shopify.Token, opts.shopify.Secret, opts.shopify.Canary = "shopify-token", webSecret, canary
	opts.square.RetryScale, opts.shopify.RetryScale = cmp.Or(opts.square.RetryScale, 0.001), cmp.Or(opts.shopify.RetryScale, 0.001)
	s.square, s.shopify = square.New(opts.square), shopify.New(opts.shopify)
	squareServer, shopifyServer := httptest.NewServer(s.square), httptest.NewServer(s.shopify)
	t.Cleanup(func() { squareServer.Close(); shopifyServer.Close(); s.square.Close(); s.shopify.Close() })
	s.writeConfig(squareServer.URL, shopifyServer.URL, listener.Addr().String())
	if opts.cluster || os.Getenv(clusterVariable) != "" {
		s.db = s.joinCluster()
	}
	s.square.SetWebhook(s.hooks+"/hooks/till/AbCdEfGhIjKlMnOp", squareSecret)
	s.shopify.SetWebhook(s.hooks + "/hooks/web/QrStUvWxYz012345")
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("log:\n%s", s.log)
		}
	})
	return s
}

// writeConfig leaves sweeps to the test: at whatever hour it runs, none is due.
func (s *stage) writeConfig(squareURL, shopifyURL, listen string) {
	s.t.Helper()
	dir := s.t.TempDir()
	s.cfgPath = filepath.Join(dir, "evenstock.yaml")
	for name, text := range map[string]string{"till.token": "square-token", "till.hook": squareSecret, "web.token": "shopify-token", "web.hook": webSecret} {
		must(s.t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	must(s.t, os.WriteFile(s.cfgPath, []byte(fmt.Sprintf(`data: ./data
listen: %s
locations: [main]
channels:
  - name: till
    platform: square
    api_url: %s
    token_file: till.token
    webhook_url: %s/hooks/till/AbCdEfGhIjKlMnOp
    webhook_secret_files: [till.hook]
    locations: {%s: main}
  - name: web
    platform: shopify
    api_url: %s
    token_file: web.token
    webhook_url: %s/hooks/web/QrStUvWxYz012345
    webhook_secret_files: [web.hook]
    locations: {"77": main}
sweep: {recent: "@every 24h", full: "@every 24h"}
log: {level: debug}
`, listen, squareURL, s.hooks, s.square.Locations()[0], shopifyURL, s.hooks)), 0o600))
}

// item is one product in both shops.
type item struct{ sku, till, web, variant string }

// sells adds a product to both shops and links it nowhere yet.
func (s *stage) sells(sku string, onTill, onWeb int64) item {
	s.t.Helper()
	variation := s.square.AddVariation(sku, "A "+sku, true)
	if onTill != 0 {
		_, err := s.square.Receive(variation, stock.Units(onTill))
		must(s.t, err)
	}
	variant, err := s.shopify.AddVariant(shopify.NewVariant{SKU: sku, Name: "A " + sku, Tracked: true, Available: onWeb})
	must(s.t, err)
	return item{sku: sku, till: variation, web: variant.Item, variant: variant.Variant}
}

// serve starts the middleware; stopServing (or the test's end) stops it.
func (s *stage) serve() {
	s.t.Helper()
	var err error
	s.cfg, err = config.Load(s.cfgPath, s.getenv, nil)
	must(s.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan []*runtime, 1), make(chan error, 1)
	logger := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	go func() {
		ended <- serve(ctx, s.cfg, s.getenv, logger, serveOptions{
			start: startOptions{partitions: s.partitions}, ready: func(all []*runtime, _ net.Addr) { ready <- all },
		})
	}()
	select {
	case all := <-ready:
		s.runtime, s.others = all[0], all[1:]
	case err := <-ended:
		s.t.Fatalf("serve ended: %v", err)
	}
	stopped := false
	s.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			s.t.Errorf("serve ended: %v", err)
		}
	}
	s.t.Cleanup(s.stop)
}

func (s *stage) getenv(name string) string { return s.env[name] }

// command runs the command line as a person would and returns what it printed.
func (s *stage) command(args ...string) string {
	s.t.Helper()
	out, code := s.exit(args...)
	if code != cli.ExitOK {
		s.t.Fatalf("evenstock %s: exit code %d: %s", strings.Join(args, " "), code, s.log)
	}
	return out
}

func (s *stage) exit(args ...string) (string, int) {
	var out bytes.Buffer
	if s.merchant != "" {
		args = append([]string{"--merchant", s.merchant}, args...)
	}
	code := run(s.t.Context(), append([]string{"--config", s.cfgPath}, args...), s.getenv, &out, io.MultiWriter(s.log, s.t.Output()))
	return out.String(), code
}

// open links what the SKUs say and takes the baseline from the till.
func (s *stage) open() {
	s.t.Helper()
	s.link()
	s.command("baseline", "apply", "--authority", "till")
}

// link ties the shops' articles to each other.
func (s *stage) link() {
	s.t.Helper()
	csv := filepath.Join(s.t.TempDir(), "links.csv")
	must(s.t, os.WriteFile(csv, []byte(s.command("link", "suggest")), 0o600))
	s.command("link", "import", csv)
}

// counts returns what both counters show.
func (s *stage) counts(i item) (till, web string) {
	s.t.Helper()
	quantity, ok := s.square.CountOf(i.till, s.square.Locations()[0])
	if !ok {
		s.t.Fatalf("%s was never counted at the till", i.sku)
	}
	for _, count := range s.shopify.Counts() {
		if count.Item == i.web {
			return quantity.String(), count.Quantity.String()
		}
	}
	s.t.Fatalf("%s has no counter on the web", i.sku)
	return "", ""
}

// settleTimeout bounds the wait for the shops to become even. It is generous, for on success nobody waits for it: a webhook that was
// refused while serve was down is sent again after half a minute at last, and a busy machine is slow.
const settleTimeout = 2 * time.Minute

// eventually waits until check says nothing, and fails with what it said last.
func (s *stage) eventually(what string, check func() string) {
	s.t.Helper()
	deadline := time.NewTimer(settleTimeout)
	defer deadline.Stop()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		last := check()
		if last == "" {
			return
		}
		select {
		case <-ticker.C:
		case <-deadline.C:
			s.t.Fatalf("waiting for %s: %s", what, last)
		}
	}
}

// even waits until ledger, till and web all show the same number.
func (s *stage) even(i item, want string) {
	s.t.Helper()
	s.eventually(i.sku+" even at "+want, func() string {
		till, web := s.counts(i)
		level := s.level(i)
		if till == want && web == want && level == want {
			return ""
		}
		return fmt.Sprintf("till %s, ledger %s, web %s", till, level, web)
	})
}

func (s *stage) shelf(i item) stock.Shelf {
	s.t.Helper()
	items, err := s.runtime.store.ItemBySKU(s.t.Context(), i.sku)
	must(s.t, err)
	if len(items) != 1 {
		s.t.Fatalf("%d items have SKU %s", len(items), i.sku)
	}
	return stock.Shelf{Item: items[0].ID, Location: "main"}
}

func (s *stage) level(i item) string {
	s.t.Helper()
	levels, err := s.runtime.store.Shelves(s.t.Context(), ledger.ShelfFilter{Item: s.shelf(i).Item})
	must(s.t, err)
	if len(levels) != 1 {
		return "none"
	}
	return levels[0].Level.String()
}

// balances returns the non-zero outside accounts of an item, as text.
func (s *stage) balances(i item) map[string]string {
	s.t.Helper()
	all, err := s.runtime.store.Balances(s.t.Context(), s.shelf(i).Item, ledger.AsOf{})
	must(s.t, err)
	texts := map[string]string{}
	for account, balance := range all {
		if balance != 0 && account.Kind != ledger.Available {
			name := account.Kind.String()
			if account.Kind == ledger.Unexplained {
				name += "/" + strings.SplitN(account.Name, "/", 2)[0]
			} else if account.Name != "" {
				name += "/" + account.Name
			}
			texts[name] = balance.String()
		}
	}
	return texts
}

// explained waits until the outside accounts of an item are exactly these.
func (s *stage) explained(i item, want map[string]string) {
	s.t.Helper()
	s.eventually(i.sku+" explained", func() string {
		got := s.balances(i)
		if fmt.Sprint(got) == fmt.Sprint(want) {
			return ""
		}
		return fmt.Sprintf("accounts are %v, want %v", got, want)
	})
}

// reason runs evenstock explain as a person would, as text and as JSON, until the number is the one expected and told whole.
func (s *stage) reason(i item, want string, unexplained int) (text string, shelf explain.Shelf) {
	s.t.Helper()
	s.eventually(i.sku+" to be explained by the command", func() string {
		var e explain.Explanation
		must(s.t, json.Unmarshal([]byte(s.command("explain", i.sku, "--json")), &e))
		text = s.command("explain", i.sku)
		if len(e.Shelves) != 1 {
			return fmt.Sprintf("%d shelves", len(e.Shelves))
		}
		shelf = e.Shelves[0]
		if shelf.Level.String() != want || len(shelf.Unexplained) != unexplained || !strings.Contains(text, "\nmain: "+want+" available\n") {
			return text
		}
		return ""
	})
	var sum stock.Quantity
	for _, c := range shelf.Causes {
		sum += c.Quantity
	}
	for _, u := range shelf.Unexplained {
		sum += u.Quantity
	}
	if sum != shelf.Level || shelf.Sum != shelf.Level || len(shelf.Faults) > 0 {
		s.t.Errorf("the causes of %s come to %s, it says %s, the level is %s: %v\n%s", i.sku, sum, shelf.Sum, shelf.Level, shelf.Faults, text)
	}
	return text, shelf
}

// told finds the one cause with this evidence, and the step of the trail that it explains.
func (s *stage) told(shelf explain.Shelf, key, id string) (explain.Cause, *explain.Step) {
	s.t.Helper()
	for _, c := range shelf.Causes {
		if c.Evidence[key] != id {
			continue
		}
		for _, step := range shelf.Trail {
			if slices.Contains(step.ExplainedBy, c.Entry) {
				return c, step
			}
		}
		s.t.Fatalf("%s %s explains no step of the trail: %+v", key, id, shelf.Trail)
	}
	s.t.Fatalf("no cause has %s %s: %+v", key, id, shelf.Causes)
	return explain.Cause{}, nil
}

// carriedBy checks that a step led to one push of these units to a channel, which the platform has taken.
func (s *stage) carriedBy(step *explain.Step, channel string, units int64) *explain.Push {
	s.t.Helper()
	if len(step.Pushes) != 1 || string(step.Pushes[0].Ref.Channel) != channel || step.Pushes[0].Delta != stock.Units(units) || step.Pushes[0].Outcome != ledger.Answered.String() {
		s.t.Fatalf("the step %+v led to %d pushes, want one of %d to %s, answered", step, len(step.Pushes), units, channel)
	}
	return step.Pushes[0]
}

// sender keeps enough connections for many deliveries at once.
var sender = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 128}}

// post sends a webhook body as a platform would and returns the status. A platform sends again what could not be taken in just now, as on
// a machine that is too busy for it.
func (s *stage) post(path string, header http.Header, body []byte) int {
	s.t.Helper()
	for until := time.Now().Add(settleTimeout); ; {
		status, err := attempt(s.t.Context(), s.hooks+path, header, body)
		if time.Now().After(until) {
			must(s.t, err)
			return status
		}
		if err == nil && status != http.StatusServiceUnavailable {
			return status
		}
	}
}

// stages counts the stages of this process.
var stages atomic.Int64

// listen takes a port on a loopback address of the stage's own: it is given up and taken again whenever the stage stops and
// serves, and nobody else must take it meanwhile.
func listen(t testing.TB) net.Listener {
	t.Helper()
	n := stages.Add(1)
	listener, err := net.Listen("tcp", fmt.Sprintf("127.%d.%d.%d:0", 1+os.Getpid()%250, 1+n/250%250, 1+n%250))
	must(t, err)
	return listener
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// brake waits until a brake of a kind holds and returns its id.
func (s *stage) brake(kind string) (id string) {
	s.t.Helper()
	s.eventually("the brake "+kind, func() string {
		var brakes []app.Brake
		must(s.t, json.Unmarshal([]byte(s.command("brakes", "--json")), &brakes))
		for _, b := range brakes {
			if b.Kind == kind {
				id = b.ID
				return ""
			}
		}
		return fmt.Sprintf("%d others hold", len(brakes))
	})
	return id
}
