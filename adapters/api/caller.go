package api

import (
	"context"

	"github.com/evenstock/evenstock/sync/app"
)

// Caller is who is at the other end, as the transport knows them, and what they may do.
type Caller struct {
	Actor  app.Actor
	scopes []Scope
}

// LocalCaller is a user of this machine who may open the data folder, and so may do everything.
func LocalCaller(name string) Caller {
	return Caller{Actor: app.Actor{Name: name}, scopes: []Scope{ScopeRead, ScopeOperate, ScopeSetUp, ScopeMaintain}}
}

func (c Caller) may(scope Scope) bool {
	for _, allowed := range c.scopes {
		if allowed == scope {
			return true
		}
	}
	return false
}

type callerKey struct{}

// WithCaller says who asks. A request without one may do nothing.
func WithCaller(ctx context.Context, caller Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, caller)
}

func callerOf(ctx context.Context) Caller {
	caller, _ := ctx.Value(callerKey{}).(Caller)
	return caller
}
