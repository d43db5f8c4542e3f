package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

func pushCommand(c *cli) *cobra.Command {
	push := &cobra.Command{Use: "push", Short: "Pushes that only a person can settle"}
	list := &cobra.Command{Use: "list", Short: "List refs that are set aside, with the call in question", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.listSetAside(cmd.Context()) }}
	var request resolveRequest
	var applied string
	resolve := &cobra.Command{Use: "resolve CALL ITEM", Short: "Say whether a push was applied", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if applied != "yes" && applied != "no" {
				return errUsage("--applied must be yes or no: look at the item's history on the platform")
			}
			request.Call, request.Item, request.Applied = args[0], args[1], applied == "yes"
			return c.resolvePush(cmd.Context(), request)
		}}
	resolve.Flags().StringVar(&applied, "applied", "", "yes or no (required)")
	resolve.Flags().StringVar(&request.By, "by", c.env("USER"), "who decided, for the ledger")
	resolve.Flags().BoolVar(&request.DryRun, "dry-run", false, "say what would be resolved")
	push.AddCommand(list, resolve)
	return push
}

// setAside is a ref on which nothing moves until a person has spoken.
type setAside struct {
	Ref   stock.Ref      `json:"ref"`
	SKU   string         `json:"sku"`
	Call  string         `json:"call"`
	Delta stock.Quantity `json:"delta"`
}

func (c *cli) listSetAside(ctx context.Context) error {
	store, err := c.openLedger(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	list := []setAside{}
	for ref, err := range ledger.AllRefs(ctx, store, ledger.RefFilter{}) {
		if err != nil {
			return err
		}
		if ref.State.Status != ledger.SetAside {
			continue
		}
		item, err := store.Item(ctx, ref.State.Shelf.Item)
		if err != nil {
			return err
		}
		for _, mark := range ref.State.Unconfirmed {
			if mark.Phase == ledger.Undecided {
				list = append(list, setAside{Ref: ref.State.Ref, SKU: item.SKU, Call: mark.Call, Delta: mark.Delta})
			}
		}
	}
	return c.print(list, func(w io.Writer) error {
		t := newTable("no push waits for a person", "CALL", "CHANNEL", "ITEM", "LOCATION", "SKU", "DELTA")
		for _, s := range list {
			t.row(s.Call, string(s.Ref.Channel), s.Ref.Item, s.Ref.Location, s.SKU, s.Delta.String())
		}
		return t.write(w)
	})
}

type resolveRequest struct {
	Call    string `json:"call"`
	Item    string `json:"item"`
	Applied bool   `json:"applied"`
	By      string `json:"by"`
	DryRun  bool   `json:"dry_run"`
}

type resolved struct {
	Refs []stock.Ref `json:"refs"`
}

func (c *cli) resolvePush(ctx context.Context, request resolveRequest) error {
	result, err := do[resolved](ctx, c, "/push/resolve", request, nil)
	if err != nil {
		return err
	}
	return c.print(result, func(w io.Writer) error {
		verb := "resolved as " + map[bool]string{true: "applied", false: "not applied"}[request.Applied]
		if request.DryRun {
			verb = "would be " + verb
		}
		for _, ref := range result.Refs {
			fmt.Fprintf(w, "%s: %s\n", ref, verb)
		}
		return nil
	})
}

func resolvePush(ctx context.Context, r *runtime, request resolveRequest, _ func(any)) (any, error) {
	call, err := r.store.Call(ctx, request.Call)
	if errors.Is(err, ledger.ErrNotFound) {
		return nil, fmt.Errorf("no call has the key %q: see evenstock push list", printable(request.Call))
	}
	if err != nil {
		return nil, err
	}
	result := resolved{Refs: []stock.Ref{}}
	var inputs []ledger.Input
	for _, row := range call.Rows {
		if row.Ref.Item == request.Item {
			result.Refs = append(result.Refs, row.Ref)
			inputs = append(inputs, ledger.ResolvePush{Call: call.Key, Ref: row.Ref, Applied: request.Applied, By: request.By})
		}
	}
	if len(inputs) == 0 {
		return nil, fmt.Errorf("call %s has no row for item %q: see evenstock push list", call.Key, printable(request.Item))
	}
	if request.DryRun {
		return result, nil
	}
	receipt, err := r.store.Apply(ctx, r.step, ledger.Batch{At: r.now(), Inputs: inputs})
	if err != nil {
		return nil, err
	}
	r.waker.Wake(receipt.Wanted...)
	return result, nil
}
