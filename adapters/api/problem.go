package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/evenstock/evenstock/sync/app"
)

// Problem is an error as it travels (RFC 9457): an app.Error, or a fault, which has no kind.
type Problem struct {
	Title  string `json:"title" doc:"the status in words"`
	Status int    `json:"status" doc:"the HTTP status"`
	Detail string `json:"detail" doc:"what is wrong, for a person"`
	Kind   string `json:"kind,omitempty" enum:"not found,invalid,conflict,refused,busy,damaged" doc:"what sort of error it is; none: a fault of the server"`
	Remedy string `json:"remedy,omitempty" doc:"code of what a person can do"`
	// Meant is what may have been meant, or what there is to choose from.
	Meant []string `json:"meant,omitempty" doc:"what may have been meant, or what there is to choose from"`
	// Faults are the places in the request that are wrong.
	Faults []Fault `json:"faults,omitempty" doc:"the places in the request that are wrong"`
}

// Fault is one place in a request that is wrong. It repeats no value that was sent; of a name that does not belong there, the beginning.
type Fault struct {
	Location string `json:"location"`
	Message  string `json:"message"`
}

func (p *Problem) Error() string { return p.Detail }

// GetStatus is huma's.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is huma's.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// statuses is the one table from kinds of errors to HTTP.
var statuses = map[app.Kind]int{
	app.NotFound: http.StatusNotFound, app.Invalid: http.StatusUnprocessableEntity, app.Conflict: http.StatusConflict,
	app.Refused: http.StatusForbidden, app.Busy: http.StatusServiceUnavailable, app.Damaged: http.StatusInternalServerError,
}

// problemOf maps an error of an action or query.
func problemOf(err error) error {
	var typed *app.Error
	if !errors.As(err, &typed) {
		return problem(http.StatusInternalServerError, err.Error())
	}
	status, known := statuses[typed.Kind]
	if !known {
		status = http.StatusInternalServerError
	}
	p := problem(status, err.Error())
	p.Kind, p.Remedy, p.Meant = typed.Kind.String(), string(typed.Remedy), typed.Meant
	return p
}

func problem(status int, detail string) *Problem {
	return &Problem{Title: http.StatusText(status), Status: status, Detail: detail}
}

const (
	// faultsMax is how many places of a request are named.
	faultsMax = 20
	// wordsMax bounds what a fault repeats of names in the request and its headers, in bytes.
	wordsMax = 200
)

// asProblem turns huma's own errors, which repeat what was sent, into problems that do not.
func asProblem(_ huma.Context, _ string, body any) (any, error) {
	model, ours := body.(*huma.ErrorModel)
	if !ours {
		return body, nil
	}
	p := refusal(model.Status, model.Detail)
	if len(model.Errors) > faultsMax {
		p.Detail = fmt.Sprintf("%s in %d places, of which these are the first %d", p.Detail, len(model.Errors), faultsMax)
	}
	for _, fault := range model.Errors[:min(len(model.Errors), faultsMax)] {
		if fault != nil {
			p.Faults = append(p.Faults, Fault{Location: clip(fault.Location), Message: clip(fault.Message)})
		}
	}
	return p, nil
}

func clip(words string) string {
	if len(words) <= wordsMax {
		return words
	}
	return strings.ToValidUTF8(words[:wordsMax], "") + "..."
}

// refusal is what this package says itself, with the kind that the status stands for.
func refusal(status int, detail string) *Problem {
	p := problem(status, detail)
	switch {
	case status == http.StatusForbidden:
		p.Kind = app.Refused.String()
	case status == http.StatusNotFound:
		p.Kind = app.NotFound.String()
	case status < http.StatusInternalServerError:
		p.Kind = app.Invalid.String()
	}
	return p
}

// unanswered says as a problem what a mux answers to a request that is for no operation: 404, or 405 with the methods that there are.
func unanswered(w http.ResponseWriter, req *http.Request, answer http.Handler) {
	said := &statusOnly{ResponseWriter: w}
	answer.ServeHTTP(said, req)
	p := refusal(said.status, "no operation answers this method and path")
	w.Header().Set("Content-Type", p.ContentType(""))
	w.Header().Del("Content-Length")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}

// statusOnly keeps the status of an answer and lets its headers pass, but not its text.
type statusOnly struct {
	http.ResponseWriter
	status int
}

func (w *statusOnly) WriteHeader(status int)      { w.status = status }
func (w *statusOnly) Write(p []byte) (int, error) { return len(p), nil }

// allowed lets a request pass to its operation if the caller's scopes do.
func allowed(api huma.API, scope Scope) func(ctx huma.Context, next func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		if caller := callerOf(ctx.Context()); !caller.may(scope) {
			_ = huma.WriteErr(api, ctx, http.StatusForbidden, "this needs the scope "+string(scope))
			return
		}
		next(ctx)
	}
}
