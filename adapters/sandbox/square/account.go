package square

import (
	"net/http"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
)

// locationJSON is Location.
type locationJSON struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Timezone string `json:"timezone"`
	Status   string `json:"status"`
	Created  string `json:"created_at"`
	Merchant string `json:"merchant_id"`
	Country  string `json:"country"`
	Language string `json:"language_code"`
	Currency string `json:"currency"`
	Business string `json:"business_name"`
	Type     string `json:"type"`
	Canary   string `json:"buyer_note,omitempty"`
}

// merchantJSON is Merchant.
type merchantJSON struct {
	ID       string `json:"id"`
	Business string `json:"business_name"`
	Country  string `json:"country"`
	Language string `json:"language_code"`
	Currency string `json:"currency"`
	Status   string `json:"status"`
	Main     string `json:"main_location_id"`
	Created  string `json:"created_at"`
	Canary   string `json:"buyer_note,omitempty"`
}

func (s *Shop) listLocations(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, list := s.opts.Merchant, []locationJSON{}
	for _, l := range s.locations {
		list = append(list, locationJSON{
			ID: l.id, Name: l.name, Timezone: "UTC", Status: "ACTIVE", Created: l.created.Format(time.RFC3339),
			Merchant: m.ID,
			Country:  m.Country, Language: "en-US", Currency: m.Currency, Business: m.Name, Type: "PHYSICAL", Canary: s.opts.Canary,
		})
	}
	shop.WriteJSON(w, http.StatusOK, struct {
		Locations []locationJSON `json:"locations"`
		Canary    string         `json:"buyer_note,omitempty"`
	}{list, s.opts.Canary})
}

// getMerchant answers for "me" and for the merchant's own id.
func (s *Shop) getMerchant(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.opts.Merchant
	if id := r.PathValue("id"); id != "me" && id != m.ID {
		refuse(w, refusal("NOT_FOUND", "merchant_id", "Merchant not found."))
		return
	}
	main := s.locations[0]
	shop.WriteJSON(w, http.StatusOK, struct {
		Merchant merchantJSON `json:"merchant"`
		Canary   string       `json:"buyer_note,omitempty"`
	}{merchantJSON{
		ID: m.ID, Business: m.Name, Country: m.Country, Language: "en-US", Currency: m.Currency, Status: "ACTIVE", Main: main.id,
		Created: main.created.Format(time.RFC3339), Canary: s.opts.Canary,
	}, s.opts.Canary})
}
