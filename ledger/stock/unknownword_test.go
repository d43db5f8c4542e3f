package stock

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUnknownWordIsBoundedAndPlain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ what, word, want string }{
		{"restock type", "exchange", `unknown restock type "exchange"`},
		{"inventory state", "IN_STOCK>ON_LOAN", `unknown inventory state "IN_STOCK>ON_LOAN"`},
		{"restock type", "", `unknown restock type ""`},
		{"restock type", "a\"b\n\x1b[31mé", `unknown restock type "a?b???31m?"`},
		{"restock type", strings.Repeat("é", 100), `unknown restock type "` + strings.Repeat("?", 40) + `"`},
		{"x", "\xff\xfe", `unknown x "??"`},
	} {
		require.Equal(t, c.want, UnknownWord{c.what, c.word}.String())
	}
}

func TestUnknownWordTravelsWithItsFact(t *testing.T) {
	t.Parallel()
	for _, event := range []Event{
		{Movement: &Movement{Key: "A1", Unknown: &UnknownWord{"inventory state", "ON_LOAN"}}},
		{Order: &Order{ID: "1", Lines: []OrderLine{}, Unknown: []UnknownWord{{"restock type", "exchange"}}}},
	} {
		text, err := json.Marshal(event)
		require.NoError(t, err)
		var back Event
		require.NoError(t, json.Unmarshal(text, &back), "%s", text)
		require.Equal(t, event, back)
	}
}
