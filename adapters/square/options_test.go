package square

import (
	"math"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
)

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	fixed := func(list ...string) func() []string { return func() []string { return list } }
	good := Options{Token: func() string { return testToken }, Channel: "till"}
	for name, change := range map[string]func(*Options){
		"no token":                  func(o *Options) { o.Token = func() string { return "" } },
		"token with newline":        func(o *Options) { o.Token = func() string { return testToken + "\n" } },
		"no channel":                func(o *Options) { o.Channel = "" },
		"base URL without scheme":   func(o *Options) { o.BaseURL = "connect.squareup.com" },
		"base URL of a file":        func(o *Options) { o.BaseURL = "file:///etc/passwd" },
		"base URL with login":       func(o *Options) { o.BaseURL = "https://u:p@example.com" },
		"base URL with query":       func(o *Options) { o.BaseURL = "https://example.com/?x=1" },
		"secret without URL":        func(o *Options) { o.WebhookSecrets = fixed("k") },
		"empty secret":              func(o *Options) { o.WebhookURL, o.WebhookSecrets = "https://example.com", fixed("k", "") },
		"secret with newline":       func(o *Options) { o.WebhookURL, o.WebhookSecrets = "https://example.com", fixed("k\n") },
		"empty location":            func(o *Options) { o.Locations = []string{""} },
		"location twice":            func(o *Options) { o.Locations = []string{"L", "L"} },
		"negative rate":             func(o *Options) { o.RequestsPerSecond = -1 },
		"rate that is not a number": func(o *Options) { o.RequestsPerSecond = math.NaN() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options := good
			change(&options)
			_, err := New(options)
			require.Error(t, err)
			assert.NotContains(t, err.Error(), testToken)
		})
	}
	c, err := New(good)
	require.NoError(t, err)
	assert.Equal(t, requestTimeout, c.http.Timeout)
	assert.Nil(t, c.http.Transport.(*http.Transport).Proxy)
}

func TestTraits(t *testing.T) {
	t.Parallel()
	c := newChannel(t)
	assert.Equal(t, stock.Traits{Platform: "square", History: true, Step: 1}, c.Traits())
	assert.Equal(t, 100, c.MaxRows())
	assert.Equal(t, 1000, c.MaxReads())
}

// The environment belongs to the container, not to us: VERSION=1.2.3 would be sent as Square-Version, and SQUARE_TOKEN as
// the token. Not parallel: it sets the environment.
func TestEnvironmentDoesNotLeak(t *testing.T) {
	t.Setenv("VERSION", "1.2.3")
	t.Setenv("SQUARE_TOKEN", "EAAA-of-somebody-else")
	proxied := false
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { proxied = true }))
	t.Cleanup(proxy.Close)
	t.Setenv("HTTP_PROXY", proxy.URL)

	_, err := New(Options{Channel: "till"})
	require.Error(t, err, "SQUARE_TOKEN is not a token")
	s := newShop(t, map[string][]reply{
		pathLocations: {{file: "locations.json"}}, pathCounts: {{}}, pathChanges: {{}}, pathSearch: {{}}, pathBatch: {{}}, pathCreate: {{}},
	})
	c := s.channel()
	refs := []stock.Ref{ref("VARMUG", "LOCMAIN")}
	require.NoError(t, c.CheckToken(t.Context()))
	_, err = c.ReadRefs(t.Context(), refs, platformTime)
	require.NoError(t, err)
	_, _, err = c.Catalog(t.Context(), "")
	require.NoError(t, err)
	c.SendCall(t.Context(), "call-1", golden(t, "call.json"))
	asked := s.asked()
	require.Len(t, asked, 6)
	for _, r := range asked {
		assert.Equal(t, []string{"2025-05-21"}, r.header.Values("Square-Version"), r.path)
		assert.Equal(t, []string{"Bearer " + testToken}, r.header.Values("Authorization"), r.path)
	}
	assert.False(t, proxied)
}

func TestLocations(t *testing.T) {
	t.Parallel()
	s := newShop(t, map[string][]reply{pathLocations: {{file: "locations.json"}}})
	locations, err := s.channel().Locations(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []stock.ChannelLocation{
		{ID: "LOCMAIN", Name: "Main Street", Active: true}, {ID: "LOCSIDE", Name: "Side Street", Active: true}, {ID: "LOCOLD", Name: "Old Town"},
	}, locations)
}

func TestCheckToken(t *testing.T) {
	t.Parallel()
	s := newShop(t, map[string][]reply{pathLocations: {{file: "locations.json"}, {status: 401, file: "error_unauthorized.json"}}})
	require.NoError(t, s.channel().CheckToken(t.Context()))
	err := s.channel().CheckToken(t.Context())
	require.ErrorContains(t, err, "UNAUTHORIZED")
	assertClass(t, err, false, 0)
}
