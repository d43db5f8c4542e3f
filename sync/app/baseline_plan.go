package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
	"github.com/evenstock/evenstock/sync/sweep"
)

// BaselinePlan is what a baseline would do. Over unchanged shops it is the same every time.
type BaselinePlan struct {
	Shelves []*PlannedShelf `json:"shelves"`
	Summary PlanSummary     `json:"summary"`
	// ID names the plan: what is decided of each shelf, and the numbers. Whoever applies it can ask for this plan and no other.
	ID string `json:"id"`
	// Shown is what the counters showed when it was made. Whoever applies it hands it back, so that what is done is what they have seen.
	Shown []ShownCounts `json:"shown"`

	// begun is our clock when the counters began to be read.
	begun time.Time
}

// PlannedShelf is one shelf as a baseline would find it.
type PlannedShelf struct {
	SKU      string         `json:"sku"`
	Name     string         `json:"name,omitempty"`
	Location stock.Location `json:"location"`
	// Counts is what each channel's counter shows, or why it shows nothing; of several counters each.
	Counts map[stock.Channel]string `json:"counts"`
	// Opening is the level that the shelf would open with, the sum where the authority has several counters; null: it stays closed.
	Opening *stock.Quantity `json:"opening"`
	// Pushes is what would be added to each channel's counter.
	Pushes map[stock.Channel]string `json:"pushes"`
	Note   string                   `json:"note,omitempty"`

	name stock.Shelf
	open bool
	// level is that of a shelf that is open.
	level stock.Quantity
	refs  []plannedRef
}

// plannedRef is one counter of a planned shelf: whether its baseline is wanted, and whether it opens the shelf. push is what would be
// added to it, if it pushes.
type plannedRef struct {
	state   ledger.RefState
	reading stock.Reading
	// readAt is the channel's clock when it was read; zero: not known. seenAt is ours when the answer had come.
	readAt  time.Time
	seenAt  time.Time
	problem string
	wanted  bool
	opens   bool
	waits   bool
	// soldOutBy marks the item as sold out for all channels.
	soldOutBy stock.Channel
	pushes    bool
	push      stock.Quantity
}

// PlanBaseline reads every counter that a baseline would read, once, and says what a baseline from the authority would open and push.
// It writes nothing. The baseline itself begins with the same plan, made anew unless it was made just now.
func (a *App) PlanBaseline(ctx context.Context, request BaselineRequest) (BaselinePlan, error) {
	if err := a.checkAuthority(request.Authority); err != nil {
		return BaselinePlan{}, err
	}
	begun, ctx := a.Now(), stock.InLane(ctx, stock.ConfirmingReads)
	shelves, err := a.shelvesToPlan(ctx, request.Authority)
	if err != nil {
		return BaselinePlan{}, err
	}
	reading, ctx := errgroup.WithContext(ctx)
	for _, channel := range a.Channels {
		reading.Go(func() error { return a.readPlanned(ctx, channel, shelves) })
	}
	if err := reading.Wait(); err != nil {
		return BaselinePlan{}, err
	}
	for _, shelf := range shelves {
		a.decide(shelf, request.Authority)
	}
	plan := BaselinePlan{Shelves: shelves, Summary: a.summarize(shelves), begun: begun}
	plan.ID, plan.Shown = idOf(shelves), shownCounts(shelves)
	a.recent.keep(request.Authority, &plan)
	return plan, nil
}

// wantsBaseline says whether a baseline from the authority reads a ref, and whether the ref is to open its shelf.
func wantsBaseline(ref ledger.DueRef, authority stock.Channel) (wanted, opens bool) {
	opens = ref.State.Ref.Channel == authority && !ref.Opened
	return ref.State.Status == ledger.Linked || opens && ref.State.Status != ledger.Unlinked, opens
}

// shelvesToPlan are the shelves of which a baseline would read a counter, by SKU and place, with all their counters in order.
func (a *App) shelvesToPlan(ctx context.Context, authority stock.Channel) ([]*PlannedShelf, error) {
	byName := map[stock.Shelf][]ledger.DueRef{}
	wanted := map[stock.Shelf]bool{}
	for ref, err := range ledger.AllRefs(ctx, a.Ledger, ledger.RefFilter{}) {
		if err != nil {
			return nil, err
		}
		if ref.State.Status == ledger.Unlinked {
			continue
		}
		shelf := ref.State.Shelf
		byName[shelf] = append(byName[shelf], ref)
		if wants, _ := wantsBaseline(ref, authority); wants {
			wanted[shelf] = true
		}
	}
	items, err := a.itemsOf(ctx, wanted)
	if err != nil {
		return nil, err
	}
	shelves := []*PlannedShelf{}
	for name := range wanted {
		item := items[name.Item]
		shelf := &PlannedShelf{SKU: item.SKU, Name: item.Name, Location: name.Location, Counts: map[stock.Channel]string{}, Pushes: map[stock.Channel]string{}, name: name}
		for _, ref := range byName[name] {
			wants, opens := wantsBaseline(ref, authority)
			shelf.open, shelf.level = ref.Opened, ref.Level
			if wants || !ref.Opened {
				shelf.refs = append(shelf.refs, plannedRef{state: ref.State, wanted: wants, opens: opens})
			}
		}
		shelves = append(shelves, shelf)
	}
	slices.SortFunc(shelves, func(a, b *PlannedShelf) int {
		if bySKU := strings.Compare(a.SKU, b.SKU); bySKU != 0 {
			return bySKU
		}
		return a.name.Compare(b.name)
	})
	return shelves, nil
}

