package square

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// object is a JSON object whose keys are matched exactly. encoding/json alone would take the last of two equal keys, and
// "Quantity" for "quantity"; both hide a count behind another one.
type object map[string]json.RawMessage

// openObject reads one level of an object. Two keys that differ at most in case are refused.
func openObject(place string, raw json.RawMessage) (object, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return nil, fmt.Errorf("%s is not an object", place)
	}
	fields := make(object)
	folded := make(map[string]bool)
	for decoder.More() {
		token, err := decoder.Token()
		key, isText := token.(string)
		if err != nil || !isText {
			return nil, fmt.Errorf("%s is not an object", place)
		}
		var field json.RawMessage
		if err := decoder.Decode(&field); err != nil {
			return nil, fmt.Errorf("%s is not valid JSON", place)
		}
		if lower := strings.ToLower(key); folded[lower] {
			return nil, fmt.Errorf("%s has a key twice", place)
		} else {
			folded[lower] = true
		}
		fields[key] = field
	}
	return fields, nil
}

// optional returns a text, or nil when the field is absent or null.
func (o object) optional(key string) (*string, error) {
	raw, has := o[key]
	if !has || bytes.Equal(raw, []byte("null")) {
		return nil, nil
	}
	var text string
	if !bytes.HasPrefix(raw, []byte(`"`)) || json.Unmarshal(raw, &text) != nil {
		return nil, fmt.Errorf("%s is not a text", key)
	}
	return &text, nil
}

// text returns a text that must be there.
func (o object) text(key string) (string, error) {
	text, err := o.optional(key)
	if err != nil {
		return "", err
	}
	if text == nil {
		return "", fmt.Errorf("%s is missing", key)
	}
	return *text, nil
}

// id returns one of Square's ids.
func (o object) id(key string) (string, error) {
	text, err := o.text(key)
	if err != nil {
		return "", err
	}
	if !validID(text) {
		return "", fmt.Errorf("%s is not an id", key)
	}
	return text, nil
}
