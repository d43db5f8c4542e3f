package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/evenstock/evenstock/sync/app"
)

func brakesCommand(c *CLI) *cobra.Command {
	brakes := &cobra.Command{Use: "brakes", Short: "List what holds pushes back, with evidence", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.listBrakes(cmd.Context()) }}
	var request app.ReleaseRequest
	release := &cobra.Command{Use: "release ID", Short: "Let the pushes of a brake pass", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			request.ID = args[0]
			return c.releaseBrake(cmd.Context(), request)
		}}
	release.Flags().BoolVar(&request.Correct, "correct", false, "the same units typed in on both counters: count them once; another program: take back what it wrote, and push its counter")
	release.Flags().BoolVar(&request.DryRun, "dry-run", false, "say what would be pushed, and do nothing")
	brakes.AddCommand(release)
	return brakes
}

func (c *CLI) listBrakes(ctx context.Context) error {
	list, err := ask(ctx, c, func(conn connection) ([]app.Brake, error) { return conn.Brakes(ctx) })
	if err != nil {
		return err
	}
	return c.Print(list, func(w io.Writer) error { return printBrakes(w, list) })
}

func (c *CLI) releaseBrake(ctx context.Context, request app.ReleaseRequest) error {
	result, err := ask(ctx, c, func(conn connection) (app.ReleaseResult, error) { return conn.ReleaseBrake(ctx, request) })
	if err != nil {
		return err
	}
	return c.Print(result, func(w io.Writer) error { return printRelease(w, result, request.DryRun) })
}
