// Package life is the people of a shop with a pretend Square and a pretend Shopify: they sell, order, refund, recount and make
// mistakes, by dice and along a story of what is rare in a shop and hard for whoever keeps it even.
//
// A Life runs once, for so long. A Switch starts and stops lives, by method or by a control route. What a shop refuses is
// counted and stops nothing. The same seed gives the same choices; what they meet depends on the moment.
package life
