package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/evenstock/evenstock/adapters/api"
	"github.com/evenstock/evenstock/adapters/api/client"
	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/sqlite"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/app/apptest"
	"github.com/evenstock/evenstock/sync/health"
	"github.com/evenstock/evenstock/sync/stream"
)

// Nothing of a client or of a handler may be left when its answer is closed.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var ann = app.Actor{Name: "ann"}

func newBook(t *testing.T) *apptest.Book {
	t.Helper()
	store, err := sqlite.Open(t.Context(), sqlite.Options{Folder: t.TempDir()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	return apptest.New(t, store)
}

// handlerOf answers ann.
func handlerOf(a *app.App) http.Handler {
	handler := api.New(a)
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		handler.ServeHTTP(w, req.WithContext(api.WithCaller(req.Context(), api.LocalCaller("ann"))))
	})
}

// ways are the transports, each of which must give the same.
var ways = map[string]func(t *testing.T, handler http.Handler) *client.Client{
	"in process": func(_ *testing.T, handler http.Handler) *client.Client {
		return client.New(client.InProcess{Handler: handler}, "http://evenstock")
	},
	"over the network": func(t *testing.T, handler http.Handler) *client.Client {
		server := httptest.NewServer(handler)
		c := client.New(&http.Transport{}, server.URL)
		t.Cleanup(func() {
			c.Close()
			server.Close()
		})
		return c
	},
}

// pair is one method of the client, and what it stands for.
type pair struct {
	method string
	asked  func(ctx context.Context, c *client.Client) (any, error)
	meant  func(ctx context.Context, a *app.App) (any, error)
	// refused says that there is no answer, but an error.
	refused bool
}

func refused(p pair) pair {
	p.refused = true
	return p
}

// same is a pair of methods with a request.
func same[In, Out any](method string, in In, asked func(*client.Client, context.Context, In) (Out, error), meant func(*app.App, context.Context, In) (Out, error)) pair {
	return pair{method: method,
		asked: func(ctx context.Context, c *client.Client) (any, error) { return boxed(asked(c, ctx, in)) },
		meant: func(ctx context.Context, a *app.App) (any, error) { return boxed(meant(a, ctx, in)) }}
}

// bare is a pair without one.
func bare[Out any](method string, asked func(*client.Client, context.Context) (Out, error), meant func(*app.App, context.Context) (Out, error)) pair {
	return pair{method: method,
		asked: func(ctx context.Context, c *client.Client) (any, error) { return boxed(asked(c, ctx)) },
		meant: func(ctx context.Context, a *app.App) (any, error) { return boxed(meant(a, ctx)) }}
}

// by gives an act the actor whom the transport names.
func by[In, Out any](act func(*app.App, context.Context, app.Actor, In) (Out, error)) func(*app.App, context.Context, In) (Out, error) {
	return func(a *app.App, ctx context.Context, in In) (Out, error) { return act(a, ctx, ann, in) }
}

func boxed[T any](value T, err error) (any, error) { return value, err }

func verify(a *app.App, ctx context.Context) (app.Job, error)  { return a.Verify(ctx, ann) }
func rebuild(a *app.App, ctx context.Context) (app.Job, error) { return a.Rebuild(ctx, ann) }

func tailAsked(ctx context.Context, c *client.Client, q app.TailQuery) (list []app.Event, err error) {
	err = c.TailEvents(ctx, q, func(line json.RawMessage) error {
		var event app.Event
		list = append(list, event)
		return json.Unmarshal(line, &list[len(list)-1])
	})
	return list, err
}

func tailMeant(ctx context.Context, a *app.App, q app.TailQuery) (list []app.Event, err error) {
	err = a.TailEvents(ctx, q, func(event app.Event) error {
		list = append(list, event)
		return nil
	})
	return list, err
}

func tails(q app.TailQuery) pair {
	return pair{method: "TailEvents",
		asked: func(ctx context.Context, c *client.Client) (any, error) { return boxed(tailAsked(ctx, c, q)) },
		meant: func(ctx context.Context, a *app.App) (any, error) { return boxed(tailMeant(ctx, a, q)) }}
}

var (
	before  = time.Date(2026, 11, 23, 10, 0, 30, 123456789, time.FixedZone("", 3600))
	teeRows = []app.LinkRow{{SKU: "TEE-M", Channel: "till", Item: "V1", SoldAs: "V1"}, {SKU: "MUG", Name: `a "mug", 0.3 l`, Channel: "web", Item: "46"}}
)

