package ledger

import (
	"context"
	"errors"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// Store keeps one merchant's ledger, for whom it is opened; it never sees another's. ledger/ledgertest is the suite that every
// store passes. Consumers ask for the roles they need, not for the whole.
//
// Lists come in pages of at most MaxPage rows; a limit of 0 means MaxPage, and a page with fewer rows than its limit is the last.
// AllRefs and its like page on by themselves.
type Store interface {
	Applier
	Catalog
	Refs
	Journal
	Calls
	Worklist
	Baselines
	Positions
	Runs
	Status
	Keeper
}

// Applier writes what happened.
type Applier interface {
	// Apply runs step on what the batch touches and writes everything it decided in one transaction. It returns an *InputError
	// (nothing written) when one input cannot be applied, ErrCursorMoved when the offsets were stored before. A batch without
	// inputs moves offsets and marks only: nothing is to be decided, and step may be nil.
	Apply(ctx context.Context, step Step, batch Batch) (Receipt, error)
}

// Catalog keeps the items that shelves hold.
type Catalog interface {
	// SaveItems writes items, replacing label and name of those that are known.
	SaveItems(ctx context.Context, items []stock.Item) error
	// Items returns a page of items by id; after is the last id of the page before.
	Items(ctx context.Context, after stock.ItemID, limit int) ([]stock.Item, error)
	// Item returns an item, or ErrNotFound.
	Item(ctx context.Context, id stock.ItemID) (stock.Item, error)
	// ItemBySKU returns the items that have exactly this label, or a linked article that has this SKU in its channel now, by id;
	// merchants may give one twice.
	ItemBySKU(ctx context.Context, sku string) ([]stock.Item, error)
	// SaveLabels writes what channels call their items now, replacing what is known.
	SaveLabels(ctx context.Context, labels []Label) error
	// Labels returns what the channels call the linked articles of items, by channel and article.
	Labels(ctx context.Context, items ...stock.ItemID) ([]Label, error)
}

// Label is what a channel calls one of its items, as its catalog said last. SKU is empty where it has none.
type Label struct {
	Channel stock.Channel
	Item    string
	SKU     string
	Name    string
}

// Refs shows how refs and shelves stand now.
type Refs interface {
	// Refs returns a page of refs in order.
	Refs(ctx context.Context, filter RefFilter) ([]DueRef, error)
	// Ref returns one ref with its shelf's level, or ErrNotFound when it was never linked.
	Ref(ctx context.Context, ref stock.Ref) (DueRef, error)
	// Shelves returns a page of shelves that have entries, in order.
	Shelves(ctx context.Context, filter ShelfFilter) ([]ShelfState, error)
	// UnitsBefore sums |level| over the refs of a channel that follow their shelves, and counts those that had any: of one that changed
	// since then, the level before (Work.Before). What changes on them is not in it.
	UnitsBefore(ctx context.Context, channel stock.Channel, since time.Time) (PushLoad, error)
}

// Journal shows what happened, and what it came to at any time.
type Journal interface {
	// Entries returns a page of entries with their postings, by seq.
	Entries(ctx context.Context, filter EntryFilter) ([]Entry, error)
	// Balances returns the item's accounts that were posted to, now or at another time.
	Balances(ctx context.Context, item stock.ItemID, at AsOf) (map[Account]stock.Quantity, error)
	// Levels returns the level of every shelf that was posted to, now or at another time.
	Levels(ctx context.Context, at AsOf) (map[stock.Shelf]stock.Quantity, error)
	// Unexplained returns a channel's suspense accounts that are on their side of zero since before or at a time, oldest first.
	// What a ref left behind on an item that it is no longer tied to is not among them.
	Unexplained(ctx context.Context, channel stock.Channel, before time.Time, limit int) ([]Suspense, error)
}

// Calls shows the requests that carried pushes.
type Calls interface {
	// Calls returns calls, youngest first.
	Calls(ctx context.Context, filter CallFilter) ([]Call, error)
	// Call returns one stored call, or ErrNotFound.
	Call(ctx context.Context, key string) (Call, error)
}

// Worklist shows what is to be done for a channel.
type Worklist interface {
	// DueReads returns refs whose wished read is due and means something, but for baselines; none with a call in flight. The most
	// urgent first: smallest |level|, then longest due, then by ref.
	DueReads(ctx context.Context, channel stock.Channel, now time.Time, limit int) ([]DueRef, error)
	// DuePushes returns a page of the pushes that are wanted and due, of live refs on open shelves; none with a call in flight.
	// Order as in DueReads; after is the last push of the page before.
	DuePushes(ctx context.Context, channel stock.Channel, now time.Time, after DuePush, limit int) ([]DuePush, error)
	// DueResources returns the resource wishes that are due, oldest first.
	DueResources(ctx context.Context, channel stock.Channel, now time.Time, limit int) ([]ResourceWish, error)
	// OpenCalls returns the calls that are not definite, oldest first.
	OpenCalls(ctx context.Context, channel stock.Channel) ([]Call, error)
	// NextDue returns the earliest time after now at which a read, push, call or resource becomes due; zero when none will.
	NextDue(ctx context.Context, channel stock.Channel, now time.Time) (time.Time, error)
	// Uncaused returns the refs on opened shelves that remember changes without a cause which were pushed since or later, or are still
	// to be pushed; by ref. Refs that follow their shelf but cannot be pushed now (unreadable, set aside) are among them: what was
	// pushed to them was pushed.
	Uncaused(ctx context.Context, channel stock.Channel, since time.Time) ([]DueRef, error)
}

// Baselines shows what a first sync has still to do. It may concern every ref there is, so that nothing here reads them all.
type Baselines interface {
	// DueBaselines returns refs whose baseline is wanted and whose wished read is due; none with a call in flight. Longest due first,
	// then by ref.
	DueBaselines(ctx context.Context, channel stock.Channel, now time.Time, limit int) ([]DueRef, error)
	// BaselineProgress counts it.
	BaselineProgress(ctx context.Context) (BaselineProgress, error)
	// BaselinesBegun says whether any ref of the channel has, or had, its baseline since it was linked.
	BaselinesBegun(ctx context.Context, channel stock.Channel) (bool, error)
}

// BaselineProgress is what first syncs have still to do, in refs.
type BaselineProgress struct {
	// Waiting wait for their baseline; of Missing the counter could not be read yet, and nobody waits for them.
	Waiting int64
	Missing int64
	// PushesLeft are live on opened shelves and do not show their target.
	PushesLeft int64
}

// Positions shows how far the stream and the sweeps were read. Apply moves them.
type Positions interface {
	// Cursors returns the next offset of each partition of the topic.
	Cursors(ctx context.Context, topic string) (map[int]int64, error)
	// Mark returns a named position; "" when there is none.
	Mark(ctx context.Context, name string) (string, error)
}

// Runs keeps what sweeps did and found.
type Runs interface {
	// SaveRun writes a run, replacing what was written under its id.
	SaveRun(ctx context.Context, run Run) error
	// SaveFindings writes findings, replacing those whose ids are known.
	SaveFindings(ctx context.Context, findings []Finding) error
	// Runs returns runs, youngest first.
	Runs(ctx context.Context, filter RunFilter) ([]Run, error)
	// Findings returns a page of findings, oldest first.
	Findings(ctx context.Context, filter FindingFilter) ([]Finding, error)
}

// Status shows what a person should look at.
type Status interface {
	// Summary returns the ledger in a few figures.
	Summary(ctx context.Context) (Summary, error)
	// Tallies returns how often inputs ended in which way.
	Tallies(ctx context.Context) ([]Tally, error)
	// StoredBrakes returns every brake that was ever stored, by id.
	StoredBrakes(ctx context.Context) ([]Brake, error)
	// Waiting returns order lines that cannot explain anything yet, oldest first.
	Waiting(ctx context.Context, limit int) ([]Waiting, error)
	// Unlinked returns channel items that facts arrived for although no shelf is tied to them, latest first.
	Unlinked(ctx context.Context, limit int) ([]UnlinkedItem, error)
}

// Keeper looks after the store itself.
type Keeper interface {
	// Verify recomputes everything that follows from entries and compares. progress, unless nil, is told how far it is.
	Verify(ctx context.Context, progress func(done, total int64)) (VerifyReport, error)
	// Rebuild writes the caches anew from the entries. What was intended or remembered beside them is left as it is.
	Rebuild(ctx context.Context) error
	// Close waits for the batch that is being applied and gives the store up.
	Close() error
}

// ErrReadOnly: a write was asked of a store that was opened to read.
var ErrReadOnly = errors.New("ledger is open to read only")
