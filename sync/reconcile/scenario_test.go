package reconcile_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/postgres"
	"github.com/evenstock/evenstock/ledger/postgres/postgrestest"
	"github.com/evenstock/evenstock/ledger/sqlite"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

var update = flag.Bool("update", false, "write what the scenarios show into their files")

// TestScenarios plays the shop stories of testdata/scenarios. Its README explains the language.
func TestScenarios(t *testing.T) {
	t.Parallel()
	eachStory(t, func(t *testing.T, file string, a *archive) {
		require.NotEmpty(t, strings.TrimSpace(a.comment), "a story begins with a title")
		teller := newTeller(t)
		play(t, teller, a.section("story"))
		entries, end := teller.entries(), teller.end()
		if *update {
			a.set("entries", entries)
			a.set("end", end)
			require.NoError(t, os.WriteFile(file, a.bytes(), 0o644))
			return
		}
		require.Equal(t, a.section("entries"), entries)
		require.Equal(t, a.section("end"), end)
	})
}

// TestScenariosOnSQLite and TestScenariosOnPostgres play the stories on a store beside the naive model: after each line both say the same, and
// in the end they hold the same.
func TestScenariosOnSQLite(t *testing.T) {
	t.Parallel()
	scenariosOn(t, func(t *testing.T) (ledger.Store, error) {
		return sqlite.Open(t.Context(), sqlite.Options{Folder: t.TempDir()})
	})
}

func TestScenariosOnPostgres(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	scenariosOn(t, func(t *testing.T) (ledger.Store, error) { return postgres.Open(t.Context(), db.App, t.Name()) })
}

func scenariosOn(t *testing.T, open func(t *testing.T) (ledger.Store, error)) {
	eachStory(t, func(t *testing.T, _ string, a *archive) {
		store, err := open(t)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, store.Close()) })
		teller := newTeller(t)
		teller.beside = store
		play(t, teller, a.section("story"))
		var stored []ledger.Entry
		for e, err := range ledger.AllEntries(t.Context(), store, ledger.EntryFilter{}) {
			require.NoError(t, err)
			stored = append(stored, e)
		}
		sameJSON(t, teller.model.Entries(), stored)
		refs, err := teller.model.Refs(t.Context(), ledger.RefFilter{})
		require.NoError(t, err)
		kept, err := store.Refs(t.Context(), ledger.RefFilter{})
		require.NoError(t, err)
		sameJSON(t, refs, kept)
		report, err := store.Verify(t.Context(), nil)
		require.NoError(t, err)
		require.Empty(t, report.Faults)
	})
}

// eachStory runs a test for each file of the scenarios.
func eachStory(t *testing.T, run func(t *testing.T, file string, a *archive)) {
	files, err := filepath.Glob("../../testdata/scenarios/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			run(t, file, parseArchive(text))
		})
	}
}

// play tells a story to an empty shop.
func play(t *testing.T, teller *teller, story string) {
	t.Helper()
	for n, line := range strings.Split(strings.TrimSpace(story), "\n") {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := teller.tell(line); err != nil {
			t.Fatalf("line %d of the story, %q: %v", n+1, line, err)
		}
	}
}

// archive is a file of the txtar format: a comment, then sections that begin with "-- name --".
type archive struct {
	comment  string
	names    []string
	contents map[string]string
}

func parseArchive(text []byte) *archive {
	a := &archive{contents: map[string]string{}}
	name := ""
	for line := range strings.Lines(string(text)) {
		marker := strings.TrimSpace(line)
		if inner, ok := strings.CutPrefix(marker, "-- "); ok && strings.HasSuffix(inner, " --") {
			name = strings.TrimSuffix(inner, " --")
			a.set(name, "")
			continue
		}
		if name == "" {
			a.comment += line
		} else {
			a.contents[name] += line
		}
	}
	return a
}

func (a *archive) section(name string) string { return a.contents[name] }

func (a *archive) set(name, content string) {
	if _, known := a.contents[name]; !known {
		a.names = append(a.names, name)
	}
	a.contents[name] = content
}

func (a *archive) bytes() []byte {
	var b bytes.Buffer
	b.WriteString(a.comment)
	for _, name := range a.names {
		fmt.Fprintf(&b, "-- %s --\n%s", name, a.contents[name])
	}
	return b.Bytes()
}

// entries lists what was written after the opening, as a shopkeeper would say it.
func (t *teller) entries() string {
	var b strings.Builder
	for _, e := range t.model.Entries()[t.opening:] {
		about := ""
		if t.articles > 0 {
			about = string(e.Shelf.Item) + ": "
		}
		fmt.Fprintf(&b, "%s  %-4s  %-10s  %s%s\n", e.OccurredAt.Format("15:04:05"), e.Ref.Channel, e.Kind, about, describe(e))
	}
	return b.String()
}

