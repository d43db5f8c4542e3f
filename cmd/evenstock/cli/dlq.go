package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/evenstock/evenstock/sync/app"
)

func dlqCommand(c *CLI) *cobra.Command {
	dlq := &cobra.Command{Use: "dlq", Short: "Dead letters: what could not be applied, and why"}
	var all bool
	limit := lettersListed
	list := &cobra.Command{Use: "list", Short: "List dead letters, those sent again left out", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.listLetters(cmd.Context(), all, limit) }}
	list.Flags().BoolVar(&all, "all", false, "also those that were sent again")
	list.Flags().Var((*count)(&limit), "limit", "most letters to list, the youngest; 0: all")
	show := &cobra.Command{Use: "show ID", Short: "Show one dead letter whole", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return c.showLetter(cmd.Context(), args[0]) }}
	var request app.RetryRequest
	retry := &cobra.Command{Use: "retry ID...", Short: "Put the events of dead letters on the stream again, with their keys", Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			request.IDs = args
			return c.retryLetters(cmd.Context(), request)
		}}
	retry.Flags().BoolVar(&request.All, "all", false, "every letter that was not sent again yet")
	retry.Flags().BoolVar(&request.DryRun, "dry-run", false, "say what would be sent again")
	dlq.AddCommand(list, show, retry)
	return dlq
}

// lettersListed is how many dead letters are listed unless told otherwise.
const lettersListed = 200

func (c *CLI) listLetters(ctx context.Context, all bool, limit int) error {
	letters, err := ask(ctx, c, func(conn connection) ([]app.Letter, error) { return conn.Letters(ctx) })
	if err != nil {
		return err
	}
	if !all {
		letters = slices.DeleteFunc(letters, func(l app.Letter) bool { return !l.RetriedAt.IsZero() })
	}
	if limit > 0 && len(letters) > limit {
		letters = letters[len(letters)-limit:]
	}
	return c.Print(letters, func(w io.Writer) error {
		t := newTable("no dead letters", "ID", "WHEN", "CHANNEL", "TOPIC", "SOURCE", "REASON", "SENT AGAIN")
		for _, l := range letters {
			t.row(l.ID, stamp(l.At), orDash(string(l.Channel)), orDash(l.Topic), l.Source, l.Reason, stamp(l.RetriedAt))
		}
		return t.write(w)
	})
}

func (c *CLI) showLetter(ctx context.Context, id string) error {
	if id == "" {
		return ErrUsage("name the dead letter to show: see evenstock dlq list --all")
	}
	letter, err := ask(ctx, c, func(conn connection) (app.Letter, error) { return conn.Letter(ctx, id) })
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(c.Stdout)
	encoder.SetIndent("", "  ")
	return encoder.Encode(letter)
}

func (c *CLI) retryLetters(ctx context.Context, request app.RetryRequest) error {
	if len(request.IDs) == 0 && !request.All {
		return ErrUsage("name the dead letters to send again, or --all")
	}
	result, err := ask(ctx, c, func(conn connection) (app.RetryResult, error) { return conn.RetryLetters(ctx, request) })
	if err != nil {
		return err
	}
	return c.Print(result, func(w io.Writer) error {
		verb := "sent again"
		if request.DryRun {
			verb = "would be sent again"
		}
		text := fmt.Sprintf("%d %s", len(result.Sent), verb)
		if n := len(result.Skipped); n > 0 {
			text += fmt.Sprintf(", %d left out (nothing was decoded of them, or they were sent again before)", n)
		}
		_, err := fmt.Fprintln(w, text)
		return err
	})
}

func eventsCommand(c *CLI) *cobra.Command {
	events := &cobra.Command{Use: "events", Short: "The stream of decoded events"}
	query := app.TailQuery{Last: eventsTailed}
	tail := &cobra.Command{Use: "tail", Short: "Print events, one JSON object a line", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.tailEvents(cmd.Context(), query) }}
	tail.Flags().BoolVar(&query.Follow, "follow", false, "go on with new events until interrupted")
	tail.Flags().Var((*count)(&query.Last), "last", "how many of the newest events of each partition to begin with")
	events.AddCommand(tail)
	return events
}

// eventsTailed is how many events of each partition a tail begins with unless told otherwise.
const eventsTailed = 100

func (c *CLI) tailEvents(ctx context.Context, query app.TailQuery) error {
	_, err := ask(ctx, c, func(conn connection) (struct{}, error) {
		return struct{}{}, conn.TailEvents(ctx, query, func(line json.RawMessage) error {
			_, err := fmt.Fprintln(c.Stdout, string(line))
			return err
		})
	})
	if ctx.Err() != nil {
		return nil
	}
	return err
}
