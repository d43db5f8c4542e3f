package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/api"
	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/app/apptest"
	"github.com/evenstock/evenstock/sync/stream"
)

// request is one request to an operation, after what tell did.
type request struct {
	name   string
	tell   func(m *merchant)
	target string
	body   string
	status int
}

func nothing(*merchant)      {}
func sell(m *merchant)       { m.Sell() }
func link(m *merchant)       { m.Link() }
func typedTwice(m *merchant) { m.TypedTwice() }
func waits(m *merchant)      { m.Waits() }
func wantTill(m *merchant) {
	m.Link()
	m.Apply(ledger.WantBaseline{Ref: apptest.WebTee}, ledger.WantBaseline{Ref: apptest.TillTee, Authority: true})
}
func setAside(m *merchant) { m.Sell(); m.SetAside() }

// hold lets no sweep end.
func hold(m *merchant) { m.Hold = make(chan struct{}) }

// catalogs have one item in common, one without a SKU, and one that is linked.
func catalogs(m *merchant) {
	m.Link()
	m.Till.Items = []stock.CatalogItem{{Item: "V1", SoldAs: "V1", SKU: "TEE-M", Name: "A tee, size M"}, {Item: "V2", SoldAs: "V2", SKU: "MUG", Name: "A mug"}}
	m.Web.Items = []stock.CatalogItem{{Item: "46", SoldAs: "44", SKU: "MUG", Name: "Mug"}, {Item: "47", SoldAs: "45", Name: "Poster"}}
}

// mug is an item that is not linked yet.
func mug(m *merchant) {
	m.Sell()
	m.Till.Items = append(m.Till.Items, stock.CatalogItem{Item: "V2", SoldAs: "V2", SKU: "MUG", Name: "A mug"})
}

// counters are what the platforms show before a baseline.
func counters(m *merchant) {
	m.Link()
	m.Till.Counters[apptest.TillTee], m.Web.Counters[apptest.WebTee] = 8, 3
}

// letters are one that can be sent again, and one of which nothing was decoded.
func letters(m *merchant) {
	event := stock.Event{ID: "b3adf364-4937-436e-a833-49c72b4baee8", Channel: "web", Topic: "orders/updated", ObservedAt: m.Now(), Hint: &stock.Hint{Resource: "order/1001"}}
	require.NoError(m, m.Stream.Put(m.Context(), stream.DeadLetter{ID: "letter-1", Reason: "item 45 overflows", Source: "evenstock.events/0/7", Channel: "web", Event: &event}))
	require.NoError(m, m.Stream.Put(m.Context(), stream.DeadLetter{ID: "letter-2", Reason: "the body is no JSON", Source: "webhook", Channel: "web", Topic: "orders/create", Size: 12}))
}

// events are two on the stream, of which one cannot be read.
func events(m *merchant) {
	event := stock.Event{ID: "b3adf364-4937-436e-a833-49c72b4baee8", Channel: "till", Topic: "inventory.count.updated", ObservedAt: m.Now(),
		Reading: &stock.Reading{Ref: apptest.TillTee, Status: stock.Counted, Quantity: stock.Units(7), Version: m.Now()}}
	require.NoError(m, m.Stream.Publish(m.Context(), []stock.Event{event}))
	m.Stream.Spoil()
}

// swept has a sweep end, and its run and findings stored as a sweeper stores them.
func swept(m *merchant) {
	m.Sell()
	run, findings, err := m.Options().SweepChannel(m.Context(), "till", app.SweepFull, func(int) {})
	require.NoError(m, err)
	require.NoError(m, m.Store.SaveRun(m.Context(), run))
	require.NoError(m, m.Store.SaveFindings(m.Context(), findings))
}

// job begins a job and waits until it has ended or cannot go on.
func job(begin func(m *merchant) (app.Job, error)) func(m *merchant) {
	return func(m *merchant) {
		m.work()
		_, err := begin(m)
		require.NoError(m, err)
		synctest.Wait()
	}
}

func beginSweep(m *merchant) (app.Job, error) {
	return m.app.Sweep(m.Context(), app.Actor{Name: "ann"}, app.SweepRequest{Kind: app.SweepFull})
}

