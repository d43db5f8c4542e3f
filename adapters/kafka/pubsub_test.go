package kafka

import (
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/pubsub/tests"
	"github.com/stretchr/testify/require"
)

// The universal suite of Watermill, with groups, in order, and without groups.
// Instances share one client, as in a process. All run in full length unless
// -short (a tenth to a hundredth of the messages): on 2 cores within 5 s each,
// with -race within 20 s, and on a real Kafka within 10 s.

func TestPubSubWithGroup(t *testing.T) {
	runSuite(t, tests.Features{ConsumerGroups: true, Persistent: true}, 4, SubscriberOptions{Group: "test"})
}

func TestPubSubWithGroupInOrder(t *testing.T) {
	runSuite(t, tests.Features{
		ConsumerGroups:                      true,
		Persistent:                          true,
		GuaranteedOrder:                     true,
		GuaranteedOrderWithSingleSubscriber: true,
	}, 1, SubscriberOptions{Group: "test"})
}

func TestPubSubWithoutGroup(t *testing.T) {
	runSuite(t, tests.Features{Persistent: true, NewSubscriberReceivesOldMessages: true}, 4, SubscriberOptions{Window: 100})
}

func runSuite(t *testing.T, features tests.Features, partitions int, opts SubscriberOptions) {
	client := newHarness(t).client()
	opts.Initialize.Partitions = partitions
	opts.NackBackoff = 5 * time.Millisecond // the suite nacks 300 times in a row
	construct := func(t *testing.T, group string) (message.Publisher, message.Subscriber) {
		opts := opts
		opts.Group = group
		pub := client.NewPublisher(PublisherOptions{})
		sub := client.NewSubscriber(opts)
		t.Cleanup(func() {
			require.NoError(t, pub.Close())
			require.NoError(t, sub.Close())
		})
		return pub, sub
	}
	tests.TestPubSub(t, features, func(t *testing.T) (message.Publisher, message.Subscriber) {
		return construct(t, opts.Group)
	}, construct)
}
