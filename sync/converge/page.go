package converge

import (
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// ownReads makes of a page one input for each ref that was asked for, and names the refs that it lacks.
func ownReads(due []ledger.DueRef, page stock.Page, since time.Time) (inputs []ledger.Input, lacks []stock.Ref) {
	reads := make(map[stock.Ref]*ledger.OwnRead, len(due))
	for _, reading := range page.Readings {
		reads[reading.Ref] = &ledger.OwnRead{Reading: reading, ReadAt: page.ReadAt, AskedAt: page.AskedAt, FeedFrom: since}
	}
	for _, movement := range page.Movements {
		if read := reads[movement.Ref]; read != nil {
			read.Movements = append(read.Movements, movement)
		}
	}
	for _, recount := range page.Recounts {
		if read := reads[recount.Ref]; read != nil {
			read.Recounts = append(read.Recounts, recount)
		}
	}
	for _, ref := range due {
		read := reads[ref.State.Ref]
		if read == nil {
			lacks = append(lacks, ref.State.Ref)
			continue
		}
		read.Mark = ref.Work.Seq
		read.Orders = ordersOf(page.Orders, ref.State.SoldAs)
		inputs = append(inputs, *read)
	}
	return inputs, lacks
}

func ordersOf(orders []stock.Order, soldAs string) (list []stock.Order) {
	for _, order := range orders {
		for _, line := range order.Lines {
			if line.SoldAs == soldAs {
				list = append(list, order)
				break
			}
		}
	}
	return list
}
