package api

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/user"
	"strconv"
	"sync"
	"time"
)

// ListenSocket opens the Unix socket on which a serve answers commands, for this user only. The caller owns the data folder, so a
// socket file that is there is a dead process's.
func ListenSocket(path string) (net.Listener, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("removing the old control socket: %w", err)
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("opening the control socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("protecting the control socket: %w", err), listener.Close())
	}
	return listener, nil
}

const (
	// headerTimeout bounds how long a caller may take to say what it wants, idleTimeout how long it may say nothing.
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	headerMax     = 64 << 10
)

// SocketServer serves the operations on the socket. The caller is the user at the other end, as the system knows them. How long an
// answer takes is not limited: a tail may take for ever. It ends when the server is shut down, which waits for all other answers.
func SocketServer(handler http.Handler) *http.Server {
	stopping := make(chan struct{})
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: headerMax,
		ConnContext: func(ctx context.Context, conn net.Conn) context.Context {
			return context.WithValue(WithCaller(ctx, LocalCaller(peerName(conn))), stoppingKey{}, stopping)
		},
	}
	server.RegisterOnShutdown(sync.OnceFunc(func() { close(stopping) }))
	return server
}

type stoppingKey struct{}

// untilStopping ends a context when the server that it comes from is shut down.
func untilStopping(ctx context.Context) (context.Context, context.CancelFunc) {
	stopping, _ := ctx.Value(stoppingKey{}).(chan struct{}) // nil in process: says nothing for ever
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-stopping:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// peerName is the name of the user at the other end of a socket. Only this user and the system's administrator can open it, so where
// the system does not say who it is, it is taken for this user.
func peerName(conn net.Conn) string {
	uid, err := peerUID(conn)
	if err != nil {
		uid = os.Getuid()
	}
	return UserName(uid)
}

// UserName is how the ledger writes a local user down: by name, or by number where the system has no name for them.
func UserName(uid int) string {
	known, err := user.LookupId(strconv.Itoa(uid))
	if err != nil {
		return "uid " + strconv.Itoa(uid)
	}
	return known.Username
}
