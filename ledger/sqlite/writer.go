package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// writer is the writing connection with its prepared statements.
type writer struct {
	conn *sql.Conn
	memory
	// settle is called when the transaction is committed.
	settle func()

	lastSeq, key, keys, booked, soldAs, refsAndSiblings, refsOfItem, shelf, balance *sql.Stmt
	counters, waiting, call, brake, active, cursor                                  *sql.Stmt

	addEntry, addPosting, setBalance, setShelf, setRef, setWork, setCounter          *sql.Stmt
	setWaiting, dropWaiting, setCall, addCallRow, setBrake, setWish, dropWish        *sql.Stmt
	moveRef, moveWork, moveUrgentWork, setUrgency, dataVersion                       *sql.Stmt
	setUnlinked, addTally, setCursor, setMark, setItem, setLabel, setRun, setFinding *sql.Stmt
}

func newWriter(ctx context.Context, db *sql.DB) (*writer, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	w := &writer{conn: conn}
	w.forget()
	for _, s := range w.statements() {
		if *s.stmt, err = conn.PrepareContext(ctx, s.text); err != nil {
			return nil, errors.Join(fmt.Errorf("preparing %q: %w", s.text, err), w.close())
		}
	}
	return w, nil
}

type statement struct {
	stmt **sql.Stmt
	text string
}

func (w *writer) statements() []statement {
	return []statement{
		{&w.lastSeq, sqlLastSeq}, {&w.key, sqlKey}, {&w.keys, sqlKeys}, {&w.booked, sqlBooked}, {&w.soldAs, sqlSoldAs}, {&w.refsAndSiblings, sqlRefsAndSiblings},
		{&w.refsOfItem, sqlRefsOfItem}, {&w.shelf, sqlShelf}, {&w.balance, sqlBalance}, {&w.counters, sqlCounters},
		{&w.waiting, sqlWaiting}, {&w.call, sqlCall}, {&w.brake, sqlBrake}, {&w.active, sqlActive}, {&w.cursor, sqlCursor},
		{&w.addEntry, sqlAddEntry}, {&w.addPosting, sqlAddPosting}, {&w.setBalance, sqlSetBalance}, {&w.setShelf, sqlSetShelf},
		{&w.setRef, sqlSetRef}, {&w.setWork, sqlSetWork}, {&w.setCounter, sqlSetCounter}, {&w.setWaiting, sqlSetWaiting},
		{&w.dropWaiting, sqlDropWaiting}, {&w.setCall, sqlSetCall}, {&w.addCallRow, sqlAddCallRow}, {&w.setBrake, sqlSetBrake},
		{&w.setWish, sqlSetWish}, {&w.dropWish, sqlDropWish}, {&w.setUnlinked, sqlUnlinked}, {&w.addTally, sqlTally},
		{&w.setCursor, sqlSetCursor}, {&w.setMark, sqlSetMark}, {&w.setItem, sqlSetItem}, {&w.setLabel, sqlSetLabel}, {&w.setRun, sqlSetRun},
		{&w.setFinding, sqlSetFound}, {&w.moveRef, sqlMoveRef}, {&w.moveWork, sqlMoveWork}, {&w.moveUrgentWork, sqlMoveUrgentWork},
		{&w.setUrgency, sqlSetUrgency}, {&w.dataVersion, sqlDataVersion},
	}
}

func (w *writer) close() error {
	var errs []error
	for _, s := range w.statements() {
		if *s.stmt != nil {
			errs = append(errs, (*s.stmt).Close())
		}
	}
	return errors.Join(append(errs, w.conn.Close())...)
}

// each runs a query and calls scan for each row.
func each(ctx context.Context, stmt *sql.Stmt, scan func(*sql.Rows) error, args ...any) error {
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	return drain(rows, scan)
}

func drain(rows *sql.Rows, scan func(*sql.Rows) error) error {
	for rows.Next() {
		if err := scan(rows); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}
