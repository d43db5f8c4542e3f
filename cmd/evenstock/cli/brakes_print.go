package cli

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/explain"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
)

const (
	// articlesShown is how many counters of a brake are listed, observingShown how many articles are named that wait for a baseline;
	// --json has all.
	articlesShown  = 50
	observingShown = 8
)

// printBrakes says of each brake why it holds, what a person can do, and which pushes wait. Shelves without a level are one for each
// reason.
func printBrakes(w io.Writer, list []app.Brake) error {
	observing := map[explain.Closure][]string{}
	var blocks []string
	for _, b := range list {
		if b.Closed != nil {
			observing[*b.Closed] = append(observing[*b.Closed], b.SKU)
			continue
		}
		blocks = append(blocks, brakeBlock(b))
	}
	for _, closed := range slices.SortedFunc(maps.Keys(observing), func(a, b explain.Closure) int {
		return cmp.Or(strings.Compare(string(a.Why), string(b.Why)), cmp.Compare(a.Channel, b.Channel))
	}) {
		blocks = append(blocks, observingBlock(closed, observing[closed]))
	}
	if len(blocks) == 0 {
		blocks = []string{"nothing holds pushes back\n"}
	}
	_, err := io.WriteString(w, strings.Join(blocks, "\n"))
	return err
}

// brakeBlock says everything about one brake.
func brakeBlock(b app.Brake) string {
	pushes := plural(b.Held, "push")
	if b.Change != nil {
		pushes += " to " + string(b.Channel)
	}
	text := fmt.Sprintf("%s since %s: %s held\n  why:        %s\n  what to do: %s\n", brakeName(b), stamp(b.Since), pushes, onLines(brakeReason(b)), onLines(brakeRemedyText(b)))
	return printableLines(text) + articleTable(b)
}

func observingBlock(closed explain.Closure, skus []string) string {
	named := strings.Join(skus[:min(len(skus), observingShown)], ", ")
	if more := len(skus) - observingShown; more > 0 {
		named += fmt.Sprintf(" and %d more", more)
	}
	return printableLines(fmt.Sprintf("%s: %s without a level: nothing is pushed\n  why:        %s\n  which:      %s\n  what to do: %s\n", ledger.Observing, plural(len(skus), "shelf"),
		closedText(closed), named, remedies[app.ClosedRemedy(closed.Why)]))
}

// brakeName says what a brake is and where; of a mass change, where it came from.
func brakeName(b app.Brake) string {
	switch {
	case b.Change != nil:
		return massChangeName(b)
	case b.SKU != "":
		return fmt.Sprintf("%s: %s at %s", b.Kind, b.SKU, b.Shelf.Location)
	case b.Channel != "":
		return fmt.Sprintf("%s on %s", b.Kind, b.Channel)
	}
	return b.Kind
}

// brakeReason says to a person why a brake holds.
func brakeReason(b app.Brake) string {
	switch b.Kind {
	case ledger.MassChange.String():
		return massChangeReason(b)
	case ledger.TypedTwice.String():
		return typedTwiceReason(b.Evidence)
	case ledger.OtherProgram.String():
		return programReason(b.Ref.Channel, b.Evidence)
	case ledger.ZeroUnconfirmed.String():
		return fmt.Sprintf("%s shows none, or less, and no second reading has confirmed it yet", b.Ref.Channel)
	case ledger.RaiseUnconfirmed.String():
		return fmt.Sprintf("%s shows more than before, and no second reading has confirmed it yet", b.Ref.Channel)
	}
	return evidence(b.Evidence)
}

