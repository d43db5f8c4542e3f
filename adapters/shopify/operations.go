package shopify

import (
	"fmt"
	"strings"
)

// The documents we send, all valid against the official 2026-10 schema (a test proves it). They use no fragments beyond
// type conditions, so that a reader sees each whole. Costs follow the fitted formula: an object 1, a connection
// 2 + floor(2 ln n) times its node; one request may ask for 1,000 points (https://shopify.dev/docs/api/usage/limits).
const (
	// maxRows is the rows of one call. Shopify's arrays take 250; a row that is refused fails the whole call.
	maxRows = 100
	// maxReads is the levels of one location that one request reads: as many as an array takes.
	maxReads = 250
	// placesAtOnce is of how many locations one request reads the levels of items.
	placesAtOnce = 4
	// refsPerRead bounds the refs of a read of several locations.
	refsPerRead = 1_000
	// pageWide is the page of flat nodes, in nodes; Shopify's limit.
	pageWide = 250
	// pageOrders is how many orders are listed and then read whole, and how many one read by id asks for at the most.
	pageOrders = 20
	// readOrders is how many orders one read by id asks for until an answer has told what each costs: that is not documented, so each id
	// is taken to cost a whole node. Then it is as many as come to pointsMax.
	readOrders = 5
	// pointsMax is what a request asks for at the most, with room for what an answer did not tell.
	pointsMax = 900.0
	// pageNested is the page that continues a nested connection, in nodes.
	pageNested = 100
	// firstRefunds is how many refunds come with an order at first: a full list is asked for again, without a limit.
	firstRefunds = 5
)

const (
	lineFields = `nodes { id quantity currentQuantity variant { id } } pageInfo { hasNextPage endCursor }`

	refundLineFields = `nodes { id quantity restockType lineItem { id } location { id } } pageInfo { hasNextPage endCursor }`

	refundFields = `id createdAt processedAt refundLineItems(first: 10) { ` + refundLineFields + ` }`

	routedLineFields = `nodes { totalQuantity lineItem { id } } pageInfo { hasNextPage endCursor }`

	routingFields = `nodes { id status assignedLocation { location { id } } lineItems(first: 20) { ` + routedLineFields +
		` } } pageInfo { hasNextPage endCursor }`

	// orderFields names no field of customer data.
	orderFields = `id name createdAt updatedAt sourceName retailLocation { id }
    lineItems(first: 20) { ` + lineFields + ` }
    refunds(first: 5) { ` + refundFields + ` }
    fulfillmentOrders(first: 5) { ` + routingFields + ` }`

	variantFields = `nodes { id createdAt sku barcode displayName requiresComponents product { status isGiftCard } inventoryItem { id tracked } }
    pageInfo { hasNextPage endCursor }`

	levelFields = `updatedAt isActive quantities(names: ["available"]) { name quantity }`
)

