package stock

import "fmt"

var (
	countStatuses = []string{"", "counted", "missing", "untracked", "gone"}
	causes        = []string{"", "sold", "returned", "received", "shrinkage", "moved"}
	outcomes      = []string{"", "applied", "refused", "not processed", "unknown"}
)

func name[T ~uint8](names []string, value T) string {
	if int(value) < len(names) {
		return names[value]
	}
	return fmt.Sprintf("unknown(%d)", value)
}

func parse[T ~uint8](what string, names []string, text string) (T, error) {
	for i := 1; i < len(names); i++ {
		if names[i] == text {
			return T(i), nil
		}
	}
	return 0, fmt.Errorf("parsing %s: %.40q is none of %v", what, text, names[1:])
}

func (s CountStatus) String() string { return name(countStatuses, s) }
func (c Cause) String() string       { return name(causes, c) }
func (o Outcome) String() string     { return name(outcomes, o) }

// ParseCountStatus reads what CountStatus.String printed.
func ParseCountStatus(text string) (CountStatus, error) {
	return parse[CountStatus]("count status", countStatuses, text)
}

// ParseCause reads what Cause.String printed.
func ParseCause(text string) (Cause, error) { return parse[Cause]("cause", causes, text) }

// ParseOutcome reads what Outcome.String printed.
func ParseOutcome(text string) (Outcome, error) { return parse[Outcome]("outcome", outcomes, text) }

// MarshalText lets events carry the status as a word.
func (s CountStatus) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the word.
func (s *CountStatus) UnmarshalText(text []byte) (err error) {
	*s, err = ParseCountStatus(string(text))
	return err
}

// MarshalText lets events carry the cause as a word.
func (c Cause) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads the word.
func (c *Cause) UnmarshalText(text []byte) (err error) {
	*c, err = ParseCause(string(text))
	return err
}
