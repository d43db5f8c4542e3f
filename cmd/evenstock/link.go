package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/sweep"
)

func linkCommand(c *cli) *cobra.Command {
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
	var unlink unlinkRequest
	remove := &cobra.Command{Use: "remove CHANNEL ITEM", Short: "Unlink a channel's item; posts nothing", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			unlink.Channel, unlink.Item = args[0], args[1]
			return c.unlink(cmd.Context(), unlink)
		}}
	remove.Flags().BoolVar(&unlink.DryRun, "dry-run", false, "say what would be unlinked")
	link.AddCommand(suggest, list, export, imports, remove)
	return link
}

func (c *cli) unlink(ctx context.Context, request unlinkRequest) error {
	result, err := do[linked](ctx, c, "/unlink", request, nil)
	if err != nil {
		return err
	}
	return c.print(result, func(w io.Writer) error {
		verb := "unlinked, or to be unlinked once their calls are definite"
		if request.DryRun {
			verb = "would be unlinked"
		}
		_, err := fmt.Fprintf(w, "%s %s\n", plural(result.Refs, "ref"), verb)
		return err
	})
}

// suggest reads the catalogs and proposes links. It writes nothing.
func (c *cli) suggest(ctx context.Context) error {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	channels, err := openChannels(cfg, c.env, c.quietLogger(cfg), timeNow)
	if err != nil {
		return err
	}
	catalogs := map[stock.Channel][]stock.CatalogItem{}
	for _, channel := range channels {
		if catalogs[channel.name], err = sweep.ReadCatalog(ctx, channel.adapter); err != nil {
			return fmt.Errorf("reading the catalog of %s: %w", channel.name, err)
		}
	}
	linked, err := c.storedLinks(ctx)
	if err != nil {
		return err
	}
	known := map[sweep.ChannelItem]bool{}
	for _, row := range linked {
		known[sweep.ChannelItem{Channel: stock.Channel(row.Channel), Item: row.Item}] = true
	}
	suggestion := sweep.Suggest(catalogs, known)
	for _, problem := range suggestion.Problems {
		fmt.Fprintln(c.stderr, "not proposed:", printable(problem))
	}
	rows := []linkRow{}
	for _, match := range suggestion.Matches {
		for _, item := range match.Items {
			if item.Linked {
				continue
			}
			rows = append(rows, linkRow{SKU: match.SKU, Name: item.Name, Channel: string(item.Channel), Item: item.Item, SoldAs: item.SoldAs})
		}
	}
	next := "; save this as a file, check it, then: evenstock link import FILE"
	if len(rows) == 0 {
		next = ": nothing new to link"
	}
	fmt.Fprintf(c.stderr, "%s proposed, %s%s\n", plural(len(suggestion.Matches), "item"), plural(len(suggestion.Problems), "problem"), next)
	return c.print(map[string]any{"links": rows, "problems": append([]string{}, suggestion.Problems...)}, func(w io.Writer) error { return writeLinks(w, rows) })
}

func (c *cli) importLinks(ctx context.Context, path string, dryRun bool) error {
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
	result, err := do[linked](ctx, c, "/link", linkRequest{Rows: rows, DryRun: dryRun}, nil)
	if err != nil {
		return err
	}
	return c.print(result, func(w io.Writer) error {
		verb, next := "linked", "evenstock baseline plan --authority CHANNEL"
		if dryRun {
			verb, next = "would be linked", "evenstock link import "+path
		}
		_, err := fmt.Fprintf(w, "%s of %s %s, %d linked before\nnext: %s\n", plural(result.Refs, "ref"), plural(result.Items, "item"), verb, result.Before, printable(next))
		return err
	})
}
