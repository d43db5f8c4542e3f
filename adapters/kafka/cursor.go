package kafka

import "encoding/binary"

// cursor reads big-endian numbers and runs of bytes. After a read beyond the
// end it has failed, and everything it returns is zero.
type cursor struct {
	rest   []byte
	failed bool
}

// bytes returns the next n bytes, which it shares; none for a negative n, as
// the protocol writes null.
func (c *cursor) bytes(n int) []byte {
	if n < 0 {
		return nil
	}
	if c.failed || n > len(c.rest) {
		c.fail()
		return nil
	}
	b := c.rest[:n:n]
	c.rest = c.rest[n:]
	return b
}

func (c *cursor) fail() { c.failed, c.rest = true, nil }

func (c *cursor) int8() int8 {
	if b := c.bytes(1); b != nil {
		return int8(b[0])
	}
	return 0
}

func (c *cursor) int16() int16 {
	if b := c.bytes(2); b != nil {
		return int16(binary.BigEndian.Uint16(b))
	}
	return 0
}

func (c *cursor) int32() int32 {
	if b := c.bytes(4); b != nil {
		return int32(binary.BigEndian.Uint32(b))
	}
	return 0
}

func (c *cursor) int64() int64 {
	if b := c.bytes(8); b != nil {
		return int64(binary.BigEndian.Uint64(b))
	}
	return 0
}

// varint reads a number that is as long as it is large.
func (c *cursor) varint() int64 {
	v, n := binary.Varint(c.rest)
	if n <= 0 {
		c.fail()
		return 0
	}
	c.rest = c.rest[n:]
	return v
}

// varbytes reads a length and as many bytes.
func (c *cursor) varbytes() []byte {
	n := c.varint()
	if n > int64(len(c.rest)) {
		c.fail()
		return nil
	}
	return c.bytes(int(n))
}
