// Package api serves the queries and actions of sync/app as typed operations over HTTP: one mux for the Unix socket that the command
// line uses, and later for TCP. An operation decodes, calls, maps the error and encodes; it decides nothing.
//
// Every operation declares its scope (what a caller must be allowed), its access (which parts of a merchant it uses, for whoever
// opens them) and an example of its answer. The document at /openapi.json is made from the same table.
//
// Who asks comes from the transport: a Caller in the context, put there by the listener. A request has no field for it.
//
// Errors are problem+json (RFC 9457) with the kind and the remedy of app.Error. What this package says itself of a request repeats no
// value that was sent.
package api
