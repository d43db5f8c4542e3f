package webhook

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// ackBounds are the upper bounds of the histogram's buckets, inclusive. Shopify waits 5 s.
var ackBounds = [...]time.Duration{
	time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond, 10 * time.Millisecond, 25 * time.Millisecond,
	50 * time.Millisecond, 100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2500 * time.Millisecond, 5 * time.Second,
}

// Stats is what an intake counted since New. Concurrent deliveries may be in one part of it and not yet in another.
type Stats struct {
	// Deliveries has a row for each channel and result, zeros too. Requests to no hook have the empty channel.
	Deliveries []Count
	// Ack is how long it took to answer 2xx, from the headers' arrival.
	Ack Histogram
}

// Count is how many requests to a channel's hooks had one result.
type Count struct {
	Channel stock.Channel
	Result  Result
	Count   uint64
	// Last is when the last of them came; zero: none has.
	Last time.Time
}

// Histogram counts durations. Counts has one bucket more than Bounds: for what is longer than all of them.
type Histogram struct {
	Bounds []time.Duration
	Counts []uint64
	Sum    time.Duration
}

// Of returns the count of one channel and result.
func (s Stats) Of(channel stock.Channel, result Result) uint64 {
	for _, row := range s.Deliveries {
		if row.Channel == channel && row.Result == result {
			return row.Count
		}
	}
	return 0
}

// counter is how many there were, and when the last one came.
type counter struct {
	count atomic.Uint64
	last  atomic.Int64 // Unix nanoseconds; 0: none came
}

// at is when the last one came.
func (c *counter) at() time.Time {
	if last := c.last.Load(); last != 0 {
		return time.Unix(0, last).UTC()
	}
	return time.Time{}
}

// tally counts without locks; its maps do not change after newTally.
type tally struct {
	channels []stock.Channel
	results  map[stock.Channel]*[resultEnd]counter
	acks     [len(ackBounds) + 1]atomic.Uint64
	ackSum   atomic.Int64 // nanoseconds
}

func newTally(hooks []Hook) *tally {
	t := &tally{channels: []stock.Channel{""}, results: make(map[stock.Channel]*[resultEnd]counter)}
	for _, hook := range hooks {
		t.channels = append(t.channels, hook.Channel)
	}
	slices.Sort(t.channels)
	t.channels = slices.Compact(t.channels)
	for _, channel := range t.channels {
		t.results[channel] = new([resultEnd]counter)
	}
	return t
}

func (t *tally) count(channel stock.Channel, result Result, at time.Time) {
	counter := &t.results[channel][result]
	counter.count.Add(1)
	counter.last.Store(at.UnixNano())
}

func (t *tally) ack(took time.Duration) {
	bucket, _ := slices.BinarySearch(ackBounds[:], took)
	t.acks[bucket].Add(1)
	t.ackSum.Add(int64(took))
}

func (t *tally) snapshot() Stats {
	var s Stats
	s.Ack.Bounds, s.Ack.Counts = slices.Clone(ackBounds[:]), make([]uint64, len(t.acks))
	s.Ack.Sum = time.Duration(t.ackSum.Load())
	for _, channel := range t.channels {
		for _, result := range Results() {
			counter := &t.results[channel][result]
			s.Deliveries = append(s.Deliveries, Count{Channel: channel, Result: result, Count: counter.count.Load(), Last: counter.at()})
		}
	}
	for i := range t.acks {
		s.Ack.Counts[i] = t.acks[i].Load()
	}
	return s
}

// Outcome is what became of the requests to a channel's hooks: Taken were rightly signed.
type Outcome struct {
	Taken   uint64
	Refused []Refused
}

// Refused are those that were refused for one reason. A signature that was not looked into any more, for too many came, is a bad one too.
type Refused struct {
	Reason Result
	Count  uint64
	Last   time.Time
}

// ByChannel returns what became of the requests, by channel. Those to no hook have the empty channel.
func (s Stats) ByChannel() map[stock.Channel]Outcome {
	outcomes := map[stock.Channel]Outcome{}
	for _, row := range s.Deliveries {
		o := outcomes[row.Channel]
		switch {
		case row.Count == 0:
		case row.Result.Good() && row.Result != Undecodable:
			o.Taken += row.Count
		default:
			o.refuse(row)
		}
		outcomes[row.Channel] = o
	}
	return outcomes
}

func (o *Outcome) refuse(row Count) {
	reason := row.Result
	if reason == Limited {
		reason = BadSignature
	}
	i := slices.IndexFunc(o.Refused, func(r Refused) bool { return r.Reason == reason })
	if i < 0 {
		i = len(o.Refused)
		o.Refused = append(o.Refused, Refused{Reason: reason})
	}
	o.Refused[i].Count += row.Count
	if row.Last.After(o.Refused[i].Last) {
		o.Refused[i].Last = row.Last
	}
}
