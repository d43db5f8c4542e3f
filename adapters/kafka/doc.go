// Package kafka is the stream's client: Watermill's Publisher and Subscriber,
// and a batch reader for the hot lane, on the protocol client of kafka-go. The
// same code talks to Apache Kafka and to the embedded broker; only
// Options.Brokers and Options.Dial differ.
//
// # Guarantees
//
//   - Publisher.Publish returns nil only after every message of the call was
//     acknowledged by all in-sync replicas (acks=all). Messages with one key go
//     to one partition (Murmur2, as Java's client) in the order of the calls.
//   - ReadBatches hands a partition's records to the handler in order, and goes
//     on only after the handler returned nil. It starts where its caller says:
//     offsets belong in the caller's transaction, not in the broker.
//   - Subscriber commits only offsets below which everything was acknowledged.
//   - Offsets that the broker does not have are reported (Gap), never skipped
//     in silence. Offsets that have no record are passed: those of markers, and
//     those that compaction has emptied.
//   - Records of transactions that were aborted are not handed out.
//
// Delivery is at least once. A produce request whose answer was lost is sent
// again, so records can appear twice, and the second time possibly after later
// ones; kafka-go has no idempotent producer. Consumers need keys of their own.
//
// # How the publisher works
//
// Each partition has a lane: a queue with exactly one produce request in
// flight. What queues meanwhile is the next request. So there is no timer and
// no linger: a lone message goes at once, and under load batches grow until
// the broker's fsync is shared by hundreds.
//
//	Publish -> lane 0: [in flight: 212 records] [queued: 87]
//	        -> lane 1: [in flight: 198 records] [queued: 91]
//
// # How readers get on
//
// A fetch is sent by kafka-go, but its answer is decoded here: kafka-go says
// which records are in an answer and not where its batches end, and a reader
// that goes on behind the last record asks for the same batch for ever where
// that one's end has no record.
//
// A Subscriber's partition is delivered by one goroutine while another fetches
// ahead, so two fetches of a partition (2 MB, or two batches that are larger)
// lie in memory.
//
// # How fast it is
//
// On Apache Kafka 4.1 in one node, on two cores that others loaded more or less,
// by make bench-cluster: a window of 1,000 with every message acknowledged reads at
// 0.5 to 0.7 of the rate of kafka-go's Client.Fetch alone. 128 callers that
// publish a message of 1 KB each, acks=all, get 1.05 to 1.8 times the rate of
// kafka-go's Writer as fast as it was found to go, and 1.3 to 1.65 times that of
// Watermill's own publisher on sarama.
//
// # Other programs on these topics
//
// evenstock's topics must not be written with transactions. One that commits or
// aborts does no harm; one that does not end holds every reader back until the
// broker gives it up. A reader that stands still for 10 s says so in the log,
// and why. Keys go to partitions as with Java's client: another client's
// default may differ (librdkafka's is CRC32, kafka-go's goes round), and what it
// writes to a key then has no order with ours.
//
// # Who may read and write
//
// Options.Secure has connections go over TLS and log in with SASL PLAIN or
// SCRAM, or with a certificate. A login that is refused and a certificate that
// is not trusted are errors at once for whoever asks once (EnsureTopics, Bounds,
// Publish), and logged by readers, which go on trying. The user needs the rights
// Describe, Read and Write on the topics, Create and DescribeConfigs where this
// program makes them, and Read on the groups.
//
// # Failure handling
//
// Readers retry for as long as their context lives, with jittered backoff, and
// recover when a broker returns. The publisher retries what may pass inside
// DeliveryTimeout and refuses at once what cannot. A full queue is ErrQueueFull
// at once: the intake answers 503 and the sender comes again. A client that is
// over a quota sends nothing for as long as the broker says, and logs that. A
// call that ends
// with an error other than ErrQueueFull, ErrMessageTooLarge or ErrClosed may
// still have reached the broker.
//
// # What it does not do
//
// No transactions, no idempotent producer, no cooperative rebalance (kafka-go
// has none of them), no schema, no dead letters, no knowledge of what a record
// means. It does not use kafka-go's Reader and Writer: the Writer adds up to a
// second to each message and delivers after it returned an error, and the
// Reader hands out records of partitions it has lost.
package kafka
