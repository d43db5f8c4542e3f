package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/health"
)

// LinkRequest asks to tie refs to shelves.
type LinkRequest struct {
	Rows   []LinkRow `json:"rows"`
	DryRun bool      `json:"dry_run,omitempty"`
	// AcceptRenamed takes rows whose SKU is not the article's own in any channel, or may have been made of that by a spreadsheet; not what
	// is a spreadsheet's without doubt, a rounded number or one that stands for several articles that are not shared.
	AcceptRenamed bool `json:"accept_renamed,omitempty"`
	// Join is what the counts mean of items that come to a shelf which is open and shows another number; empty: they wait for an answer.
	Join string `json:"join,omitempty" enum:"add,level,counter"`
}

// UnlinkRequest asks to forget a channel's item.
type UnlinkRequest struct {
	Channel stock.Channel `json:"channel"`
	Item    string        `json:"item"`
	// Location is ours, or else the channel's id of one: two of the channel's may be linked at one of ours, where its id has changed. Empty:
	// all its locations.
	Location stock.Location `json:"location,omitempty" doc:"our name, or the channel's id, of the only location where it is unlinked; empty: everywhere"`
	// Unanswered unlinks also what ends a question that nobody has answered: what it holds from the counters that stay is pushed then.
	Unanswered bool `json:"unanswered,omitempty" doc:"unlink it though a brake of its shelf that a person was to answer ends with it: what that holds from the counters that stay is pushed"`
	DryRun     bool `json:"dry_run,omitempty"`
}

// LinkResult says how many refs were tied or untied, or would be; Before counts those that were so already.
type LinkResult struct {
	Refs   int `json:"refs"`
	Items  int `json:"items"`
	Before int `json:"before"`
	// Rows count the rows of a link file; null where there is none.
	Rows *RowCounts `json:"rows,omitempty"`
	// Opens counts the refs of the file's rows on shelves that no baseline has opened yet, Joins those that come, or came and wait, to a
	// shelf that is open.
	Opens int `json:"opens,omitempty"`
	Joins int `json:"joins,omitempty"`
	// Refused are the rows that were not taken, and why; the others were. Noted rows were taken, and something is odd about them.
	Refused []RowFinding `json:"refused,omitempty"`
	Noted   []RowFinding `json:"noted,omitempty"`
	// Joined is what joined open shelves by the answer that was given, or would; what is linked for the first time joins when it was
	// read, and is in the answer to a dry run alone.
	Joined []Joined `json:"joined,omitempty"`
	// Dropped are the questions about what is unlinked that nobody has answered, and what to do about each.
	Dropped []ledger.Finding `json:"dropped,omitempty"`
	// Pushes go to the counters that stay linked, for those questions hold them back no more.
	Pushes []JoinPush `json:"pushes,omitempty"`
	// Configuration says that serve runs with another configuration than its file has now: it knows no place that was added since.
	Configuration *health.Configuration `json:"configuration,omitempty"`
}

// RowCounts say how the rows of a link file ended: each is linked, was so before, or is refused.
type RowCounts struct {
	Given   int `json:"given"`
	Linked  int `json:"linked"`
	Before  int `json:"before"`
	Refused int `json:"refused"`
}

// ImportLinks makes items for new SKUs and ties refs to shelves, in one transaction for all rows that pass the checks. A dry run
// makes the same checks.
func (a *App) ImportLinks(ctx context.Context, by Actor, request LinkRequest) (LinkResult, error) {
	var how ledger.JoinHow
	if request.Join != "" {
		var err error
		if how, err = joinHow(request.Join); err != nil {
			return LinkResult{}, err
		}
	}
	check, err := a.checkLinks(ctx, request)
	if err != nil {
		return LinkResult{}, err
	}
	items, inputs, tied := check.accepted(how, by)
	result := LinkResult{Refused: check.refused}
	if how != 0 {
		if result.Joined, err = a.joinsOf(ctx, check, how); err != nil {
			return result, err
		}
	}
	slices.SortStableFunc(check.noted, func(a, b RowFinding) int { return cmp.Compare(a.Row, b.Row) })
	result.Noted = check.noted
	if !request.DryRun {
		if err := a.Ledger.SaveItems(ctx, items); err != nil {
			return result, err
		}
		if err := a.Ledger.SaveLabels(ctx, check.labels()); err != nil {
			return result, err
		}
	}
	ended, err := a.act(ctx, request.DryRun, inputs...)
	result.count(ended)
	result.Items = linkedItems(inputs, ended)
	result.Rows = check.count(tied, ended)
	result.Opens, result.Joins = check.links.unsettled(inputs)
	return result, err
}

