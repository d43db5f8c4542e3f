package simulator

// Sometimes lists the faults and branches that a few hundred runs together must have reached: a simulation that never gets
// there proves nothing about them.
func Sometimes() []string {
	return []string{
		// The network.
		"webhook lost", "webhook doubled", "webhook delayed by minutes", "webhook while we were down",
		"request lost", "answer lost after the write", "request strayed", "429", "5xx before the write", "5xx after the write",
		"own read failed", "sweep page failed", "call sent again", "key replayed", "answers of one call never heard",
		// Our side.
		"crash", "batch fetched, not applied, fetched again", "first sync",
		"own read repeated: a delivered reading was accepted meanwhile", "own read repeated: our push is not in the history yet",
		"own read repeated: version is older than the accepted one",
		// Square.
		"recount races a push", "adjustment absorbed by a recount", "recount and adjustment occurred at the same time",
		"row not in the feed yet", "fractions", "never counted", "first count came late", "a shelf begins anew", "two articles on a shelf", "opened with a sum",
		// Shopify.
		"level lags behind the order", "level stamped with the order's time", "two changes in one second",
		"location of an order known later", "edit that the order does not show", "refund without restock",
		// Both.
		"counter missing from one answer", "counter unreadable", "untracked while live", "gone while live", "push refused, gone", "a second baseline", "unexplained in doubt",
		"push refused", "push refused, untracked", "write strayed past its refusal", "burst within a second", "three channels", "two locations",
		"own read from a copy that lags behind", "own read repeated: the count is older than our push", "copy without our write believed",
		"waits to join", "joins with the same number", "joins by a standing answer", "joined: add", "joined: level", "joined: counter",
		"unlinked while live", "linked again", "linked again before it was unlinked",
		// Rules and people.
		"push answered", "push absorbed", "push undecided", "push resolved", "push resolved by a person", "brake held a push",
		"goods typed in twice", "brake released: typed in twice", "brake corrected", "mass change brake",
		// Acts.
		"act: sale", "act: late sale", "act: return", "act: received", "act: shrinkage", "act: other app", "act: recount", "act: late recount",
		"act: row edited", "edited row is held by a recount", "our own push edited", "act: untrack", "act: unlink", "act: delete", "act: recreate",
		"act: order", "act: edit", "act: cancel", "act: refund", "act: hand edit", "act: hand edit undone",
		"act: receipt typed", "act: typed in twice",
		"act: mass change", "mass change ended by itself", "mass change released by a person", "mass change with a reason", "act: program",
		"act: program with books of its own", "act: program that writes zero", "act: program that mirrors", "act: program that mirrors a part or a multiple", "settled by a person", "settled units told since", "settlement reopened", "brake released: other program", "act: mark as sold out", "act: typed in over a mark",
		"act: typed in by steps", "act: set to zero on both",
	}
}
