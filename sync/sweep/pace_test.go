package sweep

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
)

// A glance is due soon where deliveries do not tell, within what is left of the budget, and never where they do.
func TestPace(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	before := func(d time.Duration) time.Time { return noon.Add(-d) }
	for name, test := range map[string]struct {
		pace pace
		// want is how long after the last glance the next one is due; 0: none is.
		want time.Duration
	}{
		"nothing is known yet":                  {pace{left: 1, heard: noon, found: before(time.Second), looked: false}, 2 * time.Second},
		"no delivery ever, and nothing found":   {pace{left: 1}, 8 * time.Second},
		"no delivery ever, and a change":        {pace{left: 1, found: before(time.Second)}, 2 * time.Second},
		"a change a while ago":                  {pace{left: 1, found: before(100 * time.Second)}, 5 * time.Second},
		"a quiet shop":                          {pace{left: 1, found: before(time.Hour)}, 8 * time.Second},
		"deliveries tell":                       {pace{left: 1, heard: before(time.Second), found: before(time.Second)}, 0},
		"deliveries told, and nothing happens":  {pace{left: 1, heard: before(8 * time.Hour)}, 0},
		"a sweep was first, a delivery follows": {pace{left: 1, heard: before(10 * time.Second), found: noon}, 0},
		"changes after the last delivery":       {pace{left: 1, heard: before(16 * time.Second), found: noon}, 2 * time.Second},
		"deliveries came back":                  {pace{left: 1, heard: noon, found: before(time.Second)}, 0},
		"one was lost, others come":             {pace{left: 1, heard: noon, found: before(time.Second), missed: before(9 * time.Minute)}, 2 * time.Second},
		"one was lost long ago":                 {pace{left: 1, heard: noon, found: before(time.Second), missed: before(10 * time.Minute)}, 0},
		"half of the budget":                    {pace{left: 0.5, found: noon}, 2 * time.Second},
		"a quarter of the budget":               {pace{left: 0.25, found: noon}, 4 * time.Second},
		"little budget":                         {pace{left: 0.1, found: noon}, 10 * time.Second},
		"no budget":                             {pace{found: noon}, 32 * time.Second},
		"no budget in a quiet shop":             {pace{}, time.Minute},
		"glances take long":                     {pace{left: 1, found: noon, took: 4 * time.Second}, 12 * time.Second},
		"glances take very long":                {pace{left: 1, found: noon, took: time.Hour}, time.Minute},
		"it failed":                             {pace{left: 1, found: noon, failures: 1}, 8 * time.Second},
		"it failed again":                       {pace{left: 1, found: noon, failures: 3}, 32 * time.Second},
		"it fails for days":                     {pace{left: 1, found: noon, failures: 10_000}, time.Minute},
	} {
		test.pace.ended, test.pace.doubt = noon, 10*time.Minute
		test.pace.looked = name != "nothing is known yet"
		due, glances := test.pace.next()
		require.Equal(t, test.want != 0, glances, name)
		if glances {
			require.Equal(t, test.want, due.Sub(noon), name)
		}
	}
}

// What sweeps see sets the pace, and how long it takes only a glance's own time.
func TestPaceLearns(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	run := ledger.Run{StartedAt: noon, EndedAt: noon.Add(3 * time.Second), Repaired: 2}
	missed := []ledger.Finding{{Class: Renamed}, {Class: MissedDelivery}}
	down := errors.New("down")
	p := pace{ended: noon, left: 1}
	require.Equal(t, pace{ended: noon, left: 1, found: run.EndedAt, missed: run.EndedAt, doubt: 10 * time.Minute}, p.afterSweep(run, missed, down))
	require.Equal(t, pace{ended: run.EndedAt, took: 3 * time.Second, left: 1, found: run.EndedAt}, p.afterGlance(run, missed[:1], true, nil))
	require.Equal(t, pace{ended: run.EndedAt, took: 3 * time.Second, left: 1, failures: 1}, p.afterGlance(run, nil, false, down))
	require.True(t, p.afterSweep(run, nil, nil).afterSweep(run, nil, down).looked)
	p.failures = 4
	require.Zero(t, p.afterGlance(run, nil, false, nil).failures)
}

// Where deliveries get lost again and again, glances go on for longer and longer.
func TestPaceDoubts(t *testing.T) {
	t.Parallel()
	p, now := pace{}, time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	for _, step := range []struct{ passed, want time.Duration }{
		{0, 10 * time.Minute}, {9 * time.Minute, 10 * time.Minute}, {10 * time.Minute, 20 * time.Minute}, {time.Hour, 40 * time.Minute},
		{3 * time.Hour, 10 * time.Minute}, {10 * time.Minute, 20 * time.Minute}, {20 * time.Minute, 40 * time.Minute}, {40 * time.Minute, 80 * time.Minute},
		{80 * time.Minute, 160 * time.Minute}, {160 * time.Minute, 320 * time.Minute}, {320 * time.Minute, 640 * time.Minute}, {640 * time.Minute, 12 * time.Hour},
		{12 * time.Hour, 12 * time.Hour}, {49 * time.Hour, 10 * time.Minute},
	} {
		now = now.Add(step.passed)
		p = p.afterSweep(ledger.Run{EndedAt: now}, []ledger.Finding{{Class: MissedDelivery}}, nil)
		require.Equal(t, step.want, p.doubt)
		require.Equal(t, now, p.missed)
	}
}
