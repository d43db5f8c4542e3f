package main

import (
	"context"
	"crypto/rand"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/sweep"
)

// linkRow ties one item of a channel to an item of ours, in the link file and over the control socket. Rows with one SKU are
// one item.
type linkRow struct {
	SKU     string `json:"sku"`
	Name    string `json:"name"`
	Channel string `json:"channel"`
	Item    string `json:"item"`
	SoldAs  string `json:"sold_as"`
}

var linkHeader = []string{"sku", "name", "channel", "item", "sold_as"}

// linkRowsMax bounds a link file.
const linkRowsMax = 200_000

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
		_, err := fmt.Fprintf(w, "%d refs %s\n", result.Refs, verb)
		return err
	})
}

// suggest reads the catalogs and proposes links. It writes nothing.
func (c *cli) suggest(ctx context.Context) error {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	channels, err := openChannels(cfg, c.env, c.logger(cfg), timeNow)
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
	var rows []linkRow
	for _, match := range suggestion.Matches {
		for _, item := range match.Items {
			if item.Linked {
				continue
			}
			rows = append(rows, linkRow{SKU: match.SKU, Name: item.Name, Channel: string(item.Channel), Item: item.Item, SoldAs: item.SoldAs})
		}
	}
	fmt.Fprintf(c.stderr, "%d items proposed, %d problems; save this as a file, check it, then: evenstock link import FILE\n", len(suggestion.Matches), len(suggestion.Problems))
	return c.print(map[string]any{"links": rows, "problems": suggestion.Problems}, func(w io.Writer) error { return writeLinks(w, rows) })
}

func writeLinks(w io.Writer, rows []linkRow) error {
	out := csv.NewWriter(w)
	records := [][]string{linkHeader}
	for _, row := range rows {
		records = append(records, []string{row.SKU, harmless(row.Name), row.Channel, row.Item, row.SoldAs})
	}
	if err := out.WriteAll(records); err != nil {
		return fmt.Errorf("writing links: %w", err)
	}
	return nil
}

// harmless keeps a spreadsheet from taking a name for a formula. SKUs and ids stay to the letter: they are read back.
func harmless(name string) string {
	if strings.IndexAny(name, "=+-@\t\r") == 0 {
		return "'" + name
	}
	return name
}

func readLinks(r io.Reader) ([]linkRow, error) {
	in := csv.NewReader(r)
	in.FieldsPerRecord = len(linkHeader)
	header, err := in.Read()
	if err != nil || strings.Join(header, ",") != strings.Join(linkHeader, ",") {
		return nil, errUsage("a link file begins with the line %s", strings.Join(linkHeader, ","))
	}
	var rows []linkRow
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading the link file: %w", err)
		}
		if len(rows) == linkRowsMax {
			return nil, fmt.Errorf("reading the link file: more than %d rows: split it", linkRowsMax)
		}
		rows = append(rows, linkRow{SKU: record[0], Name: record[1], Channel: record[2], Item: record[3], SoldAs: record[4]})
	}
}

func (c *cli) importLinks(ctx context.Context, path string, dryRun bool) error {
	file := io.Reader(os.Stdin)
	if path != "-" {
		opened, err := os.Open(path)
		if err != nil {
			return fmt.Errorf("opening the link file: %w", err)
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
		verb := "linked"
		if dryRun {
			verb = "would be linked"
		}
		_, err := fmt.Fprintf(w, "%d refs of %d items %s, %d were linked before\nnext: evenstock baseline plan\n", result.Refs, result.Items, verb, result.Before)
		return err
	})
}

type linkRequest struct {
	Rows   []linkRow `json:"rows"`
	DryRun bool      `json:"dry_run"`
}

type unlinkRequest struct {
	Channel string `json:"channel"`
	Item    string `json:"item"`
	DryRun  bool   `json:"dry_run"`
}

type linked struct {
	Refs   int `json:"refs"`
	Items  int `json:"items"`
	Before int `json:"before"`
}

