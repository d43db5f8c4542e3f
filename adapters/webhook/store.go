package webhook

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// store decodes a verified delivery and makes what is in it durable.
func (in *Intake) store(ctx context.Context, header http.Header, body []byte, hook *Hook, at time.Time) Result {
	events, err := in.decode(header, body, hook, at)
	switch {
	case err != nil && ofNoInterest(err):
		return UnknownTopic
	case err != nil:
		return in.reject(ctx, body, hook, nil, err)
	case len(events) == 0:
		return NoEvents
	}
	for _, event := range events {
		if !belongs(event, hook.Channel) {
			in.log(hook, WrongChannel, "size", len(body))
			return WrongChannel
		}
	}
	if err := in.opts.Sink.Publish(ctx, events); err != nil {
		if unstorable(err) {
			return in.reject(ctx, body, hook, events, err)
		}
		in.log(hook, SinkFailed, "reason", scrub(err, body), "events", len(events))
		return SinkFailed
	}
	return Published
}

// errDecoderPanicked stands for a panic in Decode: the same bytes would cause it again.
var errDecoderPanicked = errors.New("the decoder panicked")

func (in *Intake) decode(header http.Header, body []byte, hook *Hook, at time.Time) (events []stock.Event, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			in.logPanic(hook, cause)
			events, err = nil, errDecoderPanicked
		}
	}()
	return hook.Decoder.Decode(header, body, at)
}

// reject hands a delivery that cannot be decoded or stored to the dead letters.
func (in *Intake) reject(ctx context.Context, body []byte, hook *Hook, events []stock.Event, cause error) Result {
	sum := sha256.Sum256(body)
	rejected := Rejected{Channel: hook.Channel, Topic: topicOf(events, cause), Reason: scrub(cause, body), Size: len(body), SHA256: hex.EncodeToString(sum[:])}
	if err := in.opts.DeadLetters.Reject(ctx, rejected); err != nil {
		in.log(hook, DeadLettersFailed, "reason", scrub(err, body), "sha256", rejected.SHA256)
		return DeadLettersFailed
	}
	in.log(hook, Undecodable, "reason", rejected.Reason, "topic", rejected.Topic, "size", rejected.Size, "sha256", rejected.SHA256)
	return Undecodable
}

// belongs says whether an event, and the ref or order in it, names the channel.
func belongs(event stock.Event, channel stock.Channel) bool {
	named := []stock.Channel{event.Channel}
	if event.Reading != nil {
		named = append(named, event.Reading.Ref.Channel)
	}
	if event.Movement != nil {
		named = append(named, event.Movement.Ref.Channel)
	}
	if event.Recount != nil {
		named = append(named, event.Recount.Ref.Channel)
	}
	if event.Order != nil {
		named = append(named, event.Order.Channel)
	}
	if event.Hint != nil && event.Hint.Ref != nil {
		named = append(named, event.Hint.Ref.Channel)
	}
	for _, name := range named {
		if name != channel {
			return false
		}
	}
	return true
}
