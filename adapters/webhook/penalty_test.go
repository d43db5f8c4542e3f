package webhook

import (
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRemoteHost(t *testing.T) {
	t.Parallel()
	for remote, want := range map[string]string{
		"192.0.2.1:80":            "192.0.2.1/32",
		"[::ffff:192.0.2.1]:80":   "192.0.2.1/32",
		"[2001:db8:1:2:3::4]:80":  "2001:db8:1:2::/64",
		"[2001:db8:1:2:9::9]:443": "2001:db8:1:2::/64",
		"[fe80::1%eth0]:80":       "fe80::/64",
	} {
		require.Equal(t, want, remoteHost(remote).String(), remote)
	}
	for _, none := range []string{"", "@", "pipe", "192.0.2.1"} {
		require.Equal(t, netip.Prefix{}, remoteHost(none), none)
	}
}

func TestPenaltiesForgetTheOldest(t *testing.T) {
	t.Parallel()
	p := newPenalties()
	host := func(i int) netip.Prefix {
		return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 32)
	}
	spend := func(i int) {
		for range penaltyBurst {
			require.True(t, p.allow(host(i), at))
		}
		require.False(t, p.allow(host(i), at))
	}
	spend(0)
	spend(1)
	for i := 2; i < penaltyHosts; i++ {
		p.allow(host(i), at)
	}
	require.False(t, p.allow(host(0), at), "seen again, so it is the latest now")
	p.allow(host(penaltyHosts), at) // one too many: host 1 is forgotten
	require.Len(t, p.hosts, penaltyHosts)
	require.Equal(t, penaltyHosts, p.order.Len())
	require.False(t, p.allow(host(0), at))
	require.True(t, p.allow(host(1), at))
	require.True(t, p.allow(host(0), at.Add(time.Minute)))
}
