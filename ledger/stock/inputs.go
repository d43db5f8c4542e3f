package stock

import "time"

// CountStatus says whether a counter could be read.
type CountStatus uint8

// The zero value is invalid.
const (
	// Counted: the quantity is what the counter shows.
	Counted CountStatus = iota + 1
	// Missing: no row, null, or inactive. Unknown, never zero.
	Missing
	// Untracked: the platform says explicitly that it does not track the item here.
	Untracked
	// Gone: the platform does not know the item any more.
	Gone
)

// Reading is what a ref's counter shows, at the platform's version time: absolute, without a cause.
type Reading struct {
	Ref      Ref         `json:"ref"`
	Status   CountStatus `json:"status"`
	Quantity Quantity    `json:"quantity"`
	// Version is the platform's time of the counter's last change (Square calculated_at, Shopify updatedAt). Shopify's has
	// one-second grain.
	Version time.Time `json:"version"`
	// Why says of a Missing count why there is none, where the platform tells.
	Why Absence `json:"why,omitempty"`
	// SoldOut says whether people marked the item as sold out there, whatever it counts; empty: nothing was said of it.
	SoldOut SoldOut `json:"sold_out,omitempty"`
}

// SoldOut says whether an item is marked as sold out.
type SoldOut string

// The zero value says nothing.
const (
	IsSoldOut    SoldOut = "yes"
	IsNotSoldOut SoldOut = "no"
)

// Absence says why a counter shows no count.
type Absence string

// Absences; the zero value is one that nobody tells.
const (
	// NeverCounted: tracked there, and nobody has counted it.
	NeverCounted Absence = "never counted there"
	// NotStocked: the item is not stocked at the location.
	NotStocked Absence = "not stocked there"
	// SwitchedOff: the item is switched off at the location, or the whole location is.
	SwitchedOff Absence = "switched off there"
	// NoID: the item's id cannot be one of the platform's, and was not asked for.
	NoID Absence = "no id of the platform"
)

// Cause says why stock changed.
type Cause uint8

// The zero value is invalid.
const (
	Sold Cause = iota + 1
	Returned
	Received
	// Shrinkage is stock that is gone without a sale: waste, theft, breakage.
	Shrinkage
	// Moved is a change of state that none of the others names (reserved, in transit, converted).
	Moved
)

// Evidence is what a person needs to find the fact again on the platform: ids and flags, never customer data.
type Evidence map[string]string

// EvidenceWriter is the evidence that says who wrote a fact, where the platform says so and it is a program: one of the values
// below. All other keys are the platform's own words, for people.
const EvidenceWriter = "written_by"

// EvidenceUnproven is the evidence of a movement that only the word of who wrote it stands behind: no payment, no receipt of goods, and
// not the platform's own count of a sale. It explains in the books; a mass change it does not explain.
const EvidenceUnproven = "unproven"

// Values of EvidenceWriter.
const (
	// OtherApplication is any program but evenstock.
	OtherApplication = "another application"
	// UnknownEvenstock is evenstock, but not a call that this ledger knows: another installation on the same account, or this
	// one before its data was lost or restored.
	UnknownEvenstock = "an evenstock that this ledger does not know"
)

// Movement is why a counter changed: a signed quantity with a cause and a natural key.
type Movement struct {
	// Key is the natural key, unique within the channel: numeric platform ids, and the cumulative count where there is one.
	Key string `json:"key"`
	// Ref names the counter; its Location is empty while the channel has not said where.
	Ref Ref `json:"ref"`
	// Quantity is the effect on the counter: negative when units left.
	Quantity Quantity `json:"quantity"`
	Cause    Cause    `json:"cause,omitzero"`
	// Said is why in the platform's own words, as far as Key does not tell (Square: "IN_STOCK>SOLD"). Cause is our reading of it,
	// which may be taught better later; Said under one Key never changes.
	Said string `json:"said,omitempty"`
	// Unknown is set instead of Cause when the platform's word for it has no meaning here yet: the movement explains nothing and
	// its key stays free, so that it explains once the word is known.
	Unknown *UnknownWord `json:"unknown,omitempty"`
	// OccurredAt is when it happened; ChannelTime is when the channel recorded it, comparable with reading versions
	// (Square created_at, Shopify updated_at of the order).
	OccurredAt  time.Time `json:"occurred_at"`
	ChannelTime time.Time `json:"channel_time"`
	// Reference is the reference_id the writer gave the row. One that begins with ReferencePrefix and names a call of this ledger
	// is a push of ours, not a movement.
	Reference string   `json:"reference,omitempty"`
	Evidence  Evidence `json:"evidence,omitempty"`
}

