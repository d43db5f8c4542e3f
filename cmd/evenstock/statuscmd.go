package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/sync/converge"
)

func statusCommand(c *cli) *cobra.Command {
	return &cobra.Command{Use: "status", Short: "Ask the running serve how it is doing; exit code 1 when it is not ready or none runs", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.status(cmd.Context()) }}
}

// statusReport is how a running serve is doing.
type statusReport struct {
	Ready   []string          `json:"not_ready"`
	Workers []converge.Status `json:"workers"`
	Ledger  ledger.Summary    `json:"ledger"`
}

func status(ctx context.Context, r *runtime, _ struct{}, _ func(any)) (any, error) {
	report := statusReport{Ready: r.reasons(ctx), Workers: r.merchant.Workers()}
	summary, err := r.store.Summary(ctx)
	report.Ledger = summary
	return report, err
}

// shownStatus is how everything is doing.
type shownStatus struct {
	// Serving says that a serve owns the data folder; NotReady is why it should not be trusted with webhooks.
	Serving  bool              `json:"serving"`
	NotReady []string          `json:"not_ready"`
	Workers  []converge.Status `json:"workers"`
	Items    int64             `json:"items"`
	Shelves  int64             `json:"shelves"`
	Entries  int64             `json:"entries"`
	// Refs counts refs by status.
	Refs      map[string]int64 `json:"refs"`
	Uneven    int64            `json:"uneven_shelves"`
	OpenCalls int64            `json:"open_calls"`
	// Unexplained counts suspense accounts that are not zero.
	Unexplained       int64          `json:"unexplained"`
	OldestUnexplained time.Time      `json:"oldest_unexplained,omitzero"`
	Wishes            []shownWishes  `json:"wishes"`
	Endings           []shownEndings `json:"endings"`
}

// shownWishes is what waits to be done for a channel.
type shownWishes struct {
	Channel   string `json:"channel"`
	Reads     int64  `json:"reads"`
	Pushes    int64  `json:"pushes"`
	Resources int64  `json:"resources"`
}

// shownEndings is how often inputs of a channel ended in one way since the ledger began.
type shownEndings struct {
	Channel string `json:"channel"`
	Ending  string `json:"ending"`
	Reason  string `json:"reason"`
	Count   int64  `json:"count"`
}

func (c *cli) status(ctx context.Context) error {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	shown := shownStatus{NotReady: []string{}, Workers: []converge.Status{}, Endings: []shownEndings{}}
	raw, err := ask(ctx, cfg, "/status", struct{}{}, func(json.RawMessage) {})
	if err != nil && !errors.Is(err, errNoServe) {
		return err
	}
	var report statusReport
	if err == nil {
		if err := json.Unmarshal(raw, &report); err != nil {
			return fmt.Errorf("reading the status: %w", err)
		}
		shown.Serving = true
		shown.NotReady, shown.Workers = append(shown.NotReady, report.Ready...), append(shown.Workers, report.Workers...)
	}
	if err := c.readStatus(ctx, &shown, report.Ledger); err != nil {
		return err
	}
	if err := c.print(shown, shown.print(timeNow())); err != nil {
		return err
	}
	switch {
	case !shown.Serving:
		return &exitError{code: exitFailed, silent: true, err: errNoServe}
	case len(shown.NotReady) > 0:
		return &exitError{code: exitFailed, silent: true, err: errors.New("serve is not ready")}
	}
	return nil
}

// readStatus adds what the ledger says: beside serve only what serve does not tell.
func (c *cli) readStatus(ctx context.Context, shown *shownStatus, summary ledger.Summary) error {
	store, err := c.openLedger(ctx)
	if err != nil && !shown.Serving {
		return fmt.Errorf("%w; %w", errNoServe, err)
	}
	if err != nil {
		return err
	}
	defer store.Close()
	if !shown.Serving {
		if summary, err = store.Summary(ctx); err != nil {
			return err
		}
	}
	shown.summarize(summary)
	tallies, err := store.Tallies(ctx)
	if err != nil {
		return err
	}
	for _, t := range tallies {
		shown.Endings = append(shown.Endings, shownEndings{Channel: string(t.Channel), Ending: t.Ending.String(), Reason: t.Reason, Count: t.Count})
	}
	return nil
}

