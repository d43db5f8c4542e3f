package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/evenstock/evenstock/sync/app"
)

// Scope is what a caller must be allowed, to ask for an operation.
type Scope string

// The scopes.
const (
	// ScopeRead looks and changes nothing.
	ScopeRead Scope = "read"
	// ScopeOperate settles what waits for a person: brakes, pushes, dead letters, sweeps.
	ScopeOperate Scope = "operate"
	// ScopeSetUp decides what is kept even: links and baselines.
	ScopeSetUp Scope = "set-up"
	// ScopeMaintain looks after the ledger itself.
	ScopeMaintain Scope = "maintain"
)

// Access is which parts of a merchant an operation uses. A running serve has them all; without one, whoever asks opens these alone.
type Access uint8

// The parts.
const (
	// Ledger is the ledger to read, beside whatever process writes it.
	Ledger Access = 1 << iota
	// Own is the data folder for this process alone, with the ledger to write.
	Own
	// Platforms is the channels' adapters and the rules. It takes the secrets.
	Platforms
	// Stream is the broker.
	Stream
	// Work is what goes on by itself: consuming, reading, pushing.
	Work
	// First says that the operation may be the first on a data folder.
	First
	// Merchants is which merchants there are, and their work.
	Merchants

	// Everything is what a running serve has.
	Everything = whole | Merchants

	// whole is all of one merchant.
	whole = Own | Platforms | Stream | Work

	decide = Own | Platforms
)

// Has says whether all of these parts are used.
func (a Access) Has(parts Access) bool { return a&parts == parts }

// Covers says whether whoever has these parts can answer what needs those: who owns the ledger can read it.
func (a Access) Covers(needed Access) bool {
	if a.Has(Own) {
		needed &^= Ledger
	}
	return a.Has(needed &^ First)
}

// Operation is what there is to know about an operation without asking for it.
type Operation struct {
	ID      string
	Method  string
	Path    string
	Summary string
	Scope   Scope
	Access  Access
	// Example is an answer.
	Example any
	// Status is that of an answer; 0: 200. BodyMax bounds the request, in bytes; 0: 1 MiB.
	Status  int
	BodyMax int64
}

// operation is one row of the table: an Operation and how it is done.
type operation struct {
	Operation
	register func(api huma.API, op huma.Operation, to Parts)
}

// answer is how huma wants an answer's body.
type answer[T any] struct{ Body T }

// query is an operation that nobody needs to have a name for.
func query[In, Out any](op Operation, do func(ctx context.Context, a *app.App, in *In) (Out, error)) operation {
	return act(op, func(ctx context.Context, a *app.App, _ app.Actor, in *In) (Out, error) { return do(ctx, a, in) })
}

// act is an operation of which the ledger keeps who did it.
func act[In, Out any](op Operation, do func(ctx context.Context, a *app.App, by app.Actor, in *In) (Out, error)) operation {
	return operation{op, func(api huma.API, h huma.Operation, to Parts) {
		huma.Register(api, h, func(ctx context.Context, in *In) (*answer[Out], error) {
			result, err := do(ctx, to.App, callerOf(ctx).Actor, in)
			if err != nil {
				return nil, problemOf(err)
			}
			return &answer[Out]{result}, nil
		})
	}}
}

// table is every operation. The order is that of the document.
func table() []operation {
	return []operation{
		status(), configuration(), stockLevels(), explanation(), settle(),
		links(), suggestLinks(), importLinks(), extendLinks(), unlink(), waitingRefs(), joinShelf(),
		planBaseline(), applyBaseline(), cancelBaseline(), job(),
		brakes(), releaseBrake(), setAsidePushes(), resolvePush(),
		runSweep(), report(),
		deadLetters(), deadLetter(), retryLetters(), events(),
		verifyLedger(), rebuildLedger(),
		listMerchants(), addMerchant(), pauseMerchant(), resumeMerchant(), eraseMerchant(),
	}
}

// Operations lists every operation.
func Operations() []Operation {
	var list []Operation
	for _, row := range table() {
		list = append(list, row.Operation)
	}
	return list
}

// Find returns the operation that answers a request; ok is false when none does.
func Find(req *http.Request) (op Operation, ok bool) {
	mux, byPattern := http.NewServeMux(), map[string]Operation{}
	for _, op := range Operations() {
		pattern := op.Method + " " + op.Path
		mux.Handle(pattern, http.NotFoundHandler())
		byPattern[pattern] = op
	}
	_, pattern := mux.Handler(req)
	op, ok = byPattern[pattern]
	return op, ok
}
