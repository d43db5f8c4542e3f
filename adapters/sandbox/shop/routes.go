package shop

import "net/http"

// Route is a control route: what a person, a test or a demo may ask of a pretend shop, and what is said of it in help.
type Route struct {
	Method, Path string
	// Body is an example of the request's JSON; "" where it takes none. The names in capitals are ids of the shop's.
	Body string
	// Effect is what it does, or what it answers with.
	Effect  string
	Handler http.HandlerFunc
}

// Get is a Route that answers with what there is.
func Get(path, effect string, handler http.HandlerFunc) Route {
	return Route{Method: http.MethodGet, Path: path, Effect: effect, Handler: handler}
}

// Put is a Route that says how something is from now on.
func Put(path, body, effect string, handler http.HandlerFunc) Route {
	return Route{Method: http.MethodPut, Path: path, Body: body, Effect: effect, Handler: handler}
}

// Post is a Route that does something.
func Post(path, body, effect string, handler http.HandlerFunc) Route {
	return Route{Method: http.MethodPost, Path: path, Body: body, Effect: effect, Handler: handler}
}

// Mount adds control routes to a shop. None is added in another way: a mux cannot say what it serves, and the help lists these tables.
func Mount(mux *http.ServeMux, routes ...Route) {
	for _, route := range routes {
		mux.HandleFunc(route.Method+" "+route.Path, route.Handler)
	}
}
