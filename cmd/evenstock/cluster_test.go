package main

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	kafkago "github.com/segmentio/kafka-go"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/kafka"
	"github.com/evenstock/evenstock/cmd/evenstock/cli"
	"github.com/evenstock/evenstock/ledger/postgres/postgrestest"
	"github.com/evenstock/evenstock/sync/stream"
)

const (
	// clusterVariable has every stage of a test run stand on real servers: the same tests judge both sizes.
	clusterVariable = "EVENSTOCK_TEST_STAGE"
	kafkaVariable   = "EVENSTOCK_TEST_KAFKA"
)

// joinCluster has the stage serve on a database of its own, and on topics of its own.
func (s *stage) joinCluster() *postgrestest.Database {
	s.t.Helper()
	if os.Getenv(kafkaVariable) == "" {
		s.t.Skipf("no Kafka: %s is not set; make test-cluster starts one", kafkaVariable)
	}
	db := postgrestest.New(s.t)
	text, err := os.ReadFile(s.cfgPath)
	must(s.t, err)
	added := fmt.Sprintf("database_url_file: database.url\nkafka: {brokers: [%q], topic_prefix: %s.}\n", os.Getenv(kafkaVariable), db.Name)
	must(s.t, os.WriteFile(s.cfgPath, append([]byte(added), text...), 0o600))
	s.writeURL("database.url", db.Name, db.AppName(), "")
	return db
}

// standalone leaves out on a cluster what concerns the files in the data folder.
func (s *stage) standalone(because string) {
	s.t.Helper()
	if s.db != nil {
		s.t.Skip("standalone only: " + because)
	}
}

// onServers shows all that a stage on a cluster has stored there, table by table and topic by topic.
func (s *stage) onServers(look func(where, text string)) {
	s.t.Helper()
	if s.db == nil {
		return
	}
	rows, err := s.db.Super.Query(s.t.Context(), `SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`)
	must(s.t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(s.t, err)
	for _, table := range tables {
		var text string
		must(s.t, s.db.Super.QueryRow(s.t.Context(), `SELECT coalesce(string_agg(t::text, E'\n'), '') FROM `+table+` t`).Scan(&text))
		look("table "+table, text)
	}
	client, err := kafka.New(kafka.Options{Brokers: []string{os.Getenv(kafkaVariable)}})
	must(s.t, err)
	defer func() { must(s.t, client.Close()) }()
	topics, err := client.Topics(s.t.Context())
	must(s.t, err)
	for topic := range topics {
		if strings.HasPrefix(topic, s.db.Name) {
			must(s.t, client.ReadRange(s.t.Context(), kafka.RangeOptions{Topic: topic}, func(batch kafka.Batch) error {
				for _, record := range batch.Records {
					look("topic "+topic, string(record.Key)+string(record.Value))
				}
				return nil
			}))
		}
	}
}

// writeURL writes a secret that names a database for a login, by another way than the straight one if one is given.
func (s *stage) writeURL(name, database, login, way string) {
	s.t.Helper()
	u, err := url.Parse(os.Getenv(postgrestest.Variable))
	must(s.t, err)
	u.User, u.Path, u.Host = url.User(login), "/"+database, cmp.Or(way, u.Host)
	must(s.t, os.WriteFile(filepath.Join(filepath.Dir(s.cfgPath), name), []byte(u.String()), 0o600))
}

// On a cluster the program says what it needs, does the whole loop, and lets no second process work on the ledger.
func TestOnCluster(t *testing.T) {
	t.Parallel()
	s := newStage(t, stageOptions{cluster: true})
	db := s.db
	s.env["EVENSTOCK_DATABASE_OWNER_URL"] = ""
	_, err := db.Owner.Exec(t.Context(), `DROP OWNED BY CURRENT_USER; CREATE SCHEMA IF NOT EXISTS public`)
	require.NoError(t, err)
	_, err = db.Super.Exec(t.Context(), `REVOKE evenstock_app FROM `+db.AppName())
	require.NoError(t, err)

	told, code := s.says("serve")
	require.Equal(t, cli.ExitFailed, code)
	require.Contains(t, told, "evenstock.yaml migrate up")
	told, code = s.says("migrate", "up")
	require.Equal(t, cli.ExitFailed, code)
	require.Contains(t, told, "database_owner_url_file: is missing")
	u, err := url.Parse(os.Getenv(postgrestest.Variable))
	require.NoError(t, err)
	u.User, u.Path = url.User(db.OwnerName()), "/"+db.Name
	s.env["EVENSTOCK_DATABASE_OWNER_URL"] = u.String()
	told, code = s.says("migrate", "status")
	require.Equal(t, cli.ExitFailed, code)
	require.Contains(t, told, "evenstock.yaml migrate up")
	told, code = s.says("migrate", "up")
	require.Equal(t, cli.ExitOK, code, told)
	require.Contains(t, told, "as this program knows it")
	told, code = s.says("stock")
	require.Equal(t, cli.ExitFailed, code)
	require.Contains(t, told, "there is no ledger yet in the database")

	tee := s.sells("TEE-M", 8, 8)
	s.serve()
	s.open()
	s.even(tee, "8")
	s.sell(tee, 1)
	s.even(tee, "7")
	s.order(tee, 2)
	s.even(tee, "5")
	s.explained(tee, map[string]string{"opening": "-8", "sold/till": "1", "sold/web": "2"})
	s.reason(tee, "5", 0)
	require.Contains(t, s.command("stock", "TEE-M"), " 5 ")
	require.Contains(t, s.command("ledger", "verify"), "follow from them")

	// Dead letters wait for a person for as long as that takes.
	require.Equal(t, map[string]string{"retention.ms": "-1", "retention.bytes": "268435456"}, s.settingsOf(stream.DeadLettersTopic, "retention.ms", "retention.bytes"))

	// Another process with a data folder of its own looks at the ledger, and writes to it as little as to another's folder.
	other := []string{"--data", t.TempDir()}
	require.Contains(t, s.command(append(other, "stock", "TEE-M")...), " 5 ")
	told, code = s.says(append(other, "ledger", "rebuild")...)
	require.Equal(t, cli.ExitFailed, code)
	require.Contains(t, told, "belongs to another evenstock process")

	// A database that ends all sessions is no end: what was sold meanwhile comes.
	_, err = db.Super.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1`, db.AppName())
	require.NoError(t, err)
	s.sell(tee, 1)
	s.even(tee, "4")
	s.stop()

	// What was stored is there after a stop, for commands in their own process, and for the next serve.
	require.Contains(t, s.command("ledger", "rebuild"), "follow from them")
	require.Equal(t, "no dead letters\n", s.command("dlq", "list"))
	s.serve()
	s.sell(tee, 1)
	s.even(tee, "3")
	s.stop()

	// No data folder that keeps a ledger is left behind unseen.
	folder := t.TempDir()
	must(t, os.WriteFile(filepath.Join(folder, "ledger.db"), nil, 0o600))
	told, code = s.says("--data", folder, "serve")
	require.Equal(t, cli.ExitFailed, code)
	require.Contains(t, told, "holds one: name another folder with --data")

	// A later program's schema is not touched.
	_, err = db.Super.Exec(context.WithoutCancel(t.Context()), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, true)`)
	require.NoError(t, err)
	for _, words := range []string{"serve", "stock", "migrate up", "migrate status", "doctor"} {
		told, code = s.says(strings.Fields(words)...)
		require.NotEqual(t, cli.ExitOK, code, words)
		require.Contains(t, told, "run the version of evenstock that wrote it, or a later one", words)
	}
}

