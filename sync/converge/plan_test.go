package converge_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

func TestPushFollowsALevel(t *testing.T) {
	t.Parallel()
	inBubble(t, "web", []int64{8}, func(s *stage) {
		s.run()
		require.Empty(t, s.log, "nothing to do, nothing asked")
		s.shows(tillRef(0), 7)
		s.after(0)
		require.Equal(t, stock.Units(7), s.counters[webRef(0)])
		require.Equal(t, stock.Units(7), s.expected(webRef(0)))
		for _, units := range []int64{6, 5, 3} {
			s.apply(ledger.Delivered{Event: stock.Event{Channel: "till", Reading: &stock.Reading{Ref: tillRef(0), Status: stock.Counted,
				Quantity: stock.Units(units), Version: time.Now().Add(time.Duration(10-units) * time.Millisecond)}}})
		}
		s.after(0)
		require.Equal(t, stock.Units(3), s.counters[webRef(0)])
		require.LessOrEqual(t, len(s.calls), 4)
	})
}

// An indefinite call is sent again with the same key and body until it is definite, with growing pauses.
func TestCallIsRepeated(t *testing.T) {
	t.Parallel()
	inBubble(t, "web", []int64{8}, func(s *stage) {
		s.shows(tillRef(0), 7)
		s.Send = func(_ context.Context, attempt sent) stock.Answer {
			s.take(attempt) // it is written every time, and the answer is lost four times
			if len(s.calls) < 5 {
				return stock.Answer{Outcome: stock.Unknown, Reason: "timeout"}
			}
			return stock.Answer{Outcome: stock.Applied}
		}
		s.run()
		s.shows(tillRef(0), 4)
		s.after(time.Minute)
		require.Len(t, s.calls, 6, "five attempts, then what the level became meanwhile")
		for i, pause := range []time.Duration{250, 500, 1000, 2000} {
			require.Equal(t, s.calls[0].key, s.calls[i+1].key)
			require.Equal(t, s.calls[0].body, s.calls[i+1].body)
			require.InDelta(t, pause*time.Millisecond, s.calls[i+1].at.Sub(s.calls[i].at), float64(2*time.Millisecond))
		}
		require.NotEqual(t, s.calls[0].key, s.calls[5].key)
		require.Equal(t, stock.Units(4), s.counters[webRef(0)])
	})
}

func TestCallHonoursRetryAfter(t *testing.T) {
	t.Parallel()
	inBubble(t, "web", []int64{8}, func(s *stage) {
		s.shows(tillRef(0), 7)
		s.Send = func(_ context.Context, attempt sent) stock.Answer {
			if len(s.calls) == 1 {
				return stock.Answer{Outcome: stock.NotProcessed, Reason: "throttled", RetryAfter: 42 * time.Second}
			}
			return s.take(attempt)
		}
		s.run()
		s.after(time.Minute)
		require.Len(t, s.calls, 2)
		require.GreaterOrEqual(t, s.calls[1].at.Sub(s.calls[0].at), 42*time.Second)
		require.Equal(t, s.calls[0].key, s.calls[1].key)
	})
}

