package reconcile_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

const articlesWord = `(each article|article \d+|articles \d+ to \d+)`

// ofMany are the sentences about a shop with many articles.
var ofMany = []sentence{
	{`^the shop has (\d+) articles, (\d+) of each(?:, and (\d+) of the last)?$`, (*teller).beginMany},
	{`^` + channelWord + ` says ` + unitsWord + ` of ` + articlesWord + `$`, (*teller).sayOf},
	{`^a sweep of ` + channelWord + ` finds ` + unitsWord + ` of ` + articlesWord + `$`, (*teller).sweepOf},
	{`^till is read: ` + unitsWord + ` of ` + articlesWord + `$`, (*teller).readOf},
	{`^till tells: (\d+) sold of ` + articlesWord + `$`, (*teller).soldOf},
	{`^till tells: another application wrote (\d+) off of ` + articlesWord + `$`, (*teller).writtenOff},
	{`^push to ` + channelWord + ` of all that is wanted: (\d+) articles?$`, (*teller).pushAll},
	{`^mass change on ` + channelWord + `: (.+)$`, (*teller).massChange},
	{`^(\S+) releases the mass change on ` + channelWord + `$`, (*teller).releaseMass},
}

func articleShelf(n int) stock.Shelf {
	return stock.Shelf{Item: stock.ItemID(fmt.Sprint("article ", n)), Location: "main"}
}

func articleRef(channel stock.Channel, n int) stock.Ref {
	return stock.Ref{Channel: channel, Item: fmt.Sprint("A", n), Location: refOf(string(channel)).Location}
}

// numbers are the articles that a sentence means.
func (t *teller) numbers(text string) (list []int) {
	first, last := 1, t.articles
	if _, err := fmt.Sscanf(text, "article %d", &first); err == nil {
		last = first
	} else if text != "each article" {
		_, err := fmt.Sscanf(text, "articles %d to %d", &first, &last)
		if err != nil {
			t.Fatalf("%q names no articles", text)
		}
	}
	for n := first; n <= last; n++ {
		list = append(list, n)
	}
	return list
}

// beginMany opens many shelves, each as the mug's is.
func (t *teller) beginMany(words []string) error {
	t.articles = int(units(words[0]))
	opened, all := t.now, t.numbers("each article")
	t.now = opened.Add(-time.Minute)
	for _, n := range all {
		t.link(articleShelf(n), articleRef(till, n), articleRef(web, n))
		t.apply(ledger.WantBaseline{Ref: articleRef(web, n)}, ledger.WantBaseline{Ref: articleRef(till, n), Authority: true})
	}
	for _, channel := range []stock.Channel{web, web, till} {
		for _, n := range all {
			count := words[1]
			if n == t.articles && words[2] != "" {
				count = words[2]
			}
			t.read(articleRef(channel, n), units(count), opened.Add(-2*time.Minute))
		}
		t.wait(5)
	}
	t.now, t.opening = opened, len(t.model.Entries())
	return nil
}

func (t *teller) sayOf(words []string) error {
	for _, n := range t.numbers(words[2]) {
		t.deliver(reading(articleRef(stock.Channel(words[0]), n), units(words[1]), t.now))
	}
	return nil
}

func (t *teller) sweepOf(words []string) error {
	var page []ledger.Input
	for _, n := range t.numbers(words[2]) {
		page = append(page, listed(reading(articleRef(stock.Channel(words[0]), n), units(words[1]), t.now), t.now))
	}
	t.apply(page...)
	return nil
}

func (t *teller) readOf(words []string) error {
	for _, n := range t.numbers(words[1]) {
		t.read(articleRef(till, n), units(words[0]), t.now)
	}
	return nil
}

func (t *teller) soldOf(words []string) error {
	for _, n := range t.numbers(words[1]) {
		t.deliver(stock.Movement{Key: fmt.Sprint("sale ", n, " ", t.now.Unix()), Ref: articleRef(till, n), Quantity: stock.Units(-units(words[0])), Cause: stock.Sold, OccurredAt: t.now, ChannelTime: t.now})
	}
	return nil
}