// editedFile is a configuration file that was edited after it was read.
type editedFile struct{ read time.Time }

func (f editedFile) Source() (string, time.Time) { return "/etc/evenstock.yaml", f.read }
func (f editedFile) Reread() (bool, time.Time, error) {
	return true, f.read.Add(29 * time.Minute), nil
}

func edited(m *merchant) {
	opts := m.Options()
	opts.Settings = editedFile{m.Now()}
	m.serve(opts)
}

// missing has units leave the till, and come to the web, for no reason that anybody tells.
func missing(m *merchant) {
	m.Sell()
	m.Deliver(apptest.TillTee, 5)
}

// settled has a person settle what is missing.
func settled(m *merchant) {
	missing(m)
	_, err := m.app.Settle(m.Context(), app.Actor{Name: "ann"}, app.SettleRequest{SKU: "TEE-M", As: "shrinkage", Note: "looked everywhere"})
	require.NoError(m, err)
}

func both(first, then func(m *merchant)) func(m *merchant) {
	return func(m *merchant) { first(m); then(m) }
}

const (
	firstJob = "/v1/jobs/00000000-0000-4000-8000-000000000001"
	mugRow   = `{"sku": "MUG", "name": "A mug", "channel": "till", "item": "V2", "sold_as": ""}`
	mine     = `{"sku": "MUG", "name": "A mug", "channel": "till", "item": "V1", "sold_as": ""}`
)