// readPlanned reads a channel's counters on the shelves.
func (a *App) readPlanned(ctx context.Context, c Channel, shelves []*PlannedShelf) error {
	var refs []*plannedRef
	for _, shelf := range shelves {
		for i := range shelf.refs {
			switch ref := &shelf.refs[i]; {
			case ref.state.Ref.Channel != c.Name:
			case a.misplaced(ref.state): // whose units it counts nobody can tell
				ref.problem = "its location is not in the configuration, or is another of ours there"
			default:
				refs = append(refs, ref)
			}
		}
	}
	return a.readChunks(ctx, c, refs)
}

// readChunks asks for counters of a channel, as many with one request as it takes.
func (a *App) readChunks(ctx context.Context, c Channel, refs []*plannedRef) error {
	if len(refs) == 0 {
		return nil
	}
	for chunk := range slices.Chunk(refs, max(1, c.Platform.MaxReads())) {
		if err := a.readChunk(ctx, c, chunk); err != nil {
			return err
		}
	}
	return nil
}

// readChunk asks for some counters with one request.
func (a *App) readChunk(ctx context.Context, c Channel, refs []*plannedRef) error {
	names := make([]stock.Ref, len(refs))
	for i, ref := range refs {
		names[i] = ref.state.Ref
	}
	page, refused, err := sweep.ReadEach(ctx, c.Platform, names)
	if err != nil {
		return unanswered(c.Name, fmt.Sprintf("reading the counts of %s", c.Name), err)
	}
	seenAt := a.Now()
	readings := make(map[stock.Ref]stock.Reading, len(page.Readings))
	for _, reading := range page.Readings {
		readings[reading.Ref] = reading
	}
	for _, ref := range refs {
		ref.reading, ref.readAt, ref.seenAt = readings[ref.state.Ref], page.ReadAt, seenAt
		if reason := refused[ref.state.Ref]; reason != nil {
			ref.problem = reason.Error()
		}
	}
	return nil
}

// decide fills in what the authority's counts would open and push.
func (a *App) decide(p *PlannedShelf, authority stock.Channel) {
	for _, ref := range p.refs {
		name := ref.state.Ref.Channel
		p.Counts[name] = and(p.Counts[name], " + ", countText(ref))
	}
	level := p.level
	if !p.open {
		opening, why := openingOf(p, authority)
		if opening == nil {
			p.Note = "stays closed: " + why
			return
		}
		level = *opening
	}
	p.Opening = &level
	for i := range p.refs {
		ref := &p.refs[i]
		if !ref.counted() {
			continue
		}
		name := ref.state.Ref.Channel
		if p.open && !reconcile.Even(ref.reading.Quantity, level, a.traits(name)) {
			ref.waits = true
			p.Note = and(p.Note, "; ", fmt.Sprintf("%s waits to join: it counts %s, the level is %s", name, ref.reading.Quantity, level))
			continue
		}
		target := reconcile.Target(level, a.traits(name))
		if ref.soldOutBy = a.soldOutElsewhere(p, name); ref.soldOutBy != "" {
			target = reconcile.TargetSoldOut(level, a.traits(name))
			p.Note = and(p.Note, "; ", fmt.Sprintf("%s marks it as sold out", ref.soldOutBy))
		}
		if ref.push = target - ref.reading.Quantity; ref.push != 0 {
			ref.pushes = true
			p.Pushes[name] = and(p.Pushes[name], ", ", ref.push.String())
		}
	}
	if p.open {
		p.Note = and("open already", "; ", p.Note)
	}
}

// soldOutElsewhere is another channel that marks the item as sold out and whose mark counts for all.
func (a *App) soldOutElsewhere(p *PlannedShelf, than stock.Channel) stock.Channel {
	for _, ref := range p.refs {
		marked := !ref.state.SoldOut.IsZero() || ref.reading.SoldOut == stock.IsSoldOut && ref.reading.Quantity > 0
		if c, err := a.channel(ref.state.Ref.Channel); err == nil && c.Name != than && c.SoldOutEverywhere && marked {
			return c.Name
		}
	}
	return ""
}

// openingOf adds up what the authority's counters show. One that shows nothing leaves the sum unknown.
func openingOf(p *PlannedShelf, authority stock.Channel) (opening *stock.Quantity, why string) {
	var sum stock.Quantity
	counters := 0
	for _, ref := range p.refs {
		if !ref.opens {
			continue
		}
		if !ref.counted() {
			return nil, fmt.Sprintf("%s has no count for it", authority)
		}
		more, fits := sum.Plus(ref.reading.Quantity)
		if !fits {
			return nil, fmt.Sprintf("the counts of %s are larger than a level can be", authority)
		}
		sum, counters = more, counters+1
	}
	if counters == 0 {
		return nil, fmt.Sprintf("nothing of %s is linked to it", authority)
	}
	if counters > 1 {
		p.Note = fmt.Sprintf("opens with the sum of %d counters of %s", counters, authority)
	}
	return &sum, ""
}

// and joins two texts of which either may be empty.
func and(a, separator, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + separator + b
}

func countText(ref plannedRef) string {
	switch {
	case ref.problem != "":
		return "cannot be asked: " + ref.problem
	case ref.reading.Status == stock.Counted:
		return ref.reading.Quantity.String()
	case ref.reading.Status == stock.Untracked:
		return "not tracked"
	case ref.reading.Status == stock.Gone:
		return "gone"
	}
	return "missing"
}
