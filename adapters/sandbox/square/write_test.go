package square_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	sdk "github.com/square/square-go-sdk"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/sandbox/square"
)

func TestSquareChangeRefusals(t *testing.T) {
	t.Parallel()
	type change = sdk.InventoryChange
	for _, c := range []struct {
		name   string
		spoil  func(till *fixture, c *change)
		status int
		code   sdk.ErrorCode
		field  string
	}{
		{"no type", func(_ *fixture, c *change) { c.Type = nil }, 400, "INVALID_VALUE", "changes[1].type"},
		{"transfer", func(_ *fixture, c *change) { c.Type = sdk.InventoryChangeTypeTransfer.Ptr() }, 400, "INVALID_VALUE", "changes[1].type"},
		{"no details", func(_ *fixture, c *change) { c.Adjustment = nil }, 400, "INVALID_VALUE", "changes[1].type"},
		{"unknown item", func(_ *fixture, c *change) { c.Adjustment.CatalogObjectID = sdk.String("X") }, 404, "NOT_FOUND", "changes[1].adjustment.catalog_object_id"},
		{"an item", func(_ *fixture, c *change) { c.Adjustment.CatalogObjectType = sdk.String("ITEM") }, 400, "INVALID_VALUE", "changes[1].adjustment.catalog_object_type"},
		{"unknown location", func(_ *fixture, c *change) { c.Adjustment.LocationID = nil }, 404, "NOT_FOUND", "changes[1].adjustment.location_id"},
		{"sold again", func(_ *fixture, c *change) { c.Adjustment.FromState = sdk.InventoryStateSold.Ptr() }, 400, "INVALID_VALUE", "changes[1].adjustment.to_state"},
		{"none to waste", func(_ *fixture, c *change) {
			c.Adjustment.FromState, c.Adjustment.ToState = sdk.InventoryStateNone.Ptr(), sdk.InventoryStateWaste.Ptr()
		}, 400, "INVALID_VALUE", "changes[1].adjustment.to_state"},
		{"quantity 0", func(_ *fixture, c *change) { c.Adjustment.Quantity = sdk.String("0") }, 400, "INVALID_VALUE", "changes[1].adjustment.quantity"},
		{"quantity -1", func(_ *fixture, c *change) { c.Adjustment.Quantity = sdk.String("-1") }, 400, "INVALID_VALUE", "changes[1].adjustment.quantity"},
		{"six decimals", func(_ *fixture, c *change) { c.Adjustment.Quantity = sdk.String("1.000001") }, 400, "INVALID_VALUE", "changes[1].adjustment.quantity"},
		{"too long", func(_ *fixture, c *change) { c.Adjustment.Quantity = sdk.String("1." + strings.Repeat("0", 30)) }, 400, "INVALID_VALUE", "changes[1].adjustment.quantity"},
		{"too many", func(_ *fixture, c *change) { c.Adjustment.Quantity = sdk.String("1000000001") }, 400, "INVALID_VALUE", "changes[1].adjustment.quantity"},
		{"reference", func(_ *fixture, c *change) { c.Adjustment.ReferenceID = sdk.String(strings.Repeat("x", 256)) }, 400, "VALUE_TOO_LONG", "changes[1].adjustment.reference_id"},
		{"no time", func(_ *fixture, c *change) { c.Adjustment.OccurredAt = nil }, 400, "MISSING_REQUIRED_PARAMETER", "changes[1].adjustment.occurred_at"},
		{"not a time", func(_ *fixture, c *change) { c.Adjustment.OccurredAt = sdk.String("noon") }, 400, "INVALID_TIME", "changes[1].adjustment.occurred_at"},
		{"future", func(s *fixture, c *change) {
			c.Adjustment = s.adjustment("NONE", "IN_STOCK", "1", s.clock.Now().Add(time.Second)).Adjustment
		}, 400, "INVALID_TIME", "changes[1].adjustment.occurred_at"},
		{"over 24 hours", func(s *fixture, c *change) {
			c.Adjustment = s.adjustment("NONE", "IN_STOCK", "1", s.clock.Now().Add(-24*time.Hour-time.Second)).Adjustment
		}, 400, "INVALID_TIME", "changes[1].adjustment.occurred_at"},
		{"negative recount", func(s *fixture, c *change) { *c = *s.recount("-1", s.clock.Now()) }, 400, "INVALID_VALUE", "changes[1].physical_count.quantity"},
		{"recount of sold", func(s *fixture, c *change) {
			*c = *s.recount("1", s.clock.Now())
			c.PhysicalCount.State = sdk.InventoryStateSold.Ptr()
		}, 400, "INVALID_VALUE", "changes[1].physical_count.state"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			till := newFixture(t, square.Options{})
			good, bad := till.adjustment("NONE", "IN_STOCK", "1", till.clock.Now()), till.adjustment("NONE", "IN_STOCK", "1", till.clock.Now())
			c.spoil(till, bad)
			_, err := till.create("k", good, bad)
			status, first := code(t, err)
			require.Equal(t, c.status, status)
			require.Equal(t, c.code, first.Code)
			require.Equal(t, c.field, *first.Field)
			require.Equal(t, "none", till.quantity(t), "all or nothing")
			_, err = till.create("k", good)
			require.NoError(t, err, "a refused request does not use its key up")
		})
	}
}

