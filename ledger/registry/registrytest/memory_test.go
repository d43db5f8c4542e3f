package registrytest_test

import (
	"testing"

	"github.com/evenstock/evenstock/ledger/registry"
	"github.com/evenstock/evenstock/ledger/registry/registrytest"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	registrytest.Run(t, func(*testing.T) (registry.Store, func() registry.Store) {
		store := &registrytest.Memory{}
		return store, func() registry.Store { return store }
	})
}
