package cli

import (
	"bytes"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/explain"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/health"
)

var (
	brakeTime = time.Date(2026, 11, 30, 9, 0, 0, 0, time.Local)
	twenty    = stock.Units(20)
	shelf     = stock.Shelf{Item: "item-mug", Location: "main"}
	onTill    = stock.Ref{Channel: "till", Item: "V1", Location: "L1"}
	onWeb     = stock.Ref{Channel: "web", Item: "45", Location: "77"}

	massBrake = app.Brake{ID: "mass-change/till/1", Kind: ledger.MassChange.String(), Channel: "till", Since: brakeTime, Held: 1, Remedy: app.RemedyReleaseBrake,
		Change: &app.MassChange{Since: brakeTime.Add(-10 * time.Minute), Shelves: 2, Units: stock.Units(35), Before: stock.Units(60), Parts: 7 * stock.Unit / 4, Stocked: 3, MaxShelves: 250, MaxPercent: 30, WindowMinutes: 10},
		Articles: []app.BrakedArticle{{SKU: "CUP", Location: "main", Ref: onTill, Before: &twenty, Origins: fromWeb(0, app.OriginChange{At: brakeTime, PutBack: twenty})},
			{SKU: "MUG", Location: "main", Ref: onTill, Before: &twenty, Now: stock.Units(20), Target: stock.Units(5), Held: true,
				Origins: fromWeb(5, app.OriginChange{At: brakeTime, PutBack: stock.Units(22)}, app.OriginChange{At: brakeTime.Add(8 * time.Minute), PutBack: twenty})}}}
	twiceBrake = app.Brake{ID: "typed-twice/1", Kind: ledger.TypedTwice.String(), Channel: "web", Shelf: shelf, SKU: "MUG", Since: brakeTime, Held: 1, Remedy: app.RemedyReleaseTwice, Answers: &app.BrakeAnswers{Released: stock.Units(27), Corrected: stock.Units(7)},
		Evidence: stock.Evidence{"kept": "till/V1@L1", "kept_at": brakeTime.UTC().Format(time.RFC3339), "doubted": "web/45@77", "doubted_at": brakeTime.Add(time.Minute).UTC().Format(time.RFC3339), "raise": "20"},
		Articles: []app.BrakedArticle{{SKU: "MUG", Location: "main", Ref: onWeb, Now: stock.Units(7), Target: stock.Units(27), Held: true}}}
	stepsBrake = app.Brake{ID: "typed-twice/2", Kind: ledger.TypedTwice.String(), Channel: "web", Shelf: shelf, SKU: "MUG", Since: brakeTime, Remedy: app.RemedyReleaseTwice,
		Evidence: with(twiceBrake.Evidence, "kept_steps", "12 + 8")}
	emptyBrake = app.Brake{ID: "typed-twice/3", Kind: ledger.TypedTwice.String(), Channel: "web", Shelf: shelf, SKU: "MUG", Since: brakeTime, Remedy: app.RemedyReleaseTwice, Answers: &app.BrakeAnswers{Released: stock.Units(-8)},
		Evidence: with(with(twiceBrake.Evidence, "fall", "8"), "count", "0")}
	moveBrake = app.Brake{ID: "typed-twice/4", Kind: ledger.TypedTwice.String(), Channel: "web", Shelf: shelf, SKU: "MUG", Since: brakeTime, Remedy: app.RemedyReleaseTwice, Answers: &app.BrakeAnswers{Released: stock.Units(12), Corrected: stock.Units(7)},
		Evidence: with(twiceBrake.Evidence, "move", "5")}
	countBrake = app.Brake{ID: "typed-twice/5", Kind: ledger.TypedTwice.String(), Channel: "web", Shelf: shelf, SKU: "MUG", Since: brakeTime, Remedy: app.RemedyReleaseTwice,
		Evidence: with(twiceBrake.Evidence, "kept_raise", "21")}
	fallBrake = app.Brake{ID: "typed-twice/6", Kind: ledger.TypedTwice.String(), Channel: "web", Shelf: shelf, SKU: "MUG", Since: brakeTime, Remedy: app.RemedyReleaseTwice, Answers: &app.BrakeAnswers{Released: stock.Units(-36), Corrected: stock.Units(3)},
		Evidence: with(with(with(twiceBrake.Evidence, "fall", "39"), "count", "3"), "doubted_count", "2")}
	overBrake = app.Brake{ID: "typed-twice/7", Kind: ledger.TypedTwice.String(), Channel: "web", Shelf: shelf, SKU: "MUG", Since: brakeTime, Held: 1, Remedy: app.RemedyReleaseTwice, Answers: &app.BrakeAnswers{Released: stock.Units(126), Corrected: stock.Units(53)},
		Evidence: stock.Evidence{"kept": "web/45@77", "doubted": "web/45@77", "doubted_at": brakeTime.UTC().Format(time.RFC3339), "hidden": "73", "doubted_steps": "20 + 53"},
		Articles: []app.BrakedArticle{{SKU: "MUG", Location: "main", Ref: onTill, Now: stock.Units(53), Target: stock.Units(126), Held: true}}}
	programBrake = app.Brake{ID: "other-program/1", Kind: ledger.OtherProgram.String(), Channel: "web", Shelf: shelf, SKU: "MUG", Ref: onWeb, Since: brakeTime, Remedy: app.RemedyReleaseProgram, Answers: &app.BrakeAnswers{Released: stock.Units(52), Corrected: stock.Units(49)},
		Evidence: stock.Evidence{"counter": "web/45@77", "returned": "2", "units": "3", "shows": "52", "program": "stockbot", "again": "yes"}}
	raiseBrake = app.Brake{ID: "raise/1", Kind: ledger.RaiseUnconfirmed.String(), Shelf: shelf, SKU: "MUG", Ref: onWeb, Since: brakeTime, Remedy: app.RemedyWait}
	zeroBrake  = app.Brake{ID: "zero/1", Kind: ledger.ZeroUnconfirmed.String(), Shelf: shelf, SKU: "MUG", Ref: onWeb, Since: brakeTime, Remedy: app.RemedyWait}
)

