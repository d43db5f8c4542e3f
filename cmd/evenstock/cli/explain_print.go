package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/explain"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
)

// ExplanationPrinter writes the explanation for a person, with times of the given zone.
func ExplanationPrinter(e explain.Explanation, zone *time.Location) func(w io.Writer) error {
	return func(w io.Writer) error {
		p := explainPrinter{w: w, zone: zone}
		p.line("%s  %s", e.Item.SKU, orDash(e.Item.Name))
		if !e.AsOf.IsZero() {
			p.line("what had happened by %s", p.stamp(e.AsOf))
		}
		if !e.KnownAt.IsZero() {
			p.line("as it was known at %s", p.stamp(e.KnownAt))
		}
		for _, shelf := range e.Shelves {
			p.settle = settleLine(e, shelf)
			p.shelf(shelf)
		}
		return p.err
	}
}

// explainPrinter keeps the first error of writing.
type explainPrinter struct {
	w    io.Writer
	zone *time.Location
	// settle begins the command that settles units of the shelf; empty where it speaks of a past.
	settle string
	err    error
}

// settleLine is how a command begins that settles units of a shelf.
func settleLine(e explain.Explanation, shelf explain.Shelf) string {
	if !e.AsOf.IsZero() || !e.KnownAt.IsZero() {
		return ""
	}
	line := "evenstock settle " + shellQuoted(e.Item.SKU)
	if len(e.Shelves) > 1 {
		line += " --location " + shellQuoted(string(shelf.Location))
	}
	return line
}

func (p *explainPrinter) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintln(p.w, printable(fmt.Sprintf(format, args...)))
	}
}

func (p *explainPrinter) table(t *table) {
	if p.err == nil {
		p.err = t.write(p.w)
	}
}

func (p *explainPrinter) stamp(at time.Time) string { return stampIn(at, p.zone) }

// recorded says when the ledger wrote what occurred, where that was another second.
func (p *explainPrinter) recorded(occurred, recorded time.Time) string {
	if p.stamp(occurred) == p.stamp(recorded) {
		return ""
	}
	return fmt.Sprintf(" (recorded %s)", p.stamp(recorded))
}

func (p *explainPrinter) shelf(s explain.Shelf) {
	p.line("")
	p.line("%s: %s", s.Location, levelText(s))
	for _, fault := range s.Faults {
		p.line("!!! DAMAGED: %s. Run evenstock ledger verify before you trust this number.", fault)
	}
	if !s.Opened {
		p.line("%s", notOpened(s.Closed))
	}
	if s.Oversold != nil {
		p.line("%s", oversoldText(s.Oversold, p.zone))
	}
	for _, mark := range s.SoldOut {
		then := "the other channels go on selling, for sold_out_everywhere is off"
		if mark.Everywhere {
			then = "the other channels show 0 while it lasts"
		}
		p.line("marked as sold out on %s since %s: %s", mark.Channel, p.stamp(mark.Since), then)
	}
	if s.Opened || len(s.Causes)+len(s.Unexplained) > 0 {
		p.line("")
		p.causes(s)
	}
	for _, u := range s.Unexplained {
		p.unexplained(u)
	}
	if len(s.Counters) > 0 {
		p.line("")
		p.counters(s.Counters)
		for _, c := range s.Counters {
			if note := counterNotes[c.State]; note != "" {
				p.line("%s %s", c.Ref.Channel, note)
			}
		}
	}
	p.line("")
	p.line("How it came to be")
	together := s.ToldTogether()
	for _, step := range s.Trail {
		p.step(step, s.Causes, together[step.Entry])
	}
}

// levelText is what the shelf has; a shelf that nobody opened has none, which is not zero.
func levelText(s explain.Shelf) string {
	if !s.Opened {
		return "no level yet"
	}
	return s.Sum.String() + " available"
}

// causes lists what the number is made of; its last row is the number itself.
func (p *explainPrinter) causes(s explain.Shelf) {
	t := newTable("", "UNITS", "CAUSE", "CHANNEL", "OCCURRED", "RECORDED", "ENTRY", "EVIDENCE")
	for _, c := range s.Causes {
		t.row(signed(c.Quantity), c.Cause, orDash(string(c.Channel)), p.stamp(c.OccurredAt), p.stamp(c.RecordedAt), entryName(c.Entry), said(c))
	}
	for _, u := range s.Unexplained {
		t.row(signed(u.Quantity), "not explained", string(u.Ref.Channel), "-", p.stamp(u.Since), "-", "see below")
	}
	t.row("= " + s.Sum.String())
	p.table(t)
}