// typedTwiceReason says in words what may have been typed in on two counters, or on one over a mark.
func typedTwiceReason(e stock.Evidence) string {
	kept, doubted := channelOf(e["kept"]), channelOf(e["doubted"])
	if kept == doubted && e["hidden"] == "" {
		kept, doubted = e["kept"], e["doubted"]
	}
	keptAt, doubtedAt := evidenceTime(e["kept_at"]), evidenceTime(e["doubted_at"])
	switch {
	case e["hidden"] != "":
		return fmt.Sprintf("%s were typed in on %s%s%s, which showed none because another channel marks it as sold out: they may be in the level already",
			units(e["hidden"]), doubted, steps(e["doubted_steps"]), doubtedAt)
	case e["move"] != "":
		return fmt.Sprintf("%s moved at %s%s, and as many at %s%s, and neither knew of the other: it may be the same transfer, typed in on both",
			units(e["move"]), kept, keptAt, doubted, doubtedAt)
	case e["doubted_count"] != "":
		return fmt.Sprintf("%s fell to %s%s, and %s to %s%s, and neither knew of the other: it may be the same units, gone once",
			kept, e["count"], keptAt, doubted, e["doubted_count"], doubtedAt)
	case e["fall"] != "":
		return fmt.Sprintf("%s fell to %s%s, and %s too%s, and neither knew of the other: it may be the same %s, gone once",
			kept, e["count"], keptAt, doubted, doubtedAt, units(e["fall"]))
	case e["kept_raise"] != "":
		return fmt.Sprintf("%s came to %s%s, and %s to %s%s, and neither knew of the other: they may be the same goods, counted twice",
			units(e["kept_raise"]), kept, keptAt, units(e["raise"]), doubted, doubtedAt)
	}
	return fmt.Sprintf("%s came to %s%s%s, and as many to %s%s%s: they may be the same goods, typed in on both", units(e["raise"]),
		kept, steps(e["kept_steps"]), keptAt, doubted, steps(e["doubted_steps"]), doubtedAt)
}

// steps says by which steps goods were typed in; nothing where they were at once.
func steps(evidence string) string {
	if evidence == "" {
		return ""
	}
	return " as " + evidence
}

// programReason says in words what is evidence of another program.
func programReason(channel stock.Channel, e stock.Evidence) string {
	who := "something"
	if name := e["program"]; name != "" {
		who = name
	}
	var did []string
	if n := e["returned"]; n != "" {
		did = append(did, fmt.Sprintf("%s sets %s back to what it showed before our pushes: %s", who, channel, times(n)))
	}
	if n := e["repeated"]; n != "" {
		did = append(did, fmt.Sprintf("%s answers our pushes on %s with changes the same way: %s", who, channel, times(n)))
	}
	if n := e["rows"]; n != "" {
		did = append(did, fmt.Sprintf("another installation of evenstock, or one from before this data folder, writes %s: %s, the last as %s", channel, times(n), e["reference"]))
	}
	text := fmt.Sprintf("%s, by %s together", strings.Join(did, "; and "), units(e["units"]))
	if e["rows"] == "" {
		text += ", and no sale or return explains it"
	}
	text += fmt.Sprintf("; it shows %s now", e["shows"])
	if e["again"] != "" {
		text += "; you had said before that it is wrong"
	}
	return text
}

// programTakenBack says of a correction what of another program's doings it takes back, and what of others' it leaves.
func programTakenBack(b app.Brake, dryRun bool) string {
	is, stays := "is", "stays"
	if dryRun {
		is, stays = "would be", "would stay"
	}
	text := fmt.Sprintf("all that it wrote on %s since%s %s taken back: %s together\n", b.Ref.Channel, strings.TrimPrefix(evidenceTime(b.Evidence["first"]), " at"), is, units(b.Evidence["units"]))
	if b.Evidence["rows"] != "" {
		text += fmt.Sprintf("what it wrote on channels that do not tell who writes %s, without a cause: see evenstock explain %s\n", stays, b.SKU)
	}
	if left := b.Evidence["left"]; left != "" {
		text += fmt.Sprintf("what else changed there within a day and nobody explained %s: %s; if the program wrote that too, put it right on the channel\n", stays, units(left))
	}
	return text
}

// channelOf is the channel of a counter that evidence names.
func channelOf(ref string) string {
	channel, _, _ := strings.Cut(ref, "/")
	return channel
}

func times(n string) string {
	if n == "1" {
		return "once"
	}
	return n + " times"
}

func units(quantity string) string {
	if quantity == "1" || quantity == "-1" {
		return quantity + " unit"
	}
	return quantity + " units"
}

// evidenceTime says when, by the local clock; nothing where it is not known.
func evidenceTime(text string) string {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return ""
	}
	return " at " + at.Local().Format("15:04:05")
}

// onLines gives each part of a text a line of its own, below the first.
func onLines(text string) string { return strings.ReplaceAll(text, "; ", "\n              ") }

// brakeRemedyText says what to type.
func brakeRemedyText(b app.Brake) string {
	text := whatToDo(b.Remedy, []string{b.ID})
	switch {
	case b.Change != nil:
		text = massChangeRemedy(b)
	case b.Answers != nil && b.Kind == ledger.TypedTwice.String():
		text = typedTwiceRemedy(b)
	case b.Answers != nil:
		text = programRemedy(b)
	}
	if waitsForPerson(b.Remedy) {
		text += "; add --dry-run to see first what that would push"
	}
	return text
}