// fromWeb is that a change came from the web.
func fromWeb(shows int64, changes ...app.OriginChange) []app.Origin {
	return []app.Origin{{Ref: onWeb, Shows: stock.Units(shows), Changes: changes}}
}

func printedBrakes(t *testing.T, list ...app.Brake) string {
	t.Helper()
	var text bytes.Buffer
	require.NoError(t, printBrakes(&text, list))
	return text.String()
}

// A brake is told in words: why it holds, what to type, and of each counter whether it was pushed.
func TestPrintBrakes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		brake app.Brake
		want  string
	}{
		{massBrake, `mass change on web since 2026-11-30 09:00:00: 1 push to till held
  why:        35 units of change on 2 shelves, and nobody told why: 58 % of the 60 units that till had around 08:50
              of its 3 shelves with units 58 %, each by the part of its own that changes
              more than 30 % of the units or of the shelves, or 250 shelves in 10 minutes waits for you
  what to do: it is wrong: undo it on web: put back the counts in column BEFORE, and it ends by itself
              BEFORE allows for what was sold since
              leave out a shelf of which you have decided already, by a correction or a release
              where it has two, the counter changed several times: the first is of before the last change, the other of before all
              it is meant so: evenstock brakes release mass-change/till/1
              add --dry-run to see first what that would push
  SKU  LOCATION  CHANGED ON  BEFORE                   NOW  PUSH TO  SHOWS  TARGET  PUSH
  CUP  main      web         20                       0    till     0      0       pushed
  MUG  main      web         20 (22 before 09:00:00)  5    till     20     5       held
`},
		{twiceBrake, `typed in twice: MUG at main since 2026-11-30 09:00:00: 1 push held
  why:        20 units came to till at 09:00:00, and as many to web at 09:01:00: they may be the same goods, typed in on both
  what to do: the same goods, which came once: the level is 7, and every counter follows: evenstock brakes release typed-twice/1 --correct
              other goods at each counter: the level is 27, and every counter follows: evenstock brakes release typed-twice/1
              add --dry-run to see first what that would push
  SKU  LOCATION  CHANNEL  NOW  TARGET  PUSH
  MUG  main      web      7    27      held
`},
		{stepsBrake, `typed in twice: MUG at main since 2026-11-30 09:00:00: 0 pushes held
  why:        20 units came to till as 12 + 8 at 09:00:00, and as many to web at 09:01:00: they may be the same goods, typed in on both
  what to do: the same units, typed in twice: evenstock brakes release typed-twice/2 --correct
              other units at each counter: evenstock brakes release typed-twice/2
              add --dry-run to see first what that would push
`},
		{emptyBrake, `typed in twice: MUG at main since 2026-11-30 09:00:00: 0 pushes held
  why:        till fell to 0 at 09:00:00, and web too at 09:01:00, and neither knew of the other: it may be the same 8 units, gone once
  what to do: the same units, gone once: the level is 0, and every counter follows: evenstock brakes release typed-twice/3 --correct
              other units at each counter, gone together: the level is -8, and every counter follows: evenstock brakes release typed-twice/3
              add --dry-run to see first what that would push
`},
		{moveBrake, `typed in twice: MUG at main since 2026-11-30 09:00:00: 0 pushes held
  why:        5 units moved at till at 09:00:00, and as many at web at 09:01:00, and neither knew of the other: it may be the same transfer, typed in on both
  what to do: the same transfer: the level is 7, and every counter follows: evenstock brakes release typed-twice/4 --correct
              two transfers: the level is 12, and every counter follows: evenstock brakes release typed-twice/4
              add --dry-run to see first what that would push
`},
		{countBrake, `typed in twice: MUG at main since 2026-11-30 09:00:00: 0 pushes held
  why:        21 units came to till at 09:00:00, and 20 units to web at 09:01:00, and neither knew of the other: they may be the same goods, counted twice
  what to do: the same units, typed in twice: evenstock brakes release typed-twice/5 --correct
              other units at each counter: evenstock brakes release typed-twice/5
              add --dry-run to see first what that would push
`},
		{fallBrake, `typed in twice: MUG at main since 2026-11-30 09:00:00: 0 pushes held
  why:        till fell to 3 at 09:00:00, and web to 2 at 09:01:00, and neither knew of the other: it may be the same units, gone once
  what to do: the same units, gone once: the level is 3, and every counter follows: evenstock brakes release typed-twice/6 --correct
              other units at each counter, gone together: the level is -36, and every counter follows: evenstock brakes release typed-twice/6
              add --dry-run to see first what that would push
`},
		{overBrake, `typed in twice: MUG at main since 2026-11-30 09:00:00: 1 push held
  why:        73 units were typed in on web as 20 + 53 at 09:00:00, which showed none because another channel marks it as sold out: they may be in the level already
  what to do: nothing came, they were there already: the level is 53, and every counter follows: evenstock brakes release typed-twice/7 --correct
              goods that came: the level is 126, and every counter follows: evenstock brakes release typed-twice/7
              add --dry-run to see first what that would push
  SKU  LOCATION  CHANNEL  NOW  TARGET  PUSH
  MUG  main      till     53   126     held
`},
		{programBrake, `other program: MUG at main since 2026-11-30 09:00:00: 0 pushes held
  why:        stockbot sets web back to what it showed before our pushes: 2 times, by 3 units together, and no sale or return explains it
              it shows 52 now
              you had said before that it is wrong
  what to do: switch the other program off there
              count the shelf first: if the program undid sales, what it wrote is too much by as much
              it is right, with all that it wrote: the level is 52, and every counter follows: evenstock brakes release other-program/1
              it is wrong: the level is 49, and every counter follows: evenstock brakes release other-program/1 --correct
              add --dry-run to see first what that would push
`},
		{raiseBrake, `raise unconfirmed: MUG at main since 2026-11-30 09:00:00: 0 pushes held
  why:        web shows more than before, and no second reading has confirmed it yet
  what to do: ends by itself with a second reading
`},
		{zeroBrake, `zero unconfirmed: MUG at main since 2026-11-30 09:00:00: 0 pushes held
  why:        web shows none, or less, and no second reading has confirmed it yet
  what to do: ends by itself with a second reading
`},
	} {
		require.Equal(t, test.want, printedBrakes(t, test.brake))
	}
	require.Equal(t, "nothing holds pushes back\n", printedBrakes(t))
}

