package config

import (
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
)

// validate checks what concerns more than one value. Values that were faulty alone are left out, so that one mistake is
// reported once.
func (p *parser) validate() {
	p.validateCluster()
	p.warnListen()
	if p.cfg.several {
		p.validateMerchants()
		return
	}
	p.validateShop()
}

// validateShop checks the places and channels of one merchant.
func (p *parser) validateShop() {
	p.validateLocations()
	if !p.has("channels") {
		p.fail("channels", "is missing", `connect at least one till or store; "evenstock init" writes an example`)
	}
	for i := range p.cfg.Channels {
		p.validateChannel(&p.cfg.Channels[i])
	}
	p.validatePairs()
	p.warnUnmapped()
}

// has says whether the file holds the key, rightly or wrongly.
func (p *parser) has(key string) bool {
	_, ok := p.at[key]
	return ok
}

func (p *parser) validateLocations() {
	if !p.has("locations") {
		p.fail("locations", "is missing", "name the places where stock is held, such as [main]")
	}
	for i, name := range p.cfg.Locations {
		key := fmt.Sprintf("locations[%d]", i)
		if reason, remedy := checkName(name); reason != "" {
			p.fail(key, reason, remedy)
		} else if first := slices.Index(p.cfg.Locations, name); first < i {
			p.fail(key, fmt.Sprintf("%q is listed twice", name), "remove one of the two")
		}
	}
}

func (p *parser) validateChannel(c *Channel) {
	if p.faulty[c.key] { // not a mapping at all
		return
	}
	if p.require(c.key+".name", c.Name, "give the channel a name of its own, such as till") {
		if reason, remedy := checkName(c.Name); reason != "" {
			p.fail(c.key+".name", reason, remedy)
		} else {
			c.tokenFromEnv = p.env(channelEnv(c.Name, tokenSuffix)) != ""
			c.secretsFromEnv = p.env(channelEnv(c.Name, webhookSecretSuffix)) != ""
		}
	}
	if p.require(c.key+".platform", c.Platform, "write "+p.oneOf(nameOf)) {
		if reason, remedy := checkOneOf(c.Platform, eachPlatform(p.platforms, nameOf)); reason != "" {
			p.fail(c.key+".platform", reason, remedy)
		}
	}
	if p.require(c.key+".api_url", c.APIURL, "write where the API is: "+p.oneOf(apiURLOf)) {
		p.validateAPIURL(c)
	}
	if !c.tokenFromEnv {
		p.require(c.key+".token_file", c.TokenFile, "name the file that holds the access token"+orEnv(p.cfg.Merchant != "", envName(c.Name), tokenSuffix))
	}
	p.validateWebhook(c)
	if key, row := c.key+".requests_per_second", p.platform(c.Platform); p.has(key) && row.tellsBudget {
		p.fail(key, "is not for "+row.title+", which tells with each answer how much it may be asked for", "remove it")
	}
	if !p.has(c.key + ".locations") {
		p.fail(c.key+".locations", "is missing", "map the channel's location ids to names in locations, such as {L8A1XYZ: main}")
	}
	p.validateChannelLocations(c)
}

// envName stands in for the name of a channel that has none worth repeating.
func envName(name string) string {
	if ourName.matches(name) {
		return name
	}
	return "<name>"
}

// require reports a key that is missing, and says whether there is a value to check.
func (p *parser) require(key, value, remedy string) bool {
	if !p.has(key) {
		p.fail(key, "is missing", remedy)
	}
	return value != ""
}

func (p *parser) validateAPIURL(c *Channel) {
	key := c.key + ".api_url"
	u, reason, remedy := checkURL(c.APIURL)
	if reason != "" {
		p.fail(key, reason, remedy)
		return
	}
	host := strings.ToLower(u.Hostname())
	if row := p.platform(c.Platform); !strings.HasSuffix(host, row.apiHost) && !isLoopback(host) {
		p.warn(key, fmt.Sprintf("host %q does not end in %s", host, row.apiHost), row.apiHostNote)
	}
}

// validateWebhook checks the address against the path we serve, and that deliveries can be verified.
func (p *parser) validateWebhook(c *Channel) {
	key := c.key + ".webhook_url"
	if c.WebhookURL != "" {
		p.validateHookPath(c, key)
	}
	hasURL := p.has(key)
	hasSecrets := p.has(c.key+".webhook_secret_files") || c.secretsFromEnv
	row := p.platform(c.Platform)
	switch {
	case hasURL && !hasSecrets:
		p.fail(key, "is given without webhook_secret_files, so that no delivery could be verified",
			"name the file that holds the signing key"+orEnv(p.cfg.Merchant != "", envName(c.Name), webhookSecretSuffix)+", or remove webhook_url")
	case !hasURL && hasSecrets && row.signsURL:
		p.fail(key, "is missing, but "+row.title+" signs the address together with the body",
			"write the notification URL exactly as it is registered at "+row.title+", or remove webhook_secret_files")
	case !hasURL && hasSecrets:
		p.warn(key, "is missing, so that no webhook is received",
			"write the address that is registered at the platform; until then only sweeps see changes")
	}
}

