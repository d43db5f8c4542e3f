package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
)

func linkCommand(c *CLI) *cobra.Command {
	link := &cobra.Command{Use: "link", Short: "Tie the channels' items to shelves"}
	var format string
	var hints bool
	suggest := &cobra.Command{
		Use: "suggest", Short: "Propose links by equal SKU or barcode as a link file; what only looks equal is listed, never guessed", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.suggest(cmd.Context(), format, hints) },
	}
	suggest.Flags().BoolVar(&hints, "hints", false, "write the pairs that only look equal instead, for you to strike out what is wrong; pairs that are less than likely have no SKU yet, and are refused until you write one")
	list := &cobra.Command{Use: "list", Short: "List links", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.listLinks(cmd.Context()) }}
	export := &cobra.Command{Use: "export", Short: "Print all links as a link file", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.exportLinks(cmd.Context(), format) }}
	for _, cmd := range []*cobra.Command{suggest, export} {
		cmd.Flags().StringVar(&format, "format", formatCSV, "csv, or xlsx: a workbook in which spreadsheets leave SKUs and ids whole")
	}
	var extension app.ExtendRequest
	extend := &cobra.Command{Use: "extend", Short: "Link what is linked also at locations that were added to the configuration", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.extendLinks(cmd.Context(), extension) }}
	extend.Flags().BoolVar(&extension.DryRun, "dry-run", false, "say what would be linked")
	var unlink app.UnlinkRequest
	var location string
	remove := &cobra.Command{Use: "remove CHANNEL ITEM", Short: "Unlink a channel's item: what it sells from then on is not booked", Args: cobra.ExactArgs(2),
		Long: removeHelp,
		RunE: func(cmd *cobra.Command, args []string) error {
			unlink.Channel, unlink.Item, unlink.Location = stock.Channel(args[0]), args[1], stock.Location(location)
			return c.unlink(cmd.Context(), unlink)
		}}
	remove.Flags().StringVar(&location, "location", "", "only at this location: our name, or the channel's id of it")
	remove.Flags().BoolVar(&unlink.Unanswered, "unanswered", false, "also if a question about its shelf ends with it that you have not answered (brakes): what waits for the answer is pushed to the counters that stay")
	remove.Flags().BoolVar(&unlink.DryRun, "dry-run", false, "say what would be unlinked, and what pushed")
	link.AddCommand(suggest, list, export, importCommand(c), extend, remove, waitingCommand(c), joinCommand(c))
	return link
}

func (c *CLI) extendLinks(ctx context.Context, request app.ExtendRequest) error {
	result, err := askConfigured(ctx, c, func(conn connection) (app.LinkResult, error) { return conn.ExtendLinks(ctx, request) })
	if err != nil {
		return err
	}
	return c.Print(result, func(w io.Writer) error {
		if result.Refs == 0 && result.Configuration != nil {
			_, err := fmt.Fprintln(w, "nothing to link by the configuration that serve runs with; once it runs with the new one, again: evenstock link extend")
			return err
		}
		if result.Refs == 0 {
			_, err := fmt.Fprintln(w, "nothing to link: every linked item has a counter at every configured location of its channel")
			return err
		}
		verb, next := "linked", "evenstock baseline plan --authority CHANNEL for places where nothing is open yet; evenstock link waiting for what waits to join"
		if request.DryRun {
			verb, next = "would be linked", "evenstock link extend"
		}
		_, err := fmt.Fprintf(w, "%s of %s %s, %d linked before\nnext: %s\n", plural(result.Refs, "counter"), plural(result.Items, "item"), verb, result.Before, next)
		return err
	})
}

// removeHelp says what unlinking leaves undone.
const removeHelp = `Unlink a channel's item. The level does not move by that, and nothing is pushed to the counter any more.

What that channel sells while it is unlinked is not booked and lowers no other counter. So count the shelf before you link it again;
evenstock link waiting then says what the level becomes with each answer.`

