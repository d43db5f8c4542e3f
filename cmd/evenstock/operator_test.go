package main

import (
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/evenstock/evenstock/config"
)

// An action may take far longer than a webhook: no deadline of the server may cut it.
func TestLongActionsAreNotCut(t *testing.T) {
	t.Parallel()
	server := controlServer(&runtime{})
	if server.WriteTimeout != 0 || server.ReadTimeout != 0 || server.ReadHeaderTimeout == 0 {
		t.Errorf("read %v, write %v, header %v", server.ReadTimeout, server.WriteTimeout, server.ReadHeaderTimeout)
	}
}

func TestControlSocketOfALongPath(t *testing.T) {
	t.Parallel()
	short, err := controlSocket(&config.Config{Data: t.TempDir()})
	must(t, err)
	long, err := controlSocket(&config.Config{Data: filepath.Join(t.TempDir(), strings.Repeat("long", 50))})
	must(t, err)
	for _, path := range []string{short, long} {
		if len(path) > socketPathMax {
			t.Errorf("%s has %d bytes", path, len(path))
		}
	}
	listener, err := net.Listen("unix", long)
	must(t, err)
	must(t, listener.Close())
}
