package record

import (
	"database/sql"
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// fill sets every field below value to something of the dice, or leaves it as it is.
func fill(t *testing.T, dice *rand.Rand, value reflect.Value) {
	switch v := value.Addr().Interface().(type) {
	case *time.Time:
		*v = time.Unix(dice.Int64N(4e9), dice.Int64N(2)*dice.Int64N(1e9)).UTC()
		return
	case *stock.Quantity:
		*v = []stock.Quantity{0, stock.Unit, -3 * stock.Unit, stock.Quantity(dice.Int64()), -stock.Quantity(dice.Int64())}[dice.IntN(5)]
		return
	}
	switch value.Kind() {
	case reflect.Bool:
		value.SetBool(dice.IntN(2) == 0)
	case reflect.String:
		value.SetString([]string{"", "an app", "evenstock:a:0", `a "quoted" \ name`, "Käse <b>"}[dice.IntN(5)])
	case reflect.Slice:
		value.Set(reflect.MakeSlice(value.Type(), dice.IntN(4), 4))
		for i := range value.Len() {
			fill(t, dice, value.Index(i))
		}
	case reflect.Struct:
		for i := range value.NumField() {
			fill(t, dice, value.Field(i))
		}
	default:
		require.Fail(t, "teach fill", "%s", value.Type())
	}
}

// What is read without reflection is what encoding/json reads, whatever is stored.
func TestListsReadAsJSON(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	dice := rand.New(rand.NewPCG(seed, 0))
	for range 2_000 {
		var work ledger.Work
		var program ledger.ProgramWatch
		for _, list := range []any{&work.Raises, &work.Uncaused, &program} {
			fill(t, dice, reflect.ValueOf(list).Elem())
		}
		requireSame(t, work.Raises, decodeRaises)
		requireSame(t, work.Uncaused, decodeUncaused)
		requireSame(t, &program, decodeProgram)
	}
}

func requireSame[T any](t *testing.T, value T, decode func(sql.NullString, *T) error) {
	text, err := Encode(value)
	require.NoError(t, err)
	var want, got T
	require.NoError(t, json.Unmarshal([]byte(text), &want))
	require.NoError(t, decode(sql.NullString{String: text, Valid: true}, &got))
	require.Equal(t, want, got, text)
}

// Of a field that the reader does not know it would fail, and encoding/json read all: right, and slow.
func TestListsKnowEveryField(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 14, 12, 0, 0, 5, time.UTC)
	raise := ledger.Raise{Quantity: 1, At: at, After: at, Moved: true, Emptied: true, PutBack: true, Hidden: true, From: 1, To: 2, Push: 3, Sold: 4}
	uncaused := ledger.Uncaused{Quantity: 1, At: at, Pushed: true, Told: true, Baseline: true, Planned: true, Passed: true}
	change := ledger.CounterChange{Quantity: 1, To: 2, At: at, Version: at, Undid: true, Exactly: true, Soon: true, Repeated: true, ByApp: true, Reference: "a", Pushed: 3, Of: 4, Follows: true}
	push, shown := ledger.RecentPush{Quantity: 1, At: at}, ledger.ShownMark{Quantity: 1, At: at, Pushed: 2, PushedAt: at}
	program := ledger.ProgramWatch{Shown: []ledger.ShownMark{shown}, Ours: true, LastPush: 1, LastPushAt: at, Changes: []ledger.CounterChange{change},
		Pushes: []ledger.RecentPush{push}, Told: []ledger.CounterChange{change}, Warned: true, Name: "an app", Raised: 1, Lowered: -2}
	for _, value := range []any{raise, uncaused, change, push, shown, program} {
		fields := reflect.ValueOf(value)
		for i := range fields.NumField() {
			require.False(t, fields.Field(i).IsZero(), "set %T.%s above, and teach the reader", value, fields.Type().Field(i).Name)
		}
	}
	requireKnown(t, raise, readRaise)
	requireKnown(t, uncaused, readUncaused)
	requireKnown(t, program, readProgram)
}

func requireKnown[T any](t *testing.T, value T, read func(*reader, *T)) {
	text, err := Encode([]T{value, value})
	require.NoError(t, err)
	r := reader{text: text}
	require.Equal(t, []T{value, value}, readList(&r, read))
	require.True(t, r.ended(), text)
}

func TestListsReadOddJSON(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`[]`, `null`, `[{}]`, ` [ { "quantity" : "1" } ] `, `[{"quantity":"1","at":"2026-03-14T12:00:00+02:00"}]`, `[{"quantity":"1"},{"new":1}]`,
		`[{"quantity":"1"`, `[{"quantity":"1"}`, `[{"quantity":1}]`, `[{"quantity":"1.0000001"}]`, `[{"at":"yesterday"}]`, `[{"moved":1}]`, `[{"moved":tru}]`,
		`[{"quantity":"1"}]]`, `[,]`, `[{"quantity":"1",}]`, `[{"quantity":"1"},]`, `[{"quan\u0074ity":"1"}]`, `{}`, ``, `[`, `[{`, `[{"`, `[{"quantity`, `[{"quantity":"`, `[{"moved":true`,
	} {
		var want, got []ledger.Raise
		wantErr := Decode(text, &want)
		err := decodeRaises(sql.NullString{String: text, Valid: true}, &got)
		require.Equal(t, wantErr, err, text)
		if err == nil {
			require.Equal(t, want, got, text)
		}
	}
}

func BenchmarkReadRaises(b *testing.B) {
	at := time.Date(2026, 3, 14, 12, 0, 0, 123_456_789, time.UTC)
	raises := make([]ledger.Raise, 12)
	for i := range raises {
		raises[i] = ledger.Raise{Quantity: stock.Units(12), At: at, After: at, From: stock.Units(43), To: stock.Units(55)}
	}
	text, err := Encode(raises)
	require.NoError(b, err)
	for b.Loop() {
		var got []ledger.Raise
		if err := decodeRaises(sql.NullString{String: text, Valid: true}, &got); err != nil {
			b.Fatal(err)
		}
	}
}
