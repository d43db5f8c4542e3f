package webhook

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRoute: pages have their exact paths, deliveries go to the intake however their address is written, and nothing is redirected.
func TestRoute(t *testing.T) {
	t.Parallel()
	intake := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "intake") })
	handler := Route(intake, map[string]http.HandlerFunc{"/livez": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "alive") }})
	const missing = "404 page not found\n"
	for request, want := range map[[2]string]string{
		{http.MethodGet, "/livez"}:                "alive",
		{http.MethodHead, "/livez"}:               "alive",
		{http.MethodPut, "/livez"}:                missing,
		{http.MethodGet, "//livez"}:               missing,
		{http.MethodGet, "/livez/"}:               missing,
		{http.MethodGet, "/"}:                     missing,
		{http.MethodGet, "/favicon.ico"}:          missing,
		{http.MethodPost, "/livez"}:               "intake",
		{http.MethodPost, "/"}:                    "intake",
		{http.MethodPost, "//"}:                   "intake",
		{http.MethodPost, "/webhooks/till"}:       "intake",
		{http.MethodPost, "/hooks/till/k"}:        "intake",
		{http.MethodPost, "/hooks//till/k"}:       "intake",
		{http.MethodPost, "/x/../hooks/./till/k"}: "intake",
		{http.MethodGet, "/hooks/till/k"}:         "intake",
		{http.MethodHead, "//hooks/till/k"}:       "intake",
		{http.MethodPost, "/hooks"}:               "intake",
		{http.MethodPost, "/%68ooks/till/k"}:      "intake",
	} {
		got := httptest.NewRecorder()
		handler.ServeHTTP(got, httptest.NewRequestWithContext(t.Context(), request[0], request[1], nil))
		require.Equal(t, want, got.Body.String(), "%v", request)
		require.NotContains(t, []int{http.StatusMovedPermanently, http.StatusTemporaryRedirect, http.StatusPermanentRedirect}, got.Code, "%v", request)
	}
}
