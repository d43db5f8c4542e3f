package webhook

import (
	"container/list"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// penaltyBurst bad signatures are answered 401 at once, then one each penaltyPause; the others are answered 429.
	penaltyBurst = 20
	penaltyPause = 6 * time.Second
	// penaltyHosts is how many addresses are remembered; beyond, the one not seen for longest is forgotten.
	penaltyHosts = 4096
)

// penalties limits bad signatures per address.
type penalties struct {
	mu    sync.Mutex
	hosts map[netip.Prefix]*list.Element
	order *list.List // of *offender, the latest first
}

type offender struct {
	host  netip.Prefix
	limit *rate.Limiter
}

func newPenalties() *penalties {
	return &penalties{hosts: make(map[netip.Prefix]*list.Element), order: list.New()}
}

// allow counts one bad signature and says whether the address is still within its limit.
func (p *penalties) allow(host netip.Prefix, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	element, known := p.hosts[host]
	switch {
	case known:
		p.order.MoveToFront(element)
	default:
		element = p.order.PushFront(&offender{host: host, limit: rate.NewLimiter(rate.Every(penaltyPause), penaltyBurst)})
		p.hosts[host] = element
	}
	if p.order.Len() > penaltyHosts {
		if oldest, isOffender := p.order.Remove(p.order.Back()).(*offender); isOffender {
			delete(p.hosts, oldest.host)
		}
	}
	latest, isOffender := element.Value.(*offender)
	return isOffender && latest.limit.AllowN(now, 1)
}

// remoteHost is the network that a connection's address belongs to: the address itself for IPv4, its /64 for IPv6, which is
// what one subscriber has. Addresses that are none share one. Forwarding headers are not asked: anybody can write them.
func remoteHost(remote string) netip.Prefix {
	pair, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Prefix{}
	}
	address := pair.Addr().Unmap().WithZone("")
	bits := 32
	if address.Is6() {
		bits = 64
	}
	return netip.PrefixFrom(address, bits).Masked()
}
