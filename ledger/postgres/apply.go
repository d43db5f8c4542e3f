package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// slots is how many commits of a merchant are remembered, and so how many may follow one whose answer was lost before somebody asks.
	slots = 256
	// writeTime is how long writing and committing a batch may take, whatever became of its caller.
	writeTime = time.Minute

	// sqlByKeys: a transaction that writes looks rows up by their keys, whatever the keys are; planning that anew costs more than it takes.
	sqlByKeys    = `SELECT set_config('plan_cache_mode', 'force_generic_plan', true)`
	sqlLockHead  = `SELECT last_seq, batches, owner FROM heads WHERE merchant = $1 FOR UPDATE`
	sqlMoveHead  = `UPDATE heads SET last_seq = $2, batches = $3 WHERE merchant = $1`
	sqlSetCommit = `INSERT INTO commits (merchant, slot, number, key) VALUES ($1, $2, $3, $4)
		ON CONFLICT (merchant, slot) DO UPDATE SET number = excluded.number, key = excluded.key`
	sqlCommit = `SELECT number, key FROM commits WHERE merchant = $1 AND slot = $2`
	sqlCursor = `SELECT next_offset FROM cursors WHERE merchant = $1 AND topic = $2 AND partition = $3`
)

// transaction is one try to write for a merchant: a connection, on which the head is locked as soon as something was read.
type transaction struct {
	s    *Store
	conn *pgxpool.Conn
	// lastSeq and number are the merchant's last entry and commit; key is that of this commit.
	lastSeq, number int64
	key             string
	// begun says whether there is something to roll back.
	begun bool
}

// begin begins a batch of statements that are the transaction's first.
func (t *transaction) begin() *pgx.Batch {
	b := &pgx.Batch{}
	b.Queue("begin")
	b.Queue(sqlFence, t.s.merchant)
	b.Queue(sqlByKeys)
	b.Queue(sqlLockHead, t.s.merchant).QueryRow(func(row pgx.Row) error {
		var owner int64
		if err := row.Scan(&t.lastSeq, &t.number, &owner); err != nil {
			return err
		}
		return t.s.mayWrite(owner)
	})
	t.begun = true
	return b
}

func (t *transaction) send(ctx context.Context, b *pgx.Batch) error {
	return t.conn.SendBatch(ctx, b).Close()
}

// queue adds a statement whose first argument is the merchant.
func (t *transaction) queue(b *pgx.Batch, text string, args ...any) *pgx.QueuedQuery {
	return b.Queue(text, append([]any{t.s.merchant}, args...)...)
}

// commit sends what was decided, and the commit with it. What it cannot find out is errUnknownOutcome.
func (t *transaction) commit(ctx context.Context, b *pgx.Batch, lastSeq int64) error {
	number := t.number + 1
	t.queue(b, sqlMoveHead, lastSeq, number)
	t.queue(b, sqlSetCommit, number%slots, number, t.key)
	b.Queue("commit")
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTime)
	defer cancel()
	err := t.send(ctx, b)
	if err == nil || isAnswer(err) {
		t.begun = err != nil
		return err
	}
	// The connection may be the last that the pool has.
	t.begun = false
	t.conn.Release()
	ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), writeTime)
	defer cancel()
	stored, asking := t.s.stored(ctx, number, t.key)
	switch {
	case asking != nil:
		return fmt.Errorf("%w: %w, then %w", errUnknownOutcome, err, asking)
	case stored:
		return nil
	}
	return err
}

// stored says whether a commit was stored. It waits for the transaction that may still be there, by its lock on the head.
func (s *Store) stored(ctx context.Context, number int64, key string) (stored bool, err error) {
	err = retrying(ctx, func() error {
		stored = false
		var last, found int64
		var seq, owner int64
		b := s.fenced()
		b.Queue(sqlLockHead, s.merchant).QueryRow(func(row pgx.Row) error { return row.Scan(&seq, &last, &owner) })
		b.Queue(sqlCommit, s.merchant, number%slots).Query(func(rows pgx.Rows) error {
			return drain(rows, func(rows pgx.Rows) error {
				var known string
				err := rows.Scan(&found, &known)
				stored = found == number && known == key
				return err
			})
		})
		if err := s.pool.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
		if found > number {
			return fmt.Errorf("%d batches were stored since", last-number)
		}
		return nil
	})
	return stored, err
}

// writing runs work in a transaction of its own, which begins, reads, and ends by committing. Where that fails for a reason that passes
// and nothing was stored, work runs again from the start.
func (s *Store) writing(ctx context.Context, work func(ctx context.Context, t *transaction) error) error {
	if s.readOnly {
		return ledger.ErrReadOnly
	}
	done, err := s.use()
	if err != nil {
		return err
	}
	defer done()
	err = retrying(ctx, func() error {
		conn, err := s.acquire(ctx)
		if err != nil {
			return fmt.Errorf("connecting: %w", err)
		}
		defer conn.Release()
		t := &transaction{s: s, conn: conn, key: uuid.NewString()}
		if err := work(ctx, t); err != nil {
			return t.undo(ctx, err)
		}
		return nil
	})
	return inLedgerWords(err)
}

func (s *Store) acquire(ctx context.Context) (*pgxpool.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	return s.pool.Acquire(ctx)
}

