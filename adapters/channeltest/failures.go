package channeltest

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
)

// class is what an error says by its methods.
type class struct {
	retryable, denied bool
	after             time.Duration
}

func classOf(err error) (c class) {
	var again interface{ Retryable() bool }
	c.retryable = !errors.As(err, &again) || again.Retryable()
	var denial interface{ Denied() bool }
	c.denied = errors.As(err, &denial) && denial.Denied()
	var asked interface{ RetryAfter() time.Duration }
	if errors.As(err, &asked) {
		c.after = asked.RetryAfter()
	}
	return c
}

// refusalOf says whether a delivery was of a topic that nobody reads, and of which.
func refusalOf(err error) (unknown bool, topic string) {
	var unknowing interface{ UnknownTopic() bool }
	var topical interface{ Topic() string }
	if errors.As(err, &topical) {
		topic = topical.Topic()
	}
	return errors.As(err, &unknowing) && unknowing.UnknownTopic(), topic
}

// limits: being asked to wait is no refusal and no answer, and the wait is passed on. Somebody waits for these reads: one that nobody
// waits for may wait for another turn instead.
func limits(b *bench) {
	ctx := stock.InLane(b.t.Context(), stock.Pushes)
	ref := b.stock(10)
	body := b.encode("c1", row(ref, -2, "c1:0"))
	for what, limit := range map[string]struct {
		strike  func(http.Handler) http.Handler
		wait    time.Duration // 0: whatever the adapter thinks right
		outcome stock.Outcome
		failure stock.Failure
	}{
		"429 with a wait": {answering(http.StatusTooManyRequests, "Retry-After", "7"), 7 * time.Second, stock.NotProcessed, stock.TooManyRequests},
		"its own words":   {instead(b.harness.Throttled), 0, stock.NotProcessed, stock.TooManyRequests},
		"503 with a wait": {answering(http.StatusServiceUnavailable, "Retry-After", "9"), 9 * time.Second, stock.Unknown, stock.PlatformFails},
		"500":             {answering(http.StatusInternalServerError, "X-Any", ""), 0, stock.Unknown, stock.PlatformFails},
	} {
		b.gate.strike(limit.strike)
		_, err := b.connect().ReadRefs(ctx, []stock.Ref{ref}, time.Time{})
		require.Error(b.t, err, what)
		got := classOf(err)
		require.True(b.t, got.retryable, "%s: %v", what, err)
		require.False(b.t, got.denied, "%s: %v", what, err)
		require.Equal(b.t, limit.failure, stock.FailureOf(err), "%s: %v", what, err)
		answer := b.connect().SendCall(b.t.Context(), "c1", body)
		require.Equal(b.t, limit.outcome, answer.Outcome, "%s: %s", what, answer.Reason)
		if limit.wait > 0 {
			require.Equal(b.t, limit.wait, got.after, what)
			require.Equal(b.t, limit.wait, answer.RetryAfter, what)
		}
	}
	b.counted(ref, 10)

	// A long wait holds everything back, without asking again.
	b.gate.strike(answering(http.StatusTooManyRequests, "Retry-After", "600"))
	_, err := b.ReadRefs(ctx, []stock.Ref{ref}, time.Time{})
	require.Error(b.t, err)
	b.gate.strike(nil)
	before, _ := b.gate.asked()
	_, err = b.ReadRefs(ctx, []stock.Ref{ref}, time.Time{})
	require.Error(b.t, err)
	require.True(b.t, classOf(err).retryable)
	require.Positive(b.t, classOf(err).after)
	require.Equal(b.t, stock.NotProcessed, b.SendCall(b.t.Context(), "c1", body).Outcome)
	after, _ := b.gate.asked()
	require.Equal(b.t, before, after)
	b.counted(ref, 10)
}

// denials: a platform that refuses us, whatever we ask, has written nothing; only a person mends a dead token.
func denials(b *bench) {
	ref := b.stock(10)
	body := b.encode("c1", row(ref, -2, "c1:0"))
	for status, passes := range b.harness.Denials {
		b.shop.Deny(b.t, status)
		b.denied(b.Platform, ref, body, passes)
	}
	require.Contains(b.t, b.harness.Denials, http.StatusUnauthorized)
	b.shop.Deny(b.t, 0)

	stranger := b.connect(func(c *Connection) { c.Token = func() string { return "wrong-token" } })
	b.denied(stranger, ref, body, false)
	err := stranger.CheckToken(b.t.Context())
	require.Error(b.t, err)
	require.False(b.t, classOf(err).retryable)
	require.Equal(b.t, stock.TokenRefused, stock.FailureOf(err), "%v", err)
	require.Contains(b.t, err.Error(), stock.TokenRefused.Words()+" (HTTP 401", "a person reads what it means, and whoever helps them the status")
	require.NotContains(b.t, err.Error(), "wrong-token")
	b.counted(ref, 10)
	b.applied("c1", body)
	b.counted(ref, 8)
}

