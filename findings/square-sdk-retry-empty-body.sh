#!/usr/bin/env bash
# github.com/square/square-go-sdk v1.5.0: what it sends again over HTTP/2 has an empty body, and still the length of the first one.
# Square is spoken to over HTTP/2. Over HTTP/1.1 the same call arrives whole.
#
# Expected: the same request again, as the chapter "Retries" of its manual says; two attempts are the default.
# Why: the retrier hands one *http.Request to the client twice. Its body was read the first time, and the SDK asks no GetBody for a new one;
# over HTTP/1.1 the transport of Go winds it back.
# For us: the SDK gets one attempt, and a call is repeated by us, from its stored bytes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	square "github.com/square/square-go-sdk"
	"github.com/square/square-go-sdk/client"
	"github.com/square/square-go-sdk/option"
)

func main() {
	for _, http2 := range []bool{false, true} {
		attempt := 0
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			attempt++
			body, _ := io.ReadAll(r.Body)
			whole := int64(len(body)) == r.ContentLength
			fmt.Printf("%s, attempt %d: a length is announced: %t, body empty: %t, body whole: %t\n", r.Proto, attempt, r.ContentLength > 0, len(body) == 0, whole)
			if attempt == 1 {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
			fmt.Fprint(w, `{}`)
		}))
		server.EnableHTTP2 = http2
		server.StartTLS()
		c := client.NewClient(option.WithBaseURL(server.URL), option.WithToken("t"), option.WithHTTPClient(server.Client()))
		c.Inventory.BatchGetCounts(context.Background(), &square.BatchGetInventoryCountsRequest{CatalogObjectIDs: []string{"V1"}, LocationIDs: []string{"L1"}})
		server.Close()
	}
}
GO
export GOWORK=off
go mod init finding
go get github.com/square/square-go-sdk@v1.5.0
go mod tidy

diff - <(go run .) <<'SEEN' && echo "as described"
HTTP/1.1, attempt 1: a length is announced: true, body empty: false, body whole: true
HTTP/1.1, attempt 2: a length is announced: true, body empty: false, body whole: true
HTTP/2.0, attempt 1: a length is announced: true, body empty: false, body whole: true
HTTP/2.0, attempt 2: a length is announced: true, body empty: true, body whole: false
SEEN
