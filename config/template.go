package config

import (
	"encoding/base64"
	"fmt"
	"io"
	"strings"
)

// hookTokenBytes is how many random bytes end a webhook path: 192 bits, 32 characters.
const hookTokenBytes = 24

// NewHookToken returns the unguessable end of a webhook path, of a random source such as crypto/rand.Reader.
func NewHookToken(random io.Reader) (string, error) {
	raw := make([]byte, hookTokenBytes)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", fmt.Errorf("reading randomness: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(raw), nil
}

// Template returns the commented example that "evenstock init" writes: one till, one store, every key, with fresh hook
// tokens. It is valid as it stands; its addresses and ids are to be replaced.
func Template(random io.Reader) ([]byte, error) {
	pairs := make([]string, 0, 2*(2+len(settings)))
	for _, place := range []string{"{till-hook}", "{web-hook}"} {
		token, err := NewHookToken(random)
		if err != nil {
			return nil, fmt.Errorf("making hook token: %w", err)
		}
		pairs = append(pairs, place, token)
	}
	for _, s := range settings {
		value := s.Default
		if strings.ContainsAny(value, "@*") { // they mean something else to YAML
			value = `"` + value + `"`
		}
		pairs = append(pairs, "{"+s.Key+"}", value)
	}
	return []byte(strings.NewReplacer(pairs...).Replace(template)), nil
}

// template is the example with {places} for tokens and for defaults, so that the latter stand in one table only.
const template = `# Configuration of evenstock. Check it with "evenstock config check", see what holds with "evenstock config print".
#
# Every key is explained in the README. Secrets never stand here: they are in files that only you can read (chmod 600),
# or in the environment. Relative paths begin at the folder of this file.

data: {data}               # SQLite and broker files; one process owns the folder
# To keep the ledger in Postgres and the stream in Apache Kafka instead, give both:
# database_url_file: secrets/database.url         # or EVENSTOCK_DATABASE_URL
# kafka: {brokers: ["kafka.example.com:9092"]}
listen: {listen}     # put a TLS proxy in front that lets /hooks/ through

# The places where you hold stock, named by you: a-z, 0-9 and -.
locations: [main]

channels:
  - name: till
    platform: square
    api_url: https://connect.squareup.com         # sandbox: https://connect.squareupsandbox.com
    token_file: secrets/till.token                # or EVENSTOCK_CHANNELS_TILL_TOKEN
    # Register exactly this address at Square: it is part of what Square signs. The random end keeps strangers out.
    webhook_url: https://hooks.example.com/hooks/till/{till-hook}
    webhook_secret_files: [secrets/till.hook]     # the subscription's signature key; list two while you change it
    # Their location ids to your names, one to one.
    locations:
      L8A1XYZ: main

  - name: web
    platform: shopify
    api_url: https://example.myshopify.com        # the .myshopify.com address, not the shop's own domain
    token_file: secrets/web.token                 # or EVENSTOCK_CHANNELS_WEB_TOKEN
    webhook_url: https://hooks.example.com/hooks/web/{web-hook}
    webhook_secret_files: [secrets/web.hook]      # the app's client secret
    locations:
      "77": main

# When to look for what webhooks did not tell, as cron expressions in local time. "adaptive": once a minute, and every few seconds while
# a channel's webhooks do not tell what changes.
sweep:
  recent: {sweep.recent}       # what changed lately
  full: {sweep.full}       # everything

# What would change more of a channel within 10 minutes without a cause is held until it is explained, put back, or released by you
# ("evenstock brakes"). Sales that are explained pass and do not count; the per cent counts from 3 shelves on.
brakes:
  max_shelves: {brakes.max_shelves}
  max_percent: {brakes.max_percent}            # of the channel's units, and of its shelves

log:
  level: {log.level}                # debug, info, warn, error
  format: {log.format}               # text, json
`
