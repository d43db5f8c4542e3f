package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/cmd/evenstock/cli"
	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/explain"
	"github.com/evenstock/evenstock/ledger/sqlite"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/reconcile"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a file of testdata, or writes it with -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("..", "..", "testdata", "explain", name)
	if *update {
		require.NoError(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "run go test -update to write it")
	require.Equal(t, string(want), string(got))
}

var (
	tillTee = stock.Ref{Channel: "till", Item: "V1", Location: "L1"}
	webTee  = stock.Ref{Channel: "web", Item: "45", Location: "77"}
	tee     = stock.Shelf{Item: "item-tee", Location: "main"}
)

// book is a small ledger kept by the real rules on a fixed clock, with platforms that answer what the test says.
type book struct {
	t     *testing.T
	cfg   string
	store ledger.Store
	step  ledger.Step
	at    time.Time
	calls int
}

// newBook opens an empty ledger in the data folder of a configuration with a till (Square) and a web shop (Shopify).
func newBook(t *testing.T) *book {
	t.Helper()
	dir := t.TempDir()
	b := &book{t: t, cfg: filepath.Join(dir, "evenstock.yaml"), at: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	require.NoError(t, os.WriteFile(b.cfg, []byte(`data: ./data
locations: [main]
channels:
  - {name: till, platform: square, api_url: "https://connect.squareup.com", token_file: till.token, locations: {L1: main}}
  - {name: web, platform: shopify, api_url: "https://example.myshopify.com", token_file: web.token, locations: {"77": main}}
`), 0o600))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "data"), 0o700))
	engine, err := reconcile.New(reconcile.Options{Channels: map[stock.Channel]reconcile.Channel{
		"till": {Traits: stock.Traits{Platform: "square", History: true, Step: 1}, Locations: map[string]stock.Location{"L1": "main"}},
		"web":  {Traits: stock.Traits{Platform: "shopify", Step: stock.Unit, ForgetsKeysAfterHours: 20}, Locations: map[string]stock.Location{"77": "main"}},
	}})
	require.NoError(t, err)
	b.step = engine.Step
	b.store, err = sqlite.Open(t.Context(), sqlite.Options{Folder: filepath.Join(dir, "data")})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.store.Close()) })
	return b
}

func (b *book) pass(d time.Duration) time.Time {
	b.at = b.at.Add(d)
	return b.at
}

func (b *book) apply(inputs ...ledger.Input) {
	b.t.Helper()
	_, err := b.store.Apply(b.t.Context(), b.step, ledger.Batch{At: b.at, Inputs: inputs})
	require.NoError(b.t, err)
}

// read is an own read of a counter that shows units since version, with what the till's history or the web's orders told.
func (b *book) read(ref stock.Ref, units int64, version time.Time, with ledger.OwnRead) {
	b.t.Helper()
	b.pass(time.Second)
	due, err := b.store.Ref(b.t.Context(), ref)
	require.NoError(b.t, err)
	with.Reading = stock.Reading{Ref: ref, Status: stock.Counted, Quantity: stock.Units(units), Version: version}
	with.Mark, with.ReadAt = due.Work.Seq, b.at
	b.apply(with)
}

// deliver is a webhook with a counter's new state.
func (b *book) deliver(ref stock.Ref, units int64) time.Time {
	b.t.Helper()
	version := b.pass(time.Minute).Add(-2 * time.Second)
	b.apply(ledger.Delivered{Event: stock.Event{ID: fmt.Sprint(b.at), Channel: ref.Channel, ObservedAt: b.at,
		Reading: &stock.Reading{Ref: ref, Status: stock.Counted, Quantity: stock.Units(units), Version: version}}})
	return version
}

// open links the shelf's refs and takes the baseline from the till.
func (b *book) open(onTill, onWeb int64) {
	b.t.Helper()
	require.NoError(b.t, b.store.SaveItems(b.t.Context(), []stock.Item{{ID: tee.Item, SKU: "TEE-M", Name: "A tee, size M"}}))
	b.apply(ledger.LinkRef{Ref: tillTee, Shelf: tee, SoldAs: "V1"}, ledger.LinkRef{Ref: webTee, Shelf: tee, SoldAs: "43"})
	b.pass(time.Second)
	b.apply(ledger.WantBaseline{Ref: tillTee, Authority: true}, ledger.WantBaseline{Ref: webTee})
	version := b.at.Add(-time.Hour)
	b.read(webTee, onWeb, version, ledger.OwnRead{})
	b.pass(5 * time.Second)
	b.read(webTee, onWeb, version, ledger.OwnRead{})
	b.read(tillTee, onTill, version, ledger.OwnRead{})
}

