package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/sync/app"
)

func stockCommand(c *CLI) *cobra.Command {
	var at pastFlags
	query := app.StockQuery{Limit: stockLimit}
	cmd := &cobra.Command{Use: "stock [SKU]", Short: "List levels, and what every channel shows of them", Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			query.SKU = strings.Join(args, "")
			if query.At, err = at.parse(); err != nil {
				return err
			}
			return c.stock(cmd.Context(), query)
		}}
	cmd.Flags().Var((*count)(&query.Limit), "limit", "most shelves to list; 0: all")
	cmd.Flags().BoolVar(&query.Uneven, "uneven", false, "only shelves that are not even")
	at.add(cmd)
	return cmd
}

// stockLimit is how many shelves are listed unless told otherwise.
const stockLimit = 200

// pastFlags ask for a state of the past.
type pastFlags struct{ asOf, knownAt string }

func (f *pastFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.asOf, "as-of", "", "what had happened by this time")
	cmd.Flags().StringVar(&f.knownAt, "known-at", "", "what the ledger knew at this time")
}

func (f *pastFlags) parse() (at ledger.AsOf, err error) {
	if at.Occurred, err = parseTime(f.asOf); err != nil {
		return at, err
	}
	at.Recorded, err = parseTime(f.knownAt)
	return at, err
}

func (c *CLI) stock(ctx context.Context, query app.StockQuery) error {
	list, err := ask(ctx, c, func(conn connection) (app.StockList, error) { return conn.Stock(ctx, query) })
	if err != nil {
		return err
	}
	if list.More {
		fmt.Fprintf(c.messages(), "only the first %s: --limit 0 lists all\n", plural(len(list.Shelves), "shelf"))
	}
	return c.Print(list.Shelves, func(w io.Writer) error { return PrintStock(w, list.Shelves, query.Past(), noStock(query), time.Local) })
}

// noStock says what it means that no shelf is listed.
func noStock(query app.StockQuery) string {
	switch {
	case query.Past():
		return "the ledger knew no shelf then"
	case query.Uneven:
		return "every shelf is even"
	}
	return "no shelves yet: begin with evenstock link suggest"
}
