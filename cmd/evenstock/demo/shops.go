package demo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/life"
	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/adapters/sandbox/shopify"
	"github.com/evenstock/evenstock/adapters/sandbox/square"
	"github.com/evenstock/evenstock/config"
)

const (
	// RetryScale shortens the platforms' gaps between attempts to deliver a webhook: Square's first minute becomes 60 ms.
	RetryScale = 0.001
	// routing is how long after an order the pretend Shopify says where its units come from.
	routing = 300 * time.Millisecond
	// headerTimeout bounds how long a request's headers may take to arrive.
	headerTimeout = 10 * time.Second
)

// Shops are a pretend Square and a pretend Shopify on loopback HTTP, with the same goods.
type Shops struct {
	Square  *square.Shop
	Shopify *shopify.Shop
	Goods   []life.Good
	Till    Connection
	Web     Connection
	client  *http.Client
	servers []*http.Server
}

// Connection is what a program must know to connect to one of them.
type Connection struct {
	URL           string `json:"url"`
	Token         string `json:"token"`
	WebhookURL    string `json:"webhook_url"`
	WebhookSecret string `json:"webhook_secret"`
	Location      string `json:"location"`
}

// ShopsOptions say what the shops are like.
type ShopsOptions struct {
	// Hooks is where the shops send their webhooks: the address of a serve, without the path.
	Hooks string
	// Things are what they sell.
	Things     []life.Thing
	Seed       int64
	RetryScale float64
	Logger     *slog.Logger
}

// OpenShops makes both shops and fills their shelves; nobody hears of that. Close them.
func OpenShops(opts ShopsOptions) (*Shops, error) {
	s := &Shops{client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}}
	for name, shop := range map[string]*Connection{"till": &s.Till, "web": &s.Web} {
		end, err := config.NewHookToken(rand.Reader)
		if err != nil {
			return nil, err
		}
		*shop = Connection{Token: "pretend-token-" + rand.Text(), WebhookSecret: "pretend-secret-" + rand.Text(), WebhookURL: opts.Hooks + "/hooks/" + name + "/" + end}
	}
	s.Square = square.New(square.Options{Seed: opts.Seed, Token: s.Till.Token, RetryScale: opts.RetryScale, HTTPClient: s.client,
		Logger: opts.Logger.With("shop", shop.Square)})
	s.Shopify = shopify.New(shopify.Options{Seed: opts.Seed + 1, Token: s.Web.Token, Secret: s.Web.WebhookSecret, RetryScale: opts.RetryScale,
		RoutingDelay: routing, HTTPClient: s.client, Logger: opts.Logger.With("shop", shop.Shopify)})
	var err error
	if s.Goods, err = life.OpenShops(s.Square, s.Shopify, opts.Things, opts.Seed); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.Till.Location, s.Web.Location = s.Square.Locations()[0], s.Shopify.Counts()[0].Location
	s.Square.SetWebhook(s.Till.WebhookURL, s.Till.WebhookSecret, square.EventCountUpdated, square.EventCatalogUpdated)
	s.Shopify.SetWebhook(s.Web.WebhookURL)
	return s, nil
}

// serve begins to answer on both addresses, which must be loopback: the control routes have no protection. Requests come to
// a shop through wrap.
func (s *Shops) serve(squareAddr, shopifyAddr string, wrap func(http.Handler) http.Handler) error {
	for _, shop := range []struct {
		addr    string
		url     *string
		handler http.Handler
	}{{squareAddr, &s.Till.URL, s.Square}, {shopifyAddr, &s.Web.URL, s.Shopify}} {
		listener, err := listenLoopback(shop.addr)
		if err != nil {
			return err
		}
		*shop.url = "http://" + listener.Addr().String()
		server := &http.Server{Handler: wrap(shop.handler), ReadHeaderTimeout: headerTimeout, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
		s.servers = append(s.servers, server)
		go func() { _ = server.Serve(listener) }() // ends with close; a broken listener shows as a channel that fails
	}
	return nil
}

func listenLoopback(addr string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, badOption("%q is not an address such as 127.0.0.1:9001", addr)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, badOption("%q is not a loopback address: pretend shops have no protection and are for this machine only", addr)
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("%w: stop what listens there, or name another address", err)
	}
	return listener, nil
}

// SetFaults changes what goes wrong at both.
func (s *Shops) SetFaults(f shop.Faults) error {
	return errors.Join(s.Square.SetFaults(f), s.Shopify.Faults().Set(f))
}

// Idle returns when no webhook is on its way and no level lags behind.
func (s *Shops) Idle(ctx context.Context) error {
	return errors.Join(s.Shopify.Idle(ctx), s.Square.Courier().Idle(ctx))
}

// Close ends both shops and their servers.
func (s *Shops) Close() error {
	var errs []error
	for _, server := range s.servers {
		errs = append(errs, server.Close())
	}
	s.Square.Close()
	s.Shopify.Close()
	s.client.CloseIdleConnections()
	return errors.Join(errs...)
}

// configMark begins every configuration that connects to pretend shops.
const configMark = "# Connects evenstock to two pretend shops on this machine. Written by evenstock itself.\n"

// configText is an evenstock.yaml that connects to the shops.
func (s *Shops) configText(listen string) string {
	return configMark + fmt.Sprintf(`data: ./data
listen: %q
locations: [main]
channels:
  - name: till
    platform: square
    api_url: %q
    token_file: secrets/till.token
    webhook_url: %q
    webhook_secret_files: [secrets/till.hook]
    locations: {%q: main}
  - name: web
    platform: shopify
    api_url: %q
    token_file: secrets/web.token
    webhook_url: %q
    webhook_secret_files: [secrets/web.hook]
    locations: {%q: main}
`, listen, s.Till.URL, s.Till.WebhookURL, s.Till.Location, s.Web.URL, s.Web.WebhookURL, s.Web.Location)
}

// mayWriteConfig refuses a folder that holds somebody's real configuration or secrets: an earlier one for pretend shops may be
// replaced.
func mayWriteConfig(dir string) error {
	text, err := os.ReadFile(filepath.Join(dir, "evenstock.yaml"))
	switch {
	case err == nil && strings.HasPrefix(string(text), configMark):
		return nil
	case err == nil:
		return badOption("%s holds a configuration that is not for pretend shops: name another folder", dir)
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("looking for a configuration: %w", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "secrets")); !errors.Is(err, fs.ErrNotExist) {
		return badOption("%s holds secrets already: name another folder", dir)
	}
	return nil
}

// WriteConfig writes evenstock.yaml and the secrets it names into a folder and returns the path of the first.
func (s *Shops) WriteConfig(dir, listen string) (string, error) {
	if err := mayWriteConfig(dir); err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Join(dir, "secrets"), 0o700); err != nil {
		return "", fmt.Errorf("creating the configuration's folder: %w", err)
	}
	path := filepath.Join(dir, "evenstock.yaml")
	for name, text := range map[string]string{
		path:                                     s.configText(listen),
		filepath.Join(dir, "secrets/till.token"): s.Till.Token, filepath.Join(dir, "secrets/till.hook"): s.Till.WebhookSecret,
		filepath.Join(dir, "secrets/web.token"): s.Web.Token, filepath.Join(dir, "secrets/web.hook"): s.Web.WebhookSecret,
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			return "", fmt.Errorf("writing the configuration: %w", err)
		}
	}
	return path, nil
}
