package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/stream"
)

func dlqCommand(c *cli) *cobra.Command {
	dlq := &cobra.Command{Use: "dlq", Short: "Dead letters: what could not be applied, and why"}
	var all bool
	limit := lettersListed
	list := &cobra.Command{Use: "list", Short: "List dead letters, those sent again left out", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.listLetters(cmd.Context(), all, limit) }}
	list.Flags().BoolVar(&all, "all", false, "also those that were sent again")
	list.Flags().Var((*count)(&limit), "limit", "most letters to list, the youngest; 0: all")
	show := &cobra.Command{Use: "show ID", Short: "Show one dead letter whole", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return c.showLetter(cmd.Context(), args[0]) }}
	var request retryRequest
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

func listLetters(ctx context.Context, r *runtime, _ struct{}, _ func(any)) (any, error) {
	return stream.ReadLetters(ctx, r.broker)
}

func (c *cli) letters(ctx context.Context) ([]stream.DeadLetter, error) {
	return do[[]stream.DeadLetter](ctx, c, "/dlq/list", struct{}{}, nil)
}

func (c *cli) listLetters(ctx context.Context, all bool, limit int) error {
	read, err := c.letters(ctx)
	if err != nil {
		return err
	}
	letters := append([]stream.DeadLetter{}, read...)
	if !all {
		letters = slices.DeleteFunc(letters, func(l stream.DeadLetter) bool { return !l.RetriedAt.IsZero() })
	}
	if limit > 0 && len(letters) > limit {
		letters = letters[len(letters)-limit:]
	}
	return c.print(letters, func(w io.Writer) error {
		t := newTable("no dead letters", "ID", "WHEN", "CHANNEL", "TOPIC", "SOURCE", "REASON", "SENT AGAIN")
		for _, l := range letters {
			t.row(l.ID, stamp(l.At), orDash(string(l.Channel)), orDash(l.Topic), l.Source, l.Reason, stamp(l.RetriedAt))
		}
		return t.write(w)
	})
}

func (c *cli) showLetter(ctx context.Context, id string) error {
	letters, err := c.letters(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(letters, func(l stream.DeadLetter) bool { return l.ID == id })
	if i < 0 {
		return fmt.Errorf("no dead letter has the id %q: see evenstock dlq list --all", printable(id))
	}
	encoder := json.NewEncoder(c.stdout)
	encoder.SetIndent("", "  ")
	return encoder.Encode(letters[i])
}

type retryRequest struct {
	IDs    []string `json:"ids"`
	All    bool     `json:"all"`
	DryRun bool     `json:"dry_run"`
}

type retried struct {
	Sent    []string `json:"sent"`
	Skipped []string `json:"skipped"`
}

func (c *cli) retryLetters(ctx context.Context, request retryRequest) error {
	if len(request.IDs) == 0 && !request.All {
		return errUsage("name the dead letters to send again, or --all")
	}
	result, err := do[retried](ctx, c, "/dlq/retry", request, nil)
	if err != nil {
		return err
	}
	return c.print(result, func(w io.Writer) error {
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

// retryLetters puts events on the stream again. A letter is marked only after its event is durable; a crash in between sends
// it twice, which its keys make harmless.
func retryLetters(ctx context.Context, r *runtime, request retryRequest, _ func(any)) (any, error) {
	letters, err := stream.ReadLetters(ctx, r.broker)
	if err != nil {
		return nil, err
	}
	for _, id := range request.IDs {
		if !slices.ContainsFunc(letters, func(l stream.DeadLetter) bool { return l.ID == id }) {
			return nil, fmt.Errorf("no dead letter has the id %q: see evenstock dlq list --all", printable(id))
		}
	}
	result := retried{Sent: []string{}, Skipped: []string{}}
	for _, letter := range letters {
		if !request.All && !slices.Contains(request.IDs, letter.ID) {
			continue
		}
		if letter.Event == nil || !letter.RetriedAt.IsZero() {
			result.Skipped = append(result.Skipped, letter.ID)
			continue
		}
		result.Sent = append(result.Sent, letter.ID)
		if request.DryRun {
			continue
		}
		if err := r.sink.Publish(ctx, []stock.Event{*letter.Event}); err != nil {
			return nil, err
		}
		if err := r.letters.MarkRetried(ctx, letter.ID); err != nil {
			return nil, err
		}
	}
	return result, nil
}

func eventsCommand(c *cli) *cobra.Command {
	events := &cobra.Command{Use: "events", Short: "The stream of decoded events"}
	request := tailRequest{Last: eventsTailed}
	tail := &cobra.Command{Use: "tail", Short: "Print events, one JSON object a line", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := do[tailed](cmd.Context(), c, "/events/tail", request, func(raw json.RawMessage) {
				fmt.Fprintln(c.stdout, string(raw))
			})
			if cmd.Context().Err() != nil {
				return nil
			}
			return err
		}}
	tail.Flags().BoolVar(&request.Follow, "follow", false, "go on with new events until interrupted")
	tail.Flags().Var((*count)(&request.Last), "last", "how many of the newest events of each partition to begin with")
	events.AddCommand(tail)
	return events
}

// eventsTailed is how many events of each partition a tail begins with unless told otherwise.
const eventsTailed = 100

type tailRequest struct {
	Follow bool `json:"follow"`
	Last   int  `json:"last"`
}

type tailed struct {
	Events int `json:"events"`
}

func tailEvents(ctx context.Context, r *runtime, request tailRequest, progress func(any)) (any, error) {
	result := tailed{}
	err := r.broker.topics.Tail(ctx, r.broker, request.Last, request.Follow, func(event stream.Tailed) error {
		progress(event)
		result.Events++
		return nil
	})
	return result, err
}
