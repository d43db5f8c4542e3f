package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/evenstock/evenstock/adapters/api/client"
	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/sync/health"
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
	remote, err := client.DialServe(ctx, c.process.Data)
	if err == nil {
		if c.process.HasSeveral() || c.merchant != "" {
			remote = remote.Of(cfg.Merchant)
		}
		return connection{Client: remote, serving: true, close: func() error { remote.Close(); return nil }}, nil
	}
	switch {
	case errors.Is(err, client.ErrSilent):
		// What only reads can be done beside it; what owns the folder will be refused.
		fmt.Fprintf(c.messages(), "warning: %v; looking into the data folder beside it\n", err)
	case !errors.Is(err, client.ErrNoServe):
		return connection{}, fmt.Errorf("looking for a running serve: %w", err)
	}
	local := c.Local(ctx, cfg, c.quietLogger(cfg))
	return connection{Client: client.New(local, "http://evenstock"), absence: err, close: local.Close}, nil
}

// dialUnconfigured finds the serve of a configuration that cannot be used now. Where its data is may be a guess, so the serve must have
// been started with this very file.
func (c *CLI) dialUnconfigured(ctx context.Context) (serve *client.Client, data string, err error) {
	if data = config.DataFolder(c.configPath, c.Env, c.flags); data == "" {
		return nil, "", client.ErrNoServe
	}
	if serve, err = client.DialServe(ctx, data); err != nil {
		return nil, "", err
	}
	runs, err := serve.Configuration(ctx)
	if path, _ := filepath.Abs(c.configPath); err != nil || runs.File != path {
		serve.Close()
		return nil, "", client.ErrNoServe
	}
	return serve, data, nil
}

// askConfigured asks as ask does, and tells first if a serve would go by another configuration than the person has before them.
func askConfigured[T any](ctx context.Context, c *CLI, question func(connection) (T, error)) (T, error) {
	return ask(ctx, c, func(conn connection) (T, error) {
		if conn.serving && !c.compared {
			c.compared = true
			// A serve of an earlier version does not know the question, and what is wrong otherwise the next one says.
			if configuration, err := conn.Configuration(ctx); err == nil && configuration.Differs() {
				fmt.Fprintln(c.messages(), "warning:", configurationText(configuration))
			}
		}
		return question(conn)
	})
}

// configurationText says that serve runs with another configuration than its file has, and what to do.
func configurationText(c health.Configuration) string {
	check := c.Check()
	return printable(check.Detail + ": " + remedyText(check, nil))
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
