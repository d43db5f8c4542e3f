package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
)

// settleHelp says what the command does and what it does not.
const settleHelp = `Say where units of an item belong that a counter lost or won and that nobody has explained (evenstock explain SKU lists them).
They are booked out of what is unexplained, with who said it and the note. The level does not move and nothing is pushed.

units that left  shrinkage (missing, broken, stolen), sold, moved
units that came  found, returned, received, moved

What the channel tells later goes before your word: if a late sale says what the units were, they are taken out of what you have
settled, and evenstock explain shows both. It releases no brake. Where the count itself is wrong, correct it on its channel
instead. --reopen takes back what was settled of a counter since its baseline, that is since it was linked or tracked again: of what was
before that, nothing is told any more.`

func settleCommand(c *CLI) *cobra.Command {
	var request app.SettleRequest
	var channel, location, units string
	settle := &cobra.Command{Use: "settle SKU", Short: "Say where units belong that nobody has explained: shrinkage, found, sold, ...", Long: settleHelp, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			request.SKU, request.Channel, request.Location = args[0], stock.Channel(channel), stock.Location(location)
			if request.Reopen == (request.As != "") {
				return ErrUsage("say --as and what it was, or --reopen (see: evenstock settle --help)")
			}
			if words := slices.Concat(app.SettleWords(false), app.SettleWords(true)); request.As != "" && !slices.Contains(words, request.As) {
				slices.Sort(words)
				return ErrUsage("--as is one of %s, not %q", strings.Join(slices.Compact(words), ", "), request.As)
			}
			if units != "" {
				quantity, err := stock.ParseQuantity(units)
				if err != nil || quantity <= 0 || request.Reopen {
					return ErrUsage("--units is how many of the units to settle, like 2 or 0.5")
				}
				request.Units = quantity
			}
			return c.settle(cmd.Context(), request)
		}}
	flags := settle.Flags()
	flags.StringVar(&request.As, "as", "", "where they belong: "+strings.Join(app.SettleWords(false), ", ")+"; "+strings.Join(app.SettleWords(true), ", "))
	flags.StringVar(&units, "units", "", "how many of them; all where it is not given")
	flags.StringVar(&request.Note, "note", "", "what the ledger keeps beside your name")
	flags.StringVar(&channel, "channel", "", "only the counter on this channel")
	flags.StringVar(&location, "location", "", "only the counter at this location of ours")
	flags.StringVar(&request.Item, "item", "", "only the counter of this item of the channel, by its id")
	flags.BoolVar(&request.Reopen, "reopen", false, "take back what was settled: it has no cause again")
	flags.BoolVar(&request.DryRun, "dry-run", false, "say what would be booked")
	return settle
}

func (c *CLI) settle(ctx context.Context, request app.SettleRequest) error {
	settled, err := askConfigured(ctx, c, func(conn connection) (app.Settled, error) { return conn.Settle(ctx, request) })
	if err != nil {
		return err
	}
	return c.Print(settled, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, printable(settledText(settled, request)))
		return err
	})
}

// settledText says what was booked, and what is left.
func settledText(s app.Settled, request app.SettleRequest) string {
	verb, as := "settled", " as "+strings.Join(s.As, ", ")
	if request.Reopen {
		verb, as = "taken back", ", settled as "+strings.Join(s.As, ", ")+" before"
	}
	if request.DryRun {
		verb = "would be " + verb
	}
	units := s.Quantity
	if request.Reopen {
		units = -units
	}
	rest := "nothing there is unexplained any more"
	if s.Unexplained != 0 {
		rest = signed(s.Unexplained) + " there is unexplained"
	}
	return fmt.Sprintf("%s at %s: %s on %s %s%s; the level stays %s, and %s", s.SKU, s.Location, signed(units), s.Ref.Channel, verb, as, s.Level, rest)
}
