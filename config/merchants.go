package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// DefaultMerchant is whose shop it is where the configuration has one. Its ledger and stream are in the data folder itself, and their topics
// have no name of a merchant.
const DefaultMerchant = "default"

const (
	maxMerchants = 1000
	merchantsKey = "merchants"
	shopKey      = "merchants[]"
	shopEnding   = ".yaml"
	// merchantsFolder is where the data folder has those of merchants.
	merchantsFolder = "merchants"
)

// several documents the keys of several merchants: file only.
var several = []Option{
	{Key: merchantsKey, Unit: "folder, or list", Help: "instead of locations and channels: several merchants, each with a ledger of its own; of a folder each NAME.yaml is one"},
	{Key: shopKey + ".name", Unit: "a-z 0-9 -, 1 to 32", Help: "our name of the merchant; in a folder the file's"},
	{Key: shopKey + ".locations", Unit: "list of names", Help: "as locations"},
	{Key: shopKey + ".channels", Unit: "list", Help: "as channels; secrets come from files alone, and the path of webhook_url is /hooks/<merchant>/<name>/<token>"},
	{Key: shopKey + ".sweep", Unit: "keys of sweep", Default: "as sweep", Help: "when this merchant's channels are looked at"},
	{Key: shopKey + ".brakes", Unit: "keys of brakes", Default: "as brakes", Help: "how much of this merchant's channels may change"},
}

// Shops are the merchants that the configuration declares, each with what concerns the process too.
func (c *Config) Shops() []*Config {
	if !c.HasSeveral() {
		return []*Config{c}
	}
	shops := make([]*Config, len(c.Merchants))
	for i, shop := range c.Merchants {
		shops[i] = c.Of(shop)
	}
	return shops
}

// HasSeveral says whether the configuration declares merchants, be it none yet, and not one shop.
func (c *Config) HasSeveral() bool { return c.several }

// Shop is the declared merchant of a name; false: there is none.
func (c *Config) Shop(name string) (*Config, bool) {
	for _, shop := range c.Shops() {
		if shop.Merchant == name {
			return shop, true
		}
	}
	return nil, false
}

// Of is what a merchant's parts are opened with: its shop, in folders and topics of its own of this process.
func (c *Config) Of(shop *Config) *Config {
	of := *c
	of.Merchants, of.MerchantsFolder, of.several, of.source, of.warnings = nil, "", false, nil, nil
	of.Merchant, of.Locations, of.Channels, of.Sweep, of.Brakes, of.given = shop.Merchant, shop.Locations, shop.Channels, shop.Sweep, shop.Brakes, shop.given
	if shop.Merchant != DefaultMerchant {
		of.Data = filepath.Join(c.Data, merchantsFolder, shop.Merchant)
		if c.InCluster() { // else the broker is the merchant's own
			of.Kafka.TopicPrefix = c.Kafka.TopicPrefix + shop.Merchant + "."
		}
	}
	return &of
}

// merchants reads a folder's name, or a list of shops.
func (p *parser) merchants(node *yaml.Node) {
	p.cfg.several = true
	if node.Kind == yaml.ScalarNode {
		p.cfg.MerchantsFolder = p.text(node, merchantsKey)
		return
	}
	if !p.expect(node, merchantsKey, yaml.SequenceNode) {
		return
	}
	if len(node.Content) > maxMerchants {
		p.fail(merchantsKey, fmt.Sprintf("has more than %d merchants", maxMerchants), "run a second evenstock for the others")
		return
	}
	for i, item := range node.Content {
		key := fmt.Sprintf("%s[%d]", merchantsKey, i)
		p.at[key] = origin{p.file, item.Line}
		shop := newParser(p.file, nil, nil, p.platforms)
		shop.prefix = key
		shop.shop(item)
		p.shops = append(p.shops, shop)
	}
}

// shop reads the mapping of one merchant.
func (p *parser) shop(node *yaml.Node) {
	p.at[""] = origin{p.file, node.Line}
	p.mapping(node, "", shopKey, func(name, key string, value *yaml.Node) {
		switch name {
		case "name":
			p.cfg.Merchant = p.text(value, key)
		case "locations":
			p.cfg.Locations = p.list(value, key, maxLocations)
		case "channels":
			p.channels(value)
		default:
			p.section(value, key)
		}
	})
}

