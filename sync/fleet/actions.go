package fleet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/evenstock/evenstock/ledger/registry"
	"github.com/evenstock/evenstock/sync/app"
)

// Merchant is a merchant as a person sees it.
type Merchant struct {
	Name string `json:"name"`
	// State is that of the registry, or what is so although it was not asked for: "failed", and "not running" where no serve runs or none
	// has opened it yet.
	State string `json:"state"`
	// Since is when it was brought there, and By by whom, where somebody did.
	Since time.Time `json:"since,omitzero"`
	By    string    `json:"by,omitempty"`
	// Declared: the configuration declares it; else it was added at run time.
	Declared bool `json:"declared"`
	// Error is why it failed.
	Error string `json:"error,omitempty"`
}

// States beside the registry's.
const (
	StateFailed     = "failed"
	StateNotRunning = "not running"
)

// List lists the merchants by name.
func (f *Fleet) List(ctx context.Context) ([]Merchant, error) {
	all, err := f.merchants(ctx)
	list := []Merchant{}
	for _, m := range all {
		shown := Merchant{Name: m.Name, State: m.State.String(), Since: m.Since, By: m.By, Declared: m.declared}
		s := f.seat(m.Name)
		s.mu.Lock()
		switch {
		case m.State == registry.Erasing || m.State == registry.Paused && f.opts.Open == nil:
		case s.fault != "":
			shown.State, shown.Error, shown.Since, shown.By = StateFailed, s.fault, s.since, ""
		case s.member == nil:
			shown.State = StateNotRunning
		}
		s.mu.Unlock()
		list = append(list, shown)
	}
	return list, err
}

// Channel is one of a new merchant's channels.
type Channel struct {
	Name     string `json:"name"`
	Platform string `json:"platform"`
	Settings string `json:"settings"`
}

// AddRequest adds a merchant. Without settings it is one that the configuration declares by now.
type AddRequest struct {
	Name     string    `json:"name"`
	Settings string    `json:"settings,omitempty"`
	Channels []Channel `json:"channels,omitempty"`
}

// Named names a merchant.
type Named struct {
	Name string `json:"name"`
}

// Add adds a merchant and begins its work.
func (f *Fleet) Add(ctx context.Context, by app.Actor, request AddRequest) (Merchant, error) {
	s := f.seat(request.Name)
	s.turn.Lock()
	defer s.turn.Unlock()
	m, is, err := f.merchant(ctx, request.Name)
	if err != nil {
		return Merchant{}, err
	}
	switch {
	case is && m.State == registry.Erasing:
		return Merchant{}, &app.Error{Kind: app.Conflict, What: "merchant " + request.Name + " is being erased", Remedy: app.RemedyAgain}
	case request.Settings == "" && !m.declared:
		return Merchant{}, &app.Error{Kind: app.NotFound, What: "the configuration declares no merchant " + request.Name, Remedy: app.RemedyDeclare}
	case request.Settings != "" && m.declared:
		return Merchant{}, &app.Error{Kind: app.Conflict, What: "the configuration declares merchant " + request.Name, Remedy: app.RemedyUndeclare}
	case s.running() != nil || request.Settings != "" && is:
		return Merchant{}, exists(request.Name)
	}
	if request.Settings != "" {
		m.Merchant = registry.Merchant{Name: request.Name, State: registry.Working, Since: f.opts.Now(), By: by.Name, Settings: request.Settings}
		for _, c := range request.Channels {
			m.Channels = append(m.Channels, registry.Channel(c))
		}
	}
	if err := f.opts.Check(ctx, m.Merchant); err != nil {
		return Merchant{}, &app.Error{Kind: app.Invalid, What: err.Error()}
	}
	if request.Settings != "" {
		if err := f.opts.Registry.AddMerchant(ctx, m.Merchant); errors.Is(err, registry.ErrExists) {
			return Merchant{}, exists(request.Name)
		} else if err != nil {
			return Merchant{}, err
		}
	}
	if err := f.open(ctx, s, m.Merchant); err != nil {
		return Merchant{}, err
	}
	return f.shown(ctx, request.Name)
}

func exists(name string) error {
	return &app.Error{Kind: app.Conflict, What: "there is a merchant " + name + " already"}
}

func (f *Fleet) shown(ctx context.Context, name string) (Merchant, error) {
	list, err := f.List(ctx)
	for _, m := range list {
		if m.Name == name {
			return m, err
		}
	}
	return Merchant{Name: name}, err
}

// Pause ends a merchant's work until it is resumed, over restarts too. Webhooks go on being taken in.
func (f *Fleet) Pause(ctx context.Context, by app.Actor, request Named) (Merchant, error) {
	return f.bring(ctx, by, request.Name, registry.Paused, func(s *seat, _ registry.Merchant) error {
		if member := s.running(); member != nil {
			return member.Pause(ctx)
		}
		return nil
	})
}

