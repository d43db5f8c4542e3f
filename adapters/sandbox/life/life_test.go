package life

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/adapters/sandbox/shopify"
	"github.com/evenstock/evenstock/adapters/sandbox/square"
	"github.com/evenstock/evenstock/ledger/stock"
)

// openShops are two shops with goods and nobody listening.
func openShops(t *testing.T, seed int64) (*square.Shop, *shopify.Shop, []Good) {
	t.Helper()
	till, web := square.New(square.Options{Seed: seed}), shopify.New(shopify.Options{Seed: seed + 1, RoutingDelay: 300 * time.Millisecond})
	t.Cleanup(func() { till.Close(); web.Close() })
	goods, err := OpenShops(till, web, Assortment(), seed)
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	return till, web, goods
}

func TestOpenShops(t *testing.T) {
	t.Parallel()
	till, web, goods := openShops(t, 3)
	if len(goods) != 12 || len(till.Counts()) != 12 || len(web.Counts()) != 12 {
		t.Fatalf("%d goods, %d on the till, %d on the web", len(goods), len(till.Counts()), len(web.Counts()))
	}
	life := &Life{opts: Options{Square: till, Shopify: web}}
	uneven := 0
	for _, good := range goods {
		if life.onTill(good) != life.onWeb(good) {
			uneven++
		}
	}
	if uneven != unevenOpenings {
		t.Errorf("%d counts differ, want %d", uneven, unevenOpenings)
	}
}

func TestNewLifeRefuses(t *testing.T) {
	t.Parallel()
	till, web, goods := openShops(t, 1)
	good := Options{Square: till, Shopify: web, Goods: goods, For: time.Minute}
	if _, err := New(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Options){
		"no till":      func(o *Options) { o.Square = nil },
		"no store":     func(o *Options) { o.Shopify = nil },
		"no goods":     func(o *Options) { o.Goods = nil },
		"no time":      func(o *Options) { o.For = 0 },
		"past":         func(o *Options) { o.For = -time.Second },
		"negative day": func(o *Options) { o.Day = -time.Second },
		"slow":         func(o *Options) { o.Rate = -1 },
		"fast":         func(o *Options) { o.Rate = rateMax + 1 },
		"no number":    func(o *Options) { o.Rate = math.NaN() },
	} {
		opts := good
		change(&opts)
		if _, err := New(opts); !errors.Is(err, ErrOptions) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// liveOn runs a life to its end in a bubble of its own clock and returns what was told.
func liveOn(t *testing.T, seed int64, change func(*Options), check func(*Life, []Happening, []shop.Effect)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		till, web, goods := openShops(t, seed)
		must := func(err error) {
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
		}
		must(web.Faults().Set(shop.Faults{LevelLag: time.Second}))
		squareFrom, shopifyFrom := len(till.Truth().All()), len(web.Truth().All())
		var told []Happening
		opts := Options{Square: till, Shopify: web, Goods: goods, Seed: seed, For: 10 * time.Minute, Day: 2 * time.Minute, Rate: 5,
			Told: func(h Happening) { told = append(told, h) }}
		if change != nil {
			change(&opts)
		}
		life, err := New(opts)
		must(err)
		began := time.Now()
		life.Run(t.Context())
		if lived := time.Since(began); lived != opts.For {
			t.Errorf("seed %d: lived %s, not %s", seed, lived, opts.For)
		}
		must(web.Idle(t.Context()))
		check(life, told, slices.Concat(till.Truth().Since(squareFrom), web.Truth().Since(shopifyFrom)))
	})
}

// A steady life is everyday business alone, as busy in every minute as in any other.
func TestSteadyLife(t *testing.T) {
	t.Parallel()
	liveOn(t, 6, func(o *Options) { o.Steady, o.For = true, 4*time.Minute }, func(_ *Life, told []Happening, _ []shop.Effect) {
		minutes := map[int]int{}
		for _, h := range told {
			if h.Story {
				t.Errorf("a beat of the story: %+v", h)
			}
			minutes[int(h.At.Sub(told[0].At)/time.Minute)]++
		}
		for minute := range 4 {
			if got := minutes[minute]; got < 250 || got > 350 { // 300, but some find nothing to do
				t.Errorf("%d things happened in minute %d: %v", got, minute, minutes)
			}
		}
	})
}

