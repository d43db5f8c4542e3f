package shopify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// reasonCorrection is what the merchant's inventory history shows; the list of reasons is closed
	// (https://shopify.dev/docs/api/admin-graphql/2026-10/mutations/inventoryAdjustQuantities).
	reasonCorrection = "correction"
	// documentPrefix begins the URI that the merchant's inventory history shows: the only lasting trace that a change was ours.
	documentPrefix = "gid://evenstock/Call/"
	// keyBytes bounds an idempotency key.
	keyBytes = 255
)

// adjustVariables are the variables of opAdjust; the order of members is the order on the wire.
type adjustVariables struct {
	Input adjustInput `json:"input"`
	Key   string      `json:"key"`
}

type adjustInput struct {
	Reason   string         `json:"reason"`
	Name     string         `json:"name"`
	Document string         `json:"referenceDocumentUri"`
	Changes  []adjustChange `json:"changes"`
}

// adjustChange is one row. ChangeFrom must be there and null: without it the call is refused, with a number it would be a
// compare-and-set, which a repetition under the same key fails (https://shopify.dev/changelog/making-changefromquantity-field-required).
type adjustChange struct {
	Item       string `json:"inventoryItemId"`
	Location   string `json:"locationId"`
	Delta      int64  `json:"delta"`
	ChangeFrom *int64 `json:"changeFromQuantity"`
}

// EncodeCall makes the exact HTTP body of a call: the same arguments give the same bytes. Shopify takes no time of our own,
// so at is not used, and it takes no reference per row for available quantities, so the call's URI stands for all. Refused:
// no rows, more than MaxRows, a delta that is not whole or is out of range, a ref of another channel.
func (c *Channel) EncodeCall(key string, _ time.Time, rows []stock.PushRow) ([]byte, error) {
	if strings.TrimSpace(key) == "" || len(key) > keyBytes {
		return nil, fmt.Errorf("encoding a call: the key is blank or longer than %d bytes", keyBytes)
	}
	if len(rows) == 0 || len(rows) > maxRows {
		return nil, fmt.Errorf("encoding call %s: %d rows, not 1 to %d", key, len(rows), maxRows)
	}
	vars := adjustVariables{Key: key, Input: adjustInput{
		Reason: reasonCorrection, Name: quantityAvailable, Document: documentPrefix + url.PathEscape(key),
		Changes: make([]adjustChange, len(rows)),
	}}
	for i, row := range rows {
		if err := c.checkRef(row.Ref); err != nil {
			return nil, fmt.Errorf("encoding call %s: row %d: %w", key, i, err)
		}
		units, whole := row.Delta.WholeUnits()
		if !whole || units > quantityAtMost || units < -quantityAtMost {
			return nil, fmt.Errorf("encoding call %s: row %d: a delta of %s is not whole units within %d", key, i, row.Delta, quantityAtMost)
		}
		vars.Input.Changes[i] = adjustChange{Item: gid(typeItem, row.Ref.Item), Location: gid(typeLocation, row.Ref.Location), Delta: units}
	}
	body, err := json.Marshal(request{Query: opAdjust.query, OperationName: opAdjust.name, Variables: vars})
	if err != nil {
		return nil, fmt.Errorf("encoding call %s: %w", key, err)
	}
	return body, nil
}

// SendCall posts a stored body exactly as it is, once, and says what became of it. A body that EncodeCall did not make for
// this key is not sent.
func (c *Channel) SendCall(ctx context.Context, key string, body []byte) stock.Answer {
	rows, err := rowsOf(key, body)
	if err != nil {
		return stock.Answer{Outcome: stock.NotProcessed, Reason: err.Error()}
	}
	r, err := c.post(ctx, opAdjust, body)
	if err != nil {
		return unanswered(err)
	}
	answer := c.classify(r, rows)
	answer.PlatformTime = r.date
	if strings.Contains(answer.Reason, codeMismatch) {
		c.log.Error("shopify holds another request under a call's idempotency key", "channel", string(c.name), "call", key)
	}
	return answer
}

// rowsOf checks that a stored body belongs to the key and counts its rows.
func rowsOf(key string, body []byte) (int, error) {
	var call struct {
		Operation string          `json:"operationName"`
		Variables adjustVariables `json:"variables"`
	}
	if err := json.Unmarshal(body, &call); err != nil {
		return 0, fmt.Errorf("reading call %s: %w", key, err)
	}
	if call.Operation != opAdjust.name || call.Variables.Key != key {
		return 0, errors.New("reading call " + key + ": the body is not this call's")
	}
	return len(call.Variables.Input.Changes), nil
}

// unanswered is the answer when none arrived. Only what certainly never left says NotProcessed.
func unanswered(err error) stock.Answer {
	answer := stock.Answer{Outcome: stock.Unknown, Reason: bounded(err.Error())}
	if e, ok := as(err); ok {
		answer.RetryAfter = e.after
		if e.Code == codeNotSent {
			answer.Outcome = stock.NotProcessed
		}
	}
	return answer
}
