package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/evenstock/evenstock/sync/app"
)

func pushCommand(c *CLI) *cobra.Command {
	push := &cobra.Command{Use: "push", Short: "Pushes that only a person can settle"}
	list := &cobra.Command{Use: "list", Short: "List refs that are set aside, with the call in question", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.listSetAside(cmd.Context()) }}
	var request app.ResolveRequest
	var applied string
	resolve := &cobra.Command{Use: "resolve CALL ITEM", Short: "Say whether a push was applied", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if applied != "yes" && applied != "no" {
				return ErrUsage("--applied must be yes or no: look at the item's history on the platform")
			}
			request.Call, request.Item, request.Applied = args[0], args[1], applied == "yes"
			return c.resolvePush(cmd.Context(), request)
		}}
	resolve.Flags().StringVar(&applied, "applied", "", "yes or no (required)")
	resolve.Flags().BoolVar(&request.DryRun, "dry-run", false, "say what would be resolved")
	push.AddCommand(list, resolve)
	return push
}

func (c *CLI) listSetAside(ctx context.Context) error {
	list, err := ask(ctx, c, func(conn connection) ([]app.SetAsidePush, error) { return conn.SetAsidePushes(ctx) })
	if err != nil {
		return err
	}
	return c.Print(list, func(w io.Writer) error {
		t := newTable("no push waits for a person", "CALL", "CHANNEL", "ITEM", "LOCATION", "SKU", "DELTA")
		for _, s := range list {
			t.row(s.Call, string(s.Ref.Channel), s.Ref.Item, s.Ref.Location, s.SKU, s.Delta.String())
		}
		return t.write(w)
	})
}

func (c *CLI) resolvePush(ctx context.Context, request app.ResolveRequest) error {
	result, err := ask(ctx, c, func(conn connection) (app.ResolveResult, error) { return conn.ResolvePush(ctx, request) })
	if err != nil {
		return err
	}
	return c.Print(result, func(w io.Writer) error {
		verb := "resolved as " + map[bool]string{true: "applied", false: "not applied"}[request.Applied]
		if request.DryRun {
			verb = "would be " + verb
		}
		for _, ref := range result.Refs {
			fmt.Fprintf(w, "%s: %s\n", ref, verb)
		}
		return nil
	})
}
