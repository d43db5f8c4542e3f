package cli

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/evenstock/evenstock/ledger/explain"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
)

func explainCommand(c *CLI) *cobra.Command {
	var at pastFlags
	var location string
	command := &cobra.Command{Use: "explain SKU", Short: "Say why a number is what it is: every unit since the baseline", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			moment, err := at.parse()
			if err != nil {
				return err
			}
			return c.explain(cmd.Context(), app.ExplainQuery{SKU: args[0], Location: stock.Location(location), At: moment})
		}}
	command.Flags().StringVar(&location, "location", "", "only the shelf at this location of ours")
	at.add(command)
	return command
}

var errDamaged = errors.New("what the ledger shows does not follow from its entries: run evenstock ledger verify, and do not trust this number")

func (c *CLI) explain(ctx context.Context, query app.ExplainQuery) error {
	e, err := ask(ctx, c, func(conn connection) (explain.Explanation, error) { return conn.Explain(ctx, query) })
	if err != nil {
		return err
	}
	if err := c.Print(e, ExplanationPrinter(e, time.Local)); err != nil {
		return err
	}
	if slices.ContainsFunc(e.Shelves, func(s explain.Shelf) bool { return len(s.Faults) > 0 }) {
		return errDamaged
	}
	return nil
}
