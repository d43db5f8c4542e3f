package shopify

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
)

// bodyMax is the size limit of an API request, 1 MiB.
const bodyMax = 1 << 20

// badToken is what the API says to a token that it does not know.
const badToken = "[API] Invalid API key or access token (unrecognized login or wrong password)"

// versionForm is a released version: the year and the first month of a quarter.
var versionForm = regexp.MustCompile(`^20\d\d-(01|04|07|10)$`)

// routes puts the API, with its faults, beside the control routes.
func (s *Shop) routes(dice *shop.Dice) http.Handler {
	api := http.NewServeMux()
	api.HandleFunc("POST /admin/api/{version}/graphql.json", s.serveGraphQL)
	api.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { refuse(w, http.StatusNotFound, "Not Found") })
	faulty := shop.Chaos{
		Dice: dice, Faults: s.faults,
		TooMany: func(w http.ResponseWriter, withRetryAfter bool) {
			s.requests.Add("throttled")
			if dice.Chance(0.5) {
				s.answerThrottled(w)
				return
			}
			if withRetryAfter {
				w.Header().Set("Retry-After", "2.0") // Shopify writes a decimal number of seconds
			}
			refuse(w, http.StatusTooManyRequests, "Exceeded rate limit. Reduce request rates to resume uninterrupted service.")
		},
		ServerError: func(w http.ResponseWriter) {
			s.requests.Add("server_error")
			refuse(w, http.StatusInternalServerError, "Internal Server Error")
		},
		Refuse: func(w http.ResponseWriter, status int) {
			s.requests.Add("refused")
			if status == http.StatusUnauthorized {
				refuse(w, status, badToken)
				return
			}
			refuse(w, status, http.StatusText(status))
		},
	}
	mux := http.NewServeMux()
	mux.Handle("/", faulty.Wrap(api))
	s.mountControl(mux)
	return mux
}

// refuse answers outside GraphQL: {"errors": "..."}.
func refuse(w http.ResponseWriter, status int, text string) {
	shop.WriteJSON(w, status, map[string]string{"errors": text})
}

// serveGraphQL answers one request. A version that has been retired falls forward to the one there is, and the answer's
// header tells; one that does not exist is not found.
func (s *Shop) serveGraphQL(w http.ResponseWriter, r *http.Request) {
	version := r.PathValue("version")
	if !versionForm.MatchString(version) || version > apiVersion {
		refuse(w, http.StatusNotFound, "Not Found")
		return
	}
	w.Header().Set("X-Shopify-API-Version", apiVersion)
	if r.Header.Get("X-Shopify-Access-Token") != s.opts.Token {
		refuse(w, http.StatusUnauthorized, badToken)
		return
	}
	var body bytes.Buffer
	if _, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, bodyMax)); err != nil {
		status := http.StatusBadRequest
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			status = http.StatusRequestEntityTooLarge
		}
		refuse(w, status, "Bad Request")
		return
	}
	var req gqlRequest
	decoder := json.NewDecoder(&body)
	decoder.UseNumber()
	if err := decoder.Decode(&req); err != nil || req.Query == "" {
		shop.WriteJSON(w, http.StatusBadRequest, map[string]any{
			"errors": map[string]string{"query": "Required parameter missing or invalid"},
		})
		return
	}
	shop.WriteJSON(w, http.StatusOK, s.execute(req))
}

// execute answers a GraphQL request, as it goes out.
func (s *Shop) execute(req gqlRequest) map[string]any {
	op, vars, errs := s.graphql.prepare(req)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bucket.refill(s.opts.Now())
	if len(errs) > 0 {
		s.requests.Add("invalid")
		return map[string]any{"errors": errs}
	}
	requested := costing{s.graphql.schema, vars}.operation(op)
	if requested > costMax {
		s.requests.Add("invalid")
		err := newGQLError("MAX_COST_EXCEEDED", "Query cost is %d, which exceeds the single query max cost limit (%d).",
			requested, costMax)
		err.Extensions["cost"], err.Extensions["maxCost"] = requested, costMax
		return map[string]any{"errors": []*gqlError{err}}
	}
	if float64(requested) > s.bucket.available {
		s.requests.Add("throttled")
		return s.throttled(requested)
	}
	root := s.queryRoot()
	if op.Operation == ast.Mutation {
		root = s.mutationRoot()
	}
	for _, f := range flatFields(op.SelectionSet) {
		s.requests.Add(f.Name)
	}
	data, actual, errs := (&exec{s.graphql.schema, vars}).run(op, root)
	actual = min(actual, requested)
	s.bucket.available -= float64(actual)
	s.spent += float64(actual)
	answer := map[string]any{"data": data, "extensions": s.bucket.extension(requested, actual)}
	if len(errs) > 0 {
		answer["errors"] = errs
	}
	return answer
}

// throttled is the answer to a query that the bucket has no room for: HTTP 200, no data.
func (s *Shop) throttled(requested int) map[string]any {
	return map[string]any{
		"errors":     []*gqlError{newGQLError("THROTTLED", "Throttled")},
		"extensions": s.bucket.extension(requested, nil),
	}
}

// answerThrottled throttles a request whatever the bucket holds, as a fault.
func (s *Shop) answerThrottled(w http.ResponseWriter) {
	s.mu.Lock()
	s.bucket.refill(s.opts.Now())
	answer := s.throttled(mutationCost)
	s.mu.Unlock()
	w.Header().Set("X-Shopify-API-Version", apiVersion)
	shop.WriteJSON(w, http.StatusOK, answer)
}