func (p *parser) validateHookPath(c *Channel, key string) {
	u, reason, remedy := checkURL(c.WebhookURL)
	if reason != "" {
		p.fail(key, reason, remedy)
		return
	}
	folder := "/hooks/"
	if merchant := p.cfg.Merchant; merchant != "" && merchant != DefaultMerchant {
		folder += envName(merchant) + "/"
	}
	example := folder + envName(c.Name) + "/<token>"
	path := bareSlash(u.EscapedPath())
	parts := strings.Split(strings.TrimPrefix(path, folder), "/")
	switch {
	case len(parts) != 2 || !strings.HasPrefix(path, folder):
		p.fail(key, "has a path that is not "+example,
			"write such a path, with 16 or more random characters of A-Z a-z 0-9 - _ at the end")
	case !hookToken.matches(parts[1]):
		p.fail(key, "has a path that could be guessed: it does not end in 16 to 128 characters of A-Z a-z 0-9 - _",
			`write a random one, such as "openssl rand -hex 16" prints`)
	case parts[0] != c.Name && ourName.matches(c.Name):
		p.fail(key, fmt.Sprintf("has the path of another channel; this is %q", c.Name), "write "+example)
	}
}

// validateChannelLocations checks that the map is one to one and leads to locations of ours.
func (p *parser) validateChannelLocations(c *Channel) {
	first := map[string]string{} // our location -> the channel location that was met first
	row := p.platform(c.Platform)
	for _, id := range p.at.channelLocationsInOrder(c.key, c.Locations) {
		key, ours, at := c.key+".locations", c.Locations[id], p.at[locationKey(c.key, id)]
		if row.locationForm != nil && !row.locationForm.MatchString(id) {
			p.failAt(at, key, fmt.Sprintf("%q is not a location id of %s, %s", id, row.title, row.locationFormNote), p.locationIDRemedy())
		}
		if !slices.Contains(p.cfg.Locations, ours) && p.has("locations") {
			p.failAt(at, key, fmt.Sprintf("location %q maps to %.40q, which is not in locations", id, ours),
				suggest(ours, p.cfg.Locations))
		}
		if other, taken := first[ours]; taken {
			p.failAt(at, key, fmt.Sprintf("location %q and %q both map to %.40q; one channel location per location of ours", other, id, ours),
				"remove one of the two lines")
			continue
		}
		first[ours] = id
	}
}

// validatePairs checks what two channels must not share. Two channels on one counter would each take the other's pushes
// for sales.
func (p *parser) validatePairs() {
	names, logins, counters := map[string]string{}, map[string]string{}, map[string]string{}
	for _, c := range p.cfg.Channels {
		if other, taken := names[c.Name]; taken && c.Name != "" {
			p.fail(c.key+".name", fmt.Sprintf("%.40q is the name of %s too", c.Name, other), "give each channel a name of its own")
		}
		names[c.Name] = c.key
		u, reason, _ := checkURL(c.APIURL)
		if reason != "" {
			continue
		}
		api := sameAPI(u)
		if token := p.tokenIdentity(&c); token != "" {
			if other, taken := logins[api+" "+token]; taken {
				p.fail(c.key+".api_url", "is the same login as "+other+": same api_url, same token", "remove one of the two channels")
				continue // its locations would only repeat the fault
			}
			logins[api+" "+token] = c.key
		}
		for _, id := range p.at.channelLocationsInOrder(c.key, c.Locations) {
			if other, taken := counters[api+" "+id]; taken {
				p.failAt(p.at[locationKey(c.key, id)], c.key+".locations",
					fmt.Sprintf("location %q of the same api_url belongs to %s already", id, other), "remove one of the two lines")
				continue
			}
			counters[api+" "+id] = c.key
		}
	}
}

// tokenIdentity is equal for channels with the same token, as far as that can be seen without reading files.
func (p *parser) tokenIdentity(c *Channel) string {
	if c.tokenFromEnv {
		return "env " + p.env(channelEnv(c.Name, tokenSuffix))
	}
	if c.TokenFile == "" {
		return ""
	}
	return "file " + filepath.Clean(c.TokenFile)
}

func (p *parser) warnUnmapped() {
	mapped := map[string]bool{}
	for _, c := range p.cfg.Channels {
		for _, ours := range c.Locations {
			mapped[ours] = true
		}
	}
	for i, name := range p.cfg.Locations {
		if !mapped[name] {
			p.warn(fmt.Sprintf("locations[%d]", i), fmt.Sprintf("no channel has a location that maps to %q", name),
				"nothing is kept even there")
		}
	}
}

func (p *parser) warnListen() {
	host, _, err := net.SplitHostPort(p.cfg.Listen)
	if err == nil && !isLoopback(host) {
		p.warn("listen", fmt.Sprintf("%q can be reached from other machines", p.cfg.Listen),
			"put a TLS proxy in front, and let only /hooks/ through from outside")
	}
}

// WebhookPath is the path of WebhookURL, for routing; empty without one. Its last segment does not belong in logs.
func (c Channel) WebhookPath() string {
	u, err := url.Parse(c.WebhookURL)
	if err != nil {
		return ""
	}
	return bareSlash(u.EscapedPath())
}

// bareSlash is an address or a path without a slash at its end: platforms register either.
func bareSlash(address string) string { return strings.TrimSuffix(address, "/") }

// RedactedWebhookURL is WebhookURL without its unguessable end, for people and logs; empty without one.
func (c Channel) RedactedWebhookURL() string {
	cut := strings.LastIndex(bareSlash(c.WebhookURL), "/")
	if cut < 0 {
		return ""
	}
	return c.WebhookURL[:cut+1] + redacted
}
