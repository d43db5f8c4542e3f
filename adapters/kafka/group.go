package kafka

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	kafkago "github.com/segmentio/kafka-go"
)

// joinBackoff is kafka-go's wait before it joins again after an error. Its
// default of 5 s would be the length of each hiccup.
const joinBackoff = 200 * time.Millisecond

// readGroup takes part in the topic's group until ctx ends.
func (s *Subscriber) readGroup(ctx context.Context, topic string, out chan<- *message.Message) {
	// kafka-go's members ask for their topic in a way that makes it, with one
	// partition, on a broker with auto creation.
	if _, err := s.client.awaitPartitions(ctx, topic); err != nil {
		return // ctx has ended, or the client was closed
	}
	conns := newConnSet(s.client.opts.Dial)
	group, err := kafkago.NewConsumerGroup(kafkago.ConsumerGroupConfig{
		ID:      s.opts.Group + "." + topic,
		Brokers: s.client.opts.Brokers,
		Topics:  []string{topic},
		Dialer: &kafkago.Dialer{
			ClientID:      s.client.opts.ClientID,
			DialFunc:      conns.dial,
			Timeout:       s.client.opts.RequestTimeout,
			TLS:           s.client.opts.TLS,
			SASLMechanism: s.client.opts.SASL,
		},
		HeartbeatInterval: s.opts.HeartbeatInterval,
		SessionTimeout:    s.opts.SessionTimeout,
		RebalanceTimeout:  s.opts.RebalanceTimeout,
		JoinGroupBackoff:  joinBackoff,
		StartOffset:       kafkago.FirstOffset,
	})
	if err != nil {
		s.client.opts.Logger.ErrorContext(ctx, "consumer group settings are refused", "topic", topic, "group", s.opts.Group, "error", err)
		return
	}
	m := &member{group: group, conns: conns, client: s.client, closeTimeout: s.opts.CloseTimeout}
	defer m.leave(ctx)
	failing := false
	for {
		gen, err := group.Next(ctx)
		switch {
		case err == nil:
			failing = false
			m.reads(gen)
			gen.Start(func(ended context.Context) {
				defer m.ended()
				s.readGeneration(ctx, ended, gen, topic, out)
			})
		case ctx.Err() != nil || errors.Is(err, kafkago.ErrGroupClosed):
			return
		case !failing: // kafka-go itself waits between attempts
			failing = true
			s.client.opts.Logger.WarnContext(ctx, "joining consumer group fails; retrying", "topic", topic, "group", s.opts.Group, "error", err)
		}
	}
}

// readGeneration reads the partitions assigned to this member until the
// generation ends or the subscription does. The generation's end is the fence:
// afterwards nothing is sent and nothing committed, because the partitions may
// already belong to another member.
func (s *Subscriber) readGeneration(ctx, ended context.Context, gen *kafkago.Generation, topic string, out chan<- *message.Message) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ended, cancel)()
	deliverers := make(map[int]*deliverer)
	var wg sync.WaitGroup
	for _, a := range gen.Assignments[topic] {
		d := s.deliverer(topic, a.ID, a.Offset, out)
		deliverers[a.ID] = d
		wg.Go(func() { d.run(ctx) })
	}
	ticker := time.NewTicker(s.opts.CommitInterval)
	defer ticker.Stop()
	for ctx.Err() == nil {
		select {
		case <-ticker.C:
			s.commit(ctx, gen, topic, deliverers)
		case <-ctx.Done():
		}
	}
	wg.Wait()
	// What was acknowledged is committed before the partitions go: the
	// generation's connection stays open until this function returns. If the
	// group has moved on, the broker refuses it by the generation's number.
	s.commit(ctx, gen, topic, deliverers)
	// A function that returns ends its generation, and the group would join the
	// next one. When it is the subscription that has ended, leave closes the
	// group, and that ends this one.
	<-ended.Done()
}

func (s *Subscriber) commit(ctx context.Context, gen *kafkago.Generation, topic string, deliverers map[int]*deliverer) {
	offsets := make(map[int]int64)
	for p, d := range deliverers {
		if next, moved := d.window.commit(); moved {
			offsets[p] = next
		}
	}
	if len(offsets) == 0 {
		return
	}
	if err := gen.CommitOffsets(map[string]map[int]int64{topic: offsets}); err != nil {
		for p := range offsets {
			deliverers[p].window.uncommit()
		}
		s.client.opts.Logger.WarnContext(ctx, "committing offsets failed; messages may come again",
			"topic", topic, "group", gen.GroupID, "generation", gen.ID, "error", err)
	}
}