// linkedItems counts the items that a ref was tied to which was not before.
func linkedItems(inputs []ledger.Input, ended []ledger.Disposition) int {
	items := map[stock.ItemID]bool{}
	for i, d := range ended {
		if link, is := inputs[i].(ledger.LinkRef); is && d.Ending != ledger.Duplicate {
			items[link.Shelf.Item] = true
		}
	}
	return len(items)
}

// count says how the rows ended, by how the inputs did that tie their refs.
func (c *linkCheck) count(tied []*checkedRow, ended []ledger.Disposition) *RowCounts {
	counts := &RowCounts{Given: len(c.rows), Before: len(c.standing())}
	counts.Refused = counts.Given - counts.Before
	linked := map[*checkedRow]bool{}
	for i, d := range ended {
		if d.Ending != ledger.Duplicate && !linked[tied[i]] {
			linked[tied[i]] = true
			counts.Linked++
			counts.Before--
		}
	}
	return counts
}

// count adds refs by how their inputs ended.
func (r *LinkResult) count(ended []ledger.Disposition) {
	for _, d := range ended {
		if d.Ending == ledger.Duplicate {
			r.Before++
		} else {
			r.Refs++
		}
	}
}

// Unlink forgets a channel's item, at one location or at all, once the calls of its refs are definite: also where the configuration has the
// location, or the channel, no more. It posts nothing. What ends a question that nobody has answered is refused unless that is meant.
func (a *App) Unlink(ctx context.Context, request UnlinkRequest) (LinkResult, error) {
	return checked(func() (LinkResult, error) { return a.unlink(ctx, request) })
}

func (a *App) unlink(ctx context.Context, request UnlinkRequest) (LinkResult, error) {
	var refs, byID []ledger.DueRef
	var elsewhere []string
	for ref, err := range ledger.AllRefs(ctx, a.Ledger, ledger.RefFilter{Channel: request.Channel}) {
		if err != nil {
			return LinkResult{}, err
		}
		switch here := ref.State.Shelf.Location; {
		case request.Channel == "" || ref.State.Ref.Item != request.Item:
		case request.Location == "" || here == request.Location:
			refs = append(refs, ref)
		case string(request.Location) == ref.State.Ref.Location:
			byID = append(byID, ref)
		case ref.State.Status != ledger.Unlinked:
			elsewhere = append(elsewhere, string(here))
		}
	}
	if len(refs) == 0 {
		refs = byID
	}
	switch {
	case len(refs) > 0:
	case len(elsewhere) > 0:
		return LinkResult{}, &Error{Kind: NotFound, What: fmt.Sprintf("item %q of %s is not linked at %q", request.Item, request.Channel, request.Location),
			Remedy: RemedyNameLocation, Meant: elsewhere}
	default:
		channel, err := a.channel(request.Channel)
		if err != nil {
			return LinkResult{}, err
		}
		return LinkResult{}, &Error{Kind: NotFound, What: fmt.Sprintf("channel %s has no link to an item %q", channel.Name, request.Item), Remedy: RemedyListLinks}
	}
	ends, err := a.endingWith(ctx, refs)
	switch {
	case err != nil:
		return LinkResult{}, err
	case ends.ask != nil && !request.Unanswered:
		return LinkResult{}, ends.ask
	}
	var inputs []ledger.Input
	for _, ref := range refs {
		inputs = append(inputs, ledger.UnlinkRef{Ref: ref.State.Ref, Told: ends.questions})
	}
	result := LinkResult{Dropped: ends.dropped, Pushes: ends.pushes}
	ended, err := a.act(ctx, request.DryRun, inputs...)
	result.count(ended)
	return result, err
}
