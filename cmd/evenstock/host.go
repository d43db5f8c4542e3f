package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/evenstock/evenstock/adapters/api"
	"github.com/evenstock/evenstock/adapters/webhook"
	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/ledger/registry"
	"github.com/evenstock/evenstock/sync/fleet"
	"github.com/evenstock/evenstock/sync/health"
	"github.com/evenstock/evenstock/sync/sweep"
)

// host is the process: what its merchants share, and the fleet of them. It owns the data folder.
type host struct {
	cfg    *config.Config
	env    func(string) string
	logger *slog.Logger
	opts   startOptions

	registry   registry.Store
	fleet      *fleet.Fleet
	directory  *webhook.Directory
	operations *api.Switch
	unlock     func() error

	// mu guards what follows: the configuration as it was read last, and the merchants that run.
	mu       sync.Mutex
	latest   *config.Config
	runtimes map[string]*runtime
	handlers map[string]http.Handler
}

// openHost owns the data folder and opens what is the process's. Merchants run in it if runs says so, once its fleet is started.
func openHost(ctx context.Context, cfg *config.Config, env func(string) string, logger *slog.Logger, opts startOptions, runs bool) (_ *host, err error) {
	h := &host{cfg: cfg, env: env, logger: logger, opts: opts, latest: cfg, runtimes: map[string]*runtime{}, handlers: map[string]http.Handler{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.close())
		}
	}()
	if h.unlock, err = lockFolder(cfg.Data); err != nil {
		return h, err
	}
	if h.registry, err = openRegistry(ctx, cfg, env); err != nil {
		return h, err
	}
	options := fleet.Options{Registry: h.registry, Declared: h.declared, Check: h.check, MayErase: h.mayErase, Erase: h.erase,
		Known: func(ctx context.Context, name string) (bool, error) { return ledgerOf(ctx, cfg, env, name) },
		Alone: !cfg.HasSeveral(), Now: time.Now, Logger: logger}
	if runs {
		options.Open = h.open
	}
	h.fleet = fleet.New(options)
	h.operations = api.NewSwitch(h.fleet, h.handler)
	nobody, err := webhook.New(webhook.Options{Sink: noSink{}, DeadLetters: rejects{}, Logger: logger})
	h.directory = webhook.NewDirectory(nobody)
	return h, err
}

// declared lists the merchants that the configuration declares now; where it cannot be read, those that it did when it could.
func (h *host) declared() ([]string, error) {
	latest, err := h.cfg.Reload()
	h.mu.Lock()
	defer h.mu.Unlock()
	if err != nil {
		h.logger.Warn("the configuration cannot be used now; its merchants are those of before", "error", err)
	} else {
		h.latest = latest
	}
	var names []string
	for _, shop := range h.latest.Shops() {
		names = append(names, shop.Merchant)
	}
	return names, nil
}

