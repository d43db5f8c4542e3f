package cli

import (
	"context"
	"errors"

	"github.com/evenstock/evenstock/adapters/api/client"
	"github.com/evenstock/evenstock/sync/app"
)

var (
	// errGoesOn: the person stopped watching a job that goes on without them.
	errGoesOn = errors.New("you stopped watching: it goes on in serve; give the same command again to watch it")
	// errServeEnded: the serve that did a job is gone. The job is stored.
	errServeEnded = errors.New("serve has ended: it goes on when serve starts again")
)

// watch begins a job that outlives whoever asked for it, and waits for its end. A job that failed comes with its error.
func (c *CLI) watch(ctx context.Context, begin func(conn connection) (app.Job, error)) (app.Job, error) {
	progress, end := c.progress()
	defer end()
	return askConfigured(ctx, c, func(conn connection) (app.Job, error) {
		job, err := begin(conn)
		if err != nil {
			return job, err
		}
		job, err = conn.Await(ctx, job, progress)
		switch {
		case !conn.serving:
		case err != nil && ctx.Err() != nil:
			err = errGoesOn
		case errors.Is(err, client.ErrNoServe):
			err = errServeEnded
		}
		return job, err
	})
}
