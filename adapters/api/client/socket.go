package client

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

const (
	// socketPathMax is what Unix systems take at the least (macOS: 104 bytes with the terminator).
	socketPathMax = 100
	// dialTimeout bounds the wait for a serve that takes no calls any more.
	dialTimeout = 2 * time.Second
	// answerTimeout bounds the wait for a serve that takes calls and does not answer. It answers this one from memory.
	answerTimeout = 5 * time.Second
)

var (
	// ErrNoServe: nobody listens on the socket.
	ErrNoServe = errors.New("no evenstock serve is running on this data folder")
	// ErrSilent: somebody listens and says nothing: a serve that is stopped, or hangs.
	ErrSilent = errors.New("the evenstock serve on this data folder does not answer")
	// errClosed: it is not known whether somebody listens.
	errClosed = errors.New("the data folder's socket is another user's")
)

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

// DialServe returns a client of the serve that owns a data folder and answers, or else ErrNoServe or ErrSilent.
func DialServe(ctx context.Context, data string) (*Client, error) {
	return dialServe(ctx, data, answerTimeout)
}

func dialServe(ctx context.Context, data string, patience time.Duration) (*Client, error) {
	path, err := SocketPath(data)
	if err != nil {
		return nil, err
	}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		conn, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, "unix", path)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", absence(err), err)
		}
		return conn, nil
	}
	c := New(&http.Transport{DialContext: dial}, "http://evenstock")
	if err := c.hello(ctx, patience); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// hello returns when the server has answered, whatever it says: a listener says nothing about who is behind it.
func (c *Client) hello(ctx context.Context, patience time.Duration) error {
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(waiting, http.MethodHead, c.base, nil)
	if err != nil {
		return fmt.Errorf("looking for a serve: %w", err)
	}
	res, err := c.http.Do(req)
	switch {
	case err == nil:
		return res.Body.Close()
	case ctx.Err() != nil:
		return ctx.Err()
	case waiting.Err() != nil:
		return fmt.Errorf("%w, for %v", ErrSilent, patience)
	case errors.Is(err, ErrSilent), errors.Is(err, errClosed):
		return err
	}
	return ErrNoServe // or one that ends just now
}

// absence says what it means that a call to the socket failed. Where so many calls wait already that the system takes no more, somebody
// listens and takes none.
func absence(err error) error {
	var slow interface{ Timeout() bool }
	switch {
	case errors.Is(err, syscall.EAGAIN), errors.As(err, &slow) && slow.Timeout():
		return ErrSilent
	case errors.Is(err, fs.ErrPermission):
		return errClosed
	}
	return ErrNoServe
}