// While the database is away webhooks are kept on the stream and readiness says so; when it is back everything goes on by itself.
func TestDatabaseAwayOnCluster(t *testing.T) {
	t.Parallel()
	s := newStage(t, stageOptions{cluster: true})
	proxy := postgrestest.NewProxy(t)
	s.writeURL("database.url", s.db.Name, s.db.AppName(), proxy.Addr)
	tee := s.sells("TEE-M", 9, 9)
	s.serve()
	s.open()
	s.even(tee, "9")
	for _, away := range []struct {
		name string
		cut  func()
		want string
	}{{"cut", proxy.Cut, "8"}, {"stalled", proxy.Stall, "7"}} {
		away.cut()
		s.sell(tee, 1)
		s.eventually("readiness to fail, "+away.name, func() string {
			if answer := s.readyz(); answer.Ready {
				return "it is ready"
			}
			return ""
		})
		proxy.Pass()
		s.even(tee, away.want)
		s.eventually("readiness, "+away.name, func() string { return strings.Join(s.readyz().Reasons, "; ") })
	}
	s.explained(tee, map[string]string{"opening": "-9", "sold/till": "2"})
	require.Contains(t, s.command("ledger", "verify"), "follow from them")
}

// Brokers that ask for TLS and a certificate of ours get both, and the doctor says what is wrong with another one.
func TestSecureBrokersOnCluster(t *testing.T) {
	t.Parallel()
	s := newStage(t, stageOptions{cluster: true})
	folder := os.Getenv("EVENSTOCK_TEST_KAFKA_SECURE")
	if folder == "" {
		t.Skip("no Kafka with TLS: EVENSTOCK_TEST_KAFKA_SECURE is not set; make test-cluster sets it")
	}
	address, err := os.ReadFile(filepath.Join(folder, "tls.address"))
	must(t, err)
	text, err := os.ReadFile(s.cfgPath)
	must(t, err)
	in := func(name string) string { return filepath.Join(folder, name) }
	secure := fmt.Sprintf("brokers: [%q], tls: true, ca_file: %q, cert_file: %q, key_file: %q", strings.TrimSpace(string(address)), in("ca.pem"), in("client.crt"), in("client.key"))
	plain := fmt.Sprintf("brokers: [%q]", os.Getenv(kafkaVariable))
	require.Contains(t, string(text), plain)
	must(t, os.WriteFile(s.cfgPath, []byte(strings.Replace(string(text), plain, secure, 1)), 0o600))

	tee := s.sells("TEE-M", 8, 8)
	s.serve()
	s.open()
	s.sell(tee, 1)
	s.even(tee, "7")
	s.stop()
	told, _ := s.says("doctor")
	require.Regexp(t, `ok +brokers`, told)
	must(t, os.WriteFile(s.cfgPath, []byte(strings.Replace(string(text), plain, strings.Replace(secure, "client.crt", "broker.crt", 1), 1)), 0o600))
	told, code := s.says("doctor")
	require.Equal(t, cli.ExitUsage, code)
	require.Regexp(t, `fail +brokers .*does not match`, told)
}

