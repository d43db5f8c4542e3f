package webhook

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
)

type noSink struct{}

func (noSink) Publish(context.Context, []stock.Event) error { return nil }

// BenchmarkDeliveries compares the intake with the least that any handler does, over loopback connections that are kept, with
// the client on the same cores. One run has both, so that their ratio means something on a busy machine.
func BenchmarkDeliveries(b *testing.B) {
	body := []byte("ok " + strings.Repeat("x", 700)) // about one Square count
	intake := setup(b, func(o *Options) { o.Sink, o.MaxInFlight = noSink{}, 10_000 })
	bare := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			w.WriteHeader(http.StatusBadRequest)
		}
	})
	for name, handler := range map[string]http.Handler{"bare": bare, "intake": intake} {
		b.Run(name, func(b *testing.B) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(b, err)
			server := NewServer("", handler)
			served := make(chan error, 1)
			go func() { served <- server.Serve(listener) }()
			client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
			url, signature := "http://"+listener.Addr().String()+tillPath, sign(tillSecret, body)
			b.SetParallelism(16)
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if status := deliver(b, client, url, signature, body); status != http.StatusOK {
						b.Errorf("answered %d", status)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "deliveries/s")
			b.StopTimer()
			client.CloseIdleConnections()
			require.NoError(b, server.Close())
			require.ErrorIs(b, <-served, http.ErrServerClosed)
		})
	}
}

func deliver(b *testing.B, client *http.Client, url, signature string, body []byte) int {
	request, err := http.NewRequestWithContext(b.Context(), http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		b.Error(err)
		return 0
	}
	request.Header.Set(signHeader, signature)
	response, err := client.Do(request)
	if err != nil {
		b.Error(err)
		return 0
	}
	if err := response.Body.Close(); err != nil {
		b.Error(err)
	}
	return response.StatusCode
}

// BenchmarkIntake is the handler alone, without a connection.
func BenchmarkIntake(b *testing.B) {
	intake := setup(b, func(o *Options) { o.Sink = noSink{} })
	body := "ok " + strings.Repeat("x", 700)
	b.ReportAllocs()
	for b.Loop() {
		if status := serve(intake, signed(body)).StatusCode; status != http.StatusOK {
			b.Fatalf("answered %d", status)
		}
	}
}
