package square

import (
	"bytes"
	"strings"
	"testing"
	"time"

	sdk "github.com/square/square-go-sdk"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
)

func TestListMovements(t *testing.T) {
	t.Parallel()
	s := newShop(t, map[string][]reply{pathChanges: {{file: "changes.json"}}})
	page, err := s.channel().ListMovements(t.Context(), platformTime, "here")
	require.NoError(t, err)
	mug, tea := ref("VARMUG", "LOCMAIN"), ref("VARTEA", "LOCSIDE")
	movement := func(id string, r stock.Ref, quantity stock.Quantity, cause stock.Cause, occurred, received string, evidence stock.Evidence) stock.Movement {
		evidence["adjustment_id"] = id
		return stock.Movement{Key: "square/adjustment/" + id, Ref: r, Quantity: quantity, Cause: cause, Said: evidence["from_state"] + ">" + evidence["to_state"],
			OccurredAt: at("2025-06-01T09:00:" + occurred + "Z"), ChannelTime: at("2025-06-01T09:00:" + received + "Z"), Evidence: evidence}
	}
	const unprovenWords = "only the word of who wrote it"
	ours := movement("ADJOURS", mug, -stock.Unit, stock.Sold, "01.123", "01.4", stock.Evidence{"from_state": "IN_STOCK", "to_state": "SOLD", "product": "EXTERNAL_API", "application_id": "sq0idp-us",
		stock.EvidenceWriter: stock.UnknownEvenstock, stock.EvidenceUnproven: unprovenWords, "reference": "evenstock:c1:0"}) // whoever knows the call takes it for a push
	ours.Reference = "evenstock:c1:0"
	theirs := movement("ADJAPP", mug, -stock.Unit, stock.Sold, "04.5", "04.6", stock.Evidence{"from_state": "IN_STOCK", "to_state": "SOLD", "product": "EXTERNAL_API", "application_id": "sq0idp-them",
		stock.EvidenceWriter: stock.OtherApplication, stock.EvidenceUnproven: unprovenWords})
	theirs.Reference = "order-17"
	assert.Equal(t, []stock.Movement{
		movement("ADJSOLD", mug, -2*stock.Unit, stock.Sold, "00", "00.512", stock.Evidence{"from_state": "IN_STOCK", "to_state": "SOLD", "product": "SQUARE_POS", "transaction_id": "TXN1"}),
		ours,
		movement("ADJRECV", mug, 1_050_000, stock.Received, "02", "02.1", stock.Evidence{"from_state": "NONE", "to_state": "IN_STOCK", "product": "DASHBOARD", "goods_receipt_id": "GR1", "purchase_order_id": "PO1"}),
		movement("ADJRETN", tea, stock.Unit, stock.Returned, "03", "03.1", stock.Evidence{"from_state": "UNLINKED_RETURN", "to_state": "IN_STOCK", "refund_id": "RF1"}),
		movement("ADJWAST", mug, -stock.Unit, stock.Shrinkage, "04", "04.1", stock.Evidence{"from_state": "IN_STOCK", "to_state": "WASTE", stock.EvidenceUnproven: unprovenWords}),
		theirs,
		movement("ADJRSRV", mug, -stock.Unit, stock.Moved, "05", "05.1", stock.Evidence{"from_state": "IN_STOCK", "to_state": "RESERVED_FOR_SALE"}),
	}, page.Movements)
	assert.Equal(t, []stock.Recount{{
		Key: "square/recount/CNTIN", Ref: mug, Counted: stock.Units(14), OccurredAt: at("2025-06-01T09:30:00Z"), ChannelTime: at("2025-06-01T09:30:00.25Z"),
		Reference: "recon-3", Evidence: stock.Evidence{"physical_count_id": "CNTIN", "product": "DASHBOARD"},
	}}, page.Recounts)
	assert.JSONEq(t, `{"location_ids":["LOCMAIN","LOCSIDE"],"types":["ADJUSTMENT","PHYSICAL_COUNT"],"updated_after":"2025-06-01T10:00:00Z","cursor":"here","limit":1000}`,
		string(s.asked()[0].body))
}

