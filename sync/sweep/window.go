package sweep

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// listing is a list that a recent sweep asks for, by what changed since the last one.
type listing struct {
	// name is how its marks name it.
	name string
	// overlap is by how much the next list reaches back beyond the beginning of the last.
	overlap time.Duration
	// whole: it is compared when it is complete, so one that is interrupted begins anew.
	whole bool
}

var (
	countsList    = listing{name: "counts", overlap: countsOverlap}
	movementsList = listing{name: "movements", overlap: movementsOverlap}
	catalogList   = listing{name: "catalog", overlap: countsOverlap, whole: true}
)

// window is a list of what changed since a time, as its mark holds it while it is under way: whoever goes on with it asks for the page
// behind the last one that was applied, of the same list.
type window struct {
	Since time.Time `json:"since"`
	// Start is the platform's time when it began; the next one lists from there on.
	Start  time.Time `json:"start"`
	Cursor string    `json:"cursor,omitempty"`
}

// reader reads one page of a list.
type reader func(ctx context.Context, since time.Time, cursor string) (stock.Page, error)

func (r *run) windowMark(list listing) string { return r.markName(list.name + "/window") }

// list applies what changed since the last list of this name began, less an overlap, page by page, and keeps with each page where it
// is. So one that is interrupted, whatever the reason, goes on in the next sweep, and comes to its end however little can be asked for
// at a time. With the last page it marks where the next list begins: at the platform's time when it answered with the first page.
// Before that answer our own clock may be all there is, and it may be wrong.
func (r *run) list(ctx context.Context, list listing, read reader) error {
	at, err := r.underWay(ctx, list)
	if err != nil {
		return err
	}
	resumed := at.Cursor != ""
	if !resumed {
		if at, err = r.begin(ctx, list); err != nil {
			return err
		}
	}
	for range pagesMax {
		page, err := r.page(ctx, at, read)
		if resumed && refusesRequest(err) && !tooMany(err) { // the platform has forgotten where the list was
			at.Cursor, resumed = "", false
			continue
		}
		if err != nil {
			return err
		}
		if at.Cursor == "" && !page.ReadAt.IsZero() {
			at.Start = page.ReadAt
		}
		at.Cursor, resumed = page.Next, false
		if err := r.turnPage(ctx, list, at, page); err != nil || at.Cursor == "" {
			return err
		}
	}
	return fmt.Errorf("the list does not end after %d pages", pagesMax)
}

// page asks for the next page.
func (r *run) page(ctx context.Context, at window, read reader) (stock.Page, error) {
	return patiently(ctx, func() (stock.Page, error) {
		asked := r.Now()
		page, err := read(ctx, at.Since, at.Cursor)
		page.AskedAt = asked
		return page, err
	})
}

// turnPage applies a page, together with where the list goes on.
func (r *run) turnPage(ctx context.Context, list listing, at window, page stock.Page) error {
	switch {
	case at.Cursor == "":
		return r.apply(ctx, page, r.listed(list, at.Start))
	case list.whole:
		return r.apply(ctx, page, nil)
	}
	text, err := json.Marshal(at)
	if err != nil {
		return fmt.Errorf("encoding where the list is: %w", err)
	}
	return r.apply(ctx, page, map[string]string{r.windowMark(list): string(text)})
}

// underWay is the list of this name that was interrupted; the zero window: none was.
func (r *run) underWay(ctx context.Context, list listing) (at window, err error) {
	text, err := r.Ledger.Mark(ctx, r.windowMark(list))
	if err == nil && text != "" {
		err = json.Unmarshal([]byte(text), &at)
	}
	if err != nil {
		return window{}, fmt.Errorf("reading where the last sweep was interrupted: %w", err)
	}
	return at, nil
}

// begin is a list from its beginning.
func (r *run) begin(ctx context.Context, list listing) (window, error) {
	since, err := r.since(ctx, list)
	return window{Since: since, Start: r.clock()}, err
}

// since returns from when on a recent sweep must list.
func (r *run) since(ctx context.Context, list listing) (time.Time, error) {
	mark, err := r.Ledger.Mark(ctx, r.markName(list.name))
	if err != nil {
		return time.Time{}, fmt.Errorf("reading where the last sweep began: %w", err)
	}
	if mark == "" {
		return r.clock().Add(-firstWindow), nil
	}
	began, err := time.Parse(time.RFC3339Nano, mark)
	if err != nil {
		return time.Time{}, fmt.Errorf("reading where the last sweep began: %w", err)
	}
	return began.Add(-list.overlap), nil
}

// listed are the marks that end a list, and make the next one begin at start, less its overlap.
func (r *run) listed(list listing, start time.Time) map[string]string {
	return map[string]string{r.markName(list.name): start.UTC().Format(time.RFC3339Nano), r.windowMark(list): ""}
}

// clock is the platform's clock where it is known, else ours.
func (r *run) clock() time.Time {
	if now := r.Lister.PlatformNow(); !now.IsZero() {
		return now
	}
	return r.Now()
}

func (r *run) markName(name string) string { return "sweep/recent/" + string(r.Channel) + "/" + name }

// tooMany says whether a list is longer than the platform pages through.
func tooMany(err error) bool {
	var long interface{ TooMany() bool }
	return errors.As(err, &long) && long.TooMany()
}

// patiently asks again as long as the platform says that it is asked too often, after the pause that it names, however long that
// takes: whoever gave up would begin with less than what is there now. It ends with its context.
func patiently[T any](ctx context.Context, ask func() (T, error)) (T, error) {
	for {
		answer, err := ask()
		pause := pauseOf(err)
		if pause <= 0 {
			return answer, err
		}
		if !sleep(ctx, pause) {
			return answer, errors.Join(ctx.Err(), err)
		}
	}
}

// pauseOf is how long a platform that is asked too often wants to be left alone; 0: it did not say so.
func pauseOf(err error) time.Duration {
	var asked interface{ RetryAfter() time.Duration }
	if stock.FailureOf(err) != stock.TooManyRequests || !errors.As(err, &asked) {
		return 0
	}
	return asked.RetryAfter()
}
