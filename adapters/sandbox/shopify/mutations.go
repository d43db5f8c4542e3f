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
	adjustMax = 2_000_000_000
	setMax    = 1_000_000_000
)

// idempotentArgument is the name under which the executor hands the key of a field's @idempotent directive to a mutation;
// no argument of the schema can be called so.
const idempotentArgument = "@idempotent"

// adjustableNames are the quantities that inventoryAdjustQuantities writes.
func adjustableNames() []string {
	return []string{nameAvailable, "damaged", incoming, "quality_control", "reserved", "safety_stock"}
}

// reasons are the reasons that both mutations take.
func reasons() []string {
	return []string{
		"correction", "cycle_count_available", "damaged", "movement_canceled", "movement_created", "movement_received",
		"movement_updated", "other", "promotion", "quality_control", "received", "reservation_created", "reservation_deleted",
		"reservation_updated", "restock", "safety_stock", "shrinkage",
	}
}

// call is one call of a quantity mutation.
type call struct {
	field                        string
	adjust                       bool   // a delta per row; else a quantity
	list, rowType                string // the input's list of rows, and their type
	key, name, reason, reference string
	input                        map[string]any
	rows                         []row
}

// row is one row of a call.
type row struct {
	itemID, locationID string
	item               *item // nil when there is no such item
	location           *shopLocation
	amount             int64  // the delta of an adjustment, the quantity of a set
	from               *int64 // changeFromQuantity; nil when null
	ledger             string
}

// userError is one entry of userErrors.
type userError struct {
	code, message string
	field         []string // nil is null
}

func (s *Shop) mutationRoot() gqlObject {
	return gqlObject{"Mutation", func(field string, args map[string]any) (any, error) {
		call := call{field: field, list: "quantities", rowType: "InventoryQuantityInput"}
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
func (s *Shop) readCall(call *call, args map[string]any) error {
	input, _ := args["input"].(map[string]any)
	rows, isList := input[call.list].([]any)
	if !isList && input[call.list] != nil {
		rows = []any{input[call.list]}
	}
	if len(rows) > pageMax {
		err := newGQLError("MAX_INPUT_SIZE_EXCEEDED", "The input array size of %d is greater than the maximum allowed of %d.",
			len(rows), pageMax)
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

func (s *Shop) readRow(value map[string]any, adjust bool) row {
	row := row{itemID: fmt.Sprint(value["inventoryItemId"]), locationID: fmt.Sprint(value["locationId"])}
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
func (c call) check(now func(row) int64) []userError {
	var errs []userError
	add := func(code, message string, field ...string) {
		errs = append(errs, userError{code, message, append([]string{"input"}, field...)})
	}
	if !slices.Contains(reasons(), c.reason) {
		add("INVALID_REASON", "The specified reason is invalid. Valid values are: "+strings.Join(reasons(), ", ")+".", "reason")
	}
	switch {
	case c.adjust && !slices.Contains(adjustableNames(), c.name):
		add("INVALID_QUANTITY_NAME", "The specified quantity name is invalid. Valid values are: "+
			strings.Join(adjustableNames(), ", ")+".", "name")
	case !c.adjust && c.name != nameAvailable && c.name != nameOnHand:
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

func (c call) checkAdjustment(row row, at string, now int64) []userError {
	amount := []string{"input", c.list, at, "delta"}
	ledger := []string{"input", c.list, at, "ledgerDocumentUri"}
	switch result := now + row.amount; {
	case result > adjustMax:
		return []userError{{"INVALID_QUANTITY_TOO_HIGH", "The quantity can't be higher than 2,000,000,000.", amount}}
	case result < -adjustMax:
		return []userError{{"INVALID_QUANTITY_TOO_LOW", "The quantity can't be lower than -2,000,000,000.", amount}}
	case c.name == nameAvailable && row.ledger != "":
		return []userError{{"INVALID_AVAILABLE_DOCUMENT",
			"A ledger document URI is not allowed when adjusting available.", ledger}}
	case c.name != nameAvailable && row.ledger == "":
		return []userError{{"INVALID_QUANTITY_DOCUMENT",
			"A ledger document URI is required except when adjusting available.", ledger}}
	case strings.HasPrefix(row.ledger, "gid://shopify/"):
		return []userError{{"INTERNAL_LEDGER_DOCUMENT", "Internal (gid://shopify/) ledger documents are not allowed.", ledger}}
	}
	return nil
}

func (c call) checkSet(row row, at string) []userError {
	amount := []string{"input", c.list, at, "quantity"}
	switch {
	case row.amount > setMax:
		return []userError{{"INVALID_QUANTITY_TOO_HIGH", "The quantity can't be higher than 1,000,000,000.", amount}}
	case row.amount < -setMax:
		return []userError{{"INVALID_QUANTITY_TOO_LOW", "The quantity can't be lower than -1,000,000,000.", amount}}
	case row.amount < 0 && c.name == nameOnHand:
		return []userError{{"INVALID_QUANTITY_NEGATIVE", "The quantity can't be negative.", amount}}
	}
	for i, other := range c.rows {
		if strconv.Itoa(i) != at && other.itemID == row.itemID && other.locationID == row.locationID {
			return []userError{{"NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR",
				"The combination of inventoryItemId and locationId must be unique.", []string{"input", c.list, at, "locationId"}}}
		}
	}
	return nil
}

func (c call) checkLedgers() []userError {
	for _, row := range c.rows {
		if row.ledger != c.rows[0].ledger {
			return []userError{{"MAX_ONE_LEDGER_DOCUMENT",
				"All changes must have the same ledger document URI or, in the case of adjusting available, no ledger document URI.",
				[]string{"input", c.list}}}
		}
	}
	return nil
}
