package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/evenstock/evenstock/ledger"
)

// tries is how often something is tried that fails for a reason that passes; before each next one it waits twice as long.
const (
	tries     = 6
	firstWait = 20 * time.Millisecond
)

// errUnknownOutcome: whether a batch was stored could not be found out.
var errUnknownOutcome = errors.New("it is not known whether the batch was stored")

// retrying runs work again while it fails for a reason that passes and left nothing behind.
func retrying(ctx context.Context, work func() error) error {
	for wait, n := firstWait, 1; ; wait, n = 2*wait, n+1 {
		err := work()
		if err == nil || n == tries || ctx.Err() != nil || !passes(err) {
			return err
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return errors.Join(err, ctx.Err())
		case <-timer.C:
		}
	}
}

// passes says whether an error is of the connection, of a server that stops or starts, or of transactions that met.
func passes(err error) bool {
	var pg *pgconn.PgError
	if errors.Is(err, errUnknownOutcome) {
		return false
	}
	if errors.As(err, &pg) {
		return pg.Code == "40001" || pg.Code == "40P01" || endsSession(pg)
	}
	return isLost(err) || errors.Is(err, errEnding)
}

// isLost says whether an error is of the connection. What the driver says about a retry is not asked.
func isLost(err error) bool {
	var network net.Error
	var connecting *pgconn.ConnectError
	return errors.As(err, &network) || errors.As(err, &connecting) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, pgconn.ErrConnClosed) || errors.Is(err, net.ErrClosed)
}

// endsSession says whether the server ended the session with the error: all that is known then is what it answered before.
func endsSession(pg *pgconn.PgError) bool {
	return pg.SeverityUnlocalized == "FATAL" || pg.SeverityUnlocalized == "PANIC" || strings.HasPrefix(pg.Code, "08") || strings.HasPrefix(pg.Code, "57P")
}

// isAnswer says whether the server refused a statement and the session goes on.
func isAnswer(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && !endsSession(pg)
}

// inLedgerWords makes an error of the ledger's kinds of one of the database's, by its code or the constraint that it names.
func inLedgerWords(err error) error {
	var pg *pgconn.PgError
	switch {
	case !errors.As(err, &pg):
		return err
	case pg.Code == "22003", pg.ConstraintName == "balances_range":
		return fmt.Errorf("%w: %w", ledger.ErrOverflow, err)
	}
	return err
}

// isDenied says whether the login has no right to it.
func isDenied(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "42501"
}

// isUndefined says whether there is no such table.
func isUndefined(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "42P01"
}

// isKeyTaken says whether an entry's key was used before.
func isKeyTaken(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "23505" && pg.ConstraintName == "entries_key"
}
