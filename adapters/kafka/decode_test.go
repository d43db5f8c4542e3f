package kafka

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"testing"
	"time"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// encoded is a batch from base to last with these of its offsets still in it,
// whose values are their offsets.
func encoded(base, last, producer int64, attributes protocol.Attributes, offsets ...int64) []byte {
	var payload []byte
	for _, offset := range offsets {
		r := kmsg.Record{OffsetDelta: int32(offset - base), Key: []byte("k"), Value: fmt.Append(nil, offset)}
		r.Length = int32(len(r.AppendTo(nil)) - 1)
		payload = r.AppendTo(payload)
	}
	b := kmsg.RecordBatch{
		FirstOffset: base, Magic: 2, Attributes: int16(attributes), LastOffsetDelta: int32(last - base),
		ProducerID: producer, NumRecords: int32(len(offsets)), Records: payload,
	}
	b.Length = int32(len(b.AppendTo(nil)) - 12)
	raw := b.AppendTo(nil)
	binary.BigEndian.PutUint32(raw[17:], crc32.Checksum(raw[21:], castagnoli))
	return raw
}

func TestDecodeBatches(t *testing.T) {
	const plain, within, marker = protocol.Attributes(0), protocol.Transactional, protocol.Transactional | protocol.Control
	full := encoded(10, 12, -1, plain, 10, 11, 12)
	damaged := bytes.Clone(full)
	damaged[len(damaged)-1]++
	old := bytes.Clone(full)
	old[16] = 1
	for name, tc := range map[string]struct {
		offset  int64
		batches [][]byte
		aborted []abortedTransaction
		want    []int64
		next    int64
		fails   string
	}{
		"nothing":                                 {offset: 10, next: 10},
		"whole":                                   {offset: 10, batches: [][]byte{full}, want: []int64{10, 11, 12}, next: 13},
		"from the middle":                         {offset: 11, batches: [][]byte{full}, want: []int64{11, 12}, next: 13},
		"a batch that ends before":                {offset: 20, batches: [][]byte{full}, next: 20},
		"end cut by compaction":                   {offset: 12, batches: [][]byte{encoded(10, 14, -1, plain, 10, 11)}, next: 15},
		"emptied by compaction":                   {offset: 10, batches: [][]byte{encoded(10, 14, 7, plain)}, next: 15},
		"emptied, and one behind":                 {offset: 3, batches: [][]byte{encoded(3, 9, 7, plain), full}, want: []int64{10, 11, 12}, next: 13},
		"holes":                                   {offset: 10, batches: [][]byte{encoded(10, 14, -1, plain, 11, 13), encoded(20, 20, -1, plain, 20)}, want: []int64{11, 13, 20}, next: 21},
		"marker":                                  {offset: 10, batches: [][]byte{encoded(10, 10, 7, marker, 10)}, next: 11},
		"committed":                               {offset: 10, batches: [][]byte{encoded(10, 11, 7, within, 10, 11), encoded(12, 12, 7, marker, 12)}, want: []int64{10, 11}, next: 13},
		"aborted":                                 {offset: 10, batches: [][]byte{encoded(10, 11, 7, within, 10, 11), encoded(12, 12, 7, marker, 12)}, aborted: []abortedTransaction{{7, 10}}, next: 13},
		"aborted, begun before":                   {offset: 10, batches: [][]byte{encoded(10, 11, 7, within, 10, 11), encoded(12, 12, 7, marker, 12)}, aborted: []abortedTransaction{{7, 2}}, next: 13},
		"another producer's is kept":              {offset: 10, batches: [][]byte{encoded(10, 10, 7, within, 10), encoded(11, 11, 8, within, 11), single(12), encoded(13, 13, 7, marker, 13)}, aborted: []abortedTransaction{{7, 10}}, want: []int64{11, 12}, next: 14},
		"the same producer's next":                {offset: 10, batches: [][]byte{encoded(10, 10, 7, within, 10), encoded(11, 11, 7, marker, 11), encoded(12, 12, 7, within, 12)}, aborted: []abortedTransaction{{7, 10}}, want: []int64{12}, next: 13},
		"the same producer's one before":          {offset: 10, batches: [][]byte{encoded(10, 10, 7, within, 10), encoded(11, 11, 7, marker, 11), encoded(12, 12, 7, within, 12)}, aborted: []abortedTransaction{{7, 12}}, want: []int64{10}, next: 13},
		"answer cut in the second batch":          {offset: 10, batches: [][]byte{full, single(13)[:40]}, want: []int64{10, 11, 12}, next: 13},
		"answer cut in the second batch's length": {offset: 10, batches: [][]byte{full, single(13)[:9]}, want: []int64{10, 11, 12}, next: 13},
		"damaged":                                 {offset: 10, batches: [][]byte{damaged}, next: 10, fails: "checksum"},
		"damaged second":                          {offset: 5, batches: [][]byte{single(5), damaged}, want: []int64{5}, next: 6},
		"older format":                            {offset: 10, batches: [][]byte{old}, next: 10, fails: "format 1"},
		"unknown compression":                     {offset: 10, batches: [][]byte{encoded(10, 10, -1, 7, 10)}, next: 10, fails: "unknown compression"},
	} {
		t.Run(name, func(t *testing.T) {
			records, next, err := decodeBatches(bytes.Join(tc.batches, nil), tc.offset, tc.aborted)
			if tc.fails == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, tc.fails)
			}
			require.Equal(t, tc.next, next)
			var got []int64
			for _, r := range records {
				got = append(got, r.Offset)
				require.Equal(t, fmt.Sprint(r.Offset), string(r.Value))
			}
			require.Equal(t, tc.want, got)
		})
	}
}

