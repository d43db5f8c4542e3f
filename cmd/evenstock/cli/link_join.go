package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
)

func waitingCommand(c *CLI) *cobra.Command {
	return &cobra.Command{Use: "waiting", Short: "List items that wait to join a shelf, with both numbers", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.listWaiting(cmd.Context()) }}
}

func joinCommand(c *CLI) *cobra.Command {
	var request app.JoinRequest
	var location string
	join := &cobra.Command{Use: "join CHANNEL ITEM|SKU add|level|counter", Short: "Say what the count of an item means that waits to join a shelf", Args: cobra.ExactArgs(3),
		Long: `Say what the count of an item means that waits to join a shelf: it came to a shelf that was open already, and shows another number.

add      other goods stand behind it: the level grows by its count
level    the level is right: it is pushed to the counter
counter  the count is right: it becomes the level

What others sold or added at the counter while it waited is lost in no case.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			request.Channel, request.Item, request.How, request.Location = stock.Channel(args[0]), args[1], args[2], stock.Location(location)
			if _, err := ledger.ParseJoinHow(request.How); err != nil {
				return ErrUsage("say add, level or counter, not %q", request.How)
			}
			return c.join(cmd.Context(), request)
		}}
	join.Flags().StringVar(&location, "location", "", "only at this location of ours")
	join.Flags().BoolVar(&request.DryRun, "dry-run", false, "say what would become of the level, and what would be pushed")
	return join
}

func (c *CLI) listWaiting(ctx context.Context) error {
	list, err := ask(ctx, c, func(conn connection) ([]app.WaitingRef, error) { return conn.WaitingRefs(ctx) })
	if err != nil {
		return err
	}
	return c.Print(list, func(w io.Writer) error {
		t := newTable("nothing waits to join a shelf", "SKU", "LOCATION", "CHANNEL", "ITEM", "IT COUNTS", "THE LEVEL IS", "SINCE", "WHAT TO DO")
		for _, ref := range list {
			t.row(ref.SKU, string(ref.Location), string(ref.Ref.Channel), ref.Ref.Item, ref.Counted.String(), ref.Level.String(), stamp(ref.Since), remedies[ref.Remedy])
		}
		return t.write(w)
	})
}

func (c *CLI) join(ctx context.Context, request app.JoinRequest) error {
	joined, err := askConfigured(ctx, c, func(conn connection) ([]app.Joined, error) { return conn.Join(ctx, request) })
	if err != nil {
		return err
	}
	return c.Print(joined, func(w io.Writer) error {
		for _, one := range joined {
			if _, err := fmt.Fprintln(w, printable(joinText(one, request.DryRun))); err != nil {
				return err
			}
		}
		return nil
	})
}

// joinText says what a join did, or would do.
func joinText(one app.Joined, dryRun bool) string {
	verb, becomes, pushed := "joined", "the level is", "to be pushed"
	if dryRun {
		verb, becomes, pushed = "would join", "the level would be", "would be pushed"
	}
	text := fmt.Sprintf("%s at %s: %s counts %s, the level was %s; it %s (%s): %s %s", one.SKU, one.Location, one.Ref, one.Counted, one.Level, verb, one.How, becomes, one.Becomes)
	if one.Others != 0 && one.How != ledger.JoinAdd.String() {
		text += fmt.Sprintf(", with %s that others did there while it waited", signed(one.Others))
	}
	var pushes []string
	for _, push := range one.Pushes {
		pushes = append(pushes, fmt.Sprintf("%s from %s to %s", push.Ref.Channel, push.From, push.From+push.Delta))
	}
	if len(pushes) == 0 {
		return text + "; nothing " + pushed
	}
	return text + "; " + pushed + ": " + strings.Join(pushes, ", ")
}
