package health

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

// One merchant that is ill keeps nobody's webhooks away; all of them, or none, do.
func TestMerchants(t *testing.T) {
	t.Parallel()
	well := Merchant("bakery", func(context.Context) Report { return Report{Result: OK} })
	ill := Merchant("florist", func(context.Context) Report {
		return Report{Result: Fail, Checks: Checks{{Code: CodeStream, Result: Fail, Detail: "the disk is full"}}}
	})
	for name, c := range map[string]struct {
		probes []Probe
		want   Result
		detail string
	}{
		"both well":     {[]Probe{well, well}, OK, "merchant bakery takes webhooks in"},
		"one is ill":    {[]Probe{ill, well}, Warn, "merchant florist: the disk is full"},
		"all are ill":   {[]Probe{ill, ill}, Fail, "merchant florist: the disk is full"},
		"there is none": {nil, Fail, "no merchant runs"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report := Merchants(t.Context(), c.probes)
			require.Equal(t, c.want, report.Result)
			require.Equal(t, c.detail, report.Checks[0].Detail)
			require.Equal(t, c.want == Fail, len(report.Reasons()) > 0)
		})
	}
}
