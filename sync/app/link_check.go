package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/sweep"
)

// RowFinding is what is wrong, or odd, about one row of a link file.
type RowFinding struct {
	Row     int           `json:"row"`
	Code    RowCode       `json:"code"`
	SKU     string        `json:"sku"`
	Channel stock.Channel `json:"channel"`
	Item    string        `json:"item"`
	// What says it for a person, without what to do about it.
	What   string `json:"detail"`
	Remedy Remedy `json:"remedy,omitempty"`
	// Meant is what there is to choose from.
	Meant []string `json:"meant,omitempty"`
}

// RowCode is the kind of a finding about a row.
type RowCode string

// What a row can be refused for, and what is noted of one that is taken.
const (
	RowEmpty    RowCode = "empty"
	RowChannel  RowCode = "unknown channel"
	RowTwice    RowCode = "stands twice"
	RowForm     RowCode = "no id"
	RowUnknown  RowCode = "not in the catalog"
	RowSoldAs   RowCode = "sold as another"
	RowNoCount  RowCode = "nothing to count"
	RowRenamed  RowCode = "another SKU"
	RowMovedOn  RowCode = "SKU moved on"
	RowTwoItems RowCode = "two items"
	RowShelf    RowCode = "two on one shelf"
	RowLinked   RowCode = "linked to another"

	NoteLeftOut  RowCode = "not sold now"
	NoteMeasured RowCode = "measured"
	NoteNoCount  RowCode = "no count yet"
	NoteUntold   RowCode = "changed while it waited"
	NoteRenamed  RowCode = "taken with another SKU"
	NoteMovedOn  RowCode = "taken for a new article"
	NoteTwoSKUs  RowCode = "one article by two SKUs"
)

// checkedRow is a row with what is known about it.
type checkedRow struct {
	LinkRow
	channel Channel
	article stock.CatalogItem
	item    stock.Item
	refused bool
}

// linkCheck checks the rows of one request against the catalogs, the ledger and each other.
type linkCheck struct {
	request  LinkRequest
	rows     []*checkedRow
	catalogs catalogs
	links    linkIndex
	items    map[string]foundItem
	// carried are the rows whose article has their SKU in its catalog, by that SKU.
	carried map[string]*checkedRow
	// placed are the rows that are checked with each other, by their SKU.
	placed  map[string][]*checkedRow
	refused []RowFinding
	noted   []RowFinding
}

// checkLinks makes every check. What it returns as an error concerns no row: a catalog or the ledger cannot be read.
func (a *App) checkLinks(ctx context.Context, request LinkRequest) (*linkCheck, error) {
	c := &linkCheck{request: request, items: map[string]foundItem{}, carried: map[string]*checkedRow{}, placed: map[string][]*checkedRow{}}
	var err error
	if c.catalogs, err = a.readCatalogs(ctx); err != nil {
		return nil, err
	}
	if c.links, err = a.indexLinks(ctx); err != nil {
		return nil, err
	}
	seen := map[ChannelItem]*checkedRow{}
	for i, row := range request.Rows {
		if row.Row == 0 {
			row.Row = i + 2 // the first row of a link file is its header
		}
		checked := &checkedRow{LinkRow: row}
		c.rows = append(c.rows, checked)
		c.checkAlone(a, checked)
		name := ChannelItem{Channel: row.Channel, Item: row.Item}
		if other := seen[name]; other != nil && !checked.refused {
			c.refuse(checked, RowTwice, "it stands in row %d already, for SKU %q", other.Row, other.SKU).Remedy = RemedyKeepOne
		} else if !checked.refused {
			seen[name] = checked
		}
	}
	for _, row := range c.standing() {
		if err := c.findItem(ctx, a, row); err != nil {
			return nil, err
		}
	}
	placed := c.standing()
	for _, row := range placed {
		c.placed[row.SKU] = append(c.placed[row.SKU], row)
		if skuOf(row.article) == row.SKU {
			c.carried[row.SKU] = row
		}
	}
	noted := map[*checkedRow]RowFinding{}
	for _, row := range placed {
		finding, another := c.anotherSKU(row)
		switch {
		case !another:
		case finding.Code == NoteTwoSKUs:
			noted[row] = finding
		case request.AcceptRenamed && finding.Remedy != RemedyOwnSKU:
			noted[row] = row.finding(NoteRenamed, "%s", finding.What)
		default:
			row.refused, c.refused = true, append(c.refused, finding)
		}
	}
	c.checkShelves(placed)
	c.noteAccepted(noted)
	slices.SortStableFunc(c.refused, func(a, b RowFinding) int { return cmp.Compare(a.Row, b.Row) })
	return c, nil
}

// standing are the rows that nothing speaks against yet.
func (c *linkCheck) standing() []*checkedRow {
	return slices.DeleteFunc(slices.Clone(c.rows), func(row *checkedRow) bool { return row.refused })
}

func (r *checkedRow) finding(code RowCode, format string, args ...any) RowFinding {
	return RowFinding{Row: r.Row, Code: code, SKU: r.SKU, Channel: r.Channel, Item: r.Item, What: fmt.Sprintf(format, args...)}
}

func (c *linkCheck) refuse(row *checkedRow, code RowCode, format string, args ...any) *RowFinding {
	row.refused = true
	c.refused = append(c.refused, row.finding(code, format, args...))
	return &c.refused[len(c.refused)-1]
}