// Of three serves one works on the ledger and the others stand by: they take webhooks in, tell how everything is and change nothing. One that
// works and is stopped loses its place, and writes and pushes nothing when it goes on: it stands by, and takes its turn again.
func TestStoppedServeOnCluster(t *testing.T) {
	t.Parallel()
	s := newStage(t, stageOptions{cluster: true})
	tee := s.sells("TEE-M", 9, 9)
	fleet := s.fleet(3)
	s.open()
	s.even(tee, "9")
	require.Equal(t, []string{"works on the ledger", standingBy, standingBy}, fleet.roles())
	for i, n := range fleet.nodes[1:] {
		told, code := s.says("--data", n.data, "status")
		require.Equal(t, cli.ExitOK, code, told)
		require.Contains(t, told, "running and ready, and stands by: another process works on the ledger")
		require.Contains(t, s.command("--data", n.data, "stock", "TEE-M"), " 9 ")
		require.Contains(t, s.command("--data", n.data, "ledger", "verify"), "follow from them", i)
		for _, line := range []string{"ledger rebuild", "reconcile run"} {
			told, code = s.says(append([]string{"--data", n.data}, strings.Fields(line)...)...)
			require.NotEqual(t, cli.ExitOK, code, line)
			require.Contains(t, told, "give the command beside that one", line)
		}
	}

	must(t, fleet.nodes[0].signal(syscall.SIGSTOP))
	stopped := time.Now()
	works := fleet.awaitWorker(0)
	t.Logf("the place of a stopped one is taken after %s", time.Since(stopped).Round(time.Millisecond))
	s.sell(tee, 1)
	s.even(tee, "8")
	must(t, fleet.nodes[0].signal(syscall.SIGCONT))
	s.eventually("the stopped one to stand by", func() string {
		if roles := fleet.roles(); roles[0] != standingBy {
			return roles[0]
		}
		return ""
	})
	s.order(tee, 2)
	s.even(tee, "6")

	// Who is interrupted gives the place up at once, and the last one that is left has it.
	for left := 2; left > 0; left-- {
		fleet.nodes[works].stop()
		now := time.Now()
		next := fleet.awaitWorker(works)
		t.Logf("the place of an interrupted one is taken %s after its end", time.Since(now).Round(time.Millisecond))
		works = next
		s.sell(tee, 1)
		s.even(tee, fmt.Sprint(3+left))
	}
	s.explained(tee, map[string]string{"opening": "-9", "sold/till": "3", "sold/web": "2"})
	require.Equal(t, 3, s.pushes(s.shopify.Truth()))
	require.Equal(t, 1, s.pushes(s.square.Truth()))
	require.Contains(t, s.command("--data", fleet.nodes[works].data, "ledger", "verify"), "follow from them")
}

// settingsOf asks Kafka for settings of a topic of the stage.
func (s *stage) settingsOf(topic string, names ...string) map[string]string {
	s.t.Helper()
	client := &kafkago.Client{Addr: kafkago.TCP(os.Getenv(kafkaVariable))}
	answer, err := client.DescribeConfigs(s.t.Context(), &kafkago.DescribeConfigsRequest{Resources: []kafkago.DescribeConfigRequestResource{
		{ResourceType: kafkago.ResourceTypeTopic, ResourceName: s.db.Name + "." + topic, ConfigNames: names},
	}})
	must(s.t, err)
	must(s.t, answer.Resources[0].Error)
	settings := map[string]string{}
	for _, entry := range answer.Resources[0].ConfigEntries {
		settings[entry.ConfigName] = entry.ConfigValue
	}
	return settings
}
