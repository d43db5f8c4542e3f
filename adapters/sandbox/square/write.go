package square

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Limits of POST /v2/inventory/changes/batch-create
// (https://developer.squareup.com/reference/square/inventory-api/batch-change-inventory).
const (
	changesMax   = 100
	keyMax       = 128
	referenceMax = 255
	quantityLen  = 26
	// oldest is how far back occurred_at may lie.
	oldest = 24 * time.Hour
)

// changesRequest is BatchChangeInventoryRequest.
type changesRequest struct {
	Key             string        `json:"idempotency_key"`
	Changes         []changeInput `json:"changes"`
	IgnoreUnchanged *bool         `json:"ignore_unchanged_counts"`
}

type changeInput struct {
	Type       string    `json:"type"`
	Recount    *rowInput `json:"physical_count"`
	Adjustment *rowInput `json:"adjustment"`
}

// rowInput is what a client may say of an InventoryAdjustment or an InventoryPhysicalCount.
type rowInput struct {
	Reference string `json:"reference_id"`
	Item      string `json:"catalog_object_id"`
	ItemType  string `json:"catalog_object_type"`
	Location  string `json:"location_id"`
	From      string `json:"from_state"`
	To        string `json:"to_state"`
	State     string `json:"state"`
	Quantity  string `json:"quantity"`
	Occurred  string `json:"occurred_at"`
}

// answer is a successful answer as it is kept under its idempotency key: what it said of rows and counters, for a day has many, and
// the rest of it is in the history.
type answer struct {
	request [sha256.Size]byte
	at      time.Time
	rows    []answeredRow
	counts  []answeredCount
}

// answeredRow is a row with its quantity of then, which somebody may have edited since.
type answeredRow struct {
	row      *row
	quantity stock.Quantity
}

// answeredCount is what a counter showed then.
type answeredCount struct {
	at         cell
	quantity   stock.Quantity
	calculated time.Time
}

// changesAnswer is BatchChangeInventoryResponse, and BatchRetrieveInventoryChangesResponse.
type changesAnswer struct {
	Counts  []countJSON  `json:"counts,omitempty"`
	Changes []changeJSON `json:"changes,omitempty"`
	Cursor  string       `json:"cursor,omitempty"`
	Canary  string       `json:"buyer_note,omitempty"`
}