// How much changed is said so that nobody reads of more units than there are; and a change that came from no counter names none.
func TestMassChangeInWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		units, before int64
		want          string
	}{
		{607, 550, "607 units of change on 19 shelves, and nobody told why: more than all of the 550 units that till had around 08:50"},
		{550, 550, "550 units of change on 19 shelves, and nobody told why: 100 % of the 550 units that till had around 08:50"},
		{5, 550, "5 units of change on 19 shelves, and nobody told why: less than 1 % of the 550 units that till had around 08:50"},
		{5, 0, "5 units of change on 19 shelves, and nobody told why: till had none around 08:50"},
	} {
		b := app.Brake{Channel: "till", Change: &app.MassChange{Since: brakeTime.Add(-10 * time.Minute), Shelves: 19, Units: stock.Units(c.units), Before: stock.Units(c.before), MaxPercent: 30, WindowMinutes: 10}}
		require.Equal(t, c.want+"; more than 30 % of the units or of the shelves in 10 minutes waits for you", massChangeReason(b))
	}
	nowhere := massBrake
	nowhere.Articles = []app.BrakedArticle{{SKU: "CUP", Location: "main", Ref: onTill, Before: &twenty, Now: stock.Units(20), Held: true}}
	text := printedBrakes(t, nowhere)
	require.Contains(t, text, "mass change since 2026-11-30 09:00:00: 1 push to till held\n")
	require.Contains(t, text, "undo it on the channel where it was done")
	require.Contains(t, text, "CUP  main      -           20      -    till     20     0       held\n")
}

