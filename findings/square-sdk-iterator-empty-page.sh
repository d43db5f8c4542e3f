#!/usr/bin/env bash
# github.com/square/square-go-sdk v1.5.0: its iterator ends at a page without results, without an error, though that page names a cursor
# to the next one. Asking page by page (GetNextPage until core.ErrNoPages) sees everything.
#
# Expected: "returns true if the given iterator has more results, fetching the next page as needed". Square says to go on "as long as each
# call results in a response that includes a cursor"; how many results a page has does not come into it.
# Why: Next returns false for a page whose results are empty, before it looks for a next one.
# For us: lists are read page by page, and only a missing cursor ends them.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >main.go <<'GO'
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	square "github.com/square/square-go-sdk"
	"github.com/square/square-go-sdk/client"
	"github.com/square/square-go-sdk/core"
	"github.com/square/square-go-sdk/option"
)

func main() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Query().Get("cursor") {
		case "third":
			fmt.Fprint(w, `{"counts":[{"location_id":"L2","quantity":"2"}]}`)
		case "second":
			fmt.Fprint(w, `{"counts":[],"cursor":"third"}`)
		default:
			fmt.Fprint(w, `{"counts":[{"location_id":"L1","quantity":"1"}],"cursor":"second"}`)
		}
	}))
	defer server.Close()
	c := client.NewClient(option.WithBaseURL(server.URL), option.WithToken("t"))
	ctx := context.Background()
	first := func() *core.Page[*square.InventoryCount] {
		page, err := c.Inventory.Get(ctx, &square.GetInventoryRequest{CatalogObjectID: "V"})
		if err != nil {
			panic(err)
		}
		return page
	}
	each := first().Iterator()
	for each.Next(ctx) {
		fmt.Println("iterator:", *each.Current().LocationID)
	}
	fmt.Println("iterator ends, error:", each.Err())

	page, err := first(), error(nil)
	for ; err == nil; page, err = page.GetNextPage(ctx) {
		for _, count := range page.Results {
			fmt.Println("pages:", *count.LocationID)
		}
	}
	fmt.Println("pages end, no pages left:", errors.Is(err, core.ErrNoPages))
}
GO
export GOWORK=off
go mod init finding
go get github.com/square/square-go-sdk@v1.5.0
go mod tidy

diff - <(go run .) <<'SEEN' && echo "as described"
iterator: L1
iterator ends, error: <nil>
pages: L1
pages: L2
pages end, no pages left: true
SEEN
