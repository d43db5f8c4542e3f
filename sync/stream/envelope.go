package stream

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/evenstock/evenstock/ledger/stock"
)

// KeyHeader is the message header that names the Kafka key.
const KeyHeader = "key"

// eventMax is the largest value and key of an event together, in bytes. The publisher takes 900,000 with headers, brokers
// 1,048,588 (https://kafka.apache.org/documentation/#brokerconfigs_message.max.bytes); what is left is for the reason in a
// dead letter, which holds the event.
const eventMax = 800_000

var (
	// ErrEnvelope marks a record that is not an envelope of ours.
	ErrEnvelope = errors.New("record is not an event envelope")
	// ErrTooLarge marks an event that does not fit into a record.
	ErrTooLarge = errors.New("event is too large for a record of the stream")
)

// UnstorableError is an event that no try can put on the stream.
type UnstorableError struct{ Err error }

func (e *UnstorableError) Error() string { return "encoding an event: " + e.Err.Error() }

// Unwrap returns the reason.
func (e *UnstorableError) Unwrap() error { return e.Err }

// Retryable is false: the same event stays unstorable.
func (e *UnstorableError) Retryable() bool { return false }

// envelope is the record's value.
type envelope struct {
	Version int         `json:"v"`
	Event   stock.Event `json:"event"`
}

// Encode returns the record value of an event. Its errors are *UnstorableError: the event has a time outside the years 0 to
// 9999, or is ErrTooLarge.
func Encode(event stock.Event) ([]byte, error) {
	value, err := json.Marshal(envelope{Version: 1, Event: event})
	if err != nil {
		return nil, &UnstorableError{err}
	}
	if size := len(value) + len(Key(event)); size > eventMax {
		return nil, &UnstorableError{fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, size, eventMax)}
	}
	return value, nil
}

// Decode reads what Encode wrote; anything else is ErrEnvelope.
func Decode(value []byte) (stock.Event, error) {
	var e envelope
	decoder := json.NewDecoder(bytes.NewReader(value))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&e); err != nil {
		return stock.Event{}, fmt.Errorf("%w: %w", ErrEnvelope, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return stock.Event{}, fmt.Errorf("%w: something follows it", ErrEnvelope)
	}
	if e.Version != 1 {
		return stock.Event{}, fmt.Errorf("%w: version %d", ErrEnvelope, e.Version)
	}
	if m := e.Event.Movement; e.Event.Reading != nil && e.Event.Reading.Status == 0 || m != nil && m.Cause == 0 && m.Unknown == nil {
		return stock.Event{}, fmt.Errorf("%w: a reading has a status and a movement a cause", ErrEnvelope)
	}
	return e.Event, nil
}

// Key is what keeps events in order: the ref where there is one, else the channel and the resource.
func Key(event stock.Event) string {
	switch {
	case event.Reading != nil:
		return event.Reading.Ref.String()
	case event.Movement != nil:
		return event.Movement.Ref.String()
	case event.Recount != nil:
		return event.Recount.Ref.String()
	case event.Order != nil:
		return string(event.Channel) + "/order/" + event.Order.ID
	case event.Hint != nil && event.Hint.Ref != nil:
		return event.Hint.Ref.String()
	case event.Hint != nil:
		return string(event.Channel) + "/" + event.Hint.Resource
	}
	return string(event.Channel)
}
