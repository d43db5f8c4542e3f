package reconcile

import (
	"errors"
	"fmt"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Channel is what the rules need to know about a channel.
type Channel struct {
	Traits stock.Traits
	// Locations maps the channel's location ids to ours.
	Locations map[string]stock.Location
	// SoldOutEverywhere: while the channel marks an item as sold out, the other channels show none of it.
	SoldOutEverywhere bool
}

// Options configure an Engine.
type Options struct {
	Channels map[stock.Channel]Channel
	// Limits are those of the mass change brake; the zero value: there is none.
	Limits Limits
}

// Engine decides. It holds configuration only; everything that changes is in the snapshot.
type Engine struct {
	channels map[stock.Channel]Channel
	limits   Limits
}

// New returns an engine for the given channels.
func New(opts Options) (*Engine, error) {
	for name, channel := range opts.Channels {
		if channel.Traits.Step <= 0 {
			return nil, fmt.Errorf("configuring channel %s: the smallest quantity it takes must be positive", name)
		}
	}
	return &Engine{channels: opts.Channels, limits: opts.Limits}, nil
}

// ErrInput marks an input that no rule can take: an unknown channel, an empty event, a quantity out of range.
var ErrInput = errors.New("input cannot be applied")

// quantityMax bounds what a counter may show or a movement move: 10^10 units. Platforms stop at 2*10^9 (Shopify
// inventoryAdjustQuantities); beyond the bound sums could leave the range of a Quantity.
const quantityMax = 10_000_000_000 * stock.Unit

// Step is the engine's ledger.Step: pure and deterministic, it may run again on another snapshot.
func (e *Engine) Step(snapshot *ledger.Snapshot, at time.Time, inputs []ledger.Input) (ledger.Changes, error) {
	s := newSession(e, snapshot, at)
	for i, input := range inputs {
		disposition, err := s.decide(input)
		if err != nil {
			return ledger.Changes{}, &ledger.InputError{Index: i, Err: err}
		}
		s.out.Dispositions = append(s.out.Dispositions, disposition)
	}
	return s.finish(), nil
}

// decide applies the rule for one input. A panic in a rule is a bug that must cost one input, not the whole stream.
func (s *session) decide(input ledger.Input) (d ledger.Disposition, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("%w: a rule failed: %v", ErrInput, cause)
		}
	}()
	switch in := input.(type) {
	case ledger.Delivered:
		return s.delivered(in)
	case ledger.OwnRead:
		return s.ownRead(in)
	case ledger.PlanCall:
		return s.planCall(in)
	case ledger.CallSending:
		return s.callSending(in)
	case ledger.CallAnswered:
		return s.callAnswered(in)
	case ledger.WantBaseline:
		return s.wantBaseline(in)
	case ledger.CancelBaseline:
		return s.cancelBaseline(in)
	case ledger.WantRead:
		return s.wantReadOf(in)
	case ledger.LinkRef:
		return s.link(in)
	case ledger.JoinRef:
		return s.join(in)
	case ledger.UnlinkRef:
		return s.unlink(in)
	case ledger.SettleRef:
		return s.settle(in)
	case ledger.ReopenRef:
		return s.reopen(in)
	case ledger.EngageBrake:
		return s.engageBrake(in)
	case ledger.ReleaseBrake:
		return s.releaseBrake(in)
	case ledger.ResolvePush:
		return s.resolvePush(in)
	case ledger.ResourceRead:
		s.out.Resources = append(s.out.Resources, ledger.ResourceWish{Channel: in.Channel, Resource: in.Resource, Due: in.Retry})
		return done(in.Channel, "resource read"), nil
	}
	return ledger.Disposition{}, fmt.Errorf("%w: no rule for %T", ErrInput, input)
}

func (s *session) delivered(in ledger.Delivered) (ledger.Disposition, error) {
	event := in.Event
	if _, known := s.channels[event.Channel]; !known {
		return ledger.Disposition{}, fmt.Errorf("%w: unknown channel %q", ErrInput, event.Channel)
	}
	if foreign(event) {
		return ledger.Disposition{}, fmt.Errorf("%w: the event of channel %q speaks of another channel", ErrInput, event.Channel)
	}
	switch {
	case event.Reading != nil:
		return s.deliveredReading(*event.Reading)
	case event.Movement != nil:
		return s.movement(*event.Movement, in.AskedAt)
	case event.Recount != nil:
		return s.recount(*event.Recount)
	case event.Order != nil:
		return s.order(*event.Order, in.Booking)
	case event.Hint != nil:
		return s.hint(event.Channel, *event.Hint)
	}
	return ledger.Disposition{}, fmt.Errorf("%w: event %q is empty", ErrInput, event.ID)
}

// foreign says that an event carries facts of a channel other than its own: an adapter's bug or a forged record.
func foreign(event stock.Event) bool {
	switch {
	case event.Reading != nil:
		return event.Reading.Ref.Channel != event.Channel
	case event.Movement != nil:
		return event.Movement.Ref.Channel != event.Channel
	case event.Recount != nil:
		return event.Recount.Ref.Channel != event.Channel
	case event.Order != nil:
		return event.Order.Channel != event.Channel
	case event.Hint != nil && event.Hint.Ref != nil:
		return event.Hint.Ref.Channel != event.Channel
	}
	return false
}

func checkRange(quantity stock.Quantity) error {
	if quantity > quantityMax || quantity < -quantityMax {
		return fmt.Errorf("%w: %w: %s", ErrInput, ledger.ErrOverflow, quantity)
	}
	return nil
}

// check refuses what a ledger cannot keep: a quantity out of range, a time that no clock shows.
func check(quantity stock.Quantity, times ...time.Time) error {
	if err := checkRange(quantity); err != nil {
		return err
	}
	for _, t := range times {
		if err := ledger.CheckTime(t); err != nil {
			return fmt.Errorf("%w: %w", ErrInput, err)
		}
	}
	return nil
}

func done(channel stock.Channel, reason string) ledger.Disposition {
	return ledger.Disposition{Ending: ledger.Done, Channel: channel, Reason: reason}
}

func ignored(channel stock.Channel, reason string) ledger.Disposition {
	return ledger.Disposition{Ending: ledger.Ignored, Channel: channel, Reason: reason}
}

func duplicate(channel stock.Channel, reason string) ledger.Disposition {
	return ledger.Disposition{Ending: ledger.Duplicate, Channel: channel, Reason: reason}
}

func repeat(channel stock.Channel, reason string) ledger.Disposition {
	return ledger.Disposition{Ending: ledger.Repeat, Channel: channel, Reason: reason}
}
