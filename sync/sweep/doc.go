// Package sweep finds what no webhook told: on a schedule it reads whole channels and hands what it sees to the ledger by the
// same rules as a delivery, so that a sweep is safe while shops sell.
//
// A recent sweep asks for counters, movements and articles of the catalog that changed since the last one, by the platform's own update
// times, with an overlap, because platforms index late. A full sweep reads every linked ref and lists what stands: unlinked items, counters
// that cannot be read, differences that nobody explained, pushes that do not go through. Everything it saw that needs a word
// becomes a Finding with a class, evidence and the action taken.
//
// A scheduled recent sweep gives its turn up while a first sync of many refs runs, for some minutes at most: that reads every counter itself.
//
// A list keeps its position in the ledger, page by page, together with what the page brought. A sweep that is interrupted, by a kill
// or a platform that does not answer, goes on behind the last page, in the same list (window.go): so it comes to its end however
// little it gets at a time. Where the platform has forgotten where the list was, it begins anew and reaches as far back. The next one
// begins where that one began, less its overlap, however long it took. What changed in the catalog is compared when the list is
// complete, so that list begins anew. A full sweep goes on if it began less than an hour ago. Who is asked too often gets the pause
// that it names, whatever that is, and the same page is asked for again: a sweep has no other limit than its context.
//
// When orders changed is listed for little, and an order is read whole only if nobody has told it as it is now (told.go). This is
// remembered in the process, for some tens of thousands of orders; what is not is read once more. Times of orders have the grain of a
// second: an order that changed twice in one, of which only the first change was told, is found by the full sweep, which reads
// all orders of two days.
//
// A sweep never writes to a channel, and holds in memory two pages, the ids of the linked items and a bounded number of findings of
// each class.
//
// # When recent sweeps are made
//
// By a schedule, or, adaptive (adapt.go), when they are needed: once a minute, and beside it, while deliveries cannot be relied on, a
// glance every two to eight seconds at the counters that changed since the last glance, and at the orders when some did. Deliveries
// cannot be relied on until the first whole recent sweep has looked for what they did not tell; when none ever came; when a sweep was the
// first to see a change and no delivery came since; and for ten minutes after a change was seen that a delivery would have told
// long before, or for hours where that happens again and again. So a shop without webhooks is even within seconds, and one whose
// webhooks come is asked once a minute. Glances come less often the longer nothing changes, the less of the budget is left, the
// longer they take, and while the platform fails (pace.go says when, and nothing else does).
//
// A glance moves no position: what platforms find by its update time only later is in the window of the next recent sweep. It reads
// counters in the lane of confirming reads, for pushes wait for it; orders stand among the causes, and whole sweeps behind everybody.
//
// # Which articles belong together
//
// Suggest proposes articles only whose SKUs, or else whose barcodes, are equal to the letter and single in each channel. What looks
// the same to people is a hint (hints.go): folded by compatibility form, without characters that nobody sees, with one dash, one case,
// numbers without zeros before them, article numbers of 8, 12, 13 or 14 digits in one form, and at last by name. Each pair is told
// once, by its most certain step, with how sure that is; only a person can say yes. What stands for no SKU ("-", "n/a", "0", "xx",
// "#REF!", "TRUE") is none. Bundles, articles counted in another unit, gift cards and services have no counter that could be kept even, of what is sold by
// weight other channels would show whole units only, and archived articles and drafts are not sold: they are left out and counted.
//
// # What people do to the catalog
//
// It moves no count, and most of it is told by no webhook that names it: an article is renamed, deleted, made anew, marked as sold out or
// counted no more, or its SKU is given to another one. A recent sweep lists what changed (changes.go): one request in most shops, and on
// Square one more for the counters of what is listed. What is said to be gone or not counted is read at once, and nothing is pushed to
// it before. Where deleted articles are in no list, fewer of them than there should be begin a look at what is linked (deleted.go).
//
// Sweeps keep what the catalog calls linked articles (labels.go). An item's label follows the article that had it, so that a merchant can
// rename; one that another article has still, or that a person made up, stays. A SKU that a linked article had and another one has now
// is a finding with both, and never a merge (moved.go); if the first is gone, the other most likely came in its place (gone.go).
//
// # A loss of the stream
//
// A loss in the stream is a mark in the ledger. A Resync sweeps every channel whole after it, as often as it takes, also in a later
// process, and only by sweeps that began after the loss; then it clears the mark.
//
// A row of history may bear a reference of evenstock that names no call of this ledger. Either another installation of evenstock
// writes to the same account, or this one lost its calls, because its data folder is new or was restored from a backup; nobody can
// tell which. Such a row counts as another program's and explains the difference that a reading showed. If it were taken for a push
// of ours, that difference would stay in suspense for ever, or what another program does would be hidden. A new folder is not
// flooded by the rows of the old one: what its baselines contain needs no explanation.
package sweep