// plan stores a call with the wanted pushes of a ref and returns its key.
func (b *book) plan(ref stock.Ref) string {
	b.t.Helper()
	b.calls++
	key := fmt.Sprintf("call-%d", b.calls)
	at := b.pass(time.Second)
	b.apply(ledger.PlanCall{Channel: ref.Channel, Key: key, Refs: []stock.Ref{ref}, OccurredAt: at,
		Encode: func(string, time.Time, []stock.PushRow) ([]byte, error) { return []byte("{}"), nil }})
	_, err := b.store.Call(b.t.Context(), key)
	require.NoError(b.t, err, "nothing was pushed")
	return key
}

// push has the platform take what is wanted of a ref. It returns the key and the time given to the write.
func (b *book) push(ref stock.Ref) (key string, at time.Time) {
	b.t.Helper()
	key = b.plan(ref)
	at = b.at
	b.pass(time.Second)
	b.apply(ledger.CallAnswered{Key: key, Answer: stock.Answer{Outcome: stock.Applied, PlatformTime: b.at}})
	return key, at
}

// row is how the till's history shows a push of ours.
func (b *book) row(key string, at time.Time, units int64) stock.Movement {
	return stock.Movement{Key: "square/adjustment/" + key, Ref: tillTee, Quantity: stock.Units(units), Cause: stock.Received,
		OccurredAt: at, ChannelTime: at.Add(time.Second), Reference: reconcile.Reference(key, 0)}
}

// adjusted is a movement of somebody else at the till.
func adjusted(id string, units int64, cause stock.Cause, at time.Time) stock.Movement {
	return stock.Movement{Key: "square/adjustment/" + id, Ref: tillTee, Quantity: stock.Units(units), Cause: cause, OccurredAt: at,
		ChannelTime: at.Add(time.Second), Evidence: stock.Evidence{"adjustment_id": id, "product": "SQUARE_POS", "transaction_id": "T-" + id}}
}

// ordered is an order of the web shop, with everything taken and put back so far.
func (b *book) ordered(id string, at time.Time, taken, restocked int64) {
	b.t.Helper()
	line := stock.OrderLine{ID: "1", SoldAs: "43", Location: "77", Taken: stock.Units(taken)}
	if restocked > 0 {
		line.Restocks = []stock.Restock{{ID: "9", Location: "77", Quantity: stock.Units(restocked), Type: "return", At: b.at}}
	}
	b.apply(ledger.Delivered{Event: stock.Event{ID: id, Channel: "web", ObservedAt: b.at, Order: &stock.Order{Channel: "web", ID: id, Name: "#" + id,
		CreatedAt: at, UpdatedAt: b.at, Lines: []stock.OrderLine{line}}}})
}

// busyDay sells on both channels, takes a return and receives goods. The till ends uneven: the return is not pushed yet.
func (b *book) busyDay() {
	b.open(8, 3)
	b.push(webTee)
	b.deliver(webTee, 8)

	sold := b.deliver(tillTee, 7)
	b.push(webTee)
	b.read(tillTee, 7, sold, ledger.OwnRead{Movements: []stock.Movement{adjusted("A1", -1, stock.Sold, sold)}})

	ordered := b.deliver(webTee, 5)
	b.ordered("1001", ordered, 2, 0)
	b.read(webTee, 5, ordered, ledger.OwnRead{})
	key, at := b.push(tillTee)
	b.read(tillTee, 5, at.Add(time.Second), ledger.OwnRead{Movements: []stock.Movement{b.row(key, at, -2)}})

	b.deliver(webTee, 6)
	b.ordered("1001", ordered, 2, 1)
	b.read(webTee, 6, b.at, ledger.OwnRead{})
	received := b.deliver(tillTee, 15)
	b.read(tillTee, 15, received, ledger.OwnRead{Movements: []stock.Movement{adjusted("A2", 10, stock.Received, received)}})
	b.push(webTee)
	b.deliver(webTee, 16)
}

// app asks as the command does.
func (b *book) app() *app.App {
	b.t.Helper()
	cfg, err := config.Load(b.cfg, func(string) string { return "" }, nil)
	require.NoError(b.t, err)
	return app.New(app.Options{Ledger: b.store, Channels: appChannels(cfg, nil), Now: func() time.Time { return b.at }})
}