func describe(e ledger.Entry) string {
	var parts []string
	for _, p := range e.Postings {
		parts = append(parts, fmt.Sprintf("%s from %s to %s", p.Quantity, place(p.From), place(p.To)))
	}
	switch {
	case e.Recount != nil:
		parts = append(parts, "a person counted "+e.Recount.Counted.String())
	case e.Push != nil:
		parts = append(parts, fmt.Sprintf("our %+d %s", int64(e.Push.Delta/stock.Unit), phases[e.Push.Phase]))
	case e.Evidence[ledger.EvidenceSoldOut] != "":
		parts = append(parts, "marked as sold out: "+e.Evidence[ledger.EvidenceSoldOut])
	case e.Kind == ledger.KindBaseline:
		parts = append(parts, baselineText(e)...)
	case len(parts) == 0 && e.Kind == ledger.KindReading && e.Status == 0:
		parts = append(parts, "shows what was expected")
	}
	if e.ExpectedDelta != 0 {
		parts = append(parts, fmt.Sprintf("expects %+d", int64(e.ExpectedDelta/stock.Unit)))
	}
	switch {
	case e.Evidence[reconcile.EvidenceJoin] != "":
		parts = append(parts, fmt.Sprintf("joins: %s says %s", e.Evidence["by"], e.Evidence[reconcile.EvidenceJoin]))
		if untold := e.Evidence[reconcile.EvidenceUntold]; untold != "" {
			parts = append(parts, "of what nobody told: "+untold)
		}
	case e.Evidence[ledger.EvidenceToldSince] != "":
		parts = append(parts, "no longer settled: told since")
	case e.Evidence[ledger.EvidenceSettlement] != "":
		parts = append(parts, "reopened by "+e.Evidence["by"])
	case e.Evidence[ledger.EvidenceSettledAs] != "":
		parts = append(parts, "settled by "+e.Evidence["by"])
	case e.Status == ledger.SetAside:
		parts = append(parts, "set aside")
	case e.Kind == ledger.KindReading && (e.Status == ledger.Untracked || e.Status == ledger.Unreadable || e.Status == ledger.Gone):
		parts = append(parts, "becomes "+e.Status.String())
	}
	if key := e.Evidence["absorbed"]; key != "" {
		parts = append(parts, "absorbed by recount "+key)
	}
	if entry := e.Evidence[ledger.EvidenceCorrects]; entry != "" {
		parts = append(parts, fmt.Sprintf("corrected by the channel from %s to %s", e.Evidence[ledger.EvidenceWas], e.Evidence[ledger.EvidenceNow]))
	}
	return strings.Join(parts, ", ")
}

func baselineText(e ledger.Entry) []string {
	switch {
	case e.Opens:
		return []string{"opens the shelf"}
	case e.Status == ledger.Live:
		return []string{"has a baseline"}
	case e.Status == ledger.WaitsToJoin:
		return []string{"has a baseline, waits to join"}
	case e.Status != 0:
		return []string{"becomes " + e.Status.String()}
	}
	return []string{"begins anew"}
}

var phases = map[ledger.PushPhase]string{
	ledger.Answered: "was written", ledger.Absorbed: "was absorbed by a recount", ledger.Undecided: "is undecided", ledger.Resolved: "was settled by a person",
}

func place(a ledger.Account) string {
	switch a.Kind {
	case ledger.Available:
		return "the shelf"
	case ledger.Unexplained:
		channel, _, _ := strings.Cut(a.Name, "/")
		return "unexplained (" + channel + ")"
	}
	if a.Name == "" {
		return a.Kind.String()
	}
	return a.Kind.String() + " (" + a.Name + ")"
}

// end says how things stand when the story is over.
func (t *teller) end() string {
	if t.articles > 0 {
		return t.endOfMany()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "level %s\n", t.model.Level(mug))
	for _, ref := range []stock.Ref{tillMug, webMug} {
		r := t.model.Ref(ref)
		fmt.Fprintf(&b, "%s expects %s, unexplained %s, %s\n", ref.Channel, r.State.Expected, r.Unexplained, r.State.Status)
	}
	for _, name := range t.brakes() {
		fmt.Fprintf(&b, "brake: %s\n", name)
	}
	for _, account := range []ledger.Account{
		{Item: "mug", Kind: ledger.Sold, Name: "till"}, {Item: "mug", Kind: ledger.Sold, Name: "web"},
		{Item: "mug", Kind: ledger.Returned, Name: "till"}, {Item: "mug", Kind: ledger.Returned, Name: "web"}, {Item: "mug", Kind: ledger.Received}, {Item: "mug", Kind: ledger.Shrinkage},
	} {
		if balance := t.model.Balances("mug")[account]; balance != 0 {
			fmt.Fprintf(&b, "%s: %s\n", place(account), balance.Abs())
		}
	}
	return b.String()
}
