package shop_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
)

func TestFaultsCheck(t *testing.T) {
	t.Parallel()
	var faults shop.FaultSwitch
	require.Equal(t, shop.Faults{}, faults.Get())
	good := shop.Faults{DropWebhook: 1, TooManyRequests: 0.5, LevelLag: time.Second}
	require.NoError(t, faults.Set(good))
	for _, bad := range []shop.Faults{{DropWebhook: -0.1}, {DuplicateWebhook: 1.1}, {ReorderWebhook: math.NaN()}, {ServerError: math.Inf(1)},
		{LoseAnswerBefore: 2}, {LoseAnswerAfter: -2}, {DelayWebhook: -1}, {LevelLag: -1}, {Refuse: 200}, {Refuse: 600}} {
		require.ErrorIs(t, faults.Set(bad), shop.ErrFaults)
		require.Equal(t, good, faults.Get())
	}
}

func TestFaultsJSON(t *testing.T) {
	t.Parallel()
	all := shop.Faults{DropWebhook: 0.1, DuplicateWebhook: 0.2, ReorderWebhook: 0.3, DelayWebhook: 1500 * time.Millisecond,
		TooManyRequests: 0.4, ServerError: 0.5, LoseAnswerBefore: 0.6, LoseAnswerAfter: 0.7, Refuse: 423, LevelLag: time.Minute}
	text, err := json.Marshal(all)
	require.NoError(t, err)
	require.JSONEq(t, `{"drop_webhook":0.1,"duplicate_webhook":0.2,"reorder_webhook":0.3,"delay_webhook":"1.5s","too_many_requests":0.4,
		"server_error":0.5,"lose_answer_before":0.6,"lose_answer_after":0.7,"refuse":423,"level_lag":"1m0s"}`, string(text))
	var back shop.Faults
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, all, back)
	require.NoError(t, json.Unmarshal([]byte(`{"drop_webhook":0.9}`), &back))
	all.DropWebhook = 0.9
	require.Equal(t, all, back, "absent fields keep their value")
	for _, bad := range []string{`{"delay_webhook":"soon"}`, `{"level_lag":5}`, `{"level_lag":"x"}`} {
		require.Error(t, json.Unmarshal([]byte(bad), &back))
	}
}

func TestDice(t *testing.T) {
	t.Parallel()
	a, b := shop.NewDice(1), shop.NewDice(1)
	hits := 0
	for range 1000 {
		require.Equal(t, a.Intn(10), b.Intn(10), "the same seed, the same throws")
		require.Equal(t, a.Part(time.Second), b.Part(time.Second))
		if x := a.Chance(0.3); x {
			hits++
			require.True(t, b.Chance(0.3))
		} else {
			require.False(t, b.Chance(0.3))
		}
		require.False(t, a.Chance(0))
		require.True(t, a.Chance(1))
		b.Chance(1)
	}
	require.InDelta(t, 300, hits, 60)
	require.Zero(t, a.Intn(1))
	require.Zero(t, a.Part(0))
}

func TestFaultPresets(t *testing.T) {
	t.Parallel()
	for _, name := range shop.FaultPresets() {
		faults, err := shop.FaultPreset(name)
		require.NoError(t, err)
		require.NoError(t, faults.Check())
		require.Equal(t, name == "none", faults == shop.Faults{}, name)
	}
	_, err := shop.FaultPreset("sunshine")
	require.ErrorIs(t, err, shop.ErrFaults)
}