// explained is what a person sees, with times in UTC.
func (b *book) explained(at ledger.AsOf) explain.Explanation {
	b.t.Helper()
	e, err := b.app().Explain(b.t.Context(), app.ExplainQuery{SKU: "TEE-M", At: at})
	require.NoError(b.t, err)
	for _, shelf := range e.Shelves {
		require.Empty(b.t, shelf.Faults)
		require.Equal(b.t, shelf.Level, shelf.Sum)
	}
	return e
}

func (b *book) golden(name string, at ledger.AsOf) explain.Explanation {
	b.t.Helper()
	e := b.explained(at)
	var text bytes.Buffer
	require.NoError(b.t, cli.ExplanationPrinter(e, time.UTC)(&text))
	golden(b.t, name+".txt", text.Bytes())
	b.sameFromJSON(e, text.String())
	return e
}

// sameFromJSON expects the same text of the answer as a client receives it.
func (b *book) sameFromJSON(e explain.Explanation, want string) {
	b.t.Helper()
	encoded, err := json.Marshal(e)
	require.NoError(b.t, err)
	var received explain.Explanation
	require.NoError(b.t, json.Unmarshal(encoded, &received))
	var text bytes.Buffer
	require.NoError(b.t, cli.ExplanationPrinter(received, time.UTC)(&text))
	require.Equal(b.t, want, text.String())
}

// command runs the command line on the book's ledger, beside the process that has it open.
func (b *book) command(args ...string) (stdout, stderr string, code int) {
	b.t.Helper()
	var out, errs bytes.Buffer
	code = run(b.t.Context(), append([]string{"--config", b.cfg}, args...), func(string) string { return "" }, &out, &errs)
	return out.String(), errs.String(), code
}

func TestExplainBusyDay(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.busyDay()
	e := b.golden("busy_day", ledger.AsOf{})
	text, err := json.MarshalIndent(e, "", "  ")
	require.NoError(t, err)
	golden(t, "busy_day.json", append(text, '\n'))
}

// TestExplainPast asks the same ledger for two pasts: before the return was known, and before it had happened.
func TestExplainPast(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.busyDay()
	noon := time.Date(2026, 11, 23, 9, 3, 30, 0, time.UTC)
	require.Equal(t, stock.Units(5), b.golden("busy_day_known", ledger.AsOf{Recorded: noon}).Shelves[0].Level)
	require.Equal(t, stock.Units(5), b.golden("busy_day_as_of", ledger.AsOf{Occurred: noon}).Shelves[0].Level)
	_, err := b.app().Explain(t.Context(), app.ExplainQuery{SKU: "TEE-M", At: ledger.AsOf{Recorded: noon.Add(-24 * time.Hour)}})
	require.ErrorContains(t, err, "knew nothing about TEE-M")
}

// TestExplainOversold sells the last two units on both channels at once.
func TestExplainOversold(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.open(2, 2)
	sold := b.deliver(tillTee, 0)
	ordered := b.deliver(webTee, 1)
	b.ordered("1001", ordered, 1, 0)
	b.read(tillTee, 0, sold, ledger.OwnRead{Movements: []stock.Movement{adjusted("A1", -2, stock.Sold, sold)}})
	e := b.golden("oversold", ledger.AsOf{})
	require.Equal(t, stock.Units(1), e.Shelves[0].Oversold.Units)
	require.Len(t, e.Shelves[0].Oversold.Sales, 1)
	require.Equal(t, "1001", e.Shelves[0].Oversold.Sales[0].Evidence["order"])

	stdout, _, code := b.command("stock", "--json")
	require.Equal(t, cli.ExitOK, code)
	var list []app.Shelf
	require.NoError(t, json.Unmarshal([]byte(stdout), &list))
	require.Equal(t, e.Shelves[0].Oversold, list[0].Oversold)
}

