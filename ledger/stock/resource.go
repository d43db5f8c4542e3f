package stock

import "strings"

// orderResource begins the name of the resource that is an order.
const orderResource = "order/"

// CatalogResource is the resource that is a channel's catalog, of which what changed lately is read.
const CatalogResource = "catalog"

// OrderResource names an order as a resource that can be read: "order/900".
func OrderResource(id string) string { return orderResource + id }

// OrderOfResource returns the id of the order that a resource is; false when it is something else.
func OrderOfResource(resource string) (id string, isOrder bool) {
	id, isOrder = strings.CutPrefix(resource, orderResource)
	return id, isOrder && id != ""
}
