package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/explain"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
)

// PrintStock lists shelves for a person, with times of the given zone; none is what an empty list means.
func PrintStock(w io.Writer, list []app.Shelf, past bool, none string, zone *time.Location) error {
	var channels []stock.Channel
	for _, shelf := range list {
		for _, counter := range shelf.Channels {
			channels = append(channels, counter.Channel)
		}
	}
	slices.Sort(channels)
	channels = slices.Compact(channels)
	header := []string{"SKU", "NAME", "LOCATION", "LEVEL"}
	for _, channel := range channels {
		header = append(header, "ON "+string(channel))
	}
	if !past {
		header = append(header, "EVEN")
	}
	t := newTable(none, append(header, "NOTE")...)
	for _, shelf := range list {
		cells := []string{shelf.SKU, orDash(shelf.Name), string(shelf.Location), shelfLevel(shelf)}
		for _, channel := range channels {
			cells = append(cells, counterText(shelf, channel))
		}
		if !past {
			cells = append(cells, string(shelf.Even))
		}
		t.row(append(cells, shelfNote(shelf, zone))...)
	}
	return t.write(w)
}

// notOpened says why a shelf has no level, and what to do; closed is nil where nobody remembers why. What to do about a count that is
// missing the counter's own note says, which knows what it is.
func notOpened(closed *explain.Closure) string {
	const nothing = "not opened, and nothing is pushed: "
	switch {
	case closed == nil:
		closed = &explain.Closure{Why: explain.ClosedNoBaseline}
	case closed.Why == explain.ClosedNoCount:
		return nothing + closedText(*closed)
	}
	return nothing + closedText(*closed) + ": " + remedies[app.ClosedRemedy(closed.Why)]
}

// closedReasons say why a shelf has no level. % is the channel whose count is missing.
var closedReasons = map[explain.Closed]string{
	explain.ClosedNoBaseline:  "no baseline has said what there is",
	explain.ClosedReading:     "its counters are being read",
	explain.ClosedNoCount:     "% has no count of it, and is the one whose counts are right",
	explain.ClosedNoAuthority: "it is not on the channel whose counts are right",
}

func closedText(closed explain.Closure) string {
	return strings.Replace(closedReasons[closed.Why], "%", string(closed.Channel), 1)
}

// shelfNote says what a person should know about the shelf.
func shelfNote(s app.Shelf, zone *time.Location) string {
	var notes []string
	if !s.Opened {
		notes = append(notes, notOpened(s.Closed))
	}
	switch {
	case s.Oversold != nil && slices.Contains(s.Held, ledger.TypedTwice.String()):
		notes = append(notes, "below zero by "+s.Oversold.Units.String()+" while a question about its counts is open")
	case s.Oversold != nil:
		notes = append(notes, oversoldText(s.Oversold, zone))
	}
	for _, counter := range s.Channels {
		if note := goneNote(s, counter); note != "" {
			notes = append(notes, note)
		}
	}
	if len(s.Held) > 0 {
		notes = append(notes, "held: "+strings.Join(s.Held, ", ")+" (evenstock brakes)")
	}
	if note := soldOutNote(s); note != "" {
		notes = append(notes, note)
	}
	for _, counter := range s.Channels {
		if note := counterNotes[counter.State]; note != "" {
			notes = append(notes, string(counter.Channel)+" "+strings.ReplaceAll(note, "%", unlinkHere(s, counter)))
		}
	}
	return strings.Join(notes, "; ")
}

// soldOutNote says which channels mark the item as sold out, and what that does to the others.
func soldOutNote(s app.Shelf) string {
	var marked []string
	for _, counter := range s.Channels {
		if !counter.SoldOut.IsZero() {
			marked = append(marked, string(counter.Channel))
		}
	}
	switch {
	case len(marked) == 0:
		return ""
	case len(s.SoldOutBy) > 0:
		return "marked as sold out on " + strings.Join(marked, ", ") + ": the others show 0 while it lasts"
	}
	return "marked as sold out on " + strings.Join(marked, ", ") + ": the others go on selling (sold_out_everywhere is off)"
}

// counterNotes say what a counter that cannot be kept even is, and what to do; % is the command that unlinks it.
var counterNotes = map[explain.State]string{
	explain.StateNoCount:    "has no count yet: count it there once, and be it zero; or it is not stocked there, and need not be linked there: %",
	explain.StateUnreadable: "shows no count: never counted or not stocked there, or the place is closed; count it there once, or open the place",
	explain.StateDoubted:    "may not have it, or not count it, any more: it is read before anything is pushed or claimed",
	explain.StateMisplaced:  "counts at a location that the configuration does not have there: it moves nothing and nothing is pushed to it until it does; or unlink it: %",
	explain.StateUntracked:  "does not count it: have it counted there, or unlink it: %",
}

// unlinkHere is what a person types to unlink a counter and nothing else of its item. A location that the configuration does not have may
// have been given another id, and both be linked at one of ours.
func unlinkHere(s app.Shelf, counter app.Counter) string {
	if counter.State == explain.StateMisplaced {
		s.Location = stock.Location(counter.Ref.Location)
	}
	return fmt.Sprintf("evenstock link remove %s %s --location %s", shellQuoted(string(counter.Channel)), shellQuoted(counter.Ref.Item), shellQuoted(string(s.Location)))
}

// shelfLevel is what the shelf has; one that nobody opened has no level, which is not zero.
func shelfLevel(s app.Shelf) string {
	if !s.Opened {
		return "-"
	}
	return s.Level.String()
}

// counterText is a channel's cell: the count, and its state unless that is as it should be.
func counterText(s app.Shelf, channel stock.Channel) string {
	var parts []string
	for _, counter := range s.Channels {
		if counter.Channel != channel {
			continue
		}
		part := "?"
		if counter.Expected != nil {
			part = counter.Expected.String()
		}
		if counter.State != explain.StateEven {
			part += " (" + stateText(counter.State) + ")"
		}
		parts = append(parts, part)
	}
	return orDash(strings.Join(parts, ", "))
}

// stampIn is stamp for a given zone.
func stampIn(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return "-"
	}
	return t.In(zone).Format("2006-01-02 15:04:05")
}
