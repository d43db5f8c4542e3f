package client

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/explain"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/fleet"
	"github.com/evenstock/evenstock/sync/health"
)

// query collects parameters that are not zero.
type query struct{ url.Values }

func newQuery() query { return query{url.Values{}} }

func (q query) text(name, value string) query {
	if value != "" {
		q.Set(name, value)
	}
	return q
}

func (q query) number(name string, value int) query {
	if value != 0 {
		q.Set(name, strconv.Itoa(value))
	}
	return q
}

func (q query) flag(name string, value bool) query {
	if value {
		q.Set(name, "true")
	}
	return q
}

func (q query) time(name string, value time.Time) query {
	if !value.IsZero() {
		q.Set(name, value.Format(time.RFC3339Nano))
	}
	return q
}

func (q query) past(at ledger.AsOf) query {
	return q.time("as_of", at.Occurred).time("known_at", at.Recorded)
}

// segment is an id as one segment of a path. Dots alone would mean another path.
func segment(id string) string {
	if id == "." || id == ".." {
		return strings.ReplaceAll(id, ".", "%2E")
	}
	return url.PathEscape(id)
}

// Configuration compares the configuration of the running serve with its file.
func (c *Client) Configuration(ctx context.Context) (health.Configuration, error) {
	return get[health.Configuration](ctx, c, "/v1/configuration", nil)
}

// Status says how everything is doing.
func (c *Client) Status(ctx context.Context) (app.Status, error) {
	return get[app.Status](ctx, c, "/v1/status", nil)
}

// Stock lists levels, and what every channel shows of them.
func (c *Client) Stock(ctx context.Context, q app.StockQuery) (app.StockList, error) {
	values := newQuery().text("sku", q.SKU).number("limit", q.Limit).flag("uneven", q.Uneven).past(q.At)
	return get[app.StockList](ctx, c, "/v1/stock", values.Values)
}

// Explain says why a number is what it is.
func (c *Client) Explain(ctx context.Context, q app.ExplainQuery) (explain.Explanation, error) {
	values := newQuery().text("sku", q.SKU).text("location", string(q.Location)).past(q.At)
	return get[explain.Explanation](ctx, c, "/v1/explanation", values.Values)
}

// Settle says where units belong that nobody has explained, or takes that back.
func (c *Client) Settle(ctx context.Context, request app.SettleRequest) (app.Settled, error) {
	return post[app.Settled](ctx, c, "/v1/stock/settle", request)
}

// Links lists which items of the channels belong together.
func (c *Client) Links(ctx context.Context) ([]app.Link, error) {
	return get[[]app.Link](ctx, c, "/v1/links", nil)
}

// SuggestLinks proposes links by SKU.
func (c *Client) SuggestLinks(ctx context.Context) (app.Suggestion, error) {
	return get[app.Suggestion](ctx, c, "/v1/links/suggestion", nil)
}

// ImportLinks ties items of the channels to shelves.
func (c *Client) ImportLinks(ctx context.Context, request app.LinkRequest) (app.LinkResult, error) {
	return post[app.LinkResult](ctx, c, "/v1/links", request)
}

// ExtendLinks ties linked items at the configured locations where they have no counter yet.
func (c *Client) ExtendLinks(ctx context.Context, request app.ExtendRequest) (app.LinkResult, error) {
	return post[app.LinkResult](ctx, c, "/v1/links/extend", request)
}

// Unlink forgets a channel's item.
func (c *Client) Unlink(ctx context.Context, request app.UnlinkRequest) (app.LinkResult, error) {
	return post[app.LinkResult](ctx, c, "/v1/links/remove", request)
}

// WaitingRefs lists what waits to join a shelf.
func (c *Client) WaitingRefs(ctx context.Context) ([]app.WaitingRef, error) {
	return get[[]app.WaitingRef](ctx, c, "/v1/links/waiting", nil)
}

// Join says what the count of an item means that waits to join a shelf.
func (c *Client) Join(ctx context.Context, request app.JoinRequest) ([]app.Joined, error) {
	return post[[]app.Joined](ctx, c, "/v1/links/join", request)
}

// PlanBaseline says what a baseline would open and push.
func (c *Client) PlanBaseline(ctx context.Context, request app.BaselineRequest) (app.BaselinePlan, error) {
	return get[app.BaselinePlan](ctx, c, "/v1/baseline/plan", newQuery().text("authority", string(request.Authority)).Values)
}

// CancelBaseline gives up a first sync that is under way.
func (c *Client) CancelBaseline(ctx context.Context, request app.CancelRequest) (app.CancelledBaseline, error) {
	return post[app.CancelledBaseline](ctx, c, "/v1/baseline/cancel", request)
}

// ApplyBaseline begins to take the baselines.
func (c *Client) ApplyBaseline(ctx context.Context, request app.BaselineRequest) (app.Job, error) {
	return post[app.Job](ctx, c, "/v1/baseline", request)
}

