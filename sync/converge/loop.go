package converge

import (
	"context"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// pollPause is the longest a loop sleeps: when the time of a brake or of a pause is over, nobody wakes it.
const pollPause = time.Second

// part is what may be wrong with a channel: a loop of its worker, or its unanswered calls.
type part uint8

const (
	// pushing repeats open calls, and plans and sends pushes.
	pushing part = iota
	// reading reads what somebody waits for, and hands over what only explains.
	reading
	// explaining reads what only explains.
	explaining
	// ordering reads orders, and what changed in a catalog.
	ordering
	loopCount

	// unanswered is no loop: calls have gone without a definite answer for long.
	unanswered = loopCount
	partCount  = unanswered + 1
)

// loop does one part of a worker's work, in rounds. It has pauses of its own, so that what fails does not hold up the others.
type loop struct {
	*Worker
	part part
	// round does once what is due. Without progress the loop rests until it is woken, at most for what idle says.
	round func(context.Context) (progress bool, err error)
	idle  func(context.Context) time.Duration
	pause *backoff.ExponentialBackOff
	// refusals counts the rounds in a row that ended because the platform refused us.
	refusals int
}

func (w *Worker) newLoop(part part, round func(context.Context) (bool, error), idle func(context.Context) time.Duration) *loop {
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.MaxInterval = pauseMin, pauseMax
	return &loop{Worker: w, part: part, round: round, idle: idle, pause: pause}
}

// run goes on until ctx ends.
func (l *loop) run(ctx context.Context) {
	wake := l.Waker.of(l.Channel)[l.part]
	for ctx.Err() == nil {
		progress, err := l.round(ctx)
		if ctx.Err() != nil {
			return
		}
		l.report(l.part, err)
		if err != nil {
			l.restAfter(ctx, err)
			continue
		}
		l.pause.Reset()
		l.refusals = 0
		if !progress {
			sleep(ctx, wake, l.idle(ctx))
		}
	}
}

// restAfter rests after a round that failed. Wakes do not count then, for they would turn a platform's outage into a storm; only the
// door's opening does.
func (l *loop) restAfter(ctx context.Context, err error) {
	wait := l.failurePause(err)
	for failed := l.Door.Opening(); wait > 0 && l.Door.Opening() == failed && ctx.Err() == nil; wait -= pollPause {
		sleep(ctx, nil, min(wait, pollPause))
	}
}

// sleep returns when the time is over, somebody wakes it, or ctx ends.
func sleep(ctx context.Context, wake <-chan struct{}, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-wake:
	case <-timer.C:
	}
}

// poll is how long a loop rests that knows of nothing that becomes due.
func poll(context.Context) time.Duration { return pollPause }
