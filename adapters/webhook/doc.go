// Package webhook is the HTTP intake of all channels: it takes deliveries and answers 2xx only when nothing of them can be
// lost any more.
//
// # What happens to a delivery
//
//	declared longer than BodyMax       413  before anything else, and again while the body is read
//	path of no hook                    404  whatever the method; only a POST counts as a delivery
//	not POST                           405
//	Content-Encoding                   415  the signature covers the bytes as sent; nothing is inflated
//	Ready says no, MaxInFlight busy    503  with Retry-After, before the body is read
//	slow, cut off or empty body        408, 400, 400
//	signature not accepted             401  429 when the address has sent too many of them
//	of another shop                    401  rightly signed, so it does not count against the address
//	unknown topic, or no event in it   200  counted
//	cannot be decoded                  200  once the DeadLetters has its topic, size and hash; 503 when it fails
//	an event of another channel        500  nothing is published: the wiring is wrong, and the platform sends again
//	decoded                            200  once Sink.Publish returned; 503 with Retry-After when it fails
//	decoded, but the Sink never can    200  as what cannot be decoded
//
// A path may be written in any way that means it: with doubled slashes or one at its end, with dots, with needless escapes. Nothing is
// ever redirected, for no platform follows. Every answer has an empty body. 404 and the others tell apart only paths that nobody guesses. The signature is checked on the raw bytes before anything is parsed.
//
// # Guarantees
//
//   - At least once: an answer other than 2xx means "send again". A delivery that was stored although its answer was lost
//     or late comes again; the ledger's keys make the effect exactly once. Nothing is deduplicated here.
//   - Storing goes on when the sender hangs up, for StoreTimeout at most.
//   - A valid delivery is never refused because of invalid ones from the same address: a proxy gives everybody one address.
//     So a signature is always checked, and only the refusals are limited.
//   - No text of a body is in a log line, an error or a Rejected: reasons come from the decoder, which promises that, and
//     are scrubbed again here (see scrub). Paths are secrets and are neither logged nor compared in a time that tells
//     about them.
//   - Host and X-Forwarded-* are never looked at.
//
// # Failures
//
// A panic below the handler is answered 500 (in Decode: as a delivery that cannot be decoded) and logged by its type and
// stack, never by its value. Log lines are limited to logsPerSecond; Stats counts everything.
//
// # Limits
//
// BodyMax 1 MiB, MaxInFlight 256 (so 256 MiB of bodies at worst), BodyTimeout 5 s, StoreTimeout 4 s, penaltyHosts addresses
// remembered, reasonMax bytes of a reason. NewServer: serverConns connections, of which the quietest go first, 32 KiB of headers
// within 5 s.
//
// # What it does not do
//
// TLS, subscriptions, deduplication, replay windows (neither platform signs a timestamp), any knowledge of a platform, of
// stock or of the stream.
package webhook
