package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"
)

func doctorCommand(c *cli) *cobra.Command {
	return &cobra.Command{Use: "doctor", Args: cobra.NoArgs,
		Short: "Check configuration, data folder, ledger and platforms; writes nothing to any platform",
		Long:  "Check configuration, data folder, ledger and platforms. Nothing is written to any platform.\nExit code 0: all is well, 1: something to look at, 2: something does not work.",
		RunE:  func(cmd *cobra.Command, _ []string) error { return c.doctor(cmd.Context()) }}
}

const (
	// platformTimeout bounds all questions to one platform. Platforms are asked at the same time.
	platformTimeout = 5 * time.Second
	// diskFreeMin is how much room the data folder's file system should have left, in bytes.
	diskFreeMin = 1 << 30
	// skewMax is how far our clock may be from a platform's: theirs is known to the second, and an answer takes a moment.
	skewMax = 5 * time.Second
)

// Exit codes of doctor.
const (
	exitWarned = 1
	exitIll    = 2
)

// How a check ended.
const (
	checkOK   = "ok"
	checkWarn = "warn"
	checkFail = "fail"
)

// checkup is one line of doctor.
type checkup struct {
	Result string `json:"result"`
	// Check is what was looked at, with the channel's name before it where it concerns one.
	Check  string `json:"check"`
	Detail string `json:"detail"`
	Remedy string `json:"remedy,omitempty"`
}

// checkups collects them.
type checkups []checkup

func (l *checkups) ok(check, format string, args ...any) {
	*l = append(*l, checkup{Result: checkOK, Check: check, Detail: fmt.Sprintf(format, args...)})
}

func (l *checkups) warn(check, detail, remedy string) {
	*l = append(*l, checkup{Result: checkWarn, Check: check, Detail: detail, Remedy: remedy})
}

func (l *checkups) fail(check, detail, remedy string) {
	*l = append(*l, checkup{Result: checkFail, Check: check, Detail: detail, Remedy: remedy})
}

func (l checkups) worst() string {
	worst := checkOK
	for _, line := range l {
		if line.Result == checkFail || line.Result == checkWarn && worst == checkOK {
			worst = line.Result
		}
	}
	return worst
}

func (l checkups) print(w io.Writer) error {
	t := newTable("", "RESULT", "CHECK", "DETAIL", "WHAT TO DO")
	for _, line := range l {
		t.row(line.Result, line.Check, line.Detail, line.Remedy)
	}
	return t.write(w)
}

// examination is all that doctor found.
type examination struct {
	Result string   `json:"result"`
	Checks checkups `json:"checks"`
}

func (c *cli) doctor(ctx context.Context) error {
	list, err := c.checkups(ctx, timeNow)
	if err != nil {
		return err
	}
	if err := c.print(examination{list.worst(), list}, list.print); err != nil {
		return err
	}
	codes := map[string]int{checkWarn: exitWarned, checkFail: exitIll}
	if code := codes[list.worst()]; code != exitOK {
		return &exitError{code: code, silent: true, err: errors.New("doctor found something")}
	}
	return nil
}

func (c *cli) checkups(ctx context.Context, now func() time.Time) (checkups, error) {
	var list checkups
	cfg, checked, err := c.examineConfig(false)
	if err != nil {
		return nil, err
	}
	for _, problem := range checked.Problems {
		bare := *problem
		bare.Remedy = ""
		list.fail("configuration", bare.Error(), problem.Remedy)
	}
	if cfg == nil {
		return list, nil
	}
	for _, warning := range checked.Warnings {
		list.warn("configuration", warning, "")
	}
	list.ok("configuration", "%s: %s, %s", checked.File, plural(len(cfg.Channels), "channel"), plural(len(cfg.Locations), "location"))
	checkData(&list, cfg)
	checkServe(ctx, &list, cfg)
	checkLedger(ctx, &list, cfg)
	checkBroker(&list, cfg)
	perChannel := make([]checkups, len(cfg.Channels))
	var group sync.WaitGroup
	for i, channel := range cfg.Channels {
		group.Go(func() { perChannel[i] = c.checkChannel(ctx, channel, now) })
	}
	group.Wait()
	return append(list, slices.Concat(perChannel...)...), nil
}
