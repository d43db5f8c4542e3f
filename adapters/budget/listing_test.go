package budget_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/evenstock/evenstock/adapters/budget"
	"github.com/evenstock/evenstock/ledger/stock"
)

// What nobody waits for is asked for again while the platform was asked too often, and neither for ever nor in a long pause.
func TestListing(t *testing.T) {
	t.Parallel()
	often := tooOften{}
	long := notSent{cause: &budget.PausedError{}}
	other := errors.New("other")
	for name, c := range map[string]struct {
		lane    stock.Lane
		answers []error
		asked   int
		want    error
	}{
		"answered":              {stock.Sweeps, []error{nil}, 1, nil},
		"asked too often once":  {stock.Causes, []error{often, nil}, 2, nil},
		"asked too often":       {stock.Sweeps, []error{often, often, often, often, often, nil}, 5, often},
		"somebody waits":        {stock.ConfirmingReads, []error{often, nil}, 1, often},
		"another failure":       {stock.Sweeps, []error{other, nil}, 1, other},
		"another one after it":  {stock.Sweeps, []error{often, other, nil}, 2, other},
		"a long pause":          {stock.Sweeps, []error{long, nil}, 1, long},
		"a long pause after it": {stock.Sweeps, []error{often, long, nil}, 2, often},
	} {
		asked := 0
		answer, err := budget.Listing(in(t, c.lane), func() (int, error) {
			asked++
			return asked, c.answers[asked-1]
		})
		assert.Equal(t, c.want, err, name)
		assert.Equal(t, c.asked, asked, name)
		if err == nil {
			assert.Equal(t, asked, answer, name)
		}
	}
}

// tooOften is an answer of a platform that was asked too often, notSent a request that never got its turn.
type (
	tooOften struct{}
	notSent  struct{ cause error }
)

func (tooOften) Error() string          { return "too often" }
func (tooOften) Failure() stock.Failure { return stock.TooManyRequests }
func (notSent) Error() string           { return "not sent" }
func (notSent) Failure() stock.Failure  { return stock.TooManyRequests }
func (n notSent) Unwrap() error         { return n.cause }
