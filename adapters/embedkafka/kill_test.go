package embedkafka

import (
	"bufio"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestKilledBrokerKeepsWhatItAcknowledged kills a broker and its producers,
// with SIGKILL and in the middle of writing, several times over, and looks for
// every record that was acknowledged.
func TestKilledBrokerKeepsWhatItAcknowledged(t *testing.T) {
	const lives, recordsPerLife = 5, 300
	dir := t.TempDir()
	var acked []string
	for life := range lives {
		acked = append(acked, liveAndDie(t, dir, life, recordsPerLife)...)
	}
	require.GreaterOrEqual(t, len(acked), lives*recordsPerLife)

	for _, when := range []string{"after the crash", "after a clean restart"} {
		b, client := open(t, dir)
		kept := make(map[string]int)
		for p := range killPartitions {
			for _, id := range values(t, b, client, killTopic, p, 0) {
				kept[id]++
			}
		}
		lost := 0
		for _, id := range acked {
			if kept[id] != 1 {
				lost++
			}
		}
		require.Zero(t, lost, "%s: of %d acknowledged records these many are not there exactly once", when, len(acked))
		t.Logf("%s: %d acknowledged, %d kept, %d repairs", when, len(acked), len(kept), b.Repairs())
		require.NoError(t, b.Close())
	}
}

func liveAndDie(t *testing.T, dir string, life, records int) []string {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir, "EMBEDKAFKA_TEST_LIFE="+strconv.Itoa(life))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	var acked []string
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		acked = append(acked, lines.Text())
		if len(acked) == records {
			require.NoError(t, cmd.Process.Kill())
		}
	}
	require.GreaterOrEqual(t, len(acked), records, "the child ended before it was killed")
	require.Error(t, cmd.Wait(), "it was killed")
	return acked
}
