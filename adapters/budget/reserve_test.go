package budget_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/budget"
	"github.com/evenstock/evenstock/ledger/stock"
)

// A turn that was reserved is that of one request, and is another's if it is given back.
func TestReserve(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := budget.NewRate(2, 2) // two at once, and two a second
		begin := time.Now()
		reserved, giveBack, ok := b.Reserve(in(t, stock.Pushes), false)
		require.True(t, ok)
		_, err := b.Take(in(t, stock.Pushes))
		require.NoError(t, err)
		_, _, ok = b.Reserve(in(t, stock.Pushes), false)
		assert.False(t, ok, "none is left")
		_, err = b.Take(reserved)
		require.NoError(t, err)
		assert.Zero(t, time.Since(begin))
		giveBack()
		_, err = b.Take(reserved)
		require.NoError(t, err)
		assert.Equal(t, 500*time.Millisecond, time.Since(begin), "it was used")

		reserved, giveBack, ok = b.Reserve(in(t, stock.Pushes), true)
		require.True(t, ok)
		assert.Equal(t, time.Second, time.Since(begin))
		giveBack()
		giveBack()
		_, err = b.Take(in(t, stock.Pushes))
		require.NoError(t, err)
		assert.Equal(t, time.Second, time.Since(begin), "it was given back")
		_, err = b.Take(reserved)
		require.NoError(t, err)
		assert.Equal(t, 1500*time.Millisecond, time.Since(begin), "once")
		assert.EqualValues(t, 5, b.State().Lanes[stock.Pushes].Granted)
	})
}

// Who does not wait takes no turn of those who do, and leaves what less urgent lanes leave.
func TestReserveWithoutWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := budget.NewRate(2, 2)
		for range 2 {
			_, err := b.Take(in(t, stock.Pushes))
			require.NoError(t, err)
		}
		done := make(chan error)
		go func() {
			_, err := b.Take(in(t, stock.ConfirmingReads))
			done <- err
		}()
		time.Sleep(499 * time.Millisecond)
		synctest.Wait()
		_, _, ok := b.Reserve(in(t, stock.Causes), false)
		assert.False(t, ok)
		require.NoError(t, <-done)
		time.Sleep(550 * time.Millisecond)
		_, _, ok = b.Reserve(in(t, stock.Sweeps), false)
		assert.False(t, ok, "it leaves a reserve")
		_, giveBack, ok := b.Reserve(in(t, stock.UrgentPushes), false)
		assert.True(t, ok)
		giveBack()
		other := budget.NewRate(2, 2)
		reserved, _, ok := other.Reserve(in(t, stock.Pushes), false)
		require.True(t, ok)
		_, err := b.Take(reserved)
		require.NoError(t, err)
		_, err = other.Take(reserved)
		require.NoError(t, err)
		assert.EqualValues(t, 1, other.State().Lanes[stock.Pushes].Granted, "a turn is that of its account")

		ended, cancel := context.WithCancel(in(t, stock.Pushes))
		cancel()
		for _, wait := range []bool{true, false} {
			_, giveBack, ok := b.Reserve(ended, wait)
			assert.False(t, ok)
			giveBack()
		}
	})
}
