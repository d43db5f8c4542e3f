package shopify

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
)

// keyLife is how long an idempotency key is remembered from its first use
// (https://shopify.dev/docs/api/usage/implementing-idempotency).
const keyLife = 24 * time.Hour

// write is what is remembered under an idempotency key: of a call no more than a replay answers, for a day has many.
type write struct {
	at          time.Time
	fingerprint [sha256.Size]byte
	failed      bool
	group       *adjustmentGroup // nil: nothing changed
}

// adjustmentGroup is what one call changed.
type adjustmentGroup struct {
	id      int64
	at      time.Time
	reason  string
	uri     any // referenceDocumentUri as it was given, nil for null
	changes []counterChange
}

// counterChange is one row of an adjustment group.
type counterChange struct {
	name, ledger string
	delta        int64
	item         *item
	location     *shopLocation
}

// forgetEvery is how often keys that are too old are looked for: each look takes as long as there are keys.
const forgetEvery = time.Hour

// forgetWrites forgets what was written under keys that are too old.
func (s *Shop) forgetWrites(now time.Time) {
	if now.Sub(s.forgot) < forgetEvery {
		return
	}
	s.forgot = now
	for key, write := range s.writes {
		if now.Sub(write.at) >= keyLife {
			delete(s.writes, key)
		}
	}
}

// writeOnce carries a call out, or answers what its key has already done: another input is a mismatch; a comparison that
// no longer holds is stale even when the first attempt succeeded; a failed first attempt has used the key up; else the
// stored payload comes again.
func (s *Shop) writeOnce(call call) gqlObject {
	now := s.opts.Now()
	s.forgetWrites(now)
	fingerprint := call.fingerprint()
	prior, seen := s.writes[call.key]
	seen = seen && now.Sub(prior.at) < keyLife
	if seen && prior.fingerprint != fingerprint {
		return call.payload(nil, []userError{{code: "IDEMPOTENCY_KEY_PARAMETER_MISMATCH",
			message: "The request with this idempotency key has different parameters than the original request."}})
	}
	errs := call.check(s.counterOf(call.name))
	if len(errs) == 0 && s.stale(call) {
		errs = []userError{{code: "CHANGE_FROM_QUANTITY_STALE",
			message: "The changeFromQuantity argument no longer matches the persisted quantity."}}
	}
	if seen && len(errs) == 0 {
		if prior.failed {
			return call.payload(nil, []userError{{code: "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED",
				message: "The previous attempt with this idempotency key failed."}})
		}
		return call.payload(s.groupObject(prior.group), nil)
	}
	if seen && !prior.failed && !call.compares() {
		return call.payload(s.groupObject(prior.group), nil) // a replay is not judged by what happened since
	}
	write := write{at: now, fingerprint: fingerprint, failed: len(errs) > 0}
	if !write.failed {
		write.group = s.write(call)
	}
	if !seen {
		s.writes[call.key] = write
	}
	return call.payload(s.groupObject(write.group), errs)
}

func (c call) fingerprint() [sha256.Size]byte {
	text, err := json.Marshal([]any{c.field, c.input})
	if err != nil { // decoded from JSON, so it can be encoded again
		text = []byte(fmt.Sprint(c.field, c.input))
	}
	return sha256.Sum256(text)
}

// compares says whether any row has a changeFromQuantity.
func (c call) compares() bool {
	return slices.ContainsFunc(c.rows, func(row row) bool { return row.from != nil })
}

// counterOf reads a row's counter; 0 where the item was never stocked.
func (s *Shop) counterOf(name string) func(row) int64 {
	return func(row row) int64 {
		level := s.levels[levelKey{row.item.id, row.location.id}]
		if level == nil {
			return 0
		}
		return level.quantity(name)
	}
}

// stale says whether a row's counter is not what it was compared with.
func (s *Shop) stale(call call) bool {
	now := s.counterOf(call.name)
	return slices.ContainsFunc(call.rows, func(row row) bool { return row.from != nil && *row.from != now(row) })
}

// write changes the counters and returns the adjustment group; nil when nothing changed, which is success too.
func (s *Shop) write(call call) *adjustmentGroup {
	event := s.newEvent()
	now := s.counterOf(call.name)
	var changes []counterChange
	for _, row := range call.rows {
		delta := row.amount
		if !call.adjust {
			delta -= now(row)
		}
		if delta == 0 {
			continue
		}
		s.writeRow(event, call, row, delta)
		change := counterChange{name: call.name, ledger: row.ledger, delta: delta, item: row.item, location: row.location}
		switch call.name {
		case incoming: // not on hand
			changes = append(changes, change)
			continue
		case nameOnHand:
			change.name = nameAvailable // absorbs the difference
		}
		changes = append(changes, change)
		change.name = nameOnHand
		changes = append(changes, change)
	}
	if len(changes) == 0 {
		return nil
	}
	return &adjustmentGroup{id: s.nextID("InventoryAdjustmentGroup"), at: s.now(), reason: call.reason, uri: call.input["referenceDocumentUri"], changes: changes}
}

func (s *Shop) writeRow(event string, call call, row row, delta int64) {
	level := s.level(row.item, row.location.id, false)
	level.updatedAt = s.now()
	level.written[call.name] = level.updatedAt
	if call.name == nameAvailable || call.name == nameOnHand {
		s.apply(event, move{
			item: row.item, location: row.location.id, available: delta, by: shop.ByApp, key: call.key, note: call.reference,
		})
		return
	}
	level.quantities[call.name] += delta
}

// payload is the mutation's answer.
func (c call) payload(group any, errs []userError) gqlObject {
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

// groupObject is an adjustment group, or nil when nothing changed.
func (s *Shop) groupObject(group *adjustmentGroup) any {
	if group == nil {
		return nil
	}
	return gqlObject{"InventoryAdjustmentGroup", func(field string, args map[string]any) (any, error) {
		switch field {
		case "id":
			return gid("InventoryAdjustmentGroup", group.id), nil
		case "createdAt":
			return gqlTime(group.at), nil
		case "reason":
			return group.reason, nil
		case "referenceDocumentUri":
			return group.uri, nil
		case "app":
			return gqlObject{"App", func(field string, _ map[string]any) (any, error) {
				if field == "id" {
					return gid("App", 1), nil
				}
				return "Sandbox app", nil
			}}, nil
		case "changes":
			return s.changeObjects(group.changes, args), nil
		}
		return nil, unknownField("InventoryAdjustmentGroup", field)
	}}
}

func (s *Shop) changeObjects(changes []counterChange, args map[string]any) []gqlObject {
	wanted := func(arg, value string) bool {
		return args[arg] == nil || slices.Contains(textList(args[arg]), value)
	}
	objects := []gqlObject{}
	for _, c := range changes {
		if !wanted("quantityNames", c.name) || !wanted("inventoryItemIds", gid("InventoryItem", c.item.id)) ||
			!wanted("locationIds", gid("Location", c.location.id)) {
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
