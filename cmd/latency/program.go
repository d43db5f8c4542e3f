package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	// readyMax is how long a serve may take to begin, stopMax to end before it is killed.
	readyMax, stopMax = 30 * time.Second, 15 * time.Second
	// commandMax is how long a command may take.
	commandMax = 10 * time.Minute
	// readyPoll is how often it is asked whether it has begun.
	readyPoll = 50 * time.Millisecond
	// complaintMax is how much of what a command complained is passed on, in bytes.
	complaintMax = 600
)

// program is a binary that serves in a folder.
type program struct {
	path, dir, listen string
	serve             *exec.Cmd
	log               *os.File
	// gone is closed when the serve has ended.
	gone chan struct{}
}

// freeAddress is a loopback address on which nobody listens.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("finding a free port: %w", err)
	}
	return listener.Addr().String(), listener.Close()
}

// start runs serve in a folder that holds its configuration, and returns when it is ready. Stop it.
func start(ctx context.Context, path, dir, listen string) (*program, error) {
	p := &program{path: path, dir: dir, listen: listen, gone: make(chan struct{})}
	var err error
	if p.log, err = os.Create(filepath.Join(dir, "serve.log")); err != nil {
		return nil, fmt.Errorf("creating the log: %w", err)
	}
	p.serve = exec.Command(path, "serve") // not bound to ctx: stop ends it gently
	p.serve.Dir, p.serve.Env, p.serve.Stdout, p.serve.Stderr = dir, environment(), p.log, p.log
	if err := p.serve.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("starting serve: %w", err), p.log.Close())
	}
	go func() {
		defer close(p.gone)
		_ = p.serve.Wait() // how it ended is in its log
	}()
	if err := p.ready(ctx); err != nil {
		p.stop()
		return nil, fmt.Errorf("%s serve: %w: %s", path, err, p.logged())
	}
	return p, nil
}

// environment is ours without what would configure the binary.
func environment() []string {
	var kept []string
	for _, setting := range os.Environ() {
		if !strings.HasPrefix(setting, "EVENSTOCK_") {
			kept = append(kept, setting)
		}
	}
	return kept
}

func (p *program) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyMax)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.listen+"/readyz", nil)
		if err != nil {
			return err
		}
		if resp, err := http.DefaultClient.Do(req); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-p.gone:
			return errors.New("it ended by itself")
		case <-ctx.Done():
			return fmt.Errorf("it did not get ready: %w", ctx.Err())
		case <-time.After(readyPoll):
		}
	}
}

// logged is the end of the log.
func (p *program) logged() string {
	text, err := os.ReadFile(p.log.Name())
	if err != nil {
		return err.Error()
	}
	return tail(text)
}

func tail(text []byte) string { return string(bytes.TrimSpace(text[max(0, len(text)-complaintMax):])) }

// stop ends the serve.
func (p *program) stop() {
	defer p.log.Close()
	_ = p.serve.Process.Signal(syscall.SIGTERM) // an error means that it is gone
	select {
	case <-p.gone:
	case <-time.After(stopMax):
		_ = p.serve.Process.Kill()
		<-p.gone
	}
}

// do runs a command of the binary beside its serve and returns what it printed.
func (p *program) do(ctx context.Context, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, commandMax)
	defer cancel()
	var out, complaints bytes.Buffer
	cmd := exec.CommandContext(ctx, p.path, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = p.dir, environment(), &out, &complaints
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s %s: %w: %s", p.path, strings.Join(args, " "), err, tail(complaints.Bytes()))
	}
	return out.Bytes(), nil
}

// link ties the shops' articles to each other, as the binary itself suggests.
func (p *program) link(ctx context.Context) error {
	links, err := p.do(ctx, "link", "suggest")
	if err != nil {
		return err
	}
	const file = "links.csv"
	if err := os.WriteFile(filepath.Join(p.dir, file), links, 0o600); err != nil {
		return fmt.Errorf("writing the link file: %w", err)
	}
	_, err = p.do(ctx, "link", "import", file)
	return err
}

// baseline takes the first counts, by the till, and returns when it is done. Builds that ask a person whether so much is meant
// are told so.
func (p *program) baseline(ctx context.Context) error {
	args := []string{"baseline", "apply", "--authority", "till"}
	help, err := p.do(ctx, "baseline", "apply", "--help")
	if err != nil {
		return err
	}
	if bytes.Contains(help, []byte(" --yes ")) {
		args = append(args, "--yes")
	}
	_, err = p.do(ctx, args...)
	return err
}

// The kinds of sweeps: of what changed lately, and of everything.
const recentSweep, fullSweep = "recent", "full"

// sweep sweeps once, the channel named or all, and returns when it is done.
func (p *program) sweep(ctx context.Context, kind string, channel ...string) error {
	args := []string{"reconcile", "run", "--kind", kind}
	for _, name := range channel {
		args = append(args, "--channel", name)
	}
	_, err := p.do(ctx, args...)
	return err
}
