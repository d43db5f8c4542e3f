package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/evenstock/evenstock/sync/app"
)

// printBudgets says of each channel how often its platform may be asked, and which requests wait for their turn.
func printBudgets(w io.Writer, budgets []app.Budget, now time.Time) error {
	if len(budgets) == 0 {
		return nil
	}
	fmt.Fprintln(w)
	t := newTable("", "CHANNEL", "REQUESTS A SECOND", "REQUESTS THERE NOW", "REFUSED", "WAITING", "LONGEST WAIT LATELY")
	for _, b := range budgets {
		waiting, waited := []string{}, []string{}
		for _, lane := range b.Lanes {
			if lane.Waiting > 0 {
				waiting = append(waiting, fmt.Sprintf("%d %s", lane.Waiting, lane.Lane))
			}
			if lane.WaitedMost > 0 {
				waited = append(waited, fmt.Sprintf("%s %s", lane.Lane, time.Duration(lane.WaitedMost)*time.Millisecond))
			}
		}
		if b.PausedUntil.After(now) {
			waiting = append(waiting, "PAUSED for "+b.PausedUntil.Sub(now).Round(time.Second).String())
		}
		t.row(string(b.Channel), fmt.Sprintf("%.1f", b.PerSecond), thereNow(b), fmt.Sprint(b.Refused), orDash(strings.Join(waiting, ", ")), orDash(strings.Join(waited, ", ")))
	}
	return t.write(w)
}

// thereNow says how much of a budget is left; nothing is known of one that no answer has described.
func thereNow(b app.Budget) string {
	if b.Most == 0 {
		return "-"
	}
	return fmt.Sprintf("%.0f of %.0f", b.Available, b.Most)
}
