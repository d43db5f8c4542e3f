#!/usr/bin/env bash
# github.com/square/square-go-sdk v1.5.0: an environment variable VERSION of the process becomes the header Square-Version of every
# request. A version given to the client as an option changes nothing, with or without the variable; only an option given with
# each call does.
#
# Expected: the SDK's own version of the API, as its source pins it for every request, or the one that the client was made with;
# and at most a variable with Square's name, as SQUARE_TOKEN for the token. VERSION is what images and build tools call their own.
# Why: each client reads os.Getenv("VERSION") when it is made and no version was given, and each call merges its own default
# ("2025-05-21") over a given version before the client's header is laid on top.
# For us: every call names its version, so that a container with VERSION=1.4.2 is not refused by Square.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"

	square "github.com/square/square-go-sdk"
	"github.com/square/square-go-sdk/client"
	"github.com/square/square-go-sdk/core"
	"github.com/square/square-go-sdk/option"
)

func main() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println(r.Header.Get("Square-Version"))
		fmt.Fprint(w, `{}`)
	}))
	defer server.Close()
	list := func(what string, ofClient, ofCall []core.RequestOption) {
		fmt.Printf("%s: ", what)
		ofClient = append(ofClient, option.WithBaseURL(server.URL), option.WithToken("t"))
		c := client.NewClient(ofClient...)
		if _, err := c.Locations.Get(context.Background(), &square.GetLocationsRequest{LocationID: "L"}, ofCall...); err != nil {
			fmt.Println(err)
		}
	}
	given := []core.RequestOption{&core.VersionOption{Version: "2025-08-20"}}
	for _, variable := range []string{"", "1.4.2"} {
		os.Setenv("VERSION", variable)
		fmt.Printf("VERSION=%q\n", variable)
		list("nothing given", nil, nil)
		list("given to the client", given, nil)
		list("given with the call", nil, given)
	}
}
GO
export GOWORK=off
go mod init finding
go get github.com/square/square-go-sdk@v1.5.0
go mod tidy

diff - <(go run .) <<'SEEN' && echo "as described"
VERSION=""
nothing given: 2025-05-21
given to the client: 2025-05-21
given with the call: 2025-08-20
VERSION="1.4.2"
nothing given: 1.4.2
given to the client: 1.4.2
given with the call: 2025-08-20
SEEN
