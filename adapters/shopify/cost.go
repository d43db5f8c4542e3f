package shopify

import "github.com/evenstock/evenstock/adapters/budget"

// queryCost is extensions.cost. Numbers may come as floats
// (https://shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits).
type queryCost struct {
	Requested float64 `json:"requestedQueryCost"`
	Throttle  *struct {
		Maximum   float64 `json:"maximumAvailable"`
		Available float64 `json:"currentlyAvailable"`
		Restore   float64 `json:"restoreRate"`
	} `json:"throttleStatus"`
}

// status is what the answer says about the account's bucket; nil when it says nothing.
func (q queryCost) status() *budget.Status {
	if q.Throttle == nil {
		return nil
	}
	return &budget.Status{Most: q.Throttle.Maximum, Available: q.Throttle.Available, PerSecond: q.Throttle.Restore}
}
