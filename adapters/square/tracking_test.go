package square

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
)

// The catalog is asked about a counted ref once a minute, and about one without a row always.
func TestTrackedIsAskedOnceAMinute(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	mug, cup := ref("MUG", "L"), ref("CUP", "L")
	set := refSet{refs: []stock.Ref{mug, cup}}
	rows := map[stock.Ref]stock.Reading{mug: {Ref: mug}}
	var known tracked
	require.Equal(t, []string{"CUP", "MUG"}, known.doubted(set, rows, now))
	known.note([]stock.Ref{mug}, now)
	require.Equal(t, []string{"CUP"}, known.doubted(set, rows, now.Add(time.Minute-1)))
	require.Equal(t, []string{"CUP", "MUG"}, known.doubted(set, rows, now.Add(time.Minute)))
	require.Equal(t, []string{"CUP", "MUG"}, known.doubted(set, nil, now), "a row that is gone")

	for i := range 2 * trackedMax {
		known.note([]stock.Ref{ref(fmt.Sprint(i), "L")}, now)
	}
	require.LessOrEqual(t, len(known.until), trackedMax)
}
