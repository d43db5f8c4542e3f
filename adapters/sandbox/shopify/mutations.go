package shopify

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Bounds of a quantity in units; adjust has wider ones than set.
const (
	shopifyAdjustMax = 2_000_000_000
	shopifySetMax    = 1_000_000_000
)

// idempotentArgument is the name under which the executor hands the key of a field's @idempotent directive to a mutation;
// no argument of the schema can be called so.
const idempotentArgument = "@idempotent"

// shopifyAdjustableNames are the quantities that inventoryAdjustQuantities writes.
func shopifyAdjustableNames() []string {
	return []string{shopifyAvailable, "damaged", shopifyIncoming, "quality_control", "reserved", "safety_stock"}
}

// shopifyReasons are the reasons that both mutations take.
func shopifyReasons() []string {
	return []string{
		"correction", "cycle_count_available", "damaged", "movement_canceled", "movement_created", "movement_received",
		"movement_updated", "other", "promotion", "quality_control", "received", "reservation_created", "reservation_deleted",
		"reservation_updated", "restock", "safety_stock", "shrinkage",
	}
}

// shopifyCall is one call of a quantity mutation.
type shopifyCall struct {
	field                        string
	adjust                       bool   // a delta per row; else a quantity
	list, rowType                string // the input's list of rows, and their type
	key, name, reason, reference string
	input                        map[string]any
	rows                         []shopifyRow
}

// shopifyRow is one row of a call.
type shopifyRow struct {
	itemID, locationID string
	item               *shopifyItem // nil when there is no such item
	location           *shopifyLocation
	amount             int64  // the delta of an adjustment, the quantity of a set
	from               *int64 // changeFromQuantity; nil when null
	ledger             string
}

// shopifyUserError is one entry of userErrors.
type shopifyUserError struct {
	code, message string
	field         []string // nil is null
}

func (s *Shopify) mutationRoot() gqlObject {
	return gqlObject{"Mutation", func(field string, args map[string]any) (any, error) {
		call := shopifyCall{field: field, list: "quantities", rowType: "InventoryQuantityInput"}
		if field == "inventoryAdjustQuantities" {
			call.adjust, call.list, call.rowType = true, "changes", "InventoryChangeInput"
		}
		if err := s.readCall(&call, args); err != nil {
			return nil, err
		}
		return s.writeOnce(call), nil
	}}
}

// readCall takes a call apart. What the schema does not say but the server demands comes back as a top-level error, in
// the order in which Shopify looks: the rows' changeFromQuantity, then the directive.
func (s *Shopify) readCall(call *shopifyCall, args map[string]any) error {
	input, _ := args["input"].(map[string]any)
	rows, isList := input[call.list].([]any)
	if !isList && input[call.list] != nil {
		rows = []any{input[call.list]}
	}
	if len(rows) > shopifyPageMax {
		err := newGQLError("MAX_INPUT_SIZE_EXCEEDED", "The input array size of %d is greater than the maximum allowed of %d.",
			len(rows), shopifyPageMax)
		err.Path = []any{"input", call.list}
		return err
	}
	call.input = input
	call.name, _ = input["name"].(string)
	call.reason, _ = input["reason"].(string)
	call.reference, _ = input["referenceDocumentUri"].(string)
	for _, value := range rows {
		row, _ := value.(map[string]any)
		if _, present := row["changeFromQuantity"]; !present {
			return newGQLError("INVALID_FIELD_ARGUMENTS", "%s must include the following argument: changeFromQuantity.", call.rowType)
		}
		call.rows = append(call.rows, s.readRow(row, call.adjust))
	}
	key, present := args[idempotentArgument].(string)
	if !present {
		return newGQLError("BAD_REQUEST", "The @idempotent directive is required for this mutation but was not provided.")
	}
	if strings.TrimSpace(key) == "" {
		return newGQLError("BAD_REQUEST", "The idempotency key can't be blank.")
	}
	call.key = key
	return nil
}

func (s *Shopify) readRow(value map[string]any, adjust bool) shopifyRow {
	row := shopifyRow{itemID: fmt.Sprint(value["inventoryItemId"]), locationID: fmt.Sprint(value["locationId"])}
	if kind, id, _, err := parseGID(row.itemID); err == nil && kind == "InventoryItem" {
		row.item = s.itemByID(id)
	}
	if kind, id, _, err := parseGID(row.locationID); err == nil && kind == "Location" {
		row.location = s.locationByID(id)
	}
	amount := "quantity"
	if adjust {
		amount = "delta"
	}
	row.amount, _ = value[amount].(int64)
	if from, ok := value["changeFromQuantity"].(int64); ok {
		row.from = &from
	}
	row.ledger, _ = value["ledgerDocumentUri"].(string)
	return row
}

