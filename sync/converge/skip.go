package converge

import (
	"sync"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// skipPause is how long a ref is skipped whose read or push could not be applied: tried again at once, it would most likely fail
// in the same way.
const skipPause = time.Minute

// skippedRef names what is skipped of a ref: its pushes, or else its reads.
type skippedRef struct {
	ref  stock.Ref
	push bool
}

// skips remembers which refs went wrong. All loops of a worker use it.
type skips struct {
	now func() time.Time

	mu sync.Mutex
	// until is until when what could not be applied is skipped.
	until map[skippedRef]time.Time
	// refused counts how many times in a row the platform refused to read a ref, requests how many requests for reads.
	refused  map[stock.Ref]int
	requests int
}

func (s *skips) skip(ref skippedRef) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.until[ref] = s.now().Add(skipPause)
}

func (s *skips) skipped(ref skippedRef) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	until, skipped := s.until[ref]
	if skipped && !until.After(s.now()) {
		delete(s.until, ref)
		return false
	}
	return skipped
}

// count is how many refs are skipped at most.
func (s *skips) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.until)
}

// refusals is how many times in a row the platform refused to read a ref.
func (s *skips) refusals(ref stock.Ref) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused[ref]
}

// refuse notes that a request for these refs was refused. After readRefusalsMax in a row it says so, once.
func (s *skips) refuse(refs []stock.Ref) (tooMany bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, ref := range refs {
		s.refused[ref]++
	}
	s.requests++
	if s.requests < readRefusalsMax {
		return false
	}
	s.requests = 0
	return true
}

// answer notes that a request for these refs was answered; without refs, that none is due any more.
func (s *skips) answer(refs []stock.Ref) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, ref := range refs {
		delete(s.refused, ref)
	}
	s.requests = 0
}
