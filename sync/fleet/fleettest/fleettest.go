// Package fleettest has a fleet of merchants that do nothing, for tests of what stands before one.
package fleettest

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/evenstock/evenstock/ledger/registry"
	"github.com/evenstock/evenstock/ledger/registry/registrytest"
	"github.com/evenstock/evenstock/sync/fleet"
)

// World is what a fleet stands on. Its fields may be changed while no call is under way.
type World struct {
	Registry registrytest.Memory
	// Declared are the merchants of the configuration, Broken those that cannot be opened.
	Declared, Broken []string
	// Erased are those of which everything was removed, Left what a search finds of them.
	Erased []string
	Left   int
	// Refuses is why a merchant may not be added; nil: each may.
	Refuses error
	Fleet   *fleet.Fleet

	mu      sync.Mutex
	members map[string]*Member
}

// Now is when everything happens.
var Now = time.Date(2026, 11, 23, 14, 30, 0, 0, time.UTC)

// New returns a world whose configuration declares merchants. Its fleet is not started.
func New(alone bool, declared ...string) *World {
	w := &World{Declared: declared, members: map[string]*Member{}}
	w.Fleet = fleet.New(fleet.Options{
		Registry: &w.Registry, Declared: func() ([]string, error) { return w.Declared, nil }, Alone: alone, Open: w.open,
		Known:    func(context.Context, string) (bool, error) { return false, nil },
		Check:    func(context.Context, registry.Merchant) error { return w.Refuses },
		MayErase: func(context.Context, string) error { return nil },
		Erase: func(_ context.Context, m registry.Merchant) (func(context.Context) ([]fleet.Place, error), error) {
			w.Erased = append(w.Erased, m.Name)
			return func(context.Context) ([]fleet.Place, error) {
				return []fleet.Place{{Where: "files", Looked: 12, Found: w.Left}}, nil
			}, nil
		},
		Now: func() time.Time { return Now }, Logger: slog.New(slog.DiscardHandler),
	})
	return w
}

// ErrBroken is why a merchant cannot be opened.
var ErrBroken = errors.New("its token cannot be read")

func (w *World) open(_ context.Context, m registry.Merchant) (fleet.Member, error) {
	if slices.Contains(w.Broken, m.Name) {
		return nil, ErrBroken
	}
	member := &Member{Paused: m.State == registry.Paused, failure: make(chan error, 1)}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.members[m.Name] = member
	return member, nil
}

// Member is the one that was opened last for a merchant; nil: none was.
func (w *World) Member(name string) *Member {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.members[name]
}

// Member is a merchant that does nothing.
type Member struct {
	Paused, Closed bool
	failure        chan error
}

// Fail has it fail.
func (m *Member) Fail(err error) { m.failure <- err }

// Pause is fleet.Member's.
func (m *Member) Pause(context.Context) error { m.Paused = true; return nil }

// Resume is fleet.Member's.
func (m *Member) Resume(context.Context) error { m.Paused = false; return nil }

// Close is fleet.Member's.
func (m *Member) Close() error { m.Closed = true; return nil }

// Wait is fleet.Member's.
func (m *Member) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-m.failure:
		return err
	}
}
