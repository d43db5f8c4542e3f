package stream

import "github.com/ThreeDotsLabs/watermill/message"

// Prefixed publishes to topics whose names begin with a prefix there, for those who share brokers.
type Prefixed struct {
	message.Publisher
	Prefix string
}

// Publish writes messages to a topic.
func (p Prefixed) Publish(topic string, messages ...*message.Message) error {
	return p.Publisher.Publish(p.Prefix+topic, messages...)
}
