package channeltest

import "testing"

// Run has a platform's adapter pass the suite. Each case opens a shop of its own.
func Run(t *testing.T, harness Harness) {
	for _, c := range []struct {
		name string
		run  func(*bench)
	}{
		{"self-test", selfTest},
		{"signature", signature},
		{"decode", decode},
		{"decode broken deliveries", decodeBroken},
		{"read", read},
		{"read what moved", readMoved},
		{"changes of the catalog", changes},
		{"stale answer", staleAnswer},
		{"pages", pages},
		{"encode", encode},
		{"push", push},
		{"push refused", pushRefused},
		{"gone", gone},
		{"same key again", sameKey},
		{"unknown outcome", unknownOutcome},
		{"nothing sent", nothingSent},
		{"redirect", redirect},
		{"limits", limits},
		{"denials", denials},
		{"token replaced", tokenReplaced},
		{"secret replaced", secretReplaced},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(newBench(t, &harness))
		})
	}
}
