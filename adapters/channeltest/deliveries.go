package channeltest

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
)

// signature: only what one of the secrets signed is taken, byte for byte and in one form.
func signature(b *bench) {
	body := []byte(`{"hello":"<world> & co"}`)
	header := b.Sign(secret, body)
	require.Len(b.t, header, 1)
	var name, good string
	for key := range header {
		name, good = key, header.Get(key)
	}
	require.NoError(b.t, b.Verify(header, body))
	digest, err := base64.StdEncoding.DecodeString(good)
	require.NoError(b.t, err)
	for what, given := range map[string][]string{
		"twice": {good, good}, "twice in one line": {good + "," + good}, "twice in one line, spaced": {good + ", " + good}, "thrice": {good, good + "," + good},
	} {
		require.NoError(b.t, b.Verify(http.Header{name: given}, body), what)
	}
	foreign := b.Sign("another", body).Get(name)
	for what, given := range map[string][]string{
		"with another": {good, foreign}, "behind another": {foreign, good}, "with another in one line": {good + "," + foreign}, "with nothing": {good, ""}, "with a comma": {good + ","},
		"none": nil, "empty": {""}, "hex": {hex.EncodeToString(digest)},
		"without padding": {strings.TrimRight(good, "=")}, "trailing space": {good + " "}, "trailing newline": {good + "\n"},
		"newline inside": {good[:20] + "\n" + good[20:]}, "URL alphabet": {base64.URLEncoding.EncodeToString(digest[:31]) + "_-"},
		"spare bits": {spareBits(good)}, "truncated digest": {base64.StdEncoding.EncodeToString(digest[:16])},
		"of another secret": {foreign}, "of the empty secret": b.Sign("", body)[name],
	} {
		require.Error(b.t, b.Verify(http.Header{name: given}, body), what)
	}
	for what, other := range map[string]string{
		"newline more": string(body) + "\n", "a byte less": string(body[:len(body)-1]), "re-encoded": `{"hello": "<world> & co"}`,
		"escaped": `{"hello":"\u003cworld\u003e \u0026 co"}`, "empty": "",
	} {
		require.Error(b.t, b.Verify(header, []byte(other)), what)
	}
	require.Error(b.t, b.Verify(b.Sign(secret, nil), nil), "an empty body, well signed")

	rotating := b.connect(secrets("next-secret", secret))
	require.NoError(b.t, rotating.Verify(header, body))
	require.NoError(b.t, rotating.Verify(rotating.Sign("next-secret", body), body))
	require.Error(b.t, b.connect(secrets("next-secret")).Verify(header, body), "rotated away")
	require.Error(b.t, b.connect(secrets()).Verify(header, body), "no secret configured")
	require.Error(b.t, b.connect(secrets()).Verify(b.Sign("", body), body), "no secret configured")
}

// spareBits changes the bits of the last character that no byte uses.
func spareBits(signature string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	end := len(signature) - 2
	return signature[:end] + string(alphabet[strings.IndexByte(alphabet, signature[end])|1]) + "="
}

// decode: what a shop delivers of a sale is verified and becomes events of the channel, the new count among them.
func decode(b *bench) {
	ref := b.stock(10)
	b.sell(ref, 3)
	var shown []stock.Quantity
	carried := false
	for _, d := range b.delivered() {
		carried = carried || bytes.Contains(d.Body, []byte(canary))
		require.NoError(b.t, b.Verify(d.Header, d.Body))
		events, err := b.Decode(d.Header, d.Body, b.clock.Now())
		if unknown, _ := refusalOf(err); unknown {
			continue
		}
		require.NoError(b.t, err)
		again, err := b.Decode(d.Header, d.Body, b.clock.Now())
		require.NoError(b.t, err)
		require.Equal(b.t, events, again, "the same delivery is the same facts")
		for _, event := range events {
			b.checkEvent(event)
			if r := event.Reading; r != nil && r.Ref == ref && r.Status == stock.Counted {
				shown = append(shown, r.Quantity)
			}
		}
	}
	require.Contains(b.t, shown, stock.Units(7))
	require.True(b.t, carried, "the shop sends no customer that could leak")

	events, err := b.Decode(b.harness.Foreign.Header, b.harness.Foreign.Body, b.clock.Now())
	unknown, topic := refusalOf(err)
	require.True(b.t, unknown, "%v", err)
	require.Equal(b.t, b.harness.ForeignTopic, topic)
	require.Empty(b.t, events)
	require.False(b.t, classOf(err).retryable)
}

// checkEvent checks what holds of every event, and that it survives the stream.
func (b *bench) checkEvent(event stock.Event) {
	b.t.Helper()
	require.NotEmpty(b.t, event.ID)
	require.Equal(b.t, channel, event.Channel)
	require.Contains(b.t, b.Topics(), event.Topic)
	require.Equal(b.t, b.clock.Now(), event.ObservedAt)
	facts := 0
	for _, set := range []bool{event.Reading != nil, event.Movement != nil, event.Recount != nil, event.Order != nil, event.Hint != nil} {
		if set {
			facts++
		}
	}
	require.Equal(b.t, 1, facts, "%+v", event)
	text, err := json.Marshal(event)
	require.NoError(b.t, err)
	require.NotContains(b.t, string(text), canary)
	var back stock.Event
	require.NoError(b.t, json.Unmarshal(text, &back))
	require.Equal(b.t, event, back)
}

// decodeBroken: what no platform sends is refused for good, and nothing of it is repeated.
func decodeBroken(b *bench) {
	b.sell(b.stock(10), 3)
	for _, d := range b.delivered() {
		if _, err := b.Decode(d.Header, d.Body, b.clock.Now()); err != nil {
			continue // of no interest in any form
		}
		for what, body := range map[string]string{
			"nothing": "", "half": string(d.Body[:len(d.Body)/2]), "two documents": string(d.Body) + string(d.Body), "text behind it": string(d.Body) + "x",
			"text": canary, "HTML": "<html>" + canary, "gzip": "\x1f\x8b\x08\x00", "null": "null", "a list": "[" + string(d.Body) + "]", "an empty object": "{}",
			"no UTF-8": string(bytes.Replace(d.Body, []byte(`":"`), []byte("\":\"\xff"), 1)), "too deep": strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000),
		} {
			events, err := b.Decode(d.Header, []byte(body), b.clock.Now())
			require.Error(b.t, err, what)
			require.Empty(b.t, events, what)
			unknown, _ := refusalOf(err)
			require.False(b.t, unknown, "%s: %v", what, err)
			require.False(b.t, classOf(err).retryable, what)
			require.NotContains(b.t, err.Error(), canary, what)
			require.Less(b.t, len(err.Error()), 300, what)
		}
	}
}
