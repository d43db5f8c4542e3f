package simulator

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// square is a naive Square: per counter a history of adjustments and physical counts. The count is the sum of the
// adjustments, in the order of occurred_at, since the latest physical count (facts: Inventory API, model).
type square struct {
	w  *world
	ch *channel
	// tieAbsorbs: an adjustment that occurred exactly when a recount did is absorbed. Unpublished, so drawn per run.
	tieAbsorbs bool
	// touches: a row that moved nothing still sets calculated_at.
	touches bool
	// refusalsHold: a refusal uses up its key. If not, an attempt that strays past it is written after all.
	refusalsHold bool
	// posGrain is the grain of occurred_at as tills write it; created_at and calculated_at have serverGrain.
	posGrain time.Duration
	// feedLag is how long after its write a row may be missing from the changes feed.
	feedLag time.Duration
	// editsFound: a list of what was received later than a time has the rows that were edited later, too. Unpublished, so drawn.
	editsFound bool
	// lagged: feedLag was not 0 before the faults stopped.
	lagged bool

	histories [][]squareRow
	latest    []int // index of the recount that counts, by counter; -1: none
	rowID     int
	replays   map[string]replay
}

// serverGrain is the grain of Square's own times: examples show milliseconds or finer.
const serverGrain = time.Millisecond

type squareRow struct {
	id        int
	recount   bool
	quantity  stock.Quantity // adjustment: signed change of IN_STOCK; recount: what was counted
	cause     stock.Cause
	occurred  time.Time
	created   time.Time
	at        time.Duration
	reference string
	// unlisted: the feed does not tell of it (a transfer).
	unlisted bool
	// unproven: only the word of who wrote it stands behind it.
	unproven bool
	// effect is the index of what it did among the counter's effects.
	effect int
	// edited is when the row was last edited, as Square and as virtual time have it, and was its quantity before.
	edited   time.Time
	editedAt time.Duration
	was      stock.Quantity
}

// replay is what a platform remembers of an idempotency key.
type replay struct {
	body   string
	answer stock.Answer
	at     time.Duration
}

func newSquare(w *world, ch *channel) *square {
	s := &square{
		w: w, ch: ch, tieAbsorbs: w.dice.chance(0.5), touches: w.dice.chance(0.5), refusalsHold: w.dice.chance(0.5), posGrain: serverGrain, replays: map[string]replay{},
	}
	if w.dice.chance(0.4) {
		s.posGrain = time.Second
	}
	if w.dice.chance(0.2) {
		s.feedLag, s.lagged = w.dice.between(0, 800*time.Millisecond), true
	}
	s.editsFound = w.dice.chance(0.5)
	return s
}

func (s *square) open(c *counter, quantity stock.Quantity) {
	s.arrive(c, squareRow{recount: true, quantity: quantity, occurred: s.w.clock(s.ch).Add(-time.Hour)}, "recount")
}

// arrive receives a row and changes the count by what the row means to it.
func (s *square) arrive(c *counter, row squareRow, by string) int {
	s.rowID++
	row.id, row.created, row.at = s.rowID, s.w.clock(s.ch).Truncate(serverGrain), s.w.now
	history := s.histories[c.index]
	delta, absorbed := row.quantity, false
	latest := s.latest[c.index]
	switch {
	case row.recount && latest >= 0 && row.occurred.Before(history[latest].occurred):
		delta, absorbed = 0, true
	case row.recount:
		delta = s.since(history, row) - c.quantity
		s.latest[c.index] = len(history)
	case latest >= 0 && s.absorbs(history[latest].occurred, row.occurred):
		delta, absorbed = 0, true
	}
	e := effect{by: by, delta: delta, occurred: row.occurred, recount: row.recount, key: rowKey(row.id), unproven: row.unproven}
	if row.reference != "" {
		e.call = row.reference
	} else if !row.recount && !row.unlisted {
		e.explained = row.quantity
	}
	row.effect = len(c.effects)
	s.histories[c.index] = append(history, row)
	c.exists = true
	if !absorbed || s.touches {
		c.version = row.created
	}
	c.happen(s.w, e)
	if !absorbed || s.touches {
		s.w.courier.level(c)
	}
	if absorbed && !row.recount {
		s.w.reached("adjustment absorbed by a recount")
	}
	return row.id
}

// since is what a recount counted, with the adjustments that occurred after it and are known already.
func (s *square) since(history []squareRow, recount squareRow) stock.Quantity {
	sum := recount.quantity
	for _, row := range history {
		if !row.recount && !s.absorbs(recount.occurred, row.occurred) {
			sum += row.quantity
		}
	}
	return sum
}

func (s *square) absorbs(recount, adjustment time.Time) bool {
	if recount.Equal(adjustment) {
		s.w.reached("recount and adjustment occurred at the same time")
		return s.tieAbsorbs
	}
	return recount.After(adjustment)
}

// adjust is an adjustment of others, occurred ago before now. Nothing proves one that is no sale, return or delivery.
func (s *square) adjust(c *counter, quantity stock.Quantity, cause stock.Cause, ago time.Duration, by string) {
	if !c.tracked {
		return // nothing is counted, nothing is written
	}
	s.arrive(c, squareRow{quantity: quantity, cause: cause, occurred: s.w.clock(s.ch).Add(-ago).Truncate(s.posGrain), unproven: cause == stock.Shrinkage || cause == stock.Moved}, by)
}