// linkItems makes items for new SKUs and ties refs to shelves, in one transaction for all rows.
func linkItems(ctx context.Context, r *runtime, request linkRequest, _ func(any)) (any, error) {
	items, inputs, err := r.planLinks(ctx, request.Rows)
	if err != nil {
		return nil, err
	}
	result := linked{Refs: len(inputs), Items: len(items)}
	if request.DryRun {
		return result, nil
	}
	var fresh []stock.Item
	for _, item := range items {
		fresh = append(fresh, item)
	}
	if err := r.store.SaveItems(ctx, fresh); err != nil {
		return nil, err
	}
	receipt, err := r.store.Apply(ctx, ledger.Batch{At: r.now(), Inputs: inputs})
	if err != nil {
		return nil, err
	}
	for _, d := range receipt.Dispositions {
		if d.Ending == ledger.Duplicate {
			result.Before++
			result.Refs--
		}
	}
	r.bell.Ring(receipt.Wanted...)
	return result, nil
}

// planLinks checks rows and says what they tie. Items are found by their exact SKU; more than one is for a person.
func (r *runtime) planLinks(ctx context.Context, rows []linkRow) (map[string]stock.Item, []ledger.Input, error) {
	items := map[string]stock.Item{}
	seen := map[[2]string]string{}
	var inputs []ledger.Input
	for i, row := range rows {
		if row.SKU == "" || row.Item == "" {
			return nil, nil, fmt.Errorf("row %d: sku and item must not be empty", i+2)
		}
		channel, err := r.channel(row.Channel)
		if err != nil {
			return nil, nil, fmt.Errorf("row %d: %w", i+2, err)
		}
		if other, twice := seen[[2]string{row.Channel, row.Item}]; twice {
			return nil, nil, fmt.Errorf("row %d: item %s of %s stands in the file already, for SKU %q", i+2, row.Item, row.Channel, other)
		}
		seen[[2]string{row.Channel, row.Item}] = row.SKU
		item, ok := items[row.SKU]
		if !ok {
			if item, err = r.itemFor(ctx, row); err != nil {
				return nil, nil, fmt.Errorf("row %d: %w", i+2, err)
			}
			items[row.SKU] = item
		}
		soldAs := row.SoldAs
		if soldAs == "" {
			soldAs = row.Item
		}
		for _, ref := range channel.refs(row.Item) {
			inputs = append(inputs, ledger.LinkRef{Ref: ref, SoldAs: soldAs,
				Shelf: stock.Shelf{Item: item.ID, Location: channel.locations()[ref.Location]}})
		}
	}
	return items, inputs, nil
}

func (r *runtime) itemFor(ctx context.Context, row linkRow) (stock.Item, error) {
	found, err := r.store.ItemBySKU(ctx, row.SKU)
	if err != nil {
		return stock.Item{}, err
	}
	switch len(found) {
	case 0:
		return stock.Item{ID: stock.ItemID("item-" + strings.ToLower(rand.Text()[:16])), SKU: row.SKU, Name: row.Name}, nil
	case 1:
		return found[0], nil
	}
	return stock.Item{}, fmt.Errorf("%d items have the SKU %q", len(found), printable(row.SKU))
}

func unlinkItem(ctx context.Context, r *runtime, request unlinkRequest, _ func(any)) (any, error) {
	channel, err := r.channel(request.Channel)
	if err != nil {
		return nil, err
	}
	var inputs []ledger.Input
	for _, ref := range channel.refs(request.Item) {
		if _, err := r.store.Ref(ctx, ref); err != nil {
			return nil, fmt.Errorf("item %s of %s: %w", printable(request.Item), channel.name, err)
		}
		inputs = append(inputs, ledger.UnlinkRef{Ref: ref})
	}
	if request.DryRun {
		return linked{Refs: len(inputs)}, nil
	}
	if _, err := r.store.Apply(ctx, ledger.Batch{At: r.now(), Inputs: inputs}); err != nil {
		return nil, err
	}
	return linked{Refs: len(inputs)}, nil
}
