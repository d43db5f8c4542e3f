package main

import (
	"context"
	"time"

	"github.com/evenstock/evenstock/adapters/webhook"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/health"
	"github.com/evenstock/evenstock/sync/stream"
)

// openIntake opens one unguessable path per channel that has a webhook URL.
func openIntake(r *runtime) (*webhook.Intake, error) {
	var hooks []webhook.Hook
	hearings := map[stock.Channel]*health.Hearing{}
	for _, c := range r.channels {
		if c.hearing != nil {
			hooks = append(hooks, webhook.Hook{Channel: c.name, Path: c.config.WebhookPath(), Decoder: c.adapter})
			hearings[c.name] = c.hearing
		}
	}
	intake, err := webhook.New(webhook.Options{Hooks: hooks, Sink: r.sink, DeadLetters: rejects{r.letters}, Now: r.now, Logger: r.logger, Ready: r.broker.Health,
		Heard: func(channel stock.Channel, at time.Time) { hearings[channel].Delivered(at) }})
	r.intake.Store(intake)
	return intake, err
}

// noSink is where nothing comes to: an intake without addresses.
type noSink struct{}

func (noSink) Publish(context.Context, []stock.Event) error { return nil }

// rejects turns deliveries that cannot be decoded into dead letters.
type rejects struct{ letters *stream.DeadLetters }

func (m rejects) Reject(ctx context.Context, rejected webhook.Rejected) error {
	return m.letters.Put(ctx, stream.DeadLetter{Source: "webhook", Channel: rejected.Channel, Topic: rejected.Topic,
		Reason: rejected.Reason, Size: rejected.Size, SHA256: rejected.SHA256})
}

// deliveries says what became of the webhooks: first of each channel that has an address for them, then of what came to no address.
func (r *runtime) deliveries() []app.Deliveries {
	intake := r.intake.Load()
	if intake == nil {
		return nil
	}
	outcomes := intake.Stats().ByChannel()
	var list []app.Deliveries
	for _, c := range r.channels {
		if c.hearing == nil {
			continue
		}
		d, heard := deliveriesOf(c.name, outcomes[c.name]), c.hearing.At(r.now())
		d.LastTaken, d.Silence, d.UntoldChanges, d.LongestPause = heard.Last, string(heard.Silence), heard.Changes, int64(heard.Usual/time.Second)
		list = append(list, d)
	}
	if strays := deliveriesOf("", outcomes[""]); len(strays.Refused) > 0 {
		list = append(list, strays)
	}
	return list
}

func deliveriesOf(channel stock.Channel, outcome webhook.Outcome) app.Deliveries {
	d := app.Deliveries{Channel: channel, Taken: outcome.Taken, Refused: []app.Refusals{}}
	for _, r := range outcome.Refused {
		d.Refused = append(d.Refused, app.Refusals{Reason: r.Reason.String(), Count: r.Count, Last: r.Last})
	}
	return d
}
