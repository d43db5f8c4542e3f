package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// SettleRequest is a person's word on units of an item that a counter won or lost and that nobody has explained.
type SettleRequest struct {
	// SKU is the item's SKU or id.
	SKU string `json:"sku"`
	// Channel, Location (ours) and Item (the channel's id) say which counter, where several of the item have unexplained units.
	Channel  stock.Channel  `json:"channel,omitempty"`
	Location stock.Location `json:"location,omitempty"`
	Item     string         `json:"item,omitempty"`
	As       string         `json:"as,omitempty" enum:"shrinkage,found,sold,returned,received,moved" doc:"where the units belong. Of units that left: shrinkage, sold, moved; of units that came: found, returned, received, moved. Needed unless reopen is set"`
	// Units is how many of them; 0: all.
	Units stock.Quantity `json:"units,omitempty" doc:"how many of the units; 0 or none: all that are unexplained"`
	Note  string         `json:"note,omitempty" maxLength:"500" doc:"what the ledger keeps beside who said it"`
	// Reopen takes back what was settled of the counter since its baseline.
	Reopen bool `json:"reopen,omitempty"`
	DryRun bool `json:"dry_run,omitempty"`
}

// Settled is units that were settled or reopened, or would be. The level does not move.
type Settled struct {
	SKU      string         `json:"sku"`
	Name     string         `json:"name,omitempty"`
	Ref      stock.Ref      `json:"ref"`
	Location stock.Location `json:"location"`
	// As is as what; of what was reopened, each that it was settled as.
	As []string `json:"as"`
	// Quantity is what happened to the stock by that word: negative where units left. Unexplained is what still has no cause, likewise.
	Quantity    stock.Quantity `json:"quantity"`
	Unexplained stock.Quantity `json:"unexplained"`
	Level       stock.Quantity `json:"level"`
}

// meaning is what a word says that units are settled as.
type meaning struct {
	word  string
	cause stock.Cause
	// left: units that left can be settled so; came: units that came.
	left, came bool
}

// meanings are the words. What is found is booked against what is missing.
var meanings = []meaning{
	{word: "shrinkage", cause: stock.Shrinkage, left: true},
	{word: "found", cause: stock.Shrinkage, came: true},
	{word: "sold", cause: stock.Sold, left: true},
	{word: "returned", cause: stock.Returned, came: true},
	{word: "received", cause: stock.Received, came: true},
	{word: "moved", cause: stock.Moved, left: true, came: true},
}

// SettleWords lists what units that came, or that left, can be settled as.
func SettleWords(came bool) []string {
	var words []string
	for _, m := range meanings {
		if m.fits(came) {
			words = append(words, m.word)
		}
	}
	return words
}

func (m meaning) fits(came bool) bool { return came && m.came || !came && m.left }

// Settle books units that nobody has explained to what a person says that they were, or takes that back.
func (a *App) Settle(ctx context.Context, by Actor, request SettleRequest) (Settled, error) {
	if request.Reopen && (request.As != "" || request.Units != 0) {
		return Settled{}, &Error{Kind: Invalid, What: "what is reopened is all that was settled, and is settled as nothing"}
	}
	item, err := a.itemBySKU(ctx, request.SKU)
	if err != nil {
		return Settled{}, err
	}
	ref, err := a.toSettle(ctx, item, request)
	if err != nil {
		return Settled{}, err
	}
	settled := Settled{SKU: item.SKU, Name: item.Name, Ref: ref.State.Ref, Location: ref.State.Shelf.Location, Unexplained: -ref.Unexplained, Level: ref.Level}
	var input ledger.Input
	if request.Reopen {
		input = reopening(&settled, ref, by, request.Note)
	} else if input, err = settling(&settled, ref, by, request); err != nil {
		return Settled{}, err
	}
	_, err = a.act(ctx, request.DryRun, input)
	return settled, err
}

// reopening fills in what reopening a counter does.
func reopening(settled *Settled, ref ledger.DueRef, by Actor, note string) ledger.Input {
	for _, s := range ref.State.Settled {
		settled.As = append(settled.As, wordOf(s.Cause, s.Quantity))
		settled.Quantity -= s.Quantity
	}
	settled.Unexplained -= settled.Quantity
	return ledger.ReopenRef{Ref: ref.State.Ref, Shelf: ref.State.Shelf, By: by.Name, Note: note}
}

