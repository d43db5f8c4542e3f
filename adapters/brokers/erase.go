package brokers

import (
	"context"
	"errors"
	"strings"

	"github.com/evenstock/evenstock/adapters/embedkafka"
	"github.com/evenstock/evenstock/adapters/kafka"
	"github.com/evenstock/evenstock/sync/stream"
)

// Erase removes the stream's topics with all that they hold: those of Kafka whose names begin with the prefix, or the folder's, whose lock the
// caller has. Nobody may use them any more.
func Erase(ctx context.Context, o Options) error {
	if len(o.Kafka.Brokers) == 0 {
		return embedkafka.Erase(o.Folder)
	}
	return withClient(o, func(client *kafka.Client) error {
		ours, _, err := topicsOf(ctx, client, o.Prefix)
		return errors.Join(err, client.DeleteTopics(ctx, ours...))
	})
}

// Search looks through the topics of Kafka for those that are the stream's under the prefix.
func Search(ctx context.Context, o Options) (found, looked int, err error) {
	err = withClient(o, func(client *kafka.Client) error {
		ours, all, err := topicsOf(ctx, client, o.Prefix)
		found, looked = len(ours), all
		return err
	})
	return found, looked, err
}

func withClient(o Options, do func(*kafka.Client) error) error {
	opts := o.Kafka
	opts.Logger, opts.Now = o.Logger, o.Now
	client, err := kafka.New(opts)
	if err != nil {
		return err
	}
	return errors.Join(do(client), client.Close())
}

func topicsOf(ctx context.Context, client *kafka.Client, prefix string) (ours []string, all int, err error) {
	topics, err := client.Topics(ctx)
	for topic := range topics {
		if name, is := strings.CutPrefix(topic, prefix); is && stream.IsTopic(name) {
			ours = append(ours, topic)
		}
	}
	return ours, len(topics), err
}
