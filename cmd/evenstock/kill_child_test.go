package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"hash/fnv"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	goruntime "runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/shopify"
	"github.com/evenstock/evenstock/cmd/evenstock/cli"
	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/stream"
)

// childVariable is set for the test binary when it is run again as evenstock itself.
const childVariable = "EVENSTOCK_KILL_TEST_CHILD"

// atOnce is how many tests run at once on a processor, unless -test.parallel says otherwise: they wait for two readings, for children
// and for pretend shops far more than they work, but for the race detector.
const atOnce = 2

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) == "" {
		if err := flag.Set("test.parallel", fmt.Sprint(atOnce*goruntime.GOMAXPROCS(0))); err != nil {
			panic(err)
		}
		os.Exit(m.Run())
	}
	go func() {
		// Standard input ends with the process that runs the tests, so that no child outlives it.
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(cli.ExitFailed)
	}()
	main()
}

// child is evenstock in a process of its own.
type child struct {
	command *exec.Cmd
	// serving is closed when it has logged that it serves, ended when it is gone and all that it logged is kept.
	serving, ended chan struct{}
}

// child runs the command line in a process of its own. Its log becomes part of the stage's.
func (s *stage) child(failpoint string, args ...string) *child {
	s.t.Helper()
	c := &child{serving: make(chan struct{}), ended: make(chan struct{})}
	c.command = exec.Command(os.Args[0], append([]string{"--config", s.cfgPath}, args...)...)
	c.command.Env = append(os.Environ(), childVariable+"=1", "EVENSTOCK_FAILPOINT="+failpoint)
	_, err := c.command.StdinPipe() // held open while this process lives
	must(s.t, err)
	stderr, err := c.command.StderrPipe()
	must(s.t, err)
	must(s.t, c.command.Start())
	go c.follow(stderr, s.log)
	s.t.Cleanup(c.kill)
	return c
}

// follow keeps what a child logs until it is gone.
func (c *child) follow(stderr io.Reader, log io.Writer) {
	defer close(c.ended)
	reader, serving := bufio.NewReader(stderr), false
	for {
		line, err := reader.ReadString('\n')
		_, _ = io.WriteString(log, line)
		if !serving && strings.Contains(line, "msg=serving") {
			serving = true
			close(c.serving)
		}
		if err != nil {
			break
		}
	}
	_ = c.command.Wait() // how it ended is in ProcessState
}

// kill is kill -9. It returns when the process is gone.
func (c *child) kill() {
	_ = c.command.Process.Kill()
	<-c.ended
}

// within waits for a channel of a child. It is generous: on success nobody waits for it.
func (s *stage) within(what string, done <-chan struct{}) {
	s.t.Helper()
	timer := time.NewTimer(settleTimeout)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
		s.t.Fatalf("%s: not within %s", what, settleTimeout)
	}
}

// served starts a serve and waits until it takes webhooks and commands.
func (s *stage) served() *child {
	s.t.Helper()
	c := s.child("", "serve")
	timer := time.NewTimer(settleTimeout)
	defer timer.Stop()
	select {
	case <-c.serving:
	case <-c.ended:
		s.t.Fatalf("serve ended by itself: %s", c.command.ProcessState)
	case <-timer.C:
		s.t.Fatalf("serve does not serve within %s", settleTimeout)
	}
	return c
}

// killed checks that a child ended by kill -9 and by nothing else, and that the ledger it left verifies.
func (s *stage) killed(c *child) {
	s.t.Helper()
	if status, ok := c.command.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
		s.t.Fatalf("serve ended by itself: %s", c.command.ProcessState)
	}
	store := s.ledger()
	defer store.Close()
	report, err := store.Verify(s.t.Context(), nil)
	must(s.t, err)
	if !report.Clean() {
		s.t.Fatalf("the ledger has %d faults after a kill: %s", report.FaultCount, report.Faults)
	}
}

// ledger opens the ledger for reading, as commands beside a serve do.
func (s *stage) ledger() ledger.Store {
	s.t.Helper()
	store, err := readStore(s.t.Context(), s.cfg, s.getenv)
	must(s.t, err)
	return store
}

// pin moves the webhook address to a port that the system gives to nobody who asks for any: between a kill and the restart
// somebody else would get it.
func (s *stage) pin() {
	s.t.Helper()
	address, name := "", fnv.New32a()
	host, _, err := net.SplitHostPort(strings.TrimPrefix(s.hooks, "http://")) // the stage's own: another stage may come to the same port
	must(s.t, err)
	_, _ = io.WriteString(name, s.cfgPath) // another one in every test
	for port := 20_000 + name.Sum32()%8_000; address == "" && port < 30_000; port++ {
		if listener, err := net.Listen("tcp", net.JoinHostPort(host, fmt.Sprint(port))); err == nil {
			address = listener.Addr().String()
			must(s.t, listener.Close())
		}
	}
	text, err := os.ReadFile(s.cfgPath)
	must(s.t, err)
	text = bytes.ReplaceAll(text, []byte(strings.TrimPrefix(s.hooks, "http://")), []byte(address))
	must(s.t, os.WriteFile(s.cfgPath, text, 0o600))
	s.hooks = "http://" + address
	s.square.SetWebhook(s.hooks+"/hooks/till/AbCdEfGhIjKlMnOp", squareSecret)
	s.shopify.SetWebhook(s.hooks + "/hooks/web/QrStUvWxYz012345")
	s.cfg, err = config.Load(s.cfgPath, s.getenv, nil)
	must(s.t, err)
}

