package stock

import "fmt"

// Plural counts things in words: 1 item, 2 items.
func Plural[N int | int64](n N, one string) string {
	if n == 1 {
		return "1 " + one
	}
	if many, irregular := plurals[one]; irregular {
		return fmt.Sprintf("%d %s", n, many)
	}
	return fmt.Sprintf("%d %ss", n, one)
}

var plurals = map[string]string{"push": "pushes", "shelf": "shelves", "entry": "entries"}
