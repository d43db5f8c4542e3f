// Package stream puts decoded events on Kafka topics and applies what is on them to the ledger.
//
// The stream is the point where a webhook becomes durable: it is answered 2xx only after Sink.Publish returned. Delivery is
// at least once; the ledger's keys make the effect exactly once. A Consumer applies a batch together with its offset in one
// ledger transaction, so offsets live in the ledger and the broker's own are not used. An event that no rule can take is
// dead-lettered with its reason before the rest of its batch is applied; when the ledger itself fails, the batch waits and
// nothing is skipped. A batch that was applied before, whole or in part, goes on where the ledger is; one that does not meet the
// ledger's offset is an error.
//
// Every record has a limit. An order above it travels as a hint and is read from its channel; any other event above it is an
// UnstorableError, for which the intake leaves a dead letter.
//
// The package does not talk to a broker: it uses Watermill's publisher and is handed batches.
package stream
