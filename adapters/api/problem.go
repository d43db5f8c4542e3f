package api

import (
	"errors"
	"net/http"

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

// Fault is one place in a request that is wrong. It does not repeat what was sent.
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
	p := problem(status, typed.What)
	p.Kind, p.Remedy, p.Meant = typed.Kind.String(), string(typed.Remedy), typed.Meant
	return p
}

func problem(status int, detail string) *Problem {
	return &Problem{Title: http.StatusText(status), Status: status, Detail: detail}
}

// asProblem turns huma's own errors, which repeat what was sent, into problems that do not.
func asProblem(_ huma.Context, _ string, body any) (any, error) {
	model, ours := body.(*huma.ErrorModel)
	if !ours {
		return body, nil
	}
	p := problem(model.Status, model.Detail)
	if model.Status < http.StatusInternalServerError {
		p.Kind = app.Invalid.String()
	}
	for _, fault := range model.Errors {
		if fault != nil {
			p.Faults = append(p.Faults, Fault{Location: fault.Location, Message: fault.Message})
		}
	}
	return p, nil
}

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
