package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

func brakesCommand(c *cli) *cobra.Command {
	brakes := &cobra.Command{Use: "brakes", Short: "List what holds pushes back, with evidence", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.listBrakes(cmd.Context()) }}
	var request releaseRequest
	release := &cobra.Command{Use: "release ID", Short: "Let the pushes of a brake pass", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			request.ID = args[0]
			return c.releaseBrake(cmd.Context(), request)
		}}
	release.Flags().StringVar(&request.By, "by", c.env("USER"), "who decided, for the ledger")
	release.Flags().BoolVar(&request.Correct, "correct", false, "goods typed in twice: count them once, take the second raise back")
	release.Flags().BoolVar(&request.DryRun, "dry-run", false, "say what would be released")
	brakes.AddCommand(release)
	return brakes
}

// listedBrake is a brake as people see it.
type listedBrake struct {
	ledger.Brake
	Kind string `json:"kind"`
	SKU  string `json:"sku,omitempty"`
	Help string `json:"help"`
}

func (c *cli) listBrakes(ctx context.Context) error {
	store, err := c.openLedger(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	brakes, err := engagedBrakes(ctx, store, timeNow())
	if err != nil {
		return err
	}
	list := make([]listedBrake, 0, len(brakes))
	for _, brake := range brakes {
		listed := listedBrake{Brake: brake, Kind: brake.Kind.String(), Help: brakeHelp(brake)}
		if brake.Shelf.Item != "" {
			item, err := store.Item(ctx, brake.Shelf.Item)
			if err != nil {
				return err
			}
			listed.SKU = item.SKU
		}
		list = append(list, listed)
	}
	return c.print(list, func(w io.Writer) error {
		t := newTable("nothing holds pushes back", "BRAKE", "SINCE", "CHANNEL", "SKU", "EVIDENCE", "WHAT TO DO", "ID")
		for _, b := range list {
			t.row(b.Kind, stamp(b.Since), orDash(string(b.Channel)), orDash(b.SKU), evidence(b.Evidence), b.Help, b.ID)
		}
		return t.write(w)
	})
}

func brakeHelp(brake ledger.Brake) string {
	switch brake.Kind {
	case ledger.Observing:
		return "nothing is pushed before: evenstock baseline apply"
	case ledger.ZeroUnconfirmed, ledger.RaiseUnconfirmed:
		return "ends by itself with a second reading"
	case ledger.MassChange:
		return "look at evenstock stock, then: evenstock brakes release ID"
	}
	return "both are right: brakes release ID; the same goods: brakes release ID --correct"
}

// engagedBrakes are the stored brakes that hold, and those that follow from the state of every shelf.
func engagedBrakes(ctx context.Context, store ledger.Store, now time.Time) ([]ledger.Brake, error) {
	stored, err := store.StoredBrakes(ctx)
	if err != nil {
		return nil, err
	}
	brakes := slices.DeleteFunc(stored, func(b ledger.Brake) bool { return !b.ReleasedAt.IsZero() })
	shelves := map[stock.Shelf][]ledger.Ref{}
	states := map[stock.Shelf]ledger.ShelfState{}
	for ref, err := range ledger.AllRefs(ctx, store, ledger.RefFilter{}) {
		if err != nil {
			return nil, err
		}
		if ref.State.Status != ledger.Unlinked {
			shelf := ref.State.Shelf
			shelves[shelf] = append(shelves[shelf], ref.Ref)
			states[shelf] = ledger.ShelfState{Shelf: shelf, Level: ref.Level, Opened: ref.Opened}
		}
	}
	for shelf, refs := range shelves {
		brakes = append(brakes, reconcile.Brakes(states[shelf], refs, now)...)
	}
	slices.SortFunc(brakes, func(a, b ledger.Brake) int { return strings.Compare(a.ID, b.ID) })
	return brakes, nil
}

type releaseRequest struct {
	ID      string `json:"id"`
	By      string `json:"by"`
	Correct bool   `json:"correct"`
	DryRun  bool   `json:"dry_run"`
}

func (c *cli) releaseBrake(ctx context.Context, request releaseRequest) error {
	brake, err := do[ledger.Brake](ctx, c, "/brakes/release", request, nil)
	if err != nil {
		return err
	}
	return c.print(brake, func(w io.Writer) error {
		verb := "released"
		if request.DryRun {
			verb = "would be released"
		}
		_, err := fmt.Fprintf(w, "%s: %s\n", brake.ID, verb)
		return err
	})
}

func releaseBrake(ctx context.Context, r *runtime, request releaseRequest, _ func(any)) (any, error) {
	brakes, err := engagedBrakes(ctx, r.store, r.now())
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(brakes, func(b ledger.Brake) bool { return b.ID == request.ID })
	if i < 0 {
		return nil, fmt.Errorf("no brake with the id %q holds: it ended, or was judged anew: see evenstock brakes", printable(request.ID))
	}
	brake := brakes[i]
	input := ledger.ReleaseBrake{ID: brake.ID, By: request.By, Correct: request.Correct}
	switch brake.Kind {
	case ledger.MassChange:
	case ledger.TypedTwice:
		input.Shelf = brake.Shelf
	default:
		return nil, fmt.Errorf("a brake of the kind %q cannot be released: %s", brake.Kind, brakeHelp(brake))
	}
	if request.DryRun {
		return brake, nil
	}
	receipt, err := r.store.Apply(ctx, r.step, ledger.Batch{At: r.now(), Inputs: []ledger.Input{input}})
	if err != nil {
		return nil, err
	}
	r.waker.Wake(receipt.Wanted...)
	return brake, nil
}
