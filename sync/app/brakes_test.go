package app_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/app/apptest"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// small is a shop of which 30 % may change without a cause.
type small struct {
	*apptest.Book
	app *app.App
}

func tillOf(i int) stock.Ref {
	return stock.Ref{Channel: "till", Item: fmt.Sprint("V", i), Location: "L1"}
}
func webOf(i int) stock.Ref {
	return stock.Ref{Channel: "web", Item: fmt.Sprint(40 + i), Location: "77"}
}

// newSmall opens articles with twenty units each. Marks of the till count for the web.
func newSmall(t *testing.T, articles int) *small {
	t.Helper()
	s := &small{Book: newBook(t)}
	limits := reconcile.Limits{MaxShelves: 250, MaxPercent: 30}
	opts := s.Options()
	opts.Limits, opts.Channels[0].SoldOutEverywhere = limits, true
	channels := map[stock.Channel]reconcile.Channel{}
	for _, c := range opts.Channels {
		channels[c.Name] = reconcile.Channel{Traits: c.Traits, Locations: c.Locations, SoldOutEverywhere: c.SoldOutEverywhere}
	}
	engine, err := reconcile.New(reconcile.Options{Channels: channels, Limits: limits})
	require.NoError(t, err)
	s.Step, opts.Step = engine.Step, engine.Step
	s.app = app.New(opts)
	for i := range articles {
		item := stock.Item{ID: stock.ItemID(fmt.Sprint("item-", i)), SKU: fmt.Sprintf("SKU-%02d", i)}
		require.NoError(t, s.Store.SaveItems(t.Context(), []stock.Item{item}))
		for _, ref := range []stock.Ref{tillOf(i), webOf(i)} {
			s.Apply(ledger.LinkRef{Ref: ref, Shelf: stock.Shelf{Item: item.ID, Location: "main"}, SoldAs: ref.Item}, ledger.WantBaseline{Ref: ref, Authority: ref.Channel == "till"})
		}
		version := s.Now().Add(-time.Hour)
		s.Read(webOf(i), 20, version, ledger.OwnRead{})
		s.Pass(5 * time.Second)
		s.Read(webOf(i), 20, version, ledger.OwnRead{})
		s.Read(tillOf(i), 20, version, ledger.OwnRead{})
	}
	s.Pass(time.Hour)
	return s
}

// shows is a webhook with a counter's new state, soon after the one before.
func (s *small) shows(ref stock.Ref, units int64, mark stock.SoldOut) {
	s.Helper()
	at := s.Pass(time.Second)
	s.Apply(ledger.Delivered{Event: stock.Event{ID: fmt.Sprint(at), Channel: ref.Channel, ObservedAt: at,
		Reading: &stock.Reading{Ref: ref, Status: stock.Counted, Quantity: stock.Units(units), Version: at, SoldOut: mark}}})
}

// pushWeb plans a call for the web as its worker does, and has it answered.
func (s *small) pushWeb(articles int) {
	s.Helper()
	at := s.Pass(time.Second)
	brakes, err := s.Store.StoredBrakes(s.Context())
	require.NoError(s, err)
	mass := reconcile.MassChangeOf("web", brakes, at)
	uncaused, err := s.Store.Uncaused(s.Context(), "web", mass.Since)
	require.NoError(s, err)
	var refs []stock.Ref
	for i := range articles {
		refs = append(refs, webOf(i))
	}
	before, err := s.Store.UnitsBefore(s.Context(), "web", mass.Before())
	require.NoError(s, err)
	receipt, err := s.Store.Apply(s.Context(), s.Step, ledger.Batch{At: at, Inputs: []ledger.Input{ledger.PlanCall{Channel: "web", Key: fmt.Sprint("call ", at), Refs: refs, OccurredAt: at,
		Since: mass.Since, Load: mass.Load(uncaused, refs).Of(before), Brake: mass.Brake(), Encode: func(string, time.Time, []stock.PushRow) ([]byte, error) { return []byte("{}"), nil }}}})
	require.NoError(s, err)
	for _, call := range receipt.Calls {
		s.Apply(ledger.CallAnswered{Key: call.Key, Answer: stock.Answer{Outcome: stock.Applied, PlatformTime: at}})
	}
}

