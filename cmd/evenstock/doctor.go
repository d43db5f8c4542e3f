package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/health"
)

func doctorCommand(c *cli) *cobra.Command {
	return &cobra.Command{Use: "doctor", Args: cobra.NoArgs,
		Short: "Check configuration, data folder, ledger and platforms; writes nothing to any platform",
		Long:  "Check configuration, data folder, ledger and platforms. Nothing is written to any platform.\nExit code 0: all is well, 1: something to look at, 2: something does not work.",
		RunE:  func(cmd *cobra.Command, _ []string) error { return c.doctor(cmd.Context()) }}
}

const (
	// serveTimeout bounds the question to a running serve.
	serveTimeout = 5 * time.Second
	// diskFreeMin is how much room the data folder's file system should have left, in bytes.
	diskFreeMin = 1 << 30
)

// Exit codes of doctor.
const (
	exitWarned = 1
	exitIll    = 2
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
func inWords(report health.Report) diagnosis {
	d := diagnosis{Result: report.Result, Checks: []doctorLine{}}
	for _, check := range report.Checks {
		line := doctorLine{check, checkName(check), remedyText(check)}
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

func (c *cli) doctor(ctx context.Context) error {
	report, err := c.examine(ctx, timeNow)
	if err != nil {
		return err
	}
	found := inWords(report)
	if err := c.print(found, found.print); err != nil {
		return err
	}
	codes := map[health.Result]int{health.Warn: exitWarned, health.Fail: exitIll}
	if code, ill := codes[report.Result]; ill {
		return &exitError{code: code, silent: true, err: errors.New("doctor found something")}
	}
	return nil
}

// examine asks all that doctor looks at. Without a configuration there is nothing to look at but that.
func (c *cli) examine(ctx context.Context, now func() time.Time) (health.Report, error) {
	cfg, checked, err := c.examineConfig(false)
	if err != nil {
		return health.Report{}, err
	}
	probes := []health.Probe{func(context.Context) health.Checks { return checkConfig(cfg, checked) }}
	if cfg != nil {
		probes = append(probes, checkData(cfg), checkServe(cfg), checkLedger(cfg), checkBroker(cfg))
		for _, channel := range cfg.Channels {
			probes = append(probes, c.checkChannel(channel, now))
		}
	}
	return health.Examine(ctx, probes...), nil
}

// checkConfig tells what reading the configuration brought; cfg is nil when it cannot be used.
func checkConfig(cfg *config.Config, checked checkedConfig) (list health.Checks) {
	checkProblems(&list, health.CodeConfig, checked.Problems)
	if cfg == nil {
		return list
	}
	for _, warning := range checked.Warnings {
		list.Warn(health.CodeConfig, warning, "")
	}
	list.OK(health.CodeConfig, "%s: %s, %s", checked.File, plural(len(cfg.Channels), "channel"), plural(len(cfg.Locations), "location"))
	return list
}

// checkProblems tells what is wrong with values of the configuration, in its own words.
func checkProblems(list *health.Checks, code health.Code, problems []*config.Error) {
	for _, problem := range problems {
		bare := *problem
		bare.Remedy = ""
		if problem.Remedy == "" {
			list.Fail(code, bare.Error(), "")
			continue
		}
		list.Fail(code, bare.Error(), health.RemedyConfig, problem.Remedy)
	}
}

// checkChannel looks at one channel: its secrets, and with them its platform and its webhooks.
func (c *cli) checkChannel(channel config.Channel, now func() time.Time) health.Probe {
	return func(ctx context.Context) (list health.Checks) {
		name := stock.Channel(channel.Name)
		_, hooks, err := channel.Secrets(c.env)
		if err != nil {
			checkProblems(&list, health.CodeSecrets, config.Problems(err))
			return list.Of(name)
		}
		opened, err := platforms.open(channel, c.env, slog.New(slog.DiscardHandler), now)
		if err != nil {
			list.Fail(health.CodeSecrets, err.Error(), health.RemedyConfigCheck)
			return list.Of(name)
		}
		list.OK(health.CodeSecrets, "can be read")
		secrets := make([]string, len(hooks))
		for i, hook := range hooks {
			secrets[i] = hook.Reveal()
		}
		tested := health.SelfTest(health.Channel{Name: name, Address: channel.APIURL, Locations: slices.Collect(maps.Keys(channel.Locations)),
			WebhookURL: channel.RedactedWebhookURL(), Secrets: secrets, Platform: opened}, now)
		return append(list.Of(name), tested(ctx)...)
	}
}
