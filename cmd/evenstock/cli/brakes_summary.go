package cli

import (
	"fmt"
	"io"
	"slices"

	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/health"
)

// printBrakeSummaries says what holds pushes back; nothing where nothing does.
func printBrakeSummaries(w io.Writer, brakes []app.BrakeSummary) error {
	if len(brakes) == 0 {
		return nil
	}
	fmt.Fprintln(w, "Brakes that hold pushes back:")
	t := newTable("", "BRAKE", "CHANNEL", "BRAKES", "PUSHES HELD", "SINCE", "WHAT TO DO")
	for _, b := range brakes {
		todo := "evenstock brakes says why, and what to do"
		if !waitsForPerson(b.Remedy) {
			todo = remedies[b.Remedy]
		}
		t.row(b.Kind, orDash(string(b.Channel)), fmt.Sprint(b.Brakes), fmt.Sprint(b.Held), stamp(b.Since), todo)
	}
	err := t.write(w)
	fmt.Fprintln(w)
	return err
}

// waitsForPerson says that a brake of this remedy holds until a person has looked: it neither ends by itself, nor is it about a shelf that no
// first sync has opened yet.
func waitsForPerson(remedy app.Remedy) bool {
	return !slices.Contains([]app.Remedy{app.RemedyWait, app.RemedyApplyBaseline, app.RemedyOpens, app.RemedyCount, app.RemedyAuthority}, remedy)
}

// checkBrakes tells of the brakes that wait for a person, and of the shelves without a level that do.
func checkBrakes(brakes []app.BrakeSummary) (list health.Checks) {
	for _, b := range brakes {
		switch {
		case waitsForPerson(b.Remedy):
			list = append(list, health.Check{Code: health.CodeBrakes, Result: health.Warn, Channel: b.Channel, Remedy: health.RemedyBrakes,
				Detail: fmt.Sprintf("%s since %s: %s, %s held", b.Kind, stamp(b.Since), plural(b.Brakes, "brake"), plural(b.Held, "push"))})
		case b.Remedy != app.RemedyWait && b.Remedy != app.RemedyOpens:
			have, them := "have", "them"
			if b.Brakes == 1 {
				have, them = "has", "it"
			}
			list.Warn(health.CodeNoLevel, fmt.Sprintf("%s %s no level, and nothing is pushed to %s", plural(b.Brakes, "shelf"), have, them), health.RemedyNoLevel, remedies[b.Remedy])
		}
	}
	return list
}