// The finding of another program says the same as its brake.
func TestFindingOfAnotherProgram(t *testing.T) {
	t.Parallel()
	require.Equal(t, "stockbot sets web back to what it showed before our pushes: 2 times, by 3 units together, and no sale or return explains it; it shows 52 now; "+
		"you had said before that it is wrong", findingEvidence(ledger.Finding{Channel: "web", Evidence: programBrake.Evidence}))
	require.Equal(t, "item=45", findingEvidence(ledger.Finding{Channel: "web", Evidence: stock.Evidence{"item": "45"}}))
}

// What a program does is said by its kind, and a correction says what it takes back and what it leaves.
func TestProgramInWords(t *testing.T) {
	t.Parallel()
	require.Equal(t, "something answers our pushes on web with changes the same way: 3 times, by -3 units together, and no sale or return explains it; it shows 4 now",
		programReason("web", stock.Evidence{"repeated": "3", "units": "-3", "shows": "4"}))
	require.Equal(t, "another installation of evenstock, or one from before this data folder, writes till: once, the last as evenstock:a:0, by -1 unit together; "+
		"it shows 4 now", findingEvidence(ledger.Finding{Channel: "till", Evidence: stock.Evidence{"rows": "1", "reference": "evenstock:a:0", "units": "-1", "shows": "4"}}))
	b := programBrake
	b.Evidence = stock.Evidence{"units": "2", "first": brakeTime.UTC().Format(time.RFC3339), "left": "8", "rows": "1"}
	var text bytes.Buffer
	require.NoError(t, printRelease(&text, app.ReleaseResult{Brake: b, Corrected: true}, false))
	require.Equal(t, `other-program/1: was released
all that it wrote on web since 09:00:00 is taken back: 2 units together
what it wrote on channels that do not tell who writes stays, without a cause: see evenstock explain MUG
what else changed there within a day and nobody explained stays: 8 units; if the program wrote that too, put it right on the channel
nothing is pushed because of it
`, text.String())
}

// What waits for a baseline is told once, however many articles there are; and of many counters the first are listed.
func TestPrintManyBrakes(t *testing.T) {
	t.Parallel()
	list := []app.Brake{raiseBrake}
	for i := range 10 {
		list = append(list, app.Brake{ID: "observing/1", Kind: ledger.Observing.String(), Shelf: shelf, SKU: fmt.Sprint("SKU-", i), Remedy: app.RemedyApplyBaseline,
			Closed: &explain.Closure{Why: explain.ClosedNoBaseline}})
	}
	list = append(list, app.Brake{Kind: ledger.Observing.String(), SKU: "MUG", Closed: &explain.Closure{Why: explain.ClosedNoCount, Channel: "till"}})
	require.Equal(t, printedBrakes(t, raiseBrake)+`
observing: 10 shelves without a level: nothing is pushed
  why:        no baseline has said what there is
  which:      SKU-0, SKU-1, SKU-2, SKU-3, SKU-4, SKU-5, SKU-6, SKU-7 and 2 more
  what to do: look with evenstock baseline plan, then open with evenstock baseline apply

observing: 1 shelf without a level: nothing is pushed
  why:        till has no count of it, and is the one whose counts are right
  which:      MUG
  what to do: count it there once, and be it zero: it opens by itself; or open it by another channel's count: evenstock baseline apply --authority CHANNEL
`, printedBrakes(t, list...))
	many := massBrake
	for range 51 {
		many.Articles = append(many.Articles, many.Articles[1])
	}
	require.Contains(t, printedBrakes(t, many), "\n  and 3 more: --json lists all\n")
}

