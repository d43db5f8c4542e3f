package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/api"
	"github.com/evenstock/evenstock/adapters/sandbox/shopify"
	"github.com/evenstock/evenstock/adapters/sandbox/square"
	"github.com/evenstock/evenstock/cmd/evenstock/cli"
	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/sync/health"
)

const standingBy = "stands by: another process works on the ledger"

// serves is several serves on one ledger, behind a proxy that shops deliver to.
type serves struct {
	s     *stage
	nodes []*server
	turn  atomic.Int64
}

// server is one of them.
type server struct {
	*child
	s            *stage
	listen, data string
}

// fleet starts serves one after the other, so that the first is the one that works.
func (s *stage) fleet(size int) *serves {
	s.t.Helper()
	f := &serves{s: s}
	var err error
	s.cfg, err = config.Load(s.cfgPath, s.getenv, nil)
	must(s.t, err)
	for i := range size {
		listener := listen(s.t)
		n := &server{s: s, listen: listener.Addr().String(), data: filepath.Join(filepath.Dir(s.cfgPath), fmt.Sprint("data", i))}
		must(s.t, listener.Close())
		if i == 0 {
			n.data = s.cfg.Data // commands go to this one
		}
		f.nodes = append(f.nodes, n)
		n.start()
	}
	front := &http.Server{Handler: f, ReadHeaderTimeout: time.Second}
	listener, err := net.Listen("tcp", strings.TrimPrefix(s.hooks, "http://")) // what Square signs names it
	must(s.t, err)
	go func() { _ = front.Serve(listener) }()
	s.t.Cleanup(func() { _ = front.Close() })
	store, err := readStore(s.t.Context(), s.cfg, s.getenv)
	must(s.t, err)
	s.runtime = &runtime{store: store}
	s.t.Cleanup(func() { _ = store.Close() })
	return f
}

func (n *server) start() {
	n.s.t.Helper()
	n.child = n.s.child("", "--data", n.data, "--listen", n.listen, "serve")
	n.s.within("a serve to serve", n.serving)
}

func (n *server) signal(sig os.Signal) error { return n.command.Process.Signal(sig) }

// stop interrupts a serve, which ends well and in time.
func (n *server) stop() (took time.Duration) {
	n.s.t.Helper()
	since := time.Now()
	must(n.s.t, n.signal(syscall.SIGTERM))
	n.s.within("the end of an interrupted serve", n.ended)
	require.Equal(n.s.t, cli.ExitOK, n.command.ProcessState.ExitCode())
	return time.Since(since)
}

// ServeHTTP hands a delivery to each in turn, and to the next one where that does not take it, as proxies do.
func (f *serves) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	first := int(f.turn.Add(1))
	for i := range f.nodes {
		n := f.nodes[(first+i)%len(f.nodes)]
		ctx, cancel := context.WithTimeout(req.Context(), 2*time.Second)
		var status int
		if err == nil {
			status, err = attempt(ctx, "http://"+n.listen+req.URL.Path, req.Header, body)
		}
		cancel()
		if err == nil && status != http.StatusServiceUnavailable {
			w.WriteHeader(status)
			return
		}
		err = nil
	}
	w.WriteHeader(http.StatusServiceUnavailable)
}

// roles are what the serves say that they do; "gone": it does not say.
func (f *serves) roles() []string {
	roles := make([]string, len(f.nodes))
	for i, n := range f.nodes {
		roles[i] = n.role()
	}
	return roles
}

func (n *server) role() string {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+n.listen+"/readyz", nil)
	must(n.s.t, err)
	res, err := sender.Do(req)
	if err != nil {
		return "gone"
	}
	defer res.Body.Close()
	var answer api.Readiness
	if json.NewDecoder(res.Body).Decode(&answer) != nil {
		return "gone"
	}
	i := slices.IndexFunc(answer.Checks, func(c health.Check) bool { return c.Code == health.CodeRole })
	if i < 0 {
		return "gone"
	}
	return answer.Checks[i].Detail
}

// awaitWorker returns which one works, as soon as another one than before does.
func (f *serves) awaitWorker(before int) (works int) {
	f.s.t.Helper()
	f.s.eventually("another one to work", func() string {
		for i, n := range f.nodes {
			if i != before && n.role() == "works on the ledger" {
				works = i
				return ""
			}
		}
		return fmt.Sprint(f.roles())
	})
	return works
}

// Three serves are killed, stopped and restarted in turn while both shops sell: somebody takes over in time, webhooks are taken in all the
// time, and in the end every sale was booked once and both shops are even.
func TestRollingOnCluster(t *testing.T) {
	t.Parallel()
	const takeOver, stopLimit = 10 * time.Second, 20 * time.Second
	seed := seedOf(t)
	s := newStage(t, stageOptions{cluster: true, square: square.Options{Seed: seed, RetryScale: 0.01}, shopify: shopify.Options{RetryScale: 0.01}})
	var goods []item
	for i := range 4 {
		goods = append(goods, s.sells(fmt.Sprint("TEE-", i), 5_000, 5_000))
	}
	f := s.fleet(3)
	s.open()
	for _, i := range goods {
		s.even(i, "5000")
	}
	load := s.load(goods, seed)
	entries, since := s.entries(), time.Now()
	rate := func(what string) {
		now := s.entries()
		t.Logf("%-40s %5.1f entries/s", what, float64(now-entries)/time.Since(since).Seconds())
		entries, since = now, time.Now()
	}
	wait(t.Context(), 3*time.Second)
	rate("before")
	works := 0
	for range 2 {
		killed := time.Now()
		f.nodes[works].kill()
		next := f.awaitWorker(works)
		took := time.Since(killed)
		rate("until the place of a killed one is taken")
		require.Less(t, took, takeOver, "seed %d", seed)
		t.Logf("killed: the next one works after %s", took.Round(time.Millisecond))
		f.nodes[works].start()
		works = next
		wait(t.Context(), 2*time.Second)
		rate("after a kill")
	}
	for i, n := range f.nodes { // a roll ends and starts each one, whatever it does
		took := n.stop()
		require.Less(t, took, stopLimit)
		n.start()
		t.Logf("rolled %d: stopped within %s", i, took.Round(time.Millisecond))
		rate("while one is rolled")
	}
	wait(t.Context(), 2*time.Second)
	rate("after the roll")
	tills, webs := load()
	works = f.awaitWorker(-1)
	sold := 0
	for n, i := range goods {
		s.even(i, fmt.Sprint(5_000-tills[n]-webs[n]))
		s.explained(i, map[string]string{"opening": "-5000", "sold/till": fmt.Sprint(tills[n]), "sold/web": fmt.Sprint(webs[n])})
		sold += tills[n] + webs[n]
	}
	t.Logf("%d units sold, seed %d", sold, seed)
	require.Zero(t, s.square.Courier().GaveUp()+s.shopify.Courier().GaveUp(), "webhooks that were not taken in")
	require.Contains(t, s.command("--data", f.nodes[works].data, "ledger", "verify"), "follow from them")
}
