package shopify

import (
	"bytes"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

func encoded(t *testing.T, c *Channel, key string, rows []stock.PushRow) []byte {
	t.Helper()
	body, err := c.EncodeCall(key, time.Time{}, rows)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestEncodeCallIsExact(t *testing.T) {
	t.Parallel()
	c := channelOn(t, ok(""))
	rows := []stock.PushRow{
		{Ref: stock.Ref{Channel: "web", Item: "501", Location: "77"}, Delta: stock.Units(-2), Reference: "evenstock:1"},
		{Ref: stock.Ref{Channel: "web", Item: "9007199254740993", Location: "78"}, Delta: stock.Units(3)},
	}
	body := encoded(t, c, "0b1f/8", rows)
	const vars = `"operationName":"EvenstockAdjust","variables":{"input":{"reason":"correction","name":"available",` +
		`"referenceDocumentUri":"gid://evenstock/Call/0b1f%2F8","changes":[` +
		`{"inventoryItemId":"gid://shopify/InventoryItem/501","locationId":"gid://shopify/Location/77","delta":-2,"changeFromQuantity":null},` +
		`{"inventoryItemId":"gid://shopify/InventoryItem/9007199254740993","locationId":"gid://shopify/Location/78","delta":3,"changeFromQuantity":null}]},` +
		`"key":"0b1f/8"}}`
	if !bytes.HasSuffix(body, []byte(vars)) || !bytes.Contains(body, []byte(`inventoryAdjustQuantities(input: $input) @idempotent(key: $key)`)) {
		t.Errorf("got %s", body)
	}
	later, err := c.EncodeCall("0b1f/8", time.Now(), rows)
	if err != nil || !bytes.Equal(later, body) {
		t.Errorf("the same call later has other bytes: %v", err)
	}
}

func TestEncodeCallRefuses(t *testing.T) {
	t.Parallel()
	c := channelOn(t, ok(""))
	row := func(channel stock.Channel, item, location string, delta stock.Quantity) []stock.PushRow {
		return []stock.PushRow{{Ref: stock.Ref{Channel: channel, Item: item, Location: location}, Delta: delta}}
	}
	for name, tc := range map[string]struct {
		key  string
		rows []stock.PushRow
	}{
		"blank key":      {" ", pushRows(1)},
		"long key":       {strings.Repeat("k", keyBytes+1), pushRows(1)},
		"half a unit":    {"k", row("web", "1", "2", stock.Unit/2)},
		"out of range":   {"k", row("web", "1", "2", stock.Units(quantityAtMost+1))},
		"item not an id": {"k", row("web", "gid://shopify/InventoryItem/1", "2", stock.Unit)},
	} {
		if body, err := c.EncodeCall(tc.key, time.Time{}, tc.rows); err == nil {
			t.Errorf("%s: took it: %s", name, body)
		}
	}
}

const group = `"inventoryAdjustmentGroup":{"id":"gid://shopify/InventoryAdjustmentGroup/1"}`

// adjusted is an answer with userErrors.
func adjusted(group, userErrors string) string {
	return `{"data":{"inventoryAdjustQuantities":{` + group + `,"userErrors":[` + userErrors + `]}}}`
}

func userErr(code string) string { return `{"code":"` + code + `","field":null,"message":"m"}` }

func gqlErr(code string) string {
	return `{"errors":[{"message":"m","extensions":{"code":"` + code + `"}}],"data":{"inventoryAdjustQuantities":null}}`
}

// sendCase is an answer and what it proves.
type sendCase struct {
	status  int
	body    string
	outcome stock.Outcome
	rows    []int
}

func sendCases() map[string]sendCase {
	const none = `"inventoryAdjustmentGroup":null`
	bad := func(i string) string {
		return `{"code":"INVALID_LOCATION","field":["input","changes","` + i + `","locationId"],"message":"The specified location could not be found."}`
	}
	return map[string]sendCase{
		"applied":                   {200, adjusted(group, ""), stock.Applied, nil},
		"null group":                {200, adjusted(none, ""), stock.Applied, nil},
		"group and companion error": {200, `{"errors":[{"message":"m","extensions":{"code":"ACCESS_DENIED"}}],` + adjusted(group, "")[1:], stock.Applied, nil},
		"bad rows":                  {200, adjusted(none, bad("2")+","+bad("0")+","+bad("2")), stock.Refused, []int{0, 2}},
		"bad rows out of range":     {200, adjusted(none, bad("3")+","+bad("-1")+","+bad("x")), stock.Refused, nil},
		"stale":                     {200, adjusted(none, userErr("CHANGE_FROM_QUANTITY_STALE")), stock.Refused, nil},
		"previous attempt failed":   {200, adjusted(none, userErr("IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED")), stock.Refused, nil},
		"mismatch":                  {200, adjusted(none, userErr(codeMismatch)), stock.Unknown, nil},
		"concurrent":                {200, adjusted(none, userErr(codeConcurrent)), stock.Unknown, nil},
		"concurrent and bad row":    {200, adjusted(none, bad("0")+","+userErr(codeConcurrent)), stock.Unknown, nil},
		"service unavailable":       {200, adjusted(none, userErr("SERVICE_UNAVAILABLE")), stock.Unknown, nil},
		"adjusting failed":          {200, adjusted(none, userErr("ADJUST_QUANTITIES_FAILED")), stock.Unknown, nil},
		"group and user errors":     {200, adjusted(group, userErr("INVALID_LOCATION")), stock.Unknown, nil},
		"no changeFromQuantity":     {200, gqlErr("INVALID_FIELD_ARGUMENTS"), stock.Refused, nil},
		"no directive":              {200, gqlErr("BAD_REQUEST"), stock.Refused, nil},
		"bad variable":              {200, gqlErr("INVALID_VARIABLE"), stock.Refused, nil},
		"static validation":         {200, gqlErr("undefinedField"), stock.Refused, nil},
		"throttled":                 {200, gqlErr(codeThrottled), stock.NotProcessed, nil},
		"scope lost":                {200, gqlErr("ACCESS_DENIED"), stock.NotProcessed, nil},
		"internal error":            {200, gqlErr("INTERNAL_SERVER_ERROR"), stock.Unknown, nil},
		"time-out":                  {200, gqlErr("TIMEOUT"), stock.Unknown, nil},
		"unknown code":              {200, gqlErr("SOMETHING_NEW"), stock.Unknown, nil},
		"errors as text":            {200, `{"errors":"[API] something"}`, stock.Unknown, nil},
		"null data":                 {200, `{"data":null}`, stock.Unknown, nil},
		"null payload":              {200, `{"data":{"inventoryAdjustQuantities":null}}`, stock.Unknown, nil},
		"payload without errors":    {200, `{"data":{"inventoryAdjustQuantities":{}}}`, stock.Unknown, nil},
		"data of another form":      {200, `{"data":[1]}`, stock.Unknown, nil},
		"empty body":                {200, ``, stock.Unknown, nil},
		"HTML":                      {200, `<html>maintenance</html>`, stock.Unknown, nil},
		"truncated":                 {200, adjusted(group, "")[:40], stock.Unknown, nil},
		"redirect":                  {307, ``, stock.Unknown, nil},
		"bad request":               {400, `{"errors":"bad"}`, stock.Refused, nil},
		"bad request from a proxy":  {400, `<html>`, stock.NotProcessed, nil},
		"401":                       {401, `{"errors":"[API] Invalid API key or access token"}`, stock.NotProcessed, nil},
		"402":                       {402, ``, stock.NotProcessed, nil},
		"403":                       {403, `<html>`, stock.NotProcessed, nil},
		"404":                       {404, ``, stock.NotProcessed, nil},
		"408":                       {408, ``, stock.Unknown, nil},
		"423":                       {423, ``, stock.NotProcessed, nil},
		"429":                       {429, ``, stock.NotProcessed, nil},
		"430":                       {430, ``, stock.NotProcessed, nil},
		"500":                       {500, adjusted(none, ""), stock.Unknown, nil},
		"502":                       {502, `<html>`, stock.Unknown, nil},
		"503":                       {503, ``, stock.Unknown, nil},
		"504":                       {504, ``, stock.Unknown, nil},
	}
}

func TestSendCallClassifies(t *testing.T) {
	t.Parallel()
	for name, tc := range sendCases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &pretend{answer: func(int, string, map[string]any) (int, map[string]string, string) {
				return tc.status, map[string]string{"Date": "Fri, 02 Oct 2026 13:15:04 GMT"}, tc.body
			}}
			c := channelOn(t, p)
			body := encoded(t, c, "k", pushRows(3))
			got := c.SendCall(t.Context(), "k", body)
			if got.Outcome != tc.outcome || !reflect.DeepEqual(got.BadRows, tc.rows) {
				t.Errorf("outcome %d %v (%s), want %d %v", got.Outcome, got.BadRows, got.Reason, tc.outcome, tc.rows)
			}
			if (got.Reason == "") != (tc.outcome == stock.Applied) {
				t.Errorf("reason %q", got.Reason)
			}
			if !got.PlatformTime.Equal(at(t, "2026-10-02T13:15:04Z")) {
				t.Errorf("platform time %s", got.PlatformTime)
			}
			if len(p.bodies) != 1 || !bytes.Equal(p.bodies[0], body) {
				t.Errorf("%d requests, or other bytes than those stored", len(p.bodies))
			}
		})
	}
}

func TestSendCallReportsAReusedKeyLoudly(t *testing.T) {
	t.Parallel()
	var logged bytes.Buffer
	c := channelOn(t, ok(adjusted(`"inventoryAdjustmentGroup":null`, userErr(codeMismatch))), func(o *Options) {
		o.Logger = slog.New(slog.NewTextHandler(&logged, nil))
	})
	c.SendCall(t.Context(), "k", encoded(t, c, "k", pushRows(1)))
	if !strings.Contains(logged.String(), "level=ERROR") || strings.Contains(logged.String(), testToken) {
		t.Errorf("logged %s", logged.String())
	}
}
