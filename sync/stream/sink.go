package stream

import (
	"context"
	"errors"
	"fmt"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/evenstock/evenstock/ledger/stock"
)

// Sink makes events durable on the stream.
type Sink struct {
	publisher message.Publisher
	topic     string
	// failpoint is called around the publish; see converge.Options.
	failpoint func(name string)
}

// NewSink returns a sink that writes to a topic, on a publisher that returns only when its messages are durable.
func NewSink(publisher message.Publisher, topic string, failpoint func(string)) *Sink {
	if failpoint == nil {
		failpoint = func(string) {}
	}
	return &Sink{publisher: publisher, topic: topic, failpoint: failpoint}
}

// Publish returns after every event is durable, or with an error that says that some may not be. With an *UnstorableError
// nothing was published, and nothing ever will be. An order too large for a record travels as a hint: it is read from its
// channel instead, page by page.
func (s *Sink) Publish(ctx context.Context, events []stock.Event) error {
	messages := make([]*message.Message, 0, len(events))
	for _, event := range events {
		value, err := Encode(event)
		if errors.Is(err, ErrTooLarge) && event.Order != nil {
			event.Order, event.Hint = nil, &stock.Hint{Resource: stock.OrderResource(event.Order.ID)}
			value, err = Encode(event)
		}
		if err != nil {
			return err
		}
		m := message.NewMessageWithContext(ctx, watermill.NewUUID(), value)
		m.Metadata.Set(KeyHeader, Key(event))
		messages = append(messages, m)
	}
	s.failpoint("before publish")
	if err := s.publisher.Publish(s.topic, messages...); err != nil {
		return fmt.Errorf("publishing %d events: %w", len(events), err)
	}
	s.failpoint("after publish")
	return nil
}
