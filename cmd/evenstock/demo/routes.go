package demo

import (
	"fmt"
	"slices"
	"strings"

	"github.com/evenstock/evenstock/adapters/sandbox/life"
	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/adapters/sandbox/shopify"
	"github.com/evenstock/evenstock/adapters/sandbox/square"
)

// sandboxHelp says what can be asked of the pretend shops, from the tables that they serve it from.
func sandboxHelp() string {
	var text strings.Builder
	text.WriteString(`Runs until it is interrupted, and forgets everything then. Beside its platform's API each shop takes requests, of this machine only,
by which you play its people. They take JSON and answer in JSON, with 400 and the reason where it cannot be done; without a location
the first one is meant, if nothing else is said. Faults do not strike them.
`)
	for _, group := range []struct {
		title  string
		routes []shop.Route
	}{
		{"both shops", slices.Concat(shop.Controls{}.Routes(), new(life.Switch).Routes())},
		{"Square", new(square.Shop).Routes()},
		{"Shopify", new(shopify.Shop).Routes()},
	} {
		text.WriteString("\nRequests to " + group.title + ":\n")
		for _, route := range group.routes {
			fmt.Fprintf(&text, "  %-4s %-29s %s\n", route.Method, route.Path, route.Effect)
			if route.Body != "" {
				fmt.Fprintf(&text, "         %s\n", route.Body)
			}
		}
	}
	return strings.TrimRight(text.String(), "\n")
}
