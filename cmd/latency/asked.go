package main

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
)

// asked counts the requests that a platform got, by what they asked for.
type asked struct {
	mu    sync.Mutex
	total int64
	kinds map[string]int64
}

// note counts a request and returns it as it was, for its body is read.
func (a *asked) note(platform string, r *http.Request) *http.Request {
	body, err := io.ReadAll(r.Body)
	r.Body.Close()
	if err == nil {
		r.Body = io.NopCloser(bytes.NewReader(body))
	} else {
		r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), failing{err})) // the shop sees it break off as we did
	}
	kind := platform + " " + kindOf(r.URL.Path, body)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.kinds == nil {
		a.kinds = map[string]int64{}
	}
	a.total++
	a.kinds[kind]++
	return r
}

// all is what was asked so far.
func (a *asked) all() (total int64, kinds map[string]int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.total, maps.Clone(a.kinds)
}

// failing is the end of a body that broke off.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// kindOf says what a request asks for: the operation of a GraphQL document, else the path; of Square's listings also whether they name
// what they are about, for those that do not are sweeps.
func kindOf(path string, body []byte) string {
	var said struct {
		Operation string   `json:"operationName"`
		Items     []string `json:"catalog_object_ids"`
	}
	_ = json.Unmarshal(body, &said) // what is no JSON says nothing
	switch {
	case said.Operation != "":
		return said.Operation
	case len(said.Items) > 0:
		path += " of refs"
	}
	return strings.TrimPrefix(path, "/v2/")
}

// since is what was counted after a first look.
func since(before, after map[string]int64) map[string]int64 {
	counted := map[string]int64{}
	for kind, n := range after {
		if n -= before[kind]; n > 0 {
			counted[kind] = n
		}
	}
	return counted
}

// merged is the sum of two counts.
func merged(a, b map[string]int64) map[string]int64 {
	sum := maps.Clone(a)
	if sum == nil {
		sum = map[string]int64{}
	}
	for kind, n := range b {
		sum[kind] += n
	}
	return sum
}
