package record

import (
	"database/sql"
	"strings"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// What a ref remembers of its recent changes is read with the ref, many times a second, and is most of what there is to read. So these
// lists are read here without reflection. What is written otherwise than Encode writes it is left to encoding/json.

// decodeRaises is DecodeIf for raises and falls.
func decodeRaises(text sql.NullString, into *[]ledger.Raise) error {
	return decodeList(text, into, readRaise)
}

// decodeUncaused is DecodeIf for changes without a cause.
func decodeUncaused(text sql.NullString, into *[]ledger.Uncaused) error {
	return decodeList(text, into, readUncaused)
}

// decodeProgram is DecodeIf for what is remembered of programs.
func decodeProgram(text sql.NullString, into **ledger.ProgramWatch) error {
	if !text.Valid {
		return nil
	}
	r, watch := reader{text: text.String}, ledger.ProgramWatch{}
	if readProgram(&r, &watch); r.ended() {
		*into = &watch
		return nil
	}
	return Decode(text.String, into)
}

func decodeList[T any](text sql.NullString, into *[]T, read func(*reader, *T)) error {
	if !text.Valid {
		return nil
	}
	r := reader{text: text.String}
	if list := readList(&r, read); r.ended() {
		*into = list
		return nil
	}
	return Decode(text.String, into)
}

func readRaise(r *reader, raise *ledger.Raise) {
	r.object(func(name string) {
		switch name {
		case "quantity":
			raise.Quantity = r.quantity()
		case "at":
			raise.At = r.time()
		case "after":
			raise.After = r.time()
		case "moved":
			raise.Moved = r.flag()
		case "emptied":
			raise.Emptied = r.flag()
		case "put_back":
			raise.PutBack = r.flag()
		case "hidden":
			raise.Hidden = r.flag()
		case "from":
			raise.From = r.quantity()
		case "to":
			raise.To = r.quantity()
		case "push":
			raise.Push = r.quantity()
		case "sold":
			raise.Sold = r.quantity()
		default:
			r.fail()
		}
	})
}

func readUncaused(r *reader, change *ledger.Uncaused) {
	r.object(func(name string) {
		switch name {
		case "quantity":
			change.Quantity = r.quantity()
		case "at":
			change.At = r.time()
		case "pushed":
			change.Pushed = r.flag()
		case "told":
			change.Told = r.flag()
		case "baseline":
			change.Baseline = r.flag()
		case "planned":
			change.Planned = r.flag()
		case "passed":
			change.Passed = r.flag()
		default:
			r.fail()
		}
	})
}

func readProgram(r *reader, watch *ledger.ProgramWatch) {
	r.object(func(name string) {
		switch name {
		case "shown":
			watch.Shown = readList(r, readShown)
		case "ours":
			watch.Ours = r.flag()
		case "last_push":
			watch.LastPush = r.quantity()
		case "last_push_at":
			watch.LastPushAt = r.time()
		case "raised":
			watch.Raised = r.quantity()
		case "lowered":
			watch.Lowered = r.quantity()
		case "changes":
			watch.Changes = readList(r, readCounterChange)
		case "pushes":
			watch.Pushes = readList(r, readPush)
		case "told":
			watch.Told = readList(r, readCounterChange)
		case "warned":
			watch.Warned = r.flag()
		case "name":
			watch.Name = strings.Clone(r.string())
		default:
			r.fail()
		}
	})
}

func readShown(r *reader, mark *ledger.ShownMark) {
	r.object(func(name string) {
		switch name {
		case "quantity":
			mark.Quantity = r.quantity()
		case "at":
			mark.At = r.time()
		case "pushed":
			mark.Pushed = r.quantity()
		case "pushed_at":
			mark.PushedAt = r.time()
		default:
			r.fail()
		}
	})
}

func readCounterChange(r *reader, change *ledger.CounterChange) {
	r.object(func(name string) {
		switch name {
		case "quantity":
			change.Quantity = r.quantity()
		case "to":
			change.To = r.quantity()
		case "at":
			change.At = r.time()
		case "version":
			change.Version = r.time()
		case "undid":
			change.Undid = r.flag()
		case "exactly":
			change.Exactly = r.flag()
		case "soon":
			change.Soon = r.flag()
		case "repeated":
			change.Repeated = r.flag()
		case "pushed":
			change.Pushed = r.quantity()
		case "of":
			change.Of = r.quantity()
		case "follows":
			change.Follows = r.flag()
		case "by_app":
			change.ByApp = r.flag()
		case "reference":
			change.Reference = strings.Clone(r.string())
		default:
			r.fail()
		}
	})
}

func readPush(r *reader, push *ledger.RecentPush) {
	r.object(func(name string) {
		switch name {
		case "quantity":
			push.Quantity = r.quantity()
		case "at":
			push.At = r.time()
		default:
			r.fail()
		}
	})
}

// reader reads JSON as Encode writes it: without spaces, and text without escapes. Of anything else it fails, and reads no further.
type reader struct {
	text   string
	at     int
	failed bool
}

func (r *reader) fail() { r.failed = true }

// ended says whether all of the text was read.
func (r *reader) ended() bool { return !r.failed && r.at == len(r.text) }

// next takes a character if it is the next one.
func (r *reader) next(c byte) bool {
	if r.failed || r.at >= len(r.text) || r.text[r.at] != c {
		return false
	}
	r.at++
	return true
}

func (r *reader) expect(c byte) {
	if !r.next(c) {
		r.fail()
	}
}

// word takes a word if it is next.
func (r *reader) word(word string) bool {
	if r.failed || !strings.HasPrefix(r.text[r.at:], word) {
		return false
	}
	r.at += len(word)
	return true
}

// readList reads an array; read reads each of its values.
func readList[T any](r *reader, read func(*reader, *T)) []T {
	r.expect('[')
	list := make([]T, 0, strings.Count(r.text[r.at:], "{"))
	if r.next(']') {
		return list
	}
	for !r.failed {
		var value T
		read(r, &value)
		list = append(list, value)
		if !r.next(',') {
			r.expect(']')
			break
		}
	}
	return list
}

// object reads an object; field reads the value of each of its names.
func (r *reader) object(field func(name string)) {
	r.expect('{')
	if r.next('}') {
		return
	}
	for !r.failed {
		name := r.string()
		r.expect(':')
		field(name)
		if !r.next(',') {
			r.expect('}')
			return
		}
	}
}

// string reads a text, as a part of what is read. What is neither a letter of ASCII nor another of its visible characters, is for encoding/json.
func (r *reader) string() string {
	r.expect('"')
	for i := r.at; !r.failed && i < len(r.text); i++ {
		switch c := r.text[i]; {
		case c == '"':
			text := r.text[r.at:i]
			r.at = i + 1
			return text
		case c < ' ', c > '~', c == '\\':
			r.fail()
		}
	}
	r.fail()
	return ""
}

func (r *reader) flag() bool {
	switch {
	case r.word("true"):
		return true
	case !r.word("false"):
		r.fail()
	}
	return false
}

func (r *reader) quantity() stock.Quantity {
	quantity, err := stock.ParseQuantity(r.string())
	if err != nil {
		r.fail()
	}
	return quantity
}

func (r *reader) time() time.Time {
	at, err := time.Parse(time.RFC3339Nano, r.string())
	if err != nil {
		r.fail()
	}
	return at
}