// requests are those of each operation. The golden file of an operation has them in this order.
var requests = map[string][]request{
	"status": {
		{"a shelf that waits for a push", sell, "", "", 200},
		{"an unknown parameter", sell, "?sku=TEE-M", "", 422},
	},
	"configuration": {
		{"as its file has it", nothing, "", "", 200},
		{"edited meanwhile", edited, "", "", 200},
	},
	"stock": {
		{"after a sale", sell, "", "", 200},
		{"goods typed in twice", typedTwice, "?sku=TEE-M&uneven=true", "", 200},
		{"a count that waits to join", waits, "", "", 200},
		{"before the sale", sell, "?known_at=2026-11-23T09:00:30Z", "", 200},
		{"no more than", sell, "?limit=1", "", 200},
		{"a SKU that nobody has", sell, "?sku=tee", "", 404},
		{"what was even", sell, "?uneven=true&as_of=2026-11-23T09:00:30Z", "", 422},
		{"values of the wrong type", sell, "?limit=-1&uneven=perhaps&as_of=yesterday", "", 422},
	},
	"explain": {
		{"a sale", sell, "?sku=TEE-M", "", 200},
		{"before the sale", sell, "?sku=item-tee&location=main&known_at=2026-11-23T09:00:30Z", "", 200},
		{"no SKU", sell, "", "", 422},
		{"a SKU that nobody has", sell, "?sku=MUG", "", 404},
		{"another place", sell, "?sku=TEE-M&location=attic", "", 404},
		{"settled", settled, "?sku=TEE-M", "", 200},
	},
	"settle": {
		{"what is missing", missing, "", `{"sku": "TEE-M", "as": "shrinkage", "note": "looked everywhere"}`, 200},
		{"one of it", missing, "", `{"sku": "TEE-M", "channel": "till", "item": "V1", "location": "main", "as": "sold", "units": "1"}`, 200},
		{"try it", missing, "", `{"sku": "TEE-M", "as": "moved", "dry_run": true}`, 200},
		{"more than there is", missing, "", `{"sku": "TEE-M", "as": "moved", "units": "3"}`, 409},
		{"fewer than none", missing, "", `{"sku": "TEE-M", "as": "moved", "units": "-1"}`, 422},
		{"as what only comes", missing, "", `{"sku": "TEE-M", "as": "received"}`, 422},
		{"as no word", missing, "", `{"sku": "TEE-M", "as": "opening"}`, 422},
		{"as nothing", missing, "", `{"sku": "TEE-M"}`, 422},
		{"at two counters", both(missing, func(m *merchant) { m.Read(apptest.WebTee, 9, m.Now(), ledger.OwnRead{}) }), "", `{"sku": "TEE-M", "as": "shrinkage"}`, 409},
		{"what has a cause", sell, "", `{"sku": "TEE-M", "as": "shrinkage"}`, 404},
		{"a SKU that nobody has", sell, "", `{"sku": "TEE", "as": "shrinkage"}`, 404},
		{"of what waits to join", waits, "", `{"sku": "TEE-M", "as": "shrinkage"}`, 409},
		{"reopen", settled, "", `{"sku": "TEE-M", "reopen": true}`, 200},
		{"reopen nothing", missing, "", `{"sku": "TEE-M", "reopen": true}`, 404},
		{"reopen as something", settled, "", `{"sku": "TEE-M", "reopen": true, "as": "sold"}`, 422},
	},
	"list-links": {
		{"two", sell, "", "", 200},
		{"none", nothing, "", "", 200},
	},
	"suggest-links": {
		{"by SKU", catalogs, "", "", 200},
	},
	"import-links": {
		{"a new item", mug, "", `{"rows": [` + mugRow + `]}`, 200},
		{"try it", mug, "", `{"rows": [` + mugRow + `], "dry_run": true}`, 200},
		{"no rows", nothing, "", `{"rows": []}`, 200},
		{"what is linked to another item", sell, "", `{"rows": [` + mine + `]}`, 200},
		{"the same twice", nothing, "", `{"rows": [` + mine + `, ` + mine + `]}`, 200},
		{"an unknown channel", nothing, "", `{"rows": [{"sku": "MUG", "name": "", "channel": "etsy", "item": "1", "sold_as": ""}]}`, 200},
		{"rows of the wrong shape", nothing, "", `{"rows": [{"sku": 7, "nmae": "A mug"}]}`, 422},
	},
	"extend-links": {
		{"to a location that was added", sell, "", `{}`, 200},
		{"try it", nothing, "", `{"dry_run": true}`, 200},
		{"the configuration was edited", both(sell, edited), "", `{}`, 200},
	},
	"unlink": {
		{"a link", sell, "", `{"channel": "web", "item": "45"}`, 200},
		{"try it", sell, "", `{"channel": "web", "item": "45", "dry_run": true}`, 200},
		{"at one location", sell, "", `{"channel": "web", "item": "45", "location": "main"}`, 200},
		{"at another location", sell, "", `{"channel": "web", "item": "45", "location": "attic"}`, 404},
		{"no link", sell, "", `{"channel": "web", "item": "46"}`, 404},
	},
	"list-waiting": {
		{"one", waits, "", "", 200},
		{"none", sell, "", "", 200},
	},
	"join-shelf": {
		{"the level is right", waits, "", `{"channel": "web", "item": "TEE-M", "how": "level", "untold": "moved"}`, 200},
		{"the level is right, and what was changed there?", waits, "", `{"channel": "web", "item": "TEE-M", "how": "level"}`, 409},
		{"try it: other goods", waits, "", `{"channel": "web", "item": "45", "location": "main", "how": "add", "dry_run": true}`, 200},
		{"the count is right", waits, "", `{"channel": "web", "item": "45", "how": "counter"}`, 200},
		{"what does not wait", waits, "", `{"channel": "till", "item": "TEE-M", "how": "level"}`, 404},
		{"an unknown channel", waits, "", `{"channel": "etsy", "item": "TEE-M", "how": "level"}`, 404},
		{"an answer that is none", waits, "", `{"channel": "web", "item": "TEE-M", "how": "both"}`, 422},
	},
	"plan-baseline": {
		{"from the till", counters, "?authority=till", "", 200},
		{"from no channel", counters, "?authority=etsy", "", 422},
		{"from whom", counters, "", "", 422},
	},
	"apply-baseline": {
		{"from the till", link, "", `{"authority": "till"}`, 202},
		{"another baseline runs", both(link, job(func(m *merchant) (app.Job, error) {
			return m.app.ApplyBaseline(m.Context(), app.Actor{Name: "ann"}, app.BaselineRequest{Authority: "till"})
		})), "", `{"authority": "web"}`, 503},
		{"from no channel", link, "", `{"authority": "etsy"}`, 422},
	},
	"cancel-baseline": {
		{"before anything is opened", both(link, job(func(m *merchant) (app.Job, error) {
			return m.app.ApplyBaseline(m.Context(), app.Actor{Name: "ann"}, app.BaselineRequest{Authority: "till"})
		})), "", `{}`, 200},
		{"try it", both(link, wantTill), "", `{"dry_run": true}`, 200},
		{"none is wanted", link, "", `{}`, 404},
	},
	"get-job": {
		{"one that runs", both(hold, job(beginSweep)), firstJob, "", 200},
		{"one that is done", job(beginSweep), firstJob, "", 200},
		{"one that failed", both(failing, job(beginSweep)), firstJob, "", 200},
		{"one that verified", both(sell, job(func(m *merchant) (app.Job, error) { return m.app.Verify(m.Context(), app.Actor{Name: "ann"}) })), firstJob, "", 200},
		{"none", nothing, firstJob, "", 404},
	},
	"list-brakes": {
		{"goods typed in twice, and a mass change", both(typedTwice, func(m *merchant) { m.MassChange() }), "", "", 200},
		{"before the baseline", link, "", "", 200},
		{"none", nothing, "", "", 200},
	},
	"release-brake": {
		{"a mass change", both(sell, func(m *merchant) { m.MassChange() }), "", `{"id": "MASS-CHANGE"}`, 200},
		{"correct what was typed twice", typedTwice, "", `{"id": "TYPED-TWICE", "correct": true}`, 200},
		{"try it", typedTwice, "", `{"id": "TYPED-TWICE", "dry_run": true}`, 200},
		{"what is not there", typedTwice, "", `{"id": "typed-twice"}`, 404},
		{"what ends by itself", typedTwice, "", `{"id": "raise/item-tee/main/web"}`, 403},
	},
	"list-set-aside": {
		{"one", setAside, "", "", 200},
	},
	"resolve-push": {
		{"as applied", setAside, "", `{"call": "call-2", "item": "45", "applied": true}`, 200},
		{"what is definite", setAside, "", `{"call": "call-1", "item": "45", "applied": true}`, 409},
		{"an unknown call", setAside, "", `{"call": "call-9", "item": "45", "applied": true}`, 404},
		{"without a word on whether", setAside, "", `{"call": "call-2", "item": "45"}`, 422},
	},
	"run-sweep": {
		{"all channels", nothing, "", `{"kind": "full"}`, 202},
		{"another sweep runs", both(hold, job(beginSweep)), "", `{"kind": "recent"}`, 503},
		{"another channel", nothing, "", `{"kind": "full", "channel": "etsy"}`, 404},
		{"in another way", nothing, "", `{"kind": "all"}`, 422},
	},
	"report": {
		{"a run", swept, "", "", 200},
		{"of another channel", swept, "?channel=web&since=2026-11-23T10:00:00%2B01:00&class=unlinked&run=x&limit=5&runs=5", "", 200},
		{"a time without its plus", swept, "?since=2026-11-23T10:00:00+01:00", "", 422},
	},
	"list-dead-letters": {
		{"two", letters, "", "", 200},
		{"none", nothing, "", "", 200},
	},
	"get-dead-letter": {
		{"one", letters, "/v1/dead-letters/letter-1", "", 200},
		{"none", letters, "/v1/dead-letters/a%2Fb", "", 404},
	},
	"retry-dead-letters": {
		{"all", letters, "", `{"all": true}`, 200},
		{"one of which nothing was decoded", letters, "", `{"ids": ["letter-2"], "dry_run": true}`, 200},
		{"an unknown one", letters, "", `{"ids": ["letter-1", "letter-3"]}`, 404},
		{"none", letters, "", `{}`, 422},
	},
	"tail-events": {
		{"the last two", events, "?last=2", "", 200},
		{"none", events, "", "", 200},
		{"fewer than none", events, "?last=-1", "", 422},
	},
	"verify-ledger": {
		{"begin", sell, "", "", 202},
	},
	"rebuild-ledger": {
		{"begin", sell, "", "", 202},
	},
	"list-merchants": {
		{"two are declared now, of which one was not opened", nothing, "", "", 200},
	},
	"add-merchant": {
		{"declared by now", nothing, "", `{"name":"grocer"}`, 200},
		{"with a shop of its own", nothing, "", `{"name":"kiosk","settings":"{}","channels":[{"name":"till","platform":"square","settings":"{}"}]}`, 200},
		{"nobody declares it", nothing, "", `{"name":"kiosk"}`, 404},
		{"the configuration has it", nothing, "", `{"name":"florist","settings":"{}"}`, 409},
		{"it runs", nothing, "", `{"name":"florist"}`, 409},
	},
	"pause-merchant": {
		{"it works", nothing, "", `{"name":"florist"}`, 200},
		{"a name that is none", nothing, "", `{"name":"florits"}`, 404},
	},
	"resume-merchant": {
		{"it works", nothing, "", `{"name":"florist"}`, 200},
	},
	"erase-merchant": {
		{"the configuration gave it up", nothing, "", `{"name":"bakery","confirm":"bakery"}`, 200},
		{"the configuration declares it", nothing, "", `{"name":"florist","confirm":"florist"}`, 403},
		{"not named twice", nothing, "", `{"name":"florist","confirm":""}`, 422},
	},
}

