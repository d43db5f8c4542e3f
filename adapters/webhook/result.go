package webhook

import (
	"fmt"
	"net/http"
)

// Result says what became of a request.
type Result uint8

// The zero value is invalid.
const (
	// Published: its events are durable.
	Published Result = iota + 1
	// NoEvents: decoded, and there is nothing in it for us.
	NoEvents
	// UnknownTopic: a topic of no interest.
	UnknownTopic
	// Undecodable: it cannot be decoded or stored; the dead letters have it.
	Undecodable
	// TooLarge: longer than BodyMax.
	TooLarge
	// NotFound: a POST whose path is no hook's.
	NotFound
	// WrongMethod: not POST.
	WrongMethod
	// Encoded: the body is compressed.
	Encoded
	// NotReady: Options.Ready said no.
	NotReady
	// Overloaded: MaxInFlight deliveries are being worked on.
	Overloaded
	// SlowBody: the body did not arrive within BodyTimeout.
	SlowBody
	// CutBody: the body ended before its declared length, or the connection did.
	CutBody
	// EmptyBody: a body of 0 bytes.
	EmptyBody
	// BadSignature: the decoder did not verify it.
	BadSignature
	// Limited: as BadSignature, from an address that sent too many.
	Limited
	// WrongChannel: a decoded event names another channel.
	WrongChannel
	// SinkFailed: the events may not be durable.
	SinkFailed
	// DeadLettersFailed: it cannot be decoded or stored, and the dead letters did not take it.
	DeadLettersFailed
	// Panicked: something below the handler did.
	Panicked
	// OtherShop: rightly signed, and of another shop than the channel's.
	OtherShop
	// NoDelivery: the path is no hook's, and the method not POST, so that no platform sent it.
	NoDelivery

	resultEnd
)

// resultTable gives each result its name and HTTP status.
var resultTable = [resultEnd]struct {
	name   string
	status int
}{
	Published:         {"published", http.StatusOK},
	NoEvents:          {"no_events", http.StatusOK},
	UnknownTopic:      {"unknown_topic", http.StatusOK},
	Undecodable:       {"undecodable", http.StatusOK},
	TooLarge:          {"too_large", http.StatusRequestEntityTooLarge},
	NotFound:          {"not_found", http.StatusNotFound},
	WrongMethod:       {"wrong_method", http.StatusMethodNotAllowed},
	Encoded:           {"encoded", http.StatusUnsupportedMediaType},
	NotReady:          {"not_ready", http.StatusServiceUnavailable},
	Overloaded:        {"overloaded", http.StatusServiceUnavailable},
	SlowBody:          {"slow_body", http.StatusRequestTimeout},
	CutBody:           {"cut_body", http.StatusBadRequest},
	EmptyBody:         {"empty_body", http.StatusBadRequest},
	BadSignature:      {"bad_signature", http.StatusUnauthorized},
	Limited:           {"limited", http.StatusTooManyRequests},
	WrongChannel:      {"wrong_channel", http.StatusInternalServerError},
	SinkFailed:        {"sink_failed", http.StatusServiceUnavailable},
	DeadLettersFailed: {"dead_letters_failed", http.StatusServiceUnavailable},
	Panicked:          {"panicked", http.StatusInternalServerError},
	OtherShop:         {"other_shop", http.StatusUnauthorized},
	NoDelivery:        {"no_delivery", http.StatusNotFound},
}

// Results lists all results.
func Results() []Result {
	list := make([]Result, 0, resultEnd-1)
	for r := Published; r < resultEnd; r++ {
		list = append(list, r)
	}
	return list
}

// String is the result's name in metrics and logs.
func (r Result) String() string {
	if r == 0 || r >= resultEnd {
		return fmt.Sprintf("Result(%d)", uint8(r))
	}
	return resultTable[r].name
}

// ParseResult reads what String prints.
func ParseResult(name string) (Result, error) {
	for _, r := range Results() {
		if resultTable[r].name == name {
			return r, nil
		}
	}
	return 0, fmt.Errorf("parsing result: %.40q is none", name)
}

// status is the HTTP status that answers the request.
func (r Result) status() int { return resultTable[r].status }

// Good says whether the delivery was rightly signed and need not be sent again, whatever was in it.
func (r Result) Good() bool { return r.status() == http.StatusOK }
