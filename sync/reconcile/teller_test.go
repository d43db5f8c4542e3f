package reconcile_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// teller plays the lines of a story on a shop.
type teller struct {
	*shop
	opening int
	// articles is how many the shop has beside the mug.
	articles int
	// history is what the till's history holds and no read has brought yet, orders what the web shop's orders stand at.
	history []any
	rows    map[string]stock.Movement
	orders  map[string]*stock.Order
	open    map[stock.Channel]ledger.Call
}

// sentence is one kind of line and what it does. Groups of the pattern are handed on.
type sentence struct {
	pattern string
	tell    func(t *teller, words []string) error
}

const (
	channelWord = `(till|web)`
	unitsWord   = `(-?\d+)`
)

var sentences = []sentence{
	{`^the mug has (\d+)$`, (*teller).begin},
	{`^the mug is linked$`, (*teller).linked},
	{`^(\S+) applies the baseline: ` + channelWord + ` is right$`, (*teller).baseline},
	{`^` + channelWord + ` is read: (missing|not tracked|gone)$`, (*teller).isAbsent},
	{`^` + channelWord + ` is (unlinked|linked again)(?:, (\S+) says (add|level|counter))?$`, (*teller).relink},
	{`^(\S+) says of ` + channelWord + `: (add|level|counter)(?:, goods (moved)|, it was (counted))?$`, (*teller).join},
	{`^` + channelWord + ` says ` + unitsWord + `(?:, changed at (\S+))?$`, (*teller).says},
	{`^` + channelWord + ` is read: ` + unitsWord + `(?:, changed at (\S+))?$`, (*teller).isRead},
	{`^` + channelWord + ` (marks it as sold out|takes the mark back)$`, (*teller).mark},
	{`^history: (sold|returned|received|shrinkage) (\d+) as (\S+?)(?:, happened at (\S+))?$`, (*teller).movement},
	{`^history: (\S+) was edited to (\d+)$`, (*teller).edit},
	{`^history: counted ` + unitsWord + ` as (\S+?)(?:, happened at (\S+))?$`, (*teller).recount},
	{`^history: our push(?:, received at (\S+))?$`, (*teller).ownPush},
	{`^order (\S+): (\d+) taken(?:, (\d+) (return|cancel))?(, place unknown)?$`, (*teller).order},
	{`^push to ` + channelWord + `: (nothing|applied|refused|lost|sent|arrives)$`, (*teller).push},
	{`^brake: (.+)$`, (*teller).brake},
	{`^(\S+) (corrects|releases) what was typed in twice$`, (*teller).release},
	{`^(\S+) says that the other program is (wrong|right)$`, (*teller).judgeProgram},
	{`^(\S+) says that the push to ` + channelWord + ` was (applied|not applied)$`, (*teller).resolve},
	{`^(\S+) settles ` + unitsWord + ` of ` + channelWord + ` as (sold|returned|received|shrinkage|moved)$`, (*teller).settles},
	{`^(\S+) reopens what was settled of ` + channelWord + `$`, (*teller).reopens},
	{`^people at ` + channelWord + ` (?:set ` + unitsWord + `|order \d+ as \S+|stop counting|go on counting)$`, (*teller).unheard},
}

func newTeller(t *testing.T) *teller {
	return &teller{shop: newShop(t), rows: map[string]stock.Movement{}, orders: map[string]*stock.Order{}, open: map[stock.Channel]ledger.Call{}}
}

// tell plays one line: a time of day and a sentence.
func (t *teller) tell(line string) error {
	clock, rest, _ := strings.Cut(line, " ")
	now, err := timeOfDay(clock)
	if err != nil {
		return err
	}
	if t.opening > 0 && now.Before(t.now) {
		return fmt.Errorf("%s lies in the past", clock)
	}
	t.now = now
	for _, s := range slices.Concat(sentences, ofMany) {
		if words := regexp.MustCompile(s.pattern).FindStringSubmatch(strings.TrimSpace(rest)); words != nil {
			return s.tell(t, words[1:])
		}
	}
	return fmt.Errorf("nobody says it like that; see the README beside the stories")
}

