package converge

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// resourcesMax is how many orders one request asks for.
	resourcesMax = 25
	// resourcePause is how long an order is left alone whose read was refused.
	resourcePause = time.Hour
)

// readResources reads the catalog that a webhook said to have changed, then orders that a webhook announced without their lines, or that
// did not say yet where their units come from. When the platform refuses them together, they are asked for one by one, so that the one
// at fault does not hold up the others.
func (w *Worker) readResources(ctx context.Context) (progress bool, err error) {
	wishes, err := w.Ledger.DueResources(ctx, w.Channel, w.orders.until(w), resourcesMax)
	if err != nil {
		return false, fmt.Errorf("listing resources to read: %w", err)
	}
	ctx = stock.InLane(ctx, stock.Causes)
	if i := slices.IndexFunc(wishes, isCatalog); i >= 0 {
		return true, w.readCatalog(ctx, wishes[i])
	}
	reader, ok := w.Platform.(OrderReader)
	if len(wishes) == 0 || !ok {
		return false, nil
	}
	err = w.readOrders(ctx, reader, wishes...)
	if !refusesRequest(err) {
		return err == nil, err
	}
	for _, wish := range wishes {
		err := w.readOrders(ctx, reader, wish)
		if refusesRequest(err) {
			w.Logger.Error("order read refused", "channel", w.Channel, "resource", wish.Resource, "error", err)
			_, err = w.apply(ctx, ledger.ResourceRead{Channel: w.Channel, Resource: wish.Resource, Retry: w.Now().Add(resourcePause)})
		}
		if err != nil {
			return true, err
		}
	}
	return true, nil
}

func (w *Worker) readOrders(ctx context.Context, reader OrderReader, wishes ...ledger.ResourceWish) error {
	var ids []string
	var inputs []ledger.Input
	for _, wish := range wishes {
		if id, isOrder := stock.OrderOfResource(wish.Resource); isOrder {
			ids = append(ids, id)
		}
		inputs = append(inputs, ledger.ResourceRead{Channel: w.Channel, Resource: wish.Resource})
	}
	page, err := reader.ReadOrders(ctx, ids)
	w.Door.Heard(err)
	if err != nil {
		return fmt.Errorf("reading %d orders: %w", len(ids), err)
	}
	for _, order := range page.Orders {
		inputs = append(inputs, ledger.Delivered{Event: stock.Event{
			ID: "read/order/" + order.ID, Channel: w.Channel, Topic: "order read", ObservedAt: w.Now(), Order: &order,
		}})
	}
	return w.applyEach(ctx, inputs, func(input ledger.Input, reason error) {
		w.Logger.Error("order refused", "channel", w.Channel, "input", fmt.Sprintf("%T", input), "error", reason)
	})
}