func TestLifeDoesEverything(t *testing.T) {
	t.Parallel()
	liveOn(t, 5, nil, func(life *Life, told []Happening, effects []shop.Effect) {
		status := life.Status()
		for _, action := range actions {
			if status.Done[action.kind] == 0 {
				t.Errorf("nothing of the kind %q happened", action.kind)
			}
		}
		beats := map[string]bool{}
		for _, h := range told {
			if h.Story {
				beats[h.Kind] = true
			}
		}
		for _, beat := range storyBeats {
			if !beats[beat.kind] {
				t.Errorf("the story left out %q", beat.kind)
			}
		}
		if status.Running || status.Total != int64(len(told)) || status.Total < 1000 {
			t.Errorf("status %+v after %d happenings", status, len(told))
		}
		absorbed := slices.ContainsFunc(effects, func(e shop.Effect) bool { return e.By == "late_sale" && e.Delta == 0 })
		late := slices.ContainsFunc(effects, func(e shop.Effect) bool { return e.By == "late_sale" && e.Delta != 0 })
		if !absorbed || !late {
			t.Errorf("late sales: absorbed %t, counted %t", absorbed, late)
		}
	})
}

// raisedTwice finds goods whose number somebody typed up on both channels within 15 minutes.
func raisedTwice(goods []Good, effects []shop.Effect) (twice []string) {
	for _, good := range goods {
		shops := map[string]bool{}
		for _, e := range effects {
			typed := e.By == "received" || e.By == "hand" || e.By == "recount"
			if typed && e.Delta > 0 && (e.Item == good.Till || e.Item == good.Web) {
				shops[e.Shop] = true
			}
		}
		if len(shops) > 1 {
			twice = append(twice, good.SKU)
		}
	}
	return twice
}

func TestLifeTypesNoRaiseTwice(t *testing.T) {
	t.Parallel()
	for seed := range int64(5) {
		liveOn(t, seed, nil, func(life *Life, _ []Happening, effects []shop.Effect) {
			if twice := raisedTwice(life.opts.Goods, effects); len(twice) > 0 {
				t.Errorf("seed %d: %v", seed, twice)
			}
		})
		liveOn(t, seed, func(o *Options) { o.TypedTwice, o.For = true, o.Day }, func(life *Life, _ []Happening, effects []shop.Effect) {
			if twice := raisedTwice(life.opts.Goods, effects); len(twice) != 1 {
				t.Errorf("seed %d: asked for one raise on both channels, got %v", seed, twice)
			}
		})
	}
}

func TestLifeEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		till, web, goods := openShops(t, 1)
		life, err := New(Options{Square: till, Shopify: web, Goods: goods, For: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		began := time.Now()
		life.Run(ctx)
		if lived := time.Since(began); lived != time.Minute {
			t.Errorf("lived %s", lived)
		}
	})
}