func (s *shownStatus) summarize(sum ledger.Summary) {
	s.Items, s.Shelves, s.Entries, s.Uneven, s.OpenCalls = sum.Items, sum.Shelves, sum.Entries, sum.Uneven, sum.OpenCalls
	s.Unexplained, s.OldestUnexplained = sum.Unexplained, sum.OldestUnexplained
	s.Refs, s.Wishes = map[string]int64{}, []shownWishes{}
	for status, count := range sum.Refs {
		s.Refs[status.String()] = count
	}
	for _, channel := range slices.Sorted(maps.Keys(sum.Wishes)) {
		w := sum.Wishes[channel]
		s.Wishes = append(s.Wishes, shownWishes{Channel: string(channel), Reads: w.Reads, Pushes: w.Pushes, Resources: w.Resources})
	}
}

func (s shownStatus) print(now time.Time) func(w io.Writer) error {
	return func(w io.Writer) error {
		serve := "running and ready"
		switch {
		case !s.Serving:
			serve = "NOT RUNNING: nothing is taken in or pushed; start it with evenstock serve"
		case len(s.NotReady) > 0:
			serve = "NOT READY: " + strings.Join(s.NotReady, "; ")
		}
		refs := []string{}
		for _, status := range slices.Sorted(maps.Keys(s.Refs)) {
			refs = append(refs, fmt.Sprintf("%d %s", s.Refs[status], status))
		}
		unexplained := fmt.Sprint(s.Unexplained)
		if s.Unexplained > 0 {
			unexplained += fmt.Sprintf(", the oldest for %s", now.Sub(s.OldestUnexplained).Round(time.Second))
		}
		fmt.Fprintf(w, "serve:          %s\nledger:         %d items, %d shelves, %d entries\ncounters:       %s\nuneven shelves: %d\nunexplained:    %s\nopen calls:     %d\n\n",
			printable(serve), s.Items, s.Shelves, s.Entries, orDash(strings.Join(refs, ", ")), s.Uneven, unexplained, s.OpenCalls)
		if err := s.printChannels(w); err != nil {
			return err
		}
		fmt.Fprintln(w, "\nWhat became of everything taken in since the ledger began:")
		t := newTable("nothing was taken in yet", "CHANNEL", "ENDED AS", "REASON", "TIMES")
		for _, e := range s.Endings {
			t.row(orDash(e.Channel), e.Ending, e.Reason, fmt.Sprint(e.Count))
		}
		return t.write(w)
	}
}

// printChannels lists every channel that serve works for or that something waits for.
func (s shownStatus) printChannels(w io.Writer) error {
	states, waiting := map[string]string{}, map[string]shownWishes{}
	for _, wishes := range s.Wishes {
		states[wishes.Channel], waiting[wishes.Channel] = "no worker", wishes
	}
	for _, worker := range s.Workers {
		states[string(worker.Channel)] = "works"
		if worker.Error != "" {
			states[string(worker.Channel)] = "FAILS since " + stamp(worker.Since) + ": " + worker.Error
		}
	}
	t := newTable("nothing waits", "CHANNEL", "READS WAITING", "PUSHES WAITING", "OTHERS WAITING", "WORKER")
	for _, channel := range slices.Sorted(maps.Keys(states)) {
		wishes := waiting[channel]
		t.row(channel, fmt.Sprint(wishes.Reads), fmt.Sprint(wishes.Pushes), fmt.Sprint(wishes.Resources), states[channel])
	}
	return t.write(w)
}
