// Package budget shares what a platform's account may be asked for among everything that asks.
//
// Each account has one budget. A request waits in its lane (stock.Lane) until there is enough for it; the first of the most urgent
// lane goes first, so that no lane ever holds what a more urgent one waits for. Less urgent lanes leave a reserve, so that a push
// finds its turn at once however many sweeps wait. No lane starves for ever: one that has waited for half a minute, and whose lane
// got nothing in this time, goes next.
//
// There are two kinds. A Rate learns how many requests a second a platform takes that promises no figure (Square). A Bucket follows
// the points that a platform counts itself and tells with each answer (Shopify).
//
// A platform may ask for a pause. A request sits a short one out; of a long one its caller is told.
package budget
