// Package client is the caller's side of the API: a method an operation, with the request and answer types of sync/app. It goes over
// the Unix socket of a running serve, over https, or through a handler in this process; the caller does not see which.
//
// Errors are those of the action or query (*app.Error), whichever way they came. Anything else is a fault on the way.
package client
