package main

import (
	"fmt"
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

// untold are the stories whose teller says of a web shop what no order and no push of the story tells of.
var untold = map[string]string{
	"hand_edit":      "somebody typed a number into the admin",
	"typed_in_twice": "goods received are typed into the admin",
	"other_program":  "another program writes its own number",
}

// comeAndGo is why the stories of counters that come, go and are typed into while nobody follows them are not played.
const comeAndGo = "no line tells the shops how the counter came, went or was typed into"

// unplayed are the stories that are not played to the shops, and why.
var unplayed = map[string]string{
	"counted_late": comeAndGo, "counted_late_and_sold_meanwhile": comeAndGo, "linked_later_level": comeAndGo, "tracked_again_counter": comeAndGo,
	"gone_and_back_add": comeAndGo, "linked_again_with_an_answer": comeAndGo,
	"delivery_edited_afterwards": "the shops name their rows themselves: each edits its own in its own tests",
}

// tellerReadsMin is how many reads of the stories are held against the shops at the least.
const tellerReadsMin = 17

// TestTellersSayWhatPretendShopsShow plays what happens in the scenarios to the pretend shops: whenever the teller says that a
// counter is read, they show the number that the author wrote. Ties are told as the sandbox sees them; a level that lags behind
// its order is read again later in its story.
func TestTellersSayWhatPretendShopsShow(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../testdata/scenarios/*.txtar")
	require.NoError(t, err)
	reads := 0
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		if _, skip := unplayed[name]; skip {
			continue
		}
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		synctest.Test(t, func(t *testing.T) {
			for _, s := range tills(t, false, true) {
				b := &retold{t: t, name: name, channel: "till", till: s, shop: s}
				reads += b.tell(string(text))
			}
		})
		if _, skip := untold[name]; skip {
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			for _, s := range webs(t) {
				b := &retold{t: t, name: name, channel: "web", web: s, shop: s}
				reads += b.tell(string(text))
			}
		})
	}
	require.GreaterOrEqual(t, reads, 2*tellerReadsMin, "reads of the stories")
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
	// restocked is how many units of the order were put back.
	restocked int64
	ordered   bool
	// stale is a read that a shop did not agree with; a later one must.
	stale string
	reads int
}

var (
	tellsPush    = regexp.MustCompile(`^\S+ +(\S+) +push +our ([-+]\d+) was written`)
	tellsOpening = regexp.MustCompile(`^the mug has (\d+)$`)
	tellsRead    = regexp.MustCompile(`^(\S+) is read: (-?\d+)`)
	tellsMove    = regexp.MustCompile(`^history: (sold|returned|received|shrinkage) (\d+) as (\S+?)(?:, happened at (\S+))?$`)
	tellsRecount = regexp.MustCompile(`^history: counted (\d+) as (\S+?)(?:, happened at (\S+))?$`)
	tellsOrder   = regexp.MustCompile(`^order \S+: (\d+) taken(?:, (\d+) (return|cancel))?`)
	tellsCall    = regexp.MustCompile(`^push to (\S+): (\S+)$`)
)

// tell plays the whole file and returns how many reads agreed.
func (b *retold) tell(text string) int {
	b.keys = map[string]bool{}
	_, story, _ := strings.Cut(text, "-- story --\n")
	story, entries, _ := strings.Cut(story, "-- entries --\n")
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
	require.Empty(b.t, b.stale, "%s: never read as the shop shows it", b.name)
	return b.reads
}

func (b *retold) beat(says string) {
	if m := tellsOpening.FindStringSubmatch(says); m != nil {
		b.open(b.number(m[1]))
	} else if m := tellsRead.FindStringSubmatch(says); m != nil && m[1] == b.channel {
		b.read(m[2])
	} else if m := tellsCall.FindStringSubmatch(says); m != nil && m[1] == b.channel {
		b.push(m[2])
	} else if m := tellsMove.FindStringSubmatch(says); m != nil && b.till != nil && !b.keys[m[3]] {
		b.keys[m[3]] = true
		cause := map[string]stock.Cause{"sold": stock.Sold, "returned": stock.Returned, "received": stock.Received, "shrinkage": stock.Shrinkage}[m[1]]
		units := b.number(m[2])
		if cause == stock.Sold || cause == stock.Shrinkage {
			units = -units
		}
		b.till.adjust(cause, units, b.ago(m[4]))
	} else if m := tellsRecount.FindStringSubmatch(says); m != nil && b.till != nil {
		b.till.recount(b.number(m[1]), b.ago(m[3]))
	} else if m := tellsOrder.FindStringSubmatch(says); m != nil && b.web != nil {
		b.order(b.number(m[1]), m[2], m[3])
	}
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

func (b *retold) order(units int64, restocked, kind string) {
	if !b.ordered {
		b.web.order(units)
		b.ordered = true
	}
	for restocked != "" && b.restocked < b.number(restocked) {
		b.web.refund(kind)
		b.restocked++
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
