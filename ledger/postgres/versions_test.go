package postgres

import (
	"context"
	"errors"
	"io/fs"

	"github.com/jackc/pgx/v5/pgxpool"
)

// MigrateTo migrates to an earlier version.
func MigrateTo(ctx context.Context, owner *pgxpool.Pool, version int64) error {
	provider, err := newProvider(owner)
	if err != nil {
		return err
	}
	_, err = provider.UpTo(ctx, version)
	return errors.Join(err, provider.Close())
}

// Versions is how many there are.
func Versions() int64 {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		panic(err)
	}
	return int64(len(files))
}
