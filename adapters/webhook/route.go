package webhook

import (
	"net/http"
	"strings"
)

// Route serves pages for people and load balancers, by their exact paths, beside the hooks. Everything else that is posted, or that
// comes to /hooks/ in whatever form, is the intake's, so that a delivery to an address that never was ours is counted too. Unlike
// http.ServeMux it never redirects.
func Route(intake http.Handler, pages map[string]http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		looks := r.Method == http.MethodGet || r.Method == http.MethodHead
		page, known := pages[r.URL.Path]
		switch {
		case known && looks:
			page(w, r)
		case r.Method == http.MethodPost, strings.HasPrefix(strings.TrimLeft(r.URL.Path, "/"), "hooks/"):
			intake.ServeHTTP(w, r)
		default:
			http.NotFound(w, r)
		}
	})
}
