// Package budget shares what a platform's account may be asked for among everything that asks.
//
// Each account has one budget. A request waits in its lane (stock.Lane) until there is enough for it; the first of the most urgent
// lane goes first, so that no lane ever holds what a more urgent one waits for. Less urgent lanes leave a reserve, so that a push
// finds its turn at once however many sweeps wait. No lane starves for ever: for a request that has waited for half a minute, and whose
// lane got nothing in this time, a quarter of what comes back is saved up, and it goes when that is enough; the others wait for none of it.
//
// Of a Rate a turn can be reserved before it is known what will be asked for, and given back (Rate.Reserve).
//
// There are two kinds. A Rate learns how many requests a second a platform takes that promises no figure (Square). A Bucket follows
// the points that a platform counts itself and tells with each answer (Shopify).
//
// A platform may ask for a pause. A request sits a short one out; of a long one its caller is told. A refusal that names no pause is one
// of a quarter of a second, twice as long with each further one in a row, up to ten seconds; then a single request goes first.
//
// What a refusal says about a Rate depends on what was asked for. While everything is used that the rate allows, it is what the climb was
// for: the rate falls at once, and remembers. It comes back within seconds when that was the first time, and more slowly each time
// that the platform refuses again. A refusal that stands alone while less is asked for says nothing about the rate, for other programs
// ask for the same account.
package budget
