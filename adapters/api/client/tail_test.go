package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/api/client"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
)

var errEnough = errors.New("enough")

// TestWhoeverHangsUpEndsTheTail follows a stream on which nothing comes any more. Nothing may be left of it.
func TestWhoeverHangsUpEndsTheTail(t *testing.T) {
	t.Parallel()
	for way, connect := range ways {
		for name, byContext := range map[string]bool{"by the context": true, "by an error of the visitor": false} {
			t.Run(way+"/"+name, func(t *testing.T) {
				t.Parallel()
				b := newBook(t)
				require.NoError(t, b.Stream.Publish(t.Context(), []stock.Event{{ID: "e1", Hint: &stock.Hint{Resource: "order/1"}}}))
				left := make(chan struct{})
				handler := handlerOf(app.New(b.Options()))
				c := connect(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
					handler.ServeHTTP(w, req)
					close(left)
				}))
				ctx, hangUp := context.WithCancel(t.Context())
				defer hangUp()
				err := c.TailEvents(ctx, app.TailQuery{Last: 5, Follow: true}, func(json.RawMessage) error {
					if byContext {
						hangUp()
						return nil
					}
					return errEnough
				})
				if byContext {
					require.ErrorIs(t, err, context.Canceled)
				} else {
					require.Equal(t, errEnough, err)
				}
				<-left
			})
		}
	}
}

// TestAProblemInMidTail is an error, after the events that came before it.
func TestAProblemInMidTail(t *testing.T) {
	t.Parallel()
	for way, connect := range ways {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			b := newBook(t)
			c := connect(t, handlerOf(app.New(b.Options())))
			event := stock.Event{ID: "e1", Hint: &stock.Hint{Resource: "order/1"}}
			require.NoError(t, b.Stream.Publish(t.Context(), []stock.Event{event}))
			var seen []string
			err := c.TailEvents(t.Context(), app.TailQuery{Last: 5, Follow: true}, func(line json.RawMessage) error {
				seen = append(seen, string(line))
				b.Stream.Fail(errors.New("disk full"))
				return nil
			})
			require.EqualError(t, err, "disk full")
			require.Len(t, seen, 1)
		})
	}
}

// A typed problem in mid-tail is typed at this side too, and a line of the greatest event is read.
func TestLinesOfATail(t *testing.T) {
	t.Parallel()
	c := client.New(client.InProcess{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"offset": 1, "error": "`+strings.Repeat("x", 3<<20)+"\"}\n")
		_, _ = io.WriteString(w, `{"title":"Service Unavailable","status":503,"detail":"the broker starts","kind":"busy","remedy":"again"}`+"\n")
		_, _ = io.WriteString(w, "{}\n")
	})}, "http://evenstock")
	lines := 0
	err := c.TailEvents(t.Context(), app.TailQuery{}, func(json.RawMessage) error {
		lines++
		return nil
	})
	require.Equal(t, &app.Error{Kind: app.Busy, What: "the broker starts", Remedy: app.RemedyAgain}, err)
	require.Equal(t, 1, lines)
}
