package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/evenstock/evenstock/config"
)

// CLI is what every command shares.
type CLI struct {
	Program
	// Env looks up the environment.
	Env            func(string) string
	Stdout, Stderr io.Writer
	configPath     string
	// merchant is whom a command is about; empty: the only one.
	merchant string
	root     *cobra.Command
	flags    map[string]string
	// JSON: results are printed as JSON.
	JSON bool
	// process is the configuration, once it was read; loaded is what of it the merchant's parts are opened with.
	process, loaded *config.Config
	// answer answers in the place of the person at the terminal, in tests.
	answer func(question string) (yes bool)
	// compared says that the configuration of a running serve was compared with its file.
	compared bool
}

// Root builds the command tree.
func (c *CLI) Root() *cobra.Command {
	root := &cobra.Command{
		Use:           "evenstock",
		Short:         "Keep a shop's stock equal between its till and its online store",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.Version = thisBuild().String()
	root.SetVersionTemplate("{{.Version}}\n")
	c.flags = map[string]string{}
	flags := root.PersistentFlags()
	flags.StringVar(&c.configPath, "config", "evenstock.yaml", "configuration file")
	flags.StringVar(&c.merchant, "merchant", "", "the merchant that a command is about, where there are several")
	flags.BoolVar(&c.JSON, "json", false, "print JSON instead of tables")
	for _, option := range config.Reference() {
		if option.Flag != "" {
			flags.Var(flagValue{c.flags, option.Flag}, option.Flag, fmt.Sprintf("%s: %s (default %q)", option.Help, option.Unit, option.Default))
		}
	}
	root.AddCommand(commands(c)...)
	finish(root)
	c.root = root
	return root
}

// flagValue collects the configuration flags that were given.
type flagValue struct {
	given map[string]string
	name  string
}

func (f flagValue) String() string     { return f.given[f.name] }
func (f flagValue) Type() string       { return "value" }
func (f flagValue) Set(v string) error { f.given[f.name] = v; return nil }

// loadProcess reads the configuration and tells its warnings, once.
func (c *CLI) loadProcess() (*config.Config, error) {
	if c.process != nil {
		return c.process, nil
	}
	cfg, err := config.Load(c.configPath, c.Env, c.flags)
	if err != nil {
		return nil, err
	}
	for _, warning := range cfg.Warnings() {
		fmt.Fprintln(c.messages(), "warning:", warning)
	}
	c.process = cfg
	return cfg, nil
}

// load reads the configuration of the merchant that the command is about.
func (c *CLI) load() (*config.Config, error) {
	if c.loaded != nil {
		return c.loaded, nil
	}
	cfg, err := c.loadProcess()
	if err != nil {
		return nil, err
	}
	c.loaded, err = c.pick(cfg)
	return c.loaded, err
}

// pick is the merchant of a configuration that the command is about.
func (c *CLI) pick(cfg *config.Config) (*config.Config, error) {
	shops := cfg.Shops()
	if c.merchant == "" {
		if !cfg.HasSeveral() {
			return shops[0], nil
		}
		names := make([]string, len(shops))
		for i, shop := range shops {
			names[i] = shop.Merchant
		}
		return nil, ErrUsage("say with --merchant which one is meant: %s (see: evenstock merchant list)", orDash(strings.Join(names, ", ")))
	}
	if shop, is := cfg.Shop(c.merchant); is {
		return shop, nil
	}
	if c.Added == nil {
		return nil, ErrUsage("no merchant is called %q", printable(c.merchant))
	}
	shop, err := c.Added(cfg, c.merchant)
	if err == nil && shop == nil {
		err = ErrUsage("no merchant is called %q (see: evenstock merchant list)", printable(c.merchant))
	}
	return shop, err
}

// logger writes to stderr, as the configuration says.
func (c *CLI) logger(cfg *config.Config) *slog.Logger { return c.loggerFrom(cfg, slog.LevelDebug) }

// quietLogger is for commands that a person types, who wants the result and not the way to it.
func (c *CLI) quietLogger(cfg *config.Config) *slog.Logger { return c.loggerFrom(cfg, slog.LevelWarn) }

// loggerFrom leaves out what is below least.
func (c *CLI) loggerFrom(cfg *config.Config, least slog.Level) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.Log.Level)); err != nil {
		level = slog.LevelInfo
	}
	level = max(level, least)
	opts := &slog.HandlerOptions{Level: level}
	if cfg.Log.Format == "json" {
		return slog.New(slog.NewJSONHandler(c.Stderr, opts))
	}
	return slog.New(slog.NewTextHandler(c.Stderr, opts))
}

// Print writes a result as JSON, or as the text that table makes of it, with whole command lines.
func (c *CLI) Print(result any, table func(w io.Writer) error) error {
	if !c.JSON {
		return table(wholeLines{c.Stdout, commandLinesOf(c.root)})
	}
	encoder := json.NewEncoder(c.Stdout)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(result); err != nil {
		return fmt.Errorf("printing the result: %w", err)
	}
	return nil
}

// ErrUsage is a command line that makes no sense.
func ErrUsage(format string, args ...any) error {
	return &ExitError{Code: ExitUsage, Err: fmt.Errorf(format, args...)}
}

// parseTime reads a time as a person types it: RFC 3339, or a date with or without a time of day in the machine's zone.
func parseTime(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return t, nil
		}
	}
	return time.Time{}, ErrUsage("%q is not a time: write it like 2026-11-23T14:30:00Z or \"2026-11-23 14:30\"", text)
}

// printable makes text that came from outside safe to print on a terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '?'
		}
		return r
	}, text)
}
