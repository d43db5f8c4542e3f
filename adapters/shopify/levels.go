package shopify

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// quantityAvailable is the quantity name that a shelf's level mirrors: what may be sold now.
const quantityAvailable = "available"

// levelNode is an InventoryLevel. UpdatedAt is the version of its reading: see the package comment.
type levelNode struct {
	UpdatedAt  time.Time `json:"updatedAt"`
	IsActive   bool      `json:"isActive"`
	Quantities []struct {
		Name     string `json:"name"`
		Quantity int32  `json:"quantity"`
	} `json:"quantities"`
}

// reading is what a level says of its ref. No level: the item is not stocked there, or is gone.
func (l *levelNode) reading(ref stock.Ref, tracked bool) stock.Reading {
	reading := stock.Reading{Ref: ref, Status: stock.Missing}
	if l != nil {
		reading.Version = l.UpdatedAt.UTC()
	}
	if !tracked {
		reading.Status = stock.Untracked
		return reading
	}
	switch {
	case l == nil:
		reading.Why = stock.NotStocked
		return reading
	case !l.IsActive:
		reading.Why = stock.SwitchedOff
		return reading
	}
	reading.Why = stock.NeverCounted
	for _, q := range l.Quantities {
		if q.Name == quantityAvailable {
			reading.Status, reading.Quantity, reading.Why = stock.Counted, stock.Units(int64(q.Quantity)), ""
		}
	}
	return reading
}

// itemNode is an InventoryItem with its levels at the locations asked for, in their order.
type itemNode struct {
	ID      string     `json:"id"`
	Tracked *bool      `json:"tracked"`
	Level   *levelNode `json:"inventoryLevel"`
	At2     *levelNode `json:"at2"`
	At3     *levelNode `json:"at3"`
	At4     *levelNode `json:"at4"`
}

func (n itemNode) level(place int) *levelNode {
	return [placesAtOnce]*levelNode{n.Level, n.At2, n.At3, n.At4}[place]
}

// placesPerRead is of how many locations one request reads the levels of so many items. What many ids cost is not documented: as long as
// no answer has told it, each is taken to cost a whole node, which leaves no room for another location.
func (c *Channel) placesPerRead(items int) int {
	places := 1
	for places < placesAtOnce && c.readCost(items, places+1) <= pointsMax {
		places++
	}
	return places
}

// readCost is what reading so many items at so many locations costs: an item, and at each location a level and a quantity.
func (c *Channel) readCost(items, places int) float64 {
	return c.budget.Cost(opReadRefs.name, items, opReadRefs.cost) * float64(1+2*places) / 3
}

// readLevels makes one request.
func (c *Channel) readLevels(ctx context.Context, request levelsRequest) ([]stock.Reading, time.Time, error) {
	vars, ids := map[string]any{"location": gid(typeLocation, request.locations[0])}, make([]string, len(request.items))
	for i, item := range request.items {
		ids[i] = gid(typeItem, item)
	}
	vars["ids"] = ids
	op := opReadRefs
	if places := len(request.locations); places > 1 {
		op = opReadPlaces[places]
		op.cost = c.readCost(len(ids), places)
		for i, location := range request.locations[1:] {
			vars[placeName(i+2)] = gid(typeLocation, location)
		}
	}
	var data struct {
		Shop  *shopNode   `json:"shop"`
		Nodes []*itemNode `json:"nodes"`
	}
	date, err := c.query(ctx, op.of(len(ids)), vars, &data)
	if err != nil {
		return nil, time.Time{}, err
	}
	c.learnShop(data.Shop)
	// A short answer must not make counters look missing.
	if len(data.Nodes) != len(ids) {
		return nil, time.Time{}, badAnswer(op.name, fmt.Sprintf("%d nodes for %d ids", len(data.Nodes), len(ids)), nil)
	}
	readings := make([]stock.Reading, 0, len(ids)*len(request.locations))
	for i, node := range data.Nodes {
		if node != nil && (node.ID != ids[i] || node.Tracked == nil) {
			return nil, time.Time{}, badAnswer(op.name, "a node is not the item asked for", nil)
		}
		for place, location := range request.locations {
			ref := stock.Ref{Channel: c.name, Item: request.items[i], Location: location}
			if node == nil { // what does not exist reads as null
				readings = append(readings, stock.Reading{Ref: ref, Status: stock.Gone})
			} else {
				readings = append(readings, node.level(place).reading(ref, *node.Tracked))
			}
		}
	}
	return readings, date, nil
}

