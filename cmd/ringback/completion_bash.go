package main

import (
	_ "embed"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// bashCompletion is our own: that of the library completes no second word of a list, nothing in quotes, and runs what stands in the line.
//
//go:embed completion.bash
var bashCompletion string

// bash has the command print it.
func bash(cmd *cobra.Command) {
	cmd.Long = `Print a script that completes ringback in bash; no other package is needed.

For this session:

    eval "$(ringback completion bash)"

For each new one, where the package bash-completion is installed:

    ringback completion bash > /etc/bash_completion.d/ringback

and else the line above, in ~/.bashrc.`
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		script := bashCompletion
		if plain, err := cmd.Flags().GetBool("no-descriptions"); err == nil && plain {
			script = strings.Replace(script, " __complete ", " __completeNoDesc ", 1)
		}
		_, err := io.WriteString(cmd.OutOrStdout(), script)
		return err
	}
}
