package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the database/sql driver "sqlite"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/record"
)

//go:embed migrations/*.sql
var migrations embed.FS

const (
	// busyTimeout is how long a statement waits for another process's lock.
	busyTimeout = 5 * time.Second
	// writerCacheKiB and readerCacheKiB bound the page caches per connection. They fill as the ledger grows, and the system keeps the
	// file's pages too: what is not found here is copied from there.
	writerCacheKiB = 4 << 10
	readerCacheKiB = 1 << 10
	// readers is how many queries run at once.
	readers = 4
	// walKeptBytes bounds the write-ahead log that is kept after a checkpoint.
	walKeptBytes = 64 << 20
	// checkpointPages (of 4 KiB) is how much log is written between two checkpoints. With SQLite's 1,000 every second large
	// batch would pay for one, and pages that each batch changes would be copied back each time.
	checkpointPages = 4096
)

// fileName is the ledger's name in a merchant's folder.
const fileName = "ledger.db"

// File is the path of the ledger in a merchant's folder.
func File(folder string) string { return filepath.Join(folder, fileName) }

// Exists says whether there is a ledger in a merchant's folder.
func Exists(folder string) (bool, error) {
	_, err := os.Stat(File(folder))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("looking for the ledger: %w", err)
	}
	return true, nil
}

// Options say which ledger to open and how.
type Options struct {
	// Folder is the merchant's. The ledger is created in it unless ReadOnly; the folder must be there.
	Folder string
	// ReadOnly opens an existing ledger for queries and Verify, beside a process that writes; ledger.ErrNotFound where there is none.
	ReadOnly bool
	// Logger is told about migrations; nil: nothing is logged.
	Logger *slog.Logger
}

// Store is one merchant's ledger in a SQLite file. It is safe for concurrent use.
type Store struct {
	record.Reader

	read *sql.DB
	// mu guards queries, the prepared statements of read by their text.
	mu      sync.Mutex
	queries map[string]*sql.Stmt
	// write is nil when the store is read-only. turn holds one token; whoever has it uses writer.
	write  *sql.DB
	turn   chan struct{}
	writer *writer
}

var _ ledger.Store = (*Store)(nil)

// Open opens or creates the ledger file and brings its schema up to date.
func Open(ctx context.Context, options Options) (*Store, error) {
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Store{turn: make(chan struct{}, 1), queries: map[string]*sql.Stmt{}}
	s.Reader = record.NewReader(s.query, reading)
	if err := s.open(ctx, options); err != nil {
		return nil, errors.Join(fmt.Errorf("opening ledger %s: %w", File(options.Folder), err), s.Close())
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, options Options) error {
	path, err := filepath.Abs(File(options.Folder))
	if err != nil {
		return err
	}
	if options.ReadOnly {
		if exists, err := Exists(options.Folder); err != nil {
			return err
		} else if !exists {
			return ledger.ErrNotFound
		}
	} else {
		if s.write, err = sql.Open("sqlite", source(path, "rwc", writerCacheKiB, "")); err != nil {
			return err
		}
		s.write.SetMaxOpenConns(1)
		if err := migrate(ctx, s.write, options.Logger); err != nil {
			return fmt.Errorf("migrating: %w", err)
		}
		if s.writer, err = newWriter(ctx, s.write); err != nil {
			return err
		}
	}
	if s.read, err = sql.Open("sqlite", source(path, "rw", readerCacheKiB, "query_only(1)")); err != nil {
		return err
	}
	s.read.SetMaxOpenConns(readers)
	s.read.SetMaxIdleConns(readers)
	schema, err := schemaOf(ctx, s.read)
	if err != nil {
		return err
	}
	return schema.Check()
}

// source is the driver's name of the file. foreign_keys and recursive_triggers are per connection: the latter makes an
// INSERT OR REPLACE fire the triggers that keep entries append-only.
func source(path, mode string, cacheKiB int, pragma string) string {
	query := url.Values{"mode": {mode}}
	for _, p := range []string{
		fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()), "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)",
		"recursive_triggers(1)", fmt.Sprintf("wal_autocheckpoint(%d)", checkpointPages), fmt.Sprintf("cache_size(-%d)", cacheKiB), fmt.Sprintf("journal_size_limit(%d)", walKeptBytes), pragma,
	} {
		if p != "" {
			query.Add("_pragma", p)
		}
	}
	return (&url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path), RawQuery: query.Encode()}).String()
}

// migrator makes what migrates a file by the scripts of a folder, and says whether its schema is behind them. One that is ahead is refused.
func migrator(ctx context.Context, db *sql.DB, scripts embed.FS, folder string) (provider *goose.Provider, behind bool, err error) {
	files, err := fs.Sub(scripts, folder)
	if err != nil {
		return nil, false, err
	}
	if provider, err = goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true)); err != nil {
		return nil, false, err
	}
	current, target, err := provider.GetVersions(ctx)
	if err == nil && current > target {
		err = ledger.Schema{Current: current, Known: target}.Check()
	}
	return provider, current < target, err
}

