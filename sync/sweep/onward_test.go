package sweep

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// nexts is a schedule by a function.
type nexts func(after time.Time) time.Time

func (n nexts) Next(after time.Time) time.Time { return n(after) }

func TestOnward(t *testing.T) {
	t.Parallel()
	noon := time.Date(2027, 4, 4, 12, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		schedule nexts
		want     time.Time
	}{
		"a time to come": {func(after time.Time) time.Time { return after.Add(time.Minute) }, noon.Add(time.Minute)},
		"a time that is over, for a quarter of an hour": {func(after time.Time) time.Time {
			if after.Before(noon.Add(15 * time.Minute)) {
				return noon.Add(-5 * time.Minute)
			}
			return noon.Add(24 * time.Hour)
		}, noon.Add(24 * time.Hour)},
		"the time itself": {func(after time.Time) time.Time { return after }, noon.Add(time.Hour)},
		"never":           {func(time.Time) time.Time { return time.Time{} }, time.Time{}},
		"always over":     {func(time.Time) time.Time { return noon.Add(-time.Hour) }, time.Time{}},
	} {
		require.Equal(t, test.want, onward{test.schedule}.Next(noon), name)
	}
}