// TestCommandsBesideServe runs commands beside a serve that another process runs: those that read, one that acts, and a
// second serve.
func TestCommandsBesideServe(t *testing.T) {
	t.Parallel()
	s := newStage(t, stageOptions{})
	s.pin()
	tee := s.sells("TEE-M", 10, 10)
	first := s.served()
	s.open()
	second := s.child("", "serve")
	s.within("the refusal of a second serve", second.ended)
	if code := second.command.ProcessState.ExitCode(); code != cli.ExitFailed || !strings.Contains(s.log.String(), "belongs to another evenstock process") {
		t.Errorf("a second serve ended with code %d", code)
	}
	_, err := s.square.Receive(tee.till, stock.Units(20))
	must(t, err)
	must(t, s.shopify.Receive(shopify.StockChange{Item: tee.web, Quantity: 20}))
	s.reason(tee, "50", 1) // which raise is doubted follows from which has a cause
	brake := s.brake("typed in twice")
	for _, read := range [][]string{{"stock"}, {"link", "list"}, {"explain", tee.sku}, {"brakes"}} {
		if out := s.command(read...); !strings.Contains(out, tee.sku) {
			t.Errorf("evenstock %s does not tell of %s:\n%s", read, tee.sku, out)
		}
	}
	for _, read := range [][]string{{"ledger", "verify"}, {"reconcile", "report"}, {"status"}, {"push", "list"}} {
		s.command(read...)
	}
	s.command("brakes", "release", brake)
	s.eventually("the brake released by a running serve", func() string {
		if till, web := s.counts(tee); till != "50" || web != "50" {
			return fmt.Sprintf("till %s, web %s", till, web)
		}
		return ""
	})
	must(t, first.command.Process.Signal(os.Interrupt))
	s.within("the end of an interrupted serve", first.ended)
	if code := first.command.ProcessState.ExitCode(); code != cli.ExitOK {
		t.Errorf("an interrupted serve ended with code %d", code)
	}
}

// TestAnsweredDeliveriesOutliveAKill kills serve while it takes in deliveries, many at once. Each that was answered 2xx is on
// the stream afterwards.
func TestAnsweredDeliveriesOutliveAKill(t *testing.T) {
	t.Parallel()
	const kills, senders, answersMax = 5, 8, 150
	s := newStage(t, stageOptions{})
	s.pin()
	tee := s.sells("TEE-M", 8, 8)
	s.served().kill()
	long, sent := time.Now().Add(-time.Hour), atomic.Int64{} // older than the counter: they move nothing
	var answered sync.Map
	for round := range kills {
		c, answers := s.served(), atomic.Int64{}
		var group sync.WaitGroup
		for range senders {
			group.Go(func() {
				for {
					header, body := s.squareCount(tee, "8", long.Add(time.Duration(sent.Add(1))*time.Microsecond))
					status, err := attempt(t.Context(), s.hooks+"/hooks/till/AbCdEfGhIjKlMnOp", header, body)
					if err != nil {
						return // killed meanwhile: Square would send it again
					}
					if status == http.StatusOK {
						answered.Store(eventID(t, body), round)
					}
					if answers.Add(1) == int64(1+answersMax*round/kills) {
						_ = c.command.Process.Kill()
					}
				}
			})
		}
		group.Wait()
		s.within("the end of a killed serve", c.ended)
		s.killed(c)
	}
	s.served()
	kept := map[string]bool{}
	for line := range strings.Lines(s.command("events", "tail", "--last", "100000")) {
		var tailed stream.Tailed
		must(t, json.Unmarshal([]byte(line), &tailed))
		kept[strings.TrimSuffix(tailed.Event.ID, "/0")] = true
	}
	total := 0
	answered.Range(func(id, round any) bool {
		if total++; !kept[id.(string)] {
			t.Errorf("delivery %s was answered 200 before kill %d and is not on the stream", id, round)
		}
		return true
	})
	t.Logf("%d deliveries were answered, %d are on the stream", total, len(kept))
	if total < kills {
		t.Errorf("only %d deliveries were answered over %d kills", total, kills)
	}
}

// attempt is one attempt to deliver a webhook.
func attempt(ctx context.Context, url string, header http.Header, body []byte) (status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header = header
	res, err := sender.Do(req)
	if err != nil {
		return 0, err
	}
	return res.StatusCode, res.Body.Close()
}

// eventID is the id that Square gave a delivery.
func eventID(t *testing.T, body []byte) string {
	t.Helper()
	var envelope struct {
		EventID string `json:"event_id"`
	}
	if err := json.Unmarshal(body, &envelope); err != nil {
		t.Error(err)
	}
	return envelope.EventID
}