// Job says how far a job is, and what came of it.
func (c *Client) Job(ctx context.Context, id string) (app.Job, error) {
	return get[app.Job](ctx, c, "/v1/jobs/"+segment(id), nil)
}

// Brakes lists what holds pushes back.
func (c *Client) Brakes(ctx context.Context) ([]app.Brake, error) {
	return get[[]app.Brake](ctx, c, "/v1/brakes", nil)
}

// ReleaseBrake lets the pushes of a brake pass.
func (c *Client) ReleaseBrake(ctx context.Context, request app.ReleaseRequest) (app.ReleaseResult, error) {
	return post[app.ReleaseResult](ctx, c, "/v1/brakes/release", request)
}

// SetAsidePushes lists pushes that only a person can settle.
func (c *Client) SetAsidePushes(ctx context.Context) ([]app.SetAsidePush, error) {
	return get[[]app.SetAsidePush](ctx, c, "/v1/pushes/set-aside", nil)
}

// ResolvePush says whether a push was applied.
func (c *Client) ResolvePush(ctx context.Context, request app.ResolveRequest) (app.ResolveResult, error) {
	return post[app.ResolveResult](ctx, c, "/v1/pushes/resolve", request)
}

// Sweep begins to sweep channels.
func (c *Client) Sweep(ctx context.Context, request app.SweepRequest) (app.Job, error) {
	return post[app.Job](ctx, c, "/v1/sweeps", request)
}

// Report lists sweeps and what they found.
func (c *Client) Report(ctx context.Context, q app.ReportQuery) (app.Report, error) {
	values := newQuery().time("since", q.From).text("run", q.Run).text("class", q.Class).
		text("channel", string(q.Channel)).number("limit", q.Limit).number("runs", q.RunLimit)
	return get[app.Report](ctx, c, "/v1/report", values.Values)
}

// Letters lists dead letters, oldest first.
func (c *Client) Letters(ctx context.Context) ([]app.Letter, error) {
	return get[[]app.Letter](ctx, c, "/v1/dead-letters", nil)
}

// Letter shows one dead letter whole.
func (c *Client) Letter(ctx context.Context, id string) (app.Letter, error) {
	return get[app.Letter](ctx, c, "/v1/dead-letters/"+segment(id), nil)
}

// RetryLetters puts the events of dead letters on the stream again.
func (c *Client) RetryLetters(ctx context.Context, request app.RetryRequest) (app.RetryResult, error) {
	return post[app.RetryResult](ctx, c, "/v1/dead-letters/retry", request)
}

// Verify begins to recompute the ledger from its entries.
func (c *Client) Verify(ctx context.Context) (app.Job, error) {
	return post[app.Job](ctx, c, "/v1/ledger/verify", nil)
}

// Rebuild begins to write what follows from the entries anew.
func (c *Client) Rebuild(ctx context.Context) (app.Job, error) {
	return post[app.Job](ctx, c, "/v1/ledger/rebuild", nil)
}

// tailLineMax bounds one line of a tail: an event is at most 1 MiB.
const tailLineMax = 4 << 20

// TailEvents hands the lines of a tail to visit, each an event as JSON, until there are no more, ctx ends or visit returns an error.
func (c *Client) TailEvents(ctx context.Context, q app.TailQuery, visit func(line json.RawMessage) error) error {
	values := newQuery().number("last", q.Last).flag("follow", q.Follow)
	res, err := c.send(ctx, http.MethodGet, "/v1/events?"+values.Encode(), nil)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, tailLineMax)
	for lines.Scan() {
		var stopped struct {
			Status int `json:"status"`
		}
		if json.Unmarshal(lines.Bytes(), &stopped) == nil && stopped.Status != 0 {
			return problemOf(http.StatusText(stopped.Status), lines.Bytes())
		}
		if err := visit(lines.Bytes()); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("reading events: %w", err)
	}
	return nil
}

// Merchants lists the merchants of the process.
func (c *Client) Merchants(ctx context.Context) ([]fleet.Merchant, error) {
	return get[[]fleet.Merchant](ctx, c, "/v1/merchants", nil)
}

// AddMerchant adds a merchant.
func (c *Client) AddMerchant(ctx context.Context, request fleet.AddRequest) (fleet.Merchant, error) {
	return post[fleet.Merchant](ctx, c, "/v1/merchants", request)
}

// PauseMerchant ends a merchant's work until it is resumed.
func (c *Client) PauseMerchant(ctx context.Context, request fleet.Named) (fleet.Merchant, error) {
	return post[fleet.Merchant](ctx, c, "/v1/merchants/pause", request)
}

// ResumeMerchant goes on with it.
func (c *Client) ResumeMerchant(ctx context.Context, request fleet.Named) (fleet.Merchant, error) {
	return post[fleet.Merchant](ctx, c, "/v1/merchants/resume", request)
}

// EraseMerchant removes a merchant with everything that is its own.
func (c *Client) EraseMerchant(ctx context.Context, request fleet.EraseRequest) (fleet.Erased, error) {
	return post[fleet.Erased](ctx, c, "/v1/merchants/erase", request)
}