func (s *small) brakes() []app.Brake {
	s.Helper()
	list, err := s.app.Brakes(s.Context())
	require.NoError(s, err)
	return list
}

// told is an article of a brake: its number, before, now, target, held.
func told(b app.Brake) (rows []string) {
	for _, a := range b.Articles {
		before := "-"
		if a.Before != nil {
			before = a.Before.String()
		}
		rows = append(rows, fmt.Sprintf("%s %s %s %s %v", a.SKU, before, a.Now, a.Target, a.Held))
	}
	return rows
}

// The evidence of a mass change is what is so when somebody asks, not what was so when it began.
func TestMassChangeEvidenceIsOfNow(t *testing.T) {
	t.Parallel()
	s := newSmall(t, 6)
	s.shows(tillOf(0), 0, "")
	s.Pass(6 * time.Second) // a zero goes after five seconds
	s.pushWeb(6)
	for i := 1; i < 4; i++ {
		s.shows(tillOf(i), 0, "")
	}
	s.Pass(6 * time.Second)
	s.pushWeb(6)
	b := s.brakes()[0]
	require.Equal(t, ledger.MassChange.String(), b.Kind)
	require.Equal(t, []string{"SKU-00 20 0 0 false", "SKU-01 20 20 0 true", "SKU-02 20 20 0 true", "SKU-03 20 20 0 true"}, told(b))
	require.Equal(t, 3, b.Held)
	change := func(shelves int, units int64) *app.MassChange {
		return &app.MassChange{Since: b.Since.Add(-10 * time.Minute), Shelves: shelves, Units: stock.Units(units), Before: stock.Units(120), Parts: stock.Units(units) / 20, Stocked: 6, MaxShelves: 250, MaxPercent: 30, WindowMinutes: 10}
	}
	require.Equal(t, change(4, 80), b.Change)

	s.shows(tillOf(4), 5, "")
	s.shows(tillOf(1), 18, "") // most is put back
	b = s.brakes()[0]
	require.Equal(t, change(5, 77), b.Change)
	require.Equal(t, []string{"SKU-00 20 0 0 false", "SKU-01 20 20 18 true", "SKU-02 20 20 0 true", "SKU-03 20 20 0 true", "SKU-04 20 20 5 true"}, told(b))

	status, err := s.app.Status(t.Context())
	require.NoError(t, err)
	require.Contains(t, status.Brakes, app.BrakeSummary{Kind: "mass change", Channel: "web", Brakes: 1, Held: 4, Since: b.Since, Remedy: app.RemedyReleaseBrake})
}

// A catalog that is marked as sold out where marks count for all changes targets, and no level.
func TestMassChangeByMarks(t *testing.T) {
	t.Parallel()
	s := newSmall(t, 4)
	for i := range 4 {
		s.shows(tillOf(i), 20, stock.IsSoldOut)
	}
	s.pushWeb(4)
	b := s.brakes()[0]
	require.Equal(t, []string{"SKU-00 20 20 0 true", "SKU-01 20 20 0 true", "SKU-02 20 20 0 true", "SKU-03 20 20 0 true"}, told(b))
	require.Equal(t, stock.Units(80), b.Change.Units)
	list, err := s.app.Stock(t.Context(), app.StockQuery{SKU: "SKU-00"})
	require.NoError(t, err)
	require.Equal(t, []string{"mass change"}, list.Shelves[0].Held)

	// What is counted meanwhile changes the level, and not what the web should show.
	s.shows(tillOf(0), 5, stock.IsSoldOut)
	b = s.brakes()[0]
	require.Equal(t, "SKU-00 20 20 0 true", told(b)[0])
	require.Equal(t, stock.Units(80), b.Change.Units)
	s.shows(tillOf(0), 5, stock.IsNotSoldOut)
	b = s.brakes()[0]
	require.Equal(t, "SKU-00 20 20 5 true", told(b)[0])
	require.Equal(t, stock.Units(75), b.Change.Units)
}

