package config

import (
	"regexp"
	"slices"
	"strings"
)

// The platforms that a channel can be on.
const (
	Square  = "square"
	Shopify = "shopify"
)

// platform is what is peculiar to the channels of one vendor, as far as a configuration shows it. The rules that read it
// name no vendor: a platform is added by its row here, one in cmd/evenstock/platforms.go, and its folder in adapters.
type platform struct {
	// name is the value of "platform"; title is how people write it.
	name, title string
	// apiURL and locationID are examples for messages.
	apiURL, locationID string
	// locationIDNote says how ids look elsewhere at the platform; empty where they look the same.
	locationIDNote string
	// locationForm is what every location id looks like, and locationFormNote says so; nil where any id will do.
	locationForm     *regexp.Regexp
	locationFormNote string
	// apiHost ends the host name of every api_url but a loopback one, and apiHostNote says what is wrong with another; empty
	// where any host will do.
	apiHost, apiHostNote string
	// signsURL: the platform signs webhook_url together with the body, so no delivery can be verified without it.
	signsURL bool
	// tellsBudget: the platform tells with each answer how much it may be asked for, so that no figure of ours is needed.
	tellsBudget bool
}

// platforms is the table of them, in the order in which messages name them.
var platforms = []platform{
	{
		name: Square, title: "Square", apiURL: "https://connect.squareup.com", locationID: "L8A1XYZ",
		signsURL: true, // https://developer.squareup.com/docs/webhooks/step3validate
	},
	{
		name: Shopify, title: "Shopify", apiURL: "https://<shop>.myshopify.com", locationID: "77",
		locationIDNote: `of "gid://shopify/Location/77" only the 77`,
		locationForm:   regexp.MustCompile(`^[1-9][0-9]*$`), locationFormNote: "which are numbers without zeros in front",
		// https://shopify.dev/docs/api/admin-graphql: the endpoint is at {store_name}.myshopify.com.
		tellsBudget: true, // https://shopify.dev/docs/api/usage/limits
		apiHost:     ".myshopify.com", apiHostNote: "the shop's own domain does not serve the Admin API",
	},
}

// Platforms are the names of all platforms.
func Platforms() []string { return eachPlatform(platforms, nameOf) }

func nameOf(row platform) string           { return row.name }
func apiURLOf(row platform) string         { return row.apiURL }
func locationIDOf(row platform) string     { return row.locationID }
func locationIDNoteOf(row platform) string { return row.locationIDNote }

// eachPlatform lists what the rows say, without those that say nothing.
func eachPlatform(rows []platform, word func(platform) string) []string {
	var words []string
	for _, row := range rows {
		if said := word(row); said != "" {
			words = append(words, said)
		}
	}
	return words
}

// platform is the row of a name; one that no row has has no peculiarities.
func (p *parser) platform(name string) platform {
	i := slices.IndexFunc(p.platforms, func(row platform) bool { return row.name == name })
	if i < 0 {
		return platform{}
	}
	return p.platforms[i]
}

// oneOf joins what the rows say for a message: "square or shopify".
func (p *parser) oneOf(word func(platform) string) string {
	return strings.Join(eachPlatform(p.platforms, word), " or ")
}

// locationIDRemedy says how location ids are written.
func (p *parser) locationIDRemedy() string {
	notes := []string{"write the id as the platform's admin shows it, such as " + p.oneOf(locationIDOf)}
	return strings.Join(append(notes, eachPlatform(p.platforms, locationIDNoteOf)...), "; ")
}
