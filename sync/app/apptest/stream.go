package apptest

import (
	"context"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/stream"
)

// Stream is a log in memory, of one partition.
type Stream struct {
	letters *stream.DeadLetters

	mu      sync.Mutex
	records map[string][][]byte
	// more is closed, and replaced, when a record was appended.
	more chan struct{}
	err  error
}

const eventsTopic = "evenstock.events"

func newStream(now func() time.Time) *Stream {
	s := &Stream{records: map[string][][]byte{}, more: make(chan struct{})}
	s.letters = stream.NewDeadLetters(appender{s}, now)
	return s
}

// appender is the stream as a publisher of messages.
type appender struct{ *Stream }

func (a appender) Publish(topic string, messages ...*message.Message) error {
	for _, m := range messages {
		if err := a.append(topic, m.Payload); err != nil {
			return err
		}
	}
	return nil
}

func (a appender) Close() error { return nil }

// Topics are those of the stream.
func (s *Stream) Topics() stream.Topics { return stream.Topics{Events: eventsTopic} }

// Fail has everything answer err from now on.
func (s *Stream) Fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
	s.tell()
}

func (s *Stream) tell() {
	close(s.more)
	s.more = make(chan struct{})
}

// size counts the records of all topics.
func (s *Stream) size() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, records := range s.records {
		n += len(records)
	}
	return n
}

func (s *Stream) append(topic string, value []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	s.records[topic] = append(s.records[topic], value)
	s.tell()
	return nil
}

// Publish puts events on it.
func (s *Stream) Publish(_ context.Context, events []stock.Event) error {
	for _, event := range events {
		value, err := stream.Encode(event)
		if err != nil {
			return err
		}
		if err := s.append(eventsTopic, value); err != nil {
			return err
		}
	}
	return nil
}

// Spoil puts a record on it that is no event.
func (s *Stream) Spoil() {
	_ = s.append(eventsTopic, []byte("{}")) // in memory, and this one may get lost
}

// Put writes a dead letter.
func (s *Stream) Put(ctx context.Context, letter stream.DeadLetter) error {
	return s.letters.Put(ctx, letter)
}

// MarkRetried notes that a letter was sent again.
func (s *Stream) MarkRetried(ctx context.Context, id string) error {
	return s.letters.MarkRetried(ctx, id)
}

// Describe says how much the partition holds.
func (s *Stream) Describe(_ context.Context, topic string) ([]stream.Extent, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return []stream.Extent{{Next: int64(len(s.records[topic]))}}, s.err
}

// ReadRange reads a topic from its start on.
func (s *Stream) ReadRange(ctx context.Context, from stream.From, follow bool, handle func(stream.Batch) error) error {
	next := max(0, from.Start(0))
	for {
		s.mu.Lock()
		records, more, err := s.records[from.Topic], s.more, s.err
		s.mu.Unlock()
		if err != nil {
			return err
		}
		for ; next < int64(len(records)); next++ {
			batch := stream.Batch{Topic: from.Topic, From: next, Next: next + 1, Records: []stream.Record{{Offset: next, Value: records[next]}}}
			if err := handle(batch); err != nil {
				return err
			}
		}
		if !follow {
			return nil
		}
		select {
		case <-more:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
