package cli

import (
	"context"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/sync/health"
)

func doctorCommand(c *CLI) *cobra.Command {
	return &cobra.Command{Use: "doctor", Args: cobra.NoArgs,
		Short: "Check configuration, data folder, ledger and platforms; writes nothing to any platform",
		Long:  "Check configuration, data folder, ledger and platforms. Nothing is written to any platform.\nExit code 0: all is well, 1: something to look at, 2: something does not work.",
		RunE:  func(cmd *cobra.Command, _ []string) error { return c.doctor(cmd.Context()) }}
}

// Exit codes of doctor.
const (
	ExitWarned = 1
	ExitIll    = 2
)

// doctorLine is one check as a person reads it: with its name, and what to do in words.
type doctorLine struct {
	health.Check
	// Name is what was looked at, with the channel's name before it where it concerns one.
	Name   string `json:"check"`
	Remedy string `json:"remedy,omitempty"`
}

// diagnosis is all that doctor found.
type diagnosis struct {
	Result health.Result `json:"result"`
	Checks []doctorLine  `json:"checks"`
}

// inWords says a report to a person.
func inWords(report health.Report, cfg *config.Config) diagnosis {
	d := diagnosis{Result: report.Result, Checks: []doctorLine{}}
	for _, check := range report.Checks {
		line := doctorLine{check, checkName(check), remedyText(check, cfg)}
		if check.Result == health.OK && line.Remedy != "" {
			line.Detail, line.Remedy = line.Detail+": "+line.Remedy, ""
		}
		d.Checks = append(d.Checks, line)
	}
	return d
}

func (d diagnosis) print(w io.Writer) error {
	t := newTable("", "RESULT", "CHECK", "DETAIL", "WHAT TO DO")
	for _, line := range d.Checks {
		t.row(string(line.Result), line.Name, line.Detail, line.Remedy)
	}
	return t.write(w)
}

func (c *CLI) doctor(ctx context.Context) error {
	report, cfg, err := c.examine(ctx)
	if err != nil {
		return err
	}
	found := inWords(report, cfg)
	if err := c.Print(found, found.print); err != nil {
		return err
	}
	codes := map[health.Result]int{health.Warn: ExitWarned, health.Fail: ExitIll}
	if code, ill := codes[report.Result]; ill {
		return &ExitError{Code: code, Silent: true, Err: errors.New("doctor found something")}
	}
	return nil
}
