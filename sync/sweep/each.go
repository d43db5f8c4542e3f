package sweep

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// Reader reads counters.
type Reader interface {
	ReadRefs(ctx context.Context, refs []stock.Ref, since time.Time) (stock.Page, error)
}

// ReadEach reads counters with one request. When the platform refuses it for what it asks, each half is asked for, so that one counter
// that cannot be asked for does not keep the others from being read. It returns those that cannot, with the platform's reason; an
// error is about the platform and not about a counter.
func ReadEach(ctx context.Context, reader Reader, refs []stock.Ref) (stock.Page, map[stock.Ref]error, error) {
	page, err := reader.ReadRefs(ctx, refs, time.Time{})
	switch {
	case err == nil:
		return page, nil, nil
	case !refusesRequest(err):
		return stock.Page{}, nil, err
	case len(refs) == 1:
		return stock.Page{}, map[stock.Ref]error{refs[0]: err}, nil
	}
	half := len(refs) / 2
	first, refused, err := ReadEach(ctx, reader, refs[:half])
	if err != nil {
		return stock.Page{}, nil, err
	}
	second, more, err := ReadEach(ctx, reader, refs[half:])
	if err != nil {
		return stock.Page{}, nil, err
	}
	if !first.ReadAt.IsZero() {
		second.ReadAt = first.ReadAt // the earlier one
	}
	second.Readings = append(first.Readings, second.Readings...)
	second.Movements = append(first.Movements, second.Movements...)
	if refused == nil {
		refused = map[stock.Ref]error{}
	}
	maps.Copy(refused, more)
	return second, refused, nil
}

// refusesRequest says whether a platform refused a request for what it asks, and not us, or for the moment.
func refusesRequest(err error) bool {
	var again interface{ Retryable() bool }
	var denial interface{ Denied() bool }
	return errors.As(err, &again) && !again.Retryable() && !(errors.As(err, &denial) && denial.Denied())
}