func timeOfDay(text string) (time.Time, error) {
	clock, err := time.Parse("15:04:05.999", text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is no time of day", text)
	}
	return time.Date(2026, 3, 14, clock.Hour(), clock.Minute(), clock.Second(), clock.Nanosecond(), time.UTC), nil
}

// timeOr is a time of day, or now where none is given.
func (t *teller) timeOr(text string) (time.Time, error) {
	if text == "" {
		return t.now, nil
	}
	return timeOfDay(text)
}

func units(text string) int64 {
	n, _ := strconv.ParseInt(text, 10, 64)
	return n
}

func refOf(channel string) stock.Ref {
	if channel == "till" {
		return tillMug
	}
	return webMug
}

// unheard is what people do at a channel. Nobody hears of it but by the lines after it.
func (t *teller) unheard([]string) error { return nil }

func (t *teller) begin(words []string) error {
	opened := t.now
	t.now = opened.Add(-time.Minute)
	t.link(mug, tillMug, webMug)
	t.apply(ledger.WantBaseline{Ref: webMug}, ledger.WantBaseline{Ref: tillMug, Authority: true})
	for _, ref := range []stock.Ref{webMug, webMug, tillMug} {
		t.read(ref, units(words[0]), opened.Add(-2*time.Minute))
		t.wait(5)
	}
	t.now, t.opening = opened, len(t.model.Entries())
	return nil
}

func (t *teller) linked([]string) error {
	t.link(mug, tillMug, webMug)
	return nil
}

func (t *teller) baseline(words []string) error {
	for _, ref := range []stock.Ref{webMug, tillMug} {
		if authority := ref.Channel == stock.Channel(words[1]); authority || t.state(ref).Status == ledger.Linked {
			t.one(ledger.WantBaseline{Ref: ref, Authority: authority})
		}
	}
	return nil
}

func (t *teller) isAbsent(words []string) error {
	status := map[string]stock.CountStatus{"missing": stock.Missing, "not tracked": stock.Untracked, "gone": stock.Gone}[words[1]]
	t.one(t.ownRead(stock.Reading{Ref: refOf(words[0]), Status: status}))
	return nil
}

func (t *teller) relink(words []string) error {
	ref := refOf(words[0])
	if words[1] == "unlinked" {
		t.one(ledger.UnlinkRef{Ref: ref})
		return nil
	}
	how, _ := ledger.ParseJoinHow(words[3])
	t.one(ledger.LinkRef{Ref: ref, Shelf: mug, SoldAs: soldAs(ref), Join: how, By: words[2]})
	return nil
}

func (t *teller) join(words []string) error {
	how, err := ledger.ParseJoinHow(words[2])
	untold, _ := ledger.ParseUntoldHow(words[3] + words[4])
	t.one(ledger.JoinRef{Ref: refOf(words[1]), How: how, Untold: untold, By: words[0]})
	return err
}

func (t *teller) says(words []string) error {
	changed, err := t.timeOr(words[2])
	t.deliver(reading(refOf(words[0]), units(words[1]), changed))
	return err
}

func (t *teller) isRead(words []string) error {
	changed, err := t.timeOr(words[2])
	if err != nil {
		return err
	}
	var facts []any
	if words[0] == "till" {
		facts, t.history = t.history, nil
	}
	t.read(refOf(words[0]), units(words[1]), changed, facts...)
	return nil
}

// mark is what people do to the item at a channel without touching its count.
func (t *teller) mark(words []string) error {
	ref := refOf(words[0])
	state := t.state(ref)
	shows := reading(ref, 0, state.Version)
	shows.Quantity, shows.SoldOut = state.Expected, map[string]stock.SoldOut{"marks it as sold out": stock.IsSoldOut, "takes the mark back": stock.IsNotSoldOut}[words[1]]
	t.deliver(shows)
	return nil
}

