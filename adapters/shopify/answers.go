package shopify

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"github.com/evenstock/evenstock/ledger/stock"
)

// adjustPayload is the data of opAdjust. A group is the proof of a write; a null group without userErrors means that nothing
// had to change, which is as good.
type adjustPayload struct {
	Group  *idNode      `json:"inventoryAdjustmentGroup"`
	Errors *[]userError `json:"userErrors"`
}

type userError struct {
	Code    string   `json:"code"`
	Field   []string `json:"field"`
	Message string   `json:"message"`
}

// classify says what an answer proves about the call.
//
//	200, no errors, no userErrors (null group too)        Applied
//	userErrors, errors of validation                      Refused
//	THROTTLED, ACCESS_DENIED, 401 402 403 404 423 429 430 NotProcessed
//	IDEMPOTENCY_CONCURRENT_REQUEST (an earlier attempt runs), IDEMPOTENCY_KEY_PARAMETER_MISMATCH (something else was asked
//	under the key, and nothing says what became of it), SERVICE_UNAVAILABLE, INTERNAL_SERVER_ERROR,
//	ADJUST_QUANTITIES_FAILED (does not say whether a part was written), 5xx,
//	what is not JSON, contradicts itself, or has a code we do not know    Unknown
func (c *Channel) classify(r reply, rows int) stock.Answer {
	if r.status != http.StatusOK {
		return classifyStatus(r)
	}
	if r.envelope == nil {
		return stock.Answer{Outcome: stock.Unknown, Reason: "the body is not JSON"}
	}
	var data struct {
		Adjust *adjustPayload `json:"inventoryAdjustQuantities"`
	}
	if !isNull(r.envelope.Data) && json.Unmarshal(r.envelope.Data, &data) != nil {
		return stock.Answer{Outcome: stock.Unknown, Reason: "the data is not what was asked"}
	}
	list := errorsOf(r.envelope.Errors)
	payload := data.Adjust
	switch {
	case payload != nil && payload.Errors != nil && len(*payload.Errors) > 0:
		return payload.refusal(rows)
	case payload != nil && payload.Group != nil && payload.Errors != nil:
		// Errors beside a group concern what was selected, not the write.
		return stock.Answer{Outcome: stock.Applied}
	case len(list) > 0:
		return c.classifyErrors(opAdjust, list)
	case payload != nil && payload.Errors != nil:
		return stock.Answer{Outcome: stock.Applied}
	}
	return stock.Answer{Outcome: stock.Unknown, Reason: "the answer has neither data nor errors"}
}

func classifyStatus(r reply) stock.Answer {
	failure := statusError(opAdjust.name, r)
	if r.envelope != nil {
		if list := errorsOf(r.envelope.Errors); len(list) > 0 {
			failure.Message = describe(list)
		}
	}
	answer := stock.Answer{Outcome: stock.Unknown, Reason: bounded(failure.Error()), RetryAfter: r.after}
	switch r.status {
	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden, http.StatusNotFound,
		http.StatusLocked, http.StatusTooManyRequests, statusSecurityRejection:
		answer.Outcome = stock.NotProcessed
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		// Shopify says this in JSON; a page of something in between only kept this attempt away.
		answer.Outcome = stock.NotProcessed
		if r.envelope != nil {
			answer.Outcome = stock.Refused
		}
	}
	return answer
}

func (c *Channel) classifyErrors(op operation, list []graphError) stock.Answer {
	answer := stock.Answer{Outcome: stock.Unknown, Reason: codeOf(list) + ": " + describe(list)}
	switch kindOfAll(list) {
	case kindInvalid:
		answer.Outcome = stock.Refused
	case kindDenied:
		answer.Outcome = stock.NotProcessed
	case kindThrottled:
		answer.Outcome, answer.RetryAfter = stock.NotProcessed, c.throttled(op)
	}
	return answer
}

// goneCodes say that an inventory item or a location does not exist.
var goneCodes = map[string]bool{"INVALID_INVENTORY_ITEM": true, "INVALID_LOCATION": true}

// refusal judges userErrors. All of them together mean that the whole call wrote nothing, except where Shopify could not say:
// another attempt under the key is still running, the key is another request's, or a part of it did not answer. A group beside userErrors contradicts them.
func (p *adjustPayload) refusal(rows int) stock.Answer {
	answer := stock.Answer{Outcome: stock.Refused}
	if p.Group != nil {
		answer.Outcome = stock.Unknown
	}
	for i, e := range *p.Errors {
		switch e.Code {
		case codeConcurrent, codeMismatch, "SERVICE_UNAVAILABLE", "INTERNAL_SERVER_ERROR", "ADJUST_QUANTITIES_FAILED":
			answer.Outcome = stock.Unknown
		}
		if i > 0 {
			answer.Reason += "; "
		}
		answer.Reason += e.Code + ": " + e.Message
		if row, ok := e.row(rows); ok && !slices.Contains(answer.BadRows, row) {
			answer.BadRows = append(answer.BadRows, row)
		}
		if row, ok := e.row(rows); ok && goneCodes[e.Code] && !slices.Contains(answer.GoneRows, row) {
			answer.GoneRows = append(answer.GoneRows, row)
		}
	}
	answer.Reason = bounded(answer.Reason)
	if answer.Outcome != stock.Refused {
		answer.BadRows, answer.GoneRows = nil, nil
	}
	slices.Sort(answer.BadRows)
	slices.Sort(answer.GoneRows)
	return answer
}

// row is the row that ["input", "changes", "<index>", ...] blames; the index is text.
func (e userError) row(rows int) (int, bool) {
	if len(e.Field) < 3 || e.Field[0] != "input" || e.Field[1] != "changes" {
		return 0, false
	}
	index, err := strconv.Atoi(e.Field[2])
	return index, err == nil && index >= 0 && index < rows
}
