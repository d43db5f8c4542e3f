// Package embedkafka runs a one-broker Kafka inside this process, for the
// standalone size of the product: one binary, one data folder, no Java. It is
// the only package that names kfake, franz-go's in-process broker.
//
// # Guarantees
//
// A produce request with acks=all is answered after its batch and its index
// entry were fsynced, so acknowledged records survive kill -9 and, on a file
// system that keeps its promises, a power cut. Offsets of a partition never go
// backwards over a restart as long as its last batch is intact. One process at
// a time owns a directory: Open takes an flock and refuses with ErrLocked.
// Clients reach the broker over a Unix socket (mode 0600) through Broker.Dial;
// there is no TCP port.
//
// # Guard rails
//
// kfake is written as a test broker. What is known to bite is fenced off here:
//
//   - A partition that retention has emptied starts again at offset 0 after a
//     restart, and a consumer would wait for ever or skip records. So broker
//     retention is off, requests that would set it on a topic are refused
//     (POLICY_VIOLATION), and records leave only through Trim, which always
//     keeps the last batch.
//   - It answers an offset commit even when writing it failed, and may lose
//     commits over two crashes. So consumers that must not lose their place keep
//     offsets in their own store; group commits are for display and for lanes
//     that tolerate a repeat.
//   - A restart reads all segments into memory. So segments are 16 MiB, and
//     the owner must Trim to keep a directory within about 1 GiB (Partitions
//     reports sizes).
//   - It says that it could not persist something only in its log. So these
//     lines are counted, and Health fails for a while after each.
//
// # Failure handling
//
// A full disk refuses produce requests; nothing acknowledged is lost, and the
// broker goes on when there is room. A torn write at the end of a segment is
// cut off at the next Open: Repairs counts such cuts. A bit flip in the middle
// of a segment is cut the same way and takes acknowledged records with it, so
// an owner that sees Repairs > 0 must treat the stream as incomplete and
// rebuild from its sources. A new ClusterID (in Kafka's metadata) means
// that the directory was created anew and old offsets mean nothing.
//
// # What it does not do
//
// No replication, no TLS, no authentication beyond the socket's file mode, no
// retention by time or size, no compaction. It is a transport, never the only
// copy of the truth. More than one process, or a broker somebody else
// operates, is what Apache Kafka is for.
package embedkafka