// A release says what it pushes, and a dry run that nothing was done.
func TestPrintRelease(t *testing.T) {
	t.Parallel()
	result := app.ReleaseResult{Brake: twiceBrake, Level: &app.LevelChange{From: stock.Units(27), To: stock.Units(7)}, StillHeld: 1,
		Pushes: []app.ReleasedPush{{SKU: "MUG", Location: "main", Ref: onWeb, From: stock.Units(27), To: stock.Units(7)}}}
	for dryRun, want := range map[bool]string{
		true: `typed-twice/1: would be released
MUG at main: the level would become 7, from 27
these pushes would follow:
  SKU  LOCATION  CHANNEL  FROM  TO
  MUG  main      web      27    7
1 push waits for something else: see evenstock brakes
nothing was done
`,
		false: `typed-twice/1: was released
MUG at main: the level became 7, from 27
these pushes follow:
  SKU  LOCATION  CHANNEL  FROM  TO
  MUG  main      web      27    7
1 push waits for something else: see evenstock brakes
`,
	} {
		var text bytes.Buffer
		require.NoError(t, printRelease(&text, result, dryRun))
		require.Equal(t, want, text.String())
	}
	var text bytes.Buffer
	require.NoError(t, printRelease(&text, app.ReleaseResult{Brake: massBrake, PassesUntil: brakeTime}, true))
	require.Equal(t, "mass-change/till/1: would be released\nuntil 2026-11-30 09:00:00 as much again of the same passes; what else changes on till is judged as ever\nnothing would be pushed\nnothing was done\n", text.String())
}

// Status tells of every brake; doctor warns of those that wait for a person.
func TestBrakesInStatusAndDoctor(t *testing.T) {
	t.Parallel()
	brakes := []app.BrakeSummary{{Kind: "mass change", Channel: "till", Brakes: 1, Held: 9, Since: brakeTime, Remedy: app.RemedyReleaseBrake},
		{Kind: "observing", Brakes: 4, Remedy: app.RemedyApplyBaseline}, {Kind: "observing", Brakes: 2, Remedy: app.RemedyOpens}, {Kind: "raise unconfirmed", Brakes: 1, Held: 1, Since: brakeTime, Remedy: app.RemedyWait}}
	var text bytes.Buffer
	require.NoError(t, printStatus(&text, shownStatus{Status: app.Status{Serving: true, Brakes: brakes}}, brakeTime))
	require.Contains(t, text.String(), `
Brakes that hold pushes back:
BRAKE              CHANNEL  BRAKES  PUSHES HELD  SINCE                WHAT TO DO
mass change        till     1       9            2026-11-30 09:00:00  evenstock brakes says why, and what to do
observing          -        4       0            -                    look with evenstock baseline plan, then open with evenstock baseline apply
observing          -        2       0            -                    opens by itself
raise unconfirmed  -        1       1            2026-11-30 09:00:00  ends by itself with a second reading
`)
	require.Equal(t, health.Checks{{Code: health.CodeBrakes, Result: health.Warn, Channel: "till", Remedy: health.RemedyBrakes,
		Detail: "mass change since 2026-11-30 09:00:00: 1 brake, 9 pushes held"},
		{Code: health.CodeNoLevel, Result: health.Warn, Detail: "4 shelves have no level, and nothing is pushed to them", Remedy: health.RemedyNoLevel,
			With: []string{remedies[app.RemedyApplyBaseline]}}}, checkBrakes(brakes), "what opens by itself needs nobody")
	text.Reset()
	require.NoError(t, printStatus(&text, shownStatus{Status: app.Status{Serving: true}}, brakeTime))
	require.NotContains(t, text.String(), "Brakes")
}

// with is evidence with one more word.
func with(evidence stock.Evidence, key, value string) stock.Evidence {
	more := maps.Clone(evidence)
	more[key] = value
	return more
}
