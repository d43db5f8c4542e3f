package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/evenstock/evenstock/adapters/api/client"
	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/health"
)

func statusCommand(c *CLI) *cobra.Command {
	return &cobra.Command{Use: "status", Short: "Ask the running serve how it is doing; exit code 1 when it is not ready, a channel fails or none runs", Args: cobra.NoArgs,
		Long: `Ask the running serve how it is doing.
Exit code 0: it works, 1: it is not ready, a channel fails, none runs or it does not answer. What waits for a person (a brake, a
counter that waits to join its shelf, a push that is set aside, a configuration that serve has not read) is told and changes nothing
of that: evenstock doctor exits with 1 for it.`,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.status(cmd.Context()) }}
}

// shownStatus is what serve says of itself, or the ledger where none answers.
type shownStatus struct {
	app.Status
	// Silent says that a serve runs and does not answer.
	Silent bool `json:"silent"`
	// Data is the folder where it was looked for.
	Data string `json:"data"`
}

func (c *CLI) status(ctx context.Context) error {
	status, unusable, err := c.askStatus(ctx)
	if err != nil {
		return err
	}
	if err := c.Print(status, func(w io.Writer) error { return printStatus(w, status, c.Now()) }); err != nil {
		return err
	}
	switch {
	case unusable != nil:
		return unusable
	case status.Silent:
		return &ExitError{Code: ExitFailed, Silent: true, Err: client.ErrSilent}
	case !status.Serving:
		return &ExitError{Code: ExitFailed, Silent: true, Err: client.ErrNoServe}
	case len(status.NotReady) > 0:
		return &ExitError{Code: ExitFailed, Silent: true, Err: errors.New("serve is not ready")}
	case len(failing(status.Status)) > 0:
		return &ExitError{Code: ExitFailed, Silent: true, Err: errors.New("a channel fails")}
	}
	return nil
}

// statusTimeout bounds the question how serve is doing: one whose ledger hangs takes calls all the same.
const statusTimeout = 30 * time.Second

// askStatus asks the running serve, or looks at the ledger where none answers. A serve that was started before the configuration became
// unusable is asked too; unusable is then what is wrong with that.
func (c *CLI) askStatus(ctx context.Context) (status shownStatus, unusable, err error) {
	asking, cancel := context.WithTimeout(ctx, statusTimeout)
	defer cancel()
	cfg, unusable := c.load()
	if unusable != nil {
		serve, data, err := c.dialUnconfigured(asking)
		if err != nil {
			return status, nil, unusable
		}
		defer serve.Close()
		status.Data = data
		status.Status, err = serve.Status(asking)
		return status, unusable, err
	}
	status, err = ask(asking, c, func(conn connection) (shownStatus, error) {
		status, err := conn.Status(asking)
		if err != nil && !conn.serving {
			err = fmt.Errorf("%w; %w", conn.absence, err)
		}
		return shownStatus{status, errors.Is(conn.absence, client.ErrSilent), cfg.Data}, err
	})
	if asking.Err() != nil && ctx.Err() == nil {
		err = fmt.Errorf("%w, for %v: look at its log, restart it", client.ErrSilent, statusTimeout)
	}
	return status, nil, err
}

// failing names the channels that serve does not work for.
func failing(s app.Status) (channels []string) {
	for _, worker := range s.Workers {
		if worker.Error != "" {
			channels = append(channels, string(worker.Channel))
		}
	}
	return channels
}

// serveText says in a line how serve is doing.
func serveText(s shownStatus) string {
	switch {
	case s.Silent:
		return "DOES NOT ANSWER: it has the data folder, and is stopped or hangs; look at its log, restart it. Below is what it stored"
	case !s.Serving:
		return "NOT RUNNING on " + s.Data + ": nothing is taken in or pushed; start it with evenstock serve"
	case len(s.NotReady) > 0:
		return "NOT READY: " + strings.Join(s.NotReady, "; ")
	case len(failing(s.Status)) > 0:
		return "running and ready, but NOT WORKING for " + strings.Join(failing(s.Status), ", ") + ": see below"
	}
	if s.StandsBy {
		return "running and ready, and stands by: another process works on the ledger"
	}
	return "running and ready"
}

