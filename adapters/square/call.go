package square

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	sdk "github.com/square/square-go-sdk"
	"github.com/square/square-go-sdk/option"

	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// keyMax is Square's longest idempotency key of a batch-create, in characters.
	keyMax = 128
	// occurredFormat has the grain of Square's own inventory times; PlatformNow has the same.
	occurredFormat = "2006-01-02T15:04:05.000Z"
	// staleAge: a refusal of occurred_at this long after it was written may be about a repeat of a call that was applied when
	// it was young. Square refuses times older than 24 hours.
	staleAge = time.Hour

	encoding = "encoding call"
)

// EncodeCall returns the exact body of a call. Raising is NONE -> IN_STOCK (new stock). Lowering is IN_STOCK -> SOLD and
// not WASTE: what we lower is nearly always a sale in another channel, Square asks that a sale ends in SOLD, and WASTE is a
// counted state that would show up as loss in the seller's reports.
// https://developer.squareup.com/docs/app-marketplace/requirements/inventory-api
//
// at is the occurred_at of every row, cut to the millisecond: Square's time, not ahead of it (PlatformNow). The type of the
// catalog object is left out: Square knows it, and some versions refused it on writes.
func (c *Channel) EncodeCall(key string, at time.Time, rows []stock.PushRow) ([]byte, error) {
	switch {
	case key == "" || len(key) > keyMax:
		return nil, invalid(encoding, "key has %d characters, 1 to %d allowed", len(key), keyMax)
	case at.IsZero():
		return nil, invalid(encoding, "time is missing")
	case len(rows) == 0 || len(rows) > rowsPerCall:
		return nil, invalid(encoding, "%d rows, 1 to %d allowed", len(rows), rowsPerCall)
	}
	request := &sdk.BatchChangeInventoryRequest{IdempotencyKey: key}
	occurredAt := at.UTC().Format(occurredFormat)
	named := make(map[string]bool, len(rows))
	for i, row := range rows {
		if err := c.checkRow(row, named); err != nil {
			return nil, fmt.Errorf("row %d: %w", i, err)
		}
		from, to := sdk.InventoryStateNone, sdk.InventoryStateInStock
		if row.Delta < 0 {
			from, to = sdk.InventoryStateInStock, sdk.InventoryStateSold
		}
		request.Changes = append(request.Changes, &sdk.InventoryChange{
			Type: sdk.InventoryChangeTypeAdjustment.Ptr(),
			Adjustment: &sdk.InventoryAdjustment{
				ReferenceID:     sdk.String(row.Reference),
				CatalogObjectID: sdk.String(row.Ref.Item),
				LocationID:      sdk.String(row.Ref.Location),
				FromState:       from.Ptr(),
				ToState:         to.Ptr(),
				Quantity:        sdk.String(row.Delta.Abs().String()),
				OccurredAt:      sdk.String(occurredAt),
			},
		})
	}
	body, err := json.Marshal(request)
	if err != nil {
		return nil, fmt.Errorf("encoding call: %w", err)
	}
	return body, nil
}

// checkRow refuses what Square would, and references that could not be told from other writers'.
func (c *Channel) checkRow(row stock.PushRow, named map[string]bool) error {
	if err := c.checkRef(encoding, row.Ref); err != nil {
		return err
	}
	switch {
	case row.Delta == 0 || row.Delta == math.MinInt64:
		return invalid(encoding, "delta is %s", row.Delta)
	case !strings.HasPrefix(row.Reference, stock.ReferencePrefix) || len(row.Reference) > referenceMax || printable(row.Reference) != row.Reference:
		return invalid(encoding, "reference %.60q is not one of ours, too long or not printable", row.Reference)
	case named[row.Reference]:
		return invalid(encoding, "reference %q is used twice", row.Reference)
	}
	named[row.Reference] = true
	return nil
}

