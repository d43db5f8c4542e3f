package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/evenstock/evenstock/sync/app"
)

// printSummary says what a plan comes to.
func printSummary(w io.Writer, plan app.BaselinePlan) error {
	if len(plan.Shelves) == 0 {
		return nil
	}
	s := plan.Summary
	lines := []string{"", fmt.Sprintf("plan %s: opens %s, leaves %d closed", plan.ID, plural(s.Opens, "shelf"), s.Closed)}
	for _, note := range []struct {
		count     int
		one, text string
	}{
		{s.Uncounted, "shelf", "without a count of the authority: count it there, or it stays closed"},
		{s.Negative, "shelf", "to be opened below zero: the authority counts fewer than nothing"},
		{s.Sums, "shelf", "to be opened with the sum of several counters of the authority"},
		{s.Waits, "counter", "waiting to join an open shelf, and not pushed"},
		{s.Unasked, "counter", "that cannot be asked for"},
	} {
		if note.count > 0 {
			lines = append(lines, fmt.Sprintf("  %s %s", plural(note.count, note.one), note.text))
		}
	}
	for _, c := range s.Channels {
		if c.Changed == 0 {
			lines = append(lines, fmt.Sprintf("%s: nothing is pushed", c.Channel))
			continue
		}
		line := fmt.Sprintf("%s: %s changed by %s of %s units", c.Channel, plural(c.Changed, "counter"), c.Units, c.Shown)
		if c.Leaves > 0 {
			line += fmt.Sprintf("; %s LEAVE THE SHOP (sold now, at zero or below then)", plural(c.Leaves, "article"))
		}
		if c.Exceeds {
			line += "; more than the mass change brake lets pass"
		}
		lines = append(lines, line)
	}
	lines = append(lines, changesText("largest falls", s.Falls)...)
	lines = append(lines, changesText("largest raises", s.Raises)...)
	for _, line := range lines {
		if _, err := fmt.Fprintln(w, printable(line)); err != nil {
			return err
		}
	}
	return nil
}

func changesText(title string, changes []app.PlannedChange) []string {
	var list []string
	for _, c := range changes {
		list = append(list, fmt.Sprintf("%s at %s on %s %s -> %s", c.SKU, c.Location, c.Channel, c.From, c.To))
	}
	if len(list) == 0 {
		return nil
	}
	return []string{title + ": " + strings.Join(list, ", ")}
}