func TestSquareChangeLimits(t *testing.T) {
	t.Parallel()
	till := newFixture(t, square.Options{})
	now := till.clock.Now()
	many := func(n int) []*sdk.InventoryChange {
		var changes []*sdk.InventoryChange
		for range n {
			changes = append(changes, till.adjustment("NONE", "IN_STOCK", "0.00001", now.Add(-24*time.Hour)))
		}
		return changes
	}
	_, err := till.create("k", many(101)...)
	_, first := code(t, err)
	require.Equal(t, sdk.ErrorCodeArrayLengthTooLong, first.Code)
	_, err = till.create("k")
	_, first = code(t, err)
	require.Equal(t, sdk.ErrorCodeMissingRequiredParameter, first.Code)
	_, err = till.create("", many(1)...)
	_, first = code(t, err)
	require.Equal(t, "idempotency_key", *first.Field)
	_, err = till.create(strings.Repeat("k", 129), many(1)...)
	_, first = code(t, err)
	require.Equal(t, sdk.ErrorCodeValueTooLong, first.Code)
	done, err := till.create(strings.Repeat("k", 128), many(100)...)
	require.NoError(t, err)
	require.Len(t, done.Changes, 100)
	require.Equal(t, "0.001", till.quantity(t))
}

func TestSquareIdempotency(t *testing.T) {
	t.Parallel()
	till := newFixture(t, square.Options{ForgetKeysAfter: 48 * time.Hour})
	sale := till.adjustment("IN_STOCK", "SOLD", "2", till.clock.Now())
	first, err := till.create("k", till.recount("10", till.clock.Now()), sale)
	require.NoError(t, err)
	must(t)(till.Sell(till.item, units(1)))
	must(t)(till.Edit(*first.Changes[1].Adjustment.ID, units(1)))
	till.clock.Advance(25 * time.Hour) // the same change would be too old for a new key

	again, err := till.create("k", till.recount("10", now), sale)
	require.NoError(t, err)
	require.Equal(t, first.Changes, again.Changes, "a replay shows the rows of then")
	require.Equal(t, "8", *again.Counts[0].Quantity, "a replay shows the counts of then")
	require.Equal(t, "8", till.quantity(t))

	// The same request is the same request with its fields in another order.
	body := fmt.Sprintf(`{"changes":[{"physical_count":{"quantity":"1","state":"IN_STOCK","location_id":%q,"catalog_object_id":%q,"occurred_at":%q},"type":"PHYSICAL_COUNT"}],"idempotency_key":"raw"}`,
		till.location, till.item, till.clock.Now().Format(time.RFC3339))
	status, raw := till.post(t, "/v2/inventory/changes/batch-create", body)
	require.Equal(t, http.StatusOK, status, raw)
	reordered := `{"idempotency_key":"raw", ` + strings.TrimSuffix(body[1:], `,"idempotency_key":"raw"}`) + "}"
	status, replay := till.post(t, "/v2/inventory/changes/batch-create", reordered)
	require.Equal(t, http.StatusOK, status, replay)
	require.Equal(t, raw, replay)

	_, err = till.create("k", till.adjustment("IN_STOCK", "SOLD", "3", till.clock.Now()))
	status, refused := code(t, err)
	require.Equal(t, http.StatusBadRequest, status)
	require.Equal(t, sdk.ErrorCodeIdempotencyKeyReused, refused.Code)

	till.clock.Advance(24 * time.Hour)
	_, err = till.create("k", till.adjustment("IN_STOCK", "SOLD", "3", till.clock.Now()))
	require.NoError(t, err, "a forgotten key is a new key")

	effects := till.Truth().All()
	require.Equal(t, "app", effects[1].By)
	require.Equal(t, "k", effects[1].Key)
	require.Equal(t, "evenstock:1", effects[1].Note)
	require.Zero(t, effects[1].Explained, "our own rows are pushes, not movements")
}

