package kafka

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPulse(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	pulse := &Pulse{Client: h.client(func(o *Options) { o.Now = func() time.Time { return now } })}
	require.NoError(t, pulse.Err())
	h.stop()
	require.NoError(t, pulse.Err(), "an answer counts for a second")
	now = now.Add(pulseAge)
	require.Error(t, pulse.Err())
	h.start()
	require.Error(t, pulse.Err(), "and so does none")
	now = now.Add(pulseAge)
	require.NoError(t, pulse.Err())
}