// undo rolls back and returns cause. A connection on which that fails is not used again, and the server rolls back without it.
func (t *transaction) undo(ctx context.Context, cause error) error {
	if !t.begun || t.conn.Conn().IsClosed() {
		return cause
	}
	t.begun = false
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTime)
	defer cancel()
	if _, err := t.conn.Exec(ctx, "rollback"); err != nil {
		return errors.Join(cause, fmt.Errorf("rolling back: %w", err))
	}
	return cause
}

// Apply decides about a batch and writes what was decided in one transaction; see ledger.Store.
func (s *Store) Apply(ctx context.Context, step ledger.Step, in ledger.Batch) (ledger.Receipt, error) {
	var receipt ledger.Receipt
	err := s.writing(ctx, func(ctx context.Context, t *transaction) error {
		ctx, cancel := context.WithTimeout(ctx, s.patience)
		defer cancel()
		b := newBatch(t, in.At)
		if err := b.load(ctx, in); err != nil {
			return err
		}
		changes, err := step.Decide(b.snapshot, in)
		if err != nil {
			return err
		}
		entries, err := b.fold(ctx, changes)
		if err != nil {
			return err
		}
		writes := &pgx.Batch{}
		if err := b.queueWrites(writes, entries, changes, in); err != nil {
			return err
		}
		lastSeq := t.lastSeq + int64(len(entries))
		if err := t.commit(ctx, writes, lastSeq); err != nil {
			return b.keyError(ctx, err, entries)
		}
		receipt = ledger.Receipt{
			LastSeq: lastSeq, Entries: entries, Dispositions: changes.Dispositions, Calls: changes.Calls, Wanted: changes.Wanted(),
		}
		return nil
	})
	if err != nil {
		return ledger.Receipt{}, err
	}
	return receipt, nil
}

// checkCursor compares the consumed offset. The first batch of a partition may begin anywhere.
func checkCursor(c ledger.Cursor, next int64) error {
	if !c.Reset && (next != c.From || c.Next < c.From) {
		return fmt.Errorf("%w: %s/%d is at %d, batch is from %d to %d", ledger.ErrCursorMoved, c.Topic, c.Partition, next, c.From, c.Next)
	}
	return nil
}

// fold numbers the entries and takes each into its ref's state, in memory. It reports what would be wrong about an entry before what
// would be wrong about a later one.
func (b *batch) fold(ctx context.Context, changes ledger.Changes) ([]ledger.Entry, error) {
	if err := b.loadMissing(ctx, changes); err != nil {
		return nil, err
	}
	entries := slices.Grow([]ledger.Entry(nil), len(changes.Entries))
	keys := make(map[string]string, len(changes.Entries))
	for _, d := range changes.Entries {
		e, err := d.Recorded(b.t.lastSeq+1+int64(len(entries)), b.at)
		if err != nil {
			return nil, b.keyBefore(ctx, fmt.Errorf("writing entry: %w", err), entries)
		}
		if fingerprint, used := keys[e.Key]; used {
			return nil, b.keyBefore(ctx, keyTaken(e, fingerprint), entries)
		}
		keys[e.Key] = e.Fingerprint
		entries = append(entries, e)
		if e.Ref == (stock.Ref{}) {
			continue
		}
		state := b.states[e.Ref]
		if _, fits := state.Expected.Plus(e.ExpectedDelta); !fits {
			err := fmt.Errorf("writing entry %s: %w: expected %s and %s", e.Key, ledger.ErrOverflow, state.Expected, e.ExpectedDelta)
			return nil, b.keyBefore(ctx, err, entries)
		}
		b.states[e.Ref] = state.After(e)
		b.touched.add(e.Ref)
	}
	for _, w := range changes.Work {
		if _, linked := b.states[w.Ref]; !linked {
			return nil, b.keyBefore(ctx, fmt.Errorf("writing work of %s: %w: the ref was never linked", w.Ref, ledger.ErrNotFound), entries)
		}
	}
	return entries, nil
}

// keyTaken says why a key could not be used: the step wrote it twice, or it stands for another content.
func keyTaken(e ledger.Entry, fingerprint string) error {
	if fingerprint == e.Fingerprint {
		return fmt.Errorf("writing entry %s: its key is written twice", e.Key)
	}
	return fmt.Errorf("writing entry: %w: %s", ledger.ErrKeyReused, e.Key)
}

// keyBefore returns cause, or what is wrong with the key of one of the entries. Entries never change, so that it does not matter whether
// the transaction is still there.
func (b *batch) keyBefore(ctx context.Context, cause error, entries []ledger.Entry) error {
	taken := map[string]string{}
	keys := make([]string, len(entries))
	for i, e := range entries {
		keys[i] = e.Key
	}
	q := b.t.s.fenced()
	b.t.queue(q, sqlKeys, strs(keys...)).Query(scanKeys(taken))
	if err := b.t.send(ctx, q); err != nil {
		return err
	}
	for _, e := range entries {
		if fingerprint, used := taken[text(e.Key)]; used {
			return keyTaken(e, fingerprint)
		}
	}
	return cause
}

// keyError says of an error of writing which key was taken, if one was.
func (b *batch) keyError(ctx context.Context, err error, entries []ledger.Entry) error {
	if !isKeyTaken(err) {
		return fmt.Errorf("writing: %w", err)
	}
	if undoing := b.t.undo(ctx, nil); undoing != nil {
		return undoing
	}
	return b.keyBefore(ctx, err, entries)
}
