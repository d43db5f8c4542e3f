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
func (c *Channel) movementOf(a *adjustmentRow) (stock.Movement, bool, error) {
	from, to := a.From, a.To
	out, in := from == sdk.InventoryStateInStock, to == sdk.InventoryStateInStock
	unknown := unknownKind(a.Kind)
	if out == in || unknown == nil && !countsVariation(a.Kind) {
		return stock.Movement{}, false, nil
	}
	row, err := c.changeOf("adjustment", a.change)
	if err != nil {
		return stock.Movement{}, false, err
	}
	if row.quantity < 0 {
		return stock.Movement{}, false, fmt.Errorf("adjustment %q: quantity is negative", a.ID)
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
	evidence := sourceOf("adjustment_id", a.change)
	for _, proof := range []struct{ key, text string }{
		{"transaction_id", a.Transaction}, {"refund_id", a.Refund}, {"purchase_order_id", a.PurchaseOrder}, {"goods_receipt_id", a.GoodsReceipt},
	} {
		if text := plain(proof.text); text != "" {
			evidence[proof.key] = text
		}
	}
	evidence["from_state"], evidence["to_state"] = plain(string(from)), plain(string(to))
	if unproven(a, other, cause) {
		evidence[stock.EvidenceUnproven] = "only the word of who wrote it"
	}
	return stock.Movement{
		Key: row.key, Ref: row.ref, Quantity: quantity, Cause: cause, Unknown: unknown, Said: evidence["from_state"] + ">" + evidence["to_state"],
		OccurredAt: row.occurredAt, ChannelTime: row.createdAt, Reference: reference(a.Reference), Evidence: evidence,
	}, true, nil
}

// recountOf decodes a physical count; false when it did not count IN_STOCK.
func (c *Channel) recountOf(p *recountRow) (stock.Recount, bool, error) {
	if p.State != sdk.InventoryStateInStock || !countsVariation(p.Kind) {
		return stock.Recount{}, false, nil
	}
	row, err := c.changeOf("recount", p.change)
	if err != nil {
		return stock.Recount{}, false, err
	}
	return stock.Recount{
		Key: row.key, Ref: row.ref, Counted: row.quantity, OccurredAt: row.occurredAt, ChannelTime: row.createdAt,
		Reference: reference(p.Reference), Evidence: sourceOf("physical_count_id", p.change),
	}, true, nil
}

// changeRow is a change with its texts read.
type changeRow struct {
	key                   string
	ref                   stock.Ref
	quantity              stock.Quantity
	occurredAt, createdAt time.Time
}

func (c *Channel) changeOf(kind string, from change) (changeRow, error) {
	id := from.ID
	row := changeRow{
		key: "square/" + kind + "/" + id,
		ref: stock.Ref{Channel: c.name, Item: from.Item, Location: from.Location},
	}
	if !validID(id) || !validID(row.ref.Item) || !validID(row.ref.Location) {
		return changeRow{}, fmt.Errorf("%s %.40q: ids are missing", kind, id)
	}
	var err error
	if row.quantity, err = stock.ParseQuantity(from.Quantity); err != nil {
		return changeRow{}, fmt.Errorf("%s %q: quantity: %w", kind, id, err)
	}
	if row.occurredAt, err = parseTime(from.OccurredAt); err != nil {
		return changeRow{}, fmt.Errorf("%s %q: occurred_at: %w", kind, id, err)
	}
	if row.createdAt, err = parseTime(from.CreatedAt); err != nil {
		return changeRow{}, fmt.Errorf("%s %q: created_at: %w", kind, id, err)
	}
	return row, nil
}

// sourceOf begins the evidence of a row. The team member and the device's name stay out, and so do references that are not in
// our form: other programs may put anything there. Who reads a row of our form as evidence does not know its call, or it would
// be a push.
func sourceOf(idName string, from change) stock.Evidence {
	evidence := stock.Evidence{idName: from.ID}
	name, product := reference(from.Reference), from.Source.Product
	switch {
	case strings.HasPrefix(name, stock.ReferencePrefix):
		evidence[stock.EvidenceWriter], evidence["reference"] = stock.UnknownEvenstock, name
	case product == sdk.ProductExternalAPI:
		evidence[stock.EvidenceWriter] = stock.OtherApplication
	}
	if product != "" {
		evidence["product"] = plain(string(product))
	}
	if application := plain(from.Source.Application); application != "" {
		evidence["application_id"] = application
	}
	return evidence
}

// referenceMax is the longest reference_id Square keeps, in characters.
const referenceMax = 255

// reference is what the writer called the row. One longer than Square keeps is not a reference.
func reference(text string) string {
	if len(text) > referenceMax {
		return ""
	}
	return printable(text)
}
