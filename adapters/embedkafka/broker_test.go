package embedkafka

import (
	"bytes"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
)

func open(t testing.TB, dir string) (*Broker, *kafkago.Client) {
	t.Helper()
	b, err := Open(Options{Dir: dir, MinFreeBytes: -1})
	require.NoError(t, err)
	client := newClient(b)
	t.Cleanup(func() {
		client.Transport.(*kafkago.Transport).CloseIdleConnections()
		require.NoError(t, b.Close())
	})
	return b, client
}

func TestRestartResumes(t *testing.T) {
	dir := t.TempDir()
	b, client := open(t, dir)
	require.NoError(t, createTopic(client, "events", 2))
	for i := range 10 {
		offset, err := produce(client, "events", 1, fmt.Sprint(i))
		require.NoError(t, err)
		require.EqualValues(t, i, offset)
	}
	meta, err := client.Metadata(t.Context(), &kafkago.MetadataRequest{})
	require.NoError(t, err)
	require.NoError(t, b.Close())
	require.NoError(t, b.Close(), "close is idempotent")

	again, client := open(t, dir)
	require.Zero(t, again.Repairs())
	require.Equal(t, []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}, values(t, again, client, "events", 1, 0))
	offset, err := produce(client, "events", 1, "10")
	require.NoError(t, err)
	require.EqualValues(t, 10, offset)
	meta2, err := client.Metadata(t.Context(), &kafkago.MetadataRequest{})
	require.NoError(t, err)
	require.Equal(t, meta.ClusterID, meta2.ClusterID, "a restart is the same cluster")

	other, client := open(t, t.TempDir())
	meta3, err := client.Metadata(t.Context(), &kafkago.MetadataRequest{})
	require.NoError(t, err)
	require.NotEqual(t, meta.ClusterID, meta3.ClusterID, "a new directory is another cluster")
	require.NoError(t, other.Close())
}

func TestSecondOpenIsRefused(t *testing.T) {
	dir := t.TempDir()
	b, _ := open(t, dir)
	_, err := Open(Options{Dir: dir})
	require.ErrorIs(t, err, ErrLocked)
	require.ErrorContains(t, err, dir)
	require.NoError(t, b.Close())
	again, err := Open(Options{Dir: dir})
	require.NoError(t, err, "close releases the lock")
	require.NoError(t, again.Close())
}

func TestSocket(t *testing.T) {
	for name, dir := range map[string]string{
		"short path": filepath.Join(t.TempDir(), "b"),
		"long path":  filepath.Join(t.TempDir(), strings.Repeat("long", 30)),
	} {
		t.Run(name, func(t *testing.T) {
			b, client := open(t, dir)
			require.NoError(t, createTopic(client, "events", 1))
			info, err := os.Stat(b.socket.path)
			require.NoError(t, err)
			require.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
			parent, err := os.Stat(filepath.Dir(b.socket.path))
			require.NoError(t, err)
			require.Equal(t, fs.FileMode(0o700), parent.Mode().Perm())
			require.NoError(t, b.Close())
			require.NoFileExists(t, b.socket.path)
			if b.socket.tempDir != "" {
				require.NoDirExists(t, b.socket.tempDir)
			}
			_, err = b.Dial(t.Context(), "", "")
			require.Error(t, err)
		})
	}
}

func TestStaleSocketIsReplaced(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "broker.sock"), nil, 0o600))
	_, client := open(t, dir)
	require.NoError(t, createTopic(client, "events", 1))
}

func TestCallsAfterClose(t *testing.T) {
	b, _ := open(t, t.TempDir())
	require.NoError(t, b.Close())
	_, err := b.Trim("events", 0, 1)
	require.ErrorIs(t, err, ErrClosed)
	_, err = b.Partitions("events")
	require.ErrorIs(t, err, ErrClosed)
	require.ErrorIs(t, b.Health(), ErrClosed)
}

func TestHealth(t *testing.T) {
	now := time.Unix(1000, 0)
	var log bytes.Buffer
	b, err := Open(Options{
		Dir: t.TempDir(), MinFreeBytes: 1, FaultHold: time.Minute,
		Logger: slog.New(slog.NewTextHandler(&log, nil)), Now: func() time.Time { return now },
	})
	require.NoError(t, err)
	t.Cleanup(func() { _ = b.Close() })
	require.NoError(t, b.Health())

	b.faults.Logf(kfake.LogLevelWarn, "consumerHeartbeatLate: group=%s", "g")
	b.faults.Logf(kfake.LogLevelInfo, "persist nothing")
	require.NoError(t, b.Health(), "neither late clients nor information are faults")

	for _, line := range []string{
		"persist batch events-0: no space left on device",
		"partition events-0 segment 0: truncating 17 corrupt bytes",
		"groups.log: discarding 3 corrupt trailing bytes",
		"rebuildSegments events-0: write: i/o error",
		"save session state: i/o error",
	} {
		before := b.Faults()
		b.faults.Logf(kfake.LogLevelWarn, "%s", line)
		require.Equal(t, before+1, b.Faults(), line)
		require.ErrorIs(t, b.Health(), ErrFault)
		require.ErrorContains(t, b.Health(), line)
		require.Contains(t, log.String(), line)
	}
	now = now.Add(time.Minute)
	require.NoError(t, b.Health(), "a fault is held for a while")
	require.Equal(t, 5, b.Faults(), "and counted for ever")
}

func TestDiskWatermark(t *testing.T) {
	b, err := Open(Options{Dir: t.TempDir(), MinFreeBytes: 1 << 60})
	require.NoError(t, err)
	t.Cleanup(func() { _ = b.Close() })
	require.ErrorIs(t, b.Health(), ErrDiskLow)
	free, total, err := b.DiskSpace()
	require.NoError(t, err)
	require.Positive(t, free)
	require.GreaterOrEqual(t, total, free)
}

// A torn tail, such as a kill in the middle of a write leaves, is cut and
// reported, and what was before it is kept.
func TestTornTailIsRepaired(t *testing.T) {
	dir := t.TempDir()
	b, client := open(t, dir)
	require.NoError(t, createTopic(client, "events", 1))
	for i := range 3 {
		_, err := produce(client, "events", 0, fmt.Sprint(i))
		require.NoError(t, err)
	}
	require.NoError(t, b.Close())
	segments, err := filepath.Glob(filepath.Join(dir, "log", "*", "*", "*.dat"))
	if len(segments) == 0 {
		segments, err = filepath.Glob(filepath.Join(dir, "log", "*", "*.dat"))
	}
	require.NoError(t, err)
	require.Len(t, segments, 1)
	f, err := os.OpenFile(segments[0], os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = f.WriteString("half a batch")
	require.NoError(t, err)
	require.NoError(t, f.Close())

	again, client := open(t, dir)
	require.Equal(t, 1, again.Repairs())
	require.NoError(t, again.Health(), "a repair is not a fault of the running broker")
	require.Equal(t, []string{"0", "1", "2"}, values(t, again, client, "events", 0, 0))
}
