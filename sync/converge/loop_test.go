package converge_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/ledgertest"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/converge"
)

// order is one of the web shop that took a unit of the first article.
func order(id string) stock.Order {
	return stock.Order{Channel: "web", ID: id, CreatedAt: time.Now(), UpdatedAt: time.Now(),
		Lines: []stock.OrderLine{{ID: "1", SoldAs: "variant-I00", Location: "77", Taken: stock.Unit}}}
}

func (s *stage) hint(id string) {
	s.apply(ledger.Delivered{Event: stock.Event{Channel: "web", Hint: &stock.Hint{Resource: "order/" + id}}})
}

// moved tells that the till shows another count, and nothing more: why is to be asked.
func (s *stage) moved(i int, units int64) {
	s.counters[tillRef(i)], s.versions[tillRef(i)] = stock.Units(units), time.Now()
	r := stock.Reading{Ref: tillRef(i), Status: stock.Counted, Quantity: stock.Units(units), Version: time.Now()}
	s.apply(ledger.Delivered{Event: stock.Event{Channel: "till", Reading: &r}})
}

// A push waits neither for a read of other refs nor for an order.
func TestPushWaitsForNobodyElse(t *testing.T) {
	t.Parallel()
	inBubble(t, "web", []int64{8, 9}, func(s *stage) {
		hang := make(chan struct{})
		s.Read = func(_ context.Context, refs []stock.Ref) (stock.Page, error) {
			<-hang
			return s.page(refs), nil
		}
		s.Orders = func(ids []string) (stock.Page, error) {
			<-hang
			return stock.Page{Orders: []stock.Order{order(ids[0])}}, nil
		}
		s.worker = s.newWorker("web", orderly{s.platform})
		s.run()
		s.wantRead(webRef(1))
		s.hint("900")
		s.after(5 * time.Second)
		require.Equal(t, [][]stock.Ref{{webRef(1)}}, s.reads)
		s.shows(tillRef(0), 7)
		s.after(0)
		require.Equal(t, stock.Units(7), s.counters[webRef(0)])
		close(hang)
		s.after(time.Second)
		require.Zero(t, s.model.Ref(webRef(1)).Work.Read)
		require.NotZero(t, s.model.Ref(webRef(0)).Unexplained, "the order was read")
	})
}

// A ref that is read is not pushed before its count is applied, one that is pushed not read before its answer is: else a count could
// be taken for one that holds the push, or for one that does not.
func TestOneThingAtATimeForARef(t *testing.T) {
	t.Parallel()
	t.Run("read first", func(t *testing.T) {
		t.Parallel()
		inBubble(t, "web", []int64{8, 9}, func(s *stage) {
			answer := make(chan struct{})
			s.Read = func(_ context.Context, refs []stock.Ref) (stock.Page, error) {
				page := s.page(refs)
				<-answer
				return page, nil
			}
			s.run()
			s.wantRead(webRef(0))
			s.after(0)
			s.shows(tillRef(0), 7)
			s.shows(tillRef(1), 7)
			s.after(10 * time.Second)
			require.Equal(t, stock.Units(8), s.counters[webRef(0)], "a confirming read does not give way")
			require.Equal(t, stock.Units(7), s.counters[webRef(1)])
			s.wantRead(webRef(0))
			close(answer)
			s.after(0)
			require.Equal(t, stock.Units(7), s.counters[webRef(0)])
			require.Equal(t, []string{"read", "send", "send", "read"}, s.log, "the push goes before the ref is read again")
			require.Equal(t, stock.Units(7), s.model.Level(shelf(0)))
		})
	})
	t.Run("push first", func(t *testing.T) {
		t.Parallel()
		inBubble(t, "web", []int64{8, 9}, func(s *stage) {
			answer := make(chan struct{})
			s.Send = func(_ context.Context, attempt sent) stock.Answer {
				defer func() { <-answer }()
				return s.take(attempt)
			}
			s.run()
			s.shows(tillRef(0), 7)
			s.after(0)
			s.wantRead(webRef(0), webRef(1))
			s.after(10 * time.Second)
			require.Equal(t, [][]stock.Ref{{webRef(1)}}, s.reads)
			close(answer)
			s.after(0)
			require.Equal(t, [][]stock.Ref{{webRef(1)}, {webRef(0)}}, s.reads)
			require.Equal(t, stock.Units(7), s.model.Level(shelf(0)))
			require.Equal(t, stock.Units(7), s.expected(webRef(0)))
		})
	})
}

