package ledger_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
)

// TestRolesAreSmall keeps the roles small enough that a consumer can embed those it needs, and a store no more than all of them.
func TestRolesAreSmall(t *testing.T) {
	t.Parallel()
	methods := 0
	for _, role := range []reflect.Type{
		reflect.TypeFor[ledger.Applier](), reflect.TypeFor[ledger.Catalog](), reflect.TypeFor[ledger.Refs](), reflect.TypeFor[ledger.Journal](),
		reflect.TypeFor[ledger.Calls](), reflect.TypeFor[ledger.Worklist](), reflect.TypeFor[ledger.Baselines](), reflect.TypeFor[ledger.Positions](), reflect.TypeFor[ledger.Runs](),
		reflect.TypeFor[ledger.Status](), reflect.TypeFor[ledger.Keeper](),
	} {
		require.LessOrEqual(t, role.NumMethod(), 6, role)
		methods += role.NumMethod()
	}
	require.Equal(t, methods, reflect.TypeFor[ledger.Store]().NumMethod())
}
