package app

import (
	"context"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// standby is the ledger of a process that stands by: it can be looked at, and whoever wants to change it is told where that is done.
type standby struct{ ledger.Store }

var errStandsBy = &Error{Kind: Busy, What: "this process stands by, for another evenstock process works on the ledger: give the command beside that one"}

func (standby) Apply(context.Context, ledger.Step, ledger.Batch) (ledger.Receipt, error) {
	return ledger.Receipt{}, errStandsBy
}
func (standby) SaveItems(context.Context, []stock.Item) error        { return errStandsBy }
func (standby) SaveLabels(context.Context, []ledger.Label) error     { return errStandsBy }
func (standby) SaveRun(context.Context, ledger.Run) error            { return errStandsBy }
func (standby) SaveFindings(context.Context, []ledger.Finding) error { return errStandsBy }
func (standby) Rebuild(context.Context) error                        { return errStandsBy }