// Near zero a push that waits for the loop that pushes is not held up by a read of its ref, but the read does not wait for long.
func TestPushNearZeroGoesBeforeARead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		level int64
		busy  time.Duration
		log   []string
	}{
		{3, 50 * time.Millisecond, []string{"send", "send", "read"}},
		{3, 150 * time.Millisecond, []string{"send", "read", "send"}},
		{20, 50 * time.Millisecond, []string{"send", "read", "send"}},
	} {
		inBubble(t, "web", []int64{20, c.level}, func(s *stage) {
			s.Send = func(_ context.Context, attempt sent) stock.Answer {
				if len(s.calls) == 1 {
					time.Sleep(c.busy)
				}
				return s.take(attempt)
			}
			s.run()
			s.shows(tillRef(0), 19)
			s.after(0)
			s.shows(tillRef(1), c.level-1)
			s.wantRead(webRef(1))
			s.after(10 * time.Second)
			require.Equal(t, c.log, s.log, "level %d, busy for %s", c.level, c.busy)
			require.Equal(t, stock.Units(c.level-1), s.counters[webRef(1)])
			require.Zero(t, s.model.Ref(webRef(1)).Work.Read)
		})
	}
}

// slowLedger waits before it applies what was read.
type slowLedger struct {
	*ledgertest.Model
	apply chan struct{}
}

func (l slowLedger) Apply(ctx context.Context, step ledger.Step, batch ledger.Batch) (ledger.Receipt, error) {
	if _, read := batch.Inputs[0].(ledger.OwnRead); read {
		<-l.apply
	}
	return l.Model.Apply(ctx, step, batch)
}

// A read is over when its answer is applied, a push begins when it is planned.
func TestClaimsLastUntilTheLedgerKnows(t *testing.T) {
	t.Parallel()
	t.Run("read", func(t *testing.T) {
		t.Parallel()
		inBubble(t, "web", []int64{8}, func(s *stage) {
			slow := slowLedger{s.model, make(chan struct{})}
			s.worker = converge.New(converge.Options{Channel: "web", Platform: s.platform, Ledger: slow, Step: s.step, Waker: s.waker, Now: time.Now,
				Logger: s.worker.Logger, NewKey: s.worker.NewKey})
			s.counters[webRef(0)], s.versions[webRef(0)] = stock.Units(6), time.Now()
			s.run()
			s.wantRead(webRef(0))
			s.after(0)
			require.Equal(t, []string{"read"}, s.log)
			s.shows(tillRef(0), 7)
			s.after(10 * time.Second)
			require.Equal(t, []string{"read"}, s.log, "the push would be computed without what was read")
			close(slow.apply)
			s.after(time.Second)
			require.Equal(t, stock.Units(5), s.counters[webRef(0)])
			require.Equal(t, stock.Units(5), s.model.Level(shelf(0)))
		})
	})
	t.Run("push", func(t *testing.T) {
		t.Parallel()
		inBubble(t, "web", []int64{8, 9}, func(s *stage) {
			plan := make(chan struct{})
			s.worker = converge.New(converge.Options{Channel: "web", Platform: s.platform, Ledger: s.model, Step: s.step, Waker: s.waker, Now: time.Now,
				Logger: s.worker.Logger, NewKey: s.worker.NewKey, Failpoint: func(name string) {
					if name == "before plan" {
						<-plan
					}
				}})
			s.run()
			s.shows(tillRef(0), 7)
			s.after(0)
			s.wantRead(webRef(0), webRef(1))
			s.after(10 * time.Second)
			require.Equal(t, [][]stock.Ref{{webRef(1)}}, s.reads)
			close(plan)
			s.after(0)
			require.Equal(t, []string{"read", "send", "read"}, s.log)
			require.Equal(t, stock.Units(7), s.model.Level(shelf(0)))
		})
	})
}

// A read that only asks why waits in its lane for as long as it takes. Whoever needs one of its refs does not: it gives way, once.
func TestExplainingGivesWay(t *testing.T) {
	t.Parallel()
	for name, needs := range map[string]func(s *stage){
		"to a push": func(s *stage) { s.shows(webRef(0), 9) },
		"to a read": func(s *stage) { s.wantRead(tillRef(0)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, "till", []int64{20, 20, 20}, func(s *stage) {
				var lanes []stock.Lane
				s.Read = func(ctx context.Context, refs []stock.Ref) (stock.Page, error) {
					s.mu.Lock()
					lanes = append(lanes, stock.LaneOf(ctx))
					first := len(lanes) == 1
					s.mu.Unlock()
					if first {
						<-ctx.Done()
						return stock.Page{}, failing{retryable: true}
					}
					return s.pageWithHistory(ctx, refs)
				}
				s.run()
				s.moved(0, 18)
				s.moved(1, 18)
				s.after(8 * time.Second)
				require.Equal(t, []stock.Lane{stock.Causes}, lanes)
				s.wantRead(tillRef(2))
				s.after(0)
				require.Equal(t, []stock.Lane{stock.Causes, stock.ConfirmingReads}, lanes, "reads of others do not wait for it")
				needs(s)
				s.after(99 * time.Millisecond)
				require.Len(t, lanes, 2)
				require.Empty(t, s.calls)
				s.after(10 * time.Second)
				require.Empty(t, s.worker.Status().Error, "it is no failure")
				require.Zero(t, s.model.Ref(tillRef(0)).Work.Read)
				require.Zero(t, s.model.Ref(tillRef(1)).Work.Read, "what gave way is read after it")
				require.Equal(t, stock.ConfirmingReads, lanes[2], "and does not give way twice")
				require.Equal(t, s.model.Level(shelf(0)), s.counters[tillRef(0)])
			})
		})
	}
}

