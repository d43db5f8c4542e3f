package main

import (
	"math"
	"time"
)

// What one request can bring at the most, and what it costs, in the words of the platforms' manuals.
const (
	// squarePage is the counts, changes or catalog objects of one page
	// (https://developer.squareup.com/reference/square/inventory-api/batch-retrieve-inventory-counts).
	squarePage = 1_000
	// shopifyPage is the nodes of one page or the ids of one question (https://shopify.dev/docs/api/usage/limits).
	shopifyPage = 250
	// pagePoints is what a page of nodes costs for each object of a node, and catalogPoints what 250 variants cost with their products and
	// items: by the formula of the pretend Shopify.
	pagePoints, catalogPoints = 11, 35
	// placesAtOnce is of how many places one request asks for the levels of 250 items.
	placesAtOnce = 4
	// apart is the least time between two readings of a level in a baseline, so that no order slips in between.
	apart = 3 * time.Second
	// answer is what one request takes on average.
	answer = (answerMin + answerMax) / 2
)

// reading is what reading every level of Shopify costs: a page of items, each with a level and a quantity at as many places as one request
// asks for. That the items are paid for once, and not for each place, makes it cheaper than reading place by place.
func (s scenario) reading() (points int) {
	for places := s.places; places > 0; places -= placesAtOnce {
		points += pages(s.articles, shopifyPage) * pagePoints * (1 + 2*min(places, placesAtOnce))
	}
	return points
}

// bestImport is the least time in which the budgets let the scenario's counters be read for a first sync, with pages as large as the
// platforms give. Its terms:
//   - Each counter is read twice: once for the plan, which is applied as soon as it is shown, and is the first of the two equal readings
//     where there is no history; and once for the baseline itself, three seconds later there.
//   - Both readings name the counters, which are linked by then. No such request needs the answer of another, so that all of one reading can
//     be under way at once and only the budget is in their way.
//   - Square is asked once of each item, by its name too, whether it goes on counting it, and for a page of changes. Its limit has to be
//     found first, which nobody is told.
//
// Time for the ledger's transactions is none: they can go on while the next answer is waited for.
func bestImport(s scenario) time.Duration {
	levels := s.articles * s.places
	points := s.reading()
	const readings = 2
	return max(
		s.learningTime(readings*pages(levels, squarePage)+pages(s.articles, squarePage)+1),
		s.shopifyTime(readings*points),
		apart+max(answer, s.shopifyTime(points)),
	)
}

// learnFrom is how many requests a second may be made of Square before anything is known of its limit: 429s were reported from about 6.
const learnFrom = 5.0

// learningTime is what so many requests to Square take from a start at learnFrom, when each answer raises what is asked for in a second by
// one, until the limit is found.
func (s scenario) learningTime(requests int) time.Duration {
	n, from := float64(requests), min(learnFrom, s.square)
	climbs := min(n, s.square-from)
	return seconds(math.Log1p(climbs/from) + (n-climbs)/s.square)
}

// bestSweep is the least time for a full sweep of them. Its terms:
//   - The counters of both platforms once, by their names, and so side by side.
//   - Both catalogs, and Square's changes of the last two days, which are one for each counter: when the stage was set. Their pages come one
//     after the other, each with the cursor that the one before told; the three lists need nothing of one another.
//   - A page of orders.
//
// That a sweep leaves a part of Shopify's points to pushes is not in it: how large that part is, is the program's choice.
func bestSweep(s scenario) time.Duration {
	levels := s.articles * s.places
	points := s.reading()
	counters, catalog, listed := pages(levels, squarePage), pages(s.articles, squarePage), pages(s.articles, shopifyPage)
	changes := counters
	return max(
		chain(max(catalog, changes, listed)),
		s.squareTime(counters+catalog+changes),
		s.shopifyTime(points+listed*catalogPoints),
	)
}

func pages(rows, page int) int { return (rows + page - 1) / page }

// chain is what so many requests take of which each needs the answer of the one before.
func chain(requests int) time.Duration { return time.Duration(requests) * answer }

// squareTime is what so many requests take as the limit lets them through after a second's burst.
func (s scenario) squareTime(requests int) time.Duration {
	return max(0, seconds((float64(requests)-s.square)/s.square))
}

// shopifyTime is what requests that cost so many points take as the plan lets them through after a full bucket.
func (s scenario) shopifyTime(points int) time.Duration {
	return max(0, seconds((float64(points)-s.plan.Bucket)/s.plan.Restore))
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }
