package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/kafka"
	"github.com/evenstock/evenstock/cmd/evenstock/cli"
)

// secureVariable names the folder that says how the private Kafka is spoken to with TLS and a login; make test-cluster sets it.
const secureVariable = "EVENSTOCK_TEST_KAFKA_SECURE"

// With a login at the brokers, over TLS, and topics as the configuration wants them, the program does the whole loop; doctor says what is
// wrong with the login or with the topics.
func TestOnClusterWithLogin(t *testing.T) {
	t.Parallel()
	folder := os.Getenv(secureVariable)
	if folder == "" {
		t.Skipf("no Kafka with TLS: %s is not set; make test-cluster sets it", secureVariable)
	}
	s := newStage(t, stageOptions{cluster: true})
	address, err := os.ReadFile(filepath.Join(folder, "sasl.address"))
	require.NoError(t, err)
	text, err := os.ReadFile(s.cfgPath)
	require.NoError(t, err)
	prefix := s.db.Name + "."
	secured := "kafka: {brokers: [" + strings.TrimSpace(string(address)) + "], topic_prefix: " + prefix + ", partitions: 3, replication: 1, tls: true, ca_file: " +
		filepath.Join(folder, "ca.pem") + ", sasl: PLAIN, user: plain, password_file: kafka.password}"
	text = regexp.MustCompile(`(?m)^kafka: .*$`).ReplaceAll(text, []byte(secured))
	require.NoError(t, os.WriteFile(s.cfgPath, text, 0o600))
	password := filepath.Join(filepath.Dir(s.cfgPath), "kafka.password")

	require.NoError(t, os.WriteFile(password, []byte("canary"), 0o600))
	told, _ := s.says("doctor")
	require.Contains(t, told, "SASL Authentication Failed")
	require.NotContains(t, told, "canary")
	told, code := s.says("serve")
	require.Equal(t, cli.ExitFailed, code)
	require.Contains(t, told, "SASL Authentication Failed")

	require.NoError(t, os.WriteFile(password, []byte("of-the-test"), 0o600))
	tee := s.sells("TEE-M", 8, 8)
	s.serve()
	s.open()
	s.even(tee, "8")
	s.sell(tee, 1)
	s.even(tee, "7")
	told, _ = s.says("doctor")
	require.Contains(t, told, strings.TrimSpace(string(address))+" answer")
	s.stop()

	client, err := kafka.New(kafka.Options{Brokers: []string{os.Getenv(kafkaVariable)}})
	require.NoError(t, err)
	defer func() { require.NoError(t, client.Close()) }()
	settings, err := client.Settings(t.Context(), prefix+"evenstock.events")
	require.NoError(t, err)
	require.Equal(t, 3, settings.Partitions)
	require.Equal(t, 1, settings.Replicas)
	require.NoError(t, client.EnsureTopics(t.Context(), []kafka.Topic{{Name: prefix + "evenstock.events.2", Partitions: 3, Configs: map[string]string{"cleanup.policy": "compact"}}}))
	told, _ = s.says("doctor")
	require.Contains(t, told, prefix+"evenstock.events.2 is compacted")
	require.Contains(t, told, "kafka-configs.sh")
}
