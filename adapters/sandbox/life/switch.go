package life

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
)

// ErrRuns is returned for starting a life while another goes on.
var ErrRuns = errors.New("the shops live already")

// Request starts a life: what it may set of Options. Zero fields leave what the switch was made with.
type Request struct {
	Seed       int64
	For        time.Duration
	Rate       float64
	TypedTwice bool
}

// Switch starts and stops lives, one at a time, by method or by the control route /sandbox/life. Stop it in the end.
type Switch struct {
	opts Options

	mu   sync.Mutex
	life *Life // the latest; nil before the first
	stop context.CancelFunc
	done chan struct{} // closed when the latest has ended
}

// NewSwitch returns a switch in the off position. Options.For and Day are defaults and may be zero.
func NewSwitch(opts Options) *Switch { return &Switch{opts: opts} }

// Start lets the shops live until the order's time is over, ctx ends or Stop is called. It returns ErrRuns while they do,
// ErrOptions for an order that makes no sense.
func (s *Switch) Start(ctx context.Context, order Request) (Status, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running() {
		return Status{}, ErrRuns
	}
	opts := s.opts
	if order.Seed != 0 {
		opts.Seed = order.Seed
	}
	if order.For != 0 {
		opts.For = order.For
	}
	if order.Rate != 0 {
		opts.Rate = order.Rate
	}
	opts.TypedTwice = opts.TypedTwice || order.TypedTwice
	life, err := New(opts)
	if err != nil {
		return Status{}, err
	}
	ctx, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	s.life, s.stop, s.done = life, stop, done
	life.change(func(status *Status) { status.Running = true })
	go func() {
		defer close(done)
		defer stop()
		life.Run(ctx)
	}()
	return life.Status(), nil
}

// Stop ends the life, if there is one, waits until nothing more happens, and says what happened.
func (s *Switch) Stop() Status {
	s.mu.Lock()
	stop, done := s.stop, s.done
	s.mu.Unlock()
	if done != nil {
		stop()
		<-done
	}
	return s.Status()
}

// Status says what happened in the latest life.
func (s *Switch) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.life == nil {
		return Status{Seed: s.opts.Seed, Done: map[string]int64{}}
	}
	return s.life.Status()
}

// running says whether the latest life goes on. The caller holds the mutex.
func (s *Switch) running() bool {
	if s.done == nil {
		return false
	}
	select {
	case <-s.done:
		return false
	default:
		return true
	}
}

// Routes are the control routes, of either shop for both.
func (s *Switch) Routes() []shop.Route {
	return []shop.Route{
		shop.Get("/sandbox/life", "whether the people of both shops live, and what they did", func(w http.ResponseWriter, _ *http.Request) {
			shop.WriteJSON(w, http.StatusOK, s.Status())
		}),
		shop.Post("/sandbox/life", `{"do":"start","for":"60s","rate":2,"seed":7,"typed_twice":false}`,
			"start their life (all but do may be left out), or stop it", s.command),
	}
}

// Wrap adds the control routes to a shop, and lets the story's races reach it.
func (s *Switch) Wrap(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		life := s.life
		s.mu.Unlock()
		if life != nil {
			life.watchWrite(r)
		}
		next.ServeHTTP(w, r)
	})
	shop.Mount(mux, s.Routes()...)
	return mux
}

func (s *Switch) command(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Do         string  `json:"do"`
		Seed       int64   `json:"seed"`
		For        string  `json:"for"`
		Rate       float64 `json:"rate"`
		TypedTwice bool    `json:"typed_twice"`
	}
	if !shop.ReadControl(w, r, &in) {
		return
	}
	switch in.Do {
	case "start":
		order := Request{Seed: in.Seed, Rate: in.Rate, TypedTwice: in.TypedTwice}
		if in.For != "" {
			length, err := time.ParseDuration(in.For)
			if err != nil {
				shop.RefuseControl(w, fmt.Errorf("reading for: %w", err))
				return
			}
			order.For = length
		}
		status, err := s.Start(context.WithoutCancel(r.Context()), order) // it outlives the request
		shop.AnswerControl(w, status, err)
	case "stop":
		shop.WriteJSON(w, http.StatusOK, s.Stop())
	default:
		shop.RefuseControl(w, fmt.Errorf("do is %.20q, not start or stop", in.Do))
	}
}