// TestExplainUnexplained leaves a hand edit on the web and a recount at the till without a cause, and then lets a late sale
// explain part of the recount.
func TestExplainUnexplained(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.open(8, 8)
	b.deliver(webTee, 9)
	b.read(webTee, 9, b.at.Add(-2*time.Second), ledger.OwnRead{})
	counted := b.pass(time.Minute)
	recount := stock.Recount{Key: "square/recount/P1", Ref: tillTee, Counted: stock.Units(5), OccurredAt: counted,
		ChannelTime: counted.Add(time.Second), Evidence: stock.Evidence{"physical_count_id": "P1"}}
	b.read(tillTee, 5, counted.Add(time.Second), ledger.OwnRead{Recounts: []stock.Recount{recount}})
	late := adjusted("A7", -2, stock.Sold, counted.Add(-time.Hour))
	late.ChannelTime = b.pass(time.Minute)
	b.read(tillTee, 5, late.ChannelTime, ledger.OwnRead{Movements: []stock.Movement{late}})
	e := b.golden("unexplained", ledger.AsOf{})
	require.Len(t, e.Shelves[0].Unexplained, 2)
	require.Equal(t, stock.Units(-1), e.Shelves[0].Unexplained[0].Quantity)
	require.Equal(t, stock.Units(1), e.Shelves[0].Unexplained[1].Quantity)
	require.Len(t, e.Shelves[0].Unexplained[0].Recounts, 1)
}

// TestExplainEarlyMovement knows an order before the counter shows it.
func TestExplainEarlyMovement(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.open(8, 8)
	b.pass(time.Minute)
	b.ordered("1001", b.at, 3, 0)
	u := b.golden("early_movement", ledger.AsOf{}).Shelves[0].Unexplained
	require.Len(t, u, 1)
	require.Equal(t, stock.Units(3), u[0].Quantity)
	require.Empty(t, u[0].Readings)
}

// TestExplainTypedTwice types ten units in at both channels and has a person take the second raise back.
func TestExplainTypedTwice(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.open(8, 8)
	received := b.deliver(tillTee, 18)
	b.read(tillTee, 18, received, ledger.OwnRead{Movements: []stock.Movement{adjusted("A2", 10, stock.Received, received)}})
	b.deliver(webTee, 18)
	brakes, err := b.app().Brakes(t.Context())
	require.NoError(t, err)
	held := slices.IndexFunc(brakes, func(brake app.Brake) bool { return brake.Kind == ledger.TypedTwice.String() })
	require.GreaterOrEqual(t, held, 0)
	b.apply(ledger.ReleaseBrake{ID: brakes[held].ID, Shelf: tee, By: "Ann", Correct: true})
	e := b.golden("typed_twice", ledger.AsOf{})
	require.Equal(t, stock.Units(18), e.Shelves[0].Level)
	require.Empty(t, e.Shelves[0].Unexplained)
}

// TestExplainAbsorbedPush has a recount at the till absorb our push, which is sent again under another key.
func TestExplainAbsorbedPush(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.open(8, 8)
	ordered := b.deliver(webTee, 6)
	b.ordered("1001", ordered, 2, 0)
	key, at := b.push(tillTee)
	recount := stock.Recount{Key: "square/recount/P1", Ref: tillTee, Counted: stock.Units(8), OccurredAt: at.Add(500 * time.Millisecond),
		ChannelTime: at.Add(600 * time.Millisecond), Evidence: stock.Evidence{"physical_count_id": "P1"}}
	b.read(tillTee, 8, at.Add(time.Second), ledger.OwnRead{Movements: []stock.Movement{b.row(key, at, -2)}, Recounts: []stock.Recount{recount}})
	again, _ := b.push(tillTee)
	e := b.golden("absorbed_push", ledger.AsOf{})
	order := e.Shelves[0].Trail[4]
	require.Equal(t, explain.StepDifference, order.What)
	require.Len(t, order.Pushes, 2)
	require.Equal(t, []string{"absorbed", "answered"}, []string{order.Pushes[0].Outcome, order.Pushes[1].Outcome})
	require.Equal(t, again, order.Pushes[1].Call)
}

// TestExplainPushStates shows a refused push, one in flight, and one that a person had to settle.
func TestExplainPushStates(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.open(8, 8)
	sold := b.deliver(tillTee, 7)
	b.read(tillTee, 7, sold, ledger.OwnRead{Movements: []stock.Movement{adjusted("A1", -1, stock.Sold, sold)}})
	b.apply(ledger.CallAnswered{Key: b.plan(webTee), Answer: stock.Answer{Outcome: stock.Refused, Reason: "ITEM_NOT_STOCKED_AT_LOCATION"}})
	b.golden("push_refused", ledger.AsOf{})
	b.pass(time.Minute)
	key := b.plan(webTee)
	b.golden("push_in_flight", ledger.AsOf{})
	b.apply(ledger.CallAnswered{Key: key, Answer: stock.Answer{Outcome: stock.Unknown, Reason: "time-out"}})
	b.pass(21 * time.Hour)
	b.apply(ledger.CallAnswered{Key: key, Answer: stock.Answer{Outcome: stock.Unknown, Reason: "time-out"}})
	b.golden("push_set_aside", ledger.AsOf{})
	b.pass(time.Minute)
	b.apply(ledger.ResolvePush{Call: key, Ref: webTee, Applied: true, By: "Ann"})
	b.golden("push_resolved", ledger.AsOf{})
}