// Recount is a person's count (Square PHYSICAL_COUNT of IN_STOCK). It absorbs every change of the same ref that occurred
// before it and was received after it.
type Recount struct {
	Key         string    `json:"key"`
	Ref         Ref       `json:"ref"`
	Counted     Quantity  `json:"counted"`
	OccurredAt  time.Time `json:"occurred_at"`
	ChannelTime time.Time `json:"channel_time"`
	Reference   string    `json:"reference,omitempty"`
	Evidence    Evidence  `json:"evidence,omitempty"`
}

// Order is what an order has done to stock so far: cumulative counters per line, so that its events may come in any order
// and any number of times.
type Order struct {
	Channel   Channel     `json:"channel"`
	ID        string      `json:"id"`
	Name      string      `json:"name,omitempty"`
	CreatedAt time.Time   `json:"created_at"`
	UpdatedAt time.Time   `json:"updated_at"`
	Lines     []OrderLine `json:"lines"`
	// Unknown are words of the order that have no meaning here yet; what they say of its lines is not in their counters.
	Unknown []UnknownWord `json:"unknown,omitempty"`
}

// OrderLine is one line's counters. Taken only grows; the sum of Restocks per location only grows.
type OrderLine struct {
	ID string `json:"id"`
	// SoldAs is the id the line names the item by (Shopify: the variant).
	SoldAs string `json:"sold_as"`
	// Location is where the units were taken from; empty while the order has not been routed.
	Location string    `json:"location,omitempty"`
	Taken    Quantity  `json:"taken"`
	Restocks []Restock `json:"restocks,omitempty"`
}

// Restock is one refund line that put units back on the shelf (restock type "cancel" or "return").
type Restock struct {
	ID       string    `json:"id"`
	Location string    `json:"location,omitempty"`
	Quantity Quantity  `json:"quantity"`
	Type     string    `json:"type"`
	At       time.Time `json:"at"`
}

// Hint says that something changed, without saying how: it is read again.
type Hint struct {
	// Resource is what changed, named as OrderResource does, or CatalogResource; nothing else is read.
	Resource string `json:"resource,omitempty"`
	// Ref is set instead when a counter changed.
	Ref *Ref `json:"ref,omitempty"`
}

// Event is one fact out of a webhook delivery, decoded by allowlist. Exactly one of the pointers is set.
type Event struct {
	// ID names the fact within its channel; a repeated delivery repeats it.
	ID      string  `json:"id"`
	Channel Channel `json:"channel"`
	Topic   string  `json:"topic"`
	// ObservedAt is our clock when the delivery arrived.
	ObservedAt time.Time `json:"observed_at"`
	Reading    *Reading  `json:"reading,omitempty"`
	Movement   *Movement `json:"movement,omitempty"`
	Recount    *Recount  `json:"recount,omitempty"`
	Order      *Order    `json:"order,omitempty"`
	Hint       *Hint     `json:"hint,omitempty"`
}

// Page is one page of what a channel shows: the sweep's and the worker's view of a platform.
type Page struct {
	Readings  []Reading
	Movements []Movement
	Recounts  []Recount
	Orders    []Order
	// ReadAt is the platform's clock when it answered, never ahead of it; zero when the answer did not say.
	ReadAt time.Time
	// AskedAt is our clock when the page was asked for; who asks sets it.
	AskedAt time.Time
	// Next is the cursor of the next page; empty on the last one.
	Next string
}

// OrderList is one page of the orders that changed lately, by when they did.
type OrderList struct {
	Orders []OrderTime
	// ReadAt and Next are as in Page.
	ReadAt time.Time
	Next   string
}

// OrderTime says when an order changed last, by the channel's clock, in the grain of Order.UpdatedAt.
type OrderTime struct {
	ID        string
	UpdatedAt time.Time
}

// CatalogChanges is one page of the articles of a catalog that changed lately.
type CatalogChanges struct {
	// Page is what their counters show, as far as that was told with them: whether they are counted, marked as sold out, or gone.
	Page
	// Items are the articles as they stand in the catalog now.
	Items []CatalogItem
	// Articles is how many the whole catalog has, and Made how many of Items were made since then, where the platform does not list what
	// was deleted; 0: nothing was told.
	Articles, Made int
}

// SplitMissing takes refs whose item cannot be one of the platform's out of a request, as readings that show nothing: what cannot be
// asked for is unknown, and does not keep the others from being read. A ref without an item is a mistake of the caller and stays.
func SplitMissing(refs []Ref, check func(item string) error) (rest []Ref, missing []Reading) {
	seen := map[Ref]bool{}
	for _, ref := range refs {
		switch {
		case ref.Item == "" || check(ref.Item) == nil:
			rest = append(rest, ref)
		case !seen[ref]:
			seen[ref] = true
			missing = append(missing, Reading{Ref: ref, Status: Missing, Why: NoID})
		}
	}
	return rest, missing
}
