package cli

import "github.com/spf13/cobra"

func serveCommand(c *CLI) *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Run: take in webhooks, keep the ledger, converge every channel, sweep on schedule",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := c.loadProcess()
			if err != nil {
				return err
			}
			return c.Serve(cmd.Context(), cfg, c.logger(cfg))
		},
	}
}