// typedTwiceRemedy says what the level becomes with each answer, for "both are right" says whoever has typed the same count in on both.
func typedTwiceRemedy(b app.Brake) string {
	once, twice := "the same goods, which came once", "other goods at each counter"
	switch {
	case b.Evidence["hidden"] != "":
		once, twice = "nothing came, they were there already", "goods that came"
	case b.Evidence["move"] != "":
		once, twice = "the same transfer", "two transfers"
	case b.Evidence["fall"] != "":
		once, twice = "the same units, gone once", "other units at each counter, gone together"
	}
	return answerText(once, b.Answers.Corrected, b.ID+" --correct") + "; " + answerText(twice, b.Answers.Released, b.ID)
}

// programRemedy says what the level becomes with each answer. Only a count says what is there: a program that is right for now may have
// undone sales that it knew nothing of.
func programRemedy(b app.Brake) string {
	return "switch the other program off there; count the shelf first: if the program undid sales, what it wrote is too much by as much; " +
		answerText("it is right, with all that it wrote", b.Answers.Released, b.ID) + "; " +
		answerText("it is wrong", b.Answers.Corrected, b.ID+" --correct")
}

func answerText(answer string, level stock.Quantity, release string) string {
	return fmt.Sprintf("%s: the level is %s, and every counter follows: evenstock brakes release %s", answer, level, release)
}

// articleTable lists the counters that a brake is about: what they show, what they should show, and whether that was pushed.
func articleTable(b app.Brake) string {
	if len(b.Articles) == 0 {
		return ""
	}
	t := newTable("", "SKU", "LOCATION", "CHANNEL", "NOW", "TARGET", "PUSH")
	if b.Change != nil {
		t = newTable("", "SKU", "LOCATION", "CHANGED ON", "BEFORE", "NOW", "PUSH TO", "SHOWS", "TARGET", "PUSH")
	}
	for _, article := range b.Articles[:min(len(b.Articles), articlesShown)] {
		push := []string{string(article.Ref.Channel), article.Now.String(), article.Target.String(), map[bool]string{true: "held", false: "pushed"}[article.Held]}
		if b.Change == nil {
			t.row(append([]string{article.SKU, string(article.Location)}, push...)...)
			continue
		}
		for _, origin := range originCells(article) {
			t.row(slices.Concat([]string{article.SKU, string(article.Location)}, origin, push)...)
		}
	}
	text := tableText(t)
	if more := len(b.Articles) - articlesShown; more > 0 {
		text += fmt.Sprintf("and %d more: --json lists all\n", more)
	}
	return indent(text)
}

// printRelease says what a release does, or would do.
func printRelease(w io.Writer, result app.ReleaseResult, dryRun bool) error {
	released, level, none, pushes := "was released", "the level became", "nothing is pushed because of it", "these pushes follow:"
	if dryRun {
		released, level, none, pushes = "would be released", "the level would become", "nothing would be pushed", "these pushes would follow:"
	}
	text := fmt.Sprintf("%s: %s\n", result.ID, released)
	if change := result.Level; change != nil {
		text += fmt.Sprintf("%s at %s: %s %s, from %s\n", result.SKU, result.Shelf.Location, level, change.To, change.From)
	}
	if result.Corrected && result.Kind == ledger.OtherProgram.String() {
		text += programTakenBack(result.Brake, dryRun)
	}
	if !result.PassesUntil.IsZero() {
		text += fmt.Sprintf("until %s as much again of the same passes; what else changes on %s is judged as ever\n", stamp(result.PassesUntil), result.Channel)
	}
	if len(result.Pushes) == 0 {
		text += none + "\n"
	} else {
		text += pushes + "\n"
	}
	text = printableLines(text)
	if len(result.Pushes) > 0 {
		t := newTable("", "SKU", "LOCATION", "CHANNEL", "FROM", "TO")
		for _, push := range result.Pushes {
			t.row(push.SKU, string(push.Location), string(push.Ref.Channel), push.From.String(), push.To.String())
		}
		text += indent(tableText(t))
	}
	if n := result.StillHeld; n > 0 {
		text += fmt.Sprintf("%s waits for something else: see evenstock brakes\n", plural(n, "push"))
	}
	if dryRun {
		text += "nothing was done\n"
	}
	_, err := io.WriteString(w, text)
	return err
}

func tableText(t *table) string {
	var text bytes.Buffer
	_ = t.write(&text) // a buffer takes everything
	return text.String()
}

func indent(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString("  " + line)
	}
	return b.String()
}

func printableLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = printable(line)
	}
	return strings.Join(lines, "\n")
}
