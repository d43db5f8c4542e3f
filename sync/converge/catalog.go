package converge

import (
	"context"
	"fmt"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// catalogWindow is how far back the catalog is read when a webhook says that it changed: about as long as a webhook takes. What is
	// told later the next sweep brings.
	catalogWindow = 5 * time.Minute
	// catalogPages bounds what is read of it here, where orders wait: the next sweep reads all.
	catalogPages = 3
)

func isCatalog(wish ledger.ResourceWish) bool { return wish.Resource == stock.CatalogResource }

// readCatalog takes in what counters show of the articles that changed lately. What they are called now is for a sweep to compare.
func (w *Worker) readCatalog(ctx context.Context, wish ledger.ResourceWish) error {
	read := ledger.ResourceRead{Channel: w.Channel, Resource: wish.Resource}
	reader, can := w.Platform.(CatalogReader)
	inputs := []ledger.Input{read}
	if can {
		readings, err := w.changedReadings(ctx, reader)
		w.Door.Heard(err)
		switch {
		case refusesRequest(err):
			w.Logger.Error("catalog read refused", "channel", w.Channel, "error", err)
			read.Retry = w.Now().Add(resourcePause)
			inputs = []ledger.Input{read}
		case err != nil:
			return fmt.Errorf("reading changes of the catalog: %w", err)
		}
		inputs = append(inputs, readings...)
	}
	return w.applyEach(ctx, inputs, func(input ledger.Input, reason error) {
		w.Logger.Error("reading of a changed article refused", "channel", w.Channel, "input", fmt.Sprintf("%T", input), "error", reason)
	})
}

// changedReadings are what counters of articles show that changed lately, as delivered readings.
func (w *Worker) changedReadings(ctx context.Context, reader CatalogReader) (inputs []ledger.Input, err error) {
	now := w.Platform.PlatformNow()
	if now.IsZero() {
		now = w.Now()
	}
	cursor := ""
	for range catalogPages {
		asked := w.Now()
		changes, err := reader.ListChanges(ctx, now.Add(-catalogWindow), cursor)
		if err != nil {
			return nil, err
		}
		for i := range changes.Readings {
			inputs = append(inputs, ledger.Delivered{AskedAt: asked, Event: stock.Event{ID: "read/catalog/" + changes.Readings[i].Ref.String(),
				Channel: w.Channel, Topic: "catalog read", ObservedAt: w.Now(), Reading: &changes.Readings[i]}})
		}
		if cursor = changes.Next; cursor == "" {
			break
		}
	}
	return inputs, nil
}