// A refusal after an unknown outcome may refuse what an earlier attempt wrote: history says.
func TestRefusalAfterUnknownIsSettledByReferences(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		find func(references []string) (map[string]stock.Movement, error)
		// written: the first attempt was. keys is how many different calls are sent within a minute.
		written bool
		keys    int
		state   ledger.CallState
	}{
		"found": {func(references []string) (map[string]stock.Movement, error) {
			found := map[string]stock.Movement{}
			for _, reference := range references {
				found[reference] = stock.Movement{Reference: reference}
			}
			return found, nil
		}, true, 1, ledger.CallApplied},
		"not found":        {func([]string) (map[string]stock.Movement, error) { return nil, nil }, false, 2, ledger.CallRefused},
		"not readable yet": {func([]string) (map[string]stock.Movement, error) { return nil, errors.New("down") }, true, 1, ledger.CallOpen},
		"found in part": {func(references []string) (map[string]stock.Movement, error) {
			return map[string]stock.Movement{references[0]: {}}, nil
		}, true, 1, ledger.CallOpen},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, "till", []int64{8, 9}, func(s *stage) {
				s.Find = c.find
				s.worker = s.newWorker("till", finding{s.platform})
				s.Read = s.pageWithHistory
				s.shows(webRef(0), 7)
				s.shows(webRef(1), 7)
				s.Send = func(_ context.Context, attempt sent) stock.Answer {
					switch {
					case len(s.calls) == 1:
						if c.written {
							s.take(attempt)
						}
						return stock.Answer{Outcome: stock.Unknown, Reason: "timeout"}
					case attempt.key == s.calls[0].key:
						return stock.Answer{Outcome: stock.Refused, Reason: "INVALID_TIME"}
					}
					return s.take(attempt)
				}
				s.run()
				s.after(time.Minute)
				keys := map[string]bool{}
				for _, call := range s.calls {
					keys[call.key] = true
				}
				require.Len(t, keys, c.keys)
				call, _ := s.model.Call(s.calls[0].key)
				require.Equal(t, c.state, call.State)
				require.Equal(t, stock.Units(7), s.counters[tillRef(0)], "written once")
				require.Equal(t, stock.Units(7), s.counters[tillRef(1)])
			})
		})
	}
}

// A call whose outcome the platform never says is settled by history, so that its refs are not stuck for ever: Square refuses a
// call that is a day old for its age, whatever became of it.
func TestUnknownForLongIsSettledByReferences(t *testing.T) {
	t.Parallel()
	for name, written := range map[string]bool{"written": true, "not written": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, "till", []int64{8}, func(s *stage) {
				s.Find = func(references []string) (map[string]stock.Movement, error) {
					if !written {
						return nil, nil
					}
					return map[string]stock.Movement{references[0]: {}}, nil
				}
				s.worker = s.newWorker("till", finding{s.platform})
				s.Read = s.pageWithHistory
				s.shows(webRef(0), 7)
				s.Send = func(_ context.Context, attempt sent) stock.Answer {
					if attempt.key != s.calls[0].key {
						return s.take(attempt)
					}
					if written {
						s.take(attempt)
					}
					return stock.Answer{Outcome: stock.Unknown, Reason: "INVALID_TIME"}
				}
				s.run()
				s.after(5 * time.Minute)
				call, _ := s.model.Call(s.calls[0].key)
				require.Equal(t, ledger.CallOpen, call.State, "repeated under its key first")
				s.after(15 * time.Minute)
				call, _ = s.model.Call(s.calls[0].key)
				require.Equal(t, map[bool]ledger.CallState{true: ledger.CallApplied, false: ledger.CallRefused}[written], call.State, call.Reason)
				require.Equal(t, stock.Units(7), s.counters[tillRef(0)], "written once")
				require.Equal(t, stock.Units(7), s.expected(tillRef(0)))
				require.Empty(t, s.model.Ref(tillRef(0)).Work.InFlight)
			})
		})
	}
}

// A refusal that blames no row holds up the others for seconds, not for ever.
func TestAnonymousRefusalIsNarrowedDown(t *testing.T) {
	t.Parallel()
	levels := make([]int64, 40)
	for i := range levels {
		levels[i] = 10
	}
	inBubble(t, "web", levels, func(s *stage) {
		bad := webRef(17)
		s.Send = func(_ context.Context, attempt sent) stock.Answer {
			for _, row := range attempt.rows() {
				if row.Ref == bad {
					return stock.Answer{Outcome: stock.Refused, Reason: "BAD_REQUEST"}
				}
			}
			return s.take(attempt)
		}
		for i := range levels {
			s.shows(tillRef(i), 9)
		}
		s.run()
		s.after(10 * time.Second)
		for i := range levels {
			if webRef(i) != bad {
				require.Equal(t, stock.Units(9), s.counters[webRef(i)], "%d", i)
			}
		}
		require.Less(t, len(s.calls), 20)
		was := len(s.calls)
		s.after(time.Hour)
		require.Less(t, len(s.calls)-was, 15, "the bad one waits longer each time")
		for _, call := range s.calls[was:] {
			require.Len(t, call.rows(), 1, "and alone")
		}
	})
}

