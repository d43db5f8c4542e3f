package converge

import (
	"context"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Platform is one channel as the worker reads and writes it.
type Platform interface {
	Traits() stock.Traits
	// MaxReads and MaxRows bound how many refs one read and one call may name.
	MaxReads() int
	MaxRows() int
	// PlatformNow is the platform's clock, never ahead of it; zero before the first answer.
	PlatformNow() time.Time
	// ReadRefs answers with one reading per ref asked for. With since it adds what happened from then on: history where the
	// platform keeps one, orders where it does not.
	ReadRefs(ctx context.Context, refs []stock.Ref, since time.Time) (stock.Page, error)
	// EncodeCall is pure: the same arguments give the same bytes.
	EncodeCall(key string, at time.Time, rows []stock.PushRow) ([]byte, error)
	// SendCall makes one attempt with exactly this body.
	SendCall(ctx context.Context, key string, body []byte) stock.Answer
}

// OrderReader is a Platform whose orders must be asked where their units were taken.
type OrderReader interface {
	ReadOrders(ctx context.Context, ids []string) (stock.Page, error)
}

// CatalogReader is a Platform that lists what of its catalog changed lately.
type CatalogReader interface {
	ListChanges(ctx context.Context, since time.Time, cursor string) (stock.CatalogChanges, error)
}

// MarkReader is a Platform that asks whether an item is marked as sold out only where something hints at that. The ledger's knowledge of
// a mark does: it would last for ever if nobody looked whether it is still there.
type MarkReader interface {
	// ExpectMarks has the next read of refs look for their marks.
	ExpectMarks(refs []stock.Ref)
}

// Turner is a Platform of which a request can have its turn before what it asks for is chosen. So it asks for what is due when its turn
// comes, and not for what was due when it began to wait: the scarcer turns are, the more shares one.
type Turner interface {
	// Turn returns a context whose first request has its turn. Without wait it fails where the turn cannot be had at once; else where it
	// would not come, and the request says why. giveBack gives back a turn that was not used.
	Turn(ctx context.Context, wait bool) (withTurn context.Context, giveBack func(), ok bool)
}

// ReferenceFinder is a Platform whose history settles what became of a call.
type ReferenceFinder interface {
	FindReferences(ctx context.Context, refs []stock.Ref, since time.Time, references []string) (map[string]stock.Movement, error)
}

// Ledger is the part of the ledger a worker needs.
type Ledger interface {
	ledger.Applier
	ledger.Worklist
	DueBaselines(ctx context.Context, channel stock.Channel, now time.Time, limit int) ([]ledger.DueRef, error)
	UnitsBefore(ctx context.Context, channel stock.Channel, since time.Time) (ledger.PushLoad, error)
	StoredBrakes(ctx context.Context) ([]ledger.Brake, error)
}