// pairs ask every method for an answer, and most for a refusal too: first what only looks, then what acts.
var pairs = []pair{
	bare("Status", (*client.Client).Status, (*app.App).Status),
	bare("Configuration", (*client.Client).Configuration,
		func(a *app.App, _ context.Context) (health.Configuration, error) { return a.Configuration(), nil }),
	same("Stock", app.StockQuery{}, (*client.Client).Stock, (*app.App).Stock),
	same("Stock", app.StockQuery{SKU: "TEE-M", Limit: 1, At: ledger.AsOf{Occurred: before, Recorded: before}}, (*client.Client).Stock, (*app.App).Stock),
	refused(same("Stock", app.StockQuery{SKU: "a&b=c +%?#/ä\n", Uneven: true}, (*client.Client).Stock, (*app.App).Stock)),
	refused(same("Stock", app.StockQuery{Uneven: true, At: ledger.AsOf{Occurred: before}}, (*client.Client).Stock, (*app.App).Stock)),
	same("Explain", app.ExplainQuery{SKU: "TEE-M", Location: "main"}, (*client.Client).Explain, (*app.App).Explain),
	same("Explain", app.ExplainQuery{SKU: "TEE-M", At: ledger.AsOf{Recorded: before}}, (*client.Client).Explain, (*app.App).Explain),
	refused(same("Explain", app.ExplainQuery{SKU: "tee m"}, (*client.Client).Explain, (*app.App).Explain)),
	refused(same("Explain", app.ExplainQuery{SKU: "TEE-M", Location: "attic"}, (*client.Client).Explain, (*app.App).Explain)),
	bare("Links", (*client.Client).Links, (*app.App).Links),
	bare("SuggestLinks", (*client.Client).SuggestLinks, (*app.App).SuggestLinks),
	same("PlanBaseline", app.BaselineRequest{Authority: "till"}, (*client.Client).PlanBaseline, (*app.App).PlanBaseline),
	refused(same("PlanBaseline", app.BaselineRequest{Authority: "etsy"}, (*client.Client).PlanBaseline, (*app.App).PlanBaseline)),
	bare("Brakes", (*client.Client).Brakes, (*app.App).Brakes),
	bare("SetAsidePushes", (*client.Client).SetAsidePushes, (*app.App).SetAsidePushes),
	same("Report", app.ReportQuery{}, (*client.Client).Report, (*app.App).Report),
	same("Report", app.ReportQuery{From: before}, (*client.Client).Report, (*app.App).Report),
	same("Report", app.ReportQuery{Run: "run-1"}, (*client.Client).Report, (*app.App).Report),
	same("Report", app.ReportQuery{Class: "unlinked"}, (*client.Client).Report, (*app.App).Report),
	same("Report", app.ReportQuery{Channel: "web"}, (*client.Client).Report, (*app.App).Report),
	same("Report", app.ReportQuery{Limit: 2}, (*client.Client).Report, (*app.App).Report),
	same("Report", app.ReportQuery{RunLimit: 3}, (*client.Client).Report, (*app.App).Report),
	bare("Letters", (*client.Client).Letters, (*app.App).Letters),
	same("Letter", "letter-1", (*client.Client).Letter, (*app.App).Letter),
	refused(same("Letter", "letter/../9", (*client.Client).Letter, (*app.App).Letter)),
	tails(app.TailQuery{Last: 1}),
	tails(app.TailQuery{}),

	refused(same("RetryLetters", app.RetryRequest{}, (*client.Client).RetryLetters, (*app.App).RetryLetters)),
	same("RetryLetters", app.RetryRequest{All: true, DryRun: true}, (*client.Client).RetryLetters, (*app.App).RetryLetters),
	same("RetryLetters", app.RetryRequest{IDs: []string{"letter-1"}}, (*client.Client).RetryLetters, (*app.App).RetryLetters),
	refused(same("ReleaseBrake", app.ReleaseRequest{ID: "mass-change/web/1", Correct: true, DryRun: true}, (*client.Client).ReleaseBrake, by((*app.App).ReleaseBrake))),
	same("ReleaseBrake", app.ReleaseRequest{ID: "mass-change/web/1"}, (*client.Client).ReleaseBrake, by((*app.App).ReleaseBrake)),
	refused(same("Settle", app.SettleRequest{SKU: "TEE-M", As: "shrinkage", Note: "x"}, (*client.Client).Settle, by((*app.App).Settle))),
	refused(same("ResolvePush", app.ResolveRequest{Call: "call-1", Item: "45"}, (*client.Client).ResolvePush, by((*app.App).ResolvePush))),
	same("ResolvePush", app.ResolveRequest{Call: "call-2", Item: "45", Applied: true}, (*client.Client).ResolvePush, by((*app.App).ResolvePush)),
	refused(same("Sweep", app.SweepRequest{Kind: "all"}, (*client.Client).Sweep, by((*app.App).Sweep))),
	same("Sweep", app.SweepRequest{Kind: app.SweepRecent, Channel: "web"}, (*client.Client).Sweep, by((*app.App).Sweep)),
	refused(same("Sweep", app.SweepRequest{Kind: app.SweepFull}, (*client.Client).Sweep, by((*app.App).Sweep))),
	same("Job", "00000000-0000-4000-8000-000000000001", (*client.Client).Job, (*app.App).Job),
	refused(same("Job", "a/b ä%2F", (*client.Client).Job, (*app.App).Job)),
	refused(same("ApplyBaseline", app.BaselineRequest{}, (*client.Client).ApplyBaseline, by((*app.App).ApplyBaseline))),
	same("ApplyBaseline", app.BaselineRequest{Authority: "till"}, (*client.Client).ApplyBaseline, by((*app.App).ApplyBaseline)),
	same("CancelBaseline", app.CancelRequest{DryRun: true}, (*client.Client).CancelBaseline, by((*app.App).CancelBaseline)),
	bare("Verify", (*client.Client).Verify, verify),
	bare("Rebuild", (*client.Client).Rebuild, rebuild),
	same("ImportLinks", app.LinkRequest{}, (*client.Client).ImportLinks, by((*app.App).ImportLinks)),
	same("ImportLinks", app.LinkRequest{Rows: teeRows, DryRun: true}, (*client.Client).ImportLinks, by((*app.App).ImportLinks)),
	same("ImportLinks", app.LinkRequest{Rows: teeRows}, (*client.Client).ImportLinks, by((*app.App).ImportLinks)),
	same("ImportLinks", app.LinkRequest{Rows: []app.LinkRow{{SKU: "MUG", Channel: "till", Item: "V1"}, {Row: 9}}, AcceptRenamed: true}, (*client.Client).ImportLinks, by((*app.App).ImportLinks)),
	same("Unlink", app.UnlinkRequest{Channel: "web", Item: "45"}, (*client.Client).Unlink, (*app.App).Unlink),
	same("ExtendLinks", app.ExtendRequest{DryRun: true}, (*client.Client).ExtendLinks, (*app.App).ExtendLinks),
	refused(same("Unlink", app.UnlinkRequest{Channel: "etsy", Item: "45"}, (*client.Client).Unlink, (*app.App).Unlink)),
	bare("WaitingRefs", (*client.Client).WaitingRefs, (*app.App).WaitingRefs),
	refused(same("Join", app.JoinRequest{Channel: "web", Item: "45", How: "level"}, (*client.Client).Join, by((*app.App).Join))),
	refused(same("Join", app.JoinRequest{Channel: "web", Item: "45", How: "counter", Location: "main", DryRun: true}, (*client.Client).Join, by((*app.App).Join))),
}

