package square

import (
	"testing"

	sdk "github.com/square/square-go-sdk"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
)

// What stands behind a row: a payment, a receipt of goods, Square's own software; or only the word of who wrote it.
func TestUnproven(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		product  sdk.Product
		from, to sdk.InventoryState
		prove    func(*adjustmentRow)
		unproven bool
	}{
		"a sale at the till":                           {product: sdk.ProductSquarePos, from: sdk.InventoryStateInStock, to: sdk.InventoryStateSold},
		"a sale of an invoice":                         {product: sdk.ProductInvoices, from: sdk.InventoryStateInStock, to: sdk.InventoryStateSold},
		"a return at the till":                         {product: sdk.ProductSquarePos, from: sdk.InventoryStateUnlinkedReturn, to: sdk.InventoryStateInStock},
		"a delivery that staff type in":                {product: sdk.ProductDashboard, from: sdk.InventoryStateNone, to: sdk.InventoryStateInStock},
		"waste that staff type in":                     {product: sdk.ProductDashboard, from: sdk.InventoryStateInStock, to: sdk.InventoryStateWaste, unproven: true},
		"taken out by staff":                           {product: sdk.ProductDashboard, from: sdk.InventoryStateInStock, to: sdk.InventoryStateNone, unproven: true},
		"an order at Square's own store":               {product: sdk.ProductOnlineStore, from: sdk.InventoryStateInStock, to: sdk.InventoryStateReservedForSale},
		"a transfer":                                   {product: sdk.ProductDashboard, from: sdk.InventoryStateInStock, to: sdk.InventoryStateInTransit},
		"a library import":                             {product: sdk.ProductItemLibraryImport, from: sdk.InventoryStateNone, to: sdk.InventoryStateInStock, unproven: true},
		"a sale that another application writes":       {product: sdk.ProductExternalAPI, from: sdk.InventoryStateInStock, to: sdk.InventoryStateSold, unproven: true},
		"goods that another application writes":        {product: sdk.ProductExternalAPI, from: sdk.InventoryStateNone, to: sdk.InventoryStateInStock, unproven: true},
		"a sale of another application with its order": {product: sdk.ProductExternalAPI, from: sdk.InventoryStateInStock, to: sdk.InventoryStateSold, prove: func(a *adjustmentRow) { a.Transaction = "T1" }},
		"a refund of another application":              {product: sdk.ProductExternalAPI, from: sdk.InventoryStateUnlinkedReturn, to: sdk.InventoryStateInStock, prove: func(a *adjustmentRow) { a.Refund = "R1" }},
		"a purchase order":                             {product: sdk.ProductExternalAPI, from: sdk.InventoryStateNone, to: sdk.InventoryStateInStock, prove: func(a *adjustmentRow) { a.PurchaseOrder = "P1" }},
		"a goods receipt":                              {product: sdk.ProductExternalAPI, from: sdk.InventoryStateNone, to: sdk.InventoryStateInStock, prove: func(a *adjustmentRow) { a.GoodsReceipt = "G1" }},
		"an empty proof":                               {product: sdk.ProductExternalAPI, from: sdk.InventoryStateNone, to: sdk.InventoryStateInStock, prove: func(a *adjustmentRow) { a.GoodsReceipt = "" }, unproven: true},
		"a sale of nobody knows what":                  {from: sdk.InventoryStateInStock, to: sdk.InventoryStateSold},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			row := &adjustmentRow{From: c.from, To: c.to, change: change{ID: "A1", Item: "V1", Location: "L1", Quantity: "2",
				OccurredAt: "2026-11-30T09:00:00Z", CreatedAt: "2026-11-30T09:00:01Z", Source: source{Product: c.product}}}
			if c.prove != nil {
				c.prove(row)
			}
			movement, counts, err := (&Channel{name: "till"}).movementOf(row)
			require.NoError(t, err)
			require.True(t, counts)
			require.Equal(t, c.unproven, movement.Evidence[stock.EvidenceUnproven] != "")
		})
	}
}
