package config

import (
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Limits of the cluster's keys.
const maxBrokers = 16

// Kafka says where the brokers of a cluster are.
type Kafka struct {
	// Brokers are host:port of some of them: they name the others.
	Brokers []string
	// TopicPrefix begins the names of our topics there.
	TopicPrefix string
}

// InCluster says whether the ledger is in Postgres and the stream in Kafka; else both are in the data folder. There is no other pairing.
func (c *Config) InCluster() bool { return len(c.Kafka.Brokers) > 0 }

// The keys and variables of the database's addresses, which hold passwords.
const (
	databaseKey, databaseEnv = "database_url_file", envPrefix + "DATABASE_URL"
	ownerKey, ownerEnv       = "database_owner_url_file", envPrefix + "DATABASE_OWNER_URL"
	brokersKey               = "kafka.brokers"
	prefixKey                = "kafka.topic_prefix"
)

// topicPrefix leaves room for the longest name of ours within Kafka's 249 characters.
var topicPrefix = form{regexp.MustCompile(`^[A-Za-z0-9._-]*$`), 1, 100}

// clustered documents the keys of a cluster: file only, but for the secrets.
var clustered = []Option{
	{Key: databaseKey, Env: databaseEnv, Unit: "file, mode 0600",
		Help: "holds the postgres:// URL of the login that works on the ledgers, a member of evenstock_app (cluster); without it they are SQLite files in data"},
	{Key: ownerKey, Env: ownerEnv, Unit: "file, mode 0600",
		Help: "holds the postgres:// URL of the login that owns the tables; for `evenstock migrate` alone, `serve` needs it not"},
	{Key: brokersKey, Unit: fmt.Sprintf("list of host:port, 1 to %d", maxBrokers),
		Help: "where Apache Kafka is (cluster); without it the stream is kept in data"},
	{Key: prefixKey, Unit: "A-Z a-z 0-9 . _ -, to 100", Help: "begins the names of our topics, for installations that share an Apache Kafka: each has its own"},
}

// kafka reads where the brokers are.
func (p *parser) kafka(node *yaml.Node, key string) {
	p.mapping(node, key, key, func(name, key string, value *yaml.Node) {
		switch name {
		case "brokers":
			p.cfg.Kafka.Brokers = p.list(value, key, maxBrokers)
		case "topic_prefix":
			p.cfg.Kafka.TopicPrefix = p.text(value, key)
		}
	})
}

// overlayCluster notes which of the database's addresses come from the environment.
func (p *parser) overlayCluster() {
	for key, name := range map[string]string{databaseKey: databaseEnv, ownerKey: ownerEnv} {
		if p.env(name) != "" {
			p.at[key] = origin{file: "env " + name}
		}
	}
	p.cfg.databaseFromEnv, p.cfg.ownerFromEnv = p.env(databaseEnv) != "", p.env(ownerEnv) != ""
}

// validateCluster refuses what is neither of the two pairings.
func (p *parser) validateCluster() {
	for i, broker := range p.cfg.Kafka.Brokers {
		key := fmt.Sprintf("%s[%d]", brokersKey, i)
		if reason := badBroker(broker); reason != "" {
			p.fail(key, reason, "write host:port, such as kafka1.example.com:9092")
		} else if slices.Index(p.cfg.Kafka.Brokers, broker) < i {
			p.fail(key, fmt.Sprintf("%q is listed twice", broker), "remove one of the two")
		} else if host, _, _ := net.SplitHostPort(broker); !isLoopback(host) {
			p.warn(key, fmt.Sprintf("%q is spoken to without TLS", broker), "keep it in a network of your own")
		}
	}
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
	case p.has(ownerKey) && !database:
		p.fail(ownerKey, "is given without database_url_file", "name the file with the URL of the login that works on the ledgers, or set "+databaseEnv)
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
	return c.databaseURL(env, databaseKey, databaseEnv, c.DatabaseURLFile)
}

// DatabaseOwnerURL reads the address of the database for who owns its tables. A fault is an *Error.
func (c *Config) DatabaseOwnerURL(env func(string) string) (Secret, error) {
	return c.databaseURL(env, ownerKey, ownerEnv, c.DatabaseOwnerURLFile)
}

func (c *Config) databaseURL(env func(string) string, key, name, file string) (Secret, error) {
	at := c.at.nearest(key)
	text, fault := "", (*Error)(nil)
	switch value := lookup(env)(name); {
	case value != "":
		text, fault = cleanSecret([]byte(value))
		at = origin{file: "env " + name}
	case file == "":
		return Secret{}, &Error{File: c.file, Key: key, Reason: "is missing", Remedy: "name the file that holds the URL, or set " + name}
	default:
		text, fault = readSecret(c.besideFile(file))
		if fault != nil {
			fault.Reason = printablePath(file) + " " + fault.Reason
		}
	}
	if fault == nil {
		fault = checkDatabaseURL(text)
	}
	if fault != nil {
		fault.File, fault.Line, fault.Key = at.file, at.line, key
		return Secret{}, fault
	}
	return NewSecret(text), nil
}

// checkDatabaseURL says nothing of the text: it holds a password.
func checkDatabaseURL(text string) *Error {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" || u.Host == "" || strings.Trim(u.Path, "/") == "" {
		return &Error{Reason: "holds no URL of a database", Remedy: "write postgres://USER:PASSWORD@HOST:PORT/DATABASE, with what is no letter or digit of the password as %XX"}
	}
	return nil
}

// besideFile is a path of the configuration, which begins at its folder.
func (c *Config) besideFile(file string) string {
	if filepath.IsAbs(file) {
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
	section := &yaml.Node{Kind: yaml.MappingNode}
	add(section, "brokers", listNode(c.Kafka.Brokers), c.at.nearest(brokersKey).String())
	if c.Kafka.TopicPrefix != "" {
		add(section, "topic_prefix", scalarNode(c.Kafka.TopicPrefix, false), c.at.nearest(prefixKey).String())
	}
	key := add(root, "kafka", section, "")
	if c.databaseFromEnv && c.DatabaseURLFile == "" {
		key.HeadComment = "# database url: " + redacted + ", env " + databaseEnv
	}
}
