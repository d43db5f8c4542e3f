package main

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
)

// plan is what a Shopify plan's bucket holds and gains per second, in points.
type plan struct {
	Bucket  float64 `json:"bucket"`
	Restore float64 `json:"restore"`
}

// https://shopify.dev/docs/api/usage/limits: Standard and Plus.
var (
	standardPlan = plan{2_000, 100}
	plusPlan     = plan{20_000, 1_000}
)

func (p plan) String() string { return fmt.Sprintf("%g/%g", p.Bucket, p.Restore) }

// kind is what happens in a scenario.
type kind int

const (
	// living is shop life.
	living kind = iota
	// sweeping is shop life while full sweeps of the web shop run.
	sweeping
	// lastUnits is the last ten units of a few articles, sold at both ends.
	lastUnits
	// importing is a first sync and a full sweep of many articles, without life.
	importing
)

// scenario is what the shops are like and what happens in them.
type scenario struct {
	name string
	kind kind
	// square is the requests per second that the pretend Square takes. It tells nobody.
	square float64
	plan   plan
	// articles are for sale at so many places.
	articles, places int
	// lost loses every webhook.
	lost bool
	// told is the longest that a platform takes to send a webhook.
	told time.Duration
	// settle is how long after the end the last changes may take.
	settle time.Duration
}

const (
	// shopArticles is what each of the 60 shops sells.
	shopArticles = 10
	// manyArticles is what there is to sweep and to import, at two places each, unless somebody says so.
	manyArticles = 5_000
	// lateWebhook is how long platforms take to tell, at the most, where that is part of the question.
	lateWebhook = time.Second
	// settleSoon is for what comes by webhook, settleSwept for what only a sweep finds.
	settleSoon, settleSwept = 20 * time.Second, 90 * time.Second
)

// scenarios is all of them, in the order in which they run; many is how many articles there are to sweep and to import.
func scenarios(many int) []scenario {
	var all []scenario
	for _, plan := range []plan{standardPlan, plusPlan} {
		for _, square := range []float64{6, 40, 200} {
			name := fmt.Sprintf("calm-%g-%g", square, plan.Bucket)
			all = append(all, scenario{name: name, kind: living, square: square, plan: plan, articles: busyAs * shopArticles, places: 1, settle: settleSoon})
		}
	}
	return append(all,
		scenario{name: "sweep", kind: sweeping, square: 40, plan: standardPlan, articles: many, places: 2, settle: settleSwept},
		scenario{name: "lost", kind: living, square: 40, plan: standardPlan, articles: busyAs * shopArticles, places: 1, lost: true, settle: settleSwept},
		scenario{name: "last-units", kind: lastUnits, square: 40, plan: standardPlan, articles: lastArticles, places: 1, told: lateWebhook, settle: settleSoon},
		scenario{name: "import", kind: importing, square: 40, plan: standardPlan, articles: many, places: 2},
	)
}

// chosen are the scenarios that a comma-separated list of patterns names, such as "calm-*,import".
func chosen(patterns string, many int) ([]scenario, error) {
	all := scenarios(many)
	var names []string
	for _, s := range all {
		names = append(names, s.name)
	}
	wanted := map[string]bool{}
	for pattern := range strings.SplitSeq(patterns, ",") {
		found := false
		for _, name := range names {
			if match, err := path.Match(pattern, name); err == nil && match {
				found, wanted[name] = true, true
			}
		}
		if !found {
			return nil, fmt.Errorf("-scenario %q names none: use %s", pattern, strings.Join(names, ", "))
		}
	}
	return slices.DeleteFunc(all, func(s scenario) bool { return !wanted[s.name] }), nil
}
