package kafka

import (
	"context"
	"time"
)

// standstill is how long a reader may have more to read and not move before
// that is logged.
const standstill = 10 * time.Second

// standing is since when a reader does not move though the log goes on.
type standing struct {
	since time.Time
	said  bool
}

// notice takes note of an answer of the broker, and says when a reader stands
// still and when it goes on. Requests that fail are said by read.
func (f *fetcher) notice(ctx context.Context, moved bool) {
	logger := f.client.opts.Logger.With("topic", f.topic, "partition", f.partition, "offset", f.next, "high_water", f.highWater)
	if moved || f.highWater <= f.next {
		if f.standing.said {
			logger.InfoContext(ctx, "reading goes on")
		}
		f.standing = standing{}
		return
	}
	now := f.client.opts.Now()
	if f.standing.since.IsZero() {
		f.standing.since = now
	}
	if f.standing.said || now.Sub(f.standing.since) < standstill {
		return
	}
	f.standing.said = true
	cause := "the broker answers with nothing that is whole"
	if f.stable <= f.next {
		cause = "another program's transaction has begun there and does not end"
	}
	logger.WarnContext(ctx, "reading stands still", "for", now.Sub(f.standing.since), "cause", cause)
}