// SendCall makes one attempt to send a stored call, byte for byte, and says what became of it.
func (c *Channel) SendCall(ctx context.Context, key string, body []byte) stock.Answer {
	request := new(sdk.BatchChangeInventoryRequest)
	if err := json.Unmarshal(body, request); err != nil || request.IdempotencyKey != key {
		return stock.Answer{Outcome: stock.NotProcessed, Reason: "stored body is not a call under this key; nothing was sent"}
	}
	response, ex, err := send(ctx, c, "sending call", body,
		func(ctx context.Context, opts ...option.RequestOption) (*sdk.BatchChangeInventoryResponse, error) {
			return c.inventory.BatchCreateChanges(ctx, request, opts...)
		})
	answer := stock.Answer{RetryAfter: ex.retryAfter, PlatformTime: ex.date}
	if err == nil {
		answer.Outcome = stock.Applied
		if at := lastCreated(response); !at.IsZero() {
			ex.prove(at)
			if at.After(answer.PlatformTime) && (ex.notYet.IsZero() || !at.After(ex.notYet)) {
				answer.PlatformTime = at
			}
		}
		return answer
	}
	var failure *Error
	if !errors.As(err, &failure) {
		failure = &Error{cause: err}
	}
	answer.Outcome = ex.outcome(failure, c.stale(request), len(response.GetChanges()) > 0)
	answer.RetryAfter = max(answer.RetryAfter, failure.retryAfter)
	answer.Reason = plain(failure.Error())
	if answer.Outcome == stock.Refused {
		answer.BadRows = badRows(ex.errs, len(request.Changes))
		answer.GoneRows = badRows(goneErrors(ex.errs), len(request.Changes))
		c.tracked.forget(request, answer.BadRows)
	}
	return answer
}

// outcome judges an attempt that brought an error. Only Square's own words make a refusal definite: a 404 of a proxy
// says nothing about an earlier attempt that may have been applied.
func (e *exchange) outcome(failure *Error, stale, written bool) stock.Outcome {
	switch {
	case failure.neverSent || !e.begun:
		return stock.NotProcessed
	case e.status == http.StatusUnauthorized || e.status == http.StatusForbidden || e.status == http.StatusTooManyRequests:
		return stock.NotProcessed
	case len(e.errs) == 0 || written || e.keyWasUsed() || stale && e.timeRefused():
		return stock.Unknown
	case e.status >= 200 && e.status <= 299 && !retryableCategory(failure.Category):
		return stock.Refused
	}
	switch e.status {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusRequestEntityTooLarge:
		return stock.Refused
	}
	return stock.Unknown
}

// keyWasUsed: Square knows the key with another body, so something was written under it, and the feed must say what.
// https://developer.squareup.com/docs/build-basics/common-api-patterns/idempotency
func (e *exchange) keyWasUsed() bool {
	return slices.ContainsFunc(e.errs, func(err *sdk.Error) bool {
		return err != nil && err.Code == sdk.ErrorCodeIdempotencyKeyReused
	})
}

func (e *exchange) timeRefused() bool {
	return slices.ContainsFunc(e.errs, func(err *sdk.Error) bool {
		return err != nil && (err.Code == sdk.ErrorCodeInvalidTime || strings.HasSuffix(value(err.Field), "occurred_at"))
	})
}

// stale says whether a call is so old that its time alone may make Square refuse a repeat.
func (c *Channel) stale(request *sdk.BatchChangeInventoryRequest) bool {
	now := c.PlatformNow()
	return slices.ContainsFunc(request.Changes, func(change *sdk.InventoryChange) bool {
		at, err := parseTime(value(change.GetAdjustment().GetOccurredAt()))
		return err == nil && now.Sub(at) > staleAge
	})
}

// goneErrors are those that say that a variation or a location does not exist.
func goneErrors(errs []*sdk.Error) (gone []*sdk.Error) {
	for _, err := range errs {
		field := value(err.GetField())
		if err != nil && err.Code == sdk.ErrorCodeNotFound && (strings.HasSuffix(field, "catalog_object_id") || strings.HasSuffix(field, "location_id")) {
			gone = append(gone, err)
		}
	}
	return gone
}

// badRows are the indices that errors[].field blames: "changes[3].adjustment.location_id".
func badRows(errs []*sdk.Error, rows int) []int {
	var bad []int
	for _, err := range errs {
		rest, found := strings.CutPrefix(value(err.GetField()), "changes[")
		digits, _, closed := strings.Cut(rest, "]")
		i, notNumber := strconv.Atoi(digits)
		if found && closed && notNumber == nil && i >= 0 && i < rows && !slices.Contains(bad, i) {
			bad = append(bad, i)
		}
	}
	slices.Sort(bad)
	return bad
}

// lastCreated is the newest time that Square wrote into the rows it answered with. A replayed answer has old ones.
func lastCreated(response *sdk.BatchChangeInventoryResponse) time.Time {
	var last time.Time
	for _, change := range response.GetChanges() {
		at, err := parseTime(value(change.GetAdjustment().GetCreatedAt()))
		if err == nil && at.After(last) {
			last = at
		}
	}
	return last
}
