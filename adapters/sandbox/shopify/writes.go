package shopify

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
)

// shopifyKeyLife is how long an idempotency key is remembered from its first use
// (https://shopify.dev/docs/api/usage/implementing-idempotency).
const shopifyKeyLife = 24 * time.Hour

// shopifyWrite is what is remembered under an idempotency key.
type shopifyWrite struct {
	at          time.Time
	fingerprint [sha256.Size]byte
	failed      bool
	payload     gqlObject
}

// shopifyChange is one row of an adjustment group.
type shopifyChange struct {
	name, ledger string
	delta        int64
	item         *shopifyItem
	location     *shopifyLocation
}

// writeOnce carries a call out, or answers what its key has already done: another input is a mismatch; a comparison that
// no longer holds is stale even when the first attempt succeeded; a failed first attempt has used the key up; else the
// stored payload comes again.
func (s *Shopify) writeOnce(call shopifyCall) gqlObject {
	now := s.opts.Now()
	for key, write := range s.writes {
		if now.Sub(write.at) >= shopifyKeyLife {
			delete(s.writes, key)
		}
	}
	fingerprint := call.fingerprint()
	prior, seen := s.writes[call.key]
	if seen && prior.fingerprint != fingerprint {
		return call.payload(nil, []shopifyUserError{{code: "IDEMPOTENCY_KEY_PARAMETER_MISMATCH",
			message: "The request with this idempotency key has different parameters than the original request."}})
	}
	errs := call.check(s.counterOf(call.name))
	if len(errs) == 0 && s.stale(call) {
		errs = []shopifyUserError{{code: "CHANGE_FROM_QUANTITY_STALE",
			message: "The changeFromQuantity argument no longer matches the persisted quantity."}}
	}
	if seen && len(errs) == 0 {
		if prior.failed {
			return call.payload(nil, []shopifyUserError{{code: "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED",
				message: "The previous attempt with this idempotency key failed."}})
		}
		return prior.payload
	}
	if seen && !prior.failed && !call.compares() {
		return prior.payload // a replay is not judged by what happened since
	}
	write := shopifyWrite{at: now, fingerprint: fingerprint, failed: len(errs) > 0}
	if write.failed {
		write.payload = call.payload(nil, errs)
	} else {
		write.payload = call.payload(s.write(call), nil)
	}
	if !seen {
		s.writes[call.key] = write
	}
	return write.payload
}

func (c shopifyCall) fingerprint() [sha256.Size]byte {
	text, err := json.Marshal([]any{c.field, c.input})
	if err != nil { // decoded from JSON, so it can be encoded again
		text = []byte(fmt.Sprint(c.field, c.input))
	}
	return sha256.Sum256(text)
}

// compares says whether any row has a changeFromQuantity.
func (c shopifyCall) compares() bool {
	return slices.ContainsFunc(c.rows, func(row shopifyRow) bool { return row.from != nil })
}

// counterOf reads a row's counter; 0 where the item was never stocked.
func (s *Shopify) counterOf(name string) func(shopifyRow) int64 {
	return func(row shopifyRow) int64 {
		level := s.levels[shopifyLevelKey{row.item.id, row.location.id}]
		if level == nil {
			return 0
		}
		return level.quantity(name)
	}
}

// stale says whether a row's counter is not what it was compared with.
func (s *Shopify) stale(call shopifyCall) bool {
	now := s.counterOf(call.name)
	return slices.ContainsFunc(call.rows, func(row shopifyRow) bool { return row.from != nil && *row.from != now(row) })
}

