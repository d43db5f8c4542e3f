package explain

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

func TestWhyClosed(t *testing.T) {
	t.Parallel()
	ref := func(channel stock.Channel, status ledger.RefStatus, wish *ledger.BaselineWish) ledger.DueRef {
		return ledger.DueRef{Ref: ledger.Ref{State: ledger.RefState{Ref: stock.Ref{Channel: channel}, Status: status}, Work: ledger.Work{Baseline: wish}}}
	}
	authority, other := &ledger.BaselineWish{Authority: true}, &ledger.BaselineWish{}
	missing, otherMissing := &ledger.BaselineWish{Authority: true, Missing: true}, &ledger.BaselineWish{Missing: true}
	for name, test := range map[string]struct {
		refs    []ledger.DueRef
		why     Closed
		channel stock.Channel
	}{
		"nothing asked":                  {[]ledger.DueRef{ref("till", ledger.Linked, nil), ref("web", ledger.Linked, nil)}, ClosedNoBaseline, ""},
		"both are read":                  {[]ledger.DueRef{ref("till", ledger.Linked, authority), ref("web", ledger.Linked, other)}, ClosedReading, ""},
		"the authority is read":          {[]ledger.DueRef{ref("till", ledger.Linked, authority), ref("web", ledger.Live, nil)}, ClosedReading, ""},
		"the authority has none":         {[]ledger.DueRef{ref("till", ledger.Linked, missing), ref("web", ledger.Live, nil)}, ClosedNoCount, "till"},
		"the authority is not tracked":   {[]ledger.DueRef{ref("till", ledger.Untracked, missing), ref("web", ledger.Live, nil)}, ClosedNoCount, "till"},
		"one of two counters has none":   {[]ledger.DueRef{ref("till", ledger.Linked, missing), ref("till", ledger.Linked, authority)}, ClosedNoCount, "till"},
		"not on the authority":           {[]ledger.DueRef{ref("web", ledger.Live, nil)}, ClosedNoAuthority, ""},
		"linked after the baseline":      {[]ledger.DueRef{ref("till", ledger.Linked, nil), ref("web", ledger.Live, nil)}, ClosedNoBaseline, ""},
		"the other has none, no one's":   {[]ledger.DueRef{ref("web", ledger.Linked, otherMissing)}, ClosedNoBaseline, ""},
		"an unlinked one does not count": {[]ledger.DueRef{ref("till", ledger.Unlinked, nil), ref("web", ledger.Live, nil)}, ClosedNoAuthority, ""},
	} {
		require.Equal(t, &Closure{Why: test.why, Channel: test.channel}, WhyClosed(test.refs), name)
	}
}
