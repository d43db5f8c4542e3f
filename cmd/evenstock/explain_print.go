package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// printer writes the explanation for a person, with times of the given zone.
func (e explanation) printer(zone *time.Location) func(w io.Writer) error {
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
			p.shelf(shelf)
		}
		return p.err
	}
}

// explainPrinter keeps the first error of writing.
type explainPrinter struct {
	w    io.Writer
	zone *time.Location
	err  error
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

func (p *explainPrinter) shelf(s explainedShelf) {
	p.line("")
	p.line("%s: %s", s.Location, s.number())
	for _, fault := range s.Faults {
		p.line("!!! DAMAGED: %s. Run evenstock ledger verify before you trust this number.", fault)
	}
	if !s.Opened {
		p.line("not opened: nothing is pushed before evenstock baseline apply")
	}
	if s.Oversold != nil {
		p.line("%s", s.Oversold.text(p.zone))
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
	}
	p.line("")
	p.line("How it came to be")
	for _, h := range s.Trail {
		p.happening(h, s.Causes)
	}
}

// number is what the shelf has; a shelf that nobody opened has none, which is not zero.
func (s explainedShelf) number() string {
	if !s.Opened {
		return "no level yet"
	}
	return s.Sum.String() + " available"
}

// causes lists what the number is made of; its last row is the number itself.
func (p *explainPrinter) causes(s explainedShelf) {
	t := newTable("", "UNITS", "CAUSE", "CHANNEL", "OCCURRED", "RECORDED", "ENTRY", "EVIDENCE")
	for _, c := range s.Causes {
		t.row(signed(c.Quantity), c.Cause, orDash(string(c.Channel)), p.stamp(c.OccurredAt), p.stamp(c.RecordedAt), entryName(c.Entry), c.said())
	}
	for _, u := range s.Unexplained {
		t.row(signed(u.Quantity), "not explained", string(u.Ref.Channel), "-", p.stamp(u.Since), "-", "see below")
	}
	t.row("= " + s.Sum.String())
	p.table(t)
}

// said is the note with the ids that find the fact again on its platform.
func (c cause) said() string {
	return joined("; ", c.Note, evidence(c.Evidence))
}

func (p *explainPrinter) unexplained(u unexplained) {
	p.line("")
	p.line("Not explained: %s on %s, since %s", signed(u.Quantity), u.Ref, p.stamp(u.Since))
	for _, r := range u.Readings {
		p.line("  %s  %s instead of %s: %s, %s%s", p.stamp(r.OccurredAt), r.Showed, r.Showed-r.Difference, signed(r.Difference),
			sourceText(r.Source), p.recorded(r.OccurredAt, r.RecordedAt))
	}
	for _, c := range u.Causes {
		p.line("  %s  %s %s: %s", p.stamp(c.OccurredAt), c.Cause, signed(c.Quantity), c.said())
	}
	for _, r := range u.Recounts {
		p.line("  %s  recounted: %s %s", p.stamp(r.OccurredAt), r.Quantity, r.said())
	}
	p.line("  %s", u.Hint)
}

func (p *explainPrinter) counters(counters []explainedRef) {
	t := newTable("", "COUNTER", "STATUS", "BASELINE", "+ OTHERS", "+ OUR PUSHES", "= EXPECTED", "CHANGED THERE", "STATE")
	for _, c := range counters {
		t.row(c.Ref.String(), c.Status, c.Baseline.String(), signed(c.Differences), signed(c.Pushes), c.Expected.String(), p.stamp(c.Version), orDash(c.State))
	}
	p.table(t)
}

func (p *explainPrinter) happening(h *happening, causes []cause) {
	p.line("  %-5s %s  %s%s", entryName(h.Entry), p.stamp(h.OccurredAt), h.text(), p.recorded(h.OccurredAt, h.RecordedAt))
	p.why(h, causes)
	for _, push := range h.Pushes {
		p.push(h, push)
	}
}

// text says in words what happened.
func (h *happening) text() string {
	channel := orDash(string(h.Ref.Channel))
	switch h.What {
	case wasLinked:
		return channel + " linked"
	case wasBaseline:
		return joined(": ", fmt.Sprintf("%s counted %s at its baseline", channel, h.Quantity), h.Note)
	case wasDifference:
		text := fmt.Sprintf("%s showed %s instead of %s, %s: the level became %s", channel, h.Showed, h.Expected, sourceText(h.Source), h.Level)
		return joined("; ", text, h.Note)
	case wasRecount:
		return joined("; ", fmt.Sprintf("%s was recounted: %s", channel, h.Quantity), evidence(h.Evidence))
	case wasCorrection:
		return joined("; ", fmt.Sprintf("corrected by %s: the level became %s", signed(h.Quantity), h.Level), h.Note, evidence(h.Evidence))
	case wasStatus:
		return channel + " became " + h.Note
	}
	return "a push to " + channel
}

func (p *explainPrinter) push(h *happening, push *explainedPush) {
	text := fmt.Sprintf("        pushed to %s: %s", push.Ref.Channel, signed(push.Delta))
	if n := len(push.Because); n > 1 && push.Because[n-1] != h.Entry {
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
