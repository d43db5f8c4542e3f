package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	switch err := measureAll(ctx, os.Args[1:], os.Stdout, os.Stderr); {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "latency:", err)
		stop()
		os.Exit(1)
	}
}

// binary is a build of evenstock, and what it is configured with beside the shops.
type binary struct {
	path, name string
	extra      []byte
}

// options are what the command line says.
type options struct {
	binaries       []binary
	scenarios      []scenario
	length, warmup time.Duration
	shops, repeat  int
	seed           int64
	json, keep     bool
	// dir is where folders are made; empty: where temporary files go.
	dir string
}

// parse reads the command line.
func parse(args []string, stderr io.Writer) (o options, err error) {
	flags := flag.NewFlagSet("latency", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Func("binary", "an evenstock to measure: `path`; several are measured in turn", func(path string) error {
		whole, err := filepath.Abs(path)
		o.binaries = append(o.binaries, binary{path: whole, name: filepath.Base(path)})
		return err
	})
	flags.Func("config-extra", "YAML to lay over the configuration of the binary before it, channels by their names till and web: `file`", func(path string) (err error) {
		if len(o.binaries) == 0 {
			return errors.New("it belongs after the -binary that it is for")
		}
		last := &o.binaries[len(o.binaries)-1]
		last.name += "+" + filepath.Base(path)
		last.extra, err = os.ReadFile(path)
		return err
	})
	which := flags.String("scenario", "*", "what to measure, comma-separated `patterns` such as calm-*,import")
	many := flags.Int("articles", manyArticles, "how many articles there are to sweep and to import, at two places each")
	flags.DurationVar(&o.length, "for", time.Minute, "how long shop life is measured")
	flags.DurationVar(&o.warmup, "warmup", time.Minute, "how long it goes on before that")
	flags.IntVar(&o.shops, "shops", busyAs, "how many shops the life is as busy as")
	flags.IntVar(&o.repeat, "repeat", 1, "how often each binary plays each scenario, with another seed each time")
	flags.Int64Var(&o.seed, "seed", 1, "seed of everything that is thrown for")
	flags.BoolVar(&o.json, "json", false, "print JSON instead of a table")
	flags.BoolVar(&o.keep, "keep", false, "keep the folders of configuration, data and log")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if o.scenarios, err = chosen(*which, *many); err != nil {
		return o, err
	}
	switch {
	case flags.NArg() > 0:
		return o, fmt.Errorf("%q is no option", flags.Arg(0))
	case len(o.binaries) == 0:
		return o, errors.New("-binary must name a build of evenstock: go build -o bin/evenstock ./cmd/evenstock makes one")
	case *many < 1:
		return o, errors.New("-articles must be positive")
	case o.length <= 0 || o.warmup < 0 || o.repeat < 1 || o.shops < 1:
		return o, errors.New("-for, -shops and -repeat must be positive, -warmup not negative")
	}
	return o, nil
}

// measureAll plays every scenario with every binary in turn, and prints what was measured; also after an error, what there is.
func measureAll(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	opts, err := parse(args, stderr)
	if err != nil {
		return err
	}
	rows := []row{}
	for _, s := range opts.scenarios {
		outcomes, playErr := playAll(ctx, s, opts, stderr)
		for _, o := range outcomes {
			if o.runs > 0 {
				rows = append(rows, o.row(s))
			}
		}
		if err = errors.Join(err, playErr); ctx.Err() != nil {
			break
		}
	}
	write := printTable
	if opts.json {
		write = printJSON
	}
	return errors.Join(err, write(stdout, rows))
}

// playAll plays one scenario with every binary in turn, as often as wanted.
func playAll(ctx context.Context, s scenario, opts options, stderr io.Writer) ([]outcome, error) {
	outcomes := make([]outcome, len(opts.binaries))
	var errs []error
	for round := range opts.repeat {
		for i, b := range opts.binaries {
			say := func(format string, args ...any) {
				fmt.Fprintf(stderr, "%s %s, %s: %s\n", time.Now().Format(time.TimeOnly), s.name, b.name, fmt.Sprintf(format, args...))
			}
			r := &run{scenario: s, binary: b, opts: opts, seed: opts.seed + int64(round), say: say}
			o, err := r.play(ctx)
			if ctx.Err() != nil {
				return outcomes, errors.Join(append(errs, errors.New("interrupted"))...)
			}
			if err != nil {
				say("failed: %v", err)
				errs = append(errs, fmt.Errorf("%s with %s: %w", s.name, b.name, err))
				continue
			}
			if outcomes[i].runs == 0 {
				outcomes[i] = o
			} else {
				outcomes[i].add(o)
			}
		}
	}
	return outcomes, errors.Join(errs...)
}
