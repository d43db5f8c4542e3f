package app

// Actor is who does something. It comes from the transport (who is at the other end of the socket), never from a request: an
// append-only ledger would keep a forged name for ever.
type Actor struct {
	// Name is what the ledger writes down: the name of the local user.
	Name string
}
