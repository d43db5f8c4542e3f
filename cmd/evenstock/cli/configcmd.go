package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/evenstock/evenstock/config"
)

func configCommand(c *CLI) *cobra.Command {
	cmd := &cobra.Command{Use: "config", Short: "Check and show the configuration"}
	var withoutSecrets bool
	check := &cobra.Command{Use: "check", Short: "List every problem of the configuration, with line and remedy", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return c.checkConfig(!withoutSecrets) }}
	check.Flags().BoolVar(&withoutSecrets, "without-secrets", false, "do not look whether tokens and webhook secrets can be read")
	show := &cobra.Command{Use: "print", Short: "Print what holds, and where each value comes from", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return c.printConfig() }}
	cmd.AddCommand(check, show)
	return cmd
}

// checkedConfig is what there is to say about a configuration.
type checkedConfig struct {
	File     string          `json:"file"`
	Problems []*config.Error `json:"problems"`
	Warnings []string        `json:"warnings"`
}

// knownEnv are variables that are not part of the configuration.
var knownEnv = []string{"EVENSTOCK_FAILPOINT", "EVENSTOCK_CONTRACTS", "EVENSTOCK_TEST_POSTGRES", "EVENSTOCK_TEST_KAFKA", "EVENSTOCK_TEST_KAFKA_SECURE", "EVENSTOCK_TEST_STAGE"}

// examineConfig finds everything that is wrong with the configuration; cfg is nil when it cannot be used.
func (c *CLI) examineConfig(secrets bool) (cfg *config.Config, checked checkedConfig, err error) {
	checked = checkedConfig{File: c.configPath, Problems: []*config.Error{}, Warnings: []string{}}
	cfg, err = config.Load(c.configPath, c.Env, c.flags)
	if err != nil {
		checked.Problems = append(checked.Problems, config.Problems(err)...)
		if len(checked.Problems) == 0 {
			return nil, checked, err
		}
		return nil, checked, nil
	}
	checked.Warnings = append(append(checked.Warnings, cfg.Warnings()...), cfg.UnknownEnv(os.Environ(), knownEnv...)...)
	if secrets {
		if cfg.InCluster() {
			_, err1 := cfg.DatabaseURL(c.Env)
			_, err2 := cfg.KafkaSecurity(c.Env)
			checked.Problems = append(checked.Problems, append(config.Problems(err1), config.Problems(err2)...)...)
		}
		for _, shop := range cfg.Shops() {
			for _, channel := range shop.Channels {
				if _, _, err := channel.Secrets(c.Env); err != nil {
					checked.Problems = append(checked.Problems, config.Problems(err)...)
				}
			}
		}
	}
	return cfg, checked, nil
}

func (c *CLI) checkConfig(secrets bool) error {
	_, checked, err := c.examineConfig(secrets)
	if err != nil {
		return err
	}
	err = c.Print(checked, func(w io.Writer) error {
		for _, problem := range checked.Problems {
			fmt.Fprintln(w, problem)
		}
		for _, warning := range checked.Warnings {
			fmt.Fprintln(w, "warning:", warning)
		}
		if len(checked.Problems) == 0 {
			fmt.Fprintf(w, "%s is good\n", printable(checked.File))
		}
		return nil
	})
	if err != nil {
		return err
	}
	if n := len(checked.Problems); n > 0 {
		return &ExitError{Code: ExitFailed, Silent: true, Err: fmt.Errorf("the configuration has %s", plural(n, "problem"))}
	}
	return nil
}

// printConfig prints the configuration as YAML with origins, or as JSON without.
func (c *CLI) printConfig() error {
	cfg, err := c.loadProcess()
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := cfg.Print(&text); err != nil {
		return err
	}
	var values map[string]any
	if err := yaml.Unmarshal(text.Bytes(), &values); err != nil {
		return fmt.Errorf("printing configuration: %w", err)
	}
	return c.Print(values, func(io.Writer) error {
		_, err := text.WriteTo(c.Stdout)
		return err
	})
}
