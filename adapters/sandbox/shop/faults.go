package shop

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// ErrFaults is returned for a probability outside 0..1, a status that refuses nothing, or a negative duration; ErrFault for a fault
// that nobody knows.
var (
	ErrFaults = errors.New("faults out of range")
	ErrFault  = errors.New("no fault has this name")
)

// Faults is what goes wrong at a pretend shop. Probabilities are 0..1; the zero value means that nothing goes wrong.
// In JSON the durations are text such as "250ms".
type Faults struct {
	// DropWebhook loses a delivery for good, as if the platform had never sent it.
	DropWebhook float64 `json:"drop_webhook"`
	// DuplicateWebhook sends a delivery twice.
	DuplicateWebhook float64 `json:"duplicate_webhook"`
	// ReorderWebhook holds a delivery back until a later one has been sent.
	ReorderWebhook float64 `json:"reorder_webhook"`
	// DelayWebhook is the most that a delivery waits before it is sent; each waits a random part of it.
	DelayWebhook time.Duration `json:"delay_webhook"`
	// TooManyRequests answers 429 before anything happened, half of the time with Retry-After.
	TooManyRequests float64 `json:"too_many_requests"`
	// ServerError answers 500 before anything happened.
	ServerError float64 `json:"server_error"`
	// LoseAnswerBefore cuts the connection before the request was looked at.
	LoseAnswerBefore float64 `json:"lose_answer_before"`
	// LoseAnswerAfter cuts the connection after the request has had its effect.
	LoseAnswerAfter float64 `json:"lose_answer_after"`
	// Refuse answers every API request with this HTTP status in the platform's words: 401 a revoked token, 402 a frozen shop, 403 a
	// lost scope, 423 a locked shop; 0 refuses none.
	Refuse int `json:"refuse"`
	// LevelLag is how long after an order Shopify's reads and level webhooks still show the level before it.
	LevelLag time.Duration `json:"level_lag"`
}

// Check returns ErrFaults when a value is out of range.
func (f Faults) Check() error {
	for _, p := range []float64{f.DropWebhook, f.DuplicateWebhook, f.ReorderWebhook, f.TooManyRequests, f.ServerError,
		f.LoseAnswerBefore, f.LoseAnswerAfter} {
		if !(p >= 0 && p <= 1) { // written this way round so that NaN is refused
			return fmt.Errorf("%w: probability %v", ErrFaults, p)
		}
	}
	if f.Refuse != 0 && (f.Refuse < 400 || f.Refuse > 599) {
		return fmt.Errorf("%w: refusing with status %d", ErrFaults, f.Refuse)
	}
	if f.DelayWebhook < 0 || f.LevelLag < 0 {
		return fmt.Errorf("%w: negative duration", ErrFaults)
	}
	return nil
}

// plainFaults is Faults without its JSON methods.
type plainFaults Faults

// faultsJSON shadows the durations with their text form.
type faultsJSON struct {
	plainFaults
	DelayWebhook string `json:"delay_webhook"`
	LevelLag     string `json:"level_lag"`
}

// MarshalJSON prints durations as text.
func (f Faults) MarshalJSON() ([]byte, error) {
	return json.Marshal(faultsJSON{plainFaults(f), f.DelayWebhook.String(), f.LevelLag.String()})
}

// UnmarshalJSON reads durations from text; fields that are absent keep their value. A name that no fault has is refused: whoever plays
// a fault must not take it for on when it is not.
func (f *Faults) UnmarshalJSON(body []byte) error {
	if err := checkFaultNames(body); err != nil {
		return err
	}
	in := faultsJSON{plainFaults(*f), f.DelayWebhook.String(), f.LevelLag.String()}
	if err := json.Unmarshal(body, &in); err != nil {
		return err
	}
	delay, err := time.ParseDuration(in.DelayWebhook)
	if err != nil {
		return fmt.Errorf("reading delay_webhook: %w", err)
	}
	lag, err := time.ParseDuration(in.LevelLag)
	if err != nil {
		return fmt.Errorf("reading level_lag: %w", err)
	}
	*f = Faults(in.plainFaults)
	f.DelayWebhook, f.LevelLag = delay, lag
	return nil
}

// checkFaultNames refuses an object with a name that no fault has.
func checkFaultNames(body []byte) error {
	var given, known map[string]json.RawMessage
	if json.Unmarshal(body, &given) != nil {
		return nil // not an object: whoever reads it says so
	}
	all, err := json.Marshal(Faults{})
	if err == nil {
		err = json.Unmarshal(all, &known)
	}
	if err != nil {
		return fmt.Errorf("listing the faults: %w", err)
	}
	names := slices.Sorted(maps.Keys(known))
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if _, is := known[name]; !is {
			return fmt.Errorf("%w: %.40q is none of %s", ErrFault, name, strings.Join(names, ", "))
		}
	}
	return nil
}

// FaultSwitch holds the faults of the moment. It has no part in a shop's mutex, so it may be asked while that is held.
// The zero value is no faults.
type FaultSwitch struct{ now atomic.Pointer[Faults] }

// Get returns the faults of the moment.
func (s *FaultSwitch) Get() Faults {
	if f := s.now.Load(); f != nil {
		return *f
	}
	return Faults{}
}

// Set changes the faults; it returns ErrFaults and changes nothing when a value is out of range.
func (s *FaultSwitch) Set(f Faults) error {
	if err := f.Check(); err != nil {
		return err
	}
	s.now.Store(&f)
	return nil
}

// Dice is seeded randomness that goroutines may share. The same seed gives the same throws in the same order of calls.
type Dice struct {
	mu  sync.Mutex
	rng *rand.Rand
}

// NewDice returns dice that start at the seed.
func NewDice(seed int64) *Dice {
	return &Dice{rng: rand.New(rand.NewPCG(uint64(seed), 0))} //nolint:gosec // pretend shops need repeatable throws, not secrets
}

// Chance is true with probability p. It throws nothing when p is 0 or less.
func (d *Dice) Chance(p float64) bool {
	if p <= 0 {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rng.Float64() < p
}

// Intn returns a number in [0, n); 0 when n is 1 or less.
func (d *Dice) Intn(n int) int {
	if n <= 1 {
		return 0
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rng.IntN(n)
}

// Part returns a random part of a duration, in [0, of); 0 when it is not positive.
func (d *Dice) Part(of time.Duration) time.Duration {
	if of <= 0 {
		return 0
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return time.Duration(d.rng.Int64N(int64(of)))
}
