// Command evenstock keeps a shop's stock equal between its till and its online store. See the README.
package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/evenstock/evenstock/adapters/api"
	"github.com/evenstock/evenstock/cmd/evenstock/cli"
	"github.com/evenstock/evenstock/cmd/evenstock/demo"
	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/sync/failpoint"
	"github.com/evenstock/evenstock/sync/health"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

// run is the whole program with everything it takes from outside handed in.
func run(ctx context.Context, args []string, env func(string) string, stdout, stderr io.Writer) int {
	return cli.Run(ctx, program(env), args, env, stdout, stderr)
}

// program is what the command line stands in front of.
func program(env func(string) string) cli.Program {
	return cli.Program{
		Now: time.Now,
		Serve: func(ctx context.Context, cfg *config.Config, logger *slog.Logger) error {
			stop, err := failpoint.From(env)
			if err != nil {
				return err
			}
			return serve(ctx, cfg, env, logger, serveOptions{start: startOptions{failpoint: stop}})
		},
		Local: func(ctx context.Context, cfg *config.Config, logger *slog.Logger) cli.Transport {
			return newLocal(ctx, cfg, env, logger)
		},
		Added: func(cfg *config.Config, merchant string) (*config.Config, error) { return added(cfg, env, merchant) },
		Probes: func(cfg *config.Config) []health.Probe {
			return []health.Probe{checkLedger(cfg, env), checkBroker(cfg, env)}
		},
		Schema: func(ctx context.Context, cfg *config.Config) (ledger.Schema, error) { return schemaOf(ctx, cfg, env) },
		Migrate: func(ctx context.Context, cfg *config.Config, logger *slog.Logger) error {
			return migrateStore(ctx, cfg, env, logger)
		},
		OpenPlatform: func(channel config.Channel) (health.SelfTester, error) {
			opened, err := openChannel(channel, env, slog.New(slog.DiscardHandler), time.Now)
			return opened.adapter, err
		},
		OpenAPI: api.OpenAPI,
		Try:     demo.Commands(serveDemo),
	}
}