func TestCauses(t *testing.T) {
	t.Parallel()
	for state, want := range map[sdk.InventoryState][2]stock.Cause{ // out of IN_STOCK to it; out of it into IN_STOCK
		sdk.InventoryStateSold:                    {stock.Sold, stock.Returned},
		sdk.InventoryStateSoldOnline:              {stock.Sold, stock.Returned},
		sdk.InventoryStateWaste:                   {stock.Shrinkage, stock.Shrinkage},
		sdk.InventoryStateNone:                    {stock.Moved, stock.Received},
		sdk.InventoryStateReceivedFromVendor:      {stock.Moved, stock.Received},
		sdk.InventoryStateOrderedFromVendor:       {stock.Moved, stock.Received},
		sdk.InventoryStateUnlinkedReturn:          {stock.Moved, stock.Returned},
		sdk.InventoryStateReturnedByCustomer:      {stock.Moved, stock.Returned},
		sdk.InventoryStateReservedForSale:         {stock.Moved, stock.Moved},
		sdk.InventoryStateInTransit:               {stock.Moved, stock.Moved},
		sdk.InventoryStateCustom:                  {stock.Moved, stock.Moved},
		sdk.InventoryStateComposed:                {stock.Moved, stock.Moved},
		sdk.InventoryStateDecomposed:              {stock.Moved, stock.Moved},
		sdk.InventoryStateSupportedByNewerVersion: {},
		"A_STATE_OF_THE_FUTURE":                   {},
	} {
		assert.Equal(t, want, [2]stock.Cause{causes[state].out, causes[state].in}, string(state))
		assert.Equal(t, want == [2]stock.Cause{}, unknownState(state) != nil, string(state))
	}
	assert.Nil(t, unknownState(sdk.InventoryStateInStock))
}

// What Square says in words of the future explains nothing, and is told all the same.
func TestChangesInUnknownWords(t *testing.T) {
	t.Parallel()
	on := ref("VARMUG", "LOCMAIN")
	at := at("2025-06-01T09:00:00Z")
	counted := `{"changes":[{"type":"PHYSICAL_COUNT","physical_count":{"id":"P1","catalog_object_id":"VARMUG","catalog_object_type":"BUNDLE","location_id":"LOCMAIN","state":"IN_STOCK","quantity":"7"}}]}`
	for name, v := range map[string]struct {
		body string
		want stock.Movement
	}{
		"left for it": {adjustment(strings.Replace(sold, "SOLD", "ON_LOAN", 1)),
			stock.Movement{Key: "square/adjustment/A1", Ref: on, Quantity: -2 * stock.Unit, Said: "IN_STOCK>ON_LOAN", OccurredAt: at, ChannelTime: at,
				Unknown: &stock.UnknownWord{What: "inventory state", Word: "ON_LOAN"}}},
		"came from it": {adjustment(strings.NewReplacer("SOLD", "IN_STOCK", "IN_STOCK", "ON_LOAN").Replace(sold)),
			stock.Movement{Key: "square/adjustment/A1", Ref: on, Quantity: 2 * stock.Unit, Said: "ON_LOAN>IN_STOCK", OccurredAt: at, ChannelTime: at,
				Unknown: &stock.UnknownWord{What: "inventory state", Word: "ON_LOAN"}}},
		"a kind of object": {adjustment(sold + `,"catalog_object_type":"BUNDLE"`),
			stock.Movement{Key: "square/adjustment/A1", Ref: on, Quantity: -2 * stock.Unit, Said: "IN_STOCK>SOLD", OccurredAt: at, ChannelTime: at,
				Unknown: &stock.UnknownWord{What: "catalog object type", Word: "BUNDLE"}}},
		"a kind of object that was counted": {counted,
			stock.Movement{Key: "square/recount/P1", Ref: stock.Ref{Channel: "till"}, Unknown: &stock.UnknownWord{What: "catalog object type", Word: "BUNDLE"}}},
		"a type of change": {`{"changes":[{"type":"TRANSFER","transfer":{"id":"T1","quantity":"1"}}]}`,
			stock.Movement{Key: "square/change", Ref: stock.Ref{Channel: "till"}, Unknown: &stock.UnknownWord{What: "inventory change type", Word: "TRANSFER"}}},
		"no type of change": {`{"changes":[{}]}`,
			stock.Movement{Key: "square/change", Ref: stock.Ref{Channel: "till"}, Unknown: &stock.UnknownWord{What: "inventory change type"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shop := newShop(t, map[string][]reply{pathChanges: {{body: v.body}}})
			shop.contract = nil // it knows only the words of its own day
			page, err := shop.channel().ListMovements(t.Context(), time.Time{}, "")
			require.NoError(t, err)
			assert.Empty(t, page.Recounts)
			require.Len(t, page.Movements, 1)
			page.Movements[0].Evidence = nil
			assert.Equal(t, v.want, page.Movements[0])
		})
	}
}

// adjustment is a page of one row.
func adjustment(fields string) string {
	return `{"changes":[{"type":"ADJUSTMENT","adjustment":{"id":"A1","catalog_object_id":"VARMUG","location_id":"LOCMAIN",` + fields + `}}]}`
}

const sold = `"from_state":"IN_STOCK","to_state":"SOLD","quantity":"2","occurred_at":"2025-06-01T09:00:00Z","created_at":"2025-06-01T09:00:00Z"`

// A row of nothing is told: it may have been edited to that.
func TestChangeOfNothing(t *testing.T) {
	t.Parallel()
	c := newShop(t, map[string][]reply{pathChanges: {{body: adjustment(strings.Replace(sold, `"2"`, `"0.00000"`, 1))}}}).channel()
	page, err := c.ListMovements(t.Context(), time.Time{}, "")
	require.NoError(t, err)
	require.Len(t, page.Movements, 1)
	assert.Zero(t, page.Movements[0].Quantity)
	assert.Equal(t, stock.Sold, page.Movements[0].Cause)
}

func TestChangesThatAreLeftOut(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]struct {
		body   string
		warned bool
	}{
		"item row":          {adjustment(sold + `,"catalog_object_type":"ITEM"`), false},
		"IN_STOCK twice":    {adjustment(strings.Replace(sold, "SOLD", "IN_STOCK", 1)), false},
		"negative quantity": {adjustment(strings.Replace(sold, `"2"`, `"-2"`, 1)), true},
		"no quantity":       {adjustment(strings.Replace(sold, `"quantity":"2",`, ``, 1)), true},
		"bad quantity":      {adjustment(strings.Replace(sold, `"2"`, `"1e5"`, 1)), true},
		"bad time":          {adjustment(strings.Replace(sold, `T09`, `T25`, 1)), true},
		"no id":             {strings.Replace(adjustment(sold), `"id":"A1",`, ``, 1), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			c := newShop(t, map[string][]reply{pathChanges: {{body: v.body}}}).channel(logTo(&log))
			page, err := c.ListMovements(t.Context(), time.Time{}, "")
			require.NoError(t, err)
			assert.Empty(t, page.Movements)
			assert.Empty(t, page.Recounts)
			assert.Equal(t, v.warned, strings.Contains(log.String(), "left out"), log.String())
		})
	}
}

