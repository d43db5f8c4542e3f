package api

import (
	"errors"
	"fmt"
	"net"

	"golang.org/x/sys/unix"
)

// peerUID asks the kernel who connected (SO_PEERCRED, unix(7)).
func peerUID(conn net.Conn) (uid int, err error) {
	socket, ok := conn.(*net.UnixConn)
	if !ok {
		return 0, fmt.Errorf("asking who connected: %T is no Unix socket", conn)
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return 0, fmt.Errorf("asking who connected: %w", err)
	}
	var credentials *unix.Ucred
	var askErr error
	err = raw.Control(func(fd uintptr) {
		credentials, askErr = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	})
	if err := errors.Join(err, askErr); err != nil {
		return 0, fmt.Errorf("asking who connected: %w", err)
	}
	return int(credentials.Uid), nil
}