// checkAlone makes the checks that need no other row: is there such an article, and can it be linked?
func (c *linkCheck) checkAlone(a *App, row *checkedRow) {
	switch {
	case row.Item == "":
		c.refuse(row, RowEmpty, "it names no item").Remedy = RemedyCompleteRow
		return
	case sweep.Placeholder(row.SKU):
		c.refuse(row, RowEmpty, "%q is no SKU", row.SKU).Remedy = RemedyCompleteRow
		return
	}
	var err error
	if row.channel, err = a.channel(row.Channel); err != nil {
		f := c.refuse(row, RowChannel, "%s", err)
		f.Remedy, f.Meant = MeantOr(string(row.Channel), a.channelNames(), RemedyNameChannel)
		return
	}
	article, known := c.catalogs.item(row.Channel, row.Item)
	if !known {
		another, err := c.catalogs.known(row.Channel, row.Item), row.channel.Platform.CheckItem(row.Item)
		switch {
		case another != "":
			c.refuse(row, RowUnknown, "%s", another).Remedy = RemedyFreshFile
		case err != nil:
			c.refuse(row, RowForm, "it is no item of %s: %s%s", row.Channel, err, rewritten(row.Item)).Remedy = RemedyFreshFile
		default:
			c.refuse(row, RowUnknown, "the catalog of %s has no item %s%s", row.Channel, row.Item, rewritten(row.Item)).Remedy = RemedyFreshFile
		}
		return
	}
	row.article, row.Name = article, cmp.Or(row.Name, article.Name)
	switch {
	case !article.LeftOut.Countable():
		c.refuse(row, RowNoCount, "%q has no counter that could be kept even: %s", article.Name, leftOutWords[article.LeftOut]).Remedy = RemedyLeaveOut
	case row.SoldAs != "" && row.SoldAs != article.SoldAs:
		c.refuse(row, RowSoldAs, "the catalog sells it as %s, the file says %s%s", article.SoldAs, row.SoldAs, rewritten(row.SoldAs)).Remedy = RemedySoldAs
	case article.LeftOut == stock.Measured:
		c.noted = append(c.noted, row.finding(NoteMeasured, "%q is %s", article.Name, leftOutWords[article.LeftOut]))
	case article.LeftOut != "":
		c.noted = append(c.noted, row.finding(NoteLeftOut, "%q is %s", article.Name, leftOutWords[article.LeftOut]))
	}
	row.SoldAs = article.SoldAs
}

// checkShelves refuses articles of one channel that would lie on one shelf, unless the rows say that they share it. Rows with another
// SKU than the catalog's are among them: that is how articles become one by mistake.
func (c *linkCheck) checkShelves(placed []*checkedRow) {
	type place struct {
		item    stock.ItemID
		channel stock.Channel
	}
	rows := map[place][]*checkedRow{}
	var places []place
	for _, row := range placed {
		at := place{row.item.ID, row.Channel}
		if rows[at] == nil {
			places = append(places, at)
		}
		rows[at] = append(rows[at], row)
	}
	for _, at := range places {
		var names []string
		for _, linked := range c.links.ofItem[at.item] {
			if linked.Channel == at.channel && !slices.ContainsFunc(rows[at], func(r *checkedRow) bool { return r.Item == linked.Item }) {
				article, known := c.catalogs.item(linked.Channel, linked.Item)
				if !known { // it is gone, and the row's article most likely came in its place
					continue
				}
				names = append(names, fmt.Sprintf("%q (%s, linked already)", article.Name, linked.Item))
			}
		}
		for _, row := range rows[at] {
			names = append(names, fmt.Sprintf("%q (%s, row %d)", row.article.Name, row.Item, row.Row))
		}
		if len(names) < 2 {
			continue
		}
		for _, row := range rows[at] {
			if row.Shared || c.links.item(row.Channel, row.Item) == at.item {
				continue
			}
			// Where a row has another SKU than its article, that is to be mended first: who shared the shelf instead would merge them.
			another := row.refused
			f := c.refuse(row, RowShelf, "%d articles of %s would be one: %s", len(names), at.channel, strings.Join(names, " and "))
			if !another {
				f.Remedy = RemedyShared
			}
		}
	}
}

// labels are what the channels call the articles of the rows that stand.
func (c *linkCheck) labels() []ledger.Label {
	var labels []ledger.Label
	for _, row := range c.standing() {
		labels = append(labels, sweep.LabelOf(row.Channel, row.article))
	}
	return labels
}

// accepted are the items to keep, and what ties the refs of the rows that stand; tied says of which row each is.
func (c *linkCheck) accepted(how ledger.JoinHow, by Actor) (items []stock.Item, inputs []ledger.Input, tied []*checkedRow) {
	saved := map[stock.ItemID]bool{}
	for _, row := range c.standing() {
		if !saved[row.item.ID] {
			saved[row.item.ID] = true
			items = append(items, row.item)
		}
		for _, ref := range row.channel.refs(row.Item) {
			tied = append(tied, row)
			inputs = append(inputs, ledger.LinkRef{Ref: ref, SoldAs: row.SoldAs, Join: how, By: by.Name,
				Shelf: stock.Shelf{Item: row.item.ID, Location: row.channel.Locations[ref.Location]}})
		}
	}
	return items, inputs, tied
}
