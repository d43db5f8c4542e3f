package square

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
)

// Limits of requests.
const (
	// bodyMax is the size limit of a request, 1 MiB; the largest real one (100 changes) is far smaller.
	bodyMax = 1 << 20
	// micros is the form of the times that Square makes.
	micros = "2006-01-02T15:04:05.000000Z07:00"
	// timeMax is the longest timestamp in characters, and idMax the longest id
	// (https://developer.squareup.com/reference/square/objects/InventoryAdjustment).
	timeMax = 34
	idMax   = 100
)

var versionForm = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)

// source is SourceApplication.
type source struct {
	Product       string `json:"product,omitempty"`
	ApplicationID string `json:"application_id,omitempty"`
	Name          string `json:"name,omitempty"`
}

// money is Money.
type money struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

// apiError is Error.
type apiError struct {
	Category string `json:"category"`
	Code     string `json:"code"`
	Detail   string `json:"detail,omitempty"`
	Field    string `json:"field,omitempty"`
	status   int
}

// refusal makes an INVALID_REQUEST_ERROR; its status is 400 but for the codes that have one of their own.
func refusal(code, field, detail string) *apiError {
	status := http.StatusBadRequest
	switch code {
	case "NOT_FOUND":
		status = http.StatusNotFound
	case "REQUEST_ENTITY_TOO_LARGE":
		status = http.StatusRequestEntityTooLarge
	}
	return &apiError{Category: "INVALID_REQUEST_ERROR", Code: code, Field: field, Detail: detail, status: status}
}

// refuse answers with errors; the status is the first one's.
func refuse(w http.ResponseWriter, errs ...*apiError) {
	shop.WriteJSON(w, errs[0].status, map[string]any{"errors": errs})
}

func tooMany(w http.ResponseWriter, withRetryAfter bool) {
	if withRetryAfter {
		w.Header().Set("Retry-After", "1")
	}
	refuse(w, &apiError{Category: "RATE_LIMIT_ERROR", Code: "RATE_LIMITED", Detail: "Too many requests.", status: http.StatusTooManyRequests})
}

func serverError(w http.ResponseWriter) {
	refuse(w, &apiError{
		Category: "API_ERROR", Code: "INTERNAL_SERVER_ERROR", Detail: "An internal server error has occurred.",
		status: http.StatusInternalServerError,
	})
}

// refused answers as to a token that was revoked (401) or has lost a scope (403); Square has no words for other states of an
// account (https://developer.squareup.com/docs/build-basics/handling-errors).
func refused(w http.ResponseWriter, status int) {
	code, detail := "ACCESS_TOKEN_REVOKED", "The access token has been revoked."
	if status != http.StatusUnauthorized {
		code, detail = "INSUFFICIENT_SCOPES", "The merchant has not given your application sufficient permissions to do that."
	}
	refuse(w, &apiError{Category: "AUTHENTICATION_ERROR", Code: code, Detail: detail, status: status})
}

// mountAPI adds the platform's endpoints.
func (s *Shop) mountAPI() {
	s.api.HandleFunc("GET /v2/locations", s.listLocations)
	s.api.HandleFunc("GET /v2/merchants/{id}", s.getMerchant)
	s.api.HandleFunc("POST /v2/catalog/search", s.searchCatalog)
	s.api.HandleFunc("GET /v2/catalog/list", s.listCatalog)
	s.api.HandleFunc("POST /v2/catalog/batch-retrieve", s.retrieveCatalog)
	s.api.HandleFunc("GET /v2/catalog/object/{id}", s.getCatalogObject)
	s.api.HandleFunc("POST /v2/inventory/changes/batch-create", s.createChanges)
	s.api.HandleFunc("POST /v2/inventory/changes/batch-retrieve", s.retrieveChanges)
	s.api.HandleFunc("POST /v2/inventory/counts/batch-retrieve", s.retrieveCounts)
	s.api.HandleFunc("GET /v2/inventory/{id}", s.getCounts)
	s.api.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, refusal("NOT_FOUND", "", fmt.Sprintf("No endpoint %s %.80q.", r.Method, r.URL.Path)))
	})
}

// serveAPI checks what all endpoints ask for: a version, if any, in the right form, and the token.
func (s *Shop) serveAPI(w http.ResponseWriter, r *http.Request) {
	version := r.Header.Get("Square-Version")
	if version != "" && !versionForm.MatchString(version) {
		refuse(w, refusal("INVALID_SQUARE_VERSION_FORMAT", "", "The Square-Version header is not YYYY-MM-DD."))
		return
	}
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); !ok || token != s.opts.Token {
		refuse(w, &apiError{
			Category: "AUTHENTICATION_ERROR", Code: "UNAUTHORIZED", Detail: "This request could not be authorized.",
			status: http.StatusUnauthorized,
		})
		return
	}
	if version != "" {
		w.Header().Set("Square-Version", version)
	}
	s.api.ServeHTTP(w, r)
}

// readRequest decodes a JSON object. canonical is the same object with sorted keys and without "cursor", for telling
// whether two requests ask for the same. When the body will not do it has answered, and ok is false.
func readRequest(w http.ResponseWriter, r *http.Request, into any) (canonical string, ok bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyMax))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		refuse(w, refusal("REQUEST_ENTITY_TOO_LARGE", "", fmt.Sprintf("The body is larger than %d bytes.", bodyMax)))
		return "", false
	}
	var object map[string]any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	// A body shorter than its Content-Length arrives as a read error: what a client's retry without its body looks like.
	if err != nil || decoder.Decode(&object) != nil || object == nil || decoder.More() {
		refuse(w, refusal("EXPECTED_JSON_BODY", "", "The body is not a JSON object."))
		return "", false
	}
	if err := json.Unmarshal(body, into); err != nil {
		refuse(w, refusal("INVALID_VALUE", fieldOf(err), "A field has a value of the wrong kind."))
		return "", false
	}
	delete(object, "cursor")
	sorted, err := json.Marshal(object)
	if err != nil {
		refuse(w, refusal("EXPECTED_JSON_BODY", "", "The body is not a JSON object."))
		return "", false
	}
	return string(sorted), true
}

// fieldOf names the field that a decoding error blames, if it does.
func fieldOf(err error) string {
	var wrongType *json.UnmarshalTypeError
	if errors.As(err, &wrongType) {
		return wrongType.Field
	}
	return ""
}

// optionalTime reads a timestamp that may be absent; when it is wrong it has answered.
func optionalTime(w http.ResponseWriter, field, text string) (t time.Time, ok bool) {
	if text == "" {
		return time.Time{}, true
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || len(text) > timeMax {
		refuse(w, refusal("INVALID_TIME", field, "The time is not RFC 3339."))
		return time.Time{}, false
	}
	return t, true
}
