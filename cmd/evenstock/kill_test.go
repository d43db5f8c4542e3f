package main

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/evenstock/evenstock/adapters/api"
	"github.com/evenstock/evenstock/adapters/api/local"
	"github.com/evenstock/evenstock/adapters/sandbox/judge"
	"github.com/evenstock/evenstock/adapters/sandbox/life"
	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/adapters/sandbox/shopify"
	"github.com/evenstock/evenstock/adapters/sandbox/square"
	"github.com/evenstock/evenstock/cmd/evenstock/demo"
	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/failpoint"
)

const (
	// killsMin is how often serve is killed while shops sell, killGroup after how many kills the shops are judged.
	killsMin, killGroup = 30, 6
	// killWithin bounds a random moment, from the start of the process: some fall into its start.
	killWithin = 1200 * time.Millisecond
	// killRate is how many things happen in the shops per second, killDay how long their day with its story is.
	killRate, killDay = 40, 5 * time.Second
)

// killFaults is the weather: webhooks and answers get lost, come twice, late and in another order.
var killFaults = shop.Faults{
	DropWebhook: 0.05, DuplicateWebhook: 0.05, ReorderWebhook: 0.05, DelayWebhook: 300 * time.Millisecond,
	ServerError: 0.01, LoseAnswerBefore: 0.02, LoseAnswerAfter: 0.02, LevelLag: 200 * time.Millisecond,
}

// killing is a middleware that is killed again and again while two shops live.
type killing struct {
	*stage
	random *rand.Rand
	seed   int64
	shops  *demo.Shops
	// since is what the shops showed before the baseline; what was done to them before is left out.
	since demo.Openings
	// beside reads the ledger that the killed serves write.
	beside *runtime
	kills  int
	// story counts what happened in the shops, by kind.
	story map[string]int64
}

// TestKilledAnywhere kills serve with kill -9 at random moments and at each failpoint while shops sell over a bad network, and
// starts it again at once. After each kill the ledger verifies; after every few, and in the end, the shops calm down and
// everything is judged: nothing lost, nothing doubled, every unit explained but hand edits and miscounts.
func TestKilledAnywhere(t *testing.T) {
	t.Parallel()
	k := newKilling(t)
	plan := k.plan()
	for len(plan) > 0 {
		n := min(killGroup, len(plan))
		stop := k.live()
		for _, point := range plan[:n] {
			k.killAt(point)
		}
		stop()
		k.settle()
		plan = plan[n:]
	}
	if k.kills < killsMin {
		t.Errorf("only %d kills", k.kills)
	}
	k.keepsSecrets()
	t.Logf("seed %d: %d kills; in the shops: %v", k.seed, k.kills, k.story)
}

// newKilling opens two shops that sell the same goods, and takes the baseline.
func newKilling(t *testing.T) *killing {
	k := &killing{seed: seedOf(t), story: map[string]int64{}}
	k.random = rand.New(rand.NewPCG(uint64(k.seed), 0))
	k.stage = newStage(t, stageOptions{
		square: square.Options{Seed: k.seed}, shopify: shopify.Options{Seed: k.seed, RoutingDelay: 200 * time.Millisecond},
	})
	k.pin()
	goods, err := life.OpenShops(k.square, k.shopify, life.Assortment(), k.seed)
	must(t, err)
	k.shops = &demo.Shops{Square: k.square, Shopify: k.shopify, Goods: goods,
		Till: demo.Connection{Location: k.square.Locations()[0]}, Web: demo.Connection{Location: k.shopify.Counts()[0].Location}}
	k.since = k.shops.NoteOpenings()
	first := k.served()
	k.open()
	first.kill()
	k.killed(first)
	return k
}

// plan lists where to kill: twice at each failpoint, and at random moments, which have no name; shuffled.
func (k *killing) plan() []string {
	var plan []string
	for range 2 {
		plan = append(plan, failpoint.Points...)
	}
	plan = append(plan, make([]string, max(len(failpoint.Points), killsMin-len(plan)))...)
	k.random.Shuffle(len(plan), func(i, j int) { plan[i], plan[j] = plan[j], plan[i] })
	return plan
}

// live lets people do business in both shops, and the network be bad, until the returned function is called.
func (k *killing) live() (stop func()) {
	k.t.Helper()
	must(k.t, k.shops.SetFaults(killFaults))
	life, err := life.New(life.Options{
		Square: k.square, Shopify: k.shopify, Goods: k.shops.Goods, Seed: k.random.Int64(), For: time.Hour, Day: killDay, Rate: killRate,
	})
	must(k.t, err)
	ctx, cancel := context.WithCancel(k.t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		life.Run(ctx)
	}()
	return func() {
		cancel()
		<-ended
		for kind, times := range life.Status().Done {
			k.story[kind] += times
		}
		must(k.t, k.shops.SetFaults(shop.Faults{}))
	}
}