// failing has sweeps fail with a fault.
func failing(m *merchant) {
	opts := m.Options()
	opts.SweepChannel = func(context.Context, stock.Channel, string, func(int)) (ledger.Run, []ledger.Finding, error) {
		return ledger.Run{Kind: app.SweepFull}, nil, errors.New("no route to host")
	}
	m.serve(opts)
}

// TestOperations asks each operation and compares with its golden file: the request line, the body and the answer. An answer
// fits the document, whichever it is.
func TestOperations(t *testing.T) {
	t.Parallel()
	for _, op := range api.Operations() {
		t.Run(op.ID, func(t *testing.T) {
			t.Parallel()
			require.NotEmpty(t, requests[op.ID], "the operation has no golden file")
			require.Equal(t, statusOf(op), requests[op.ID][0].status, "the first is one that gets its answer")
			var text bytes.Buffer
			for _, r := range requests[op.ID] {
				synctest.Test(t, func(t *testing.T) { r.write(t, op, &text) })
			}
			golden(t, op.ID, text.Bytes())
		})
	}
	for _, id := range slices.Sorted(maps.Keys(requests)) {
		operation(t, id)
	}
}

func (r request) write(t *testing.T, op api.Operation, text *bytes.Buffer) {
	t.Helper()
	m := newMerchant(t)
	r.tell(m)
	target, body := op.Path+r.target, r.body
	if strings.HasPrefix(r.target, "/") {
		target = r.target
	}
	for name, kind := range map[string]ledger.BrakeKind{"TYPED-TWICE": ledger.TypedTwice, "MASS-CHANGE": ledger.MassChange} {
		if !strings.Contains(body, name) {
			continue // then there is no such brake
		}
		body = strings.ReplaceAll(body, name, m.brakeID(kind))
	}
	got := m.ask(op.Method, target, body)
	require.Equal(t, r.status, got.Code, "%s: %s", r.name, got.Body)
	require.Empty(t, got.Header().Get("Link"))
	if r.status >= http.StatusBadRequest {
		got.problem(r.status)
	} else {
		media, schema := schemaOf(t, op)
		require.Equal(t, media, got.Header().Get("Content-Type"))
		for line := range strings.Lines(got.Body.String()) {
			fits(t, schema, []byte(line))
		}
	}
	fmt.Fprintf(text, "# %s\n%s %s\n", r.name, op.Method, target)
	if body != "" {
		fmt.Fprintln(text, body)
	}
	fmt.Fprintln(text)
	for line := range strings.Lines(got.Body.String()) {
		require.NoError(t, json.Indent(text, []byte(line), "", "  "))
	}
	fmt.Fprintln(text)
}
