package fleet

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/evenstock/evenstock/ledger/registry"
)

// startsAtOnce is how many merchants are opened at the same time.
const startsAtOnce = 4

// Member is what runs for one merchant.
type Member interface {
	Pause(ctx context.Context) error
	Resume(ctx context.Context) error
	// Wait returns when ctx ends, or why the member has failed.
	Wait(ctx context.Context) error
	Close() error
}

// Options say how merchants are opened and erased.
type Options struct {
	Registry registry.Store
	// Declared lists the merchants that the configuration declares now.
	Declared func() ([]string, error)
	// Known says whether there is anything of a merchant that neither the configuration nor the registry names.
	Known func(ctx context.Context, name string) (bool, error)
	// Check says why a merchant cannot be added; nil: it can.
	Check func(ctx context.Context, m registry.Merchant) error
	// Open opens a merchant, paused if its state says so. Nil: nothing runs here.
	Open func(ctx context.Context, m registry.Merchant) (Member, error)
	// MayErase says what an erasure lacks, before anything is stopped for it.
	MayErase func(ctx context.Context, name string) error
	// Erase removes what is a merchant's own but for what the registry has, and returns how to search for what is left.
	Erase func(ctx context.Context, m registry.Merchant) (search func(context.Context) ([]Place, error), err error)
	// Alone: the one merchant that the configuration declares is all there is to the process, and its failure is the process's.
	Alone  bool
	Now    func() time.Time
	Logger *slog.Logger
}

// Place is where a merchant was searched for, and what was found there.
type Place struct {
	Where string `json:"where"`
	// Looked is how many tables, files or topics were looked through, Found in how many something was.
	Looked int `json:"looked"`
	Found  int `json:"found"`
}

// Fleet is the merchants of a process. Its methods are safe for concurrent use.
type Fleet struct {
	opts Options
	// running is the context of everything that runs, failed gets the failure of the merchant that is alone.
	running context.Context
	failed  chan error

	mu    sync.Mutex
	seats map[string]*seat
}

// seat is one merchant's place in the fleet.
type seat struct {
	turn sync.Mutex

	mu     sync.Mutex
	member Member
	// leave ends waiting for the member. fault is why it does not run, since when.
	leave context.CancelFunc
	fault string
	since time.Time
}

// New returns a fleet in which nothing runs yet.
func New(opts Options) *Fleet {
	return &Fleet{opts: opts, failed: make(chan error, 1), seats: map[string]*seat{}}
}

// Start opens every merchant. They run until ctx ends, which Close is to follow.
func (f *Fleet) Start(ctx context.Context) error {
	f.running = ctx
	merchants, err := f.merchants(ctx)
	if err != nil {
		return err
	}
	var opening errgroup.Group
	opening.SetLimit(startsAtOnce)
	for _, m := range merchants {
		if m.State == registry.Erasing {
			go f.goOnErasing(ctx, m)
			continue
		}
		if !m.declared && m.Settings == "" { // something was said of it, and then the configuration gave it up
			continue
		}
		opening.Go(func() error {
			s := f.seat(m.Name)
			s.turn.Lock()
			defer s.turn.Unlock()
			if err := f.open(ctx, s, m.Merchant); err != nil && f.alone(m.Merchant) {
				return err
			}
			return nil
		})
	}
	return opening.Wait()
}

// Wait returns when ctx ends, or with the failure of the merchant that is alone.
func (f *Fleet) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-f.failed:
		return err
	}
}

// Close closes every merchant.
func (f *Fleet) Close() error {
	f.mu.Lock()
	seats := make([]*seat, 0, len(f.seats))
	for _, s := range f.seats {
		seats = append(seats, s)
	}
	f.mu.Unlock()
	errs := make([]error, len(seats))
	var closing sync.WaitGroup
	for i, s := range seats {
		closing.Go(func() {
			s.turn.Lock()
			defer s.turn.Unlock()
			errs[i] = s.close()
		})
	}
	closing.Wait()
	return errors.Join(errs...)
}

