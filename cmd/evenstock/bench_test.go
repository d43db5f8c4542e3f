package main

import (
	"bytes"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
)

// BenchmarkDeliveryToCommit measures signed Square deliveries per second from HTTP to the ledger's commit, with 64 senders,
// beside the same senders on a bare handler.
func BenchmarkDeliveryToCommit(b *testing.B) {
	const items, senders = 200, 64
	s := newStage(b, stageOptions{})
	var all []item
	for i := range items {
		all = append(all, s.sells(fmt.Sprintf("SKU-%03d", i), 1_000_000, 1_000_000))
	}
	s.serve()
	s.open()
	// The shops answer nothing meanwhile: what is measured is intake, stream and ledger, not the loop back, which is more or less of
	// it by chance.
	must(b, s.square.SetFaults(shop.Faults{TooManyRequests: 1}))
	must(b, s.shopify.Faults().Set(shop.Faults{TooManyRequests: 1}))
	start := time.Now()
	b.Run("whole", func(b *testing.B) {
		deliver(b, senders, func(n int) {
			i := all[n%items]
			header, body := s.squareCount(i, fmt.Sprint(1_000_000-n/items-1), start.Add(time.Duration(n)*time.Microsecond))
			if status := s.post("/hooks/till/AbCdEfGhIjKlMnOp", header, body); status != http.StatusOK {
				b.Errorf("status %d", status)
			}
		})
		s.eventually("the stream to be applied", s.streamApplied)
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	})
	b.Run("bare", func(b *testing.B) {
		bare := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}
		listener := listen(b)
		go func() { _ = bare.Serve(listener) }()
		defer bare.Close()
		deliver(b, senders, func(n int) {
			header, body := s.squareCount(all[n%items], "1", start)
			req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, "http://"+listener.Addr().String(), bytes.NewReader(body))
			if err != nil {
				b.Error(err)
				return
			}
			req.Header = header
			res, err := sender.Do(req)
			if err != nil {
				b.Error(err)
				return
			}
			res.Body.Close()
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	})
}

func deliver(b *testing.B, senders int, send func(n int)) {
	work := make(chan int)
	var group sync.WaitGroup
	for range senders {
		group.Go(func() {
			for n := range work {
				send(n)
			}
		})
	}
	b.ResetTimer()
	for n := range b.N {
		work <- n
	}
	close(work)
	group.Wait()
}

// streamApplied says how far the ledger is behind the stream; empty when it is not.
func (s *stage) streamApplied() string {
	lag, err := s.runtime.broker.Topics.Lag(s.t.Context(), s.runtime.broker, s.runtime.store)
	must(s.t, err)
	if lag > 0 {
		return fmt.Sprintf("%d events are not applied", lag)
	}
	return ""
}
