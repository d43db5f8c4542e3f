package square

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
)

func counted(r stock.Ref, quantity stock.Quantity, version string) stock.Reading {
	return stock.Reading{Ref: r, Status: stock.Counted, Quantity: quantity, Version: at(version)}
}

func TestReadRefs(t *testing.T) {
	t.Parallel()
	s := newShop(t, map[string][]reply{
		pathCounts: {{file: "counts.json"}}, pathChanges: {{file: "changes.json"}}, pathBatch: {{file: "catalog_batch.json"}},
	})
	since := at("2025-06-01T08:59:59.123456789Z")
	refs := []stock.Ref{
		ref("VARTEA", "LOCSIDE"), ref("VARMUG", "LOCMAIN"), ref("VARCUP", "LOCMAIN"), ref("VARMUG", "LOCMAIN"),
		ref("VAROFF", "LOCMAIN"), ref("VARSIDE", "LOCSIDE"), ref("VARSIDE", "LOCMAIN"), ref("VARNEW", "LOCMAIN"), ref("VARMUTE", "LOCMAIN"), ref("VARGONE", "LOCMAIN"), ref("VARSHUT", "LOCMAIN"),
	}
	page, err := s.channel().ReadRefs(t.Context(), refs, since)
	require.NoError(t, err)
	want := []stock.Reading{
		counted(refs[0], -250_000, "2025-06-01T09:59:57.25Z"),
		counted(refs[1], stock.Units(7), "2025-06-01T09:59:59.5Z"),
		{Ref: refs[2], Status: stock.Missing, Version: at("2025-06-01T09:59:55Z")}, // null
		{Ref: refs[4], Status: stock.Untracked},                                    // off
		{Ref: refs[5], Status: stock.Untracked},                                    // off at this location
		{Ref: refs[6], Status: stock.Missing, Why: stock.NeverCounted},             // on, never counted
		{Ref: refs[7], Status: stock.Missing, Why: stock.NeverCounted},             // on, never counted
		{Ref: refs[8], Status: stock.Missing},                                      // the catalog does not say
		{Ref: refs[9], Status: stock.Missing},                                      // gone
		{Ref: refs[10], Status: stock.Untracked},                                   // off, and still with the row it had
	}
	for i := range want {
		if slices.Contains([]string{"VAROFF", "VARSIDE", "VARNEW", "VARMUTE", "VARSHUT"}, want[i].Ref.Item) { // those of the catalog's answer
			want[i].SoldOut = stock.IsNotSoldOut
		}
	}
	assert.Equal(t, want, page.Readings)
	assert.Equal(t, platformTime, page.ReadAt)
	assert.Empty(t, page.Next)
	var keys []string
	for _, m := range page.Movements {
		keys = append(keys, m.Key)
	}
	assert.Equal(t, []string{"square/adjustment/ADJSOLD", "square/adjustment/ADJOURS", "square/adjustment/ADJRECV",
		"square/adjustment/ADJRETN", "square/adjustment/ADJWAST", "square/adjustment/ADJAPP", "square/adjustment/ADJRSRV"}, keys)
	require.Len(t, page.Recounts, 1)

	asked := s.asked()
	require.Equal(t, []string{pathCounts, pathChanges, pathBatch}, s.paths(), "counts first, so that the feed can only show more")
	assert.JSONEq(t, `{"catalog_object_ids":["VARCUP","VARGONE","VARMUG","VARMUTE","VARNEW","VAROFF","VARSHUT","VARSIDE","VARTEA"],
		"location_ids":["LOCMAIN","LOCSIDE"],"states":["IN_STOCK"],"limit":1000}`, string(asked[0].body))
	assert.JSONEq(t, `{"catalog_object_ids":["VARCUP","VARGONE","VARMUG","VARMUTE","VARNEW","VAROFF","VARSHUT","VARSIDE","VARTEA"],
		"location_ids":["LOCMAIN","LOCSIDE"],"types":["ADJUSTMENT","PHYSICAL_COUNT"],"updated_after":"2025-06-01T08:59:59.123456789Z","limit":1000}`, string(asked[1].body))
	assert.JSONEq(t, `{"object_ids":["VARCUP","VARGONE","VARMUG","VARMUTE","VARNEW","VAROFF","VARSHUT","VARSIDE","VARTEA"],"include_deleted_objects":true}`, string(asked[2].body))
}

func TestReadRefsWithoutHistory(t *testing.T) {
	t.Parallel()
	s := newShop(t, map[string][]reply{pathCounts: {{file: "counts.json"}}, pathBatch: {{}}})
	c := s.channel()
	page, err := c.ReadRefs(t.Context(), []stock.Ref{ref("VARMUG", "LOCMAIN")}, time.Time{})
	require.NoError(t, err)
	assert.Equal(t, []stock.Reading{counted(ref("VARMUG", "LOCMAIN"), stock.Units(7), "2025-06-01T09:59:59.5Z")}, page.Readings, "not the side street's")
	assert.ElementsMatch(t, []string{pathCounts, pathBatch}, s.paths())
	assert.Equal(t, platformTime, c.PlatformNow())

	page, err = c.ReadRefs(t.Context(), nil, time.Time{})
	require.NoError(t, err)
	assert.Empty(t, page)
	assert.Len(t, s.asked(), 2, "nothing to ask")
}

