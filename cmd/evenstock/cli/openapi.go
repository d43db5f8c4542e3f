package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

func openAPICommand(c *CLI) *cobra.Command {
	return &cobra.Command{Use: "openapi", Short: "Print the document of the API: OpenAPI 3.1", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			document, err := c.OpenAPI()
			if err != nil {
				return err
			}
			if _, err := c.Stdout.Write(document); err != nil {
				return fmt.Errorf("printing the document: %w", err)
			}
			return nil
		}}
}
