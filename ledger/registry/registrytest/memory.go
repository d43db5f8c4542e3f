package registrytest

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/evenstock/evenstock/ledger/registry"
)

// Memory is a registry.Store in memory, for tests of what stands on one. The zero value has no merchants.
type Memory struct {
	mu        sync.Mutex
	merchants []registry.Merchant
}

var _ registry.Store = (*Memory)(nil)

func (m *Memory) place(name string) int {
	return slices.IndexFunc(m.merchants, func(known registry.Merchant) bool { return known.Name == name })
}

// Merchants is registry.Store's.
func (m *Memory) Merchants(context.Context) ([]registry.Merchant, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := slices.Clone(m.merchants)
	slices.SortFunc(list, func(a, b registry.Merchant) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// AddMerchant is registry.Store's.
func (m *Memory) AddMerchant(_ context.Context, merchant registry.Merchant) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.place(merchant.Name) >= 0 {
		return registry.ErrExists
	}
	m.merchants = append(m.merchants, merchant)
	return nil
}

// SetState is registry.Store's.
func (m *Memory) SetState(_ context.Context, name string, state registry.State, by string, at time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := m.place(name)
	if i < 0 {
		i = len(m.merchants)
		m.merchants = append(m.merchants, registry.Merchant{Name: name})
	}
	of := &m.merchants[i]
	if of.State == registry.Erasing && state != registry.Erasing {
		return registry.ErrErasing
	}
	of.State, of.By, of.Since = state, by, at
	return nil
}

// RemoveMerchant is registry.Store's.
func (m *Memory) RemoveMerchant(_ context.Context, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.merchants = slices.DeleteFunc(m.merchants, func(known registry.Merchant) bool { return known.Name == name })
	return nil
}

// Close is registry.Store's.
func (m *Memory) Close() error { return nil }
