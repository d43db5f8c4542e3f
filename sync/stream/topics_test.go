package stream_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/sync/stream"
)

func TestOpenTopics(t *testing.T) {
	t.Parallel()
	const dlq = stream.DeadLettersTopic
	for name, c := range map[string]struct {
		there      map[string]int
		partitions int
		want       stream.Topics
		made       []string
	}{
		"a new log":                       {nil, 4, stream.Topics{Events: topic}, []string{topic, dlq}},
		"the same number":                 {map[string]int{topic: 4, dlq: 1}, 4, stream.Topics{Events: topic}, nil},
		"killed before the dead letters":  {map[string]int{topic: 4}, 4, stream.Topics{Events: topic}, []string{dlq}},
		"more":                            {map[string]int{topic: 4, dlq: 1}, 8, stream.Topics{Older: []string{topic}, Events: topic + ".2"}, []string{topic + ".2"}},
		"fewer":                           {map[string]int{topic: 4, dlq: 1}, 1, stream.Topics{Older: []string{topic}, Events: topic + ".2"}, []string{topic + ".2"}},
		"the same number since":           {map[string]int{topic: 4, topic + ".2": 8, dlq: 1}, 8, stream.Topics{Older: []string{topic}, Events: topic + ".2"}, nil},
		"a number that was there before":  {map[string]int{topic: 4, topic + ".2": 8, dlq: 1}, 4, stream.Topics{Older: []string{topic, topic + ".2"}, Events: topic + ".3"}, []string{topic + ".3"}},
		"in the order of numbers":         {map[string]int{topic: 4, topic + ".9": 8, topic + ".10": 2, dlq: 1}, 2, stream.Topics{Older: []string{topic, topic + ".9"}, Events: topic + ".10"}, nil},
		"an older one is gone":            {map[string]int{topic + ".2": 8, dlq: 1}, 8, stream.Topics{Events: topic + ".2"}, nil},
		"other topics have other names":   {map[string]int{"evenstock": 1, topic + ".1": 9, topic + ".02": 9, topic + ".+2": 9, topic + ".x": 9, topic + "2": 9, "x" + topic: 9}, 4, stream.Topics{Events: topic}, []string{topic, dlq}},
		"only other topics, one of which": {map[string]int{topic + ".2.2": 9}, 4, stream.Topics{Events: topic}, []string{topic, dlq}},
	} {
		log := &memoryLog{topics: map[string][]part{}}
		for topic, partitions := range c.there {
			log.topics[topic] = make([]part, partitions)
		}
		topics, err := stream.OpenTopics(t.Context(), log, c.partitions)
		require.NoError(t, err, name)
		require.Equal(t, c.want.Events, topics.Events, name)
		require.ElementsMatch(t, c.want.Older, topics.Older, name)
		require.Equal(t, append(c.want.Older, c.want.Events), topics.All(), name)
		require.Equal(t, c.made, log.made, name)
		again, err := stream.OpenTopics(t.Context(), log, c.partitions)
		require.NoError(t, err, name)
		require.Equal(t, topics, again, "%s: a second time", name)
	}
	_, err := stream.OpenTopics(t.Context(), &memoryLog{full: true}, 4)
	require.ErrorIs(t, err, errFull)
}

// The janitor frees what is consumed: of an older generation at once, of the youngest what is over its part of the bound.
func TestJanitor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newReaders(t, topic, topic+".2") // of 2 and 3 partitions
		r.put(topic, 0, "a-1", "a-2", "a-3")
		r.put(topic, 1, "b-1", "b-2")
		for partition := range 3 {
			r.put(topic+".2", partition, "c-1", "c-2", "c-3", "c-4")
			r.log.topics[topic+".2"][partition].bytes = stream.LogBytesMax / 3
		}
		r.log.topics[topic+".2"][1].bytes--
		for _, cursor := range []ledger.Cursor{{Topic: topic, Partition: 0, Next: 3}, {Topic: topic + ".2", Partition: 0, Next: 2}, {Topic: topic + ".2", Partition: 1, Next: 2}} {
			_, err := r.model.Apply(t.Context(), nil, ledger.Batch{At: noon, Cursor: &cursor})
			require.NoError(t, err)
		}
		first := func() (first []int64) {
			for _, topic := range r.topics.All() {
				for _, p := range r.log.topics[topic] {
					first = append(first, p.first)
				}
			}
			return first
		}
		janitor := stream.Janitor{Log: r.log, Topics: r.topics, Ledger: r.model, Logger: slog.New(slog.DiscardHandler)}
		works := func(d time.Duration) {
			ctx, end := context.WithTimeout(t.Context(), d)
			defer end()
			require.NoError(t, janitor.Run(ctx))
		}
		works(time.Second)
		require.Equal(t, []int64{0, 0, 0, 0, 0}, first(), "not at once")
		works(2 * time.Minute)
		require.Equal(t, []int64{2, 0, 2, 0, 0}, first(), "all but the last; nothing consumed; over; below; nothing consumed")
		lag, err := r.topics.Lag(t.Context(), r.log, r.model)
		require.NoError(t, err)
		require.EqualValues(t, 0+2+2+2+4, lag)
	})
}

func TestTail(t *testing.T) {
	t.Parallel()
	r := newReaders(t, topic, topic+".2")
	r.put(topic, 1, "a-1", "a-2", "a-3")
	r.put(topic+".2", 0, "a-4", "a-5", "a-6")
	r.log.append(topic+".2", 2, []byte("not ours"))
	tail := func(last int) (texts []string) {
		err := r.topics.Tail(t.Context(), r.log, last, false, func(e stream.Tailed) error {
			if e.Event != nil {
				texts = append(texts, e.Topic+" "+e.Event.ID)
			} else {
				require.Contains(t, e.Error, stream.ErrEnvelope.Error())
				texts = append(texts, "?")
			}
			return nil
		})
		require.NoError(t, err)
		return texts
	}
	require.Equal(t, []string{topic + " a-2", topic + " a-3", " a-5", " a-6", "?"}, tail(2))
	require.Len(t, tail(1000), 7)
	require.Empty(t, tail(0))
	over := errors.New("seen enough")
	require.ErrorIs(t, r.topics.Tail(t.Context(), r.log, 9, true, func(stream.Tailed) error { return over }), over)
}

func TestReadLetters(t *testing.T) {
	t.Parallel()
	p := &publisher{}
	letters := stream.NewDeadLetters(p, func() time.Time { return noon })
	require.NoError(t, letters.Put(t.Context(), stream.DeadLetter{ID: "one", Reason: "a test"}))
	log := &memoryLog{topics: map[string][]part{stream.DeadLettersTopic: make([]part, 1)}}
	log.append(stream.DeadLettersTopic, 0, p.values(stream.DeadLettersTopic)...)
	listed, err := stream.ReadLetters(t.Context(), log)
	require.NoError(t, err)
	require.Len(t, listed, 1)
	require.Equal(t, "a test", listed[0].Reason)
}