func (c *CLI) unlink(ctx context.Context, request app.UnlinkRequest) error {
	result, err := askConfigured(ctx, c, func(conn connection) (app.LinkResult, error) { return conn.Unlink(ctx, request) })
	if err != nil {
		return err
	}
	return c.Print(result, func(w io.Writer) error { return printUnlinked(w, request, result) })
}

func printUnlinked(w io.Writer, request app.UnlinkRequest, result app.LinkResult) error {
	verb, pushed := "unlinked, at once or when what is on its way there is answered", "to be pushed"
	if request.DryRun {
		verb, pushed = "would be unlinked", "would be pushed"
	}
	text := fmt.Sprintf("%s %s\nwhat is sold there while it is unlinked is not booked: count the shelf before you link it again\n", plural(result.Refs, "counter"), verb)
	for _, question := range result.Dropped {
		text += printable(fmt.Sprintf("not answered: %s at %s, %s: %s", question.SKU, question.Shelf.Location, question.Channel, question.Action)) + "\n"
	}
	if len(result.Pushes) > 0 {
		text += printable(fmt.Sprintf("%s, for nothing waits for an answer any more: %s", pushed, strings.Join(pushTexts(result.Pushes), ", "))) + "\n"
	}
	_, err := io.WriteString(w, text)
	return err
}

// suggest prints the proposed links, or what only hints say, as a link file, and says beside it what was not proposed.
func (c *CLI) suggest(ctx context.Context, format string, hints bool) error {
	write, err := c.linkWriter(format)
	if err != nil {
		return err
	}
	suggestion, err := askConfigured(ctx, c, func(conn connection) (app.Suggestion, error) { return conn.SuggestLinks(ctx) })
	if err != nil {
		return err
	}
	for _, left := range suggestion.LeftOut {
		fmt.Fprintln(c.messages(), "left out:", printable(leftOutText(left)))
	}
	for _, problem := range suggestion.Problems {
		fmt.Fprintln(c.messages(), "not proposed:", printable(problem))
	}
	for _, hint := range suggestion.Hints {
		fmt.Fprintln(c.messages(), "not proposed:", printable(hintText(hint)))
	}
	records, next := linkRecords(suggestion.Links), "; save this as a file, check it, then: evenstock link import FILE"
	switch {
	case hints && len(suggestion.Hints) > 0:
		records, next = hintRecords(suggestion.Hints), "; save the hints as a file, strike out the pairs that are not one article, then: evenstock link import FILE"
	case hints:
		records, next = hintRecords(nil), ": there is nothing to guess"
	case len(suggestion.Links) == 0:
		next = ": nothing new to link"
	}
	if len(suggestion.Hints) > 0 && !hints {
		next += "; the hints as a link file: evenstock link suggest --hints"
	}
	fmt.Fprintf(c.messages(), "%s proposed, %s, %s%s\n", plural(suggestion.Matches, "item"), plural(len(suggestion.Hints), "hint"), plural(len(suggestion.Problems), "problem"), next)
	return c.Print(suggestion, func(io.Writer) error { return write(c.Stdout, records) })
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

func (c *CLI) exportLinks(ctx context.Context, format string) error {
	write, err := c.linkWriter(format)
	if err != nil {
		return err
	}
	list, err := ask(ctx, c, func(conn connection) ([]app.Link, error) { return conn.Links(ctx) })
	if err != nil {
		return err
	}
	rows := make([]app.LinkRow, len(list))
	for i, link := range list {
		rows[i] = link.LinkRow
	}
	return c.Print(rows, func(io.Writer) error { return write(c.Stdout, linkRecords(rows)) })
}

// The formats of a link file.
const (
	formatCSV  = "csv"
	formatXLSX = "xlsx"
)

// linkWriter writes link files of a format.
func (c *CLI) linkWriter(format string) (func(w io.Writer, records [][]string) error, error) {
	switch {
	case format == formatCSV:
		return writeTable, nil
	case format != formatXLSX:
		return nil, ErrUsage("--format is %s or %s, not %q", formatCSV, formatXLSX, format)
	case isTerminal(c.Stdout):
		return nil, ErrUsage("a workbook is not for a terminal: write it to a file with > links.xlsx")
	}
	return writeWorkbook, nil
}