// writtenOff is a row with a reason that nothing but the word of its writer stands behind.
func (t *teller) writtenOff(words []string) error {
	for _, n := range t.numbers(words[1]) {
		t.deliver(stock.Movement{Key: fmt.Sprint("written off ", n, " ", t.now.Unix()), Ref: articleRef(till, n), Quantity: stock.Units(-units(words[0])), Cause: stock.Shrinkage,
			OccurredAt: t.now, ChannelTime: t.now, Evidence: stock.Evidence{stock.EvidenceWriter: stock.OtherApplication, stock.EvidenceUnproven: "only the word of who wrote it"}})
	}
	return nil
}

// pushAll is one round of a worker: it plans one call of all that is wanted, and has the brake judged when nothing goes.
func (t *teller) pushAll(words []string) error {
	ctx, channel := context.Background(), stock.Channel(words[0])
	due, err := t.model.DuePushes(ctx, channel, t.now, ledger.DuePush{}, 0)
	if err != nil {
		return err
	}
	var refs []stock.Ref
	for _, push := range due {
		refs = append(refs, push.Ref)
	}
	slices.SortFunc(refs, stock.Ref.Compare)
	mass, changed := t.mass(channel)
	before, err := t.model.UnitsBefore(ctx, channel, mass.Before())
	if err != nil {
		return err
	}
	t.calls++
	receipt := t.apply(ledger.PlanCall{Channel: channel, Key: fmt.Sprint("call", t.calls), Refs: refs, OccurredAt: t.now, Since: mass.Since, Load: mass.Load(changed, refs).Of(before), Brake: mass.Brake(),
		Encode: func(key string, _ time.Time, _ []stock.PushRow) ([]byte, error) { return []byte(key), nil }})
	var pushed int64
	for _, call := range receipt.Calls {
		pushed += int64(len(call.Rows))
		t.answer(call, stock.Applied)
	}
	if pushed != units(words[1]) {
		return fmt.Errorf("it pushes %d", pushed)
	}
	return nil
}

// mass is where the mass change brake of a channel stands, and what changed without a cause.
func (t *teller) mass(channel stock.Channel) (reconcile.MassChange, []ledger.DueRef) {
	mass := reconcile.MassChangeOf(channel, t.massBrakes(), t.now)
	changed, err := t.model.Uncaused(context.Background(), channel, mass.Since)
	if err != nil {
		t.Fatalf("reading changes: %v", err)
	}
	return mass, changed
}

func (t *teller) massChange(words []string) error {
	mass, changed := t.mass(stock.Channel(words[0]))
	text := "none"
	if mass.Engaged != nil {
		held, load := 0, mass.Load(changed, nil)
		for _, ref := range changed {
			if mass.HeldPart(ref.Ref, ref.Level) != 0 {
				held++
			}
		}
		text = fmt.Sprintf("%s of %s units on %d shelves, %d held", load.Units, mass.Engaged.Quantity, load.Shelves, held)
	}
	if text != words[1] {
		return fmt.Errorf("it is: %s", text)
	}
	return nil
}

func (t *teller) releaseMass(words []string) error {
	mass, changed := t.mass(stock.Channel(words[1]))
	if mass.Engaged == nil {
		return fmt.Errorf("no mass change holds")
	}
	t.one(ledger.ReleaseBrake{ID: mass.Engaged.ID, By: words[0], Shown: mass.Shown(changed)})
	return nil
}

// endOfMany says how things stand with many articles when the story is over, and what became of the mass change brakes.
func (t *teller) endOfMany() string {
	var b strings.Builder
	for _, n := range t.numbers("each article") {
		onTill, onWeb := t.model.Ref(articleRef(till, n)), t.model.Ref(articleRef(web, n))
		fmt.Fprintf(&b, "article %d: level %s, till expects %s, web expects %s, unexplained %s\n", n, t.model.Level(articleShelf(n)), onTill.State.Expected, onWeb.State.Expected,
			onTill.Unexplained+onWeb.Unexplained)
	}
	for _, brake := range t.massBrakes() {
		text := "holds"
		if !brake.ReleasedAt.IsZero() {
			text = "released by " + brake.ReleasedBy
		}
		fmt.Fprintf(&b, "brake: %s on %s, %s\n", brake.Kind, brake.Channel, text)
	}
	return b.String()
}
