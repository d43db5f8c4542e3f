package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const shop = `
locations: [main]
channels:
  - name: web
    platform: shopify
    api_url: https://NAME.myshopify.com
    token_file: NAME.token
    webhook_url: https://hooks.example.com/hooks/NAME/web/0123456789abcdef
    webhook_secret_files: [NAME.hook]
    locations: {"77": main}
brakes: {max_shelves: 7}
`

func shopOf(name string) string { return strings.ReplaceAll(shop, "NAME", name) }

// folderOfMerchants is a configuration with a folder that has files of these names.
func folderOfMerchants(t *testing.T, names ...string) (path, folder string) {
	t.Helper()
	dir := t.TempDir()
	path, folder = filepath.Join(dir, "evenstock.yaml"), filepath.Join(dir, "shops")
	require.NoError(t, os.Mkdir(folder, 0o700))
	require.NoError(t, os.WriteFile(path, []byte("merchants: shops\nkafka: {brokers: [\"localhost:9092\"], topic_prefix: x.}\ndatabase_url_file: db\n"), 0o600))
	for _, name := range names {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name+".yaml"), []byte(shopOf(name)), 0o600))
	}
	return path, folder
}

func TestMerchantsOfAFolder(t *testing.T) {
	t.Parallel()
	path, folder := folderOfMerchants(t, "florist", "bakery")
	require.NoError(t, os.WriteFile(filepath.Join(folder, "notes.txt"), nil, 0o600))
	cfg, err := Load(path, nil, nil)
	require.NoError(t, err)
	shops := cfg.Shops()
	require.Len(t, shops, 2)
	bakery, florist := shops[0], shops[1]
	require.Equal(t, "bakery", bakery.Merchant)
	require.Equal(t, filepath.Join(cfg.Data, "merchants", "bakery"), bakery.Data)
	require.Equal(t, "x.bakery.", bakery.Kafka.TopicPrefix)
	require.Equal(t, "x.", cfg.Kafka.TopicPrefix)
	require.Equal(t, Brakes{MaxShelves: 7, MaxPercent: 30}, florist.Brakes)
	require.Equal(t, cfg.Sweep, florist.Sweep)
	require.Equal(t, "/hooks/florist/web/0123456789abcdef", florist.Channels[0].WebhookPath())
	require.Equal(t, filepath.Join(folder, "florist.token"), florist.Channels[0].TokenPath())
	_, found := cfg.Shop("default")
	require.False(t, found)

	require.NoError(t, os.WriteFile(filepath.Join(folder, "grocer.yaml"), []byte(shopOf("grocer")), 0o600))
	differs, _, err := cfg.Reread()
	require.NoError(t, err)
	require.False(t, differs, "a merchant that comes is no other configuration of the process")
	again, err := cfg.Reload()
	require.NoError(t, err)
	require.Len(t, again.Shops(), 3)
}

func TestFaultsInAFolderOfMerchants(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"a fault names its file": {map[string]string{"bakery": "locations: [main]\n"}, "bakery.yaml:1: channels: is missing"},
		"a name of another":      {map[string]string{"bakery": "name: florist\n" + shopOf("bakery")}, "is not \"bakery\""},
		"a name that is none":    {map[string]string{"Bakery": shopOf("Bakery")}, `"Bakery" is not a name`},
		"what is the process's":  {map[string]string{"bakery": "listen: x\n" + shopOf("bakery")}, "listen: unknown key"},
		"the same counters": {map[string]string{"bakery": shopOf("bakery"), "florist": strings.ReplaceAll(shopOf("florist"), "florist.myshopify", "bakery.myshopify")},
			"is a place of the same api_url of merchant bakery too"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path, folder := folderOfMerchants(t)
			for merchant, text := range c.files {
				require.NoError(t, os.WriteFile(filepath.Join(folder, merchant+".yaml"), []byte(text), 0o600))
			}
			_, err := Load(path, nil, nil)
			require.ErrorContains(t, err, c.want)
			require.NotEmpty(t, Problems(err))
		})
	}
	path, folder := folderOfMerchants(t)
	require.NoError(t, os.Remove(folder))
	_, err := Load(path, nil, nil)
	require.ErrorContains(t, err, "merchants: cannot be read")
}

// TestOneShopIsTheDefaultMerchants: what was one shop's stays where it was.
func TestOneShopIsTheDefaultMerchants(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(testdata, "good", "design.yaml"))
	require.NoError(t, err)
	cfg, err := Parse("evenstock.yaml", text, nil, nil)
	require.NoError(t, err)
	require.Equal(t, []*Config{cfg}, cfg.Shops())
	require.Equal(t, DefaultMerchant, cfg.Merchant)
	of := cfg.Of(cfg)
	require.Equal(t, cfg.Data, of.Data)
	require.Equal(t, cfg.Kafka.TopicPrefix, of.Kafka.TopicPrefix)
}

// TestSettingsAreTheShop reads what is kept of a shop back, wherever it is read.
func TestSettingsAreTheShop(t *testing.T) {
	t.Parallel()
	path, folder := folderOfMerchants(t, "bakery")
	cfg, err := Load(path, nil, nil)
	require.NoError(t, err)
	want, _ := cfg.Shop("bakery")
	kept, channels := want.Settings()
	require.Equal(t, []string{"web", "shopify"}, []string{channels[0].Name, channels[0].Platform})
	text, err := JoinSettings(kept, []string{channels[0].Settings})
	require.NoError(t, err)
	shop, err := cfg.ParseShop("bakery", "registry", text)
	require.NoError(t, err, "%s", text)
	got := cfg.Of(shop)
	require.Equal(t, []any{want.Locations, want.Sweep, want.Brakes, want.given}, []any{got.Locations, got.Sweep, got.Brakes, got.given})
	require.Equal(t, want.Channels[0].WebhookURL, got.Channels[0].WebhookURL)
	require.Equal(t, filepath.Join(folder, "bakery.token"), got.Channels[0].TokenFile)
	again, _ := got.Settings()
	require.Equal(t, kept, again)
}

// TestMerchantsShareNoVariable: a variable has a channel's name and no merchant's.
func TestMerchantsShareNoVariable(t *testing.T) {
	t.Parallel()
	path, folder := folderOfMerchants(t, "bakery")
	for _, name := range []string{"bakery.token", "bakery.hook"} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte("of-file"), 0o600))
	}
	env := func(string) string { return "of-env" }
	cfg, err := Load(path, func(name string) string {
		if strings.HasPrefix(name, "EVENSTOCK_CHANNELS_") {
			return env(name)
		}
		return ""
	}, nil)
	require.NoError(t, err)
	bakery, _ := cfg.Shop("bakery")
	token, hooks, err := bakery.Channels[0].Secrets(env)
	require.NoError(t, err)
	require.Equal(t, []string{"of-file", "of-file"}, []string{token.Reveal(), hooks[0].Reveal()})
}