// TestExplainLateLink links a channel again to a shelf that is open: it shows another count and waits, sells one, and joins.
func TestExplainLateLink(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.open(8, 8)
	b.apply(ledger.UnlinkRef{Ref: webTee})
	sold := b.deliver(tillTee, 5)
	b.read(tillTee, 5, sold, ledger.OwnRead{Movements: []stock.Movement{adjusted("A1", -3, stock.Sold, sold)}})
	b.apply(ledger.LinkRef{Ref: webTee, Shelf: tee, SoldAs: "43"})
	version := b.pass(time.Minute)
	b.read(webTee, 1, version, ledger.OwnRead{})
	b.pass(5 * time.Second)
	b.read(webTee, 1, version, ledger.OwnRead{})
	b.golden("waits_to_join", ledger.AsOf{})
	b.ordered("1001", b.deliver(webTee, 0), 1, 0)
	b.pass(time.Minute)
	b.apply(ledger.JoinRef{Ref: webTee, How: ledger.JoinLevel, By: "Ann"})
	b.push(webTee)
	b.push(tillTee)
	e := b.golden("late_link", ledger.AsOf{})
	last := e.Shelves[0].Trail[len(e.Shelves[0].Trail)-1]
	require.Equal(t, explain.StepJoined, last.What)
	require.Equal(t, -stock.Unit, last.Pushes[0].Delta, "what the web sold while it waited")
	require.Equal(t, stock.Units(4), last.Pushes[1].Delta)
}

// TestExplainFound has a counter wait whose count is right, while the till sells two: the level becomes what is left, and what was found
// is a gain.
func TestExplainFound(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.open(5, 5)
	b.apply(ledger.UnlinkRef{Ref: webTee})
	b.pass(time.Minute)
	b.apply(ledger.LinkRef{Ref: webTee, Shelf: tee, SoldAs: "43"})
	version := b.pass(time.Minute)
	b.read(webTee, 11, version, ledger.OwnRead{})
	b.pass(5 * time.Second)
	b.read(webTee, 11, version, ledger.OwnRead{})
	sold := b.deliver(tillTee, 3)
	b.read(tillTee, 3, sold, ledger.OwnRead{Movements: []stock.Movement{adjusted("A1", -2, stock.Sold, sold)}})
	b.pass(time.Minute)
	b.apply(ledger.JoinRef{Ref: webTee, How: ledger.JoinCounter, By: "Ann"})
	b.push(webTee)
	b.push(tillTee)
	e := b.golden("found", ledger.AsOf{})
	require.Equal(t, stock.Units(11-2), e.Shelves[0].Level)
	require.Empty(t, e.Shelves[0].Unexplained)
}

// TestExplainTypedIn has a counter wait that sells one, whose number somebody then puts right: a count, and no goods that came.
func TestExplainTypedIn(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.open(8, 8)
	b.apply(ledger.UnlinkRef{Ref: webTee})
	b.pass(time.Minute)
	b.apply(ledger.LinkRef{Ref: webTee, Shelf: tee, SoldAs: "43"})
	version := b.pass(time.Minute)
	b.read(webTee, 3, version, ledger.OwnRead{})
	b.pass(5 * time.Second)
	b.read(webTee, 3, version, ledger.OwnRead{})
	b.ordered("1001", b.deliver(webTee, 2), 1, 0)
	b.pass(time.Minute)
	b.deliver(webTee, 6)
	b.pass(time.Minute)
	b.apply(ledger.JoinRef{Ref: webTee, How: ledger.JoinCounter, Untold: ledger.UntoldCounted, By: "Ann"})
	b.push(tillTee)
	e := b.golden("typed_in_while_it_waits", ledger.AsOf{})
	require.Equal(t, stock.Units(6), e.Shelves[0].Level)
	require.Empty(t, e.Shelves[0].Unexplained)
}

