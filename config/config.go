package config

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Limits of a configuration. They are far above what a retailer needs and far below what would hurt.
const (
	maxFileBytes         = 256 << 10
	maxTextBytes         = 2048 // of one value
	maxChannels          = 64
	maxLocations         = 256 // of ours, and of one channel
	maxRequestsPerSecond = 1000
	maxWebhookSecrets    = 4   // of one channel: old, new, and room for a mistake during rotation
	maxKeys              = 256 // of one mapping, known or not
	maxReportedProblems  = 100
)

// Config is the effective configuration. Reference documents every field.
type Config struct {
	// Data is the folder of the SQLite and broker files (standalone) and of the socket for commands, relative to the working directory or
	// absolute.
	Data string
	// DatabaseURLFile and DatabaseOwnerURLFile are as they stand in the file; empty when the environment holds the URLs. DatabaseURL and
	// DatabaseOwnerURL read them.
	DatabaseURLFile, DatabaseOwnerURLFile string
	Kafka                                 Kafka
	// Listen is the host:port of the HTTP server.
	Listen string
	// Merchant is whose shop Locations, Channels, Sweep and Brakes are; DefaultMerchant where the file has one shop.
	Merchant  string
	Locations []string
	Channels  []Channel
	// Merchants are the shops of several merchants, and MerchantsFolder where they were read, as it stands in the file; neither where the
	// file has one shop. Sweep and Brakes are what a shop does not say otherwise. See Shops.
	Merchants       []*Config
	MerchantsFolder string
	Sweep           Sweep
	Brakes          Brakes
	Log             Log

	databaseFromEnv, ownerFromEnv bool
	// several: it declares merchants. given are the values of a shop's sweep and brakes.
	several bool
	given   map[string]string

	file     string
	at       origins
	warnings []*Error
	// source is where it was loaded; nil for one that was parsed.
	source *source
}

// Channel is one connected till or store.
type Channel struct {
	Name     string
	Platform string
	APIURL   string
	// TokenFile is as it stands in the file; empty when the token comes from the environment. Secrets reads it.
	TokenFile string
	// WebhookURL is the address as the platform knows it; empty when the channel lives from sweeps alone. Its last path
	// segment is unguessable and does not belong in logs: use WebhookPath for routing and RedactedWebhookURL for people.
	WebhookURL         string
	WebhookSecretFiles []string
	// Locations maps the channel's location ids to ours, one to one.
	Locations map[string]string
	// SoldOutEverywhere has the other channels show none of an item while this one marks it as sold out.
	SoldOutEverywhere bool
	// RequestsPerSecond is what the platform's account is never asked beyond; 0: as much as it takes.
	RequestsPerSecond int

	key                          string // "channels[0]"
	dir                          string // where relative secret files begin
	at                           origins
	tokenFromEnv, secretsFromEnv bool
	// filesOnly: it is one of several merchants' channels, whose variables would be another's of the same name too.
	filesOnly bool
}

// env looks up the channel's variables.
func (c Channel) env(env func(string) string) func(string) string {
	if c.filesOnly {
		env = nil
	}
	return lookup(env)
}

// Adaptive is the schedule of recent sweeps that go by how well a channel's webhooks tell what changes.
const Adaptive = "adaptive"

// Sweep holds the cron expressions of the two sweeps, in the local time zone; Recent may be Adaptive.
type Sweep struct {
	// Recent looks at what changed lately, Full at everything.
	Recent, Full string
}

// Brakes holds the limits above which a run of pushes is held back and a person is asked.
type Brakes struct {
	// MaxShelves is how many shelves one run may change, 1 to 1,000,000.
	MaxShelves int
	// MaxPercent is how many percent of the units one run may change, 1 to 100.
	MaxPercent int
}

// Log says what is logged and how.
type Log struct {
	// Level is debug, info, warn or error.
	Level string
	// Format is text or json.
	Format string
}