func (t *teller) movement(words []string) error {
	happened, err := t.timeOr(words[3])
	if err != nil {
		return err
	}
	n, cause := units(words[1]), map[string]stock.Cause{"sold": stock.Sold, "returned": stock.Returned, "received": stock.Received, "shrinkage": stock.Shrinkage}[words[0]]
	if cause == stock.Sold || cause == stock.Shrinkage {
		n = -n
	}
	t.rows[words[2]] = stock.Movement{Key: words[2], Ref: tillMug, Quantity: stock.Units(n), Cause: cause, OccurredAt: happened, ChannelTime: t.now}
	t.history = append(t.history, t.rows[words[2]])
	return nil
}

func (t *teller) edit(words []string) error {
	row, known := t.rows[words[0]]
	if !known {
		return fmt.Errorf("the history has no row %s", words[0])
	}
	edited := stock.Units(units(words[1]))
	if row.Quantity < 0 {
		edited = -edited
	}
	row.Quantity = edited
	t.rows[words[0]] = row
	t.history = append(t.history, row)
	return nil
}

func (t *teller) recount(words []string) error {
	happened, err := t.timeOr(words[2])
	t.history = append(t.history, recount(words[1], units(words[0]), happened, t.now))
	return err
}

func (t *teller) ownPush(words []string) error {
	received, err := t.timeOr(words[0])
	t.history = append(t.history, ownRow(t.open[till], received))
	return err
}

func (t *teller) order(words []string) error {
	o := t.orders[words[0]]
	if o == nil {
		o = &stock.Order{Channel: web, ID: words[0], CreatedAt: t.now}
		t.orders[words[0]] = o
	}
	l := line("1", units(words[1]))
	if words[2] != "" {
		l.Restocks = []stock.Restock{restock("R", units(words[2]), words[3], t.now)}
	}
	if words[4] != "" {
		l.Location = ""
	}
	o.UpdatedAt, o.Lines = t.now, []stock.OrderLine{l}
	t.deliver(*o)
	return nil
}

func (t *teller) push(words []string) error {
	ref := refOf(words[0])
	call := t.open[ref.Channel]
	if words[1] != "arrives" && t.work(ref).InFlight == "" {
		if call = t.plan(ref); call.Key != "" {
			t.open[ref.Channel] = call
		}
	}
	switch {
	case words[1] == "nothing" && call.Key != "":
		return fmt.Errorf("it pushes %s", call.Rows[0].Delta)
	case words[1] != "nothing" && call.Key == "":
		return fmt.Errorf("nothing is pushed; brakes: %v", t.brakes())
	case words[1] == "applied" || words[1] == "arrives":
		t.answer(call, stock.Applied)
	case words[1] == "refused":
		t.answer(call, stock.Refused)
	case words[1] == "lost":
		t.answer(call, stock.Unknown)
	}
	return nil
}

func (t *teller) brake(words []string) error {
	if got := strings.Join(t.brakes(), ", "); got != words[0] && !(got == "" && words[0] == "none") {
		return fmt.Errorf("the brakes are: %s", got)
	}
	return nil
}

func (t *teller) judgeProgram(words []string) error {
	for _, brake := range t.brakesOf(mug, tillMug, webMug) {
		if brake.Kind == ledger.OtherProgram {
			t.one(ledger.ReleaseBrake{ID: brake.ID, Shelf: mug, By: words[0], Correct: words[1] == "wrong"})
			return nil
		}
	}
	return fmt.Errorf("no other program; brakes: %v", t.brakes())
}

func (t *teller) release(words []string) error {
	ids := t.typedTwice(mug, tillMug, webMug)
	if len(ids) == 0 {
		return fmt.Errorf("nothing was typed in twice; brakes: %v", t.brakes())
	}
	t.one(ledger.ReleaseBrake{ID: ids[0], Shelf: mug, By: words[0], Correct: words[1] == "corrects"})
	return nil
}

func (t *teller) resolve(words []string) error {
	ref := refOf(words[1])
	t.one(ledger.ResolvePush{Call: t.open[ref.Channel].Key, Ref: ref, Applied: words[2] == "applied", By: words[0]})
	return nil
}
