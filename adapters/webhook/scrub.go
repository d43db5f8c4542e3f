package webhook

import (
	"bytes"
	"strings"
	"unicode"
)

const (
	// reasonMax is the longest reason, in bytes of the error it comes from.
	reasonMax = 300
	// topicMax is the longest topic, in bytes.
	topicMax = 100
	// scrubbedWordMin is the shortest word that is looked for in the body, in bytes.
	scrubbedWordMin = 3
	// removed stands for what was taken out.
	removed = "[...]"
)

// scrub makes an error's text fit to be kept: it may hold member names of the body, but no values. Decoders promise as much;
// this is the second fence, for errors of libraries quote what they could not read. Taken out are: everything in quotes,
// words that are not ASCII, and words of 3 letters or more that stand in the body as anything but a member's name.
func scrub(err error, body []byte) string {
	text, cut := err.Error(), false
	if len(text) > reasonMax {
		text, cut = text[:reasonMax], true
	}
	var kept strings.Builder
	for text != "" {
		r := rune(text[0])
		switch end := wordEnd(text); {
		case end == len(text) && cut:
			return kept.String() // the rest of the word is not known, so nor is whether it stands in the body
		case end > 0:
			kept.WriteString(scrubWord(text[:end], body))
			text = text[end:]
		case r == '"' || r == '`':
			kept.WriteString(removed)
			text = afterQuote(text)
		default:
			if r >= ' ' && r < unicode.MaxASCII {
				kept.WriteByte(text[0])
			}
			text = text[1:]
		}
	}
	return kept.String()
}

// wordEnd is the length of the word that the text begins with. Bytes that are not ASCII count as letters.
func wordEnd(text string) int {
	end := 0
	for end < len(text) && wordByte(text[end]) {
		end++
	}
	return end
}

func wordByte(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || b > unicode.MaxASCII
}

// afterQuote skips a quoted text; one without an end takes the rest with it.
func afterQuote(text string) string {
	quote := text[0]
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '\\' && quote == '"':
			i++
		case text[i] == quote:
			return text[i+1:]
		}
	}
	return ""
}

func scrubWord(word string, body []byte) string {
	for i := range len(word) {
		if word[i] > unicode.MaxASCII {
			return removed
		}
	}
	if len(word) >= scrubbedWordMin && standsIn(body, []byte(word)) {
		return removed
	}
	return word
}

// standsIn says whether the word is in the body as a whole word that is not a member's name.
func standsIn(body, word []byte) bool {
	for at := 0; ; {
		i := bytes.Index(body[at:], word)
		if i < 0 {
			return false
		}
		from, to := at+i, at+i+len(word)
		whole := (from == 0 || !wordByte(body[from-1])) && (to == len(body) || !wordByte(body[to]))
		if whole && !memberName(body, from, to) {
			return true
		}
		at = from + 1
	}
}

// memberName says whether body[from:to] is in quotes that a colon follows.
func memberName(body []byte, from, to int) bool {
	if from == 0 || body[from-1] != '"' || to == len(body) || body[to] != '"' {
		return false
	}
	return bytes.HasPrefix(bytes.TrimLeft(body[to+1:], " \t\r\n"), []byte(":"))
}

// topicName keeps a topic only when it looks like one, for it may come from an unsigned header.
func topicName(topic string) string {
	ordinary := func(r rune) bool {
		return r < unicode.MaxASCII && wordByte(byte(r)) || r == '/' || r == '.' || r == '-'
	}
	if len(topic) > topicMax || strings.ContainsFunc(topic, func(r rune) bool { return !ordinary(r) }) {
		return ""
	}
	return topic
}
