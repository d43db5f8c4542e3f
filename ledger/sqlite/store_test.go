package sqlite_test

import (
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/ledgertest"
	"github.com/evenstock/evenstock/ledger/sqlite"
)

// opened is a store under test with the file behind it.
type opened struct {
	*sqlite.Store
	folder, path string
}

func open(t *testing.T, folder string) opened {
	t.Helper()
	store, err := sqlite.Open(t.Context(), sqlite.Options{Folder: folder})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	return opened{store, folder, sqlite.File(folder)}
}

func (o opened) Reopen(t *testing.T) ledger.Store {
	require.NoError(t, o.Close())
	return open(t, o.folder)
}

// Tamper falsifies a cache with a connection of its own.
func (o opened) Tamper(t *testing.T, cache string) {
	execute(t, o.path, map[string]string{
		"balances": `UPDATE balances SET quantity = quantity + 1 WHERE kind = 1`,
		"refs":     `UPDATE refs SET entries = entries + 1 WHERE channel = 'till'`,
		"shelves":  `INSERT INTO shelves (item, location, opened) VALUES ('mug', 'nowhere', 1)`,
	}[cache])
}

func execute(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, executing(t, path, text))
}

func executing(t *testing.T, path, text string) error {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)&_pragma=recursive_triggers(1)")
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	_, err = db.ExecContext(t.Context(), text)
	return err
}

func TestStore(t *testing.T) {
	t.Parallel()
	ledgertest.Run(t, func(t *testing.T) ledger.Store {
		return open(t, t.TempDir())
	})
}

func TestNumbersOfEnumsHaveTheirNames(t *testing.T) {
	t.Parallel()
	ledgertest.NumbersHaveTheirNames(t, 40, 8)
}
