package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const clusterFile = `database_url_file: db.url
kafka: {brokers: ["127.0.0.1:9092"]}
locations: [main]
channels:
  - {name: till, platform: square, api_url: "https://connect.squareup.com", token_file: till.token, locations: {L8A1XYZ: main}}
`

func TestDatabaseURL(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text, env string
		mode      os.FileMode
		want      string
		fault     string
	}{
		"of a file":           {text: "postgres://shop:canary@db/evenstock\n", mode: 0o600, want: "postgres://shop:canary@db/evenstock"},
		"with options":        {text: "postgresql://db:5433/evenstock?sslmode=verify-full", mode: 0o400, want: "postgresql://db:5433/evenstock?sslmode=verify-full"},
		"of the environment":  {text: "rubbish canary", mode: 0o644, env: "postgres://e:canary@db/evenstock", want: "postgres://e:canary@db/evenstock"},
		"open to others":      {text: "postgres://shop:canary@db/evenstock", mode: 0o644, fault: "open to others"},
		"words":               {text: "host=db password=canary", mode: 0o600, fault: "holds blanks"},
		"another scheme":      {text: "mysql://shop:canary@db/evenstock", mode: 0o600, fault: "no URL of a database"},
		"no database":         {text: "postgres://shop:canary@db/", mode: 0o600, fault: "no URL of a database"},
		"no host":             {text: "postgres:///evenstock?password=canary", mode: 0o600, fault: "no URL of a database"},
		"a broken URL":        {text: "postgres://shop:canary%zz@db/evenstock", mode: 0o600, fault: "no URL of a database"},
		"a broken one in env": {env: "postgres://shop:canary", fault: "no URL of a database"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			file := filepath.Join(dir, "db.url")
			require.NoError(t, os.WriteFile(file, []byte(test.text), 0o600))
			require.NoError(t, os.Chmod(file, test.mode))
			env := func(name string) string {
				return map[string]string{databaseEnv: test.env}[name]
			}
			c, err := Parse(filepath.Join(dir, "evenstock.yaml"), []byte(clusterFile), env, nil)
			require.NoError(t, err)
			require.True(t, c.InCluster())
			got, err := c.DatabaseURL(env)
			if test.fault != "" {
				require.ErrorContains(t, err, test.fault)
				require.NotContains(t, err.Error(), "canary")
				require.Len(t, Problems(err), 1)
				require.Equal(t, databaseKey, Problems(err)[0].Key)
				return
			}
			require.NoError(t, err)
			require.Equal(t, test.want, got.Reveal())
			var printed strings.Builder
			require.NoError(t, c.Print(&printed))
			require.NotContains(t, printed.String()+fmt.Sprintf("%+v", got), "canary")
			_, err = c.DatabaseOwnerURL(env)
			require.ErrorContains(t, err, "database_owner_url_file: is missing")
		})
	}
}

func TestKafkaSecurity(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	secret := filepath.Join(dir, "kafka.password")
	require.NoError(t, os.WriteFile(secret, []byte("canary\n"), 0o600))
	text := strings.Replace(clusterFile, `"]}`, `"], tls: true, ca_file: ca.pem, sasl: SCRAM-SHA-512, user: shop, password_file: kafka.password}`, 1)
	c, err := Parse(filepath.Join(dir, "evenstock.yaml"), []byte(text), nil, nil)
	require.NoError(t, err)
	got, err := c.KafkaSecurity(nil)
	require.NoError(t, err)
	require.Equal(t, KafkaSecurity{TLS: true, CAFile: filepath.Join(dir, "ca.pem"), Mechanism: "SCRAM-SHA-512", User: "shop", Password: "canary"}, got)
	got, err = c.KafkaSecurity(func(name string) string { return map[string]string{passwordEnv: "of the environment"}[name] })
	require.ErrorContains(t, err, "holds blanks")
	require.Empty(t, got.Password)
	require.NoError(t, os.Chmod(secret, 0o644))
	_, err = c.KafkaSecurity(nil)
	require.ErrorContains(t, err, "open to others")
	require.NotContains(t, err.Error(), "canary")
	var printed strings.Builder
	require.NoError(t, c.Print(&printed))
	require.NotContains(t, printed.String(), "canary")

	// A key is a secret too.
	key := filepath.Join(dir, "own.key")
	require.NoError(t, os.WriteFile(key, []byte("canary"), 0o600))
	text = strings.Replace(clusterFile, `"]}`, `"], tls: true, cert_file: own.pem, key_file: own.key}`, 1)
	c, err = Parse(filepath.Join(dir, "evenstock.yaml"), []byte(text), nil, nil)
	require.NoError(t, err)
	got, err = c.KafkaSecurity(nil)
	require.NoError(t, err)
	require.Equal(t, KafkaSecurity{TLS: true, CertFile: filepath.Join(dir, "own.pem"), KeyFile: key}, got)
	for reason, spoil := range map[string]func() error{
		"open to others": func() error { return os.Chmod(key, 0o640) },
		"cannot be read": func() error { return os.Rename(key, key+".old") },
	} {
		require.NoError(t, os.WriteFile(key, []byte("canary"), 0o600))
		require.NoError(t, spoil())
		_, err = c.KafkaSecurity(nil)
		require.ErrorContains(t, err, reason)
		require.Len(t, Problems(err), 1)
		require.Equal(t, keyKey, Problems(err)[0].Key)
	}

	c, err = Parse(filepath.Join(dir, "evenstock.yaml"), []byte(clusterFile), nil, nil)
	require.NoError(t, err)
	got, err = c.KafkaSecurity(nil)
	require.NoError(t, err)
	require.Zero(t, got)
}