// tell fills a merchant so that every query has an answer.
func tell(b *apptest.Book) {
	b.Sell()
	b.SetAside()
	b.Apply(ledger.EngageBrake{Brake: ledger.Brake{ID: "mass-change/web/1", Kind: ledger.MassChange, Channel: "web", Since: b.Now(), Evidence: stock.Evidence{"shelves": "312"}}})
	b.Till.Items = []stock.CatalogItem{{Item: "V1", SoldAs: "V1", SKU: "TEE-M"}, {Item: "V2", SoldAs: "V2", SKU: "MUG"}}
	b.Web.Items = []stock.CatalogItem{{Item: "46", SoldAs: "44", SKU: "MUG"}, {Item: "47", SoldAs: "45", Name: "Poster"}}
	require.NoError(b, b.Store.SaveItems(b.Context(), []stock.Item{{ID: "item-cap", SKU: "CAP"}}))
	b.Apply(ledger.LinkRef{Ref: stock.Ref{Channel: "till", Item: "V3", Location: "L1"}, Shelf: stock.Shelf{Item: "item-cap", Location: "main"}, SoldAs: "V3"})
	b.Till.Counters[stock.Ref{Channel: "till", Item: "V3", Location: "L1"}] = 4
	event := stock.Event{ID: "e1", Channel: "web", Topic: "orders/updated", ObservedAt: b.Now(), Hint: &stock.Hint{Resource: "order/1001"}}
	require.NoError(b, b.Stream.Put(b.Context(), stream.DeadLetter{ID: "letter-1", Reason: "item 45 overflows", Source: "evenstock.events/0/7", Channel: "web", Event: &event}))
	require.NoError(b, b.Stream.Publish(b.Context(), []stock.Event{event, event}))
	b.Stream.Spoil()
	for i := range 6 {
		class, channel := []string{"missed delivery", "unlinked"}[i%2], []stock.Channel{"till", "web"}[i/3]
		run := ledger.Run{ID: fmt.Sprint("run-", i), Kind: app.SweepFull, Channel: channel, StartedAt: before.Add(time.Duration(i-2) * time.Nanosecond), Read: i}
		require.NoError(b, b.Store.SaveRun(b.Context(), run))
		finding := ledger.Finding{ID: run.ID + "/1", Run: run.ID, At: run.StartedAt, Class: class, Channel: channel, Ref: apptest.TillTee, Shelf: apptest.Tee}
		require.NoError(b, b.Store.SaveFindings(b.Context(), []ledger.Finding{finding}))
	}
}

