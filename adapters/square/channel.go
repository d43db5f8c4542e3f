package square

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	sdk "github.com/square/square-go-sdk"
	catalogclient "github.com/square/square-go-sdk/catalog/client"
	"github.com/square/square-go-sdk/core"
	"github.com/square/square-go-sdk/inventory"
	locationsclient "github.com/square/square-go-sdk/locations/client"
	"github.com/square/square-go-sdk/option"

	"github.com/evenstock/evenstock/adapters/budget"
	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// apiVersion pins the shapes we decode; later versions change the inventory schema.
	// https://developer.squareup.com/docs/build-basics/versioning-overview
	apiVersion = "2025-05-21"
	// rowsPerCall is Square's cap on changes per batch-create.
	// https://developer.squareup.com/reference/square/inventory-api/batch-change-inventory
	rowsPerCall = 100
	// refsPerRead is how many refs one read asks for: as many variations as the catalog tells of at once, and as many counts as fit into
	// a page where they are of one location, or an item's are read together.
	// https://developer.squareup.com/reference/square/catalog-api/batch-retrieve-catalog-objects
	refsPerRead = 1_000
	// recordsPerPage is the largest page of counts and changes.
	// https://developer.squareup.com/reference/square/inventory-api/batch-retrieve-inventory-counts
	recordsPerPage = 1000
	// pagesMax bounds the pages of one read: a million records.
	pagesMax = 1000
)

// Channel is one Square seller. It is safe for concurrent use; all its requests share one budget.
type Channel struct {
	name      stock.Channel
	locations []string
	token     func() string
	webhook   webhook
	now       func() time.Time
	log       *slog.Logger

	http      *http.Client
	budget    *budget.Rate
	clock     platformClock
	tracked   tracked
	inventory *inventory.Client
	catalog   *catalogclient.Client
	places    *locationsclient.Client
}

// New checks the options and returns the channel. It sends nothing.
func New(options Options) (*Channel, error) {
	o, err := options.withDefaults()
	if err != nil {
		return nil, err
	}
	settings := []option.RequestOption{
		option.WithBaseURL(o.BaseURL),
		option.WithToken(o.Token()), // given, so that the SDK does not look for SQUARE_TOKEN; each exchange sends the one in force
		option.WithMaxAttempts(1),
		option.WithHTTPClient(o.HTTPClient),
		&core.VersionOption{Version: apiVersion},
	}
	return &Channel{
		name:      o.Channel,
		locations: o.Locations,
		token:     o.Token,
		webhook:   newWebhook(o.WebhookURL, o.WebhookSecrets),
		now:       o.Now,
		log:       o.Logger.With("channel", string(o.Channel)),
		http:      o.HTTPClient,
		budget:    budget.NewRate(o.RequestsPerSecond, o.MostPerSecond),
		inventory: inventory.NewClient(settings...),
		catalog:   catalogclient.NewClient(settings...),
		places:    locationsclient.NewClient(settings...),
	}, nil
}

// Budget says how much Square may be asked for now.
func (c *Channel) Budget() stock.Budget { return c.budget.State() }

// Turn has its turn for the next request that is made with the context that it returns; see package converge.
func (c *Channel) Turn(ctx context.Context, wait bool) (withTurn context.Context, giveBack func(), ok bool) {
	return c.budget.Reserve(ctx, wait)
}

// Close lets go of idle connections.
func (c *Channel) Close() { c.http.CloseIdleConnections() }

// Traits is what every channel on Square has in common.
func (c *Channel) Traits() stock.Traits { return Traits() }

// Traits are the properties of Square that the rules depend on: five decimals, a feed that names our own rows and in which
// recounts absorb, and therefore no reliance on how long Square remembers a key.
func Traits() stock.Traits {
	return stock.Traits{Platform: "square", History: true, Step: 1, ForgetsKeysAfterHours: 0}
}

// MaxRows is the most rows EncodeCall takes.
func (c *Channel) MaxRows() int { return rowsPerCall }

// MaxReads is the most refs ReadRefs takes. The filter of counts is items times locations, so refs here and there may bring more pages
// than one, but not more than smaller reads would.
func (c *Channel) MaxReads() int { return refsPerRead }

// Locations lists the seller's locations, also the closed ones.
func (c *Channel) Locations(ctx context.Context) ([]stock.ChannelLocation, error) {
	answer, _, err := send(ctx, c, "listing locations", nil,
		func(ctx context.Context, opts ...option.RequestOption) (*sdk.ListLocationsResponse, error) {
			return c.places.List(ctx, opts...)
		})
	if err != nil {
		return nil, err
	}
	var locations []stock.ChannelLocation
	for _, l := range answer.GetLocations() {
		if l.GetID() == nil || !validID(*l.GetID()) {
			continue
		}
		active := l.GetStatus() != nil && *l.GetStatus() == sdk.LocationStatusActive
		locations = append(locations, stock.ChannelLocation{ID: *l.GetID(), Name: label(l.GetName()), Active: active})
	}
	return locations, nil
}

// CheckToken reports whether Square takes the token. Which scopes it has shows only where one is missing.
func (c *Channel) CheckToken(ctx context.Context) error {
	if _, err := c.Locations(ctx); err != nil {
		return fmt.Errorf("checking token: %w", err)
	}
	return nil
}

// Scopes are the permissions that a token needs.
// https://developer.squareup.com/docs/oauth-api/square-permissions
func (c *Channel) Scopes() []string {
	return []string{"INVENTORY_READ", "INVENTORY_WRITE", "ITEMS_READ", "MERCHANT_PROFILE_READ"}
}

// PlatformNow is a time that Square's clock has certainly reached, to the millisecond, learnt from its answers; zero before
// the first. Square's own times carry milliseconds, so a finer one might be ordered differently there than here.
func (c *Channel) PlatformNow() time.Time { return c.clock.now(c.now()).Truncate(time.Millisecond) }
