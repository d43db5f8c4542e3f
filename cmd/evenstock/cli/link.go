package cli

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
)

func linkCommand(c *CLI) *cobra.Command {
	link := &cobra.Command{Use: "link", Short: "Tie the channels' items to shelves"}
	suggest := &cobra.Command{
		Use: "suggest", Short: "Propose links by SKU as a link file; duplicates and missing SKUs are listed, never guessed", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.suggest(cmd.Context()) },
	}
	list := &cobra.Command{Use: "list", Short: "List links", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.listLinks(cmd.Context()) }}
	export := &cobra.Command{Use: "export", Short: "Print all links as a link file (CSV)", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.exportLinks(cmd.Context()) }}
	var dryRun bool
	imports := &cobra.Command{Use: "import FILE", Short: "Link what a link file (CSV) says; - reads standard input", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return c.importLinks(cmd.Context(), args[0], dryRun) }}
	imports.Flags().BoolVar(&dryRun, "dry-run", false, "check the file and say what would be linked")
	var unlink app.UnlinkRequest
	remove := &cobra.Command{Use: "remove CHANNEL ITEM", Short: "Unlink a channel's item; posts nothing", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			unlink.Channel, unlink.Item = stock.Channel(args[0]), args[1]
			return c.unlink(cmd.Context(), unlink)
		}}
	remove.Flags().BoolVar(&unlink.DryRun, "dry-run", false, "say what would be unlinked")
	link.AddCommand(suggest, list, export, imports, remove)
	return link
}

func (c *CLI) unlink(ctx context.Context, request app.UnlinkRequest) error {
	result, err := ask(ctx, c, func(conn connection) (app.LinkResult, error) { return conn.Unlink(ctx, request) })
	if err != nil {
		return err
	}
	return c.Print(result, func(w io.Writer) error {
		verb := "unlinked, or to be unlinked once their calls are definite"
		if request.DryRun {
			verb = "would be unlinked"
		}
		_, err := fmt.Fprintf(w, "%s %s\n", plural(result.Refs, "ref"), verb)
		return err
	})
}

// suggest prints the proposed links as a link file, and says beside it what was not proposed.
func (c *CLI) suggest(ctx context.Context) error {
	suggestion, err := ask(ctx, c, func(conn connection) (app.Suggestion, error) { return conn.SuggestLinks(ctx) })
	if err != nil {
		return err
	}
	for _, problem := range suggestion.Problems {
		fmt.Fprintln(c.Stderr, "not proposed:", printable(problem))
	}
	next := "; save this as a file, check it, then: evenstock link import FILE"
	if len(suggestion.Links) == 0 {
		next = ": nothing new to link"
	}
	fmt.Fprintf(c.Stderr, "%s proposed, %s%s\n", plural(suggestion.Matches, "item"), plural(len(suggestion.Problems), "problem"), next)
	return c.Print(suggestion, func(w io.Writer) error { return writeLinks(w, suggestion.Links) })
}

func (c *CLI) importLinks(ctx context.Context, path string, dryRun bool) error {
	file := io.Reader(os.Stdin)
	if path != "-" {
		opened, err := os.Open(path)
		if err != nil {
			return fmt.Errorf("%w: write one with evenstock link suggest > links.csv", err)
		}
		defer opened.Close()
		file = opened
	}
	rows, err := readLinks(file)
	if err != nil {
		return err
	}
	request := app.LinkRequest{Rows: rows, DryRun: dryRun}
	result, err := ask(ctx, c, func(conn connection) (app.LinkResult, error) { return conn.ImportLinks(ctx, request) })
	if err != nil {
		return err
	}
	return c.Print(result, func(w io.Writer) error {
		verb, next := "linked", "evenstock baseline plan --authority CHANNEL"
		if dryRun {
			verb, next = "would be linked", "evenstock link import "+path
		}
		_, err := fmt.Fprintf(w, "%s of %s %s, %d linked before\nnext: %s\n", plural(result.Refs, "ref"), plural(result.Items, "item"), verb, result.Before, printable(next))
		return err
	})
}

func (c *CLI) listLinks(ctx context.Context) error {
	list, err := ask(ctx, c, func(conn connection) ([]app.Link, error) { return conn.Links(ctx) })
	if err != nil {
		return err
	}
	return c.Print(list, func(w io.Writer) error {
		t := newTable("nothing is linked: begin with evenstock link suggest", "SKU", "CHANNEL", "ITEM", "LOCATION", "STATUS")
		for _, link := range list {
			for _, location := range link.Locations {
				t.row(link.SKU, string(link.Channel), link.Item, location.Location+" = "+string(location.Ours), location.Status)
			}
		}
		return t.write(w)
	})
}

func (c *CLI) exportLinks(ctx context.Context) error {
	list, err := ask(ctx, c, func(conn connection) ([]app.Link, error) { return conn.Links(ctx) })
	if err != nil {
		return err
	}
	rows := make([]app.LinkRow, len(list))
	for i, link := range list {
		rows[i] = link.LinkRow
	}
	return c.Print(rows, func(w io.Writer) error { return writeLinks(w, rows) })
}
