package main

import (
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/cmd/evenstock/demo"
)

// shownRoute is a request that the help shows, and the shop of it.
type shownRoute struct{ shop, method, path, body string }

// shownRoutes are the requests in the help of sandbox.
func shownRoutes(help string) (routes []shownRoute) {
	shop := ""
	for line := range strings.Lines(help) {
		words := strings.Fields(line)
		switch {
		case strings.HasPrefix(line, "Requests to "):
			shop = strings.TrimSuffix(words[len(words)-1], ":")
		case len(words) > 1 && strings.HasPrefix(words[1], "/sandbox/"):
			routes = append(routes, shownRoute{shop: shop, method: words[0], path: words[1]})
		case strings.HasPrefix(line, "         {"):
			routes[len(routes)-1].body = strings.TrimSpace(line)
		}
	}
	return routes
}

// Each request that the help of sandbox shows is one that the shop reads: it may refuse the ids in it, and nothing else.
func TestSandboxServesWhatItsHelpShows(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	reader, writer := io.Pipe()
	var log lockedBuffer
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		run(ctx, []string{"sandbox", "--json", "--webhooks", "http://127.0.0.1:9/"}, noEnv, writer, &log)
		writer.Close()
	}()
	var said demo.Announcement
	require.NoError(t, json.NewDecoder(reader).Decode(&said), log.String())
	var help lockedBuffer
	run(t.Context(), []string{"sandbox", "--help"}, noEnv, &help, &help)
	routes := shownRoutes(help.String())
	require.Greater(t, len(routes), 40)
	for _, route := range routes {
		shops := map[string][]string{"Square": {said.Square.URL}, "Shopify": {said.Shopify.URL}, "shops": {said.Square.URL, said.Shopify.URL}}[route.shop]
		require.NotEmpty(t, shops, route)
		for _, url := range shops {
			req, err := http.NewRequestWithContext(t.Context(), route.method, url+route.path, strings.NewReader(route.body))
			require.NoError(t, err)
			res, err := http.DefaultClient.Do(req)
			require.NoError(t, err)
			answer, err := io.ReadAll(res.Body)
			require.NoError(t, err)
			require.NoError(t, res.Body.Close())
			require.Contains(t, []int{http.StatusOK, http.StatusBadRequest}, res.StatusCode, "%v: %s", route, answer)
			require.NotContains(t, string(answer), "reading the request", route)
		}
	}
	stop()
	<-ended
}

// A pretend shop serves no control route that the help does not show: all are mounted from the tables that the help is made of.
func TestControlRoutesStandInTables(t *testing.T) {
	t.Parallel()
	var tables int
	root := filepath.Join("..", "..", "adapters", "sandbox")
	require.NoError(t, filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		tables += strings.Count(string(text), `"/sandbox/`)
		require.NotRegexp(t, regexp.MustCompile(`Handle(Func)?\("[^"]*/sandbox/`), string(text), path)
		return err
	}))
	var help lockedBuffer
	run(t.Context(), []string{"sandbox", "--help"}, noEnv, &help, &help)
	require.Equal(t, tables-1, len(shownRoutes(help.String())), "the paths in the tables, and the one prefix that the pretend Square serves them by")
}
