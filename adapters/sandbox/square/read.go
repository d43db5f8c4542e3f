package square

import (
	"net/http"
	"sort"
	"strings"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/ledger/stock"
)

const typeVariation = "ITEM_VARIATION"

// countJSON is InventoryCount.
type countJSON struct {
	Item       string `json:"catalog_object_id"`
	ItemType   string `json:"catalog_object_type"`
	State      string `json:"state"`
	Location   string `json:"location_id"`
	Quantity   string `json:"quantity"`
	Calculated string `json:"calculated_at"`
	Canary     string `json:"buyer_note,omitempty"`
}

// changeJSON is InventoryChange.
type changeJSON struct {
	Type       string   `json:"type"`
	Recount    *rowJSON `json:"physical_count,omitempty"`
	Adjustment *rowJSON `json:"adjustment,omitempty"`
	Canary     string   `json:"buyer_note,omitempty"`
}

// rowJSON is InventoryAdjustment or InventoryPhysicalCount.
type rowJSON struct {
	ID          string `json:"id"`
	Reference   string `json:"reference_id,omitempty"`
	From        string `json:"from_state,omitempty"`
	To          string `json:"to_state,omitempty"`
	State       string `json:"state,omitempty"`
	Location    string `json:"location_id"`
	Item        string `json:"catalog_object_id"`
	ItemType    string `json:"catalog_object_type"`
	Quantity    string `json:"quantity"`
	Price       *money `json:"total_price_money,omitempty"`
	Occurred    string `json:"occurred_at"`
	Created     string `json:"created_at"`
	Source      source `json:"source"`
	Transaction string `json:"transaction_id,omitempty"`
	Canary      string `json:"buyer_note,omitempty"`
}

func (s *Shop) countOut(at cell) countJSON {
	c := s.counters[at]
	return s.countJSON(at, c.quantity, c.calculated)
}

func (s *Shop) countJSON(at cell, quantity stock.Quantity, calculated time.Time) countJSON {
	return countJSON{
		Item: at.item, ItemType: typeVariation, State: at.state, Location: at.location, Quantity: quantity.String(),
		Calculated: calculated.Format(micros), Canary: s.opts.Canary,
	}
}

func (s *Shop) changeOut(row *row) changeJSON {
	out := &rowJSON{
		ID: row.id, Reference: row.reference, From: row.from, To: row.to, State: row.state, Location: row.location,
		Item: row.item, ItemType: typeVariation, Quantity: row.quantity.String(), Price: row.price,
		Occurred: row.occurred.Format(time.RFC3339Nano), Created: row.created.Format(micros), Source: row.source,
		Transaction: row.transaction, Canary: s.opts.Canary,
	}
	if row.kind == kindRecount {
		return changeJSON{Type: row.kind, Recount: out, Canary: s.opts.Canary}
	}
	return changeJSON{Type: row.kind, Adjustment: out, Canary: s.opts.Canary}
}

// retrieveRequest is BatchRetrieveInventoryCountsRequest and BatchRetrieveInventoryChangesRequest.
type retrieveRequest struct {
	Items         []string `json:"catalog_object_ids"`
	Locations     []string `json:"location_ids"`
	Types         []string `json:"types"`
	States        []string `json:"states"`
	UpdatedAfter  string   `json:"updated_after"`
	UpdatedBefore string   `json:"updated_before"`
	Cursor        string   `json:"cursor"`
	Limit         *int     `json:"limit"`
}

// listing is a retrieveRequest that was checked.
type listing struct {
	// query is what a cursor belongs to.
	query, cursor                   string
	after, before                   time.Time
	limit                           int
	items, locations, types, states filter
}

// readListing reads a retrieveRequest; when it cannot it has answered and returns false.
func readListing(w http.ResponseWriter, r *http.Request) (l listing, ok bool) {
	var in retrieveRequest
	if l.query, ok = readRequest(w, r, &in); !ok {
		return l, false
	}
	if l.after, ok = optionalTime(w, "updated_after", in.UpdatedAfter); !ok {
		return l, false
	}
	if l.before, ok = optionalTime(w, "updated_before", in.UpdatedBefore); !ok {
		return l, false
	}
	l.cursor, l.items, l.locations, l.types, l.states = in.Cursor, filterOf(in.Items), filterOf(in.Locations), filterOf(in.Types), filterOf(in.States)
	l.limit, ok = checkLimit(w, in.Limit)
	return l, ok
}

