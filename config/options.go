package config

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Option documents one key.
type Option struct {
	// Key is the path in the file; "channels[]" stands for each channel.
	Key string `json:"key"`
	// Env is the environment variable; empty where there is none. <NAME> is the channel's name in capitals, "-" as "_".
	Env string `json:"env,omitempty"`
	// Flag is the flag without its dashes; empty where there is none, as for everything secret.
	Flag    string `json:"flag,omitempty"`
	Default string `json:"default,omitempty"`
	// Unit says what values look like.
	Unit string `json:"unit"`
	Help string `json:"help"`
}

// setting is a single value: an option with its field and its check. Exactly one of text and number is set.
type setting struct {
	Option
	text  func(*Config) *string
	check func(value string) (reason, remedy string)
	// number is a whole number from 1 to limit.
	number func(*Config) *int
	limit  int
}

// put checks the value and stores it; reason is empty when it is good.
func (s setting) put(c *Config, value string) (reason, remedy string) {
	if s.number != nil {
		return putNumber(s.number(c), value, s.limit)
	}
	*s.text(c) = value
	return s.check(value)
}

// get returns the value as it would stand in the file.
func (s setting) get(c *Config) string {
	if s.number != nil {
		return strconv.Itoa(*s.number(c))
	}
	return *s.text(c)
}

// settings is the one table of single values and their defaults, in the order of the file.
var settings = []setting{
	{
		Option: Option{"data", "EVENSTOCK_DATA", "data", "./data", "folder",
			"holds the SQLite and broker files (standalone), and the socket for commands; one process owns it"},
		text: func(c *Config) *string { return &c.Data }, check: checkFolder,
	},
	{
		Option: Option{"listen", "EVENSTOCK_LISTEN", "listen", "127.0.0.1:8080", "host:port",
			"address of the HTTP server"},
		text: func(c *Config) *string { return &c.Listen }, check: checkListen,
	},
	{
		Option: Option{"sweep.recent", "EVENSTOCK_SWEEP_RECENT", "sweep-recent", Adaptive, "adaptive, or cron, local time",
			"when to look at what changed lately on each channel; adaptive: once a minute, and every few seconds while its webhooks do not tell"},
		text: func(c *Config) *string { return &c.Sweep.Recent }, check: checkRecent,
	},
	{
		Option: Option{"sweep.full", "EVENSTOCK_SWEEP_FULL", "sweep-full", "0 4 * * *", "cron, local time",
			"when to look at everything on each channel; not at 03:00, which eleven time zones leave out or double once a year"},
		text: func(c *Config) *string { return &c.Sweep.Full }, check: checkSchedule,
	},
	{
		Option: Option{"brakes.max_shelves", "EVENSTOCK_BRAKES_MAX_SHELVES", "brakes-max-shelves", "250", "shelves, 1 to 1000000",
			"how much of a channel may change within 10 minutes without a cause; more is held"},
		number: func(c *Config) *int { return &c.Brakes.MaxShelves }, limit: 1_000_000, // more than any shop has: no limit
	},
	{
		Option: Option{"brakes.max_percent", "EVENSTOCK_BRAKES_MAX_PERCENT", "brakes-max-percent", "30", "percent, 1 to 100",
			"how much of a channel may change within 10 minutes without a cause: of its units, and of its shelves, each by the part of its own units that changes; more is held"},
		number: func(c *Config) *int { return &c.Brakes.MaxPercent }, limit: 100,
	},
	{
		Option: Option{"log.level", "EVENSTOCK_LOG_LEVEL", "log-level", "info", "debug, info, warn, error",
			"the least level that is logged"},
		text:  func(c *Config) *string { return &c.Log.Level },
		check: func(v string) (string, string) { return checkOneOf(v, logLevels) },
	},
	{
		Option: Option{"log.format", "EVENSTOCK_LOG_FORMAT", "log-format", "text", "text, json",
			"how log lines are written"},
		text:  func(c *Config) *string { return &c.Log.Format },
		check: func(v string) (string, string) { return checkOneOf(v, logFormats) },
	},
}

