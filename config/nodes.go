package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// root reads the file's mapping.
func (p *parser) root(node *yaml.Node) {
	p.mapping(node, "", "", func(name, key string, value *yaml.Node) {
		switch name {
		case "locations":
			p.cfg.Locations = p.list(value, key, maxLocations)
		case "channels":
			p.channels(value)
		case merchantsKey:
			p.merchants(value)
		case databaseKey:
			p.cfg.DatabaseURLFile = p.text(value, key)
		case ownerKey:
			p.cfg.DatabaseOwnerURLFile = p.text(value, key)
		case "kafka":
			p.kafka(value, key)
		case "sweep", "brakes", "log":
			p.section(value, key)
		default:
			p.single(value, key)
		}
	})
}

// section reads a mapping of single values.
func (p *parser) section(node *yaml.Node, key string) {
	if isNull(node) || node.Kind == yaml.MappingNode && len(node.Content) == 0 { // all below it is commented out
		return
	}
	p.mapping(node, key, key, func(_, key string, value *yaml.Node) { p.single(value, key) })
}

func (p *parser) channels(node *yaml.Node) {
	if !p.expect(node, "channels", yaml.SequenceNode) {
		return
	}
	if len(node.Content) > maxChannels {
		p.fail("channels", fmt.Sprintf("has more than %d channels", maxChannels), "run a second evenstock for the others")
		return
	}
	for i, item := range node.Content {
		key := fmt.Sprintf("channels[%d]", i)
		p.at[key] = origin{p.file, item.Line}
		p.cfg.Channels = append(p.cfg.Channels, p.channel(item, key))
	}
}

func (p *parser) channel(node *yaml.Node, key string) Channel {
	c := Channel{key: key}
	p.mapping(node, key, "channels[]", func(name, key string, value *yaml.Node) {
		switch name {
		case "name":
			c.Name = p.text(value, key)
		case "platform":
			c.Platform = p.text(value, key)
		case "api_url":
			c.APIURL = p.text(value, key)
		case "token_file":
			c.TokenFile = p.text(value, key)
		case "webhook_url":
			c.WebhookURL = p.text(value, key)
		case "webhook_secret_files":
			c.WebhookSecretFiles = p.list(value, key, maxWebhookSecrets)
		case "locations":
			c.Locations = p.channelLocations(value, c.key)
		case "sold_out_everywhere":
			c.SoldOutEverywhere = p.yes(value, key)
		case "requests_per_second":
			c.RequestsPerSecond = p.count(value, key, 1, maxRequestsPerSecond)
		}
	})
	return c
}

// yes reads true or false.
func (p *parser) yes(node *yaml.Node, key string) bool {
	if node.Kind != yaml.ScalarNode || node.ShortTag() != "!!bool" {
		p.fail(key, "holds "+describe(node)+" where true or false is expected", "write true or false, without quotes")
		return false
	}
	return strings.EqualFold(node.Value, "true")
}

// count reads a whole number between two others.
func (p *parser) count(node *yaml.Node, key string, least, most int) int {
	n, err := strconv.Atoi(node.Value)
	reason := ""
	if node.Kind != yaml.ScalarNode || node.ShortTag() != "!!int" || err != nil {
		reason = "holds " + describe(node) + " where a number is expected"
	} else if n < least || n > most {
		reason = fmt.Sprintf("%d is too small or too large", n)
	}
	if reason != "" {
		p.fail(key, reason, fmt.Sprintf("write a whole number from %d to %d, without quotes", least, most))
		return 0
	}
	return n
}

// channelLocations reads a map of their location ids to our locations. An id may be an unquoted number: those of some platforms are.
func (p *parser) channelLocations(node *yaml.Node, channelKey string) map[string]string {
	key := channelKey + ".locations"
	if !p.expect(node, key, yaml.MappingNode) {
		return nil
	}
	if len(node.Content)/2 > maxLocations {
		p.fail(key, fmt.Sprintf("has more than %d locations", maxLocations), "")
		return nil
	}
	locations := make(map[string]string, len(node.Content)/2)
	for i := 0; i+1 < len(node.Content); i += 2 {
		id, value := node.Content[i], node.Content[i+1]
		at := origin{p.file, id.Line}
		if id.Kind != yaml.ScalarNode || id.ShortTag() != "!!str" && id.ShortTag() != "!!int" {
			p.failAt(at, key, "holds "+describe(id)+" where a location id is expected", "put the id in quotes")
			continue
		}
		if !locationID.matches(id.Value) {
			p.failAt(at, key, fmt.Sprintf("%.80q is not a location id of the platform", id.Value), p.locationIDRemedy())
			continue
		}
		entry := locationKey(channelKey, id.Value)
		if first, twice := p.at[entry]; twice {
			p.failAt(at, key, fmt.Sprintf("location %.40q is written twice, first on line %d", id.Value, first.line),
				"remove one of the two lines")
			continue
		}
		p.at[entry] = at
		if ours := p.text(value, entry); ours != "" {
			locations[id.Value] = ours
		}
	}
	return locations
}