// shop is what a merchant's parts are opened with.
func (h *host) shop(m registry.Merchant) (*config.Config, error) {
	if m.Settings != "" {
		return addedShop(h.cfg, m)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if shop, is := h.latest.Shop(m.Name); is {
		return shop, nil
	}
	return nil, fmt.Errorf("the configuration declares no merchant %s", m.Name)
}

// addedShop is the shop of a merchant that was added at run time.
func addedShop(cfg *config.Config, m registry.Merchant) (*config.Config, error) {
	channels := make([]string, len(m.Channels))
	for i, c := range m.Channels {
		channels[i] = c.Settings
	}
	text, err := config.JoinSettings(m.Settings, channels)
	if err != nil {
		return nil, err
	}
	shop, err := cfg.ParseShop(m.Name, "registry", text)
	if err != nil {
		return nil, err
	}
	return cfg.Of(shop), nil
}

// added is the shop of a merchant of the registry; nil: it has none of this name.
func added(cfg *config.Config, env func(string) string, merchant string) (*config.Config, error) {
	ctx := context.Background() // a question of a command line that cannot begin without its answer
	store, err := openRegistry(ctx, cfg, env)
	if err != nil {
		return nil, err
	}
	merchants, err := store.Merchants(ctx)
	for _, m := range merchants {
		if m.Name == merchant && m.Settings != "" {
			shop, err := addedShop(cfg, m)
			return shop, errors.Join(err, store.Close())
		}
	}
	return nil, errors.Join(err, store.Close())
}

// check says why a merchant cannot be opened beside those that run.
func (h *host) check(_ context.Context, m registry.Merchant) error {
	shop, err := h.shop(m)
	if err != nil {
		return err
	}
	h.mu.Lock()
	shops := []*config.Config{shop}
	for name, r := range h.runtimes {
		if name != m.Name {
			shops = append(shops, r.cfg)
		}
	}
	h.mu.Unlock()
	if err := config.Apart(shops); err != nil {
		return err
	}
	_, err = openChannels(shop, h.env, slog.New(slog.DiscardHandler), time.Now)
	return err
}

// open opens a merchant and takes its webhooks in.
func (h *host) open(ctx context.Context, m registry.Merchant) (fleet.Member, error) {
	cfg, err := h.shop(m)
	if err != nil {
		return nil, err
	}
	opts, logger := h.opts, h.logger
	opts.sweeps = sweep.Schedule{Recent: cfg.Sweep.Recent, Full: cfg.Sweep.Full}
	opts.paused, opts.locked = m.State == registry.Paused, sameFolder(cfg.Data, h.cfg.Data)
	if m.Name != config.DefaultMerchant {
		logger = logger.With("merchant", m.Name)
	}
	r, err := startRuntime(ctx, cfg, h.env, logger, opts)
	if err != nil {
		return nil, err
	}
	intake, err := openIntake(r)
	if err != nil {
		return nil, errors.Join(err, r.close())
	}
	running, stop := context.WithCancel(ctx)
	opened, placed := &member{r.merchant, r, h, stop, make(chan struct{}), nil}, make(chan struct{})
	go func() {
		opened.err = r.inTerms(running, func() { close(placed) })
		close(opened.ended)
	}()
	select {
	case <-placed:
	case <-opened.ended:
		stop()
		return nil, errors.Join(opened.err, context.Cause(ctx), r.close())
	}
	h.mu.Lock()
	h.runtimes[m.Name] = r
	h.handlers[m.Name] = api.Lazy(r.app.Load) // describing operations takes longer than serve to start
	h.mu.Unlock()
	h.directory.Set(m.Name, intake)
	return opened, nil
}

// sameFolder compares paths of which one may begin at the working directory: a configuration that is read again has its file's whole path.
func sameFolder(a, b string) bool {
	a, err1 := filepath.Abs(a)
	b, err2 := filepath.Abs(b)
	return a == b && errors.Join(err1, err2) == nil
}

// member is a merchant's runtime in the fleet. It works in terms until stop, or until it fails with err.
type member struct {
	pausing
	r     *runtime
	h     *host
	stop  context.CancelFunc
	ended chan struct{}
	err   error
}

// pausing is what sync/merchant can do of a member.
type pausing interface {
	Pause(ctx context.Context) error
	Resume(ctx context.Context) error
}

// Wait is fleet.Member's.
func (m *member) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-m.ended:
		return m.err
	}
}

// Close is fleet.Member's: deliveries and commands find it no more, and then it ends.
func (m *member) Close() error {
	m.h.directory.Set(m.r.cfg.Merchant, nil)
	m.h.mu.Lock()
	delete(m.h.runtimes, m.r.cfg.Merchant)
	delete(m.h.handlers, m.r.cfg.Merchant)
	m.h.mu.Unlock()
	m.stop()
	<-m.ended
	return m.r.close()
}

// handler answers operations of a merchant, or with an empty name of the only one; nil: there is none.
func (h *host) handler(merchant string) http.Handler {
	h.mu.Lock()
	defer h.mu.Unlock()
	if handler := h.handlers[merchant]; handler != nil {
		return handler
	}
	if merchant == "" && len(h.handlers) == 1 {
		for _, handler := range h.handlers {
			return handler
		}
	}
	return nil
}

// running lists the merchants that run, by name.
func (h *host) running() []*runtime {
	h.mu.Lock()
	defer h.mu.Unlock()
	var list []*runtime
	for _, name := range slices.Sorted(maps.Keys(h.runtimes)) {
		list = append(list, h.runtimes[name])
	}
	return list
}

// readiness looks at what taking webhooks in depends on. One of several merchants that is ill is no reason to send nobody's webhooks here.
func (h *host) readiness(ctx context.Context) health.Report {
	merchants := h.running()
	if len(merchants) == 1 && !h.cfg.HasSeveral() {
		return merchants[0].readiness(ctx)
	}
	var probes []health.Probe
	for _, r := range merchants {
		probes = append(probes, health.Merchant(r.cfg.Merchant, r.readiness))
	}
	return health.Merchants(ctx, probes)
}

// close gives up what was opened.
func (h *host) close() error {
	var errs []error
	if h.fleet != nil {
		errs = append(errs, h.fleet.Close())
	}
	if h.registry != nil {
		errs = append(errs, h.registry.Close())
	}
	if h.unlock != nil {
		errs = append(errs, h.unlock())
	}
	return errors.Join(errs...)
}