// check lists what is wrong with a call, stale comparisons apart.
func (c shopifyCall) check(now func(shopifyRow) int64) []shopifyUserError {
	var errs []shopifyUserError
	add := func(code, message string, field ...string) {
		errs = append(errs, shopifyUserError{code, message, append([]string{"input"}, field...)})
	}
	if !slices.Contains(shopifyReasons(), c.reason) {
		add("INVALID_REASON", "The specified reason is invalid. Valid values are: "+strings.Join(shopifyReasons(), ", ")+".", "reason")
	}
	switch {
	case c.adjust && !slices.Contains(shopifyAdjustableNames(), c.name):
		add("INVALID_QUANTITY_NAME", "The specified quantity name is invalid. Valid values are: "+
			strings.Join(shopifyAdjustableNames(), ", ")+".", "name")
	case !c.adjust && c.name != shopifyAvailable && c.name != shopifyOnHand:
		add("INVALID_NAME", "The quantity name must be either 'available' or 'on_hand'.", "name")
	}
	if u, err := url.Parse(c.reference); c.input["referenceDocumentUri"] != nil && (err != nil || u.Scheme == "") {
		add("INVALID_REFERENCE_DOCUMENT", "The specified reference document is invalid.", "referenceDocumentUri")
	}
	if len(errs) > 0 {
		return errs
	}
	for i, row := range c.rows {
		at := strconv.Itoa(i)
		if row.item == nil {
			add("INVALID_INVENTORY_ITEM", "The specified inventory item could not be found.", c.list, at, "inventoryItemId")
		}
		if row.location == nil {
			add("INVALID_LOCATION", "The specified location could not be found.", c.list, at, "locationId")
		}
		if row.item == nil || row.location == nil {
			continue
		}
		if c.adjust {
			errs = append(errs, c.checkAdjustment(row, at, now(row))...)
		} else {
			errs = append(errs, c.checkSet(row, at)...)
		}
	}
	return append(errs, c.checkLedgers()...)
}

func (c shopifyCall) checkAdjustment(row shopifyRow, at string, now int64) []shopifyUserError {
	amount := []string{"input", c.list, at, "delta"}
	ledger := []string{"input", c.list, at, "ledgerDocumentUri"}
	switch result := now + row.amount; {
	case result > shopifyAdjustMax:
		return []shopifyUserError{{"INVALID_QUANTITY_TOO_HIGH", "The quantity can't be higher than 2,000,000,000.", amount}}
	case result < -shopifyAdjustMax:
		return []shopifyUserError{{"INVALID_QUANTITY_TOO_LOW", "The quantity can't be lower than -2,000,000,000.", amount}}
	case c.name == shopifyAvailable && row.ledger != "":
		return []shopifyUserError{{"INVALID_AVAILABLE_DOCUMENT",
			"A ledger document URI is not allowed when adjusting available.", ledger}}
	case c.name != shopifyAvailable && row.ledger == "":
		return []shopifyUserError{{"INVALID_QUANTITY_DOCUMENT",
			"A ledger document URI is required except when adjusting available.", ledger}}
	case strings.HasPrefix(row.ledger, "gid://shopify/"):
		return []shopifyUserError{{"INTERNAL_LEDGER_DOCUMENT", "Internal (gid://shopify/) ledger documents are not allowed.", ledger}}
	}
	return nil
}

func (c shopifyCall) checkSet(row shopifyRow, at string) []shopifyUserError {
	amount := []string{"input", c.list, at, "quantity"}
	switch {
	case row.amount > shopifySetMax:
		return []shopifyUserError{{"INVALID_QUANTITY_TOO_HIGH", "The quantity can't be higher than 1,000,000,000.", amount}}
	case row.amount < -shopifySetMax:
		return []shopifyUserError{{"INVALID_QUANTITY_TOO_LOW", "The quantity can't be lower than -1,000,000,000.", amount}}
	case row.amount < 0 && c.name == shopifyOnHand:
		return []shopifyUserError{{"INVALID_QUANTITY_NEGATIVE", "The quantity can't be negative.", amount}}
	}
	for i, other := range c.rows {
		if strconv.Itoa(i) != at && other.itemID == row.itemID && other.locationID == row.locationID {
			return []shopifyUserError{{"NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR",
				"The combination of inventoryItemId and locationId must be unique.", []string{"input", c.list, at, "locationId"}}}
		}
	}
	return nil
}

func (c shopifyCall) checkLedgers() []shopifyUserError {
	for _, row := range c.rows {
		if row.ledger != c.rows[0].ledger {
			return []shopifyUserError{{"MAX_ONE_LEDGER_DOCUMENT",
				"All changes must have the same ledger document URI or, in the case of adjusting available, no ledger document URI.",
				[]string{"input", c.list}}}
		}
	}
	return nil
}