// finishShop lays what a shop says of sweeps and brakes over what the process does, and checks the whole.
func (p *parser) finishShop(process *Config) {
	defer p.nameProblems()
	if p.faulty[""] { // not a mapping at all
		return
	}
	p.cfg.Sweep, p.cfg.Brakes, p.cfg.given = process.Sweep, process.Brakes, p.texts
	for _, s := range settings {
		if value, given := p.texts[s.Key]; given {
			if reason, remedy := s.put(p.cfg, value); reason != "" {
				p.fail(s.Key, reason, remedy)
			}
		}
	}
	if reason, remedy := checkName(p.cfg.Merchant); reason != "" && !p.faulty["name"] {
		if p.cfg.Merchant == "" {
			reason, remedy = "is missing", "give the merchant a name of its own, such as bakery"
		}
		p.fail("name", reason, remedy)
	}
	p.validateShop()
	p.cfg.at = p.at
	for i := range p.cfg.Channels {
		c := &p.cfg.Channels[i]
		c.at, c.dir, c.filesOnly = p.at, filepath.Dir(p.file), true
	}
}

// nameProblems says of which of the listed merchants they are.
func (p *parser) nameProblems() {
	if p.prefix == "" {
		return
	}
	for _, problem := range slices.Concat(p.problems, p.warnings) {
		problem.Key = strings.TrimSuffix(p.prefix+"."+problem.Key, ".")
	}
}

// validateMerchants finishes the listed shops, and refuses what two of them must not share.
func (p *parser) validateMerchants() {
	for _, key := range []string{"locations", "channels"} {
		if p.has(key) {
			p.fail(key, "stands beside merchants", "put it into the merchant that it is for, or remove merchants")
		}
	}
	names := map[string]string{}
	for i, shop := range p.shops {
		shop.finishShop(p.cfg)
		p.problems, p.warnings = append(p.problems, shop.problems...), append(p.warnings, shop.warnings...)
		key := fmt.Sprintf("%s[%d]", merchantsKey, i)
		if other, taken := names[shop.cfg.Merchant]; taken && shop.cfg.Merchant != "" {
			p.fail(key+".name", fmt.Sprintf("%.40q is the name of %s too", shop.cfg.Merchant, other), "give each merchant a name of its own")
		}
		names[shop.cfg.Merchant] = key
		p.cfg.Merchants = append(p.cfg.Merchants, shop.cfg)
	}
	p.problems = append(p.problems, Problems(Apart(p.cfg.Merchants))...)
}

// ParseShop reads a merchant's shop: of a file of the folder of merchants, or as Settings wrote it. What it does not say of sweeps and brakes
// is as the process has it.
func (c *Config) ParseShop(merchant, file string, text []byte) (*Config, error) {
	p := newParser(file, nil, nil, platforms)
	if root, ok := p.document(text); ok {
		p.shop(root)
		if named := p.cfg.Merchant; named != "" && named != merchant {
			p.fail("name", fmt.Sprintf("%.40q is not %.40q", named, merchant), "remove the line: the merchant is named already")
		}
		p.cfg.Merchant = merchant
		p.finishShop(c)
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	p.cfg.at, p.cfg.warnings = p.at, p.warnings
	return p.cfg, nil
}

// ReadShop reads the shop of a merchant of a file.
func (c *Config) ReadShop(merchant, path string) (*Config, error) {
	text, _, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return c.ParseShop(merchant, path, text)
}

// readMerchants reads the folder of merchants, where there is one.
func (c *Config) readMerchants() error {
	if c.MerchantsFolder == "" {
		return nil
	}
	folder, at := c.besideFile(c.MerchantsFolder), c.at.nearest(merchantsKey)
	found, err := os.ReadDir(folder)
	if err != nil {
		return &Error{File: at.file, Line: at.line, Key: merchantsKey, Reason: "cannot be read: " + bareReason(err), Remedy: "name a folder that this user can read", err: err}
	}
	var faults []error
	for _, entry := range found {
		name, is := strings.CutSuffix(entry.Name(), shopEnding)
		if !is || entry.IsDir() || strings.HasPrefix(name, ".") {
			continue
		}
		shop, err := c.ReadShop(name, filepath.Join(folder, entry.Name()))
		if err != nil {
			faults = append(faults, err)
			continue
		}
		c.Merchants, c.warnings = append(c.Merchants, shop), append(c.warnings, shop.warnings...)
	}
	return errors.Join(append(faults, Apart(c.Merchants))...)
}

// Reload reads the configuration again, as it was loaded: what its file and its folder of merchants declare now.
func (c *Config) Reload() (*Config, error) {
	if c.source == nil {
		return c, nil
	}
	again, err := Load(c.source.file, c.source.env, c.source.flags)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the configuration again: %w", err)
	}
	return again, err
}

