package embedkafka

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
)

// socket is the Unix socket that clients dial. It lies in the broker's
// directory unless that path is too long for the kernel, in which case it lies
// in a private temporary directory that is removed on Close.
type socket struct {
	path    string
	tempDir string
}

// choose picks the path and clears what a killed process left there. The
// caller holds the directory lock, so a file at the path has no owner.
func (s *socket) choose(dir string) error {
	s.path = filepath.Join(dir, "broker.sock")
	if len(s.path) > maxSocketPath {
		temp, err := os.MkdirTemp("", "evenstock-") // created with mode 0700
		if err != nil {
			return fmt.Errorf("creating socket directory: %w", err)
		}
		s.tempDir, s.path = temp, filepath.Join(temp, "broker.sock")
		if len(s.path) > maxSocketPath {
			return fmt.Errorf("socket path %s is longer than %d bytes: set TMPDIR to a shorter one", s.path, maxSocketPath)
		}
	}
	if err := os.Remove(s.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing stale socket: %w", err)
	}
	return nil
}

func (s *socket) listen() (net.Listener, error) {
	ln, err := net.Listen("unix", s.path)
	if err != nil {
		return nil, fmt.Errorf("listening on socket: %w", err)
	}
	// The directory is 0700, so nobody else can connect before this.
	if err := os.Chmod(s.path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("restricting socket: %w", err), ln.Close())
	}
	return advertised{ln}, nil
}

func (s *socket) remove() error {
	if s.tempDir == "" {
		return nil // closing the listener has unlinked the socket
	}
	return os.RemoveAll(s.tempDir)
}

// advertised is a listener that says it listens on Addr, because kfake tells
// clients to connect to whatever its listener's address is and needs a host
// and a port.
type advertised struct{ net.Listener }

func (advertised) Addr() net.Addr { return advertisedAddr{} }

type advertisedAddr struct{}

func (advertisedAddr) Network() string { return "tcp" }
func (advertisedAddr) String() string  { return Addr }