// structured documents the keys that are lists or maps, or stand in them: file only, but for the secrets.
var structured = []Option{
	{Key: "locations", Unit: "list of names", Help: "the places where stock is held, named by us; required"},
	{Key: "channels[].name", Unit: "a-z 0-9 -, 1 to 32", Help: "our name of the channel; required, unique"},
	{Key: "channels[].platform", Unit: strings.Join(Platforms(), ", "), Help: "the vendor; required"},
	{Key: "channels[].api_url", Unit: "https URL",
		Help: "where the platform's API is, settable for sandboxes; required; http for loopback addresses only"},
	{Key: "channels[].token_file", Env: "EVENSTOCK_CHANNELS_<NAME>_TOKEN", Unit: "file, mode 0600",
		Help: "holds the access token; required unless the environment holds it"},
	{Key: "channels[].webhook_url", Unit: "https URL",
		Help: "address registered at the platform, path /hooks/<name>/<token of 16 or more url-safe characters>"},
	{Key: "channels[].webhook_secret_files", Env: "EVENSTOCK_CHANNELS_<NAME>_WEBHOOK_SECRET", Unit: "list of files, mode 0600",
		Help: "hold the keys that deliveries are signed with; several during rotation; the environment replaces all"},
	{Key: "channels[].locations", Unit: "map of id to name", Help: "the channel's location ids to ours, one to one; required"},
	{Key: "channels[].sold_out_everywhere", Default: "false", Unit: "true, false",
		Help: "while this channel marks an item as sold out, whatever it counts, the other channels show 0 of it"},
	{Key: "channels[].requests_per_second", Default: "as many as it takes", Unit: fmt.Sprintf("1 to %d", maxRequestsPerSecond),
		Help: "what the account is never asked beyond, for platforms that do not tell it themselves, and for accounts that other programs use too"},
}

// Reference documents every key, in the order of the file. It feeds Parse, Print and the README.
func Reference() []Option {
	var all []Option
	for _, s := range settings {
		all = append(all, s.Option)
		switch s.Key {
		case "data":
			all = append(all, clustered...)
		case "listen":
			all = append(append(all, structured...), several...)
		}
	}
	return all
}

// WriteReference writes Reference as a Markdown table.
func WriteReference(w io.Writer) error {
	var b strings.Builder
	b.WriteString("| key | environment | flag | default | unit | what it does |\n|---|---|---|---|---|---|\n")
	code := func(prefix, text string) string {
		if text == "" {
			return ""
		}
		return "`" + prefix + text + "`"
	}
	for _, o := range Reference() {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n",
			code("", o.Key), code("", o.Env), code("--", o.Flag), code("", o.Default), o.Unit, o.Help)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("writing reference: %w", err)
	}
	return nil
}

// keysUnder returns the keys that may stand directly below a path of the reference: "" for the top, "sweep", "channels[]".
func keysUnder(path string) []string {
	var keys []string
	for _, o := range Reference() {
		rest := o.Key
		if path != "" {
			var below bool
			if rest, below = strings.CutPrefix(o.Key, path+"."); !below {
				continue
			}
		}
		key, _, _ := strings.Cut(rest, ".")
		key = strings.TrimSuffix(key, "[]")
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// envPrefix begins every environment variable of ours.
const envPrefix = "EVENSTOCK_"

// channelEnv names a channel's variable. Names have no "_", so that two channels never share one.
func channelEnv(name, suffix string) string {
	return envPrefix + "CHANNELS_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_")) + suffix
}

// orEnv is how else a channel's secret may be given: by a variable, unless it is one of several merchants'.
func orEnv(filesOnly bool, name, suffix string) string {
	if filesOnly {
		return ""
	}
	return ", or set " + channelEnv(name, suffix)
}

// The suffixes of a channel's secrets in the environment.
const (
	tokenSuffix         = "_TOKEN"
	webhookSecretSuffix = "_WEBHOOK_SECRET"
)

// UnknownEnv warns of variables in environ (as os.Environ returns it) that begin with EVENSTOCK_ and mean nothing, but
// for those the caller knows. Values are never part of it.
func (c *Config) UnknownEnv(environ []string, known ...string) []string {
	known = append(slices.Clone(known), databaseEnv, ownerEnv, passwordEnv)
	for _, s := range settings {
		known = append(known, s.Env)
	}
	for _, ch := range c.Channels {
		known = append(known, channelEnv(ch.Name, tokenSuffix), channelEnv(ch.Name, webhookSecretSuffix))
	}
	var warnings []string
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, envPrefix) && !slices.Contains(known, name) {
			problem := Error{File: "env " + printable(name), Reason: "is not known", Remedy: suggest(name, known)}
			warnings = append(warnings, problem.Error())
		}
	}
	slices.Sort(warnings)
	return warnings
}
