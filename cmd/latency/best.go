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
func (s scenario) reading() (requests, points int) {
	for places := s.places; places > 0; places -= placesAtOnce {
		of := pages(s.articles, shopifyPage)
		requests, points = requests+of, points+of*pagePoints*(1+2*min(places, placesAtOnce))
	}
	return requests, points
}

// bestImport is the least time in which the budgets let the scenario's counters be read for a first sync: twice each, with pages as
// large as the platforms give, and each request when the one before is answered, as every list by cursors must. Once for the plan, which is applied as soon as it is shown, and is the first of the two equal readings where
// there is no history; and once for the baseline itself, three seconds later there, where Square tells of a page of changes too. Whether
// Square goes on counting an item its catalog says, once. Square's limit has to be found first, which nobody is told. Time for the
// ledger's transactions is none: they can go on while the next answer is waited for.
func bestImport(s scenario) time.Duration {
	levels := s.articles * s.places
	once, points := s.reading()
	const readings = 2
	return max(
		s.learningTime(readings*pages(levels, squarePage)+pages(s.articles, squarePage)+1),
		s.shopifyTime(readings*once, readings*points),
		apart+s.shopifyTime(once, points),
	)
}

// learnFrom is how many requests a second may be made of Square before anything is known of its limit: 429s were reported from about 6.
const learnFrom = 5.0

// learningTime is what so many requests to Square take from a start at learnFrom, when each answer raises what is asked for in a second by
// one, until the limit is found.
func (s scenario) learningTime(requests int) time.Duration {
	n, from := float64(requests), min(learnFrom, s.square)
	climbs := min(n, s.square-from)
	return max(time.Duration(requests)*answer, seconds(math.Log1p(climbs/from)+(n-climbs)/s.square))
}

// bestSweep is the least time for a full sweep of them: both platforms' counters and catalogs once, and a page of changes and orders. That
// a sweep leaves a part of Shopify's points to pushes is not in it: how large that part is, is the program's choice.
func bestSweep(s scenario) time.Duration {
	levels := s.articles * s.places
	read, points := s.reading()
	listed := pages(s.articles, shopifyPage)
	return max(
		s.squareTime(pages(levels, squarePage)+pages(s.articles, squarePage)+1),
		s.shopifyTime(read+listed+1, points+listed*catalogPoints),
	)
}

func pages(rows, page int) int { return (rows + page - 1) / page }

// squareTime is what so many requests take: one after the other, or as the limit lets them through after a second's burst.
func (s scenario) squareTime(requests int) time.Duration {
	return max(time.Duration(requests)*answer, seconds((float64(requests)-s.square)/s.square))
}

// shopifyTime is the same of requests that cost so many points.
func (s scenario) shopifyTime(requests, points int) time.Duration {
	return max(time.Duration(requests)*answer, seconds((float64(points)-s.plan.Bucket)/s.plan.Restore))
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }
