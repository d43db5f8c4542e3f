package webhook

import (
	"net/http"
	"path"
	"strings"
	"sync"
)

// DefaultMerchant is whose intake everything belongs to that is no other merchant's: of one shop all there is.
const DefaultMerchant = "default"

// Directory leads deliveries to the intakes of merchants, which come and go: /hooks/<merchant>/<channel>/<token> to the merchant's, and
// all else to the default one's, or to nobody's, which answers and counts as for a path that never was ours. A merchant's name in a path
// is no secret; whether there is one is not told, for nobody's 404 is like any.
type Directory struct {
	nobody http.Handler

	mu      sync.RWMutex
	intakes map[string]*Intake
}

// NewDirectory returns a directory without merchants. nobody answers what is no merchant's.
func NewDirectory(nobody *Intake) *Directory {
	return &Directory{nobody: nobody, intakes: map[string]*Intake{}}
}

// Set leads a merchant's deliveries to its intake; nil: there is none any more.
func (d *Directory) Set(merchant string, intake *Intake) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if intake == nil {
		delete(d.intakes, merchant)
		return
	}
	d.intakes[merchant] = intake
}

// ServeHTTP takes one delivery.
func (d *Directory) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.find(r.URL.Path).ServeHTTP(w, r)
}

func (d *Directory) find(address string) http.Handler {
	parts := strings.Split(path.Clean("/"+address), "/") // "", "hooks", merchant, channel, token
	d.mu.RLock()
	defer d.mu.RUnlock()
	if len(parts) == 5 && parts[1] == "hooks" {
		if intake := d.intakes[parts[2]]; intake != nil {
			return intake
		}
	}
	if intake := d.intakes[DefaultMerchant]; intake != nil {
		return intake
	}
	return d.nobody
}