// Resume goes on with a merchant's work, or opens one anew that failed.
func (f *Fleet) Resume(ctx context.Context, by app.Actor, request Named) (Merchant, error) {
	return f.bring(ctx, by, request.Name, registry.Working, func(s *seat, m registry.Merchant) error {
		if member := s.running(); member != nil {
			return member.Resume(ctx)
		}
		return f.open(ctx, s, m)
	})
}

// bring stores the state that a merchant is to be in, and then has it so.
func (f *Fleet) bring(ctx context.Context, by app.Actor, name string, state registry.State, act func(*seat, registry.Merchant) error) (Merchant, error) {
	s := f.seat(name)
	s.turn.Lock()
	defer s.turn.Unlock()
	m, is, err := f.merchant(ctx, name)
	if err != nil {
		return Merchant{}, err
	}
	if !is {
		return Merchant{}, f.unknown(ctx, name)
	}
	if err := f.opts.Registry.SetState(ctx, name, state, by.Name, f.opts.Now()); errors.Is(err, registry.ErrErasing) {
		return Merchant{}, &app.Error{Kind: app.Conflict, What: "merchant " + name + " is being erased, which is not taken back"}
	} else if err != nil {
		return Merchant{}, err
	}
	m.State = state
	if err := act(s, m.Merchant); err != nil {
		return Merchant{}, err
	}
	return f.shown(ctx, name)
}

func (f *Fleet) unknown(ctx context.Context, name string) error {
	unknown := &app.Error{Kind: app.NotFound, What: fmt.Sprintf("no merchant is called %.40q", name)}
	all, err := f.merchants(ctx)
	names := make([]string, len(all))
	for i, m := range all {
		names[i] = m.Name
	}
	unknown.Remedy, unknown.Meant = app.MeantOr(name, names, app.RemedyNameMerchant)
	return errors.Join(unknown, err)
}

// EraseRequest erases a merchant. Confirm is its name once more: whoever asks has had it typed by a person.
type EraseRequest struct {
	Name    string `json:"name"`
	Confirm string `json:"confirm"`
}

// Erased says what was searched afterwards, and that nothing was found.
type Erased struct {
	Name     string  `json:"name"`
	Searched []Place `json:"searched"`
}

// Erase removes a merchant with everything that is its own, and searches for what is left. It is not taken back, and goes on after a crash.
func (f *Fleet) Erase(ctx context.Context, by app.Actor, request EraseRequest) (Erased, error) {
	s := f.seat(request.Name)
	s.turn.Lock()
	defer s.turn.Unlock()
	if request.Confirm != request.Name {
		return Erased{}, &app.Error{Kind: app.Invalid, What: "to erase a merchant, name it twice"}
	}
	m, is, err := f.merchant(ctx, request.Name)
	if err != nil {
		return Erased{}, err
	}
	if m.declared {
		return Erased{}, &app.Error{Kind: app.Refused, What: "the configuration declares merchant " + request.Name + ", and the next start would begin it anew", Remedy: app.RemedyUndeclare}
	}
	if !is && s.running() == nil {
		if has, err := f.opts.Known(ctx, request.Name); err != nil || !has {
			return Erased{}, errors.Join(err, f.unknown(ctx, request.Name))
		}
	}
	if err := f.opts.MayErase(ctx, request.Name); err != nil {
		return Erased{}, err
	}
	if err := f.opts.Registry.SetState(ctx, request.Name, registry.Erasing, by.Name, f.opts.Now()); err != nil {
		return Erased{}, err
	}
	m.State = registry.Erasing
	return f.erase(ctx, s, m.Merchant)
}

// erase erases a merchant whose turn it is.
func (f *Fleet) erase(ctx context.Context, s *seat, m registry.Merchant) (Erased, error) {
	if err := s.close(); err != nil {
		return Erased{}, fmt.Errorf("stopping merchant %s: %w", m.Name, err)
	}
	search, err := f.opts.Erase(ctx, m)
	if err != nil {
		return Erased{}, fmt.Errorf("erasing merchant %s, of which a part may be gone: %w", m.Name, err)
	}
	if err := f.opts.Registry.RemoveMerchant(ctx, m.Name); err != nil {
		return Erased{}, err
	}
	erased := Erased{Name: m.Name}
	if erased.Searched, err = search(ctx); err != nil {
		return erased, fmt.Errorf("merchant %s was erased, but could not be searched for: %w", m.Name, err)
	}
	for _, place := range erased.Searched {
		if place.Found > 0 {
			return erased, &app.Error{Kind: app.Damaged, What: fmt.Sprintf("merchant %s was erased, but is found in %d of %d %s", m.Name, place.Found, place.Looked, place.Where)}
		}
	}
	f.opts.Logger.Info("a merchant was erased, and nothing of it was found", "merchant", m.Name)
	return erased, nil
}

// goOnErasing ends what a crash cut short.
func (f *Fleet) goOnErasing(ctx context.Context, m known) {
	s := f.seat(m.Name)
	s.turn.Lock()
	defer s.turn.Unlock()
	if _, err := f.erase(ctx, s, m.Merchant); err != nil && ctx.Err() == nil {
		f.opts.Logger.Error("erasing a merchant goes on, and fails", "merchant", m.Name, "error", err)
	}
}