// known is a merchant of the configuration or the registry.
type known struct {
	registry.Merchant
	declared bool
}

// merchants are all that the configuration or the registry knows, by name.
func (f *Fleet) merchants(ctx context.Context) ([]known, error) {
	stored, err := f.opts.Registry.Merchants(ctx)
	if err != nil {
		return nil, err
	}
	names, err := f.opts.Declared()
	if err != nil {
		return nil, err
	}
	var list []known
	for _, m := range stored {
		declared := slices.Contains(names, m.Name)
		if declared { // the file's shop holds, and no key is in both
			m.Settings, m.Channels = "", nil
		}
		list = append(list, known{m, declared})
	}
	for _, name := range names {
		if !slices.ContainsFunc(stored, func(m registry.Merchant) bool { return m.Name == name }) {
			list = append(list, known{registry.Merchant{Name: name, State: registry.Working}, true})
		}
	}
	slices.SortFunc(list, func(a, b known) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// merchant is one of them; false: nobody knows it.
func (f *Fleet) merchant(ctx context.Context, name string) (known, bool, error) {
	all, err := f.merchants(ctx)
	i := slices.IndexFunc(all, func(m known) bool { return m.Name == name })
	if err != nil || i < 0 {
		return known{Merchant: registry.Merchant{Name: name, State: registry.Working}}, false, err
	}
	return all[i], true, nil
}

func (f *Fleet) seat(name string) *seat {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.seats[name]
	if s == nil {
		s = &seat{}
		f.seats[name] = s
	}
	return s
}

// open opens a merchant whose turn it is, and waits for its failure beside it. ctx bounds the opening alone.
func (f *Fleet) open(ctx context.Context, s *seat, m registry.Merchant) error {
	if f.opts.Open == nil {
		return nil
	}
	member, err := f.opts.Open(f.running, m)
	if err == nil && ctx.Err() != nil {
		err = errors.Join(context.Cause(ctx), member.Close())
	}
	if err != nil {
		s.fail(err, f.opts.Now())
		if !f.alone(m) {
			f.opts.Logger.Error("a merchant cannot be opened", "merchant", m.Name, "error", err)
		}
		return err
	}
	waiting, leave := context.WithCancel(f.running)
	s.set(member, leave)
	go func() {
		if err := member.Wait(waiting); err != nil && waiting.Err() == nil {
			f.fell(s, member, m, err)
		}
	}()
	return nil
}

// alone says whether a merchant's failure is the process's.
func (f *Fleet) alone(m registry.Merchant) bool { return f.opts.Alone && m.Settings == "" }

// fell closes a member that failed, unless it was closed meanwhile.
func (f *Fleet) fell(s *seat, member Member, m registry.Merchant, cause error) {
	if f.alone(m) {
		select {
		case f.failed <- cause:
		default: // it failed before
		}
		return
	}
	s.turn.Lock()
	defer s.turn.Unlock()
	s.mu.Lock()
	gone := s.member != member
	s.mu.Unlock()
	if gone {
		return
	}
	f.opts.Logger.Error("a merchant does not work any more", "merchant", m.Name, "error", cause)
	if err := s.close(); err != nil && !errors.Is(err, cause) {
		f.opts.Logger.Error("closing a merchant", "merchant", m.Name, "error", err)
	}
	s.fail(cause, f.opts.Now())
}

func (s *seat) set(member Member, leave context.CancelFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.member, s.leave, s.fault, s.since = member, leave, "", time.Time{}
}

func (s *seat) fail(cause error, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault, s.since = cause.Error(), at
}

// running is its member; nil: none runs.
func (s *seat) running() Member {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.member
}

// close closes the member, if one runs.
func (s *seat) close() error {
	s.mu.Lock()
	member, leave := s.member, s.leave
	s.member, s.leave, s.fault = nil, nil, ""
	s.mu.Unlock()
	if member == nil {
		return nil
	}
	leave()
	return member.Close()
}
