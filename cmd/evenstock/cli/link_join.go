package cli

import (
	"context"
	"fmt"
	"io"
	"strconv"
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
level    the level was right when it came: it is pushed to the counter
counter  the count was right when it came: the level becomes the count

What was sold or added since it came, at this counter or at any other, is undone by no answer. If somebody has counted the shelf
and typed the number in there meanwhile, say --untold counted: then the answer is about that number. After a change there, such as a
sale, whose cause may still be told within seconds, nothing is asked: try again in a moment, or say --untold.

The answers that link waiting prints say with --seen what they are about: if a count was changed since, other than by sales that are
told, nothing is done and you look again.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			request.Channel, request.Item, request.How, request.Location = stock.Channel(args[0]), args[1], args[2], stock.Location(location)
			if _, err := ledger.ParseJoinHow(request.How); err != nil {
				return ErrUsage("say add, level or counter, not %q", request.How)
			}
			if _, err := ledger.ParseUntoldHow(request.Untold); request.Untold != "" && err != nil {
				return ErrUsage("--untold is moved or counted, not %q", request.Untold)
			}
			return c.join(cmd.Context(), request)
		}}
	join.Flags().StringVar(&location, "location", "", "only at this location of ours")
	join.Flags().StringVar(&request.Untold, "untold", "", "what its counter was changed by, where nobody told why: goods that moved, or a count that was typed in (counted)")
	join.Flags().Int64Var(&request.Seen, "seen", 0, "what link waiting showed: nothing is done if anything has changed since that no sale says why")
	join.Flags().BoolVar(&request.DryRun, "dry-run", false, "say what would become of the level, and what would be pushed")
	return join
}

func (c *CLI) listWaiting(ctx context.Context) error {
	var joining int64
	var serving bool
	list, err := ask(ctx, c, func(conn connection) ([]app.WaitingRef, error) {
		// Asked first: what has been read meanwhile is in the list.
		status, err := conn.Status(ctx)
		if err != nil {
			return nil, err
		}
		joining, serving = status.Joining, conn.serving
		return conn.WaitingRefs(ctx)
	})
	if err != nil {
		return err
	}
	none := "nothing waits to join a shelf"
	if joining > 0 {
		none += " yet"
		fmt.Fprintln(c.messages(), joiningText(joining)+lookAgain(serving))
	}
	return c.Print(list, func(w io.Writer) error {
		t := newTable(none, "SKU", "LOCATION", "CHANNEL", "ITEM", "SINCE", "CAME WITH", "TO A LEVEL OF", "IT COUNTS", "THE LEVEL IS")
		for _, ref := range list {
			t.row(ref.SKU, string(ref.Location), string(ref.Ref.Channel), ref.Ref.Item, stamp(ref.Since), ref.CameWith.String(), ref.CameTo.String(), ref.Counted.String(), ref.Level.String())
		}
		if err := t.write(w); err != nil {
			return err
		}
		for _, ref := range list[:min(len(list), rowsShown)] {
			if err := printAnswers(w, ref); err != nil {
				return err
			}
		}
		if len(list) > 0 {
			fmt.Fprintln(w, "\nif you do not know which is right, count the shelf: the right answer is the one whose level is what is there")
		}
		if more := len(list) - rowsShown; more > 0 {
			_, err := fmt.Fprintf(w, "\nand %s more: evenstock link join CHANNEL ITEM add|level|counter; --json lists all\n", plural(more, "question"))
			return err
		}
		return nil
	})
}

// joiningText says of counters at open shelves that their first reading decides.
func joiningText(n int64) string {
	are := "are"
	if n == 1 {
		are = "is"
	}
	return fmt.Sprintf("%s at open shelves %s being read, and may wait to join then", plural(n, "counter"), are)
}

// lookAgain says when a counter that is being read will have been read.
func lookAgain(serving bool) string {
	if serving {
		return ": look again in a moment"
	}
	return "; nothing is read before serve runs: evenstock serve"
}

// answerWords say what each answer means.
var answerWords = map[string]string{
	ledger.JoinAdd.String(): "other goods", ledger.JoinLevel.String(): "the level was right", ledger.JoinCounter.String(): "the count was right",
	ledger.UntoldMoved.String(): ", goods moved", ledger.UntoldCounted.String(): ", as counted anew",
}

