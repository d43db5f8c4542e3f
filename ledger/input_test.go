package ledger_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

func TestScope(t *testing.T) {
	t.Parallel()
	web := stock.Ref{Channel: "web", Item: "i1", Location: "77"}
	sale := stock.Movement{Key: "A1", Ref: till}
	ours := stock.Movement{Key: "A2", Ref: till, Reference: stock.ReferencePrefix + "call-1:3"}
	recount := stock.Recount{Key: "P1", Ref: till}
	order := stock.Order{Channel: "web", ID: "900", Lines: []stock.OrderLine{{SoldAs: "s2"}, {SoldAs: "s1"}, {SoldAs: "s2"}}}
	for name, c := range map[string]struct {
		inputs []ledger.Input
		want   ledger.Scope
	}{
		"reading":  {[]ledger.Input{ledger.Delivered{Event: stock.Event{Reading: &stock.Reading{Ref: till}}}}, ledger.Scope{Refs: []stock.Ref{till}}},
		"movement": {[]ledger.Input{ledger.Delivered{Event: stock.Event{Movement: &sale}}}, ledger.Scope{Refs: []stock.Ref{till}, Keys: []string{"till:A1"}}},
		"recount":  {[]ledger.Input{ledger.Delivered{Event: stock.Event{Recount: &recount}}}, ledger.Scope{Refs: []stock.Ref{till}, Keys: []string{"till:P1"}}},
		"order": {[]ledger.Input{ledger.Delivered{Event: stock.Event{Order: &order}}}, ledger.Scope{
			Orders: []ledger.OrderID{{Channel: "web", Order: "900"}}, SoldAs: []ledger.SoldAs{{Channel: "web", Item: "s1"}, {Channel: "web", Item: "s2"}},
		}},
		"hint":          {[]ledger.Input{ledger.Delivered{Event: stock.Event{Hint: &stock.Hint{}}}}, ledger.Scope{}},
		"hint of a ref": {[]ledger.Input{ledger.Delivered{Event: stock.Event{Hint: &stock.Hint{Ref: &till}}}}, ledger.Scope{Refs: []stock.Ref{till}}},
		"own read": {[]ledger.Input{ledger.OwnRead{Reading: stock.Reading{Ref: web}, Movements: []stock.Movement{sale, ours}, Recounts: []stock.Recount{recount}}}, ledger.Scope{
			Refs:  []stock.Ref{till, web},
			Keys:  []string{ledger.PushKey("call-1", 3, ledger.Answered), "till:A1", "till:A2", "till:P1"},
			Calls: []string{"call-1"},
		}},
		"plan":    {[]ledger.Input{ledger.PlanCall{Channel: "web", Refs: []stock.Ref{web, till}}}, ledger.Scope{Refs: []stock.Ref{till, web}, Channels: []stock.Channel{"web"}}},
		"calls":   {[]ledger.Input{ledger.CallSending{Key: "b"}, ledger.CallAnswered{Key: "a"}, ledger.CallAnswered{Key: "b"}}, ledger.Scope{Calls: []string{"a", "b"}}},
		"wishes":  {[]ledger.Input{ledger.WantRead{Ref: web}, ledger.WantBaseline{Ref: till}, ledger.UnlinkRef{Ref: web}}, ledger.Scope{Refs: []stock.Ref{till, web}}},
		"cancel":  {[]ledger.Input{ledger.CancelBaseline{Shelf: shelf}}, ledger.Scope{Shelves: []stock.Shelf{shelf}}},
		"link":    {[]ledger.Input{ledger.LinkRef{Ref: till, Shelf: shelf}}, ledger.Scope{Refs: []stock.Ref{till}, Shelves: []stock.Shelf{shelf}}},
		"brakes":  {[]ledger.Input{ledger.EngageBrake{Brake: ledger.Brake{ID: "y"}}, ledger.ReleaseBrake{ID: "x"}}, ledger.Scope{Brakes: []string{"x", "y"}}},
		"resolve": {[]ledger.Input{ledger.ResolvePush{Call: "c", Ref: till}}, ledger.Scope{Refs: []stock.Ref{till}, Calls: []string{"c"}}},
		"nothing": {[]ledger.Input{ledger.ResourceRead{}}, ledger.Scope{}},
	} {
		require.Equal(t, c.want, ledger.Batch{Inputs: c.inputs}.Scope(), name)
	}
}

func TestCallOfReference(t *testing.T) {
	t.Parallel()
	for reference, want := range map[string]string{
		"": "", "evenstock:": "", "evenstock:k": "k", "evenstock:k:0": "k", "other:k:0": "", "Evenstock:k": "",
	} {
		require.Equal(t, want, ledger.CallOfReference(reference), "%q", reference)
	}
}

func TestRowOfReference(t *testing.T) {
	t.Parallel()
	for reference, want := range map[string]int{
		"evenstock:k:0": 0, "evenstock:k:12": 12, "evenstock:k": -1, "evenstock:k:": -1, "evenstock:k:-1": -1, "evenstock:k:x": -1, "": -1,
	} {
		require.Equal(t, want, ledger.RowOfReference(reference), "%q", reference)
	}
}

func TestInputError(t *testing.T) {
	t.Parallel()
	err := error(&ledger.InputError{Index: 3, Err: ledger.ErrKeyReused})
	require.ErrorIs(t, err, ledger.ErrKeyReused)
	require.Equal(t, "input 3: idempotency key reused with other content", err.Error())
	var input *ledger.InputError
	require.True(t, errors.As(err, &input))
}

func TestAllowed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status     ledger.RefStatus
		work       ledger.Work
		read, push bool
	}{
		{ledger.Live, ledger.Work{Read: 1, Push: true}, true, true},
		{ledger.Live, ledger.Work{}, false, false},
		{ledger.Live, ledger.Work{Read: 1, Push: true, InFlight: "c"}, false, false},
		{ledger.Linked, ledger.Work{Read: 1, Push: true}, false, false},
		{ledger.Linked, ledger.Work{Read: 1, Push: true, Baseline: &ledger.BaselineWish{}}, true, false},
		{ledger.Unreadable, ledger.Work{Read: 1, Push: true}, true, false},
		{ledger.Untracked, ledger.Work{Read: 1, Push: true}, true, false},
		{ledger.SetAside, ledger.Work{Read: 1, Push: true}, false, false},
		{ledger.Unlinked, ledger.Work{Read: 1, Push: true}, false, false},
		{0, ledger.Work{Read: 1, Push: true}, false, false},
	} {
		r := ledger.Ref{State: ledger.RefState{Status: c.status}, Work: c.work}
		require.Equal(t, c.read, r.ReadAllowed(), "%s: read", c.status)
		require.Equal(t, c.push, r.PushAllowed(true), "%s: push", c.status)
		require.False(t, r.PushAllowed(false), "no push to a shelf without opening")
	}
}
