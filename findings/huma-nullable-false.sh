#!/usr/bin/env bash
# github.com/danielgtaylor/huma/v2 v2.37.2: an optional property of a request body takes null, also where the OpenAPI document
# says "type: string", and also where the field is tagged nullable:"false", of which the manual says "it is not nullable". Rules
# like minLength and enum are not asked either. A handler sees the zero value, as if the property were missing.
#
# Expected: 422, as for any other value that the document does not allow, and as for a required property.
# Why: the validator passes over every property that is null and not required, before it looks at the property's own rules.
# For us: null in a request is "not given"; a tool that derives bad requests from the document reports each such field.
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
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

type wish struct {
	Body struct {
		Must  string `json:"must" minLength:"1"`
		May   string `json:"may,omitempty" minLength:"1"`
		Never string `json:"never,omitempty" nullable:"false" enum:"a,b"`
	}
}

func main() {
	mux := http.NewServeMux()
	api := humago.New(mux, huma.DefaultConfig("finding", "1"))
	huma.Post(api, "/wish", func(_ context.Context, in *wish) (*struct{}, error) {
		fmt.Printf("handler sees may %q, never %q: ", in.Body.May, in.Body.Never)
		return nil, nil
	})
	properties := api.OpenAPI().Components.Schemas.Map()["WishBody"].Properties
	for _, name := range []string{"may", "never"} {
		fmt.Printf("document: %s is of type %s, nullable %v\n", name, properties[name].Type, properties[name].Nullable)
	}
	for _, body := range []string{`{"must":"x","may":null}`, `{"must":"x","never":null}`, `{"must":"x","may":""}`, `{"must":"x","never":"c"}`, `{"must":null}`} {
		answer := httptest.NewRecorder()
		mux.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, "/wish", strings.NewReader(body)))
		fmt.Println(body, answer.Code)
	}
}
GO
export GOWORK=off
go mod init finding
go get github.com/danielgtaylor/huma/v2@v2.37.2

diff - <(go run .) <<'SEEN' && echo "as described"
document: may is of type string, nullable false
document: never is of type string, nullable false
handler sees may "", never "": {"must":"x","may":null} 204
handler sees may "", never "": {"must":"x","never":null} 204
{"must":"x","may":""} 422
{"must":"x","never":"c"} 422
{"must":null} 422
SEEN
