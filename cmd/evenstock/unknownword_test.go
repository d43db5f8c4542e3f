package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What a platform says in a word that nobody taught us is counted where a person looks, and what stands beside it is taken.
func TestStatusTalliesUnknownWords(t *testing.T) {
	t.Parallel()
	s, tee := opened(t, 8, stageOptions{})
	_, body := s.squareCount(tee, "8", time.Now())
	lent := []byte(strings.ReplaceAll(string(body), "IN_STOCK", "ON_LOAN"))
	require.Equal(t, http.StatusOK, s.post(tillHook, s.signed(lent), lent))

	s.shopify.Courier().Pause() // the order is told by us alone
	order := s.order(tee, 2)
	swapped := []byte(fmt.Sprintf(`{"id":%s,"updated_at":%q,"line_items":[{"id":%s,"variant_id":%s,"quantity":2}],
		"refunds":[{"created_at":%[2]q,"refund_line_items":[{"id":1,"line_item_id":%[3]s,"quantity":1,"restock_type":"swap","location_id":77}]}]}`,
		order.ID, time.Now().UTC().Format(time.RFC3339), order.Lines[0].ID, tee.variant))
	require.Equal(t, http.StatusOK, s.post(webHook, webSigned("orders/updated", swapped), swapped))
	s.explained(tee, map[string]string{"opening": "-8", "sold/web": "2"})
	s.even(tee, "6")

	status := s.command("status")
	require.Regexp(t, `till +ignored[^|]*1 unknown inventory state "ON_LOAN"`, status)
	require.Regexp(t, `web +ignored[^|]*1 unknown restock type "swap"`, status)
}
