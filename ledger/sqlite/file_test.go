package sqlite_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/ledgertest"
	"github.com/evenstock/evenstock/ledger/sqlite"
	"github.com/evenstock/evenstock/ledger/stock"
)

var (
	till  = stock.Ref{Channel: "till", Item: "v1", Location: "L1"}
	shelf = stock.Shelf{Item: "mug", Location: "main"}
	noon  = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
)

// seeded is a store with a ref at eight units, one of which is unexplained.
func seeded(t *testing.T) opened {
	t.Helper()
	s := open(t, t.TempDir())
	_, err := s.Apply(t.Context(), ledgertest.Step, ledger.Batch{At: noon, Inputs: []ledger.Input{
		ledgertest.Link(till, shelf, "v1"), ledgertest.Baseline(till, 9*stock.Unit, noon), ledgertest.Read(till, 8*stock.Unit, noon.Add(time.Second)),
	}})
	require.NoError(t, err)
	return s
}

func TestDatabaseRefusesToChangeHistory(t *testing.T) {
	t.Parallel()
	s := seeded(t)
	for _, text := range []string{
		`UPDATE entries SET key = 'x' WHERE seq = 1`,
		`DELETE FROM entries WHERE seq = 3`,
		`UPDATE postings SET quantity = 1`,
		`DELETE FROM postings`,
		`INSERT OR REPLACE INTO entries SELECT * FROM entries WHERE seq = 1`,
		`INSERT OR REPLACE INTO entries SELECT 4, key, '', kind, item, location, channel, ref_item, ref_location, 0, 0, 0, 0, 0, 0, NULL, NULL, NULL FROM entries WHERE seq = 1`,
		`INSERT INTO entries SELECT 9, 'new', '', kind, item, location, channel, ref_item, ref_location, 0, 0, 0, 0, 0, 0, NULL, NULL, NULL FROM entries WHERE seq = 1`,
		`INSERT INTO postings VALUES (1, 0, 1, 'main', 3, 'till', 5)`,
	} {
		err := executing(t, s.path, text)
		require.Error(t, err, text)
		require.Regexp(t, "append-only|without gaps", err.Error(), text)
	}
	report, err := s.Verify(t.Context(), nil)
	require.NoError(t, err)
	require.True(t, report.Clean(), "%v", report.Faults)
}

// TestVerifyFindsChangedHistory takes the triggers away, as somebody who owns the file can.
func TestVerifyFindsChangedHistory(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"entry removed":     `DROP TRIGGER postings_never_deleted; DROP TRIGGER entries_never_deleted; DELETE FROM postings WHERE seq = 2; DELETE FROM entries WHERE seq = 2`,
		"tail removed":      `DROP TRIGGER postings_never_deleted; DROP TRIGGER entries_never_deleted; DELETE FROM postings WHERE seq = 3; DELETE FROM entries WHERE seq = 3`,
		"quantity changed":  `DROP TRIGGER postings_never_updated; UPDATE postings SET quantity = quantity + 1 WHERE seq = 3`,
		"expected changed":  `DROP TRIGGER entries_never_updated; UPDATE entries SET expected_delta = 0 WHERE seq = 3`,
		"balance removed":   `DELETE FROM balances WHERE kind = 8`,
		"balance invented":  `INSERT INTO balances VALUES ('zebra', 1, 'main', 5, 0)`,
		"age changed":       `UPDATE balances SET since = since + 1 WHERE kind = 8`,
		"ref removed":       `DELETE FROM refs`,
		"status copy wrong": `UPDATE refs SET status = 6`,
		"shelf closed":      `UPDATE shelves SET opened = 0`,
		"posting orphaned":  `DROP TRIGGER postings_of_last_entry; PRAGMA foreign_keys = 0; INSERT INTO postings VALUES (99, 0, 1, 'main', 3, 'till', 5)`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := seeded(t)
			execute(t, s.path, text)
			report, err := s.Verify(t.Context(), nil)
			require.NoError(t, err)
			require.False(t, report.Clean())
			t.Log(report.Faults)
		})
	}
}

