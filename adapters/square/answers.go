package square

import (
	"context"
	"encoding/json"
	"errors"

	sdk "github.com/square/square-go-sdk"
	"github.com/square/square-go-sdk/option"
)

// The answers of lists, as far as anybody here reads them: what is not named is not decoded, customer data least of all. The SDK (v1.5.0)
// would decode each object of an answer two to five times over, to keep what it has no field for.

// answered is what every list has.
type answered struct {
	Errors []*sdk.Error `json:"errors"`
	Cursor string       `json:"cursor"`
}

func (a *answered) refusals() []*sdk.Error { return a.Errors }

// countsAnswer is a page of counts.
type countsAnswer struct {
	answered
	Counts []countRow `json:"counts"`
}

// countRow is what is there of a variation, in a state, at a location.
type countRow struct {
	Item         string             `json:"catalog_object_id"`
	Kind         string             `json:"catalog_object_type"`
	State        sdk.InventoryState `json:"state"`
	Location     string             `json:"location_id"`
	Quantity     *string            `json:"quantity"` // null is unknown, never zero
	CalculatedAt string             `json:"calculated_at"`
	Estimated    bool               `json:"is_estimated"`
}

// changesAnswer is a page of the feed.
type changesAnswer struct {
	answered
	Changes []struct {
		Type          string         `json:"type"`
		Adjustment    *adjustmentRow `json:"adjustment"`
		PhysicalCount *recountRow    `json:"physical_count"`
	} `json:"changes"`
}

// change is what adjustments and physical counts have in common.
type change struct {
	ID         string `json:"id"`
	Reference  string `json:"reference_id"`
	Item       string `json:"catalog_object_id"`
	Kind       string `json:"catalog_object_type"`
	Location   string `json:"location_id"`
	Quantity   string `json:"quantity"`
	OccurredAt string `json:"occurred_at"`
	CreatedAt  string `json:"created_at"`
	Source     source `json:"source"`
}

// source is the program that wrote a change.
type source struct {
	Product     sdk.Product `json:"product"`
	Application string      `json:"application_id"`
}

// adjustmentRow is units that went from one state to another.
type adjustmentRow struct {
	change
	From          sdk.InventoryState `json:"from_state"`
	To            sdk.InventoryState `json:"to_state"`
	Transaction   string             `json:"transaction_id"`
	Refund        string             `json:"refund_id"`
	PurchaseOrder string             `json:"purchase_order_id"`
	GoodsReceipt  string             `json:"goods_receipt_id"`
}

// recountRow is a physical count.
type recountRow struct {
	change
	State sdk.InventoryState `json:"state"`
}

// catalogAnswer is objects of the catalog: those asked for, and those that belong to them.
type catalogAnswer struct {
	answered
	Objects []catalogObject `json:"objects"`
	Related []catalogObject `json:"related_objects"`
}

// catalogObject is one object of the catalog; of its data there is what its type has.
type catalogObject struct {
	Type      string     `json:"type"`
	ID        string     `json:"id"`
	Deleted   bool       `json:"is_deleted"`
	Variation *variation `json:"item_variation_data"`
	Item      *item      `json:"item_data"`
	Unit      *unit      `json:"measurement_unit_data"`
}

// variation is an article as it is sold.
type variation struct {
	ItemID     string           `json:"item_id"`
	Name       string           `json:"name"`
	SKU        string           `json:"sku"`
	UPC        string           `json:"upc"`
	Tracked    *bool            `json:"track_inventory"`
	Overrides  []override       `json:"location_overrides"`
	Stockable  *bool            `json:"stockable"`
	Conversion *json.RawMessage `json:"stockable_conversion"`
	UnitID     string           `json:"measurement_unit_id"`
}

// override is what of a variation differs at a location.
type override struct {
	Location     string `json:"location_id"`
	Tracked      *bool  `json:"track_inventory"`
	SoldOut      bool   `json:"sold_out"`
	SoldOutUntil string `json:"sold_out_valid_until"`
}

// item is what variations belong to.
type item struct {
	Name     string                     `json:"name"`
	Kind     sdk.CatalogItemProductType `json:"product_type"`
	Archived bool                       `json:"is_archived"`
}

// unit is what variations are measured in.
type unit struct {
	Precision *int `json:"precision"`
}

// read makes one request through the SDK, of which the answer is decoded here. With errors inside a 2xx it returns the answer beside the
// error.
func read[T any, P interface {
	*T
	refusals() []*sdk.Error
}](ctx context.Context, c *Channel, operation string, request func(context.Context, ...option.RequestOption) error) (P, *exchange, error) {
	answer := P(new(T))
	ex := &exchange{channel: c, into: answer}
	err := ex.run(ctx, operation, answer.refusals, request)
	return answer, ex, err
}

// decode reads an answer into what a list expects. What is no object at all is a broken answer; the shape of what is in it is the
// business of who asked.
func (e *exchange) decode(body []byte) error {
	err := json.Unmarshal(body, e.into)
	var syntax *json.SyntaxError
	if !startsObject(body) || errors.As(err, &syntax) {
		return errAnswer
	}
	e.misshapen = err
	return nil
}
