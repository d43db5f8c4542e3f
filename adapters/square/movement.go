package square

import (
	"fmt"
	"strings"
	"time"

	sdk "github.com/square/square-go-sdk"

	"github.com/evenstock/evenstock/ledger/stock"
)

// movementOf decodes an adjustment; false when it does not touch the counter of a ref. One of nothing is told, for it may have been
// edited to that (UpdateInventoryAdjustment). One with a word that we do not know is
// told with that word instead of a cause. Our own rows are not filtered: the reference names them.
func (c *Channel) movementOf(a *sdk.InventoryAdjustment) (stock.Movement, bool, error) {
	from, to := state(a.GetFromState()), state(a.GetToState())
	out, in := from == sdk.InventoryStateInStock, to == sdk.InventoryStateInStock
	unknown := unknownKind(a.GetCatalogObjectType())
	if out == in || unknown == nil && !countsVariation(a.GetCatalogObjectType()) {
		return stock.Movement{}, false, nil
	}
	id := value(a.GetID())
	row, err := c.changeOf("adjustment", id, a.GetCatalogObjectID(), a.GetLocationID(), a.GetQuantity(), a.GetOccurredAt(), a.GetCreatedAt())
	if err != nil {
		return stock.Movement{}, false, err
	}
	if row.quantity < 0 {
		return stock.Movement{}, false, fmt.Errorf("adjustment %q: quantity is negative", id)
	}
	other, cause, quantity := from, causes[from].in, row.quantity
	if out {
		other, cause, quantity = to, causes[to].out, -row.quantity
	}
	if unknown == nil {
		unknown = unknownState(other)
	}
	if unknown != nil {
		cause = 0
	}
	evidence := sourceOf("adjustment_id", id, a.GetSource(), a.GetReferenceID())
	for key, text := range map[string]*string{
		"transaction_id": a.GetTransactionID(), "refund_id": a.GetRefundID(),
		"purchase_order_id": a.GetPurchaseOrderID(), "goods_receipt_id": a.GetGoodsReceiptID(),
	} {
		if label(text) != "" {
			evidence[key] = label(text)
		}
	}
	evidence["from_state"], evidence["to_state"] = plain(string(from)), plain(string(to))
	if unproven(a, other, cause) {
		evidence[stock.EvidenceUnproven] = "only the word of who wrote it"
	}
	return stock.Movement{
		Key: row.key, Ref: row.ref, Quantity: quantity, Cause: cause, Unknown: unknown, Said: evidence["from_state"] + ">" + evidence["to_state"],
		OccurredAt: row.occurredAt, ChannelTime: row.createdAt, Reference: reference(a.GetReferenceID()), Evidence: evidence,
	}, true, nil
}

// recountOf decodes a physical count; false when it did not count IN_STOCK.
func (c *Channel) recountOf(p *sdk.InventoryPhysicalCount) (stock.Recount, bool, error) {
	if state(p.GetState()) != sdk.InventoryStateInStock || !countsVariation(p.GetCatalogObjectType()) {
		return stock.Recount{}, false, nil
	}
	id := value(p.GetID())
	row, err := c.changeOf("recount", id, p.GetCatalogObjectID(), p.GetLocationID(), p.GetQuantity(), p.GetOccurredAt(), p.GetCreatedAt())
	if err != nil {
		return stock.Recount{}, false, err
	}
	return stock.Recount{
		Key: row.key, Ref: row.ref, Counted: row.quantity, OccurredAt: row.occurredAt, ChannelTime: row.createdAt,
		Reference: reference(p.GetReferenceID()), Evidence: sourceOf("physical_count_id", id, p.GetSource(), p.GetReferenceID()),
	}, true, nil
}

// changeRow is what adjustments and physical counts have in common.
type changeRow struct {
	key                   string
	ref                   stock.Ref
	quantity              stock.Quantity
	occurredAt, createdAt time.Time
}

func (c *Channel) changeOf(kind, id string, item, location, quantity, occurredAt, createdAt *string) (changeRow, error) {
	row := changeRow{
		key: "square/" + kind + "/" + id,
		ref: stock.Ref{Channel: c.name, Item: value(item), Location: value(location)},
	}
	if !validID(id) || !validID(row.ref.Item) || !validID(row.ref.Location) {
		return changeRow{}, fmt.Errorf("%s %.40q: ids are missing", kind, id)
	}
	var err error
	if row.quantity, err = stock.ParseQuantity(value(quantity)); err != nil {
		return changeRow{}, fmt.Errorf("%s %q: quantity: %w", kind, id, err)
	}
	if row.occurredAt, err = parseTime(value(occurredAt)); err != nil {
		return changeRow{}, fmt.Errorf("%s %q: occurred_at: %w", kind, id, err)
	}
	if row.createdAt, err = parseTime(value(createdAt)); err != nil {
		return changeRow{}, fmt.Errorf("%s %q: created_at: %w", kind, id, err)
	}
	return row, nil
}

// sourceOf begins the evidence of a row. The team member and the device's name stay out, and so do references that are not in
// our form: other programs may put anything there. Who reads a row of our form as evidence does not know its call, or it would
// be a push.
func sourceOf(idName, id string, source *sdk.SourceApplication, written *string) stock.Evidence {
	evidence := stock.Evidence{idName: id}
	name := reference(written)
	switch product := source.GetProduct(); {
	case strings.HasPrefix(name, stock.ReferencePrefix):
		evidence[stock.EvidenceWriter], evidence["reference"] = stock.UnknownEvenstock, name
	case product != nil && *product == sdk.ProductExternalAPI:
		evidence[stock.EvidenceWriter] = stock.OtherApplication
	}
	if product := source.GetProduct(); product != nil && *product != "" {
		evidence["product"] = plain(string(*product))
	}
	if application := label(source.GetApplicationID()); application != "" {
		evidence["application_id"] = application
	}
	return evidence
}

// referenceMax is the longest reference_id Square keeps, in characters.
const referenceMax = 255

// reference is what the writer called the row. One longer than Square keeps is not a reference.
func reference(text *string) string {
	if text == nil || len(*text) > referenceMax {
		return ""
	}
	return printable(*text)
}

func state(s *sdk.InventoryState) sdk.InventoryState {
	if s == nil {
		return ""
	}
	return *s
}
