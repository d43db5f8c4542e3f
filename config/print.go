package config

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Print writes the effective configuration as YAML, with the origin of each value as a comment. Secrets and the
// unguessable end of webhook URLs are redacted.
func (c *Config) Print(w io.Writer) error {
	root := &yaml.Node{Kind: yaml.MappingNode}
	sections := map[string]*yaml.Node{}
	for _, s := range settings {
		to, key := root, s.Key
		if section, below, nested := strings.Cut(s.Key, "."); nested {
			if sections[section] == nil {
				sections[section] = &yaml.Node{Kind: yaml.MappingNode}
				add(root, section, sections[section], "")
			}
			to, key = sections[section], below
		}
		add(to, key, scalarNode(s.get(c), s.number != nil), c.at.nearest(s.Key).String())
		if s.Key == "data" {
			c.addCluster(root)
		}
		if s.Key == "listen" {
			c.addShops(root)
		}
	}
	encoder := yaml.NewEncoder(w)
	encoder.SetIndent(2)
	if err := encoder.Encode(root); err != nil {
		return fmt.Errorf("printing configuration: %w", err)
	}
	if err := encoder.Close(); err != nil {
		return fmt.Errorf("printing configuration: %w", err)
	}
	return nil
}

// addShops adds the one shop, or the merchants.
func (c *Config) addShops(root *yaml.Node) {
	if c.MerchantsFolder != "" {
		add(root, merchantsKey, scalarNode(c.MerchantsFolder, false), c.at.nearest(merchantsKey).String())
		return
	}
	if !c.several {
		add(root, "locations", listNode(c.Locations), c.at.nearest("locations").String())
		add(root, "channels", c.channelNodes(), "")
		return
	}
	merchants := &yaml.Node{Kind: yaml.SequenceNode}
	for _, shop := range c.Merchants {
		node := &yaml.Node{Kind: yaml.MappingNode}
		add(node, "name", scalarNode(shop.Merchant, false), "")
		add(node, "locations", listNode(shop.Locations), "")
		add(node, "channels", shop.channelNodes(), "")
		shop.addGiven(node)
		merchants.Content = append(merchants.Content, node)
	}
	add(root, merchantsKey, merchants, "")
}

// addGiven adds what a shop says of sweeps and brakes itself.
func (c *Config) addGiven(node *yaml.Node) {
	sections := map[string]*yaml.Node{}
	for _, s := range settings {
		value, given := c.given[s.Key]
		if !given {
			continue
		}
		section, name, _ := strings.Cut(s.Key, ".")
		if sections[section] == nil {
			sections[section] = &yaml.Node{Kind: yaml.MappingNode}
			add(node, section, sections[section], "")
		}
		add(sections[section], name, scalarNode(value, s.number != nil), "")
	}
}

func (c *Config) channelNodes() *yaml.Node {
	channels := &yaml.Node{Kind: yaml.SequenceNode}
	for _, ch := range c.Channels {
		channels.Content = append(channels.Content, ch.node())
	}
	return channels
}

func (c Channel) node() *yaml.Node {
	node := &yaml.Node{Kind: yaml.MappingNode}
	texts := []struct{ key, value string }{
		{"name", c.Name}, {"platform", c.Platform}, {"api_url", c.APIURL}, {"token_file", c.TokenFile},
		{"webhook_url", c.RedactedWebhookURL()},
	}
	for _, t := range texts {
		if t.value != "" {
			add(node, t.key, scalarNode(t.value, false), c.at.nearest(c.key+"."+t.key).String())
		}
	}
	if len(c.WebhookSecretFiles) > 0 {
		key := "webhook_secret_files"
		add(node, key, listNode(c.WebhookSecretFiles), c.at.nearest(c.key+"."+key).String())
	}
	locations := &yaml.Node{Kind: yaml.MappingNode}
	for _, id := range c.at.channelLocationsInOrder(c.key, c.Locations) {
		add(locations, id, scalarNode(c.Locations[id], false), c.at.nearest(locationKey(c.key, id)).String())
	}
	key := add(node, "locations", locations, "")
	key.HeadComment = c.envComment()
	if c.SoldOutEverywhere {
		key := "sold_out_everywhere"
		add(node, key, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "true"}, c.at.nearest(c.key+"."+key).String())
	}
	if c.RequestsPerSecond > 0 {
		key := "requests_per_second"
		add(node, key, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.Itoa(c.RequestsPerSecond)}, c.at.nearest(c.key+"."+key).String())
	}
	return node
}

// envComment names the secrets that come from the environment.
func (c Channel) envComment() string {
	var lines []string
	if c.tokenFromEnv {
		lines = append(lines, "# token: "+redacted+", env "+channelEnv(c.Name, tokenSuffix))
	}
	if c.secretsFromEnv {
		lines = append(lines, "# webhook secret: "+redacted+", env "+channelEnv(c.Name, webhookSecretSuffix))
	}
	return strings.Join(lines, "\n")
}

// add appends a key with its value to a mapping, and returns the key's node.
func add(to *yaml.Node, key string, value *yaml.Node, comment string) *yaml.Node {
	name := scalarNode(key, false)
	if comment != "" {
		value.LineComment = "# " + cleanLine(comment)
	}
	to.Content = append(to.Content, name, value)
	return name
}

func scalarNode(value string, number bool) *yaml.Node {
	if number {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: value}
	}
	node := &yaml.Node{}
	node.SetString(value)
	return node
}

func listNode(values []string) *yaml.Node {
	node := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for _, value := range values {
		node.Content = append(node.Content, scalarNode(value, false))
	}
	return node
}
