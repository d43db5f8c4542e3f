package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
)

// ReportInput is the query of report.
type ReportInput struct {
	Since   time.Time `query:"since" doc:"only what was found since this time"`
	Run     string    `query:"run" doc:"only the findings of this run"`
	Class   string    `query:"class" doc:"only findings of this class"`
	Channel string    `query:"channel" doc:"only this channel"`
	Limit   int       `query:"limit" minimum:"0" doc:"most findings to list; 0: as many as one page holds"`
	Runs    int       `query:"runs" minimum:"0" doc:"most sweeps to list, the youngest; 0: 50"`
}

func report() operation {
	return query(Operation{ID: "report", Method: http.MethodGet, Path: "/v1/report", Scope: ScopeRead, Access: Ledger,
		Summary: "List sweeps and what they found", Example: app.Report{Runs: []ledger.Run{exampleRun}, Findings: []ledger.Finding{exampleFinding}}},
		func(ctx context.Context, a *app.App, in *ReportInput) (app.Report, error) {
			return a.Report(ctx, app.ReportQuery{From: in.Since, Run: in.Run, Class: in.Class, Channel: stock.Channel(in.Channel), Limit: in.Limit, RunLimit: in.Runs})
		})
}

func deadLetters() operation {
	return query(Operation{ID: "list-dead-letters", Method: http.MethodGet, Path: "/v1/dead-letters", Scope: ScopeRead, Access: Own | Stream,
		Summary: "List what could not be applied, and why; oldest first", Example: []app.Letter{exampleLetter}},
		func(ctx context.Context, a *app.App, _ *struct{}) ([]app.Letter, error) { return a.Letters(ctx) })
}

// LetterInput names a dead letter.
type LetterInput struct {
	ID string `path:"id"`
}

func deadLetter() operation {
	return query(Operation{ID: "get-dead-letter", Method: http.MethodGet, Path: "/v1/dead-letters/{id}", Scope: ScopeRead, Access: Own | Stream,
		Summary: "Show one dead letter whole", Example: exampleLetter},
		func(ctx context.Context, a *app.App, in *LetterInput) (app.Letter, error) {
			return a.Letter(ctx, in.ID)
		})
}

// RetryInput is the request of retry-dead-letters.
type RetryInput struct{ Body app.RetryRequest }

func retryLetters() operation {
	return query(Operation{ID: "retry-dead-letters", Method: http.MethodPost, Path: "/v1/dead-letters/retry", Scope: ScopeOperate, Access: Own | Stream,
		Summary: "Put the events of dead letters on the stream again, with their keys", Example: app.RetryResult{Sent: []string{exampleLetter.ID}, Skipped: []string{}}},
		func(ctx context.Context, a *app.App, in *RetryInput) (app.RetryResult, error) {
			return a.RetryLetters(ctx, in.Body)
		})
}

// EventsInput is the query of tail-events.
type EventsInput struct {
	Last   int  `query:"last" minimum:"0" doc:"how many of the newest events of each partition to begin with"`
	Follow bool `query:"follow" doc:"go on with new events until the caller hangs up"`
}

// ndjson is one JSON value a line.
const ndjson = "application/x-ndjson"

// events is the one operation that streams: a line an event, and a last line with a problem if it had to stop.
func events() operation {
	op := Operation{ID: "tail-events", Method: http.MethodGet, Path: "/v1/events", Scope: ScopeRead, Access: Own | Stream,
		Summary: "Print decoded events, one JSON object a line", Example: exampleTailed}
	return operation{op, func(api huma.API, h huma.Operation, to Parts) {
		item := api.OpenAPI().Components.Schemas
		h.Responses["200"] = &huma.Response{Description: "a line an event", Content: map[string]*huma.MediaType{
			ndjson: {Schema: huma.SchemaFromType(item, tailedType)}}}
		huma.Register(api, h, func(_ context.Context, in *EventsInput) (*huma.StreamResponse, error) {
			return &huma.StreamResponse{Body: func(ctx huma.Context) { tail(ctx, to.App, in) }}, nil
		})
	}}
}

func tail(ctx huma.Context, a *app.App, in *EventsInput) {
	ctx.SetHeader("Content-Type", ndjson)
	_, w := humago.Unwrap(ctx)
	encoder, flusher := json.NewEncoder(w), http.NewResponseController(w)
	// The caller learns at once that it is connected: the first event may be long in coming.
	_ = flusher.Flush()
	ended, end := untilStopping(ctx.Context())
	defer end()
	err := a.TailEvents(ended, app.TailQuery{Last: in.Last, Follow: in.Follow}, func(event app.Event) error {
		if err := encoder.Encode(event); err != nil {
			return err
		}
		return flusher.Flush()
	})
	if err != nil && ended.Err() == nil {
		_ = encoder.Encode(problemOf(err))
	}
}
