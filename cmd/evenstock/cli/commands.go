package cli

import "github.com/spf13/cobra"

// commands are all subcommands.
func commands(c *CLI) []*cobra.Command {
	grouped := map[string][]*cobra.Command{
		"try":     c.Try(c),
		"start":   {initCommand(c), doctorCommand(c), linkCommand(c), baselineCommand(c), serveCommand(c)},
		"look":    {stockCommand(c), explainCommand(c), statusCommand(c)},
		"operate": {settleCommand(c), reconcileCommand(c), brakesCommand(c), pushCommand(c), dlqCommand(c), merchantCommand(c), eventsCommand(c), ledgerCommand(c), migrateCommand(c)},
	}
	list := []*cobra.Command{configCommand(c), openAPICommand(c), versionCommand(c)}
	for _, group := range groups {
		for _, cmd := range grouped[group.ID] {
			cmd.GroupID = group.ID
			list = append(list, cmd)
		}
	}
	return list
}
