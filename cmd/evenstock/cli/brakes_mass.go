package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
)

// massChangeName names the channels that a mass change came from; where it came from no counter, none.
func massChangeName(b app.Brake) string {
	if from := originChannels(b); from != "" {
		return b.Kind + " on " + from
	}
	return b.Kind
}

// originChannels are the channels that a mass change came from.
func originChannels(b app.Brake) string {
	var channels []string
	for _, article := range b.Articles {
		for _, origin := range article.Origins {
			channels = append(channels, string(origin.Ref.Channel))
		}
	}
	slices.Sort(channels)
	return strings.Join(slices.Compact(channels), " and ")
}

func massChangeReason(b app.Brake) string {
	c := b.Change
	if c == nil {
		return evidence(b.Evidence)
	}
	var limits []string
	if c.MaxPercent > 0 {
		limits = append(limits, fmt.Sprintf("%d %% of the units or of the shelves", c.MaxPercent))
	}
	if c.MaxShelves > 0 {
		limits = append(limits, plural(c.MaxShelves, "shelf"))
	}
	return fmt.Sprintf("%s of change on %s, and nobody told why: %s; more than %s in %d minutes waits for you", units(c.Units.String()), plural(c.Shelves, "shelf"),
		massChangeShare(b), strings.Join(limits, ", or "), c.WindowMinutes)
}

// massChangeShare compares the units of change with those that there were. They may be more: a level can fall below zero.
func massChangeShare(b app.Brake) string {
	changed, before, when := b.Change.Units, b.Change.Before, b.Change.Since.Local().Format("15:04")
	if before == 0 {
		return fmt.Sprintf("%s had none around %s", b.Channel, when)
	}
	share := fmt.Sprintf("%.0f %%", float64(changed)/float64(before)*100)
	switch {
	case changed > before:
		share = "more than all"
	case changed < before/100:
		share = "less than 1 %"
	}
	text := fmt.Sprintf("%s of the %s that %s had around %s", share, units(before.String()), b.Channel, when)
	if stocked := b.Change.Stocked; stocked > 0 {
		text += fmt.Sprintf("; of its %s with units %.0f %%, each by the part of its own that changes", plural(stocked, "shelf"), float64(b.Change.Parts)/float64(stock.Unit)/float64(stocked)*100)
	}
	return text
}

// massChangeRemedy says where to undo a mass change, and with which counts.
func massChangeRemedy(b app.Brake) string {
	from := originChannels(b)
	if from == "" {
		return whatToDo(b.Remedy, []string{b.ID})
	}
	text := fmt.Sprintf("it is wrong: undo it on %s: put back the counts in column BEFORE, and it ends by itself; BEFORE allows for what was sold since; leave out a shelf of which you have decided already, by a correction or a release; ", from)
	if slices.ContainsFunc(b.Articles, func(a app.BrakedArticle) bool {
		return slices.ContainsFunc(a.Origins, func(o app.Origin) bool { return len(o.Changes) > 1 })
	}) {
		text += "where it has two, the counter changed several times: the first is of before the last change, the other of before all; "
	}
	return text + "it is meant so: evenstock brakes release " + b.ID
}

// originCells say of an article where it changed, what it would show there without that, and what it shows now: a row for each counter. A
// change that came from no counter has but the count that the other should show without it.
func originCells(article app.BrakedArticle) (rows [][]string) {
	for _, origin := range article.Origins {
		rows = append(rows, []string{string(origin.Ref.Channel), putBack(origin.Changes), origin.Shows.String()})
	}
	if len(rows) == 0 {
		return [][]string{{"-", quantityOrDash(article.Before), "-"}}
	}
	return rows
}

// putBack is the count of before the last change and, where it changed several times, of before the first.
func putBack(changes []app.OriginChange) string {
	first, last := changes[0], changes[len(changes)-1]
	if len(changes) == 1 {
		return last.PutBack.String()
	}
	return fmt.Sprintf("%s (%s before %s)", last.PutBack, first.PutBack, first.At.Local().Format("15:04:05"))
}

func quantityOrDash(q *stock.Quantity) string {
	if q == nil {
		return "-"
	}
	return q.String()
}
