package shop

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// FaultPresets names the sets of faults that FaultPreset knows.
func FaultPresets() []string { return slices.Sorted(maps.Keys(faultPresets())) }

// FaultPreset returns a set of faults by its name: "none"; "moderate", a bad day; "storm", a day that nobody wants to have.
// It returns ErrFaults for another name.
func FaultPreset(name string) (Faults, error) {
	faults, ok := faultPresets()[name]
	if !ok {
		return Faults{}, fmt.Errorf("%w: no set is called %.20q: use %s", ErrFaults, name, strings.Join(FaultPresets(), ", "))
	}
	return faults, nil
}

func faultPresets() map[string]Faults {
	return map[string]Faults{
		"none": {},
		"moderate": {
			DropWebhook: 0.05, DuplicateWebhook: 0.05, ReorderWebhook: 0.05, DelayWebhook: 2 * time.Second, TooManyRequests: 0.02,
			ServerError: 0.02, LoseAnswerBefore: 0.01, LoseAnswerAfter: 0.01, LevelLag: time.Second,
		},
		"storm": {
			DropWebhook: 0.25, DuplicateWebhook: 0.2, ReorderWebhook: 0.2, DelayWebhook: 5 * time.Second, TooManyRequests: 0.05,
			ServerError: 0.05, LoseAnswerBefore: 0.05, LoseAnswerAfter: 0.05, LevelLag: 2 * time.Second,
		},
	}
}
