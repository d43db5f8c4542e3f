package stream

import "context"

// FirstOffset, as a start, is the first record that a partition still has.
const FirstOffset int64 = -1

// Log is the broker as the Reader needs it.
type Log interface {
	// Identity names the log: one that was created anew has another name, and the offsets of the old one mean nothing to it.
	Identity(ctx context.Context) (string, error)
	Describer
	// ReadBatches hands every partition of a topic to handle from its start on until ctx ends: in order within a partition,
	// concurrently for different ones. From is where a batch was read from; where the log has only what is no record, such as the end of
	// another program's transaction, a batch has none and moves the offset. A batch that handle returns an error for comes again.
	ReadBatches(ctx context.Context, from From, handle func(context.Context, Batch) error) error
}

// Describer says what partitions hold.
type Describer interface {
	// Describe returns the partitions of a topic in order.
	Describe(ctx context.Context, topic string) ([]Extent, error)
}

// Extent is what a partition holds: the records from First on, before Next.
type Extent struct {
	Partition int
	First     int64
	Next      int64
	// Bytes is the size of the kept records.
	Bytes int64
}

// From says where the partitions of a topic are read from.
type From struct {
	Topic string
	// Start is the offset of the first record wanted; negative: FirstOffset.
	Start func(partition int) int64
	// OnGap is told when a wanted offset is not in the log, by whoever hands the partition's batches over, before reading goes on
	// at the first offset that is. Ranges do without.
	OnGap func(Gap)
}

// Gap says that a partition does not have the offset that a reader wanted. Reading goes on at First.
type Gap struct {
	Topic     string
	Partition int
	Wanted    int64
	First     int64
}
