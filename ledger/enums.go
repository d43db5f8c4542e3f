package ledger

import "fmt"

var (
	entryKinds   = []string{"", "baseline", "reading", "movement", "push", "correction"}
	accountKinds = []string{"", "available", "opening", "sold", "returned", "received", "shrinkage", "moved", "unexplained"}
	refStatuses  = []string{"", "linked", "live", "unreadable", "untracked", "set aside", "unlinked", "waiting", "gone"}
	pushPhases   = []string{"", "answered", "absorbed", "undecided", "resolved"}
	callStates   = []string{"", "open", "applied", "refused", "set aside"}
	brakeKinds   = []string{"", "observing", "zero unconfirmed", "raise unconfirmed", "mass change", "typed in twice", "other program"}
	joinHows     = []string{"", "add", "level", "counter"}
	untoldHows   = []string{"", "moved", "counted"}
	endings      = []string{"", "applied", "duplicate", "ignored", "parked", "repeat"}
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

func (k EntryKind) String() string   { return name(entryKinds, k) }
func (k AccountKind) String() string { return name(accountKinds, k) }
func (s RefStatus) String() string   { return name(refStatuses, s) }
func (p PushPhase) String() string   { return name(pushPhases, p) }
func (s CallState) String() string   { return name(callStates, s) }
func (k BrakeKind) String() string   { return name(brakeKinds, k) }
func (h JoinHow) String() string     { return name(joinHows, h) }
func (h UntoldHow) String() string   { return name(untoldHows, h) }
func (e Ending) String() string      { return name(endings, e) }

// ParseEntryKind reads what EntryKind.String printed.
func ParseEntryKind(text string) (EntryKind, error) {
	return parse[EntryKind]("entry kind", entryKinds, text)
}

// ParseAccountKind reads what AccountKind.String printed.
func ParseAccountKind(text string) (AccountKind, error) {
	return parse[AccountKind]("account kind", accountKinds, text)
}

// ParseRefStatus reads what RefStatus.String printed.
func ParseRefStatus(text string) (RefStatus, error) {
	return parse[RefStatus]("ref status", refStatuses, text)
}

// ParseCallState reads what CallState.String printed.
func ParseCallState(text string) (CallState, error) {
	return parse[CallState]("call state", callStates, text)
}

// ParseBrakeKind reads what BrakeKind.String printed.
func ParseBrakeKind(text string) (BrakeKind, error) {
	return parse[BrakeKind]("brake kind", brakeKinds, text)
}

// ParseJoinHow reads what JoinHow.String printed.
func ParseJoinHow(text string) (JoinHow, error) {
	return parse[JoinHow]("answer to a ref that waits", joinHows, text)
}

// ParseUntoldHow reads what UntoldHow.String printed.
func ParseUntoldHow(text string) (UntoldHow, error) {
	return parse[UntoldHow]("meaning of a change without a cause", untoldHows, text)
}

// ParseEnding reads what Ending.String printed.
func ParseEnding(text string) (Ending, error) { return parse[Ending]("ending", endings, text) }