func migrate(ctx context.Context, db *sql.DB, logger *slog.Logger) error {
	provider, behind, err := migrator(ctx, db, migrations, "migrations")
	if err != nil || !behind {
		return err
	}
	// A migration that a power cut takes back is made again at the next start, so none of them waits for the disk. The first
	// batch that is applied does, for all that was written before it.
	if _, err := db.ExecContext(ctx, "PRAGMA synchronous = NORMAL"); err != nil {
		return err
	}
	results, err := provider.Up(ctx)
	if err != nil {
		return err
	}
	for _, r := range results {
		logger.InfoContext(ctx, "ledger migrated", "version", r.Source.Version, "duration_ms", r.Duration.Milliseconds())
	}
	_, err = db.ExecContext(ctx, "PRAGMA synchronous = FULL")
	return err
}

// Migrate brings the ledger in a merchant's folder up to date, as opening it to write does; ledger.ErrNotFound where there is none.
func Migrate(ctx context.Context, folder string, logger *slog.Logger) error {
	if exists, err := Exists(folder); err != nil {
		return err
	} else if !exists {
		return fmt.Errorf("migrating the ledger in %s: %w", folder, ledger.ErrNotFound)
	}
	s, err := Open(ctx, Options{Folder: folder, Logger: logger})
	if err != nil {
		return err
	}
	return s.Close()
}

// schemaOf reads the version of an open file's schema.
func schemaOf(ctx context.Context, db *sql.DB) (ledger.Schema, error) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	schema := ledger.Schema{Known: int64(len(files))}
	if err == nil {
		err = db.QueryRowContext(ctx, sqlVersion).Scan(&schema.Current)
	}
	if err != nil {
		return schema, fmt.Errorf("reading schema version: %w", err)
	}
	return schema, nil
}

// SchemaOf reads the version of the ledger's schema in a merchant's folder; 0 where there is no ledger. It is migrated when it is opened to
// write.
func SchemaOf(ctx context.Context, folder string) (schema ledger.Schema, err error) {
	path, err1 := filepath.Abs(File(folder))
	exists, err2 := Exists(folder)
	if err := errors.Join(err1, err2); err != nil {
		return schema, err
	}
	if !exists {
		files, err := fs.Glob(migrations, "migrations/*.sql")
		return ledger.Schema{Known: int64(len(files))}, err
	}
	db, err := sql.Open("sqlite", source(path, "rw", readerCacheKiB, "query_only(1)"))
	if err != nil {
		return schema, err
	}
	schema, err = schemaOf(ctx, db)
	return schema, errors.Join(err, db.Close())
}

// Close waits for the batch that is being applied and closes the file.
func (s *Store) Close() error {
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	var errs []error
	if s.writer != nil {
		errs = append(errs, s.writer.close())
		s.writer = nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, stmt := range s.queries {
		errs = append(errs, stmt.Close())
	}
	clear(s.queries)
	if s.read != nil {
		errs = append(errs, s.read.Close())
	}
	if s.write != nil {
		errs = append(errs, s.write.Close())
	}
	return errors.Join(errs...)
}

// writing runs work inside one immediate transaction of the writing connection. Statements run under a context that is not
// cancelled: watching it would cost a goroutine per row, and a batch is short.
func (s *Store) writing(ctx context.Context, work func(ctx context.Context, w *writer) error) error {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if s.writer == nil {
		return ledger.ErrReadOnly
	}
	w, calm := s.writer, context.WithoutCancel(ctx)
	if _, err := w.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		// When the context ends in this moment, the driver says so although the transaction has begun. Left open it would refuse
		// every batch to come. Mostly there is none, and nothing to roll back.
		_, _ = w.conn.ExecContext(calm, "ROLLBACK")
		return fmt.Errorf("beginning: %w", err)
	}
	w.settle = func() {}
	if err := w.look(calm); err != nil {
		return w.undo(calm, err)
	}
	if err := work(calm, w); err != nil {
		return w.undo(calm, err)
	}
	if _, err := w.conn.ExecContext(calm, "COMMIT"); err != nil {
		return w.undo(calm, fmt.Errorf("committing: %w", err))
	}
	w.settle()
	return nil
}

// undo rolls back and returns cause, with what went wrong on the way if anything did.
func (w *writer) undo(ctx context.Context, cause error) error {
	w.forget()
	if _, err := w.conn.ExecContext(ctx, "ROLLBACK"); err != nil {
		return errors.Join(cause, fmt.Errorf("rolling back: %w", err))
	}
	return cause
}

// Erase removes the ledger of a merchant's folder. Nobody may have it open.
func Erase(folder string) (err error) {
	for _, ending := range []string{"", "-wal", "-shm", "-journal"} {
		if removed := os.Remove(File(folder) + ending); !errors.Is(removed, fs.ErrNotExist) {
			err = errors.Join(err, removed)
		}
	}
	return err
}
