package main

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/health"
)

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