// What joins a shelf whose item is marked as sold out elsewhere is pushed to what it should show, and not to the level.
func TestJoinBehindAMark(t *testing.T) {
	t.Parallel()
	s := newSmall(t, 1)
	s.Apply(ledger.UnlinkRef{Ref: webOf(0)})
	s.Apply(ledger.LinkRef{Ref: webOf(0), Shelf: stock.Shelf{Item: "item-0", Location: "main"}, SoldAs: "40"})
	counted := s.Now()
	for range 2 {
		s.Pass(5 * time.Second)
		s.Read(webOf(0), 3, counted, ledger.OwnRead{})
	}
	s.shows(tillOf(0), 20, stock.IsSoldOut)
	joined, err := s.app.Join(t.Context(), ann, app.JoinRequest{Channel: "web", Item: "SKU-00", How: "level", DryRun: true})
	require.NoError(t, err)
	require.Equal(t, []app.JoinPush{{Ref: webOf(0), From: stock.Units(3), Delta: stock.Units(-3)}}, joined[0].Pushes)
}

// A release says beforehand what it pushes: what the worker then pushes, and not what another brake holds.
func TestReleaseForeseesPushes(t *testing.T) {
	t.Parallel()
	s := newSmall(t, 6)
	for i := range 4 {
		s.shows(tillOf(i), 3, "")
	}
	s.pushWeb(6)
	s.shows(tillOf(4), 40, "") // a raise that nobody has confirmed
	id := s.brakes()[0].ID
	dry, err := s.app.ReleaseBrake(t.Context(), ann, app.ReleaseRequest{ID: id, DryRun: true})
	require.NoError(t, err)
	var pushes []string
	for _, push := range dry.Pushes {
		pushes = append(pushes, fmt.Sprintf("%s %s %s %s", push.Ref.Channel, push.SKU, push.From, push.To))
	}
	require.Equal(t, []string{"web SKU-00 20 3", "web SKU-01 20 3", "web SKU-02 20 3", "web SKU-03 20 3"}, pushes)
	require.Equal(t, s.Now().Add(15*time.Minute), dry.PassesUntil)
	require.Equal(t, id, s.brakes()[0].ID, "nothing was done")
	done, err := s.app.ReleaseBrake(t.Context(), ann, app.ReleaseRequest{ID: id})
	require.NoError(t, err)
	require.Equal(t, dry, done)
	s.pushWeb(6)
	for i := range 6 {
		ref, err := s.Store.Ref(t.Context(), webOf(i))
		require.NoError(t, err)
		require.Equal(t, map[bool]stock.Quantity{true: stock.Units(3), false: stock.Units(20)}[i < 4], ref.State.Expected, i)
	}
}

