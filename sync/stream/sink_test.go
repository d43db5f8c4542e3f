package stream_test

import (
	"context"
	"errors"
	"strconv"
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/stream"
)

// publisher is a fake of Watermill's; Fail says what becomes of a publish.
type publisher struct {
	Fail func(topic string) error
	// log names what happened, also elsewhere, in order.
	log       []string
	published map[string][]*message.Message
}

func (p *publisher) Publish(topic string, messages ...*message.Message) error {
	p.log = append(p.log, "publish "+topic)
	if p.Fail != nil {
		if err := p.Fail(topic); err != nil {
			return err
		}
	}
	if p.published == nil {
		p.published = map[string][]*message.Message{}
	}
	p.published[topic] = append(p.published[topic], messages...)
	return nil
}

func (p *publisher) Close() error { return nil }

func (p *publisher) values(topic string) [][]byte {
	var values [][]byte
	for _, m := range p.published[topic] {
		values = append(values, m.Payload)
	}
	return values
}

func TestSinkPublishes(t *testing.T) {
	t.Parallel()
	p, points := &publisher{}, []string{}
	sink := stream.NewSink(p, topic, func(name string) { points = append(points, name) })
	type keyType struct{}
	ctx := context.WithValue(t.Context(), keyType{}, "here")
	var list []stock.Event
	for _, key := range []string{"till/V1@L1", "web/order/900"} {
		list = append(list, events()[key])
	}
	require.NoError(t, sink.Publish(ctx, list))
	require.Equal(t, []string{"publish " + topic}, p.log, "one request")
	require.Equal(t, []string{"before publish", "after publish"}, points)
	for i, m := range p.published[topic] {
		event, err := stream.Decode(m.Payload)
		require.NoError(t, err)
		require.Equal(t, list[i], event)
		require.Equal(t, stream.Key(event), m.Metadata.Get(stream.KeyHeader))
		require.Equal(t, "here", m.Context().Value(keyType{}))
	}
}

func TestSinkSaysWhenItMayNotBeDurable(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	p := &publisher{Fail: func(string) error { return full }}
	sink := stream.NewSink(p, topic, nil)
	require.ErrorIs(t, sink.Publish(t.Context(), []stock.Event{{Channel: "web"}}), full)
	large := stock.Event{Channel: "web", Hint: &stock.Hint{Resource: string(make([]byte, 1_000_000))}}
	p.log = nil
	require.ErrorIs(t, sink.Publish(t.Context(), []stock.Event{{Channel: "web"}, large}), stream.ErrTooLarge)
	require.Empty(t, p.log, "nothing of it is published")
}

// hugeOrder has as many lines as a delivery of 1 MiB can name.
func hugeOrder() stock.Event {
	order := stock.Order{Channel: "web", ID: "900", CreatedAt: noon, UpdatedAt: noon}
	for i := range 25_000 {
		order.Lines = append(order.Lines, stock.OrderLine{ID: strconv.Itoa(i + 1), SoldAs: "7", Taken: stock.Unit})
	}
	return stock.Event{ID: "order/900/x", Channel: "web", Topic: "orders/create", ObservedAt: noon, Order: &order}
}

// An order that does not fit is read from its channel instead.
func TestSinkTurnsAHugeOrderIntoAHint(t *testing.T) {
	t.Parallel()
	huge := hugeOrder()
	_, err := stream.Encode(huge)
	require.ErrorIs(t, err, stream.ErrTooLarge)
	p := &publisher{}
	small := events()["web/order/900"]
	require.NoError(t, stream.NewSink(p, topic, nil).Publish(t.Context(), []stock.Event{huge, small}))
	require.Len(t, huge.Order.Lines, 25_000, "the caller's event is left alone")
	var got []stock.Event
	for _, m := range p.published[topic] {
		event, err := stream.Decode(m.Payload)
		require.NoError(t, err)
		require.Equal(t, "web/order/900", m.Metadata.Get(stream.KeyHeader), "it stays in line with the order's other events")
		got = append(got, event)
	}
	hint := stock.Event{ID: "order/900/x", Channel: "web", Topic: "orders/create", ObservedAt: noon, Hint: &stock.Hint{Resource: "order/900"}}
	require.Equal(t, []stock.Event{hint, small}, got)
}
