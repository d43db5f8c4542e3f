package kafka

import (
	"context"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/sha512"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// secureVariable names the folder that says how the private Kafka is spoken to with TLS and a login; make test-cluster sets it.
const secureVariable = "EVENSTOCK_TEST_KAFKA_SECURE"

func secured(t *testing.T, name string) string {
	t.Helper()
	folder := os.Getenv(secureVariable)
	if folder == "" {
		t.Skipf("no Kafka with TLS: %s is not set; make test-cluster sets it", secureVariable)
	}
	return filepath.Join(folder, name)
}

// address is that of one of the broker's listeners.
func address(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(secured(t, name+".address"))
	require.NoError(t, err)
	return strings.TrimSpace(string(text))
}

func TestSecureConnections(t *testing.T) {
	scramUser(t, "scram", "of the test", scram256, scram512)
	ca, cert, key := secured(t, "ca.pem"), secured(t, "client.crt"), secured(t, "client.key")
	for name, tc := range map[string]struct {
		listener string
		security Security
	}{
		"PLAIN":                {"sasl", Security{TLS: true, CAFile: ca, Mechanism: Plain, User: "plain", Password: "of-the-test"}},
		"SCRAM-SHA-256":        {"sasl", Security{TLS: true, CAFile: ca, Mechanism: ScramSHA256, User: "scram", Password: "of the test"}},
		"SCRAM-SHA-512":        {"sasl", Security{TLS: true, CAFile: ca, Mechanism: ScramSHA512, User: "scram", Password: "of the test"}},
		"certificates of both": {"tls", Security{TLS: true, CAFile: ca, CertFile: cert, KeyFile: key}},
	} {
		t.Run(name, func(t *testing.T) {
			h := realHarness(t)
			opts := Options{Brokers: []string{address(t, tc.listener)}}
			require.NoError(t, opts.Secure(tc.security))
			c, err := New(opts)
			require.NoError(t, err)
			h.topic(c, h.events, 2)
			fill(t, c, h.events, 0, 3)
			require.Equal(t, []string{"0", "1", "2"}, flatten(contents(t, c, h.events)))
			sub := c.NewSubscriber(SubscriberOptions{Group: "lane"}) // which dials in a way of its own
			out, err := sub.Subscribe(t.Context(), h.events)
			require.NoError(t, err)
			within(t, out).Ack()
			require.NoError(t, sub.Close())
			require.NoError(t, c.Close())
		})
	}
}

// What will not change is said at once, and not tried until somebody gives up.
func TestInsecureConnectionsAreRefused(t *testing.T) {
	scramUser(t, "scram", "of the test", scram512)
	ca := secured(t, "ca.pem")
	for name, tc := range map[string]struct {
		listener string
		security Security
		want     string
	}{
		"wrong password":       {"sasl", Security{TLS: true, CAFile: ca, Mechanism: ScramSHA512, User: "scram", Password: "canary"}, "SASL Authentication Failed"},
		"unknown user":         {"sasl", Security{TLS: true, CAFile: ca, Mechanism: Plain, User: "nobody", Password: "canary"}, "SASL Authentication Failed"},
		"unknown authority":    {"sasl", Security{TLS: true, Mechanism: Plain, User: "plain", Password: "canary"}, "unknown authority"},
		"no certificate of us": {"tls", Security{TLS: true, CAFile: ca}, "remote error"},
		"no TLS there":         {"plain", Security{TLS: true, CAFile: ca}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			opts := Options{Brokers: []string{address(t, tc.listener)}}
			require.NoError(t, opts.Secure(tc.security))
			c, err := New(opts)
			require.NoError(t, err)
			limit := patience
			if tc.want == "" { // a broker hangs up on what it does not understand, as one does that is stopped
				limit = time.Second
			}
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			err = c.EnsureTopics(ctx, []Topic{{Name: "never", Partitions: 1}})
			require.ErrorContains(t, err, tc.want)
			require.NotContains(t, err.Error(), "canary")
			require.Equal(t, tc.want == "", ctx.Err() != nil, "it is said at once: %v", err)
			require.NoError(t, c.Close())
		})
	}
}