// printAnswers prints the commands that answer what the count of a ref means, each with what the level becomes by it.
func printAnswers(w io.Writer, ref app.WaitingRef) error {
	if ref.Away {
		_, err := fmt.Fprintf(w, "\n%s; %s\n", printable(sinceText(ref)), "the configuration does not have its location there: say what it means when it is back, or unlink it (evenstock doctor)")
		return err
	}
	t := newTable("", "", "", "")
	for _, answer := range ref.Answers {
		t.row("  "+answerWords[answer.How]+answerWords[answer.Untold], joinCommandOf(ref, answer), "# the level becomes "+answer.Becomes.String())
	}
	var text strings.Builder
	if err := t.write(&text); err != nil {
		return err
	}
	_, answers, _ := strings.Cut(text.String(), "\n")
	_, err := fmt.Fprintf(w, "\n%s\n%s", printable(sinceText(ref)), answers)
	return err
}

// sinceText says what a ref came with, and what others did since.
func sinceText(ref app.WaitingRef) string {
	text := fmt.Sprintf("%s at %s: %s came with %s to a level of %s", ref.SKU, ref.Location, ref.Ref.Channel, ref.CameWith, ref.CameTo)
	if ref.Lost {
		text = fmt.Sprintf("%s at %s: %s counted %s to a level of %s when its location was lost from the configuration", ref.SKU, ref.Location, ref.Ref.Channel, ref.CameWith, ref.CameTo)
	}
	if ref.Others != 0 {
		text += fmt.Sprintf("; others did %s there since", signed(ref.Others))
	}
	switch {
	case ref.Untold != 0 && ref.Fresh:
		text += fmt.Sprintf(", %s of it a moment ago, and the cause may still be told", signed(ref.Untold))
	case ref.Untold != 0:
		text += fmt.Sprintf(", %s of it for no reason that anybody told: a count that was typed in, or goods that moved", signed(ref.Untold))
	}
	if elsewhere := ref.Level - ref.CameTo; elsewhere != 0 {
		text += fmt.Sprintf("; the level moved by %s", signed(elsewhere))
	}
	if ref.Counted == ref.Level && ref.CameWith != ref.CameTo {
		text += "; both are the same number now, but they were not when it came: if that is what is on the shelf, take the answer that leaves it so"
	}
	return text
}

// joinCommandOf is a whole command line.
func joinCommandOf(ref app.WaitingRef, answer app.JoinAnswer) string {
	item := ref.SKU
	if ref.ByID || item == "" || printable(item) != item {
		item = ref.Ref.Item
	}
	words := []string{"evenstock link join", shellQuoted(string(ref.Ref.Channel)), shellQuoted(item), answer.How}
	if ref.Elsewhere {
		words = append(words, "--location", shellQuoted(string(ref.Location)))
	}
	if answer.Untold != "" {
		words = append(words, "--untold", answer.Untold)
	}
	if ref.Seen != 0 {
		words = append(words, "--seen", strconv.FormatInt(ref.Seen, 10))
	}
	return strings.Join(words, " ")
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
	if there, elsewhere := one.Others, one.Level-one.CameTo; there != 0 || elsewhere != 0 {
		text += fmt.Sprintf(" (it came with %s to a level of %s; since then others did %s there and %s elsewhere)", one.CameWith, one.CameTo, signed(there), signed(elsewhere))
	}
	if len(one.Pushes) == 0 {
		return text + "; nothing " + pushed
	}
	return text + "; " + pushed + ": " + strings.Join(pushTexts(one.Pushes), ", ")
}

// pushTexts name the channels, and the items where a channel has several.
func pushTexts(pushes []app.JoinPush) []string {
	articles := map[stock.Channel]int{}
	for _, push := range pushes {
		articles[push.Ref.Channel]++
	}
	texts := make([]string, len(pushes))
	for i, push := range pushes {
		name := string(push.Ref.Channel)
		if articles[push.Ref.Channel] > 1 {
			name += "/" + push.Ref.Item
		}
		texts[i] = fmt.Sprintf("%s from %s to %s", name, push.From, push.From+push.Delta)
	}
	return texts
}