func TestReadRefsPages(t *testing.T) {
	t.Parallel()
	row := func(location, quantity, version string) string {
		return `{"catalog_object_id":"VARMUG","catalog_object_type":"ITEM_VARIATION","state":"IN_STOCK","location_id":"` + location +
			`","quantity":"` + quantity + `","calculated_at":"` + version + `"}`
	}
	s := newShop(t, map[string][]reply{
		pathCounts: {
			{body: `{"counts":[` + row("LOCMAIN", "5", "2025-06-01T09:59:59Z") + `],"cursor":"2"}`},
			{body: `{"cursor":"3"}`, header: http.Header{"Date": {platformTime.Add(time.Minute).Format(http.TimeFormat)}}}, // an empty page in the middle
			{body: `{"counts":[` + row("LOCMAIN", "4", "2025-06-01T09:58:00Z") + `,` + row("LOCSIDE", "1", "2025-06-01T09:57:00Z") + `],"cursor":""}`},
		},
		pathChanges: {{body: `{"cursor":"b"}`}, {file: "changes.json"}}, pathBatch: {{}},
	})
	refs := []stock.Ref{ref("VARMUG", "LOCMAIN"), ref("VARMUG", "LOCSIDE")}
	page, err := s.channel().ReadRefs(t.Context(), refs, platformTime)
	require.NoError(t, err)
	assert.Equal(t, []stock.Reading{
		counted(refs[0], stock.Units(5), "2025-06-01T09:59:59Z"), // the row moved to a later page and came twice: the newer counts
		counted(refs[1], stock.Units(1), "2025-06-01T09:57:00Z"),
	}, page.Readings)
	assert.Equal(t, platformTime, page.ReadAt, "the first answer's time")
	assert.Len(t, page.Movements, 6)
	assert.Len(t, s.asked(), 6, `an empty cursor is the end`)
}

func TestReadRefsRefuses(t *testing.T) {
	t.Parallel()
	s := newShop(t, nil)
	for name, refs := range map[string][]stock.Ref{
		"other channel": {{Channel: "web", Item: "V", Location: "L"}},
		"no item":       {ref("", "L")},
		"no location":   {ref("V", "")},
		"too many":      make([]stock.Ref, 101),
	} {
		_, err := s.channel().ReadRefs(t.Context(), refs, time.Time{})
		require.Error(t, err, name)
		assertClass(t, err, false, 0)
	}
	assert.Empty(t, s.asked())
}

// A failure of any part fails the read: half a page would be taken for the whole.
func TestReadRefsFailsAsAWhole(t *testing.T) {
	t.Parallel()
	refs := []stock.Ref{ref("VARMUG", "LOCMAIN"), ref("VARNEW", "LOCMAIN")}
	bad := reply{status: 500, file: "error_internal.json"}
	for name, replies := range map[string]map[string][]reply{
		"counts":      {pathCounts: {bad}},
		"second page": {pathCounts: {{body: `{"cursor":"2"}`}, bad}},
		"same cursor": {pathCounts: {{body: `{"cursor":"2"}`}}},
		"changes":     {pathCounts: {{file: "counts.json"}}, pathChanges: {bad}},
		"catalog":     {pathCounts: {{file: "counts.json"}}, pathChanges: {{}}, pathBatch: {bad}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page, err := newShop(t, replies).channel().ReadRefs(t.Context(), refs, platformTime)
			require.Error(t, err)
			assert.Empty(t, page)
		})
	}
	for name, replies := range map[string]map[string][]reply{
		"counts of a sweep":      {pathCounts: {bad}, pathBatch: {{file: "catalog_batch.json"}}},
		"second page of a sweep": {pathCounts: {{body: `{"cursor":"2"}`}, bad}, pathBatch: {{file: "catalog_batch.json"}}},
		"catalog of a sweep":     {pathCounts: {{file: "counts.json"}}, pathBatch: {bad}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page, err := newShop(t, replies).channel().ReadRefs(t.Context(), refs, time.Time{})
			require.ErrorContains(t, err, "INTERNAL_SERVER_ERROR", "the reason, and not what ended because of it")
			assert.Empty(t, page)
		})
	}
}

func TestReadRefsBoundsPages(t *testing.T) {
	t.Parallel()
	asked := 0
	c := newChannel(t, transport(func(r *http.Request) (*http.Response, error) {
		asked++
		body, err := json.Marshal(map[string]string{"cursor": time.Duration(asked).String()})
		require.NoError(t, err)
		return answer(r, 200, string(body), nil), nil
	}))
	_, err := c.ReadRefs(t.Context(), []stock.Ref{ref("V", "L")}, platformTime)
	require.ErrorIs(t, err, errPages)
	assert.Equal(t, pagesMax, asked)
}