// Apart refuses merchants that would keep the same counters even: each would take the other's pushes for sales.
func Apart(shops []*Config) error {
	logins, counters := map[string]string{}, map[string]string{}
	var problems []*Error
	for _, shop := range shops {
		for i := range shop.Channels {
			c := &shop.Channels[i]
			u, reason, _ := checkURL(c.APIURL)
			if reason != "" {
				continue
			}
			refuse := func(key, what, other string) {
				at := c.at.nearest(key)
				problems = append(problems, &Error{File: at.file, Line: at.line, Key: key, Reason: what + " of merchant " + other + " too", Remedy: "remove one of the two"})
			}
			api := sameAPI(u)
			if login := api + " " + c.TokenPath(); c.TokenFile != "" {
				if other, taken := logins[login]; taken && other != shop.Merchant {
					refuse(c.key+".token_file", "is the login", other)
				}
				logins[login] = shop.Merchant
			}
			for _, id := range c.at.channelLocationsInOrder(c.key, c.Locations) {
				if other, taken := counters[api+" "+id]; taken && other != shop.Merchant {
					refuse(locationKey(c.key, id), "is a place of the same api_url", other)
				}
				counters[api+" "+id] = shop.Merchant
			}
		}
	}
	return joined(problems)
}

// TokenPath is the file that holds the access token; empty where the environment does.
func (c *Channel) TokenPath() string { return c.path(c.TokenFile) }

// path is a file of the channel wherever one looks from.
func (c *Channel) path(file string) string {
	if file == "" {
		return ""
	}
	return absolute(filepath.Join(c.dirOf(file), file))
}

// ChannelText is a channel's settings in the form that ParseShop reads.
type ChannelText struct{ Name, Platform, Settings string }

// Settings are a shop's, and its channels', as texts to be kept where there is no file: ParseShop reads what JoinSettings makes of them.
// Files are named by whole paths.
func (c *Config) Settings() (shop string, channels []ChannelText) {
	settings := map[string]any{"locations": c.Locations}
	for key, value := range c.given {
		section, name, _ := strings.Cut(key, ".")
		if settings[section] == nil {
			settings[section] = map[string]any{}
		}
		settings[section].(map[string]any)[name] = plainValue(key, value)
	}
	for _, channel := range c.Channels {
		channels = append(channels, ChannelText{channel.Name, channel.Platform, asJSON(channel.settings())})
	}
	return asJSON(settings), channels
}

// plainValue is a value of the settings' table as the file has it.
func plainValue(key, value string) any {
	if slices.ContainsFunc(settings, func(s setting) bool { return s.Key == key && s.number != nil }) {
		return json.Number(value)
	}
	return value
}

func (c *Channel) settings() map[string]any {
	of := map[string]any{"name": c.Name, "platform": c.Platform, "api_url": c.APIURL, "locations": c.Locations}
	if c.TokenFile != "" {
		of["token_file"] = c.TokenPath()
	}
	if c.WebhookURL != "" {
		of["webhook_url"] = c.WebhookURL
	}
	var secrets []string
	for _, file := range c.WebhookSecretFiles {
		secrets = append(secrets, c.path(file))
	}
	if len(secrets) > 0 {
		of["webhook_secret_files"] = secrets
	}
	if c.SoldOutEverywhere {
		of["sold_out_everywhere"] = true
	}
	if c.RequestsPerSecond > 0 {
		of["requests_per_second"] = c.RequestsPerSecond
	}
	return of
}

// JoinSettings makes one text of a shop's settings and those of its channels.
func JoinSettings(shop string, channels []string) ([]byte, error) {
	whole := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(shop), &whole); err != nil {
		return nil, fmt.Errorf("reading the settings of a shop: %w", err)
	}
	list := make([]json.RawMessage, len(channels))
	for i, channel := range channels {
		list[i] = json.RawMessage(channel)
	}
	whole["channels"] = json.RawMessage(asJSON(list))
	return []byte(asJSON(whole)), nil
}

func asJSON(value any) string {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // the text is read as YAML
	if err := encoder.Encode(value); err != nil {
		panic(err) // it holds texts and numbers
	}
	return strings.TrimSuffix(text.String(), "\n")
}