// unlisted is a change that the feed never tells of.
func (s *square) unlisted(c *counter, quantity stock.Quantity, by string) {
	if c.tracked {
		s.arrive(c, squareRow{quantity: quantity, occurred: s.w.clock(s.ch).Truncate(s.posGrain), unlisted: true}, by)
	}
}

// recount is a person's count of what the counter should show.
func (s *square) recount(c *counter, counted stock.Quantity, occurred time.Time, by string) {
	if c.tracked {
		s.arrive(c, squareRow{recount: true, quantity: counted, occurred: occurred}, by)
	}
}

// callBody is what our naive encoders write and the naive platforms read.
type callBody struct {
	OccurredAt time.Time       `json:"occurred_at"`
	Rows       []stock.PushRow `json:"rows"`
}

func encode(_ string, at time.Time, rows []stock.PushRow) ([]byte, error) {
	return json.Marshal(callBody{OccurredAt: at, Rows: rows})
}

// write is changes/batch-create: all rows or none, once per key.
func (s *square) write(key string, body []byte) stock.Answer {
	old, known := s.replays[key]
	stray := known && old.answer.Outcome == stock.Refused && !s.refusalsHold
	if known && !stray {
		s.w.reached("key replayed")
		if old.body != string(body) {
			return stock.Answer{Outcome: stock.Unknown, Reason: "IDEMPOTENCY_KEY_REUSED"} // something was written under it
		}
		return old.answer
	}
	var call callBody
	if err := json.Unmarshal(body, &call); err != nil {
		return stock.Answer{Outcome: stock.Refused, Reason: "EXPECTED_JSON_BODY"}
	}
	if call.OccurredAt.After(s.w.clock(s.ch)) {
		s.w.judge.fail("push occurs in Square's future: %s", call.OccurredAt)
		return stock.Answer{Outcome: stock.Refused, Reason: "INVALID_TIME"}
	}
	answer := refuse(s.w, s.ch, call.Rows)
	if answer.Outcome == stock.Applied {
		for _, row := range call.Rows {
			if stray {
				s.ch.counter(row.Ref).strays(s.w)
			}
			s.arrive(s.ch.counter(row.Ref), squareRow{quantity: row.Delta, occurred: call.OccurredAt, cause: stock.Moved, reference: row.Reference}, "push")
		}
	}
	s.replays[key] = replay{body: string(body), answer: answer, at: s.w.now}
	return answer
}

// refuse answers Refused when a row names what cannot be written, or for no good reason now and then.
func refuse(w *world, ch *channel, rows []stock.PushRow) stock.Answer {
	var bad, gone []int
	for i, row := range rows {
		c := ch.counter(row.Ref)
		if c == nil || !c.tracked {
			bad = append(bad, i)
		}
		if c == nil || c.deleted {
			w.reached("push refused, gone")
			gone = append(gone, i)
		}
	}
	if len(bad) == 0 && w.dice.chance(w.weights.refuse) {
		w.reached("push refused")
		if w.dice.chance(0.5) {
			bad = []int{w.dice.IntN(len(rows))}
		}
		return stock.Answer{Outcome: stock.Refused, Reason: "INTERNAL_RULE", BadRows: bad}
	}
	if len(bad) > 0 {
		w.reached("push refused, untracked")
		return stock.Answer{Outcome: stock.Refused, Reason: "NOT_TRACKED", BadRows: bad, GoneRows: gone}
	}
	return stock.Answer{Outcome: stock.Applied}
}

func rowKey(id int) string { return "row/" + strconv.Itoa(id) }

// feed lists a counter's rows received after since, by occurred_at ascending, as changes/batch-retrieve does.
func (s *square) feed(c *counter, since time.Time) ([]stock.Movement, []stock.Recount) {
	history := s.histories[c.index]
	var rows []squareRow
	for _, row := range history {
		if row.created.After(since) || s.editsFound && row.edited.After(since) {
			rows = append(rows, row)
		}
	}
	slices.SortStableFunc(rows, func(a, b squareRow) int { return a.occurred.Compare(b.occurred) })
	var movements []stock.Movement
	var recounts []stock.Recount
	for _, row := range rows {
		if row.unlisted {
			continue
		}
		if s.feedLag > 0 && s.w.now-row.at < s.feedLag {
			s.w.reached("row not in the feed yet")
			continue
		}
		key := rowKey(row.id)
		if row.recount {
			recounts = append(recounts, stock.Recount{Key: key, Ref: c.ref, Counted: row.quantity, OccurredAt: row.occurred, ChannelTime: row.created})
			continue
		}
		quantity := row.quantity
		if row.editedAt > 0 && s.w.now-row.editedAt < s.feedLag {
			quantity = row.was
		}
		var evidence stock.Evidence
		if row.unproven && s.w.bug != bugWordTrusted {
			evidence = stock.Evidence{stock.EvidenceUnproven: "only the word of who wrote it"}
		}
		movements = append(movements, stock.Movement{
			Key: key, Ref: c.ref, Quantity: quantity, Cause: row.cause, OccurredAt: row.occurred, ChannelTime: row.created, Reference: row.reference, Evidence: evidence,
		})
	}
	return movements, recounts
}

// createdOf is when the oldest of our pushes was received.
func (s *square) createdOf(c *counter, pushes []ledger.PushMark) time.Time {
	for _, row := range s.histories[c.index] {
		for _, push := range pushes {
			if row.reference != "" && ledger.CallOfReference(row.reference) == push.Call {
				return row.created
			}
		}
	}
	return s.w.clock(s.ch)
}
