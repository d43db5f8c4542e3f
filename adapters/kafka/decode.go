package kafka

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"time"

	"github.com/segmentio/kafka-go/protocol"
)

// maxBatchBytes bounds what a compressed batch may become.
const maxBatchBytes = 256 << 20

// abortedTransaction is a transaction whose records, from first on, do not
// count. Its producer's next marker ends it.
type abortedTransaction struct{ producer, first int64 }

// batch is the head of a record batch, and its records as they lie there.
type batch struct {
	base, last int64 // offsets of the first and last record that were written
	attributes protocol.Attributes
	firstTime  int64
	producer   int64
	count      int32
	payload    []byte
}

// nextBatch cuts the first batch off. There is none where less than a whole one
// is left: a broker cuts its answer where it is full.
func nextBatch(data []byte) (b batch, rest []byte, ok bool, err error) {
	const headBytes, sizeAt, minLength = 61, 12, 49
	c := cursor{rest: data}
	b.base = c.int64()
	length := int(c.int32())
	if c.failed || length > len(c.rest) {
		return batch{}, nil, false, nil
	}
	c.int32() // leader's epoch
	if magic := c.int8(); !c.failed && magic != 2 {
		return batch{}, nil, false, fmt.Errorf("batch at %d is of format %d, which is older than Kafka 0.11", b.base, magic)
	}
	sum := uint32(c.int32())
	if length < minLength {
		return batch{}, nil, false, fmt.Errorf("batch at %d: %w", b.base, errMalformed)
	}
	whole := data[:sizeAt+length]
	if crc32.Checksum(whole[sizeAt+9:], castagnoli) != sum {
		return batch{}, nil, false, fmt.Errorf("batch at %d: checksum does not match: %w", b.base, errMalformed)
	}
	b.attributes = protocol.Attributes(c.int16())
	b.last = b.base + int64(c.int32())
	b.firstTime = c.int64()
	c.int64() // last time
	b.producer = c.int64()
	c.int16() // producer's epoch
	c.int32() // sequence
	b.count = c.int32()
	if b.count < 0 || b.last < b.base {
		return batch{}, nil, false, fmt.Errorf("batch at %d: %w", b.base, errMalformed)
	}
	b.payload = whole[headBytes:]
	return b, data[sizeAt+length:], true, nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// decodeBatches reads the records of a fetch answer from offset on: it begins
// with the whole batch that has the offset. Next is where to go on: behind the
// last batch, whether there were records in it or not. Compaction empties
// batches and cuts their ends, transactions end with a marker, and what they
// aborted is left out. If a later batch cannot be decoded, what was before it is
// returned, and the error shows next time.
func decodeBatches(data []byte, offset int64, aborted []abortedTransaction) (records []Record, next int64, err error) {
	aborted = slices.SortedFunc(slices.Values(aborted), func(a, b abortedTransaction) int { return cmp.Compare(a.first, b.first) })
	dropped := make(map[int64]bool) // producers whose records do not count at the moment
	next = offset
	for len(data) > 0 {
		b, rest, ok, err := nextBatch(data)
		if err == nil && ok && b.last >= offset {
			for len(aborted) > 0 && aborted[0].first <= b.last {
				dropped[aborted[0].producer] = true
				aborted = aborted[1:]
			}
			records, err = b.appendTo(records, offset, dropped)
		}
		if err != nil && next == offset {
			return nil, offset, err
		}
		if err != nil || !ok {
			break
		}
		next, data = max(next, b.last+1), rest
	}
	return records, next, nil
}

// appendTo appends the batch's records from offset on. With an error it leaves
// records as they were.
func (b batch) appendTo(records []Record, offset int64, dropped map[int64]bool) ([]Record, error) {
	if b.attributes.Control() {
		delete(dropped, b.producer) // commit or abort: what comes next is another transaction
		return records, nil
	}
	if b.attributes.Transactional() && dropped[b.producer] {
		return records, nil
	}
	payload, err := b.decompress()
	if err != nil {
		return records, fmt.Errorf("batch at %d: %w", b.base, err)
	}
	const minRecordBytes = 7
	before := len(records)
	records = slices.Grow(records, min(int(b.count), len(payload)/minRecordBytes))
	c := cursor{rest: payload}
	for range b.count {
		record := b.record(&c)
		if c.failed {
			return records[:before], fmt.Errorf("batch at %d: record %d: %w", b.base, len(records)-before, errMalformed)
		}
		if record.Offset >= offset {
			records = append(records, record)
		}
	}
	return records, nil
}

func (b batch) record(c *cursor) Record {
	c.varint() // length
	c.int8()   // attributes, of which there are none
	record := Record{Time: time.UnixMilli(b.firstTime + c.varint()), Offset: b.base + c.varint(), Key: c.varbytes(), Value: c.varbytes()}
	headers := c.varint()
	if headers < 0 || headers > int64(len(c.rest)) {
		c.fail()
	}
	if headers > 0 && !c.failed {
		record.Headers = make([]Header, headers)
		for i := range record.Headers {
			key := c.varbytes()
			if string(key) == UUIDHeader { // as nearly all are: no copy
				record.Headers[i].Key = UUIDHeader
			} else {
				record.Headers[i].Key = string(key)
			}
			record.Headers[i].Value = c.varbytes()
		}
	}
	return record
}

func (b batch) decompress() ([]byte, error) {
	compression := b.attributes.Compression()
	if compression == NoCompression {
		return b.payload, nil
	}
	codec := compression.Codec()
	if codec == nil {
		return nil, fmt.Errorf("unknown compression %d", compression)
	}
	reader := codec.NewReader(bytes.NewReader(b.payload))
	payload, err := io.ReadAll(io.LimitReader(reader, maxBatchBytes+1))
	if err = errors.Join(err, reader.Close()); err != nil {
		return nil, fmt.Errorf("decompressing: %w", err)
	}
	if len(payload) > maxBatchBytes {
		return nil, fmt.Errorf("decompressing: more than %d bytes", maxBatchBytes)
	}
	return payload, nil
}