// Every request says in its context how urgent it is.
func TestLanes(t *testing.T) {
	t.Parallel()
	inBubble(t, "till", []int64{20, 20, 20, 20}, func(s *stage) {
		lanes := map[string][]stock.Lane{}
		s.Read = func(ctx context.Context, refs []stock.Ref) (stock.Page, error) {
			s.mu.Lock()
			lanes["read"] = append(lanes["read"], stock.LaneOf(ctx))
			s.mu.Unlock()
			return s.pageWithHistory(ctx, refs)
		}
		s.Send = func(ctx context.Context, attempt sent) stock.Answer {
			s.mu.Lock()
			lanes["send"] = append(lanes["send"], stock.LaneOf(ctx))
			s.mu.Unlock()
			return s.take(attempt)
		}
		s.run()
		last := func(what string) stock.Lane {
			s.after(10 * time.Second)
			require.NotEmpty(t, lanes[what])
			return lanes[what][len(lanes[what])-1]
		}
		s.shows(webRef(0), 15)
		require.Equal(t, stock.Pushes, last("send"))
		require.Equal(t, stock.ConfirmingReads, last("read"), "what became of a push")
		s.shows(webRef(0), 5)
		require.Equal(t, stock.UrgentPushes, last("send"))
		s.stop()
		s.shows(webRef(1), 15)
		s.shows(webRef(2), -1)
		s.worker = s.newWorker("till", s.platform)
		s.run()
		require.Equal(t, stock.UrgentPushes, last("send"), "that of the most urgent row")
		require.Len(t, s.calls[len(s.calls)-1].rows(), 2)
		s.moved(3, 18)
		require.Equal(t, stock.Causes, last("read"))
		was := len(lanes["read"])
		s.moved(3, 19)
		last("read")
		require.Equal(t, stock.ConfirmingReads, lanes["read"][was], "a raise waits for it")
		was = len(lanes["read"])
		s.moved(3, 2)
		s.moved(3, 3)
		last("read")
		require.Equal(t, stock.UrgentPushes, lanes["read"][was], "near zero it stands with the pushes")
	})
}

// laned is a platform that notes in which lane its orders are asked for.
type laned struct {
	orderly
	lane stock.Lane
}

func (l *laned) ReadOrders(ctx context.Context, ids []string) (stock.Page, error) {
	l.meet()
	l.lane = stock.LaneOf(ctx)
	return l.Orders(ids)
}

func TestOrdersAreCauses(t *testing.T) {
	t.Parallel()
	inBubble(t, "web", []int64{8}, func(s *stage) {
		s.Orders = func(ids []string) (stock.Page, error) { return stock.Page{Orders: []stock.Order{order(ids[0])}}, nil }
		p := &laned{orderly: orderly{s.platform}}
		s.worker = s.newWorker("web", p)
		s.run()
		s.hint("900")
		s.after(5 * time.Second)
		require.Equal(t, stock.Causes, p.lane)
	})
}

// A denial of one request is asked about again after a moment. Denials in a row hold up what is denied, and nothing else.
func TestDenialHoldsUpNothingElse(t *testing.T) {
	t.Parallel()
	inBubble(t, "web", []int64{8, 9}, func(s *stage) {
		denials := 1
		s.Read = func(_ context.Context, refs []stock.Ref) (stock.Page, error) {
			if denials--; denials >= 0 {
				return stock.Page{}, failing{denied: true}
			}
			return s.page(refs), nil
		}
		s.Orders = func([]string) (stock.Page, error) { return stock.Page{}, failing{denied: true} }
		s.worker = s.newWorker("web", orderly{s.platform})
		s.run()
		s.wantRead(webRef(0))
		s.after(time.Second)
		require.Zero(t, s.model.Ref(webRef(0)).Work.Read, "an odd one")
		require.Empty(t, s.worker.Status().Error)
		denials = 1000
		s.wantRead(webRef(0))
		s.hint("900")
		s.after(5 * time.Second)
		require.Len(t, s.reads, 4)
		require.NotEmpty(t, s.worker.Status().Error)
		failedAt := s.worker.Status().Since
		s.shows(tillRef(0), 7)
		s.after(0)
		require.Equal(t, stock.Units(7), s.counters[webRef(0)], "a push is taken all the same")
		denials = 0
		s.after(2 * time.Minute)
		require.Zero(t, s.model.Ref(webRef(0)).Work.Read)
		require.Contains(t, s.worker.Status().Error, "orders", "they still fail")
		require.Equal(t, failedAt, s.worker.Status().Since)
		require.Equal(t, 2, lines(s.logs, "channel fails"), "the odd one, and the others once")
		require.Equal(t, 1, lines(s.logs, "channel answers again"))
	})
}
