package stream

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const (
	// eventsTopic carries decoded readings, movements, orders and hints. It is the first generation; see Topics.
	eventsTopic = "evenstock.events"
	// EventsPartitions is how many partitions carry events. It may be changed: the next start opens a generation.
	EventsPartitions = 4
	// LogBytesMax bounds what all partitions of events keep together, beside the piece of each that is being written: the embedded
	// broker reads its whole log at start.
	LogBytesMax = 800 << 20
	// DeadLettersTopic carries what could not be applied, with the reason, and marks of those sent again. It has one partition.
	DeadLettersTopic = "evenstock.dlq"
	// letterBytesMax bounds the dead letters that brokers keep: half a million of them.
	letterBytesMax = 256 << 20
)

// Topics are the generations of the topic of events.
//
// The key decides the partition, so with another number of partitions the events of a ref would stand in another one than those
// before them, and could overtake them. Therefore a topic keeps its number for life, and another number is another topic, the next
// generation: evenstock.events, evenstock.events.2, and so on. From its creation on, everything is written to the youngest. A
// Reader first applies what the older ones still hold, each to its end and in their order, and only then the youngest, so that an
// event is applied after all that were written before it; consumed offsets are the ledger's, by topic. Nobody writes to an
// older one any more, for one process owns the broker. What is consumed of it the Janitor trims.
//
// A kill before the creation changes nothing; one after it finds two generations at the next start and goes on as above. A
// number that was in use before is a generation of its own when it comes again.
type Topics struct {
	// Events is where events are written.
	Events string
	// Older are the generations before it, oldest first.
	Older []string
}

// Retention is how long brokers that look after it themselves are to keep the records of a topic, in Kafka's words; nothing: as they keep
// others. Dead letters wait for a person, however long that takes, and are bounded by their size alone.
func Retention(topic string) map[string]string {
	if topic != DeadLettersTopic {
		return nil
	}
	return map[string]string{"retention.ms": "-1", "retention.bytes": strconv.Itoa(letterBytesMax)}
}

// TopicMaker is the broker as OpenTopics needs it.
type TopicMaker interface {
	// Topics returns the number of partitions of every topic.
	Topics(ctx context.Context) (map[string]int, error)
	// EnsureTopic creates a topic that does not exist and returns when it can be used. One that exists with another number of
	// partitions is an error.
	EnsureTopic(ctx context.Context, name string, partitions int) error
}

// OpenTopics finds the generations of events, and begins the next one if the youngest has not this number of partitions. It makes
// the topic of dead letters if there is none.
func OpenTopics(ctx context.Context, log TopicMaker, partitions int) (Topics, error) {
	known, err := log.Topics(ctx)
	if err != nil {
		return Topics{}, fmt.Errorf("listing topics: %w", err)
	}
	var numbers []int
	for topic := range known {
		if number := generation(topic); number > 0 {
			numbers = append(numbers, number)
		}
	}
	slices.Sort(numbers)
	switch last := len(numbers) - 1; {
	case last < 0:
		numbers = []int{1}
	case known[generationName(numbers[last])] != partitions:
		numbers = append(numbers, numbers[last]+1)
	}
	var topics Topics
	for _, number := range numbers {
		topics.Older = append(topics.Older, generationName(number))
	}
	last := len(topics.Older) - 1
	topics.Older, topics.Events = topics.Older[:last:last], topics.Older[last]
	if err := log.EnsureTopic(ctx, topics.Events, partitions); err != nil {
		return Topics{}, fmt.Errorf("creating topic %s: %w", topics.Events, err)
	}
	if err := log.EnsureTopic(ctx, DeadLettersTopic, 1); err != nil {
		return Topics{}, fmt.Errorf("creating topic %s: %w", DeadLettersTopic, err)
	}
	return topics, nil
}

// All returns every generation, oldest first.
func (t Topics) All() []string { return append(slices.Clone(t.Older), t.Events) }

func generationName(number int) string {
	if number == 1 {
		return eventsTopic
	}
	return eventsTopic + "." + strconv.Itoa(number)
}

// IsTopic says whether a topic is one of those that the stream uses.
func IsTopic(name string) bool { return name == DeadLettersTopic || generation(name) > 0 }

// generation is the number of a topic of events; 0: it is another topic.
func generation(topic string) int {
	if topic == eventsTopic {
		return 1
	}
	suffix, ours := strings.CutPrefix(topic, eventsTopic+".")
	number, err := strconv.Atoi(suffix)
	if !ours || err != nil || number < 2 || generationName(number) != topic {
		return 0
	}
	return number
}
