package stock

import (
	"encoding/json"
	"testing"
)

func TestEnumsPrintAndParse(t *testing.T) {
	t.Parallel()
	for s := Counted; s <= Untracked; s++ {
		if back, err := ParseCountStatus(s.String()); err != nil || back != s {
			t.Errorf("%v came back as %v: %v", s, back, err)
		}
	}
	for c := Sold; c <= Moved; c++ {
		if back, err := ParseCause(c.String()); err != nil || back != c {
			t.Errorf("%v came back as %v: %v", c, back, err)
		}
	}
	for o := Applied; o <= Unknown; o++ {
		if back, err := ParseOutcome(o.String()); err != nil || back != o {
			t.Errorf("%v came back as %v: %v", o, back, err)
		}
	}
	for _, wrong := range []string{"", "Sold", "sold ", "7"} {
		if _, err := ParseCause(wrong); err == nil {
			t.Errorf("%q was taken for a cause", wrong)
		}
	}
	if got := Cause(99).String(); got != "unknown(99)" {
		t.Errorf("an unknown cause prints %q", got)
	}
}

func TestEnumsInJSONAreWords(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(Movement{Cause: Returned})
	if err != nil {
		t.Fatal(err)
	}
	var back Movement
	if err := json.Unmarshal(text, &back); err != nil || back.Cause != Returned {
		t.Errorf("%s came back as %v: %v", text, back.Cause, err)
	}
	if err := json.Unmarshal([]byte(`{"cause":""}`), &back); err == nil {
		t.Error("an empty cause was taken")
	}
}