// Numbers of mechanisms in the protocol.
const scram256, scram512 = 1, 2

// scramUser makes a user for mechanisms of SCRAM, and waits until the broker knows it.
func scramUser(t *testing.T, user, password string, mechanisms ...int8) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(address(t, "plain")))
	require.NoError(t, err)
	defer client.Close()
	for _, mechanism := range mechanisms { // a request may name a user once
		salt := []byte("salt of the test")
		salted, err := pbkdf2.Key(sha512.New, password, salt, 4096, sha512.Size)
		if mechanism == scram256 {
			salted, err = pbkdf2.Key(sha256.New, password, salt, 4096, sha256.Size)
		}
		require.NoError(t, err)
		req := kmsg.NewPtrAlterUserSCRAMCredentialsRequest()
		req.Upsertions = []kmsg.AlterUserSCRAMCredentialsRequestUpsertion{{Name: user, Mechanism: mechanism, Iterations: 4096, Salt: salt, SaltedPassword: salted}}
		resp, err := req.RequestWith(t.Context(), client)
		require.NoError(t, err)
		require.NoError(t, kerr.ErrorForCode(resp.Results[0].ErrorCode))
	}
	require.Eventually(t, func() bool {
		describe := kmsg.NewPtrDescribeUserSCRAMCredentialsRequest()
		describe.Users = []kmsg.DescribeUserSCRAMCredentialsRequestUser{{Name: user}}
		resp, err := describe.RequestWith(t.Context(), client)
		require.NoError(t, err)
		return len(resp.Results) == 1 && len(resp.Results[0].CredentialInfos) >= len(mechanisms)
	}, patience, 20*time.Millisecond)
}

func TestSecurityRefuses(t *testing.T) {
	folder := t.TempDir()
	empty := filepath.Join(folder, "empty.pem")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	for name, tc := range map[string]struct {
		security Security
		want     string
		is       error
	}{
		"files without TLS":        {security: Security{CAFile: empty}, want: "TLS is not asked for"},
		"no such file":             {security: Security{TLS: true, CAFile: filepath.Join(folder, "none.pem")}, is: fs.ErrNotExist},
		"no certificate in it":     {security: Security{TLS: true, CAFile: empty}, want: "holds no certificate"},
		"certificate without key":  {security: Security{TLS: true, CertFile: empty}, want: "needs its key"},
		"key without certificate":  {security: Security{TLS: true, KeyFile: empty}, want: "needs its key"},
		"no key in it":             {security: Security{TLS: true, CertFile: empty, KeyFile: empty}, want: "failed to find any PEM data"},
		"no mechanism":             {security: Security{User: "u", Password: "canary"}, want: "no mechanism"},
		"no password":              {security: Security{Mechanism: Plain, User: "u"}, want: "needs a user and a password"},
		"no user":                  {security: Security{Mechanism: Plain, Password: "canary"}, want: "needs a user and a password"},
		"unknown mechanism":        {security: Security{Mechanism: "GSSAPI", User: "u", Password: "canary"}, want: "unknown mechanism"},
		"control characters in it": {security: Security{Mechanism: ScramSHA512, User: "u", Password: "canary\x07"}, want: "SASLprep"},
	} {
		t.Run(name, func(t *testing.T) {
			err := new(Options).Secure(tc.security)
			if tc.is != nil {
				require.ErrorIs(t, err, tc.is)
				return
			}
			require.ErrorContains(t, err, tc.want)
			require.NotContains(t, err.Error(), "canary")
		})
	}
	var opts Options
	require.NoError(t, opts.Secure(Security{}))
	require.Nil(t, opts.TLS)
	require.Nil(t, opts.SASL)
}
