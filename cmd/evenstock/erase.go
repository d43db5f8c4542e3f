package main

import (
	"context"
	"errors"
	"os"
	"path"

	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/registry"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/fleet"
)

// marksMax is how many calls' keys an erased merchant is searched by. They are random, so that nobody else has them.
const marksMax = 200

// mayErase says what an erasure lacks, before anything is stopped for it.
func (h *host) mayErase(context.Context, string) error {
	if !h.cfg.InCluster() {
		return nil
	}
	if _, err := h.cfg.DatabaseOwnerURL(h.env); err != nil {
		return &app.Error{Kind: app.Refused, What: "only the owner of the tables removes what happened: " + err.Error(), Remedy: app.RemedyOwner}
	}
	return nil
}

// erase removes a merchant's rows and files, whose parts are closed, and returns how to search for it.
func (h *host) erase(ctx context.Context, m registry.Merchant) (func(context.Context) ([]fleet.Place, error), error) {
	cfg := h.cfg.Of(&config.Config{Merchant: m.Name})
	marks, err := h.marks(ctx, cfg, m)
	if err != nil {
		return nil, err
	}
	if !h.cfg.InCluster() && cfg.Data != h.cfg.Data {
		unlock, err := lockFolder(cfg.Data)
		if err != nil {
			return nil, err
		}
		defer unlock() //nolint:errcheck // its folder goes
	}
	if err := eraseStream(ctx, cfg, h.env, h.logger); err != nil {
		return nil, err
	}
	if err := eraseStore(ctx, cfg, h.env); err != nil {
		return nil, err
	}
	own := ""
	if cfg.Data != h.cfg.Data {
		if own = cfg.Data; os.RemoveAll(own) != nil {
			return nil, errors.New("its folder cannot be removed: " + own)
		}
	}
	return func(ctx context.Context) ([]fleet.Place, error) {
		files, err := fleet.SearchFiles(h.cfg.Data, own, marks)
		if err != nil {
			return nil, err
		}
		places := []fleet.Place{files}
		for _, search := range []func() (fleet.Place, bool, error){
			func() (fleet.Place, bool, error) { return searchStream(ctx, cfg, h.env, h.logger) },
			func() (fleet.Place, bool, error) { return searchStore(ctx, cfg, h.env, marks) },
		} {
			place, looked, err := search()
			if err != nil {
				return nil, err
			}
			if looked {
				places = append(places, place)
			}
		}
		return places, nil
	}, nil
}

// marks are texts that only this merchant has: the ends of its webhook paths, and the keys of its last calls.
func (h *host) marks(ctx context.Context, cfg *config.Config, m registry.Merchant) (marks []string, err error) {
	if shop, err := h.shop(m); err == nil {
		for _, c := range shop.Channels {
			if token := path.Base(c.WebhookPath()); len(token) >= 16 {
				marks = append(marks, token)
			}
		}
	}
	store, err := readStore(ctx, cfg, h.env)
	if errors.Is(err, errNoLedger) {
		return marks, nil
	}
	if err != nil {
		return nil, err
	}
	calls, err := store.Calls(ctx, ledger.CallFilter{Limit: marksMax})
	for _, call := range calls {
		marks = append(marks, call.Key)
	}
	return marks, errors.Join(err, store.Close())
}