// TestExplainCountedLate links a shelf whose authority has no count yet: it opens with the count that comes after 60 were sold.
func TestExplainCountedLate(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	require.NoError(t, b.store.SaveItems(t.Context(), []stock.Item{{ID: tee.Item, SKU: "TEE-M", Name: "A tee, size M"}}))
	b.apply(ledger.LinkRef{Ref: tillTee, Shelf: tee, SoldAs: "V1"}, ledger.LinkRef{Ref: webTee, Shelf: tee, SoldAs: "43"})
	b.apply(ledger.WantBaseline{Ref: tillTee, Authority: true}, ledger.WantBaseline{Ref: webTee})
	b.apply(ledger.OwnRead{Reading: stock.Reading{Ref: tillTee, Status: stock.Missing}, Mark: 1, ReadAt: b.pass(time.Second)})
	long := b.at.Add(-time.Hour)
	b.read(webTee, 100, long, ledger.OwnRead{})
	b.pass(5 * time.Second)
	b.read(webTee, 100, long, ledger.OwnRead{})
	ordered := b.deliver(webTee, 40)
	b.ordered("1001", ordered, 60, 0)
	counted := b.pass(time.Hour)
	b.read(tillTee, 40, counted, ledger.OwnRead{})
	b.read(webTee, 38, counted, ledger.OwnRead{})
	b.read(tillTee, 40, counted, ledger.OwnRead{})
	b.push(webTee)
	b.golden("counted_late", ledger.AsOf{})
}

// TestExplainDamaged changes a balance behind the ledger's back: explain says so, and fails.
func TestExplainDamaged(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.busyDay()
	db, err := sql.Open("sqlite", filepath.Join(filepath.Dir(b.cfg), "data", "ledger.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	_, err = db.ExecContext(t.Context(), `UPDATE balances SET quantity = quantity + 100000 WHERE kind = 1`)
	require.NoError(t, err)
	stdout, stderr, code := b.command("explain", "TEE-M")
	require.Equal(t, cli.ExitFailed, code)
	require.Contains(t, stdout, "!!! DAMAGED: the entries come to 16, but the ledger shows 17.")
	require.Contains(t, stderr, "evenstock --config "+b.cfg+" ledger verify")
	stdout, _, code = b.command("ledger", "verify")
	require.Equal(t, cli.ExitFailed, code)
	require.Contains(t, stdout, "faults: stop serve")
	stdout, _, code = b.command("ledger", "rebuild", "--check", "--json")
	require.Equal(t, cli.ExitFailed, code)
	var result app.Verification
	require.NoError(t, json.Unmarshal([]byte(stdout), &result))
	require.False(t, result.Clean)
	require.NotZero(t, result.FaultCount)

	require.NoError(t, b.store.Rebuild(t.Context()))
	_, _, code = b.command("explain", "TEE-M", "--location", "main")
	require.Equal(t, cli.ExitOK, code)
	stdout, _, code = b.command("ledger", "verify")
	require.Equal(t, cli.ExitOK, code)
	require.Contains(t, stdout, "follow from them")
}

// TestExplainAnything does things at random and expects every number to add up at every step, and every push to carry exactly
// the steps it says.
func TestExplainAnything(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			dice := rand.New(rand.NewPCG(seed, 1))
			b := newBook(t)
			b.open(dice.Int64N(12), dice.Int64N(12))
			taken := map[string]int64{}
			for range 60 {
				b.anything(dice, taken)
				e := b.explained(ledger.AsOf{})
				b.addsUp(e)
			}
		})
	}
}