// A correction says beforehand what becomes of the level, and what is pushed then.
func TestCorrectionForeseesTheLevel(t *testing.T) {
	t.Parallel()
	for correct, want := range map[bool]app.ReleaseResult{
		false: {Pushes: []app.ReleasedPush{{SKU: "TEE-M", Location: "main", Ref: apptest.TillTee, From: stock.Units(6), To: stock.Units(8)}}},
		true: {Level: &app.LevelChange{From: stock.Units(8), To: stock.Units(6)}, Pushes: []app.ReleasedPush{
			{SKU: "TEE-M", Location: "main", Ref: apptest.WebTee, From: stock.Units(8), To: stock.Units(6)}}},
	} {
		b := newBook(t)
		b.OtherProgram()
		a := app.New(b.Options())
		brakes, err := a.Brakes(t.Context())
		require.NoError(t, err)
		require.Equal(t, &app.BrakeAnswers{Released: stock.Units(8), Corrected: stock.Units(6)}, brakes[0].Answers)
		foreseen := func() app.ReleaseResult {
			got, err := a.ReleaseBrake(t.Context(), ann, app.ReleaseRequest{ID: brakes[0].ID, Correct: correct, DryRun: true})
			require.NoError(t, err)
			return app.ReleaseResult{Level: got.Level, Pushes: got.Pushes, StillHeld: got.StillHeld}
		}
		if !correct {
			require.Equal(t, app.ReleaseResult{Pushes: []app.ReleasedPush{}, StillHeld: 1}, foreseen(), "a second reading has not confirmed the raise")
		}
		b.Read(apptest.WebTee, 8, b.Now(), ledger.OwnRead{})
		require.Equal(t, want, foreseen())
	}
}

// A mass change names the counters that it came from, and what they would show without each change that nobody has explained: that is what
// a person types there. What was explained since stays done.
func TestMassChangeNamesItsOrigin(t *testing.T) {
	t.Parallel()
	s := newSmall(t, 6)
	s.shows(tillOf(0), 18, "") // by hand, long before
	s.pushWeb(6)
	s.Pass(8 * time.Minute)
	for i := range 4 {
		s.shows(tillOf(i), 0, "")
	}
	s.Pass(6 * time.Second)
	s.pushWeb(6)
	origins := func() (rows []string) {
		for _, a := range s.brakes()[0].Articles {
			row := a.SKU
			for _, o := range a.Origins {
				row += fmt.Sprintf(" %s shows %s:", o.Ref.Channel, o.Shows)
				for _, change := range o.Changes {
					row += fmt.Sprintf(" %s or %s", change.Quantity, change.PutBack)
				}
			}
			rows = append(rows, row)
		}
		return rows
	}
	require.Equal(t, []string{"SKU-00 till shows 0: -2 or 20 -18 or 18", "SKU-01 till shows 0: -20 or 20", "SKU-02 till shows 0: -20 or 20", "SKU-03 till shows 0: -20 or 20"}, origins())

	at := s.Pass(time.Second)
	for i, sold := range []int64{2, 3} { // the edit was a sale, and so was a part of what became zero
		s.Apply(ledger.Delivered{Event: stock.Event{ID: fmt.Sprint("told ", i), Channel: "till", ObservedAt: at, Movement: &stock.Movement{Ref: tillOf(i), Key: fmt.Sprint("adjustment/", i),
			Cause: stock.Sold, Quantity: stock.Units(-sold), ChannelTime: at, OccurredAt: at}}})
	}
	require.Equal(t, []string{"SKU-00 till shows 0: -18 or 18", "SKU-01 till shows 0: -17 or 17"}, origins()[:2])
	s.Apply(ledger.UnlinkRef{Ref: tillOf(3)})
	require.Equal(t, "SKU-03", origins()[3], "nothing can be put back where nothing is linked")
}

// What a person has released is not to be put back: BEFORE is what ends the brake that came after it.
func TestMassChangeNamesWhatEndsItAfterARelease(t *testing.T) {
	t.Parallel()
	s := newSmall(t, 6)
	set := func(units int64) {
		s.Helper()
		for i := range 4 {
			s.shows(tillOf(i), units, "")
			s.Pass(6 * time.Second)
			s.Read(tillOf(i), units, s.Now(), ledger.OwnRead{}) // confirms it
		}
		s.pushWeb(6)
	}
	set(0)
	_, err := s.app.ReleaseBrake(t.Context(), ann, app.ReleaseRequest{ID: s.brakes()[0].ID})
	require.NoError(t, err)
	s.pushWeb(6)
	require.Empty(t, s.brakes())

	set(500) // a program
	origins := func() (rows []string) {
		for _, a := range s.brakes()[0].Articles {
			require.Len(t, a.Origins, 1, a.SKU)
			require.Len(t, a.Origins[0].Changes, 1, a.SKU)
			rows = append(rows, fmt.Sprintf("%s shows %s, before %s, its change %s", a.SKU, a.Origins[0].Shows, a.Origins[0].Changes[0].PutBack, a.Origins[0].Changes[0].Quantity))
		}
		return rows
	}
	of := func(rest string) (rows []string) {
		for i := range 4 {
			rows = append(rows, fmt.Sprintf("SKU-%02d %s", i, rest))
		}
		return rows
	}
	require.Equal(t, of("shows 500, before 0, its change 500"), origins())
	set(20) // what there was before the zeros is what nobody has released yet
	require.Equal(t, of("shows 20, before 0, its change 20"), origins())
	set(0)
	require.Empty(t, s.brakes())
}

