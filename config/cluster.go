package config

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Limits of the cluster's keys.
const (
	maxBrokers     = 16
	maxPartitions  = 200 // each has a request waiting at a broker
	maxReplication = 9
)

// Kafka says where the brokers of a cluster are.
type Kafka struct {
	// Brokers are host:port of some of them: they name the others.
	Brokers []string
	// TopicPrefix begins the names of our topics there.
	TopicPrefix string
	// Partitions carry events; 0: as many as standalone. Replication is how many brokers keep a topic that we make; 0: as they choose.
	Partitions, Replication int
	// TLS encrypts connections and has brokers show who they are. The files, as they stand in the file, are certificates that vouch for
	// brokers, and the certificate and key that we show.
	TLS                       bool
	CAFile, CertFile, KeyFile string
	// SASL is the mechanism of the login as User; empty: none. PasswordFile is as it stands in the file; KafkaSecurity reads it.
	SASL, User, PasswordFile string

	passwordFromEnv bool
}

// KafkaSecurity is how brokers are spoken to: with paths that can be opened, and with the password.
type KafkaSecurity struct {
	TLS                       bool
	CAFile, CertFile, KeyFile string
	Mechanism, User, Password string
}

// InCluster says whether the ledger is in Postgres and the stream in Kafka; else both are in the data folder. There is no other pairing.
func (c *Config) InCluster() bool { return len(c.Kafka.Brokers) > 0 }

// The keys and variables of the database's addresses, which hold passwords.
const (
	databaseKey, databaseEnv = "database_url_file", envPrefix + "DATABASE_URL"
	ownerKey, ownerEnv       = "database_owner_url_file", envPrefix + "DATABASE_OWNER_URL"
	brokersKey               = "kafka.brokers"
	prefixKey                = "kafka.topic_prefix"
	partitionsKey            = "kafka.partitions"
	replicationKey           = "kafka.replication"
	keyKey                   = "kafka.key_file"

	passwordKey, passwordEnv = "kafka.password_file", envPrefix + "KAFKA_PASSWORD"
)