func TestReadOnlyBesideAWriter(t *testing.T) {
	t.Parallel()
	s := seeded(t)
	reader, err := sqlite.Open(t.Context(), sqlite.Options{Folder: s.folder, ReadOnly: true})
	require.NoError(t, err)
	defer func() { require.NoError(t, reader.Close()) }()
	_, err = reader.Apply(t.Context(), nil, ledger.Batch{At: noon})
	require.ErrorIs(t, err, ledger.ErrReadOnly)
	require.ErrorIs(t, reader.SaveItems(t.Context(), nil), ledger.ErrReadOnly)
	_, err = s.Apply(t.Context(), ledgertest.Step, ledger.Batch{At: noon, Inputs: []ledger.Input{ledgertest.Read(till, 5*stock.Unit, noon)}})
	require.NoError(t, err)
	r, err := reader.Ref(t.Context(), till)
	require.NoError(t, err)
	require.Equal(t, 5*stock.Unit, r.Level, "a reader sees what was committed since it opened")
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	empty := t.TempDir()
	_, err := sqlite.Open(t.Context(), sqlite.Options{Folder: empty, ReadOnly: true})
	require.Error(t, err)
	require.NoFileExists(t, sqlite.File(empty), "opening to read creates nothing")

	s := seeded(t)
	execute(t, s.path, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)`)
	for _, readOnly := range []bool{true, false} {
		_, err = sqlite.Open(t.Context(), sqlite.Options{Folder: s.folder, ReadOnly: readOnly})
		require.ErrorIs(t, err, ledger.ErrNewer)
	}
}

func TestPathMayHoldAnything(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "a b?c#d%20&mode=ro")
	require.NoError(t, os.Mkdir(folder, 0o700))
	open(t, folder)
	require.FileExists(t, sqlite.File(folder))
}

func TestApplyInTime(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	_, err := s.Apply(t.Context(), nil, ledger.Batch{At: noon})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = s.Apply(ctx, nil, ledger.Batch{At: noon})
	require.ErrorIs(t, err, context.Canceled)
	_, err = s.Apply(t.Context(), nil, ledger.Batch{At: noon})
	require.NoError(t, err, "the writing connection survives a cancelled caller")
}

func TestVerifyTellsProgress(t *testing.T) {
	t.Parallel()
	s := seeded(t)
	const batches, size = 11, 1000
	for range batches {
		batch := ledger.Batch{At: noon}
		for i := range size {
			batch.Inputs = append(batch.Inputs, ledgertest.Read(till, stock.Quantity(i)*stock.Unit, noon))
		}
		_, err := s.Apply(t.Context(), ledgertest.Step, batch)
		require.NoError(t, err)
	}
	var told []int64
	report, err := s.Verify(t.Context(), func(done, total int64) {
		require.EqualValues(t, 2*(3+batches*size), total)
		told = append(told, done)
	})
	require.NoError(t, err)
	require.True(t, report.Clean(), "%v", report.Faults)
	require.Equal(t, []int64{10_000, 20_000}, told)
}

// Whoever only looks, or brings a ledger up to date, begins none.
func TestNoLedgerIsBegunByLooking(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	_, err := sqlite.Open(t.Context(), sqlite.Options{Folder: folder, ReadOnly: true})
	require.ErrorIs(t, err, ledger.ErrNotFound)
	require.ErrorIs(t, sqlite.Migrate(t.Context(), folder, nil), ledger.ErrNotFound)
	schema, err := sqlite.SchemaOf(t.Context(), folder)
	require.NoError(t, err)
	require.Zero(t, schema.Current)
	require.ErrorIs(t, schema.Check(), ledger.ErrOlder)
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Empty(t, entries)

	s, err := sqlite.Open(t.Context(), sqlite.Options{Folder: folder})
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.NoError(t, sqlite.Migrate(t.Context(), folder, nil), "there is nothing to do")
	schema, err = sqlite.SchemaOf(t.Context(), folder)
	require.NoError(t, err)
	require.NoError(t, schema.Check())
	require.Positive(t, schema.Current)
}
