package webhook

import (
	"errors"

	"github.com/evenstock/evenstock/ledger/stock"
)

// Errors of a decoder and of the sink say by their methods what they are about.
type (
	// unknowing: whether the delivery's topic is of no interest.
	unknowing interface{ UnknownTopic() bool }
	// straying: whether a delivery was rightly signed, and is of another shop than the channel's.
	straying interface{ OtherShop() bool }
	// topical: the delivery's topic, from its headers or its verified body; empty when it is not known.
	topical interface{ Topic() string }
	// retryable: whether the same may succeed later.
	retryable interface{ Retryable() bool }
)

// ofNoInterest says whether a decoder refused a delivery because nobody reads its topic.
func ofNoInterest(err error) bool {
	var unknown unknowing
	return errors.As(err, &unknown) && unknown.UnknownTopic()
}

// ofOtherShop says whether a decoder refused a delivery because it is of another shop.
func ofOtherShop(err error) bool {
	var stray straying
	return errors.As(err, &stray) && stray.OtherShop()
}

// unstorable says whether the sink will never take these events. Sent again they would fail again, until the platform gives
// up and deletes the subscription.
func unstorable(err error) bool {
	var class retryable
	return errors.As(err, &class) && !class.Retryable()
}

// topicOf names the topic of a rejected delivery, by its events or else by the error; empty when neither says.
func topicOf(events []stock.Event, err error) string {
	if len(events) > 0 {
		return topicName(events[0].Topic)
	}
	var named topical
	if errors.As(err, &named) {
		return topicName(named.Topic())
	}
	return ""
}