// ListCounts lists the levels of the configured locations that were updated at that second or later (zero: all of them),
// one page of one location at a time. The search is an index that lags, so callers overlap their windows. The list has no order
// by which a new search could go on, so after renewAfter levels of a location it ends with an error that is TooMany; ReadRefs
// over the linked refs has no such end.
func (c *Channel) ListCounts(ctx context.Context, since time.Time, cursor string) (stock.Page, error) {
	if len(c.locations) == 0 {
		return stock.Page{}, nil
	}
	location, seen, after, err := c.countsCursor(cursor)
	if err != nil {
		return stock.Page{}, fmt.Errorf("listing counts: %w", err)
	}
	if seen >= renewAfter {
		return stock.Page{}, fmt.Errorf("listing counts: %w", &Error{Operation: opListCounts.name, Code: codeTooMany,
			Message: fmt.Sprintf("more than %d levels of location %s changed", renewAfter, c.locations[location])})
	}
	type node struct {
		levelNode
		Item struct {
			ID      string `json:"id"`
			Tracked *bool  `json:"tracked"`
		} `json:"item"`
	}
	var data struct {
		Shop     *shopNode `json:"shop"`
		Location *struct {
			Levels connection[node] `json:"inventoryLevels"`
		} `json:"location"`
	}
	id := c.locations[location]
	vars := map[string]any{"location": gid(typeLocation, id), "first": pageWide, "after": optional(after), "query": updatedSince(since)}
	date, err := c.query(ctx, opListCounts, vars, &data)
	if err != nil {
		return stock.Page{}, fmt.Errorf("listing counts: %w", err)
	}
	c.learnShop(data.Shop)
	if data.Location == nil {
		return stock.Page{}, fmt.Errorf("listing counts: %w", &Error{Operation: opListCounts.name, Code: "NOT_FOUND", Message: "location " + id})
	}
	page := stock.Page{ReadAt: date, Readings: make([]stock.Reading, 0, len(data.Location.Levels.Nodes))}
	for _, n := range data.Location.Levels.Nodes {
		item, err := numberOf(typeItem, n.Item.ID)
		if err != nil || n.Item.Tracked == nil {
			return stock.Page{}, fmt.Errorf("listing counts: %w", badAnswer(opListCounts.name, "a level without its item", err))
		}
		ref := stock.Ref{Channel: c.name, Item: item, Location: id}
		page.Readings = append(page.Readings, n.reading(ref, *n.Item.Tracked))
	}
	next, err := data.Location.Levels.next(opListCounts.name, after)
	if err != nil {
		return stock.Page{}, fmt.Errorf("listing counts: %w", err)
	}
	if next != "" {
		page.Next = countsCursor(id, seen+len(data.Location.Levels.Nodes), next)
	} else if location+1 < len(c.locations) {
		page.Next = countsCursor(c.locations[location+1], 0, "")
	}
	return page, nil
}

// countsCursor is where a list of counts stands: the location, how many of its levels were given, and the platform's cursor.
func countsCursor(location string, seen int, after string) string {
	return location + "|" + strconv.Itoa(seen) + "|" + after
}

// countsCursor reads a cursor and returns the location's index.
func (c *Channel) countsCursor(cursor string) (location, seen int, after string, err error) {
	if cursor == "" {
		return 0, 0, "", nil
	}
	id, rest, _ := strings.Cut(cursor, "|")
	count, after, found := strings.Cut(rest, "|")
	location = slices.Index(c.locations, id)
	seen, err = strconv.Atoi(count)
	if !found || location < 0 || err != nil || seen < 0 {
		return 0, 0, "", fmt.Errorf("%w: not of a configured location", ErrCursor)
	}
	return location, seen, after, nil
}
