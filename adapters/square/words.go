package square

import (
	"slices"

	sdk "github.com/square/square-go-sdk"

	"github.com/evenstock/evenstock/ledger/stock"
)

// causes says why units left IN_STOCK, by the state they went to, and why they came into it, by the state they were in. Out of
// SOLD is a sale taken back; out of WASTE is waste taken back, and keeps its cause with the other sign. A state that does not
// stand here has no meaning for us, SUPPORTED_BY_NEWER_VERSION among them: it stands for those of later versions.
// https://developer.squareup.com/reference/square/objects/InventoryState
var causes = map[sdk.InventoryState]struct{ out, in stock.Cause }{
	sdk.InventoryStateSold:               {stock.Sold, stock.Returned},
	sdk.InventoryStateSoldOnline:         {stock.Sold, stock.Returned},
	sdk.InventoryStateWaste:              {stock.Shrinkage, stock.Shrinkage},
	sdk.InventoryStateNone:               {stock.Moved, stock.Received},
	sdk.InventoryStateReceivedFromVendor: {stock.Moved, stock.Received},
	sdk.InventoryStateOrderedFromVendor:  {stock.Moved, stock.Received},
	sdk.InventoryStateUnlinkedReturn:     {stock.Moved, stock.Returned},
	sdk.InventoryStateReturnedByCustomer: {stock.Moved, stock.Returned},
	sdk.InventoryStateReservedForSale:    {stock.Moved, stock.Moved},
	sdk.InventoryStateInTransit:          {stock.Moved, stock.Moved},
	sdk.InventoryStateInTransitTo:        {stock.Moved, stock.Moved},
	sdk.InventoryStateCustom:             {stock.Moved, stock.Moved},
	sdk.InventoryStateComposed:           {stock.Moved, stock.Moved},
	sdk.InventoryStateDecomposed:         {stock.Moved, stock.Moved},
}

// byItself are the states that Square's own software moves units to and from for a reason of its own: an order, a transfer, a conversion.
var byItself = []sdk.InventoryState{sdk.InventoryStateReservedForSale, sdk.InventoryStateInTransit, sdk.InventoryStateInTransitTo, sdk.InventoryStateComposed, sdk.InventoryStateDecomposed}

// unproven says that only the word of who wrote a row stands behind it. A payment, a refund, a purchase order and a goods receipt prove a
// row: no program can write these. So does Square's own software, where it sells, takes back, receives and moves goods: what staff type in
// as received comes row by row, and a delivery of thirty articles is an ordinary morning. Of a write-off nobody can tell whether goods are
// gone or somebody emptied the catalog. Other applications and a library import may write anything.
// https://developer.squareup.com/reference/square/objects/InventoryAdjustment
func unproven(a *adjustmentRow, other sdk.InventoryState, cause stock.Cause) bool {
	if a.Transaction+a.Refund+a.PurchaseOrder+a.GoodsReceipt != "" {
		return false
	}
	switch product := a.Source.Product; {
	case product == sdk.ProductExternalAPI || product == sdk.ProductItemLibraryImport:
		return true
	case cause == stock.Moved:
		return !slices.Contains(byItself, other)
	}
	return cause == stock.Shrinkage
}

// unknownState returns the word of a state that has no meaning here; nil for all others.
func unknownState(state sdk.InventoryState) *stock.UnknownWord {
	if _, known := causes[state]; known || state == sdk.InventoryStateInStock {
		return nil
	}
	return &stock.UnknownWord{What: "inventory state", Word: plain(string(state))}
}

// countsVariation is false for the ITEM rows of Square for Restaurants, which only say what may be ordered
// (https://developer.squareup.com/forums/t/2307), and for types that unknownKind names.
func countsVariation(kind string) bool { return kind == "" || kind == itemVariation }

// unknownKind returns the word of a type of catalog object that is not known to have counters or to have none; nil for all
// others.
func unknownKind(kind string) *stock.UnknownWord {
	if countsVariation(kind) || kind == string(sdk.CatalogObjectTypeItem) {
		return nil
	}
	return &stock.UnknownWord{What: "catalog object type", Word: plain(kind)}
}

// unread stands for a row that says nothing to us for want of a word. It names no ref, for what the row is about is unknown
// too; it only has the word tallied.
func (c *Channel) unread(key string, word *stock.UnknownWord) stock.Movement {
	return stock.Movement{Key: key, Ref: stock.Ref{Channel: c.name}, Unknown: word}
}