// countsAnswer is BatchRetrieveInventoryCountsResponse and RetrieveInventoryCountResponse.
type countsAnswer struct {
	Counts []countJSON `json:"counts,omitempty"`
	Cursor string      `json:"cursor,omitempty"`
	Canary string      `json:"buyer_note,omitempty"`
}

// retrieveCounts lists counters, newest calculated_at first. updated_after is strict, on Square's own time.
func (s *Shop) retrieveCounts(w http.ResponseWriter, r *http.Request) {
	in, ok := readListing(w, r)
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answerCounts(w, in.query, in.cursor, in.limit, func(at cell, c *counter) bool {
		return in.items.takes(at.item) && in.locations.takes(at.location) && in.states.takes(at.state) && c.calculated.After(in.after)
	})
}

// getCounts lists the counters of one variation.
func (s *Shop) getCounts(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	var locations filter
	if list := r.URL.Query().Get("location_ids"); list != "" {
		locations = filterOf(strings.Split(list, ","))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.variations[id] == nil {
		refuse(w, refusal("NOT_FOUND", "catalog_object_id", "Catalog object not found."))
		return
	}
	query := id + "?" + r.URL.Query().Get("location_ids")
	s.answerCounts(w, query, r.URL.Query().Get("cursor"), pageDefault, func(at cell, _ *counter) bool {
		return at.item == id && locations.takes(at.location)
	})
}

// answerCounts answers with one page of the counters that are wanted. The caller holds the mutex.
func (s *Shop) answerCounts(w http.ResponseWriter, query, cursor string, limit int, wanted func(cell, *counter) bool) {
	var rows []cell
	for at, c := range s.counters {
		if wanted(at, c) {
			rows = append(rows, at)
		}
	}
	page, next, ok := pageOf(w, rows, func(at cell) string {
		return descending(s.counters[at].calculated) + "/" + at.item + "/" + at.location + "/" + at.state
	}, query, cursor, limit)
	if !ok {
		return
	}
	answer := countsAnswer{Cursor: next, Canary: s.opts.Canary}
	for _, at := range page {
		answer.Counts = append(answer.Counts, s.countOut(at))
	}
	shop.WriteJSON(w, http.StatusOK, answer)
}

// retrieveChanges lists history by occurred_at, oldest first. The updated_ filters are strict and about receive times, so
// that a late row is found although it occurred long ago.
func (s *Shop) retrieveChanges(w http.ResponseWriter, r *http.Request) {
	in, ok := readListing(w, r)
	if !ok {
		return
	}
	for kind := range in.types {
		if kind != kindAdjustment && kind != kindRecount {
			refuse(w, refusal("INVALID_VALUE", "types", "Only PHYSICAL_COUNT and ADJUSTMENT can be asked for."))
			return
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	page, next, ok := pageOf(w, s.changesOf(in), func(row *row) string { return ascending(row.occurred) + ascending(row.created) },
		in.query, in.cursor, in.limit)
	if !ok {
		return
	}
	answer := changesAnswer{Cursor: next, Canary: s.opts.Canary}
	for _, row := range page {
		answer.Changes = append(answer.Changes, s.changeOut(row))
	}
	shop.WriteJSON(w, http.StatusOK, answer)
}

// changesOf are the rows of the history that a request asks for. The caller holds the mutex.
func (s *Shop) changesOf(in listing) (rows []*row) {
	first := 0
	if !s.anyEdited {
		first = sort.Search(len(s.received), func(i int) bool { return s.received[i].created.After(in.after) })
	}
	for _, row := range s.received[first:] {
		later := row.created
		if !s.opts.HideEdits && row.edited.After(later) {
			later = row.edited
		}
		if !later.After(in.after) || !in.before.IsZero() && !row.created.Before(in.before) {
			continue
		}
		inState := row.kind == kindRecount || in.states.takes(row.from) || in.states.takes(row.to) // states filter adjustments only
		if in.items.takes(row.item) && in.locations.takes(row.location) && in.types.takes(row.kind) && inState {
			rows = append(rows, row)
		}
	}
	return rows
}
