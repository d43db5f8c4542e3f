package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/sync/health"
)

// Program is what the command line stands in front of. The main package hands it in: it alone names technologies.
type Program struct {
	Now func() time.Time
	// Serve runs the middleware until ctx ends.
	Serve func(ctx context.Context, cfg *config.Config, logger *slog.Logger) error
	// Local answers operations in this process, where no serve runs.
	Local func(ctx context.Context, cfg *config.Config, logger *slog.Logger) Transport
	// Added is what a merchant's parts are opened with that was added at run time; nil: there is no such.
	Added func(process *config.Config, merchant string) (*config.Config, error)
	// Probes are what doctor asks of the stores in the data folder.
	Probes func(cfg *config.Config) []health.Probe
	// Schema says which version the ledger's schema has; Migrate brings it up to date.
	Schema  func(ctx context.Context, cfg *config.Config) (ledger.Schema, error)
	Migrate func(ctx context.Context, cfg *config.Config, logger *slog.Logger) error
	// OpenPlatform opens the platform of a channel for its self-test. It sends nothing.
	OpenPlatform func(channel config.Channel) (health.SelfTester, error)
	// OpenAPI is the document of the API.
	OpenAPI func() ([]byte, error)
	// Try makes the commands that need no account: they bring pretend shops.
	Try func(c *CLI) []*cobra.Command
}

// Transport answers requests in this process until it is closed.
type Transport interface {
	http.RoundTripper
	Close() error
}

// Exit codes.
const (
	ExitOK     = 0
	ExitFailed = 1
	ExitUsage  = 2
	// ExitPartly: a part of what was asked is done, and what is not is named.
	ExitPartly = 3
)

// ExitError is an error with an exit code of its own. A silent one has told the person already.
type ExitError struct {
	Code   int
	Silent bool
	Err    error
}

func (e *ExitError) Error() string { return e.Err.Error() }

// Unwrap returns the error.
func (e *ExitError) Unwrap() error { return e.Err }

// Run is the whole command line with everything it takes from outside handed in. It returns the exit code.
func Run(ctx context.Context, program Program, args []string, env func(string) string, stdout, stderr io.Writer) int {
	return (&CLI{Program: program, Env: env, Stdout: stdout, Stderr: stderr}).run(ctx, args)
}

func (c *CLI) run(ctx context.Context, args []string) int {
	root := c.Root()
	root.SetArgs(args)
	root.SetOut(c.Stdout)
	root.SetErr(c.Stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return ExitOK
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		err = errors.New("interrupted: what was stored stays, and the command may be given again")
	}
	var exit *ExitError
	if !errors.As(err, &exit) {
		exit = &ExitError{Code: ExitFailed, Err: err}
	}
	if !exit.Silent {
		fmt.Fprintf(c.messages(), "evenstock: %s\n", Words(err, c.loaded))
	}
	return exit.Code
}
