package webhook

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
)

// FuzzIntake: whatever comes in, there is one answer with an empty body; 200 only for what was signed; nothing is
// published or rejected twice or without 200; no text of the body is kept.
func FuzzIntake(f *testing.F) {
	f.Add("POST", tillPath, "", true, []byte("ok"))
	f.Add("POST", tillPath, "", false, []byte("ok"))
	f.Add("POST", tillPath, "gzip", true, []byte("\x1f\x8b"))
	f.Add("GET", tillPath, "", true, []byte(""))
	f.Add("POST", "/x", "identity", true, []byte("ok"))
	f.Add("POST", tillPath, "", true, []byte(`leaking {"quantity":1,"quantity":"7","a":[1e999,-0]}{}`))
	f.Add("POST", tillPath, "", true, []byte("broken \xff\x00"))
	f.Add("POST", tillPath, "", true, []byte("panic x"))
	f.Add("POST", tillPath, "", true, []byte("foreign x"))
	f.Add("POST", tillPath, "", true, []byte("unknown"))
	f.Add("POST", tillPath, "", true, []byte("none"))
	f.Fuzz(func(t *testing.T, method, path, encoding string, valid bool, body []byte) {
		if len(body) > 4096 {
			t.Skip("longer than BodyMax: nothing new")
		}
		b := setup(t, func(o *Options) { o.BodyMax = 4096 })
		withCanary := append(bytes.Clone(body), " "+canary...)
		r := signed(string(withCanary))
		r.Method, r.URL.Path, r.URL.RawPath = method, path, ""
		r.Header["Content-Encoding"] = []string{encoding}
		if !valid {
			r.Header.Set(signHeader, sign(webSecret, withCanary))
		}
		response := serve(b, r)
		requireEmpty(t, response)
		kept := b.sink.published() + len(b.letters.rejected)
		if kept > 1 || kept == 1 && response.StatusCode != http.StatusOK {
			t.Fatalf("kept %d, answered %d", kept, response.StatusCode)
		}
		if response.StatusCode == http.StatusOK && (!valid || method != http.MethodPost || path != tillPath) {
			t.Fatalf("answered 200 to %s %q, signature %t", method, path, valid)
		}
		texts := b.log.String()
		for _, rejected := range b.letters.rejected {
			texts += rejected.Reason + rejected.Topic
		}
		if strings.Contains(texts, "Canary") || strings.Contains(texts, "Jane") {
			t.Fatalf("customer data kept: %s", texts)
		}
		total := uint64(0)
		for _, row := range b.Stats().Deliveries {
			total += row.Count
		}
		if total != 1 {
			t.Fatalf("counted %d times", total)
		}
	})
}
