package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Requests are counted by what they ask for, and the shop gets them whole.
func TestAsked(t *testing.T) {
	t.Parallel()
	var a asked
	ask := func(platform, path, body string) {
		r := a.note(platform, httptest.NewRequest(http.MethodPost, path, strings.NewReader(body)))
		whole, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		require.Equal(t, body, string(whole))
	}
	ask("square", "/v2/inventory/counts/batch-retrieve", `{"catalog_object_ids":["A"]}`)
	_, before := a.all()
	ask("square", "/v2/inventory/counts/batch-retrieve", `{"catalog_object_ids":["A","B"]}`)
	ask("square", "/v2/inventory/counts/batch-retrieve", `{"location_ids":["L"]}`)
	ask("square", "/v2/locations", "")
	ask("shopify", "/admin/api/2026-10/graphql.json", `{"operationName":"EvenstockReadRefs","query":"..."}`)
	total, after := a.all()
	require.EqualValues(t, 5, total)
	require.Equal(t, map[string]int64{"square inventory/counts/batch-retrieve of refs": 1, "square inventory/counts/batch-retrieve": 1,
		"square locations": 1, "shopify EvenstockReadRefs": 1}, since(before, after))
}