// mapping calls visit for each known key of a mapping, and reports those that are unknown or stand twice. path is where
// the mapping stands; known is that path in the reference.
func (p *parser) mapping(node *yaml.Node, path, known string, visit func(name, key string, value *yaml.Node)) {
	if !p.expect(node, path, yaml.MappingNode) {
		return
	}
	if len(node.Content)/2 > maxKeys {
		p.fail(path, fmt.Sprintf("has more than %d keys", maxKeys), "is this the right file?")
		return
	}
	names := keysUnder(known)
	for i := 0; i+1 < len(node.Content); i += 2 {
		name, value := node.Content[i], node.Content[i+1]
		at := origin{p.file, name.Line}
		key := strings.TrimPrefix(path+"."+printable(name.Value), ".")
		if name.Kind != yaml.ScalarNode || !slices.Contains(names, name.Value) {
			reason, remedy := unknownKey(name, names)
			if name.Kind != yaml.ScalarNode {
				key = path
			}
			p.failAt(at, key, reason, remedy)
			continue
		}
		if first, twice := p.at[key]; twice {
			p.failAt(at, key, fmt.Sprintf("is written twice, first on line %d", first.line), "remove one of the two lines")
			continue
		}
		p.at[key] = at
		visit(name.Value, key, value)
	}
}

// secretNames are the keys under which people try to write a secret into the file.
var secretNames = []string{"token", "accesstoken", "secret", "webhooksecret", "webhooksecrets", "password", "signaturekey", "apikey",
	"databaseurl", "databaseownerurl"}

func unknownKey(name *yaml.Node, known []string) (reason, remedy string) {
	switch {
	case name.Kind != yaml.ScalarNode:
		return "a key must be a word, not " + describe(name), "known are " + strings.Join(known, ", ")
	case name.Value == "<<":
		return "merging is not supported", "write the keys out"
	case slices.Contains(secretNames, normal(name.Value)):
		return "secrets do not stand in this file", "put it into a file of mode 0600 and name that in token_file, " +
			"webhook_secret_files, database_url_file or kafka.password_file, or into the environment; renew it if this file was ever shared"
	default:
		return "unknown key", suggest(name.Value, known)
	}
}

// single keeps one value of the settings table for overlay.
func (p *parser) single(node *yaml.Node, key string) {
	wanted := "!!str"
	if slices.ContainsFunc(settings, func(s setting) bool { return s.Key == key && s.number != nil }) {
		wanted = "!!int"
	}
	if value := p.scalar(node, key, wanted); value != "" {
		p.texts[key] = value
	}
}

// text returns a text that is not empty, or reports why there is none and returns "".
func (p *parser) text(node *yaml.Node, key string) string { return p.scalar(node, key, "!!str") }

func (p *parser) scalar(node *yaml.Node, key, tag string) string {
	if isNull(node) {
		p.fail(key, "has no value", "write one, or remove the line")
		return ""
	}
	if !p.expect(node, key, yaml.ScalarNode) {
		return ""
	}
	if got := node.ShortTag(); got != tag {
		reason, remedy := "is "+describe(node)+" where text is expected", "put it in quotes"
		if tag == "!!int" {
			reason, remedy = "is "+describe(node)+" where a whole number is expected", "write digits, without quotes"
		}
		p.fail(key, reason, remedy)
		return ""
	}
	switch {
	case node.Value == "":
		p.fail(key, "is empty", "write a value, or remove the line")
	case len(node.Value) > maxTextBytes:
		p.fail(key, fmt.Sprintf("is longer than %d bytes", maxTextBytes), "")
	case strings.ContainsAny(node.Value, "\n\r\t\x00"):
		p.fail(key, "goes over several lines or holds tabs", "write it on one line")
	default:
		return node.Value
	}
	return ""
}

// list returns the texts of a list.
func (p *parser) list(node *yaml.Node, key string, limit int) []string {
	if !p.expect(node, key, yaml.SequenceNode) {
		return nil
	}
	if len(node.Content) > limit {
		p.fail(key, fmt.Sprintf("has more than %d entries", limit), "")
		return nil
	}
	var texts []string
	for _, item := range node.Content {
		entry := fmt.Sprintf("%s[%d]", key, len(texts))
		p.at[entry] = origin{p.file, item.Line}
		if value := p.text(item, entry); value != "" {
			texts = append(texts, value)
		}
	}
	return texts
}

// expect reports a node of another kind.
func (p *parser) expect(node *yaml.Node, key string, kind yaml.Kind) bool {
	var wanted, remedy string
	switch kind {
	case yaml.SequenceNode:
		wanted, remedy = "a list is", `begin each entry with "- " on a line of its own`
	case yaml.MappingNode:
		wanted, remedy = "keys with values are", `write "key: value" lines`
	default:
		wanted, remedy = "a single value is", ""
	}
	switch {
	case node.Kind == yaml.AliasNode:
		p.fail(key, "aliases are not supported", "write the value out")
	case node.Kind != kind:
		p.fail(key, "is "+describe(node)+" where "+wanted+" expected", remedy)
	case kind != yaml.ScalarNode && len(node.Content) == 0 && key != "":
		p.fail(key, "is empty", "write at least one entry, or remove the line")
	default:
		return true
	}
	return false
}

func isNull(node *yaml.Node) bool { return node.Kind == yaml.ScalarNode && node.ShortTag() == "!!null" }

// describe says what a node is, in words of people who do not write YAML every day. Its value is never part of it.
func describe(node *yaml.Node) string {
	switch node.Kind {
	case yaml.MappingNode:
		return "keys with values"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	}
	switch node.ShortTag() {
	case "!!str":
		return "text"
	case "!!int", "!!float":
		return "a number"
	case "!!bool":
		return "true or false"
	case "!!timestamp":
		return "a date"
	case "!!null":
		return "nothing"
	default:
		return "a tagged value"
	}
}
