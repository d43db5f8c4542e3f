package kafka

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A broker that slows a client down answers, and then leaves the connection
// unread for as long as it said. Who sends meanwhile runs into its time limit,
// sends again, and has its records twice.
func TestQuotaCostsTimeAndNothingElse(t *testing.T) {
	const records, each, quota = 5, 800_000, 200_000
	h := realHarness(t)
	said := &logLines{lines: make(chan string, 1000)}
	c := h.client(func(o *Options) {
		o.ClientID, o.Logger = h.name("client"), slog.New(slog.NewTextHandler(said, nil))
	})
	h.topic(c, h.events, 1)
	h.quota(c.opts.ClientID, quota)
	pub := c.NewPublisher(PublisherOptions{ProduceTimeout: time.Second, DeliveryTimeout: patience})
	for i := range records {
		require.NoError(t, pub.Publish(h.events, keyed("k", fmt.Sprint(i)+strings.Repeat(".", each))))
	}
	require.NoError(t, pub.Close())
	var got []string
	require.NoError(t, h.client().ReadRange(context.Background(), RangeOptions{Topic: h.events}, func(b Batch) error {
		got = append(got, names(b.Records)...)
		return nil
	}))
	require.Equal(t, []string{"0", "1", "2", "3", "4"}, got)
	said.await(t, "slows this client down")
}

// quota bounds the bytes a second that a client may write.
func (h *harness) quota(clientID string, bytes float64) {
	h.t.Helper()
	req := kmsg.NewPtrAlterClientQuotasRequest()
	req.Entries = []kmsg.AlterClientQuotasRequestEntry{{
		Entity: []kmsg.AlterClientQuotasRequestEntryEntity{{Type: "client-id", Name: &clientID}},
		Ops:    []kmsg.AlterClientQuotasRequestEntryOp{{Key: "producer_byte_rate", Value: bytes}},
	}}
	resp, err := req.RequestWith(h.t.Context(), h.franz())
	require.NoError(h.t, err)
	require.NoError(h.t, kerr.ErrorForCode(resp.Entries[0].ErrorCode))
}
