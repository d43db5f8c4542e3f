package kafka

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"
)

func TestWindowCommitsContiguousPrefix(t *testing.T) {
	var w window
	slots := make([]*slot, 5)
	for i := range slots {
		slots[i] = &slot{offset: int64(10 + i)}
		w.push(slots[i])
	}
	for _, step := range []struct {
		ack   int
		next  int64
		moved bool
	}{{1, 0, false}, {0, 12, true}, {4, 12, false}, {3, 12, false}, {2, 15, true}} {
		w.ack(slots[step.ack])
		next, moved := w.commit()
		require.Equal(t, step.moved, moved, "after ack of %d", step.ack)
		require.Equal(t, step.next, next)
	}
	w.uncommit()
	next, moved := w.commit()
	require.True(t, moved)
	require.EqualValues(t, 15, next)
}

func TestGroupResumesAfterLastAck(t *testing.T) {
	h := newHarness(t)
	c := h.client()
	h.topic(c, h.events, 1)
	fill(t, c, h.events, 0, 10)
	sub := c.NewSubscriber(SubscriberOptions{Group: "lane", Window: 3})
	out, err := sub.Subscribe(context.Background(), h.events)
	require.NoError(t, err)
	// Three are out; 0 and 2 are acked, so only 0 may be committed.
	msgs := []*message.Message{within(t, out), within(t, out), within(t, out)}
	msgs[0].Ack()
	msgs[2].Ack()
	<-msgs[0].Context().Done()
	<-msgs[2].Context().Done()
	position, ok := PositionOf(msgs[1].Context())
	require.True(t, ok)
	require.Equal(t, Position{Topic: h.events, Offset: 1}, position)
	require.NoError(t, sub.Close())
	require.NoError(t, sub.Close())
	require.Error(t, msgs[1].Context().Err())
	_, err = sub.Subscribe(context.Background(), h.events)
	require.ErrorIs(t, err, ErrClosed)

	sub = c.NewSubscriber(SubscriberOptions{Group: "lane"})
	out, err = sub.Subscribe(context.Background(), h.events)
	require.NoError(t, err)
	for i := 1; i < 10; i++ {
		msg := within(t, out)
		require.Equal(t, fmt.Sprint(i), string(msg.Payload))
		msg.Ack()
	}
	require.NoError(t, sub.Close())
	_, open := <-out
	require.False(t, open)
}

func TestGroupSurvivesBrokerRestart(t *testing.T) {
	h := newHarness(t)
	c := h.client()
	h.topic(c, h.events, 1)
	fill(t, c, h.events, 0, 5)
	sub := c.NewSubscriber(SubscriberOptions{Group: "lane"})
	out, err := sub.Subscribe(context.Background(), h.events)
	require.NoError(t, err)
	seen := make(map[string]bool)
	read := func(n int) {
		for len(seen) < n {
			msg := within(t, out)
			seen[string(msg.Payload)] = true
			msg.Ack()
		}
	}
	read(5)
	h.stop()
	h.start()
	fill(t, c, h.events, 5, 5)
	read(10)
	require.NoError(t, sub.Close())
}

func TestCloseIsBoundedWithoutBroker(t *testing.T) {
	h := newHarness(t)
	c := h.client()
	h.topic(c, h.events, 1)
	sub := c.NewSubscriber(SubscriberOptions{Group: "lane", CloseTimeout: 500 * time.Millisecond})
	out, err := sub.Subscribe(context.Background(), h.events)
	require.NoError(t, err)
	fill(t, c, h.events, 0, 1)
	within(t, out)
	h.stop()
	done := make(chan error, 1)
	go func() { done <- sub.Close() }()
	require.NoError(t, within(t, done))
}

// A member that is there before its topic does not make it: it would have one
// partition where a broker makes topics that are asked for.
func TestGroupWaitsForItsTopic(t *testing.T) {
	h := newHarness(t)
	said := &logLines{lines: make(chan string, 1000)}
	c := h.client(func(o *Options) { o.Logger = slog.New(slog.NewTextHandler(said, nil)) })
	sub := c.NewSubscriber(SubscriberOptions{Group: "lane"})
	out, err := sub.Subscribe(t.Context(), h.events)
	require.NoError(t, err)
	said.await(t, "waiting for topic")
	other := h.client()
	h.topic(other, h.events, 3)
	fill(t, other, h.events, 0, 1)
	within(t, out).Ack()
	require.NoError(t, sub.Close())
}

// What is acknowledged or refused behind one that takes its time is noticed:
// its place goes to the next, and the refused one comes again.
func TestSlowMessageHoldsNothingUp(t *testing.T) {
	h := newHarness(t)
	c := h.client()
	h.topic(c, h.events, 1)
	fill(t, c, h.events, 0, 5)
	sub := c.NewSubscriber(SubscriberOptions{Group: "lane", Window: 3, NackBackoff: time.Millisecond})
	out, err := sub.Subscribe(t.Context(), h.events)
	require.NoError(t, err)
	slow, refused, done := within(t, out), within(t, out), within(t, out)
	derived, cancel := context.WithCancel(refused.Context())
	defer cancel()
	refused.Nack()
	done.Ack()
	for _, ctx := range []context.Context{refused.Context(), done.Context(), derived} {
		<-ctx.Done()
		require.ErrorIs(t, ctx.Err(), context.Canceled)
		require.ErrorIs(t, context.Cause(ctx), context.Canceled, "who asks why must not hear that all is well")
	}
	require.NoError(t, slow.Context().Err())
	seen := make(map[string]bool)
	for range 3 {
		msg := within(t, out)
		seen[string(msg.Payload)] = true
		msg.Ack()
		<-msg.Context().Done()
	}
	require.Equal(t, map[string]bool{"1": true, "3": true, "4": true}, seen)
	require.NoError(t, sub.Close())
	<-slow.Context().Done()

	again := c.NewSubscriber(SubscriberOptions{Group: "lane"})
	out, err = again.Subscribe(t.Context(), h.events)
	require.NoError(t, err)
	msg := within(t, out)
	require.Equal(t, "0", string(msg.Payload), "nothing behind the slow one was committed")
	position, ok := PositionOf(msg.Context())
	require.True(t, ok)
	require.Equal(t, Position{Topic: h.events}, position)
	require.NoError(t, again.Close())
}
