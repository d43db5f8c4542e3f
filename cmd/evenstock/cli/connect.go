package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/evenstock/evenstock/adapters/api/client"
)

// connection is a way to the operations: to a running serve, or to what this process opens itself.
type connection struct {
	*client.Client
	// serving says that a serve answers; absence is else why none does: client.ErrNoServe or client.ErrSilent.
	serving bool
	absence error
	close   func() error
}

// connect finds a running serve; without one this process answers, and opens what each operation needs.
func (c *CLI) connect(ctx context.Context) (connection, error) {
	cfg, err := c.load()
	if err != nil {
		return connection{}, err
	}
	remote, err := client.DialServe(ctx, cfg.Data)
	if err == nil {
		return connection{Client: remote, serving: true, close: func() error { remote.Close(); return nil }}, nil
	}
	switch {
	case errors.Is(err, client.ErrSilent):
		// What only reads can be done beside it; what owns the folder will be refused.
		fmt.Fprintf(c.Stderr, "warning: %v; looking into the data folder beside it\n", err)
	case !errors.Is(err, client.ErrNoServe):
		return connection{}, fmt.Errorf("looking for a running serve: %w", err)
	}
	local := c.Local(ctx, cfg, c.quietLogger(cfg))
	return connection{Client: client.New(local, "http://evenstock"), absence: err, close: local.Close}, nil
}

// ask asks one operation, or several that belong together.
func ask[T any](ctx context.Context, c *CLI, question func(connection) (T, error)) (result T, err error) {
	conn, err := c.connect(ctx)
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, conn.close()) }()
	return question(conn)
}
