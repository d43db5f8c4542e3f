package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/shopify"
	"github.com/evenstock/evenstock/adapters/sandbox/square"
	"github.com/evenstock/evenstock/sync/merchant"
)

// The work of a serve is paused, resumed, stopped and started again and again while both shops sell: webhooks are taken in all the
// time, and in the end everything was booked once and both sides are even.
func TestServePausesUnderLoad(t *testing.T) {
	t.Parallel()
	const turns = 40
	seed := seedOf(t)
	// Who is refused sends again for minutes before giving up.
	s := newStage(t, stageOptions{square: square.Options{Seed: seed, RetryScale: 0.01}, shopify: shopify.Options{RetryScale: 0.01}})
	var goods []item
	for i := range 4 {
		goods = append(goods, s.sells(fmt.Sprint("TEE-", i), 5_000, 5_000))
	}
	s.serve()
	s.open()
	for _, i := range goods {
		s.even(i, "5000")
	}
	load := s.load(goods, seed)
	m, pauses := s.runtime.merchant, rand.New(rand.NewPCG(uint64(seed), 3))
	for turn := range turns {
		wait(t.Context(), time.Duration(pauses.IntN(150))*time.Millisecond)
		switch turn % 4 {
		case 0:
			must(t, m.Pause(t.Context()))
			s.quiet()
		case 1:
			must(t, m.Resume(t.Context()))
		case 2:
			must(t, m.Stop())
			s.quiet()
		case 3:
			must(t, m.Start(context.WithoutCancel(t.Context())))
		}
	}
	tills, webs := load()
	if m.State() != merchant.Working {
		t.Fatalf("it is %s", m.State())
	}
	for n, i := range goods {
		s.even(i, fmt.Sprint(5_000-tills[n]-webs[n]))
		s.explained(i, map[string]string{"opening": "-5000", "sold/till": fmt.Sprint(tills[n]), "sold/web": fmt.Sprint(webs[n])})
	}
	if lost := s.square.Courier().GaveUp() + s.shopify.Courier().GaveUp(); lost > 0 {
		t.Errorf("%d webhooks were not taken in", lost)
	}
	s.eventually("the stream to be applied", s.streamApplied)
}

// load has both shops sell until it is ended, and says then how many units of each article the till and the web shop sold. After a burst
// the shops wait until their webhooks are taken in: on a slow machine the intake would refuse what is too much for it, and the shops would
// send it again much later.
func (s *stage) load(goods []item, seed int64) (end func() (tills, webs []int)) {
	const burst = 4                                                                       // of each article
	dice := func(of uint64) *rand.Rand { return rand.New(rand.NewPCG(uint64(seed), of)) } // each of those who throw has its own
	selling, closed := context.WithCancel(s.t.Context())
	tills, webs := make([]int, len(goods)), make([]int, len(goods))
	var shops sync.WaitGroup
	shops.Go(func() {
		for till := dice(1); selling.Err() == nil; wait(selling, 15*time.Millisecond) {
			n := till.IntN(len(goods))
			s.sell(goods[n], 1)
			tills[n]++
			if tills[n]%burst == 0 {
				_ = s.square.Courier().Idle(selling)
			}
		}
	})
	shops.Go(func() {
		for web := dice(2); selling.Err() == nil; wait(selling, 40*time.Millisecond) {
			n := web.IntN(len(goods))
			s.order(goods[n], 1)
			webs[n]++
			if webs[n]%burst == 0 {
				_ = s.shopify.Courier().Idle(selling)
			}
		}
	})
	return func() ([]int, []int) {
		closed()
		shops.Wait()
		return tills, webs
	}
}

// quiet sees that webhooks are taken in and nothing is booked. That nothing is sent is seen where the requests are made: what was
// given up on its way may reach a shop late.
func (s *stage) quiet() {
	s.t.Helper()
	state := s.runtime.merchant.State()
	entries, lag := s.entries(), s.lag()
	s.eventually("webhooks taken in while "+state.String(), func() string {
		if now := s.lag(); now <= lag {
			return fmt.Sprintf("%d events wait, %d before", now, lag)
		}
		return ""
	})
	if now := s.entries(); now != entries {
		s.t.Errorf("%d entries were written while %s", now-entries, state)
	}
}

func (s *stage) lag() int64 {
	s.t.Helper()
	lag, err := s.runtime.broker.Topics.Lag(s.t.Context(), s.runtime.broker, s.runtime.store)
	must(s.t, err)
	return lag
}

func (s *stage) entries() int64 {
	s.t.Helper()
	sum, err := s.runtime.store.Summary(s.t.Context())
	must(s.t, err)
	return sum.Entries
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