// A level that goes below zero changes by more units than were there.
func TestMassChangeBelowZero(t *testing.T) {
	t.Parallel()
	s := newSmall(t, 3)
	for i := range 3 {
		s.shows(tillOf(i), -20, "")
	}
	s.Pass(6 * time.Second)
	s.pushWeb(3)
	change := s.brakes()[0].Change
	require.Equal(t, []stock.Quantity{stock.Units(120), stock.Units(60)}, []stock.Quantity{change.Units, change.Before})
}

// What the question says that the level becomes is what it becomes.
func TestAnswersToTypedTwice(t *testing.T) {
	t.Parallel()
	for _, correct := range []bool{false, true} {
		b := newBook(t)
		b.TypedTwice()
		a := app.New(b.Options())
		brakes, err := a.Brakes(t.Context())
		require.NoError(t, err)
		i := slices.IndexFunc(brakes, func(brake app.Brake) bool { return brake.Kind == ledger.TypedTwice.String() })
		answers := brakes[i].Answers
		_, err = a.ReleaseBrake(t.Context(), ann, app.ReleaseRequest{ID: brakes[i].ID, Correct: correct})
		require.NoError(t, err)
		list, err := a.Stock(t.Context(), app.StockQuery{SKU: "TEE-M"})
		require.NoError(t, err)
		require.Equal(t, map[bool]stock.Quantity{false: answers.Released, true: answers.Corrected}[correct], list.Shelves[0].Level)
	}
}

// What is typed in over a mark of sold out is asked about at that counter, with the level of each answer; unlinking it asks first, and tells.
func TestTypedOverAMark(t *testing.T) {
	t.Parallel()
	s := newSmall(t, 4)
	s.shows(tillOf(0), 20, stock.IsSoldOut)
	s.pushWeb(4)
	for range 2 {
		s.Read(webOf(0), 20, s.Pass(5*time.Second), ledger.OwnRead{})
	}
	i := slices.IndexFunc(s.brakes(), func(b app.Brake) bool { return b.Kind == ledger.TypedTwice.String() })
	b := s.brakes()[i]
	require.Equal(t, "typed-twice/item-0/main/web/20/hidden", b.ID)
	require.Equal(t, &app.BrakeAnswers{Released: stock.Units(40), Corrected: stock.Units(20)}, b.Answers)
	require.Equal(t, []string{"SKU-00 - 20 40 true"}, told(b))
	unlink := app.UnlinkRequest{Channel: "web", Item: "40"}
	_, err := s.app.Unlink(t.Context(), unlink)
	require.ErrorContains(t, err, "the level of 40 may count 20 at web twice")
	done, err := s.app.ReleaseBrake(t.Context(), ann, app.ReleaseRequest{ID: b.ID, Correct: true})
	require.NoError(t, err)
	require.Equal(t, &app.LevelChange{From: stock.Units(40), To: stock.Units(20)}, done.Level)
	require.Equal(t, []app.ReleasedPush{{SKU: "SKU-00", Location: "main", Ref: webOf(0), From: stock.Units(20)}}, done.Pushes, "the mark lasts")
}