func TestCursors(t *testing.T) {
	t.Parallel()
	s := newShop(t, map[string][]reply{pathCounts: {{body: `{"cursor":""}`}, {body: `{"cursor":"2"}`}}})
	c := s.channel()
	page, err := c.ListCounts(t.Context(), time.Time{}, "")
	require.NoError(t, err)
	assert.Empty(t, page.Next, "an empty cursor is the end, on the first page too")
	_, err = c.ReadRefs(t.Context(), []stock.Ref{ref("V", "L")}, platformTime)
	require.ErrorIs(t, err, errCursor)
	assert.Len(t, s.asked(), 3, "a page that names itself as the next is asked for once")
}

func TestListCounts(t *testing.T) {
	t.Parallel()
	s := newShop(t, map[string][]reply{pathCounts: {{file: "counts.json"}, {body: `{"cursor":"next"}`}}})
	c := s.channel()
	page, err := c.ListCounts(t.Context(), time.Time{}, "")
	require.NoError(t, err)
	assert.Equal(t, []stock.Reading{
		counted(ref("VARMUG", "LOCMAIN"), stock.Units(7), "2025-06-01T09:59:59.5Z"),
		counted(ref("VARMUG", "LOCSIDE"), stock.Units(3), "2025-06-01T09:59:58Z"),
		counted(ref("VARTEA", "LOCSIDE"), -250_000, "2025-06-01T09:59:57.25Z"),
		{Ref: ref("VARCUP", "LOCMAIN"), Status: stock.Missing, Version: at("2025-06-01T09:59:55Z")},
		counted(ref("VARSHUT", "LOCMAIN"), stock.Units(9), "2025-05-01T09:59:55Z"), // a list does not ask the catalog
	}, page.Readings)
	assert.Empty(t, page.Next)
	assert.Equal(t, platformTime, page.ReadAt)

	page, err = c.ListCounts(t.Context(), platformTime.In(time.FixedZone("", 7200)), "here")
	require.NoError(t, err)
	assert.Equal(t, "next", page.Next)
	asked := s.asked()
	assert.JSONEq(t, `{"location_ids":["LOCMAIN","LOCSIDE"],"states":["IN_STOCK"],"limit":1000}`, string(asked[0].body))
	assert.JSONEq(t, `{"location_ids":["LOCMAIN","LOCSIDE"],"states":["IN_STOCK"],"limit":1000,"updated_after":"2025-06-01T10:00:00Z","cursor":"here"}`, string(asked[1].body))

	_, err = newShop(t, map[string][]reply{pathCounts: {{}}}).channel(func(o *Options) { o.Locations = nil }).ListCounts(t.Context(), time.Time{}, "")
	require.NoError(t, err)
}

// What cannot be read is unknown, never zero, and does not stop its neighbours.
func TestUnreadableCountsAreMissing(t *testing.T) {
	t.Parallel()
	for name, fields := range map[string]string{
		"quantity":  `"quantity":"many","calculated_at":"2025-06-01T09:00:00Z"`,
		"absent":    `"calculated_at":"2025-06-01T09:00:00Z"`,
		"time":      `"quantity":"5","calculated_at":"2025-06-01T25:00:00Z"`,
		"no time":   `"quantity":"5"`,
		"estimated": `"quantity":"5","is_estimated":true,"calculated_at":"2025-06-01T09:00:00Z"`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			body := `{"counts":[{"catalog_object_id":"VARMUG","state":"IN_STOCK","location_id":"LOCMAIN",` + fields + `},
				{"catalog_object_id":"VARTEA","state":"IN_STOCK","location_id":"LOCMAIN","quantity":"1","calculated_at":"2025-06-01T09:00:00Z"}]}`
			c := newShop(t, map[string][]reply{pathCounts: {{body: body}}}).channel(logTo(&log))
			page, err := c.ListCounts(t.Context(), time.Time{}, "")
			require.NoError(t, err)
			require.Len(t, page.Readings, 2)
			assert.Equal(t, stock.Missing, page.Readings[0].Status)
			assert.Zero(t, page.Readings[0].Quantity)
			assert.Equal(t, stock.Counted, page.Readings[1].Status)
			if name == "quantity" || name == "time" {
				assert.Contains(t, log.String(), "VARMUG")
			}
		})
	}
}

// A count of a kind of object that is not known is nobody's reading, and its kind is told.
func TestListCountsOfAnUnknownKind(t *testing.T) {
	t.Parallel()
	body := `{"counts":[{"catalog_object_id":"B1","catalog_object_type":"BUNDLE","state":"IN_STOCK","location_id":"LOCMAIN","quantity":"7","calculated_at":"2025-06-01T10:00:00Z"}]}`
	page, err := newShop(t, map[string][]reply{pathCounts: {{body: body}}}).channel().ListCounts(t.Context(), time.Time{}, "")
	require.NoError(t, err)
	assert.Empty(t, page.Readings)
	assert.Equal(t, []stock.Movement{{Key: "square/count/B1", Ref: stock.Ref{Channel: "till"},
		Unknown: &stock.UnknownWord{What: "catalog object type", Word: "BUNDLE"}}}, page.Movements)
}