func (b *book) anything(dice *rand.Rand, taken map[string]int64) {
	b.t.Helper()
	ref := []stock.Ref{tillTee, webTee}[dice.IntN(2)]
	due, err := b.store.Ref(b.t.Context(), ref)
	require.NoError(b.t, err)
	shows := int64(due.State.Expected/stock.Unit) + dice.Int64N(5) - 3
	switch dice.IntN(6) {
	case 0:
		b.deliver(ref, shows)
	case 1, 2:
		b.pass(time.Minute)
		b.read(ref, shows, b.at, b.history(ref, due.State.Unconfirmed, dice))
	case 3:
		id := fmt.Sprint(1000 + dice.IntN(4))
		taken[id] += 1 + dice.Int64N(2)
		b.ordered(id, b.at, taken[id], 0)
	case 4:
		b.calls++
		key := fmt.Sprintf("call-%d", b.calls)
		b.apply(ledger.PlanCall{Channel: ref.Channel, Key: key, Refs: []stock.Ref{ref}, OccurredAt: b.pass(time.Second),
			Encode: func(string, time.Time, []stock.PushRow) ([]byte, error) { return []byte("{}"), nil }})
	case 5:
		calls, err := b.store.Calls(b.t.Context(), ledger.CallFilter{Ref: ref, State: ledger.CallOpen})
		require.NoError(b.t, err)
		for _, call := range calls {
			outcomes := []stock.Outcome{stock.Applied, stock.Applied, stock.Refused, stock.Unknown}
			b.pass(time.Second)
			b.apply(ledger.CallAnswered{Key: call.Key, Answer: stock.Answer{Outcome: outcomes[dice.IntN(4)], Reason: "no"}, Due: b.at})
		}
	}
}

// history is what a read of the till brings: our own writes, and sometimes a sale, or a recount that may absorb.
func (b *book) history(ref stock.Ref, unconfirmed []ledger.PushMark, dice *rand.Rand) ledger.OwnRead {
	var with ledger.OwnRead
	if ref != tillTee {
		return with
	}
	for _, mark := range unconfirmed {
		row := b.row(mark.Call, mark.OccurredAt, int64(mark.Delta/stock.Unit))
		row.Reference = reconcile.Reference(mark.Call, mark.Row)
		with.Movements = append(with.Movements, row)
	}
	id := fmt.Sprint("X", b.at.Unix())
	switch dice.IntN(3) {
	case 0:
		with.Movements = append(with.Movements, adjusted(id, -1-dice.Int64N(2), stock.Sold, b.at))
	case 1:
		at := b.at.Add(-time.Duration(dice.Int64N(120)) * time.Second)
		with.Recounts = append(with.Recounts, stock.Recount{Key: id, Ref: ref, Counted: stock.Units(3), OccurredAt: b.at.Add(-time.Second), ChannelTime: at})
	}
	return with
}

func (b *book) addsUp(e explain.Explanation) {
	b.t.Helper()
	defer func() {
		if b.t.Failed() {
			var text bytes.Buffer
			_ = cli.ExplanationPrinter(e, time.UTC)(&text)
			b.t.Logf("%s", text.String())
		}
	}()
	shelf := e.Shelves[0]
	for _, counter := range shelf.Counters {
		require.Equal(b.t, counter.Expected, counter.Baseline+counter.Differences+counter.Pushes)
	}
	steps := map[int64]*explain.Step{}
	for _, step := range shelf.Trail {
		steps[step.Entry] = step
	}
	for _, step := range shelf.Trail {
		for _, push := range step.Pushes {
			require.NotEqual(b.t, explain.StepPush, step.What, "a push of %s that nothing led to", push.Delta)
			sum, fromBaseline := stock.Quantity(0), false
			for _, seq := range push.Because {
				sum += steps[seq].Quantity
				fromBaseline = fromBaseline || steps[seq].What == explain.StepBaseline
			}
			if !fromBaseline {
				require.Equal(b.t, push.Delta, sum, "call %s because of %v", push.Call, push.Because)
			}
		}
	}
}

// TestExplainHalfUnit receives half a unit that a web shop of whole units cannot show: it is even all the same, and what is pushed
// afterwards has nothing to do with that half.
func TestExplainHalfUnit(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.open(8, 8)
	shows := func(quantity stock.Quantity) {
		b.pass(time.Second)
		due, err := b.store.Ref(t.Context(), tillTee)
		require.NoError(t, err)
		b.apply(ledger.OwnRead{Mark: due.Work.Seq, ReadAt: b.at,
			Reading: stock.Reading{Ref: tillTee, Status: stock.Counted, Quantity: quantity, Version: b.at}})
	}
	shows(stock.Units(8) + stock.Unit/2)
	shows(stock.Units(8) + stock.Unit/2) // confirms the raise
	shows(stock.Units(6) + stock.Unit/2)
	b.push(webTee)
	trail := b.explained(ledger.AsOf{}).Shelves[0].Trail
	sold := trail[len(trail)-1]
	require.Equal(t, stock.Units(-2), sold.Quantity)
	require.Len(t, sold.Pushes, 1)
	require.Equal(t, []int64{sold.Entry}, sold.Pushes[0].Because)
}
