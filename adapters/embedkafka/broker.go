package embedkafka

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/twmb/franz-go/pkg/kfake"
)

// Broker is a running broker that owns one directory. Its methods are safe for
// concurrent use.
type Broker struct {
	opts   Options
	faults *faultLog
	unlock func() error
	socket socket

	// mu guards cluster: a kfake call after Close would block for ever, so
	// calls hold it for reading and Close for writing.
	mu      sync.RWMutex
	cluster *kfake.Cluster
}

// Open locks the directory, loads what it holds and starts the broker. It
// returns ErrLocked if the directory has another owner. Loading takes about
// 0.6 s per GB of log.
func Open(opts Options) (*Broker, error) {
	if opts.Dir == "" {
		return nil, errors.New("opening broker: no directory given")
	}
	opts = opts.withDefaults()
	dir, err := filepath.Abs(opts.Dir)
	if err != nil {
		return nil, fmt.Errorf("opening broker: %w", err)
	}
	opts.Dir = dir
	unlock := func() error { return nil }
	if !opts.Locked {
		if unlock, err = Lock(dir); err != nil {
			return nil, fmt.Errorf("opening broker: %w", err)
		}
	}
	b := &Broker{opts: opts, unlock: unlock, faults: newFaultLog(opts)}
	if err := b.start(); err != nil {
		return nil, errors.Join(fmt.Errorf("starting broker in %s: %w", dir, err), b.socket.remove(), unlock())
	}
	return b, nil
}

// Lock owns a directory as Open does, without loading it or starting a broker:
// for work on what lies beside it. It returns ErrLocked if the directory has
// another owner; release gives it up.
func Lock(dir string) (release func() error, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("creating broker directory: %w", err)
	}
	lock, err := lockDir(dir)
	if err != nil {
		return nil, err
	}
	return lock.release, nil
}

func (b *Broker) start() error {
	if err := b.socket.choose(b.opts.Dir); err != nil {
		return err
	}
	cluster, err := kfake.NewCluster(
		kfake.NumBrokers(1),
		kfake.ListenFn(func(_, _ string) (net.Listener, error) { return b.socket.listen() }),
		kfake.DataDir(filepath.Join(b.opts.Dir, "log")),
		kfake.SyncWrites(),
		// Taken only when the directory is new; afterwards the stored id
		// wins, so clients can tell a recreated broker from a restarted one.
		kfake.ClusterID("evenstock-"+rand.Text()),
		kfake.BrokerConfigs(map[string]string{
			"log.retention.ms":    "-1",
			"log.retention.bytes": "-1",
			"log.segment.bytes":   strconv.Itoa(segmentBytes),
			// kfake forgets the offsets of an idle group after 7 days. A
			// lane that is idle for a month must not start over: 10 years.
			"offsets.retention.minutes": strconv.Itoa(10 * 365 * 24 * 60),
		}),
		kfake.WithLogger(b.faults),
	)
	if err != nil {
		return err
	}
	refuseRetention(cluster)
	b.faults.loaded()
	b.cluster = cluster
	return nil
}

// Dial connects to the broker. Network and address are ignored: there is only
// one place to go. It fits kafka clients that take a dial function.
func (b *Broker) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", b.socket.path)
	if err != nil {
		return nil, fmt.Errorf("dialing embedded broker: %w", err)
	}
	return conn, nil
}

// Addr is the address that the broker advertises, for use with Dial.
func (b *Broker) Addr() string { return Addr }

// Close stops the broker, writes its state and releases the directory. Open
// connections are cut. It is idempotent.
func (b *Broker) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.cluster == nil {
		return nil
	}
	b.cluster.Close()
	b.cluster = nil
	return errors.Join(b.socket.remove(), b.unlock())
}

// withCluster runs fn while the cluster is certain to stay open.
func (b *Broker) withCluster(fn func(*kfake.Cluster) error) error {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if b.cluster == nil {
		return ErrClosed
	}
	return fn(b.cluster)
}

// lockName is the file in a directory that says who owns it.
const lockName = "lock"

// Erase removes everything that a broker kept in a directory, but for the lock, which the caller holds.
func Erase(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, entry := range entries {
		if entry.Name() != lockName {
			err = errors.Join(err, os.RemoveAll(filepath.Join(dir, entry.Name())))
		}
	}
	return err
}
