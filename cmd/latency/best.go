package main

import "time"

// What one request can bring at the most, and what it costs, in the words of the platforms' manuals.
const (
	// squarePage is the counts, changes or catalog objects of one page
	// (https://developer.squareup.com/reference/square/inventory-api/batch-retrieve-inventory-counts).
	squarePage = 1_000
	// shopifyPage is the nodes of one page or the ids of one question (https://shopify.dev/docs/api/usage/limits).
	shopifyPage = 250
	// readPoints is what 250 levels cost, asked for with their items and quantities, catalogPoints what 250 variants cost with their
	// products and items: by the formula of the pretend Shopify.
	readPoints, catalogPoints = 33, 35
	// apart is the least time between two readings of a level in a baseline, so that no order slips in between.
	apart = 3 * time.Second
	// answer is what one request takes on average.
	answer = (answerMin + answerMax) / 2
)

// bestImport is the least time in which the budgets let the scenario's counters be read for a baseline: Square's once, with a page of
// changes; Shopify's twice, apart. A list is read page by page, one answer after the other, from a full bucket.
func bestImport(s scenario) time.Duration {
	levels := s.articles * s.places
	once := pages(levels, shopifyPage)
	return max(
		s.squareTime(pages(levels, squarePage)+1),
		s.shopifyTime(2*once, 2*once*readPoints),
		apart+s.shopifyTime(once, once*readPoints),
	)
}

// bestSweep is the least time for a full sweep of them: both platforms' counters and catalogs once, and a page of changes and orders.
func bestSweep(s scenario) time.Duration {
	levels := s.articles * s.places
	read, listed := pages(levels, shopifyPage), pages(s.articles, shopifyPage)
	return max(
		s.squareTime(pages(levels, squarePage)+pages(s.articles, squarePage)+1),
		s.shopifyTime(read+listed+1, read*readPoints+listed*catalogPoints),
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