func printStatus(w io.Writer, s shownStatus, now time.Time) error {
	if s.Configuration != nil && s.Configuration.Differs() {
		fmt.Fprintf(w, "configuration:  %s\n", configurationText(*s.Configuration))
	}
	refs := []string{}
	for _, status := range slices.Sorted(maps.Keys(s.Refs)) {
		refs = append(refs, fmt.Sprintf("%d %s", s.Refs[status], status))
	}
	unexplained := fmt.Sprint(s.Unexplained)
	if s.Unexplained > 0 {
		unexplained += fmt.Sprintf(", the oldest for %s", now.Sub(s.OldestUnexplained).Round(time.Second))
	}
	fmt.Fprintf(w, "serve:          %s\nledger:         %s, %s, %s\ncounters:       %s\nuneven shelves: %d\nunexplained:    %s\nopen calls:     %d\n\n",
		printable(serveText(s)), plural(s.Items, "item"), plural(s.Shelves, "shelf"), plural(s.Entries, "entry"), orDash(strings.Join(refs, ", ")), s.Uneven, unexplained, s.OpenCalls)
	if s.Unexplained > 0 {
		fmt.Fprintf(w, "%s without a cause: %s\n\n", plural(s.Unexplained, "change"), unexplainedRemedy)
	}
	if n := s.Refs[ledger.WaitsToJoin.String()] - s.Away; n > 0 {
		fmt.Fprintf(w, "%s waiting for you to say what the count means: evenstock link waiting\n\n", plural(int(n), "counter"))
	}
	if s.Joining > 0 {
		fmt.Fprintf(w, "%s: evenstock link waiting\n\n", joiningText(s.Joining))
	}
	if n := s.Refs[ledger.Gone.String()]; n > 0 {
		fmt.Fprintf(w, "%s of an item that its platform does not know any more: evenstock stock --uneven says what to do, evenstock reconcile report --class gone what was found\n\n", plural(int(n), "counter"))
	}
	if err := errors.Join(printBrakeSummaries(w, s.Brakes), printChannels(w, s.Status), printBudgets(w, s.Budgets, now)); err != nil {
		return err
	}
	if err := errors.Join(printDeliveries(w, s.Deliveries, now), printPlaces(w, s.Places)); err != nil {
		return err
	}
	return printEndings(w, s.Endings)
}

// printChannels lists every channel that serve works for or that something waits for.
func printChannels(w io.Writer, s app.Status) error {
	states, waiting := map[stock.Channel]string{}, map[stock.Channel]app.Wishes{}
	for _, wishes := range s.Wishes {
		states[wishes.Channel], waiting[wishes.Channel] = "no worker", wishes
	}
	for _, worker := range s.Workers {
		states[worker.Channel] = "works"
		if worker.Error != "" {
			states[worker.Channel] = "FAILS since " + stamp(worker.Since) + ": " + worker.Error
		}
	}
	t := newTable("nothing waits", "CHANNEL", "READS WAITING", "PUSHES WAITING", "OTHERS WAITING", "WORKER")
	for _, channel := range slices.Sorted(maps.Keys(states)) {
		wishes := waiting[channel]
		t.row(string(channel), fmt.Sprint(wishes.Reads), fmt.Sprint(wishes.Pushes), fmt.Sprint(wishes.Resources), states[channel])
	}
	return t.write(w)
}

// checkUnexplained mentions changes that have had no cause for too long. It is no warning: a person may leave them as they are.
func checkUnexplained(s app.Status, now time.Time) (list health.Checks) {
	if age := now.Sub(s.OldestUnexplained); s.Unexplained > 0 && age >= app.UnexplainedLong {
		list = append(list, health.Check{Code: health.CodeUnexplained, Result: health.OK, Remedy: health.RemedyUnexplained,
			Detail: fmt.Sprintf("%s without a cause, the oldest for %s", plural(s.Unexplained, "change"), age.Round(time.Second))})
	}
	return list
}
