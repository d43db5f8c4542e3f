package client

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

const (
	// socketPathMax is what Unix systems take at the least (macOS: 104 bytes with the terminator).
	socketPathMax = 100
	// dialTimeout bounds the wait for a serve that does not answer on its socket.
	dialTimeout = 2 * time.Second
)

// ErrNoServe: nobody listens on the socket.
var ErrNoServe = errors.New("no evenstock serve is running on this data folder")

// SocketPath is where the serve of a data folder listens for commands: in the folder, or for very long paths in a private folder of
// the system's temporary folder that is named after it.
func SocketPath(data string) (string, error) {
	data, err := filepath.Abs(data)
	if err != nil {
		return "", fmt.Errorf("finding the data folder: %w", err)
	}
	path := filepath.Join(data, "control.sock")
	if len(path) <= socketPathMax {
		return path, nil
	}
	sum := sha256.Sum256([]byte(data))
	folder := filepath.Join(os.TempDir(), "evenstock-"+hex.EncodeToString(sum[:8]))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("creating the control socket's folder: %w", err)
	}
	// Anybody may make folders there: one that others can write to might hold their socket.
	info, err := os.Lstat(folder)
	if err != nil {
		return "", fmt.Errorf("looking at the control socket's folder: %w", err)
	}
	if !info.IsDir() || info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("the control socket's folder %s is open to others", folder)
	}
	return filepath.Join(folder, "control.sock"), nil
}

// DialServe returns a client of the serve that owns a data folder, or ErrNoServe.
func DialServe(ctx context.Context, data string) (*Client, error) {
	path, err := SocketPath(data)
	if err != nil {
		return nil, err
	}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		conn, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, "unix", path)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNoServe, err)
		}
		return conn, nil
	}
	probe, err := dial(ctx, "", "")
	if err != nil {
		return nil, ErrNoServe
	}
	if err := probe.Close(); err != nil {
		return nil, fmt.Errorf("looking for a serve: %w", err)
	}
	return New(&http.Transport{DialContext: dial}, "http://evenstock"), nil
}