func TestSquareUnchangedCounts(t *testing.T) {
	t.Parallel()
	till := newFixture(t, square.Options{})
	_, err := till.create("1", till.recount("5", till.clock.Now()))
	require.NoError(t, err)
	ignored, err := till.create("2", till.recount("5.0", till.clock.Now()))
	require.NoError(t, err)
	require.Empty(t, ignored.Changes)
	require.Equal(t, "5", *ignored.Counts[0].Quantity)
	forced, err := till.sdk.Inventory.BatchCreateChanges(context.Background(), &sdk.BatchChangeInventoryRequest{
		IdempotencyKey: "3", IgnoreUnchangedCounts: sdk.Bool(false), Changes: []*sdk.InventoryChange{till.recount("5", till.clock.Now())}})
	require.NoError(t, err)
	require.Len(t, forced.Changes, 1)
}

// An adjustment of ours can be absorbed as any other: what R6 of the design is about.
func TestSquareAbsorbsOurOwnWrites(t *testing.T) {
	t.Parallel()
	till := newFixture(t, square.Options{})
	till.clock.Advance(time.Minute)
	must(t)(till.Recount(till.item, units(7), time.Time{}))
	done, err := till.create("k", till.adjustment("IN_STOCK", "SOLD", "2", now))
	require.NoError(t, err)
	require.Len(t, done.Changes, 1)
	require.Equal(t, "7", *done.Counts[0].Quantity)
	effects := till.Truth().All()
	require.Equal(t, "app", effects[1].By)
	require.Zero(t, effects[1].Delta)
}

// The SDK's own retry over HTTP/2 sends the announced length and no body; a real Square refuses that, so does this one.
func TestSquareRefusesShortBodies(t *testing.T) {
	t.Parallel()
	till := square.New(square.Options{Seed: 7})
	t.Cleanup(till.Close)
	server := httptest.NewUnstartedServer(till)
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	req, err := http.NewRequest(http.MethodPost, server.URL+"/v2/inventory/changes/batch-create", io.NopCloser(strings.NewReader("")))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer sandbox-token")
	resp, err := server.Client().Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, 2, resp.ProtoMajor)
	require.Equal(t, http.StatusBadRequest, resp.StatusCode)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Contains(t, string(body), "EXPECTED_JSON_BODY")

	// Over HTTP/1.1: a Content-Length of 100 and a connection that ends after two bytes.
	plain := httptest.NewServer(till)
	t.Cleanup(plain.Close)
	conn, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", plain.Listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "POST /v2/inventory/changes/batch-create HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sandbox-token\r\nContent-Length: 100\r\n\r\n{}")
	require.NoError(t, err)
	require.NoError(t, conn.(interface{ CloseWrite() error }).CloseWrite())
	answer, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.Contains(t, string(answer), "EXPECTED_JSON_BODY")
}