// tokenReplaced: each request carries the token in force when it is made. One that is refused while another came into force is sent
// once more with that, and no further.
func tokenReplaced(b *bench) {
	ref := b.stock(10)
	body := b.encode("c1", row(ref, -2, "c1:0"))
	inForce := "old-token"
	p := b.connect(func(c *Connection) { c.Token = func() string { return inForce } })
	b.denied(p, ref, body, false)
	inForce = token
	_, err := p.ReadRefs(b.t.Context(), []stock.Ref{ref}, time.Time{})
	require.NoError(b.t, err)

	asked := 0
	late := b.connect(func(c *Connection) {
		c.Token = func() string {
			if asked++; asked%2 == 0 {
				return token
			}
			return "old-token"
		}
	})
	b.read(ref) // the clock is known
	asked = 0
	before, _ := b.gate.asked()
	answer := late.SendCall(b.t.Context(), "c1", body)
	require.Equal(b.t, stock.Applied, answer.Outcome, "%s", answer.Reason)
	after, last := b.gate.asked()
	require.Equal(b.t, before+2, after)
	require.Equal(b.t, body, last, "the same bytes, under the same key")
	b.counted(ref, 8)

	guess := 0
	lost := b.connect(func(c *Connection) { c.Token = func() string { guess++; return fmt.Sprint("old-token-", guess) } })
	before, _ = b.gate.asked()
	answer = lost.SendCall(b.t.Context(), "c1", body)
	require.Equal(b.t, stock.NotProcessed, answer.Outcome)
	after, _ = b.gate.asked()
	require.Equal(b.t, before+2, after, "no further")
	require.NotContains(b.t, answer.Reason, "old-token")
}

// secretReplaced: each delivery is verified with the secrets in force when it comes.
func secretReplaced(b *bench) {
	inForce := []string{secret}
	p := b.connect(func(c *Connection) { c.Secrets = func() []string { return inForce } })
	body := []byte(`{"hello":"world"}`)
	old, next := b.Sign(secret, body), b.Sign("next-secret", body)
	require.NoError(b.t, p.Verify(old, body))
	require.Error(b.t, p.Verify(next, body))
	inForce = []string{"next-secret", secret}
	require.NoError(b.t, p.Verify(old, body))
	require.NoError(b.t, p.Verify(next, body))
	inForce = []string{"next-secret"}
	require.Error(b.t, p.Verify(old, body))
	require.NoError(b.t, p.Verify(next, body))
	inForce = nil
	require.Error(b.t, p.Verify(next, body))
}

func (b *bench) denied(p Platform, ref stock.Ref, body []byte, passes bool) {
	b.t.Helper()
	_, err := p.ReadRefs(b.t.Context(), []stock.Ref{ref}, time.Time{})
	require.Error(b.t, err)
	require.Equal(b.t, class{retryable: passes, denied: true}, classOf(err), "%v", err)
	require.NotContains(b.t, err.Error(), "token-", "a token in an error")
	require.NotContains(b.t, err.Error(), token)
	answer := p.SendCall(b.t.Context(), "c1", body)
	require.Equal(b.t, stock.NotProcessed, answer.Outcome, answer.Reason)
	require.Contains(b.t, answer.Reason, stock.FailureOf(err).Words(), "a refused push says it in the same words")
}

// selfTest: an adapter says what it needs and whether it has it, and writes nothing for it.
func selfTest(b *bench) {
	require.Zero(b.t, b.PlatformNow(), "before any answer nothing is known of the platform's clock")
	require.NoError(b.t, b.CheckToken(b.t.Context()))
	now := b.PlatformNow()
	require.False(b.t, now.IsZero())
	require.WithinDuration(b.t, b.clock.Now(), now, time.Second)
	require.False(b.t, now.After(b.clock.Now()))

	locations, err := b.Locations(b.t.Context())
	require.NoError(b.t, err)
	require.Len(b.t, locations, 1)
	require.Equal(b.t, b.shop.Location(), locations[0].ID)
	require.True(b.t, locations[0].Active)
	require.NotEmpty(b.t, locations[0].Name)

	for _, words := range [][]string{b.Scopes(), b.Topics()} {
		require.NotEmpty(b.t, words)
		require.Len(b.t, slices.Compact(slices.Sorted(slices.Values(words))), len(words))
	}
	traits := b.Traits()
	require.NotEmpty(b.t, traits.Platform)
	require.Positive(b.t, traits.Step)
	require.True(b.t, traits.History || traits.ForgetsKeysAfterHours > 0, "nothing would ever settle an unknown outcome")
	require.Positive(b.t, b.MaxRows())
	require.Positive(b.t, b.MaxReads())
	body := []byte(`{"evenstock":"self-test"}`)
	require.NoError(b.t, b.Verify(b.Sign(secret, body), body))
	require.Error(b.t, b.Verify(b.Sign("another", body), body))
}