// said is the note with the ids that find the fact again on its platform.
func said(c explain.Cause) string {
	return joined("; ", editText(c), c.Note, evidence(c.Evidence))
}

// editText says what the channel made of what another entry had booked.
func editText(c explain.Cause) string {
	if c.Edit == nil {
		return ""
	}
	return fmt.Sprintf("booked %s (%s), corrected by %s to %s", signed(c.Edit.Was), entryName(c.Edit.Entry), c.Channel, signed(c.Edit.Now))
}

func (p *explainPrinter) unexplained(u explain.Unexplained) {
	p.line("")
	p.line("Not explained: %s on %s, since %s", signed(u.Quantity), u.Ref, p.stamp(u.Since))
	for _, r := range u.Readings {
		p.line("  %s  %s instead of %s: %s, %s%s", p.stamp(r.OccurredAt), r.Showed, r.Showed-r.Difference, signed(r.Difference),
			sourceText(r.Source), p.recorded(r.OccurredAt, r.RecordedAt))
	}
	for _, c := range u.Causes {
		p.line("  %s  %s %s: %s", p.stamp(c.OccurredAt), c.Cause, signed(c.Quantity), said(c))
	}
	for _, r := range u.Recounts {
		p.line("  %s  recounted: %s %s", p.stamp(r.OccurredAt), r.Quantity, said(r))
	}
	p.line("  %s", u.Hint)
	if p.settle != "" {
		words := app.SettleWords(u.Quantity > 0)
		p.line("  if it stays and you know what it was: %s --channel %s --as %s", p.settle, shellQuoted(string(u.Ref.Channel)), strings.Join(words, "|"))
	}
}

func (p *explainPrinter) counters(counters []explain.Counter) {
	t := newTable("", "COUNTER", "STATUS", "BASELINE", "+ OTHERS", "+ OUR PUSHES", "= EXPECTED", "CHANGED THERE", "STATE")
	for _, c := range counters {
		t.row(c.Ref.String(), c.Status, c.Baseline.String(), signed(c.Differences), signed(c.Pushes), c.Expected.String(), p.stamp(c.Version), orDash(stateText(c.State)))
	}
	p.table(t)
}

// step prints a step; its causes are told with the difference of entry last.
func (p *explainPrinter) step(s *explain.Step, causes []explain.Cause, last int64) {
	p.line("  %-5s %s  %s%s", entryName(s.Entry), p.stamp(s.OccurredAt), stepText(s), p.recorded(s.OccurredAt, s.RecordedAt))
	p.why(s, causes, last)
	for _, push := range s.Pushes {
		p.push(s, push)
	}
}

// stepText says in words what happened.
func stepText(s *explain.Step) string {
	channel := orDash(string(s.Ref.Channel))
	switch s.What {
	case explain.StepLinked:
		return channel + " linked"
	case explain.StepBaseline:
		if s.Waits {
			return fmt.Sprintf("%s counted %s at its baseline, and the level was %s: it had to wait to join", channel, s.Quantity, s.Level)
		}
		return joined(": ", fmt.Sprintf("%s counted %s at its baseline", channel, s.Quantity), s.Note)
	case explain.StepJoined:
		return joinedText(channel, s)
	case explain.StepAnew:
		return joined(": ", channel+" is counted for the first time, and the shelf begins anew", s.Note)
	case explain.StepDifference:
		text := fmt.Sprintf("%s showed %s instead of %s, %s: the level became %s", channel, s.Showed, s.Expected, sourceText(s.Source), s.Level)
		if s.Waits {
			return fmt.Sprintf("%s showed %s instead of %s, %s: %s while it waited to join, and the level stayed %s", channel, s.Showed, s.Expected, sourceText(s.Source), signed(s.Quantity), s.Level)
		}
		return joined("; ", text, s.Note)
	case explain.StepSoldOut:
		if stock.SoldOut(s.Evidence[ledger.EvidenceSoldOut]) == stock.IsSoldOut {
			return channel + " marks it as sold out, whatever it counts; where the configuration says so, the others show 0"
		}
		return channel + " no longer marks it as sold out; the others show the level again"
	case explain.StepRecount:
		return joined("; ", fmt.Sprintf("%s was recounted: %s", channel, s.Quantity), evidence(s.Evidence))
	case explain.StepSettled:
		return settledStepText(channel, s)
	case explain.StepCorrection:
		return joined("; ", fmt.Sprintf("corrected by %s: the level became %s", signed(s.Quantity), s.Level), s.Note, evidence(s.Evidence))
	case explain.StepPushEdited:
		return joined("; ", fmt.Sprintf("our own push of %s was edited on %s to %s", signed(s.Edit.Was), channel, signed(s.Edit.Now)), evidence(s.Evidence))
	case explain.StepStatus:
		return channel + " became " + s.Note
	}
	return "a push to " + channel
}