// A recount decides what pushes have done, and our own row whether one was written: without them, no page.
func TestChangesThatMustBeRead(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"recount": `{"changes":[{"type":"PHYSICAL_COUNT","physical_count":{"id":"P1","catalog_object_id":"VARMUG","location_id":"LOCMAIN","state":"IN_STOCK","quantity":"x"}}]}`,
		"own row": adjustment(strings.Replace(sold, `"2"`, `"x"`, 1) + `,"reference_id":"evenstock:c1:0"`),
	} {
		_, err := newShop(t, map[string][]reply{pathChanges: {{body: body}}}).channel().ListMovements(t.Context(), time.Time{}, "")
		require.Error(t, err, name)
		assertClass(t, err, false, 0)
	}
}

func TestFindReferences(t *testing.T) {
	t.Parallel()
	s := newShop(t, map[string][]reply{pathChanges: {{body: `{"cursor":"2"}`}, {file: "changes.json"}}})
	c := s.channel()
	found, err := c.FindReferences(t.Context(), []stock.Ref{ref("VARMUG", "LOCMAIN")}, platformTime, []string{"evenstock:c1:0", "evenstock:c1:9"})
	require.NoError(t, err)
	require.Len(t, found, 1)
	assert.Equal(t, "square/adjustment/ADJOURS", found["evenstock:c1:0"].Key)
	assert.Len(t, s.asked(), 2, "to the last page")

	found, err = c.FindReferences(t.Context(), []stock.Ref{ref("VARMUG", "LOCSIDE")}, platformTime, []string{"evenstock:c1:0"})
	require.NoError(t, err)
	assert.Empty(t, found, "another ref")

	_, err = c.FindReferences(t.Context(), make([]stock.Ref, 101), platformTime, []string{"x"})
	assertClass(t, err, false, 0)
	found, err = c.FindReferences(t.Context(), []stock.Ref{ref("VARMUG", "LOCMAIN")}, platformTime, nil)
	require.NoError(t, err)
	assert.Empty(t, found)
}

func TestFindReferencesTwice(t *testing.T) {
	t.Parallel()
	row := func(id, created string) string {
		return `{"type":"ADJUSTMENT","adjustment":{"id":"` + id + `","reference_id":"evenstock:c1:0","catalog_object_id":"VARMUG","location_id":"LOCMAIN",` +
			strings.Replace(sold, `"created_at":"2025-06-01T09:00:00Z"`, `"created_at":"`+created+`"`, 1) + `}}`
	}
	var log bytes.Buffer
	body := `{"changes":[` + row("A2", "2025-06-01T09:00:02Z") + `,` + row("A1", "2025-06-01T09:00:01Z") + `,` + row("A3", "2025-06-01T09:00:03Z") + `]}`
	c := newShop(t, map[string][]reply{pathChanges: {{body: body}}}).channel(logTo(&log))
	found, err := c.FindReferences(t.Context(), []stock.Ref{ref("VARMUG", "LOCMAIN")}, platformTime, []string{"evenstock:c1:0"})
	require.NoError(t, err)
	assert.Equal(t, "square/adjustment/A1", found["evenstock:c1:0"].Key)
	assert.Contains(t, log.String(), "reference found twice")
}
