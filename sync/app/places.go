package app

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// Place is a location of a channel where links and configuration differ.
type Place struct {
	Channel stock.Channel `json:"channel"`
	// ID is the location's id at the channel, Location our name of it.
	ID       string         `json:"id"`
	Location stock.Location `json:"location"`
	// Missing counts linked items of the channel that have no counter there, although the configuration has the location.
	Missing int `json:"missing,omitempty"`
	// Left counts counters there that are still linked, although the configuration has the location, or the channel, no more, and Moved
	// those that are linked at From, although the configuration calls the location Location. Nobody can tell whose units they count:
	// nothing is pushed to them, and nothing of them moves the level. They join again when the configuration has the location back.
	Left  int            `json:"left,omitempty"`
	Moved int            `json:"moved,omitempty"`
	From  stock.Location `json:"from,omitempty"`
}

// Places compares the links with the configuration: where a location was added to it, taken out or given another of our names since
// the items were linked. It returns only what differs, by channel and id.
func (a *App) Places(ctx context.Context) ([]Place, error) {
	return a.placesOf(ledger.AllRefs(ctx, a.Ledger, ledger.RefFilter{}))
}

func (a *App) placesOf(refs iter.Seq2[ledger.DueRef, error]) ([]Place, error) {
	type at struct {
		channel stock.Channel
		id      string
	}
	type linked struct {
		at
		shelf stock.Location
	}
	counted, items, differing := map[at]int{}, map[stock.Channel]map[string]bool{}, map[linked]*Place{}
	configured := map[at]stock.Location{}
	var unlinked []stock.Ref
	for _, c := range a.Channels {
		for id, ours := range c.Locations {
			configured[at{c.Name, id}] = ours
		}
	}
	for ref, err := range refs {
		if err != nil {
			return nil, err
		}
		name := ref.State.Ref
		if ref.State.Status == ledger.Unlinked {
			unlinked = append(unlinked, name)
			continue
		}
		here := at{name.Channel, name.Location}
		if items[name.Channel] == nil {
			items[name.Channel] = map[string]bool{}
		}
		items[name.Channel][name.Item] = true
		counted[here]++
		ours, known := configured[here]
		tied := linked{here, ref.State.Shelf.Location}
		if known && ours == tied.shelf {
			continue
		}
		if differing[tied] == nil {
			differing[tied] = &Place{Channel: here.channel, ID: here.id, Location: tied.shelf}
		}
		if place := differing[tied]; known {
			place.Location, place.From = ours, tied.shelf
			place.Moved++
		} else {
			place.Left++
		}
	}
	for _, name := range unlinked { // what a person unlinked at one place only is not missing there
		if items[name.Channel][name.Item] {
			counted[at{name.Channel, name.Location}]++
		}
	}
	places := []Place{}
	for here, ours := range configured {
		if missing := len(items[here.channel]) - counted[here]; missing > 0 {
			places = append(places, Place{Channel: here.channel, ID: here.id, Location: ours, Missing: missing})
		}
	}
	for _, place := range differing {
		places = append(places, *place)
	}
	slices.SortFunc(places, func(a, b Place) int {
		return cmp.Or(cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.ID, b.ID), cmp.Compare(a.From, b.From), cmp.Compare(a.Location, b.Location))
	})
	return places, nil
}

// CompareConfig compares what derives from the configuration with it, for it may be another one since the last start: it logs where
// links differ, for a location was added, taken out or given another of our names, has the counters read that wait for it from now on, or
// do no longer, and has marks of sold out looked at again.
func (a *App) CompareConfig(ctx context.Context) error {
	places, err := a.Places(ctx)
	if err != nil {
		return err
	}
	for _, p := range places {
		a.Logger.Warn("links differ from the configuration", "channel", p.Channel, "location", p.Location, "id", p.ID, "items_without_counter", p.Missing,
			"counters_not_configured", p.Left, "counters_linked_elsewhere", p.Moved, "linked_at", p.From)
	}
	return errors.Join(a.readPlaces(ctx), a.ReadMarks(ctx))
}

// readPlaces wishes for a read of every counter whose location was lost, or is back, since it was read last.
func (a *App) readPlaces(ctx context.Context) error {
	var wishes []ledger.Input
	for ref, err := range ledger.AllRefs(ctx, a.Ledger, ledger.RefFilter{}) {
		if err != nil {
			return err
		}
		if locations := a.locations(ref.State.Ref.Channel); locations != nil && reconcile.PlaceDiffers(locations, ref.State) {
			wishes = append(wishes, ledger.WantRead{Ref: ref.State.Ref, Reason: "its location changed in the configuration"})
		}
	}
	for some := range slices.Chunk(wishes, baselineBatch) {
		if _, err := a.apply(ctx, some...); err != nil {
			return err
		}
	}
	return nil
}
