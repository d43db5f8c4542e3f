// Package stream puts decoded events on Kafka topics and applies what is on them to the ledger.
//
// The stream is the point where a webhook becomes durable: it is answered 2xx only after Sink.Publish returned. Delivery is
// at least once; the ledger's keys make the effect exactly once. A Consumer applies a batch together with its offset in one
// ledger transaction, so offsets live in the ledger and the broker's own are not used. An event that no rule can take is
// dead-lettered with its reason before the rest of its batch is applied; when the ledger itself fails, the batch waits and
// nothing is skipped. A batch that was applied before, whole or in part, goes on where the ledger is; one that does not meet the
// ledger's offset is an error.
//
// A Reader hands the partitions to the Consumer, from the ledger's offsets, the generations of the topic one after the other
// (Topics says why there may be several). It recognises a log that is not the one the ledger knows, and notes every loss before
// anything after it is applied, so that whoever sweeps the channels can make it good. A Janitor trims what is consumed.
//
// Every record has a limit. An order above it travels as a hint and is read from its channel; any other event above it is an
// UnstorableError, for which the intake leaves a dead letter.
//
// The package knows no broker: it writes through Watermill's publisher, and reads through the small interfaces that it declares.
package stream
