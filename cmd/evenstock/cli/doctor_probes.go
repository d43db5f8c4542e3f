package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/evenstock/evenstock/adapters/api/client"
	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/health"
)

// serveTimeout bounds the question to a running serve.
const serveTimeout = 5 * time.Second

// examine asks all that doctor looks at. Without a configuration, which is nil then, there is nothing to look at but that.
func (c *CLI) examine(ctx context.Context) (health.Report, *config.Config, error) {
	cfg, checked, err := c.examineConfig(false)
	if err == nil && cfg != nil {
		c.process = cfg
		cfg, err = c.pick(cfg)
	}
	if err != nil {
		return health.Report{}, nil, err
	}
	probes := []health.Probe{func(context.Context) health.Checks { return checkConfig(cfg, checked) }}
	if cfg == nil {
		probes = append(probes, c.checkServeThatGoesOn())
	} else {
		probes = append(probes, health.Folder(cfg.Data), c.checkServe(c.process.Data, cfg.Merchant))
		probes = append(probes, c.Probes(cfg)...)
		probes = append(probes, c.checkLinksAndBrakes())
		for _, channel := range cfg.Channels {
			probes = append(probes, c.checkChannel(channel))
		}
	}
	return health.Examine(ctx, probes...), cfg, nil
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
func (c *CLI) checkChannel(channel config.Channel) health.Probe {
	return func(ctx context.Context) (list health.Checks) {
		name := stock.Channel(channel.Name)
		_, hooks, err := channel.Secrets(c.Env)
		if err != nil {
			checkProblems(&list, health.CodeSecrets, config.Problems(err))
			return list.Of(name)
		}
		opened, err := c.OpenPlatform(channel)
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
			WebhookURL: channel.RedactedWebhookURL(), Secrets: secrets, Platform: opened}, c.Now)
		return append(list.Of(name), tested(ctx)...)
	}
}

// checkServeThatGoesOn asks a serve that was started before the configuration became unusable. Where none answers there is nothing to say:
// the folder is but a guess.
func (c *CLI) checkServeThatGoesOn() health.Probe {
	return func(ctx context.Context) health.Checks {
		serve, data, err := c.dialUnconfigured(ctx)
		if err != nil {
			return nil
		}
		serve.Close()
		return c.checkServe(data, "")(ctx)
	}
}

// checkServe asks who owns the data folder.
func (c *CLI) checkServe(data, merchant string) health.Probe {
	return func(ctx context.Context) (list health.Checks) {
		ctx, cancel := context.WithTimeout(ctx, serveTimeout)
		defer cancel()
		serve, err := client.DialServe(ctx, data)
		if errors.Is(err, client.ErrNoServe) {
			list.OK(health.CodeServe, "none runs: nobody owns the data folder")
			return list
		}
		var report app.Status
		if err == nil {
			defer serve.Close()
			if merchant != "" && c.process.HasSeveral() {
				serve = serve.Of(merchant)
			}
			report, err = serve.Status(ctx)
		}
		if errors.Is(err, context.DeadlineExceeded) {
			err = fmt.Errorf("nothing came for %v", serveTimeout)
		}
		if err != nil {
			list.Fail(health.CodeServe, "runs, but does not answer: "+err.Error(), health.RemedyRestart)
			return list
		}
		for _, worker := range report.Workers {
			if worker.Error != "" {
				list = append(list, health.Check{Code: health.CodeWorker, Result: health.Warn, Channel: worker.Channel,
					Detail: fmt.Sprintf("has not been working since %s: %s", stamp(worker.Since), worker.Error), Remedy: health.RemedyChannel})
			}
		}
		list = append(list, checkDeliveries(report.Deliveries, c.Now())...)
		if report.Configuration != nil {
			list = append(list, report.Configuration.Check())
		}
		if len(report.NotReady) > 0 {
			list.Fail(health.CodeServe, "runs, but is not ready: "+strings.Join(report.NotReady, "; "), health.RemedyLog)
			return list
		}
		if report.StandsBy {
			list.OK(health.CodeServe, "runs, stands by and is ready: another process works on the ledger")
			return list
		}
		list.OK(health.CodeServe, "runs, owns the data folder and is ready")
		return list
	}
}