var (
	opLocations = operation{name: "EvenstockLocations", cost: 25, query: `query EvenstockLocations($first: Int!, $after: String) {
  locations(first: $first, after: $after, includeInactive: true, includeLegacy: true) {
    nodes { id name isActive }
    pageInfo { hasNextPage endCursor }
  }
}`}

	// Sorted by id unless asked otherwise, which is what continues a long listing.
	opCatalog = operation{name: "EvenstockCatalog", cost: 50, query: `query EvenstockCatalog($first: Int!, $after: String, $query: String) {
  productVariants(first: $first, after: $after, query: $query) { ` + variantFields + ` }
}`}

	// The count has no limit: a lower bound would not show that something was deleted.
	opCatalogChanges = operation{name: "EvenstockCatalogChanges", cost: 60, query: `query EvenstockCatalogChanges($first: Int!, $after: String, $query: String) {
  productVariants(first: $first, after: $after, query: $query) { ` + variantFields + ` }
  productVariantsCount(limit: null) { count precision }
}`}

	opReadRefs = operation{name: "EvenstockReadRefs", cost: 760, query: `query EvenstockReadRefs($ids: [ID!]!, $location: ID!) {
  shop { myshopifyDomain }
  nodes(ids: $ids) {
    ... on InventoryItem { id tracked inventoryLevel(locationId: $location, includeInactive: true) { ` + levelFields + ` } }
  }
}`}

	// opReadPlaces is opReadRefs for several locations, by their number: the item and its tracking are paid for once.
	opReadPlaces = [placesAtOnce + 1]operation{2: readPlaces(2), 3: readPlaces(3), 4: readPlaces(4)}

	opListCounts = operation{name: "EvenstockListCounts", cost: 50, query: `query EvenstockListCounts($location: ID!, $first: Int!, $after: String, $query: String) {
  shop { myshopifyDomain }
  location(id: $location) {
    inventoryLevels(first: $first, after: $after, query: $query, includeInactive: true) {
      nodes { ` + levelFields + ` item { id tracked } }
      pageInfo { hasNextPage endCursor }
    }
  }
}`}

	// Without what is nested in them, orders are flat nodes.
	opOrderTimes = operation{name: "EvenstockOrderTimes", cost: 25, query: `query EvenstockOrderTimes($first: Int!, $after: String, $query: String) {
  orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {
    nodes { id updatedAt }
    pageInfo { hasNextPage endCursor }
  }
}`}

	opReadOrders = operation{name: "EvenstockReadOrders", cost: 750, query: `query EvenstockReadOrders($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on Order { ` + orderFields + ` }
  }
}`}

	opOrderLines = operation{name: "EvenstockOrderLines", cost: 30, query: `query EvenstockOrderLines($id: ID!, $first: Int!, $after: String) {
  order(id: $id) { updatedAt lineItems(first: $first, after: $after) { ` + lineFields + ` } }
}`}

	// Without first, refunds is not truncated.
	opOrderRefunds = operation{name: "EvenstockOrderRefunds", cost: 200, query: `query EvenstockOrderRefunds($id: ID!) {
  order(id: $id) { updatedAt refunds { ` + refundFields + ` } }
}`}

	opRefundLines = operation{name: "EvenstockRefundLines", cost: 40, query: `query EvenstockRefundLines($id: ID!, $first: Int!, $after: String) {
  refund(id: $id) { refundLineItems(first: $first, after: $after) { ` + refundLineFields + ` } }
}`}

	opOrderRouting = operation{name: "EvenstockOrderRouting", cost: 200, query: `query EvenstockOrderRouting($id: ID!, $first: Int!, $after: String) {
  order(id: $id) { updatedAt fulfillmentOrders(first: $first, after: $after) { ` + routingFields + ` } }
}`}

	opRoutedLines = operation{name: "EvenstockRoutedLines", cost: 30, query: `query EvenstockRoutedLines($id: ID!, $first: Int!, $after: String) {
  fulfillmentOrder(id: $id) { lineItems(first: $first, after: $after) { ` + routedLineFields + ` } }
}`}

	opScopes = operation{name: "EvenstockScopes", cost: 5, query: `query EvenstockScopes {
  currentAppInstallation { accessScopes { handle } }
}`}

	// A null group is a success: nothing had to change. The changes are not selected, for a replay would return old ones.
	opAdjust = operation{name: "EvenstockAdjust", cost: 15, query: `mutation EvenstockAdjust($input: InventoryAdjustQuantitiesInput!, $key: String!) {
  inventoryAdjustQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id }
    userErrors { code field message }
  }
}`}
)

// placeName names a location of opReadPlaces, as a variable and in the answer; the first goes by the names that it has in opReadRefs.
func placeName(place int) string { return fmt.Sprintf("at%d", place) }

func readPlaces(places int) operation {
	name := fmt.Sprintf("%sAt%d", opReadRefs.name, places)
	var variables, levels strings.Builder
	for place := 2; place <= places; place++ {
		fmt.Fprintf(&variables, ", $%s: ID!", placeName(place))
		fmt.Fprintf(&levels, `
      %[1]s: inventoryLevel(locationId: $%[1]s, includeInactive: true) { `+levelFields+` }`, placeName(place))
	}
	query := strings.NewReplacer(opReadRefs.name, name, "$location: ID!", "$location: ID!"+variables.String(), levelFields+" } }", levelFields+" }"+levels.String()+" }").Replace(opReadRefs.query)
	return operation{name: name, query: query, cost: opReadRefs.cost * float64(1+2*places) / 3}
}
