package sqlite

import (
	"database/sql"
	"fmt"
	"io/fs"
	"testing"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// firstRows are what the first version of the schema held in the middle of a first sync: one ref that waits for its baseline, one that is
// missing, an authority whose turn has not come, one that is live and is to be read and pushed, and one of which nothing is wanted.
const firstRows = `
INSERT INTO items VALUES ('mug', 'MUG', 'Mug'), ('cup', 'CUP', 'Cup');
INSERT INTO shelves VALUES ('mug', 'main', 0), ('cup', 'main', 1);
INSERT INTO balances VALUES ('cup', 1, 'main', 800000, 7), ('cup', 2, '', -800000, 7);
INSERT INTO refs VALUES
	('web', '1', '77', 'mug', 'main', '1', 1, 0, 0, 0, 1, NULL, NULL, NULL),
	('web', '2', '77', 'mug', 'main', '2', 1, 0, 0, 0, 1, NULL, NULL, NULL),
	('till', 'A', 'L', 'mug', 'main', 'A', 1, 0, 0, 0, 1, NULL, NULL, NULL),
	('web', '3', '77', 'cup', 'main', '3', 2, 700000, 5, 5, 2, NULL, NULL, NULL),
	('till', 'B', 'L', 'cup', 'main', 'B', 2, 800000, 5, 5, 2, NULL, NULL, NULL);
INSERT INTO work VALUES
	('web', '1', '77', 3, 3, 20, 0, 'baseline', 0, 0, 0, '', 0, 0, 0, 0, NULL, NULL, NULL, '{"authority":false,"orders_from":"2026-03-14T12:00:00Z"}'),
	('web', '2', '77', 3, 3, 10, 0, 'baseline', 0, 0, 0, '', 0, 0, 0, 0, NULL, NULL, NULL, '{"authority":false,"orders_from":"2026-03-14T12:00:00Z","missing":true}'),
	('till', 'A', 'L', 3, 0, 0, 0, '', 0, 0, 0, '', 0, 0, 0, 0, NULL, NULL, NULL, '{"authority":true,"orders_from":"0001-01-01T00:00:00Z"}'),
	('web', '3', '77', 4, 4, 30, 0, 'confirm', 1, 0, 0, '', 0, 0, 0, 0, NULL, NULL, NULL, NULL),
	('till', 'B', 'L', 4, 0, 0, 0, '', 0, 0, 0, '', 0, 0, 0, 0, NULL, NULL, NULL, NULL);`

// A ledger of any earlier version opens, with everything that was to be done.
func TestMigratesFromEveryVersion(t *testing.T) {
	t.Parallel()
	files, err := fs.Sub(migrations, "migrations")
	require.NoError(t, err)
	all, err := fs.Glob(files, "*.sql")
	require.NoError(t, err)
	for version := 1; version < len(all); version++ {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			old, err := sql.Open("sqlite", source(File(folder), "rwc", writerCacheKiB, ""))
			require.NoError(t, err)
			provider, err := goose.NewProvider(goose.DialectSQLite3, old, files, goose.WithDisableGlobalRegistry(true))
			require.NoError(t, err)
			_, err = provider.UpTo(t.Context(), 1)
			require.NoError(t, err)
			_, err = old.ExecContext(t.Context(), firstRows)
			require.NoError(t, err)
			_, err = provider.UpTo(t.Context(), int64(version))
			require.NoError(t, err)
			require.NoError(t, old.Close())

			s, err := Open(t.Context(), Options{Folder: folder})
			require.NoError(t, err)
			defer func() { require.NoError(t, s.Close()) }()
			requireWorklist(t, s)
		})
	}
}

func requireWorklist(t *testing.T, s *Store) {
	t.Helper()
	names := func(refs []ledger.DueRef, err error) (items []string) {
		require.NoError(t, err)
		for _, ref := range refs {
			items = append(items, ref.State.Ref.Item)
		}
		return items
	}
	now := time.Unix(0, 1_000)
	require.Equal(t, []string{"2", "1"}, names(s.DueBaselines(t.Context(), "web", now, 0)))
	require.Empty(t, names(s.DueBaselines(t.Context(), "till", now, 0)))
	require.Equal(t, []string{"3"}, names(s.DueReads(t.Context(), "web", now, 0)))
	pushes, err := s.DuePushes(t.Context(), "web", now, ledger.DuePush{}, 0)
	require.NoError(t, err)
	require.Len(t, pushes, 1)
	require.Equal(t, 8*stock.Unit, pushes[0].Level)
	progress, err := s.BaselineProgress(t.Context())
	require.NoError(t, err)
	require.Equal(t, ledger.BaselineProgress{Waiting: 2, Missing: 1, PushesLeft: 1}, progress)
	summary, err := s.Summary(t.Context())
	require.NoError(t, err)
	require.Equal(t, ledger.Wishes{Reads: 3, Pushes: 1}, summary.Wishes["web"])
}
