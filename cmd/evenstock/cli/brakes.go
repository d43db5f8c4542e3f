package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

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
	release.Flags().BoolVar(&request.Correct, "correct", false, "goods typed in twice: count them once; another program: take back what it wrote, and push its counter")
	release.Flags().BoolVar(&request.DryRun, "dry-run", false, "say what would be released")
	brakes.AddCommand(release)
	return brakes
}

func (c *CLI) listBrakes(ctx context.Context) error {
	list, err := ask(ctx, c, func(conn connection) ([]app.Brake, error) { return conn.Brakes(ctx) })
	if err != nil {
		return err
	}
	return c.Print(list, func(w io.Writer) error {
		t := newTable("nothing holds pushes back", "BRAKE", "SINCE", "CHANNEL", "SKU", "EVIDENCE", "WHAT TO DO", "ID")
		for _, b := range list {
			t.row(b.Kind, stamp(b.Since), orDash(string(b.Channel)), orDash(b.SKU), brakeEvidence(b), remedies[b.Remedy], b.ID)
		}
		return t.write(w)
	})
}

func (c *CLI) releaseBrake(ctx context.Context, request app.ReleaseRequest) error {
	brake, err := ask(ctx, c, func(conn connection) (app.Brake, error) { return conn.ReleaseBrake(ctx, request) })
	if err != nil {
		return err
	}
	return c.Print(brake, func(w io.Writer) error {
		verb := "released"
		if request.DryRun {
			verb = "would be released"
		}
		_, err := fmt.Fprintf(w, "%s: %s\n", brake.ID, verb)
		return err
	})
}

// articlesShown is how many changed articles a line names; --json has all.
const articlesShown = 4

// brakeEvidence says why a brake holds: of a mass change, by how much and what.
func brakeEvidence(b app.Brake) string {
	if len(b.Articles) == 0 {
		return evidence(b.Evidence)
	}
	var names []string
	for _, article := range b.Articles[:min(len(b.Articles), articlesShown)] {
		names = append(names, fmt.Sprintf("%s %s -> %s", article.SKU, article.Before, article.After))
	}
	text := b.Evidence["reason"] + ": " + strings.Join(names, ", ")
	if more := len(b.Articles) - articlesShown; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
