package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/ledgertest"
	"github.com/evenstock/evenstock/ledger/sqlite"
	"github.com/evenstock/evenstock/ledger/stock"
)

// victimFolder names the variable under which the test binary, run again, is the process to be killed.
const victimFolder = "EVENSTOCK_KILL_TEST_LEDGER"

func TestMain(m *testing.M) {
	if folder := os.Getenv(victimFolder); folder != "" {
		if err := victim(folder); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// victim applies batches for ever, from the stored offset on, and prints each offset whose batch was acknowledged.
func victim(folder string) error {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, sqlite.Options{Folder: folder})
	if err != nil {
		return err
	}
	offsets, err := s.Cursors(ctx, "events")
	if err != nil {
		return err
	}
	for next := offsets[0]; ; next++ {
		batch := ledger.Batch{At: noon.Add(time.Duration(next) * time.Second), Cursor: &ledger.Cursor{Topic: "events", From: next, Next: next + 1}}
		for i := range 20 {
			batch.Inputs = append(batch.Inputs, ledgertest.Read(till, stock.Quantity(next*20+int64(i)+1)*stock.Unit, batch.At))
		}
		if _, err := s.Apply(ctx, ledgertest.Step, batch); err != nil {
			return err
		}
		fmt.Println(next)
	}
}

// TestKilledAnywhere kills a process that applies batches, ten times on one file. Whatever it acknowledged is there, whole
// batches only, and the ledger verifies.
func TestKilledAnywhere(t *testing.T) {
	t.Parallel()
	const kills = 12
	folder := t.TempDir()
	s := open(t, folder)
	_, err := s.Apply(t.Context(), ledgertest.Step, ledger.Batch{At: noon, Inputs: []ledger.Input{ledgertest.Link(till, shelf, ""), ledgertest.Baseline(till, 0, noon)}})
	require.NoError(t, err)
	random := newDice(t)
	for range kills {
		acknowledged := runAndKill(t, folder, random.IntN(12), time.Duration(random.IntN(3000))*time.Microsecond)
		offsets, err := s.Cursors(t.Context(), "events")
		require.NoError(t, err)
		require.Greater(t, offsets[0], acknowledged, "an acknowledged batch is gone")
		require.LessOrEqual(t, offsets[0], acknowledged+2, "more is there than one batch beyond the acknowledged")
		r, err := s.Ref(t.Context(), till)
		require.NoError(t, err)
		require.Equal(t, stock.Units(20*offsets[0]), r.Level)
		report, err := s.Verify(t.Context(), nil)
		require.NoError(t, err)
		require.True(t, report.Clean(), "%v", report.Faults)
		require.EqualValues(t, 2+20*offsets[0], report.Entries)
	}
}

// runAndKill lets a process acknowledge a number of batches, kills it a moment later and returns the last acknowledged
// offset.
func runAndKill(t *testing.T, folder string, batches int, moment time.Duration) int64 {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0])
	command.Env = append(os.Environ(), victimFolder+"="+folder)
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	last, lines := int64(-1), bufio.NewScanner(out)
	for n := 0; lines.Scan(); n++ {
		if last, err = strconv.ParseInt(strings.TrimSpace(lines.Text()), 10, 64); err != nil {
			break
		}
		if n == batches {
			// Killing at a random moment is the point; nothing waits for this timer.
			time.AfterFunc(moment, func() { _ = command.Process.Kill() })
		}
	}
	require.Error(t, command.Wait(), "the process ends by being killed")
	require.NoError(t, err)
	return last
}
