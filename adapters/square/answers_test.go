package square

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
)

// The answers of lists are decoded here and not by the SDK: what is wrong with one must show all the same.
func TestErrorClassesOfLists(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]struct {
		reply     reply
		retryable bool
		text      string
	}{
		"429":                    {reply{status: 429, file: "error_rate_limited.json"}, true, "429"},
		"200 with server error":  {reply{file: "error_internal.json"}, true, "INTERNAL_SERVER_ERROR"},
		"200 with refusal":       {reply{file: "error_bad_row.json"}, false, "square answered 200"},
		"200 in HTML":            {reply{body: `<html>`}, true, "not a JSON object"},
		"200 cut short":          {reply{status: 200, body: `{"counts":[{"state":"IN_STOCK"`}, true, "not a JSON object"},
		"200 and more behind it": {reply{status: 200, body: `{} {}`}, true, "not a JSON object"},
		"200 with a list":        {reply{status: 200, body: `[]`}, true, "not a JSON object"},
		"200 with nothing":       {reply{status: 200, body: `null`}, true, "not a JSON object"},
		"200 with bad types":     {reply{status: 200, body: `{"counts":[{"quantity":5}]}`}, true, "quantity"},
		"200 with a bad list":    {reply{status: 200, body: `{"counts":{"quantity":"5"}}`}, true, "counts"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, map[string][]reply{pathCounts: {v.reply}})
			page, err := s.channel().ListCounts(stock.InLane(t.Context(), stock.ConfirmingReads), time.Time{}, "")
			require.Error(t, err)
			assertClass(t, err, v.retryable, 0)
			assert.Contains(t, err.Error(), "reading counts: ")
			assert.Contains(t, err.Error(), v.text)
			assert.Empty(t, page)
			assert.Len(t, s.asked(), 1, "no retry here")
		})
	}
}

// What a list does not name is not decoded, whatever its shape; what is null says nothing.
func TestListsDecodeByAllowlist(t *testing.T) {
	t.Parallel()
	s := newShop(t, map[string][]reply{pathChanges: {{status: http.StatusOK, body: `{"changes":[
		{"type":"ADJUSTMENT","adjustment":{"id":"A1","catalog_object_id":"V1","location_id":"L1","from_state":"IN_STOCK","to_state":"SOLD","quantity":"2",
		 "occurred_at":"2026-11-30T09:00:00Z","created_at":"2026-11-30T09:00:01Z","refund_id":null,"source":null,
		 "total_price_money":"five","team_member_id":{"name":"Ann"},"adjustment_group":[1]},"measurement_unit":7}],
		"errors":null,"cursor":null}`}}})
	page, err := s.channel().ListMovements(t.Context(), time.Time{}, "")
	require.NoError(t, err)
	require.Len(t, page.Movements, 1)
	require.Equal(t, stock.Evidence{"adjustment_id": "A1", "from_state": "IN_STOCK", "to_state": "SOLD"}, page.Movements[0].Evidence)
	require.Empty(t, page.Next)
}