// single is a batch of one record.
func single(offset int64) []byte { return encoded(offset, offset, -1, 0, offset) }

// What kafka-go writes is read as it was.
func TestDecodeWhatWasWritten(t *testing.T) {
	at := time.UnixMilli(1_790_000_000_123)
	written := func() []kafkago.Record {
		return []kafkago.Record{
			{Time: at, Key: kafkago.NewBytes([]byte("k")), Value: kafkago.NewBytes(bytes.Repeat([]byte("v"), 100_000)), Headers: []Header{{Key: "a", Value: []byte("b")}, {Key: "", Value: nil}}},
			{Time: at.Add(time.Second), Key: nil, Value: nil},
			{Time: at.Add(-time.Second), Key: kafkago.NewBytes([]byte{}), Value: kafkago.NewBytes([]byte{})},
		}
	}
	want := []Record{
		{Offset: 0, Time: at, Key: []byte("k"), Value: bytes.Repeat([]byte("v"), 100_000), Headers: []Header{{Key: "a", Value: []byte("b")}, {Key: "", Value: nil}}},
		{Offset: 1, Time: at.Add(time.Second)},
		{Offset: 2, Time: at.Add(-time.Second), Key: []byte{}, Value: []byte{}},
	}
	for _, compression := range []Compression{NoCompression, Gzip, Snappy, LZ4, Zstd} {
		t.Run(compression.String(), func(t *testing.T) {
			set := protocol.RecordSet{Version: 2, Attributes: protocol.Attributes(compression), Records: kafkago.NewRecordReader(written()...)}
			var raw bytes.Buffer
			_, err := set.WriteTo(&raw)
			require.NoError(t, err)
			records, next, err := decodeBatches(raw.Bytes()[4:], 0, nil) // without the set's size
			require.NoError(t, err)
			require.EqualValues(t, 3, next)
			require.Equal(t, want, records)
		})
	}
}

// Whatever a broker sends, a reader neither panics nor goes back, and returns
// only what lies in its stretch.
func FuzzDecodeBatches(f *testing.F) {
	f.Add(encoded(10, 12, -1, 0, 10, 11, 12), int64(10))
	f.Add(append(encoded(10, 12, 7, protocol.Transactional, 10), encoded(13, 13, 7, protocol.Transactional|protocol.Control, 13)...), int64(11))
	f.Fuzz(func(t *testing.T, data []byte, offset int64) {
		if len(data) > 21 {
			binary.BigEndian.PutUint32(data[17:], crc32.Checksum(data[21:], castagnoli)) // or nothing gets past the checksum
		}
		_, next, err := decodeBatches(data, offset, []abortedTransaction{{7, 10}})
		require.GreaterOrEqual(t, next, offset)
		if err != nil {
			require.Equal(t, offset, next)
		}
		for version := range int16(12) {
			_, _ = (&fetchAnswer{version: version, body: data}).fetched()
		}
	})
}