// wordOf is the word by which a quantity was settled as a cause.
func wordOf(cause stock.Cause, quantity stock.Quantity) string {
	for _, m := range meanings {
		if m.cause == cause && m.fits(quantity > 0) {
			return m.word
		}
	}
	return cause.String()
}

// settling fills in what settling units of a counter does. The quantity is that of now: where it changes meanwhile, the rules refuse.
func settling(settled *Settled, ref ledger.DueRef, by Actor, request SettleRequest) (ledger.Input, error) {
	open := settled.Unexplained
	came := open > 0
	i := slices.IndexFunc(meanings, func(m meaning) bool { return m.word == request.As })
	switch {
	case i < 0 || !meanings[i].fits(came):
		how := "left"
		if came {
			how = "came"
		}
		return nil, &Error{Kind: Invalid, Remedy: RemedySettleAs, Meant: SettleWords(came),
			What: fmt.Sprintf("%s of %s %s %s without a cause: %s is no word for that", open.Abs(), settled.SKU, how, settled.Ref.Channel, quote(request.As))}
	case request.Units < 0:
		return nil, &Error{Kind: Invalid, What: "the units to settle are how many, and not negative"}
	case request.Units > open.Abs():
		return nil, &Error{Kind: Conflict, What: fmt.Sprintf("%s of %s at %s are unexplained, not %s", open.Abs(), settled.SKU, settled.Ref.Channel, request.Units), Remedy: RemedyExplain}
	}
	settled.As, settled.Quantity = []string{request.As}, open
	if units := request.Units; units > 0 && came {
		settled.Quantity = units
	} else if units > 0 {
		settled.Quantity = -units
	}
	settled.Unexplained -= settled.Quantity
	return ledger.SettleRef{Ref: ref.State.Ref, Shelf: ref.State.Shelf, Cause: meanings[i].cause, Quantity: settled.Quantity, By: by.Name, Note: request.Note}, nil
}

// toSettle finds the one counter that a request means: the only one that has something to settle, or to reopen.
func (a *App) toSettle(ctx context.Context, item stock.Item, request SettleRequest) (ledger.DueRef, error) {
	var found []ledger.DueRef
	for ref, err := range ledger.AllRefs(ctx, a.Ledger, ledger.RefFilter{Item: item.ID}) {
		if err != nil {
			return ledger.DueRef{}, err
		}
		name := ref.State.Ref
		has := ref.Unexplained != 0
		if request.Reopen {
			has = len(ref.State.Settled) > 0
		}
		if has && cmp.Or(request.Channel, name.Channel) == name.Channel && cmp.Or(request.Item, name.Item) == name.Item &&
			cmp.Or(request.Location, ref.State.Shelf.Location) == ref.State.Shelf.Location {
			found = append(found, ref)
		}
	}
	what := "unexplained units"
	if request.Reopen {
		what = "settled units"
	}
	if request.Channel != "" || request.Item != "" || request.Location != "" {
		what += " there"
	}
	switch {
	case len(found) == 0:
		return ledger.DueRef{}, &Error{Kind: NotFound, What: fmt.Sprintf("no counter of %s has %s", item.SKU, what), Remedy: RemedyExplain}
	case len(found) > 1:
		several := &Error{Kind: Conflict, What: fmt.Sprintf("%d counters of %s have %s", len(found), item.SKU, what), Remedy: RemedyNameCounter}
		for _, ref := range found {
			several.Meant = append(several.Meant, fmt.Sprintf("%s %s at %s", ref.State.Ref.Channel, ref.State.Ref.Item, ref.State.Shelf.Location))
		}
		return ledger.DueRef{}, several
	case found[0].State.Joining != nil:
		return ledger.DueRef{}, &Error{Kind: Conflict, What: fmt.Sprintf("%s of %s waits to join its shelf", item.SKU, found[0].State.Ref.Channel), Remedy: RemedyJoin}
	}
	return found[0], nil
}