// createChanges writes all changes or, when one of them will not do, none.
func (s *Shop) createChanges(w http.ResponseWriter, r *http.Request) {
	var in changesRequest
	canonical, ok := readRequest(w, r, &in)
	if !ok {
		return
	}
	request := sha256.Sum256([]byte(canonical))
	switch {
	case in.Key == "":
		refuse(w, refusal("MISSING_REQUIRED_PARAMETER", "idempotency_key", "Field must be set."))
		return
	case len(in.Key) > keyMax:
		refuse(w, refusal("VALUE_TOO_LONG", "idempotency_key", fmt.Sprintf("Field must not be longer than %d.", keyMax)))
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if before, known := s.answered[in.Key]; known && (s.opts.ForgetKeysAfter <= 0 || s.clock().Sub(before.at) < s.opts.ForgetKeysAfter) {
		if before.request != request {
			refuse(w, refusal("IDEMPOTENCY_KEY_REUSED", "idempotency_key", "The key was used with another request."))
			return
		}
		shop.WriteJSON(w, http.StatusOK, s.answerOut(before))
		return
	}
	rows, errs := s.checkChanges(in.Changes)
	if len(errs) > 0 {
		refuse(w, errs...)
		return
	}
	given := s.writeChanges(rows, in)
	given.request, given.at = request, s.clock()
	s.answered[in.Key] = given
	shop.WriteJSON(w, http.StatusOK, s.answerOut(given))
}

// answerOut is an answer as it goes out, each time the same.
func (s *Shop) answerOut(a answer) changesAnswer {
	out := changesAnswer{Canary: s.opts.Canary}
	for _, answered := range a.rows {
		row := *answered.row
		row.quantity = answered.quantity
		out.Changes = append(out.Changes, s.changeOut(&row))
	}
	for _, c := range a.counts {
		out.Counts = append(out.Counts, s.countJSON(c.at, c.quantity, c.calculated))
	}
	return out
}

// writeChanges receives rows one after the other and tells subscribers once. The caller holds the mutex.
func (s *Shop) writeChanges(rows []*row, in changesRequest) (a answer) {
	var touched, moved []cell
	for _, row := range rows {
		if s.unchanged(row, in.IgnoreUnchanged) {
			touched = appendNew(touched, cell{row.item, row.location, row.state})
			continue
		}
		done := s.receive(row)
		s.record(done, shop.ByApp, in.Key)
		touched, moved = appendNew(touched, done.touched...), appendNew(moved, done.moved...)
		a.rows = append(a.rows, answeredRow{row, row.quantity})
	}
	for _, at := range touched {
		c := s.counters[at]
		a.counts = append(a.counts, answeredCount{at, c.quantity, c.calculated})
	}
	s.notifyCounts(moved)
	return a
}

// unchanged says whether a recount equals the present count and is to be dropped for that; by default it is. The contract
// says "unchanged since the last physical count", integrators see this.
func (s *Shop) unchanged(row *row, ignore *bool) bool {
	if row.kind != kindRecount || ignore != nil && !*ignore {
		return false
	}
	c := s.counters[cell{row.item, row.location, row.state}]
	return c != nil && c.quantity == row.quantity
}

// appendNew appends the cells that are not there yet.
func appendNew(cells []cell, more ...cell) []cell {
	for _, at := range more {
		if !slices.Contains(cells, at) {
			cells = append(cells, at)
		}
	}
	return cells
}

// checkChanges makes rows of a request, or says everything that is wrong with it. The caller holds the mutex.
func (s *Shop) checkChanges(changes []changeInput) (rows []*row, errs []*apiError) {
	switch {
	case len(changes) == 0:
		return nil, []*apiError{refusal("MISSING_REQUIRED_PARAMETER", "changes", "Field must be set.")}
	case len(changes) > changesMax:
		return nil, []*apiError{refusal("ARRAY_LENGTH_TOO_LONG", "changes", fmt.Sprintf("Array must not be longer than %d.", changesMax))}
	}
	for i, in := range changes {
		field := fmt.Sprintf("changes[%d]", i)
		var row *row
		var err *apiError
		switch {
		case in.Type == kindAdjustment && in.Adjustment != nil:
			row, err = s.checkRow(field+".adjustment.", in.Adjustment)
			if err == nil {
				err = checkAdjustment(field+".adjustment.", in.Adjustment, row)
			}
		case in.Type == kindRecount && in.Recount != nil:
			row, err = s.checkRow(field+".physical_count.", in.Recount)
			if err == nil {
				err = checkRecount(field+".physical_count.", in.Recount, row)
			}
		default:
			// TRANSFER too: it takes a subscription that this seller does not have.
			err = refusal("INVALID_VALUE", field+".type", "A change is an ADJUSTMENT or a PHYSICAL_COUNT with its details.")
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if row.to == stateSold {
			row.price = s.priceOf(row.quantity)
		}
		rows = append(rows, row)
	}
	return rows, errs
}

// checkRow checks what adjustments and recounts have in common. The caller holds the mutex.
func (s *Shop) checkRow(field string, in *rowInput) (*row, *apiError) {
	v, location := s.variations[in.Item], s.location(in.Location)
	quantity, quantityErr := stock.ParseQuantity(in.Quantity)
	occurred, timeErr := time.Parse(time.RFC3339Nano, in.Occurred)
	switch now := s.clock(); {
	case len(in.Reference) > referenceMax:
		return nil, refusal("VALUE_TOO_LONG", field+"reference_id", fmt.Sprintf("Field must not be longer than %d.", referenceMax))
	case len(in.Item) > idMax:
		return nil, refusal("VALUE_TOO_LONG", field+"catalog_object_id", fmt.Sprintf("Field must not be longer than %d.", idMax))
	case in.ItemType != "" && in.ItemType != "ITEM_VARIATION":
		return nil, refusal("INVALID_VALUE", field+"catalog_object_type", "Only an ITEM_VARIATION can be written.")
	case v == nil || v.deleted:
		return nil, refusal("NOT_FOUND", field+"catalog_object_id", "Catalog object not found.")
	case location == nil:
		return nil, refusal("NOT_FOUND", field+"location_id", "Location not found.")
	case quantityErr != nil || len(in.Quantity) > quantityLen || quantity.Abs() > quantityMax || quantity.Abs() < 0:
		return nil, refusal("INVALID_VALUE", field+"quantity", "The quantity is not a decimal with up to 5 places.")
	case in.Occurred == "":
		return nil, refusal("MISSING_REQUIRED_PARAMETER", field+"occurred_at", "Field must be set.")
	case timeErr != nil || len(in.Occurred) > timeMax:
		return nil, refusal("INVALID_TIME", field+"occurred_at", "The time is not RFC 3339.")
	case occurred.After(now):
		return nil, refusal("INVALID_TIME", field+"occurred_at", "The time lies in the future.")
	case now.Sub(occurred) > oldest:
		return nil, refusal("INVALID_TIME", field+"occurred_at", "The time is more than 24 hours ago.")
	}
	return &row{
		item: v.id, location: location.id, quantity: quantity, occurred: occurred.UTC(), reference: in.Reference,
		source: source{Product: "EXTERNAL_API", ApplicationID: s.opts.AppID, Name: "evenstock"},
	}, nil
}

func checkAdjustment(field string, in *rowInput, row *row) *apiError {
	switch {
	case !transitionAllowed(in.From, in.To):
		return refusal("INVALID_VALUE", field+"to_state", fmt.Sprintf("Units cannot move from %.30q to %.30q.", in.From, in.To))
	case row.quantity <= 0:
		return refusal("INVALID_VALUE", field+"quantity", "The quantity is not greater than 0.")
	}
	row.kind, row.from, row.to = kindAdjustment, in.From, in.To
	return nil
}

func checkRecount(field string, in *rowInput, row *row) *apiError {
	switch {
	case !counted(in.State):
		return refusal("INVALID_VALUE", field+"state", fmt.Sprintf("Units in %.30q cannot be counted.", in.State))
	case row.quantity < 0:
		return refusal("INVALID_VALUE", field+"quantity", "The quantity is less than 0.")
	}
	row.kind, row.state = kindRecount, in.State
	return nil
}