// write changes the counters and returns the adjustment group; nil when nothing changed, which is success too.
func (s *Shopify) write(call shopifyCall) any {
	event := s.newEvent()
	now := s.counterOf(call.name)
	var changes []shopifyChange
	for _, row := range call.rows {
		delta := row.amount
		if !call.adjust {
			delta -= now(row)
		}
		if delta == 0 {
			continue
		}
		s.writeRow(event, call, row, delta)
		change := shopifyChange{name: call.name, ledger: row.ledger, delta: delta, item: row.item, location: row.location}
		switch call.name {
		case shopifyIncoming: // not on hand
			changes = append(changes, change)
			continue
		case shopifyOnHand:
			change.name = shopifyAvailable // absorbs the difference
		}
		changes = append(changes, change)
		change.name = shopifyOnHand
		changes = append(changes, change)
	}
	if len(changes) == 0 {
		return nil
	}
	return s.groupObject(s.nextID("InventoryAdjustmentGroup"), call, changes)
}

func (s *Shopify) writeRow(event string, call shopifyCall, row shopifyRow, delta int64) {
	level := s.level(row.item, row.location.id, false)
	level.updatedAt = s.now()
	level.written[call.name] = level.updatedAt
	if call.name == shopifyAvailable || call.name == shopifyOnHand {
		s.apply(event, shopifyMove{
			item: row.item, location: row.location.id, available: delta, by: shop.ByApp, key: call.key, note: call.reference,
		})
		return
	}
	level.quantities[call.name] += delta
}

// payload is the mutation's answer.
func (c shopifyCall) payload(group any, errs []shopifyUserError) gqlObject {
	kind := "InventorySetQuantities"
	if c.adjust {
		kind = "InventoryAdjustQuantities"
	}
	userErrors := make([]gqlObject, 0, len(errs))
	for _, e := range errs {
		userErrors = append(userErrors, gqlObject{kind + "UserError", func(field string, _ map[string]any) (any, error) {
			switch field {
			case "code":
				return e.code, nil
			case "message":
				return e.message, nil
			}
			if e.field == nil {
				return nil, nil
			}
			return e.field, nil
		}})
	}
	return gqlObject{kind + "Payload", func(field string, _ map[string]any) (any, error) {
		if field == "userErrors" {
			return userErrors, nil
		}
		return group, nil
	}}
}

func (s *Shopify) groupObject(id int64, call shopifyCall, changes []shopifyChange) gqlObject {
	at := s.now()
	return gqlObject{"InventoryAdjustmentGroup", func(field string, args map[string]any) (any, error) {
		switch field {
		case "id":
			return shopifyGID("InventoryAdjustmentGroup", id), nil
		case "createdAt":
			return gqlTime(at), nil
		case "reason":
			return call.reason, nil
		case "referenceDocumentUri":
			return call.input["referenceDocumentUri"], nil
		case shop.ByApp:
			return gqlObject{"App", func(field string, _ map[string]any) (any, error) {
				if field == "id" {
					return shopifyGID("App", 1), nil
				}
				return "Sandbox app", nil
			}}, nil
		case "changes":
			return s.changeObjects(changes, args), nil
		}
		return nil, unknownField("InventoryAdjustmentGroup", field)
	}}
}

func (s *Shopify) changeObjects(changes []shopifyChange, args map[string]any) []gqlObject {
	wanted := func(arg, value string) bool {
		return args[arg] == nil || slices.Contains(textList(args[arg]), value)
	}
	objects := []gqlObject{}
	for _, c := range changes {
		if !wanted("quantityNames", c.name) || !wanted("inventoryItemIds", shopifyGID("InventoryItem", c.item.id)) ||
			!wanted("locationIds", shopifyGID("Location", c.location.id)) {
			continue
		}
		objects = append(objects, gqlObject{"InventoryChange", func(field string, _ map[string]any) (any, error) {
			switch field {
			case "name":
				return c.name, nil
			case "delta":
				return c.delta, nil
			case "quantityAfterChange":
				return nil, nil // null in every capture: whoever needs the number reads it
			case "ledgerDocumentUri":
				if c.ledger == "" {
					return nil, nil
				}
				return c.ledger, nil
			case "item":
				return s.itemObject(c.item), nil
			case "location":
				return s.locationObject(c.location), nil
			}
			return nil, unknownField("InventoryChange", field)
		}})
	}
	return objects
}