// Load reads the file and returns what Parse makes of it. A file that is not there is an *Error that is fs.ErrNotExist.
func Load(path string, env func(string) string, flags map[string]string) (*Config, error) {
	text, info, err := readFile(path)
	if err != nil {
		return nil, err
	}
	cfg, err := Parse(path, text, env, flags)
	if err == nil {
		err = cfg.readMerchants()
	}
	if err != nil {
		return nil, err
	}
	if info.Mode().IsRegular() { // what comes through a pipe comes once
		cfg.source = &source{file: absolute(path), env: env, flags: maps.Clone(flags), read: time.Now(), sum: sha256.Sum256(text)}
	}
	return cfg, nil
}

// readFile reads a file, and what the system says of it.
func readFile(path string) (text []byte, info fs.FileInfo, err error) {
	unreadable := func(err error) error {
		remedy := "name another file with --config"
		switch {
		case errors.Is(err, fs.ErrNotExist):
			remedy = `write one with "evenstock init", or ` + remedy
		case errors.Is(err, fs.ErrPermission):
			remedy = "let this user read it, or " + remedy
		}
		return &Error{File: path, Reason: "cannot be read: " + bareReason(err), Remedy: remedy, err: err}
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, unreadable(err)
	}
	defer file.Close() // opened for reading: nothing can be lost
	if text, err = io.ReadAll(io.LimitReader(file, maxFileBytes+1)); err != nil {
		return nil, nil, unreadable(err)
	}
	if info, err = file.Stat(); err != nil {
		return nil, nil, unreadable(err)
	}
	return text, info, nil
}

// Parse makes a Config of the text of a file. The name is used in messages, and its folder for relative paths. env is
// asked for single variables, as os.Getenv is, and may be nil; flags holds, by Option.Flag, the flags that were given.
func Parse(name string, text []byte, env func(string) string, flags map[string]string) (*Config, error) {
	return parse(name, text, env, flags, platforms)
}

// parse is Parse with a table of platforms.
func parse(name string, text []byte, env func(string) string, flags map[string]string, known []platform) (*Config, error) {
	p := newParser(name, env, flags, known)
	if root, ok := p.document(text); ok {
		p.root(root)
		p.overlay()
		p.validate()
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	p.cfg.at = p.at
	p.cfg.warnings = p.warnings
	if !p.cfg.several {
		p.cfg.Merchant = DefaultMerchant
	}
	for i := range p.cfg.Channels {
		p.cfg.Channels[i].at = p.at
		p.cfg.Channels[i].dir = filepath.Dir(name)
	}
	return p.cfg, nil
}

func newParser(name string, env func(string) string, flags map[string]string, known []platform) *parser {
	return &parser{
		platforms: known, file: name, env: lookup(env), flags: flags, at: origins{}, texts: map[string]string{}, faulty: map[string]bool{},
		cfg: &Config{file: name},
	}
}

// lookup makes no environment an empty one.
func lookup(env func(string) string) func(string) string {
	if env == nil {
		return func(string) string { return "" }
	}
	return env
}

// String names the channel and its platform, and keeps the webhook URL out of logs.
func (c Channel) String() string { return c.Name + " (" + c.Platform + ")" }

// LogValue is String.
func (c Channel) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Warnings says what is allowed but unwise, each with its file, line and key.
func (c *Config) Warnings() []string {
	lines := make([]string, 0, len(c.warnings))
	for _, w := range c.warnings {
		lines = append(lines, w.Error())
	}
	return lines
}

// channelLocationsInOrder returns the ids of the channel's locations in the order of their lines.
func (o origins) channelLocationsInOrder(key string, locations map[string]string) []string {
	ids := slices.Sorted(maps.Keys(locations))
	slices.SortStableFunc(ids, func(a, b string) int {
		return o[locationKey(key, a)].line - o[locationKey(key, b)].line
	})
	return ids
}

// locationKey names one entry of a channel's locations.
func locationKey(channelKey, id string) string {
	return fmt.Sprintf("%s.locations[%q]", channelKey, id)
}
