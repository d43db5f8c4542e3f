package cli

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/health"
)

// placeText says where links and configuration differ.
func placeText(p app.Place) string {
	if p.Missing > 0 {
		have := "have"
		if p.Missing == 1 {
			have = "has"
		}
		return fmt.Sprintf("%s of %s %s no counter at %s (%s)", plural(p.Missing, "linked item"), p.Channel, have, p.Location, p.ID)
	}
	are := "are"
	if p.Left+p.Moved == 1 {
		are = "is"
	}
	if p.Moved > 0 {
		return fmt.Sprintf("%s of %s %s linked at %s, the configuration says %s (%s): nothing is pushed to them, and nothing of them moves the level, until both agree",
			plural(p.Moved, "counter"), p.Channel, are, p.From, p.Location, p.ID)
	}
	return fmt.Sprintf("%s of %s at %s (%s) %s no longer configured: nothing is pushed to them, and nothing of them moves the level",
		plural(p.Left, "counter"), p.Channel, p.Location, p.ID, are)
}

// Remedies of places: one for what was added to the configuration, one for what was taken out, one for what got another name.
const (
	placeMissingRemedy = "link them there too: evenstock link extend"
	placeLeftRemedy    = "put the location back into the configuration, or unlink the items there: evenstock link remove %s ITEM --location %s for each item"
	placeMovedRemedy   = "put %s back into the configuration; or, if %s is meant: evenstock link export > links.csv, evenstock link remove %s ITEM for each item, evenstock link import links.csv"
)

func placeRemedy(p app.Place) string {
	switch {
	case p.Missing > 0:
		return placeMissingRemedy
	case p.Moved > 0:
		return fmt.Sprintf(placeMovedRemedy, p.From, p.Location, p.Channel)
	}
	return fmt.Sprintf(placeLeftRemedy, p.Channel, p.ID)
}

// printPlaces says where links and configuration differ; nothing where they do not.
func printPlaces(w io.Writer, places []app.Place) error {
	if len(places) == 0 {
		return nil
	}
	fmt.Fprintln(w, "\nWhere the links differ from the configuration:")
	t := newTable("", "CHANNEL", "DIFFERENCE", "WHAT TO DO")
	for _, p := range places {
		t.row(string(p.Channel), placeText(p), placeRemedy(p))
	}
	return t.write(w)
}

// checkLinksAndBrakes compares the links with the configuration, and says which brakes, shelves and changes wait for a person, with a serve or
// without one.
// Other checks say why a ledger cannot be read.
func (c *CLI) checkLinksAndBrakes() health.Probe {
	return func(ctx context.Context) (list health.Checks) {
		ctx, cancel := context.WithTimeout(ctx, serveTimeout)
		defer cancel()
		status, err := ask(ctx, c, func(conn connection) (app.Status, error) { return conn.Status(ctx) })
		if err != nil {
			return nil
		}
		for _, p := range status.Places {
			list = append(list, health.Check{Code: health.CodePlaces, Result: health.Warn, Channel: p.Channel, Detail: placeText(p),
				Remedy: health.RemedyPlaces, With: []string{placeRemedy(p)}})
		}
		return slices.Concat(list, checkBrakes(status.Brakes), checkUnexplained(status, c.Now()))
	}
}