// mechanisms are the logins that the Kafka client knows.
var mechanisms = []string{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"}

// topicPrefix leaves room for the longest name of ours within Kafka's 249 characters.
var topicPrefix = form{regexp.MustCompile(`^[A-Za-z0-9._-]*$`), 1, 100}

// clustered documents the keys of a cluster: file only, but for the secrets.
var clustered = []Option{
	{Key: databaseKey, Env: databaseEnv, Unit: "file, mode 0600",
		Help: "holds the postgres:// URL of the login that works on the ledgers, a member of evenstock_app (cluster); without it they are SQLite files in data"},
	{Key: ownerKey, Env: ownerEnv, Unit: "file, mode 0600",
		Help: "holds the postgres:// URL of the login that owns the tables; for `evenstock migrate` and for erasing merchants alone, `serve` works without"},
	{Key: brokersKey, Unit: fmt.Sprintf("list of host:port, 1 to %d", maxBrokers),
		Help: "where Apache Kafka is (cluster); without it the stream is kept in data"},
	{Key: prefixKey, Unit: "A-Z a-z 0-9 . _ -, to 100", Help: "begins the names of our topics, for installations that share an Apache Kafka: each has its own"},
	{Key: partitionsKey, Default: "4", Unit: fmt.Sprintf("1 to %d", maxPartitions),
		Help: "how many partitions carry events; with another number the next start begins a new topic and first applies what the one before holds"},
	{Key: replicationKey, Default: "as the brokers choose", Unit: fmt.Sprintf("1 to %d", maxReplication),
		Help: "how many brokers keep a topic that we make, 3 so that what was answered with 200 outlives one of them; topics that exist stay as they are"},
	{Key: "kafka.tls", Default: "false", Unit: "true, false", Help: "encrypt connections to the brokers, and have them show a certificate"},
	{Key: "kafka.ca_file", Unit: "PEM file", Help: "certificates that vouch for the brokers; default: those that the system trusts"},
	{Key: "kafka.cert_file", Unit: "PEM file", Help: "certificate that we show to brokers that ask for one"},
	{Key: keyKey, Unit: "PEM file, mode 0600", Help: "its key"},
	{Key: "kafka.sasl", Unit: strings.Join(mechanisms, ", "), Help: "how we log in to the brokers; without it we do not"},
	{Key: "kafka.user", Unit: "text", Help: "the user of the login"},
	{Key: passwordKey, Env: passwordEnv, Unit: "file, mode 0600", Help: "holds the password of the login"},
}

// kafka reads where the brokers are, and how they are spoken to.
func (p *parser) kafka(node *yaml.Node, key string) {
	k := &p.cfg.Kafka
	texts := map[string]*string{
		"topic_prefix": &k.TopicPrefix, "ca_file": &k.CAFile, "cert_file": &k.CertFile, "key_file": &k.KeyFile,
		"sasl": &k.SASL, "user": &k.User, "password_file": &k.PasswordFile,
	}
	p.mapping(node, key, key, func(name, key string, value *yaml.Node) {
		switch name {
		case "brokers":
			k.Brokers = p.list(value, key, maxBrokers)
		case "tls":
			k.TLS = p.yes(value, key)
		case "partitions":
			k.Partitions = p.count(value, key, 1, maxPartitions)
		case "replication":
			k.Replication = p.count(value, key, 1, maxReplication)
		default:
			*texts[name] = p.text(value, key)
		}
	})
}

// overlayCluster notes which secrets come from the environment.
func (p *parser) overlayCluster() {
	for key, secret := range map[string]struct {
		name    string
		fromEnv *bool
	}{databaseKey: {databaseEnv, &p.cfg.databaseFromEnv}, ownerKey: {ownerEnv, &p.cfg.ownerFromEnv}, passwordKey: {passwordEnv, &p.cfg.Kafka.passwordFromEnv}} {
		if *secret.fromEnv = p.env(secret.name) != ""; *secret.fromEnv {
			p.at[key] = origin{file: "env " + secret.name}
		}
	}
}

// validateCluster refuses what is neither of the two pairings.
func (p *parser) validateCluster() {
	heard := false // what is said to a broker can be heard by others
	for i, broker := range p.cfg.Kafka.Brokers {
		key := fmt.Sprintf("%s[%d]", brokersKey, i)
		if reason := badBroker(broker); reason != "" {
			p.fail(key, reason, "write host:port, such as kafka1.example.com:9092")
		} else if slices.Index(p.cfg.Kafka.Brokers, broker) < i {
			p.fail(key, fmt.Sprintf("%q is listed twice", broker), "remove one of the two")
		} else if host, _, _ := net.SplitHostPort(broker); !isLoopback(host) && !p.cfg.Kafka.TLS {
			p.warn(key, fmt.Sprintf("%q is spoken to without TLS", broker), "set kafka.tls, or keep it in a network of your own")
			heard = true
		}
	}
	p.validateSecurity(heard)
	if prefix := p.cfg.Kafka.TopicPrefix; prefix != "" && !topicPrefix.matches(prefix) {
		p.fail(prefixKey, fmt.Sprintf("%.40q cannot begin the name of a topic", prefix), "use up to 100 of A-Z, a-z, 0-9, dot, _ and -")
	}
	database, brokers := p.has(databaseKey), p.has(brokersKey)
	switch {
	case p.has("kafka") && len(p.cfg.Kafka.Brokers) == 0:
		if !p.faulty["kafka"] && !p.faulty[brokersKey] && !p.faulty[brokersKey+"[0]"] {
			p.fail("kafka", "names no brokers", "list them in kafka.brokers, or remove it")
		}
	case database && !brokers:
		p.fail(databaseKey, "is given without kafka.brokers: the broker in the data folder is one process's, while a ledger in Postgres is for many",
			"name the brokers of an Apache Kafka in kafka.brokers, or remove it for a ledger in the data folder")
	case brokers && !database:
		p.fail(brokersKey, "is given without database_url_file: a ledger in the data folder is one process's, while Kafka is for many",
			"name the file that holds the URL of a Postgres database, or set "+databaseEnv+", or remove it for a broker in the data folder")
	case p.has(passwordKey) && !brokers:
		p.fail(passwordKey, "is given without kafka.brokers", "list the brokers that it is for, or remove it")
	case p.has(ownerKey) && !database:
		p.fail(ownerKey, "is given without database_url_file", "name the file with the URL of the login that works on the ledgers, or set "+databaseEnv)
	}
}

// validateSecurity refuses certificates that nobody looks at, and logins that are not whole or that others hear.
func (p *parser) validateSecurity(heard bool) {
	k := p.cfg.Kafka
	for _, key := range []string{"kafka.ca_file", "kafka.cert_file", keyKey} {
		if p.has(key) && !k.TLS {
			p.fail(key, "is given without TLS", "set kafka.tls: true, or remove it")
		}
	}
	if p.has("kafka.cert_file") != p.has(keyKey) {
		p.fail("kafka", "names a certificate without a key, or a key without a certificate", "give both, or none")
	}
	login := p.has("kafka.user") || p.has(passwordKey)
	switch {
	case p.has("kafka.sasl"):
		if reason, remedy := checkOneOf(k.SASL, mechanisms); reason != "" && !p.faulty["kafka.sasl"] {
			p.fail("kafka.sasl", reason, remedy)
		}
		if !p.has("kafka.user") || !p.has(passwordKey) {
			p.fail("kafka.sasl", "is given without a user or a password", "give kafka.user, and kafka.password_file or "+passwordEnv)
		}
		if k.SASL == "PLAIN" && heard {
			p.fail("kafka.sasl", "would tell the password to everybody on the way to the brokers", "set kafka.tls: true, or log in by SCRAM-SHA-512")
		}
	case login && p.has(brokersKey):
		p.fail("kafka", "names a user or a password, and no way to log in", "give kafka.sasl, one of "+strings.Join(mechanisms, ", "))
	}
}

func badBroker(broker string) (reason string) {
	host, _, err := net.SplitHostPort(broker)
	if err != nil {
		return fmt.Sprintf("%.60q is not host:port", broker)
	}
	if host == "" {
		return fmt.Sprintf("%.60q names no host", broker)
	}
	reason, _ = checkListen(broker)
	return reason
}

// DatabaseURL reads the address of the database, as the program works on it. A fault is an *Error.
func (c *Config) DatabaseURL(env func(string) string) (Secret, error) {
	return c.clusterSecret(env, databaseKey, databaseEnv, c.DatabaseURLFile, checkDatabaseURL)
}

// DatabaseOwnerURL reads the address of the database for who owns its tables. A fault is an *Error.
func (c *Config) DatabaseOwnerURL(env func(string) string) (Secret, error) {
	return c.clusterSecret(env, ownerKey, ownerEnv, c.DatabaseOwnerURLFile, checkDatabaseURL)
}

func (c *Config) clusterSecret(env func(string) string, key, name, file string, check func(string) *Error) (Secret, error) {
	at := c.at.nearest(key)
	text, fault := "", (*Error)(nil)
	switch value := lookup(env)(name); {
	case value != "":
		text, fault = cleanSecret([]byte(value))
		at = origin{file: "env " + name}
	case file == "":
		return Secret{}, &Error{File: c.file, Key: key, Reason: "is missing", Remedy: "name the file that holds it, or set " + name}
	default:
		text, fault = c.readSecretFile(file)
	}
	if fault == nil && check != nil {
		fault = check(text)
	}
	if fault != nil {
		fault.File, fault.Line, fault.Key = at.file, at.line, key
		return Secret{}, fault
	}
	return NewSecret(text), nil
}

func (c *Config) readSecretFile(file string) (string, *Error) {
	text, fault := readSecret(c.besideFile(file))
	if fault != nil {
		fault.Reason = printablePath(file) + " " + fault.Reason
	}
	return text, fault
}

// KafkaSecurity reads how brokers are spoken to, and looks whether the key is its owner's alone. A fault is an *Error.
func (c *Config) KafkaSecurity(env func(string) string) (s KafkaSecurity, err error) {
	k := c.Kafka
	s = KafkaSecurity{TLS: k.TLS, CAFile: c.besideFile(k.CAFile), CertFile: c.besideFile(k.CertFile), KeyFile: c.besideFile(k.KeyFile), Mechanism: k.SASL, User: k.User}
	if fault := c.checkKeyFile(); fault != nil {
		return KafkaSecurity{}, fault
	}
	if k.SASL == "" {
		return s, nil
	}
	password, err := c.clusterSecret(env, passwordKey, passwordEnv, k.PasswordFile, nil)
	s.Password = password.Reveal()
	return s, err
}

func (c *Config) checkKeyFile() error {
	file := c.Kafka.KeyFile
	if file == "" {
		return nil
	}
	fault := (*Error)(nil)
	if info, err := os.Stat(c.besideFile(file)); err != nil {
		fault = &Error{Reason: "cannot be read: " + bareReason(err), Remedy: "let this user read it", err: err}
	} else {
		fault = checkMode(info.Mode(), c.besideFile(file))
	}
	if fault == nil {
		return nil
	}
	at := c.at.nearest(keyKey)
	fault.File, fault.Line, fault.Key, fault.Reason = at.file, at.line, keyKey, printablePath(file)+" "+fault.Reason
	return fault
}

// checkDatabaseURL says nothing of the text: it holds a password.
func checkDatabaseURL(text string) *Error {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" || u.Host == "" || strings.Trim(u.Path, "/") == "" {
		return &Error{Reason: "holds no URL of a database", Remedy: "write postgres://USER:PASSWORD@HOST:PORT/DATABASE, with what is no letter or digit of the password as %XX"}
	}
	return nil
}