// settledStepText says what a person has settled, or what became of that.
func settledStepText(channel string, s *explain.Step) string {
	if s.Settled.Of != 0 {
		return fmt.Sprintf("%s of %s is %s no longer (%s), %s: the level stayed %s", signed(-s.Quantity), channel, s.Settled.As, entryName(s.Settled.Of), s.Note, s.Level)
	}
	return fmt.Sprintf("%s of %s is %s, %s (%s): the level stayed %s", signed(s.Quantity), channel, s.Settled.As, s.Note, orDash(s.Settled.By), s.Level)
}

// joinedText says what a person said of a counter that waited, and what came of it.
func joinedText(channel string, s *explain.Step) string {
	e := s.Evidence
	said := e["join"]
	if e["untold"] != "" {
		said += ", " + e["untold"]
	}
	text := fmt.Sprintf("%s joined, %s said %s: it came with %s to a level of %s", channel, orDash(e["by"]), said, e["came_with"], e["came_to"])
	if e["counted"] != e["came_with"] || e["level"] != e["came_to"] {
		text += fmt.Sprintf(", and counted %s to %s by then", e["counted"], e["level"])
	}
	return fmt.Sprintf("%s; the level became %s", text, s.Level)
}

func (p *explainPrinter) push(s *explain.Step, push *explain.Push) {
	text := fmt.Sprintf("        pushed to %s: %s", push.Ref.Channel, signed(push.Delta))
	if n := len(push.Because); n > 1 && push.Because[n-1] != s.Entry {
		p.line("%s together with %s", text, entryName(push.Because[n-1]))
		return
	}
	text += ", sent " + p.stamp(push.SentAt)
	switch push.Outcome {
	case ledger.Answered.String():
		text += ", answered " + p.stamp(push.AnsweredAt)
		if !push.Confirmed {
			text += ", not read back yet"
		}
	default:
		text += ", " + joined(": ", push.Outcome, push.Note)
	}
	p.line("%s; call %s", text, push.Call)
}

// stateText says in words how a counter stands, with the command to go on with where a person is waited for.
func stateText(state explain.State) string {
	switch state {
	case explain.StateSetAside:
		return "set aside: evenstock push list"
	case explain.StateWaiting:
		return "waits to join: evenstock link waiting"
	}
	return string(state)
}

func sourceText(source string) string {
	switch source {
	case "delivered":
		return "told by a webhook or a sweep"
	case "own read":
		return "read by us"
	}
	return orDash(source)
}

func entryName(seq int64) string { return fmt.Sprintf("#%d", seq) }

// joined puts a separator between the parts that are not empty.
func joined(separator string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), separator)
}

// signed prints a quantity with its sign.
func signed(q stock.Quantity) string {
	if q > 0 {
		return "+" + q.String()
	}
	return q.String()
}

// why prints below a difference what explained it.
func (p *explainPrinter) why(s *explain.Step, causes []explain.Cause, last int64) {
	switch {
	case len(s.ExplainedBy) == 0:
		return
	case last != s.Entry:
		p.line("        why: together with %s", entryName(last))
		return
	}
	var told []string
	for _, entry := range s.ExplainedBy {
		for _, c := range causes {
			switch {
			case c.Entry != entry || c.Cause == explain.CauseCorrected:
			case c.Cause == explain.CauseWaiting && c.Evidence["untold"] != "":
				told = append(told, fmt.Sprintf("a count that was typed in, %s said (%s)", orDash(c.Evidence["by"]), entryName(entry)))
			case c.Evidence["join"] != "": // what a person said of the two numbers is no cause of a difference
			case c.Cause == explain.CauseCorrection:
				told = append(told, fmt.Sprintf("taken back (%s)", entryName(entry)))
			default:
				told = append(told, fmt.Sprintf("%s %s (%s)", signed(c.Quantity), c.Cause, entryName(entry)))
			}
		}
	}
	p.line("        why: %s", strings.Join(slices.Compact(told), ", "))
}

func oversoldText(o *explain.Oversold, zone *time.Location) string {
	text := "oversold by " + o.Units.String()
	for i, sale := range o.Sales {
		before := "; last sold: "
		if i > 0 {
			before = ", "
		}
		text += fmt.Sprintf("%s%s on %s at %s (%s)", before, -sale.Quantity, sale.Channel, stampIn(sale.OccurredAt, zone), evidence(sale.Evidence))
	}
	if len(o.Sales) == 0 {
		text += "; no sale is known that did it"
	}
	return text
}