// killAt starts serve and kills it: at a failpoint, or at a random moment when point is empty.
func (k *killing) killAt(point string) {
	k.t.Helper()
	spec, what := "", "a kill at a random moment"
	if point != "" {
		spec = fmt.Sprintf("%s:%d", point, 1+k.random.IntN(3))
		what = fmt.Sprintf("coming to the failpoint %q", spec)
	}
	c := k.child(spec, "serve")
	if point == "" {
		// Killing at a random moment is the point; nothing waits for this timer.
		time.AfterFunc(time.Duration(k.random.Int64N(int64(killWithin))), func() { _ = c.command.Process.Kill() })
	}
	k.within(what, c.ended)
	k.killed(c)
	k.kills++
}

// settle lets everything come to rest in a serve that nobody kills, judges it, and kills that serve too.
func (k *killing) settle() {
	k.t.Helper()
	c := k.served()
	ctx, cancel := context.WithTimeout(k.t.Context(), settleTimeout)
	defer cancel()
	if k.shops.Idle(ctx) != nil {
		k.t.Fatalf("after %d kills: webhooks are on their way for ever", k.kills)
	}
	k.command("reconcile", "run", "--kind", "recent")
	var err error
	k.beside, err = startRuntime(k.t.Context(), k.cfg, k.getenv, slog.New(slog.DiscardHandler), startOptions{access: api.Ledger})
	must(k.t, err)
	k.eventually(fmt.Sprintf("rest after %d kills", k.kills), k.unrest)
	must(k.t, k.beside.close())
	if letters := k.command("dlq", "list", "--json"); strings.Contains(letters, `"reason"`) {
		k.t.Errorf("after %d kills there are dead letters:\n%s", k.kills, letters)
	}
	c.kill()
	k.killed(c)
	k.kills++
}

// unrest says what is still open or wrong; empty: nothing.
func (k *killing) unrest() string {
	k.t.Helper()
	brakes, err := k.beside.app.Load().Brakes(k.t.Context())
	must(k.t, err)
	var open []string
	for _, brake := range brakes {
		open = append(open, "brake "+brake.ID)
		if k.isChance(brake) {
			k.exit("brakes", "release", brake.ID) // unless an explanation has come meanwhile
		}
	}
	sum, err := k.beside.store.Summary(k.t.Context())
	must(k.t, err)
	for channel, w := range sum.Wishes {
		if w != (ledger.Wishes{}) {
			open = append(open, fmt.Sprintf("%s has %d reads, %d pushes, %d resources to do", channel, w.Reads, w.Pushes, w.Resources))
		}
	}
	if sum.OpenCalls > 0 {
		open = append(open, fmt.Sprintf("%d calls are open", sum.OpenCalls))
	}
	for status, n := range sum.Refs {
		if status != ledger.Live {
			open = append(open, fmt.Sprintf("%d refs are %s", n, status))
		}
	}
	items := k.shops.Items(k.since)
	beside := demo.ByClient{Client: local.ClientOf(k.beside.app.Load())}
	counters, err := beside.Stock(k.t.Context())
	must(k.t, err)
	must(k.t, demo.Fill(items, counters))
	faults, err := beside.Verify(k.t.Context())
	must(k.t, err)
	for _, fault := range faults {
		open = append(open, "the ledger's caches: "+fault)
	}
	return strings.Join(append(open, judge.Judge(items, k.shops.Effects(k.since)).Wrongs...), "; ")
}

// isChance says that a brake asks about what Life does not do, so that somebody answers: goods typed in twice, a program that writes, a
// mass change. Its returns, edits and miscounts look like that by chance, and on a slow machine, which a kill takes longer, there are
// more of them. A program whose returns all have a cause is no chance: the brake should have let go.
func (k *killing) isChance(brake app.Brake) bool {
	k.t.Helper()
	switch brake.Kind {
	case ledger.TypedTwice.String(), ledger.MassChange.String():
		return true
	case ledger.OtherProgram.String():
		ref, err := k.beside.store.Ref(k.t.Context(), brake.Ref)
		must(k.t, err)
		return ref.Unexplained != 0
	}
	return false
}

// keepsSecrets looks for customers and secrets in all that was logged and stored.
func (k *killing) keepsSecrets() {
	k.t.Helper()
	hidden := []string{canary, squareSecret, webSecret, "square-token", "shopify-token"}
	look := func(where, text string) {
		for _, secret := range hidden {
			if strings.Contains(text, secret) {
				k.t.Errorf("%s contains %q", where, secret)
			}
		}
	}
	log := k.log.String()
	look("the log", log)
	for _, trouble := range []string{"DATA RACE", "panic:"} {
		if strings.Contains(log, trouble) {
			k.t.Errorf("the log contains %q", trouble)
		}
	}
	files := 0
	must(k.t, filepath.WalkDir(k.cfg.Data, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		files++
		look(path, string(text))
		return err
	}))
	k.onServers(func(where, text string) {
		files++
		look(where, text)
	})
	if files < 3 {
		k.t.Errorf("only %d files or tables are there", files)
	}
}