// TestTheClientSaysWhatTheAppSays asks two merchants of whom the same was told: one through the client, one directly. Values and
// errors are the same, whichever way they came, and so is what was done.
func TestTheClientSaysWhatTheAppSays(t *testing.T) {
	t.Parallel()
	for way, connect := range ways {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			far, near := newBook(t), newBook(t)
			tell(far)
			tell(near)
			c, a := connect(t, handlerOf(app.New(far.Options()))), app.New(near.Options())
			for i, p := range pairs {
				name := fmt.Sprintf("pair %d, %s", i, p.method)
				want, wantErr := p.meant(t.Context(), a)
				got, err := p.asked(t.Context(), c)
				require.Equal(t, p.refused, wantErr != nil, "%s: %v", name, wantErr)
				if p.refused {
					var typed *app.Error
					require.ErrorAs(t, wantErr, &typed, name)
					require.Equal(t, typed, err, name)
					continue
				}
				require.NoError(t, err, name)
				require.Equal(t, asJSON(t, want), asJSON(t, got), name)
				require.Equal(t, near.Written(), far.Written(), name)
			}
		})
	}
}

func asJSON(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return string(text)
}

// Every method of the client is one of the pairs, and every operation has a method.
func TestEveryMethodIsCompared(t *testing.T) {
	t.Parallel()
	compared := map[string]bool{}
	for _, p := range pairs {
		compared[p.method] = true
	}
	others := append([]string{"Await", "Close", "Of"}, ofMerchants...)
	for method := range reflect.TypeFor[*client.Client]().Methods() {
		require.True(t, compared[method.Name] || slices.Contains(others, method.Name), method.Name)
	}
	require.Equal(t, len(compared)+len(ofMerchants), len(api.Operations()))
	require.Equal(t, len(compared)+len(others), reflect.TypeFor[*client.Client]().NumMethod())
}

// A fault of the other side is a plain error with its words.
func TestFaultsArePlainErrors(t *testing.T) {
	t.Parallel()
	for way, connect := range ways {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			b := newBook(t)
			b.Stream.Fail(errors.New("disk full"))
			_, err := connect(t, handlerOf(app.New(b.Options()))).Letters(t.Context())
			require.EqualError(t, err, "reading dead letters: disk full")
			var typed *app.Error
			require.NotErrorAs(t, err, &typed)
		})
	}
}

// Something else may listen where a server should.
func TestOtherServers(t *testing.T) {
	t.Parallel()
	answers := map[string]struct {
		status int
		body   string
		says   string
	}{
		"a proxy":       {502, "<html>\nno upstream", `evenstock answered 502 Bad Gateway: "<html>\nno upstream"`},
		"another API":   {404, `{"message": "no"}`, `evenstock answered 404 Not Found: "{\"message\": \"no\"}"`},
		"a newer kind":  {418, `{"detail": "I am a teapot", "kind": "teapot"}`, "I am a teapot"},
		"with places":   {422, `{"detail": "validation failed", "faults": [{"location": "body.id", "message": "expected string"}]}`, "validation failed; body.id: expected string"},
		"half a value":  {200, `{"serving": tr`, "reading the answer: unexpected EOF"},
		"nothing":       {200, ``, "reading the answer: EOF"},
		"a long answer": {500, string(make([]byte, 1<<20)), "evenstock answered 500 Internal Server Error"},
	}
	for name, answer := range answers {
		for way, connect := range ways {
			t.Run(name+"/"+way, func(t *testing.T) {
				t.Parallel()
				_, err := connect(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					w.WriteHeader(answer.status)
					_, _ = w.Write([]byte(answer.body))
				})).Status(t.Context())
				require.ErrorContains(t, err, answer.says)
				require.Less(t, len(err.Error()), 2_000)
			})
		}
	}
}

// An id that is no name of a place in a path finds nothing, and nothing else.
func TestIDsThatMeanSomethingInAPath(t *testing.T) {
	t.Parallel()
	for way, connect := range ways {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			c := connect(t, handlerOf(app.New(newBook(t).Options())))
			for _, id := range []string{"", ".", "..", "../links", "a?b", "a#b", "\x00"} {
				_, err := c.Letter(t.Context(), id)
				var typed *app.Error
				require.ErrorAs(t, err, &typed, "%q", id)
				require.Equal(t, app.NotFound, typed.Kind, "%q", id)
			}
		})
	}
}
