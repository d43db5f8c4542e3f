package stock

import "strings"

// UnknownWord is a word of a platform that its adapter has no meaning for, such as a new type of restock. What it stood in moves
// nothing and explains nothing; the ledger tallies the word, so that a person sees it and nothing is dropped in silence.
type UnknownWord struct {
	// What says what the word stands for: "restock type", "inventory state".
	What string `json:"what"`
	Word string `json:"word"`
}

// unknownWordMax bounds how much of a word is told, in bytes: the platform chooses it, and each one is a row of its own in the
// ledger's tallies.
const unknownWordMax = 40

// String is `unknown restock type "exchange"`. Whatever no platform's constant has in it becomes a question mark.
func (u UnknownWord) String() string {
	return "unknown " + plainWord(u.What) + ` "` + plainWord(u.Word) + `"`
}

func plainWord(word string) string {
	word = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune(" _-.:/>", r):
			return r
		}
		return '?'
	}, word)
	return word[:min(len(word), unknownWordMax)]
}