// control posts to the control route and decodes its answer.
func control(t *testing.T, handler http.Handler, body string) (status int, answer Status, text string) {
	t.Helper()
	res := httptest.NewRecorder()
	method := http.MethodPost
	if body == "" {
		method = http.MethodGet
	}
	handler.ServeHTTP(res, httptest.NewRequest(method, "/sandbox/life", bytes.NewReader([]byte(body))))
	if res.Code == http.StatusOK {
		if err := json.Unmarshal(res.Body.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
	}
	return res.Code, answer, res.Body.String()
}

func TestLifeSwitch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		till, web, goods := openShops(t, 1)
		life := NewSwitch(Options{Square: till, Shopify: web, Goods: goods, Seed: 4})
		defer life.Stop()
		shop := life.Wrap(till)
		if code, status, _ := control(t, shop, ""); code != http.StatusOK || status.Running || status.Seed != 4 {
			t.Fatalf("before: %d %+v", code, status)
		}
		for _, body := range []string{`{"do":"start"}`, `{"do":"start","for":"x"}`, `{"do":"start","for":"1m","rate":-1}`, `{"do":"sing"}`, `{"done":"stop"}`, `{`} {
			if code, _, text := control(t, shop, body); code != http.StatusBadRequest {
				t.Errorf("%s: %d %s", body, code, text)
			}
		}
		if code, status, text := control(t, shop, `{"do":"start","seed":9,"for":"1h","rate":10}`); code != http.StatusOK || !status.Running || status.Seed != 9 {
			t.Fatalf("start: %d %s", code, text)
		}
		if code, _, text := control(t, shop, `{"do":"start","for":"1h"}`); code != http.StatusBadRequest {
			t.Errorf("a second start: %d %s", code, text)
		}
		time.Sleep(time.Minute) // of the bubble's clock
		code, status, _ := control(t, shop, `{"do":"stop"}`)
		if code != http.StatusOK || status.Running || status.Total == 0 {
			t.Fatalf("stop: %d %+v", code, status)
		}
		time.Sleep(time.Minute)
		if after := life.Status(); after.Total != status.Total {
			t.Errorf("%d things happened after the stop", after.Total-status.Total)
		}
		res := httptest.NewRecorder()
		shop.ServeHTTP(res, httptest.NewRequest(http.MethodGet, "/sandbox/counts", nil))
		if res.Code != http.StatusOK {
			t.Errorf("the shop's own routes answer %d", res.Code)
		}
		if _, err := life.Start(t.Context(), Request{For: time.Second, TypedTwice: true}); err != nil {
			t.Errorf("a second life: %v", err)
		}
	})
}

func TestLifeNeverOversellsByItself(t *testing.T) {
	t.Parallel()
	liveOn(t, 8, nil, func(life *Life, _ []Happening, _ []shop.Effect) {
		for _, count := range slices.Concat(life.opts.Square.Counts(), life.opts.Shopify.Counts()) {
			if count.Quantity < -lowTill*stock.Unit {
				t.Errorf("%s at %s", count.SKU, count.Quantity)
			}
		}
	})
}

// TestLifeRaces lets a write of ours for the right item meet a recount that happened after it was sent.
func TestLifeRaces(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		till, web, goods := openShops(t, 2)
		life, err := New(Options{Square: till, Shopify: web, Goods: goods[:2], Seed: 2, For: time.Minute, Rate: 0.001})
		if err != nil {
			t.Fatal(err)
		}
		racing := life.Racing(till)
		write := func(item, key string) {
			t.Helper()
			body, err := json.Marshal(map[string]any{"idempotency_key": key, "changes": []any{map[string]any{"type": "ADJUSTMENT", "adjustment": map[string]any{
				"catalog_object_id": item, "location_id": till.Locations()[0], "from_state": "IN_STOCK", "to_state": "SOLD", "quantity": "1",
				"occurred_at": time.Now().Add(-time.Millisecond).UTC().Format(time.RFC3339Nano)}}}})
			if err != nil {
				t.Fatal(err)
			}
			req := httptest.NewRequest(http.MethodPost, squareWritePath, bytes.NewReader(body))
			req.Header.Set("Authorization", "Bearer sandbox-token")
			req.Header.Set("Content-Type", "application/json")
			res := httptest.NewRecorder()
			if racing.ServeHTTP(res, req); res.Code != http.StatusOK {
				t.Fatalf("status %d: %s", res.Code, res.Body)
			}
		}
		absorbed := func() (absorbed, recounts int) {
			for _, e := range till.Truth().All() {
				if e.By == shop.ByApp && e.Delta == 0 {
					absorbed++
				}
				if e.By == "recount" {
					recounts++
				}
			}
			return absorbed, recounts
		}
		ran := make(chan struct{})
		go func() { defer close(ran); life.Run(t.Context()) }()
		time.Sleep(8500 * time.Millisecond) // the race's order is placed at 7.8 s
		for _, good := range goods[:2] {
			write(good.Till, "k"+good.SKU)
		}
		if absorbed, recounts := absorbed(); absorbed != 1 || recounts != 1 {
			t.Errorf("%d of our writes absorbed, %d recounts", absorbed, recounts)
		}
		<-ran
		if _, recounts := absorbed(); recounts < 2 {
			t.Error("nobody counted when no write came to race")
		}
		write(goods[0].Till, "late")
	})
}