// besideFile is a path of the configuration, which begins at its folder; empty for none.
func (c *Config) besideFile(file string) string {
	if file == "" || filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(filepath.Dir(c.file), file)
}

// addCluster adds the cluster's keys to what is printed, where there are any.
func (c *Config) addCluster(root *yaml.Node) {
	for _, database := range []struct {
		key, file, env string
		fromEnv        bool
	}{{databaseKey, c.DatabaseURLFile, databaseEnv, c.databaseFromEnv}, {ownerKey, c.DatabaseOwnerURLFile, ownerEnv, c.ownerFromEnv}} {
		if database.file != "" {
			comment := c.at.nearest(database.key).String()
			if database.fromEnv {
				comment = "replaced by env " + database.env
			}
			add(root, database.key, scalarNode(database.file, false), comment)
		}
	}
	if !c.InCluster() {
		return
	}
	key := add(root, "kafka", c.kafkaNode(), "")
	var comments []string
	for _, secret := range []struct {
		what, env string
		shown     bool
	}{{"database url", databaseEnv, c.databaseFromEnv && c.DatabaseURLFile == ""}, {"kafka password", passwordEnv, c.Kafka.passwordFromEnv}} {
		if secret.shown {
			comments = append(comments, "# "+secret.what+": "+redacted+", env "+secret.env)
		}
	}
	key.HeadComment = strings.Join(comments, "\n")
}

func (c *Config) kafkaNode() *yaml.Node {
	k, section := c.Kafka, &yaml.Node{Kind: yaml.MappingNode}
	add(section, "brokers", listNode(k.Brokers), c.at.nearest(brokersKey).String())
	if k.TLS {
		add(section, "tls", &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "true"}, c.at.nearest("kafka.tls").String())
	}
	for _, number := range []struct {
		key   string
		value int
	}{{partitionsKey, k.Partitions}, {replicationKey, k.Replication}} {
		if number.value > 0 {
			add(section, strings.TrimPrefix(number.key, "kafka."), scalarNode(strconv.Itoa(number.value), true), c.at.nearest(number.key).String())
		}
	}
	for _, text := range []struct{ key, value string }{
		{"topic_prefix", k.TopicPrefix}, {"ca_file", k.CAFile}, {"cert_file", k.CertFile}, {"key_file", k.KeyFile}, {"sasl", k.SASL}, {"user", k.User},
		{"password_file", k.PasswordFile},
	} {
		if text.value != "" {
			add(section, text.key, scalarNode(text.value, false), c.at.nearest("kafka."+text.key).String())
		}
	}
	return section
}
