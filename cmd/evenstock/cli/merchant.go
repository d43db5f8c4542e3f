package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/evenstock/evenstock/adapters/api/client"
	"github.com/evenstock/evenstock/sync/fleet"
)

func merchantCommand(c *CLI) *cobra.Command {
	cmd := &cobra.Command{Use: "merchant", Short: "List, add, pause and erase the merchants of this installation, while serve runs or not"}
	list := &cobra.Command{Use: "list", Short: "List the merchants, and whether they work", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.listMerchants(cmd.Context()) }}
	var file string
	add := &cobra.Command{Use: "add NAME", Short: "Add a merchant and begin its work, without a restart", Args: cobra.ExactArgs(1),
		Long: `Add a merchant and begin its work, without a restart.
Without --file it is one that the configuration declares under merchants by now. With --file its locations and channels are read once, and
kept in the registry; secrets are not: they stay in the files that it names.`,
		RunE: func(cmd *cobra.Command, args []string) error { return c.addMerchant(cmd.Context(), args[0], file) }}
	add.Flags().StringVar(&file, "file", "", "a YAML file with locations, channels and, if they differ, sweep and brakes")
	pause := &cobra.Command{Use: "pause NAME", Short: "End a merchant's work until it is resumed; webhooks are taken in and wait", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.changeMerchant(cmd.Context(), args[0], (*client.Client).PauseMerchant)
		}}
	resume := &cobra.Command{Use: "resume NAME", Short: "Go on with a merchant's work, or try again after a failure", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.changeMerchant(cmd.Context(), args[0], (*client.Client).ResumeMerchant)
		}}
	var meant string
	erase := &cobra.Command{Use: "erase NAME", Short: "Remove a merchant with every row and file that is its own, after asking twice", Args: cobra.ExactArgs(1),
		Long: `Remove a merchant with every row and file that is its own, and search for what is left. It is not taken back.
The configuration must not declare it any more; its own files there and its secrets are yours to remove. In Postgres the rows are removed by the
login of database_owner_url_file. The search reads everything once. Backups, and copies that file systems and databases keep, are not looked at.`,
		RunE: func(cmd *cobra.Command, args []string) error { return c.eraseMerchant(cmd.Context(), args[0], meant) }}
	erase.Flags().StringVar(&meant, "yes", "", "the merchant's name once more: it is meant so, and nobody is asked")
	cmd.AddCommand(list, add, pause, resume, erase)
	return cmd
}

// askProcess asks about merchants: the running serve, or where none runs this process.
func askProcess[T any](ctx context.Context, c *CLI, question func(*client.Client) (T, error)) (result T, err error) {
	cfg, err := c.loadProcess()
	if err != nil {
		return result, err
	}
	remote, err := client.DialServe(ctx, cfg.Data)
	if err == nil {
		defer remote.Close()
		return question(remote)
	}
	if !errors.Is(err, client.ErrNoServe) {
		return result, fmt.Errorf("looking for a running serve: %w", err)
	}
	local := c.Local(ctx, cfg, c.quietLogger(cfg))
	result, err = question(client.New(local, "http://evenstock"))
	return result, errors.Join(err, local.Close())
}

func (c *CLI) listMerchants(ctx context.Context) error {
	list, err := askProcess(ctx, c, func(conn *client.Client) ([]fleet.Merchant, error) { return conn.Merchants(ctx) })
	if err != nil {
		return err
	}
	return c.Print(list, func(w io.Writer) error { return printMerchants(w, list) })
}

func printMerchants(w io.Writer, list []fleet.Merchant) error {
	t := newTable("no merchant yet: evenstock merchant add", "MERCHANT", "STATE", "SINCE", "BY", "DECLARED IN", "WHY")
	for _, m := range list {
		in := "registry"
		if m.Declared {
			in = "configuration"
		}
		t.row(m.Name, m.State, stamp(m.Since), orDash(m.By), in, m.Error)
	}
	return t.write(w)
}

func (c *CLI) addMerchant(ctx context.Context, name, file string) error {
	cfg, err := c.loadProcess()
	if err != nil {
		return err
	}
	request := fleet.AddRequest{Name: name}
	if file != "" {
		path, err := filepath.Abs(file)
		if err != nil {
			return err
		}
		shop, err := cfg.ReadShop(name, path)
		if err != nil {
			return err
		}
		settings, channels := shop.Settings()
		request.Settings = settings
		for _, channel := range channels {
			request.Channels = append(request.Channels, fleet.Channel(channel))
		}
	}
	added, err := askProcess(ctx, c, func(conn *client.Client) (fleet.Merchant, error) { return conn.AddMerchant(ctx, request) })
	if err != nil {
		return err
	}
	return c.Print(added, func(w io.Writer) error { return printMerchants(w, []fleet.Merchant{added}) })
}

func (c *CLI) changeMerchant(ctx context.Context, name string, change func(*client.Client, context.Context, fleet.Named) (fleet.Merchant, error)) error {
	changed, err := askProcess(ctx, c, func(conn *client.Client) (fleet.Merchant, error) {
		return change(conn, ctx, fleet.Named{Name: name})
	})
	if err != nil {
		return err
	}
	return c.Print(changed, func(w io.Writer) error { return printMerchants(w, []fleet.Merchant{changed}) })
}

func (c *CLI) eraseMerchant(ctx context.Context, name, meant string) error {
	if meant == "" {
		first := fmt.Sprintf("Everything that evenstock knows of merchant %s goes: its ledger, its links, why its numbers are what they are. Type yes to do it: ", printable(name))
		for _, question := range []string{first, "It is not taken back. Type yes once more: "} {
			switch yes, asked := c.ask(question); {
			case !asked:
				return fmt.Errorf("nothing was done: if it is meant so: evenstock merchant erase %s --yes %s", shellQuoted(name), shellQuoted(name))
			case !yes:
				return errors.New("nothing was done")
			}
		}
		meant = name
	}
	erased, err := askProcess(ctx, c, func(conn *client.Client) (fleet.Erased, error) {
		return conn.EraseMerchant(ctx, fleet.EraseRequest{Name: name, Confirm: meant})
	})
	if err != nil {
		return err
	}
	return c.Print(erased, func(w io.Writer) error {
		for _, place := range erased.Searched {
			fmt.Fprintf(w, "searched %d %s: nothing of it was found\n", place.Looked, place.Where)
		}
		_, err := fmt.Fprintf(w, "merchant %s is erased\n", printable(name))
		return err
	})
}
