package stream

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/evenstock/evenstock/ledger/stock"
)

// DeadLetter is a record or delivery that could not be applied, with the reason. It never carries a raw body: what cannot be
// decoded leaves its size and hash.
type DeadLetter struct {
	ID     string       `json:"id"`
	At     time.Time    `json:"at"`
	Reason string       `json:"reason"`
	Source string       `json:"source"`
	Event  *stock.Event `json:"event,omitempty"`
	Size   int          `json:"size,omitempty"`
	SHA256 string       `json:"sha256,omitempty"`
	// Channel and Topic name a delivery that could not be decoded.
	Channel stock.Channel `json:"channel,omitempty"`
	Topic   string        `json:"topic,omitempty"`
	// RetriedAt is set in lists for letters that were sent again.
	RetriedAt time.Time `json:"retried_at,omitzero"`
}

// deadRecord is what stands on the dead letter topic: a letter, or the mark that one was sent again.
type deadRecord struct {
	Letter    *DeadLetter `json:"letter,omitempty"`
	Retried   string      `json:"retried,omitempty"`
	RetriedAt time.Time   `json:"retried_at,omitzero"`
}

const (
	// reasonMax and nameMax bound what a letter repeats of others' texts, in bytes.
	reasonMax = 2_000
	nameMax   = 200
	// rememberedMax is how many letters DeadLetters remembers, by id.
	rememberedMax = 4_096
)

// DeadLetters writes dead letters.
type DeadLetters struct {
	publisher message.Publisher
	now       func() time.Time

	mu      sync.Mutex
	written map[string]bool
}

// NewDeadLetters writes letters to a publisher that returns only when its messages are durable.
func NewDeadLetters(publisher message.Publisher, now func() time.Time) *DeadLetters {
	return &DeadLetters{publisher: publisher, now: now, written: map[string]bool{}}
}

// Put returns after the letter is durable. It gives the letter an id if it has none, and shortens what would not fit into a
// record. A letter whose id was written before, because its batch is tried again, is not written again: the ledger may be down
// for hours, on the same disk.
func (d *DeadLetters) Put(ctx context.Context, letter DeadLetter) error {
	named := letter.ID != ""
	if named && d.knows(letter.ID) {
		return nil
	}
	if !named {
		letter.ID = watermill.NewShortUUID()
	}
	if letter.At.IsZero() {
		letter.At = d.now().UTC()
	}
	if err := d.publish(ctx, letter.ID, deadRecord{Letter: fitting(letter)}); err != nil {
		return err
	}
	if named {
		d.remember(letter.ID)
	}
	return nil
}

func (d *DeadLetters) knows(id string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.written[id]
}

func (d *DeadLetters) remember(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.written) == rememberedMax {
		clear(d.written)
	}
	d.written[id] = true
}

// fitting returns the letter as it fits into a record: a letter that cannot be written would stop its partition for ever. An
// event too large for it, which only another program can have put on the stream, leaves its size and hash.
func fitting(letter DeadLetter) *DeadLetter {
	letter.Reason = clip(letter.Reason, reasonMax)
	letter.Topic, letter.Channel = clip(letter.Topic, nameMax), stock.Channel(clip(string(letter.Channel), nameMax))
	if letter.Event == nil {
		return &letter
	}
	text, err := json.Marshal(letter.Event)
	if err != nil || len(text) > eventMax {
		sum := sha256.Sum256(text)
		letter.Event, letter.Size, letter.SHA256 = nil, len(text), hex.EncodeToString(sum[:])
	}
	return &letter
}

// clip cuts a text after at most limit bytes, and not within a character.
func clip(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "")
}

// MarkRetried notes that a letter's event was put on the stream again.
func (d *DeadLetters) MarkRetried(ctx context.Context, id string) error {
	return d.publish(ctx, id, deadRecord{Retried: id, RetriedAt: d.now().UTC()})
}

func (d *DeadLetters) publish(ctx context.Context, key string, record deadRecord) error {
	value, err := json.Marshal(record)
	if err != nil {
		return fmt.Errorf("encoding dead letter %s: %w", key, err)
	}
	msg := message.NewMessageWithContext(ctx, watermill.NewUUID(), value)
	msg.Metadata.Set(KeyHeader, key)
	if err := d.publisher.Publish(DeadLettersTopic, msg); err != nil {
		return fmt.Errorf("publishing dead letter %s: %w", key, err)
	}
	return nil
}

// Letters reads the values of the dead letter topic, oldest first, into the list of letters. A letter that was written several
// times, because its batch was tried again, is listed once. A value that is none of ours is listed as a letter of its own, so
// that it is seen.
func Letters(values [][]byte) []DeadLetter {
	var letters []DeadLetter
	seen := map[string]int{}
	for i, value := range values {
		var record deadRecord
		err := json.Unmarshal(value, &record)
		switch {
		case err != nil || record.Letter == nil && record.Retried == "":
			letters = append(letters, DeadLetter{ID: fmt.Sprintf("unreadable-%d", i), Reason: "the dead letter itself cannot be read", Size: len(value)})
		case record.Letter != nil:
			if _, again := seen[record.Letter.ID]; again && record.Letter.ID != "" {
				continue
			}
			seen[record.Letter.ID] = len(letters)
			letters = append(letters, *record.Letter)
		default:
			if at, known := seen[record.Retried]; known {
				letters[at].RetriedAt = record.RetriedAt
			}
		}
	}
	return letters
}
