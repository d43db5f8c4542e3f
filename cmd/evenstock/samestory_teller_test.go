package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
)

// part is what one channel has of a story.
type part struct {
	story   string
	channel stock.Channel
}

// unplayed are the parts that are not played to the shops, and why.
var unplayed = map[part]string{
	{"gone_and_back_add", "till"}: "no platform brings a deleted article back under its id: the rules must bear it, and only the simulator plays it",
}

// manyArticles is how the story of a shop with many articles begins. It is not played: what is done to each of them is done to the one mug
// of the other stories.
var manyArticles = regexp.MustCompile(`(?m)^\S+ the shop has \d+ articles, `)

// tellerReadsMin is how many times the counters of the stories are held against the shops at the least.
const tellerReadsMin = 180

// TestTellersSayWhatPretendShopsShow plays what happens in the scenarios to the pretend shops: whenever the teller says that a
// counter is read, they show the number that the author wrote, and in the end what the ledger expects. Ties are told as the sandbox
// sees them; a level that lags behind its order is read again later in its story.
func TestTellersSayWhatPretendShopsShow(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../testdata/scenarios/*.txtar")
	require.NoError(t, err)
	reads, left := 0, maps.Clone(unplayed)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		if manyArticles.Match(text) {
			continue
		}
		for _, channel := range []stock.Channel{"till", "web"} {
			if _, skip := unplayed[part{name, channel}]; skip {
				delete(left, part{name, channel})
				continue
			}
			synctest.Test(t, func(t *testing.T) {
				for _, b := range retellers(t, channel) {
					b.t, b.name, b.channel = t, name, string(channel)
					reads += b.tell(string(text))
				}
			})
		}
	}
	require.Empty(t, left, "no such story")
	require.GreaterOrEqual(t, reads, tellerReadsMin, "reads of the stories")
}

// retellers are all pretend shops of a channel.
func retellers(t *testing.T, channel stock.Channel) (list []*retold) {
	if channel == "till" {
		for _, s := range tills(t, false, true) {
			list = append(list, &retold{till: s, shop: s})
		}
		return list
	}
	for _, s := range webs(t) {
		list = append(list, &retold{web: s, shop: s})
	}
	return list
}

// retold is one channel's part of a scenario, played to a pretend shop.
type retold struct {
	t             *testing.T
	name, channel string
	shop          pretendShop
	till          pretendTill // nil on the web
	web           pretendWeb

	line string
	now  time.Time
	// deltas are what the story's pushes to the channel will be, in order; sent are those on their way, with when they occurred.
	deltas []int64
	calls  int
	sent   func()
	keys   map[string]bool
	// orders are the web shop's, by what the story calls them, with how many units of each were put back.
	orders map[string]*retoldOrder
	// stale is a read that a shop did not agree with; a later one must.
	stale string
	reads int
}

type retoldOrder struct {
	number    int
	restocked int64
}

var tellsPush = regexp.MustCompile(`^\S+ +(\S+) +push +our ([-+]\d+) was written`)

// tells are the lines that are played, and what they do. Where the first group is a channel, it is another's line or ours.
var tells = []struct {
	pattern *regexp.Regexp
	tell    func(b *retold, words []string)
}{
	{regexp.MustCompile(`^the mug has (\d+)$`), func(b *retold, words []string) { b.open(b.number(words[0])) }},
	{regexp.MustCompile(`^(till|web) is read: (-?\d+|missing|not tracked)`), func(b *retold, words []string) { b.read(words[1]) }},
	{regexp.MustCompile(`^push to (till|web): (\S+)$`), func(b *retold, words []string) { b.push(words[1]) }},
	{regexp.MustCompile(`^people at (till|web) set (-?\d+)$`), func(b *retold, words []string) { b.set(b.number(words[1])) }},
	{regexp.MustCompile(`^people at (till|web) (stop|go on) counting$`), func(b *retold, words []string) { b.shop.track(words[1] == "go on") }},
	{regexp.MustCompile(`^people at (web) order (\d+) as (\S+)$`), func(b *retold, words []string) { b.order(words[2], b.number(words[1]), "", "") }},
	{regexp.MustCompile(`^people .*`), func(b *retold, words []string) { require.Fail(b.t, "nobody plays that", "%s, %q", b.name, b.line) }},
	{regexp.MustCompile(`^history: (sold|returned|received|shrinkage) (\d+) as (\S+?)(?:, happened at (\S+))?$`), (*retold).adjust},
	{regexp.MustCompile(`^history: \S+ was edited to (\d+)$`), (*retold).edit},
	{regexp.MustCompile(`^history: counted (\d+) as (\S+?)(?:, happened at (\S+))?$`), (*retold).recount},
	{regexp.MustCompile(`^order (\S+): (\d+) taken(?:, (\d+) (return|cancel))?`), func(b *retold, words []string) { b.order(words[0], b.number(words[1]), words[2], words[3]) }},
}

// tell plays the whole file and returns how many reads agreed.
func (b *retold) tell(text string) int {
	b.keys, b.orders = map[string]bool{}, map[string]*retoldOrder{}
	_, story, _ := strings.Cut(text, "-- story --\n")
	story, entries, _ := strings.Cut(story, "-- entries --\n")
	entries, end, _ := strings.Cut(entries, "-- end --\n")
	for line := range strings.Lines(entries) {
		if m := tellsPush.FindStringSubmatch(line); m != nil && m[1] == b.channel {
			b.deltas = append(b.deltas, b.number(m[2]))
		}
	}
	for line := range strings.Lines(story) {
		b.line = strings.TrimSpace(line)
		clock, says, _ := strings.Cut(b.line, " ")
		at := b.timeOfDay(clock)
		if !b.now.IsZero() {
			b.shop.wait(at.Sub(b.now))
		}
		b.now = at
		b.beat(says)
	}
	b.end(end)
	require.Empty(b.t, b.stale, "%s: never read as the shop shows it", b.name)
	return b.reads
}

func (b *retold) beat(says string) {
	for _, kind := range tells {
		words := kind.pattern.FindStringSubmatch(says)
		if words == nil {
			continue
		}
		if words = words[1:]; len(words) == 0 || words[0] == b.channel || words[0] != "till" && words[0] != "web" {
			kind.tell(b, words)
		}
		return
	}
}

// expects is what the counter is expected to show in the end.
var expects = regexp.MustCompile(`(?m)^(\S+) expects (-?\d+),.*, live$`)

// end holds what the counter is expected to show in the end against the shop.
func (b *retold) end(end string) {
	for _, m := range expects.FindAllStringSubmatch(end, -1) {
		if m[1] == b.channel {
			b.line = m[0]
			b.shop.wait(time.Minute)
			b.read(m[2])
		}
	}
}

func (b *retold) adjust(words []string) {
	if b.till == nil || b.keys[words[2]] {
		return
	}
	b.keys[words[2]] = true
	cause := map[string]stock.Cause{"sold": stock.Sold, "returned": stock.Returned, "received": stock.Received, "shrinkage": stock.Shrinkage}[words[0]]
	units := b.number(words[1])
	if cause == stock.Sold || cause == stock.Shrinkage {
		units = -units
	}
	b.till.adjust(cause, units, b.ago(words[3]))
}

func (b *retold) edit(words []string) {
	if b.till != nil {
		b.till.edit(b.number(words[0]))
	}
}

func (b *retold) recount(words []string) {
	if b.till != nil {
		b.till.recount(b.number(words[0]), b.ago(words[2]))
	}
}

// set is what people type in: the count at a till, and on the web what makes it of what is shown.
func (b *retold) set(units int64) {
	if b.till != nil {
		b.till.recount(units, 0)
		return
	}
	shown, whole := b.shop.read().Quantity.WholeUnits()
	require.True(b.t, whole, "%s, %q", b.name, b.line)
	b.web.hand(units - shown)
}

// open gives the counter its first count two minutes before the story begins.
func (b *retold) open(units int64) {
	if b.till != nil {
		b.till.recount(units, 0)
	} else {
		b.web.hand(units)
	}
	b.shop.wait(2 * time.Minute)
}

func (b *retold) read(units string) {
	b.stale = ""
	if units == "not tracked" {
		units = stock.Untracked.String()
	}
	if got := shows(b.shop.read()); got != units {
		b.stale = fmt.Sprintf("%q, but the shop shows %s", b.line, got)
		return
	}
	b.reads++
}

// push sends what the ledger sent then. One that is only sent reaches the shop when its answer arrives.
func (b *retold) push(outcome string) {
	switch outcome {
	case "arrives":
		if b.sent != nil {
			b.sent()
			b.sent = nil
		}
		return
	case "nothing", "refused":
		return
	}
	require.NotEmpty(b.t, b.deltas, "%s, %q: the entries tell of no push", b.name, b.line)
	delta, occurred := b.deltas[0], b.now
	b.deltas = b.deltas[1:]
	b.calls++
	key := fmt.Sprintf("call%d", b.calls)
	write := func() {
		require.Equal(b.t, stock.Applied, b.shop.write(key, delta, b.now.Sub(occurred)), "%s, %q", b.name, b.line)
	}
	if outcome == "sent" {
		b.sent = write
		return
	}
	write()
}

// order places an order when it is first told of, and puts units of the latest back.
func (b *retold) order(name string, units int64, restocked, kind string) {
	if b.web == nil {
		return
	}
	if b.orders[name] == nil {
		b.web.order(units)
		b.orders[name] = &retoldOrder{number: len(b.orders)}
	}
	order := b.orders[name]
	if restocked == "" {
		return
	}
	require.Equal(b.t, len(b.orders)-1, order.number, "%s, %q: only the latest order can be changed", b.name, b.line)
	for ; order.restocked < b.number(restocked); order.restocked++ {
		b.web.refund(kind)
	}
}

// ago is how long ago a time of day is; 0 for none.
func (b *retold) ago(clock string) time.Duration {
	if clock == "" {
		return 0
	}
	return b.now.Sub(b.timeOfDay(clock))
}

func (b *retold) timeOfDay(clock string) time.Time {
	t, err := time.Parse(time.TimeOnly, clock)
	require.NoError(b.t, err, "%s, %q", b.name, b.line)
	return t
}

func (b *retold) number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	require.NoError(b.t, err, "%s, %q", b.name, b.line)
	return n
}