func TestNearZeroFirst(t *testing.T) {
	t.Parallel()
	inBubble(t, "web", []int64{50, 3, 20, 9}, func(s *stage) {
		s.maxRows, s.maxReads = 1, 1
		for i, units := range []int64{49, 2, -1, 8} {
			s.shows(tillRef(i), units)
		}
		s.run()
		s.after(10 * time.Second)
		s.stop()
		s.wantRead(webRef(0), webRef(1), webRef(2), webRef(3))
		s.worker = s.newWorker("web", s.platform)
		s.run()
		var order []stock.Ref
		for _, call := range s.calls {
			order = append(order, call.rows()[0].Ref)
		}
		require.Equal(t, []stock.Ref{webRef(2), webRef(1), webRef(3), webRef(0)}, order)
		require.Equal(t, [][]stock.Ref{{webRef(2)}, {webRef(1)}, {webRef(3)}, {webRef(0)}}, s.reads)
	})
}

// First the calls, then the reads: what one of the two has at the moment is missing in the other.
func TestCallsAndReadsAreCutToTheLimits(t *testing.T) {
	t.Parallel()
	inBubble(t, "web", []int64{10, 11, 12, 13, 14, 15, 16}, func(s *stage) {
		s.maxRows, s.maxReads = 3, 2
		for i := range 7 {
			s.shows(tillRef(i), int64(9+i))
		}
		s.run()
		var rows, reads []int
		for _, call := range s.calls {
			rows = append(rows, len(call.rows()))
		}
		s.stop()
		s.reads = nil
		for i := range 7 {
			s.wantRead(webRef(i))
		}
		s.worker = s.newWorker("web", s.platform)
		s.run()
		for _, read := range s.reads {
			reads = append(reads, len(read))
		}
		require.Equal(t, []int{3, 3, 1}, rows)
		require.Equal(t, []int{2, 2, 2, 1}, reads)
	})
}

// A process that is told to stop still records the answer to a call it has sent.
func TestStopRecordsTheAnswer(t *testing.T) {
	t.Parallel()
	inBubble(t, "web", []int64{8}, func(s *stage) {
		s.shows(tillRef(0), 7)
		s.Send = func(ctx context.Context, attempt sent) stock.Answer {
			<-ctx.Done()
			return s.take(attempt)
		}
		s.run()
		require.Len(t, s.calls, 1)
		s.stop()
		call, _ := s.model.Call(s.calls[0].key)
		require.Equal(t, ledger.CallApplied, call.State)
		require.Equal(t, stock.Units(7), s.expected(webRef(0)))
	})
}

// A row that no call can carry does not hold up the others.
func TestPushThatCannotBeEncoded(t *testing.T) {
	t.Parallel()
	inBubble(t, "web", []int64{10, 11, 12, 13, 14}, func(s *stage) {
		s.Encode = func(rows []stock.PushRow) error {
			for _, row := range rows {
				if row.Ref == webRef(2) {
					return fmt.Errorf("a delta of %s is too large", row.Delta)
				}
			}
			return nil
		}
		for i := range 5 {
			s.shows(tillRef(i), 5)
		}
		s.run()
		s.after(10 * time.Second)
		for i := range 5 {
			if i != 2 {
				require.Equal(t, stock.Units(5), s.counters[webRef(i)])
			}
		}
		require.Equal(t, 1, lines(s.logs, "push refused"), "it is not tried again at once")
		s.Encode = nil
		s.after(2 * time.Minute)
		require.Equal(t, stock.Units(5), s.counters[webRef(2)])
	})
}
