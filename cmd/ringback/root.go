package main

import (
	"errors"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newRoot(p *program) *cobra.Command {
	io := p.stdio
	root := &cobra.Command{
		Use:   "ringback",
		Short: "Test a webhook consumer with the events of a contact centre",
		Long: `ringback plays the channel events of a contact centre to a webhook consumer: signed
CloudEvents notifications of calls, holds, parks and interruptions. The same scenario and
seed send the same bytes, and every notification is accounted for.

Every flag can also be set by an environment variable: --event-version is
RINGBACK_EVENT_VERSION. Flags that may be repeated take one value per line there.

Exit status: 0 all accepted, 1 something was not accepted, 2 wrong usage, 3 problems in a
scenario, 4 the run is invalid because its schedule was not kept, 130 interrupted.`,
		Example: `  ringback demo
  ringback run inbound-call-with-hold --to http://127.0.0.1:8080/events
  ringback plan call-interrupts-email --seed 7
  ringback receive --listen 127.0.0.1:8080`,
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if err := refuseEmpty(cmd.Flags()); err != nil {
				return err
			}
			return fromEnvironment(cmd.Flags(), os.LookupEnv)
		},
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.Version = version()
	root.SetIn(io.in)
	root.SetOut(io.out)
	root.SetErr(io.err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage("%s\nsee %q", flagProblem(cmd, err), cmd.CommandPath()+" --help")
	})
	root.AddCommand(p.demoCommand(), p.runCommand(), p.planCommand(), p.validateCommand(), p.listCommand(),
		p.showCommand(), p.schemaCommand(), p.receiveCommand(), p.waitCommand(), p.verifyCommand(), p.examineCommand(), p.reportCommand(), p.replayCommand(), p.diffCommand(), p.serveCommand(), p.versionCommand(), p.gatesTopic())
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		cmd.Flags().SortFlags = false
		cmd.DisableFlagsInUseLine = true
	}
	root.SetUsageFunc(printUsage)
	return root
}

// refuseEmpty refuses flags that were given with nothing in them, as a script does with an
// unset variable: --to "" must not play to somebody else.
func refuseEmpty(flags *pflag.FlagSet) error {
	var errs []error
	flags.Visit(func(f *pflag.Flag) {
		value := f.Value.String()
		if list, isList := f.Value.(pflag.SliceValue); isList {
			value = strings.Join(list.GetSlice(), "")
		}
		if strings.TrimSpace(value) == "" {
			errs = append(errs, usage("--%s: the value is empty", f.Name))
		}
	})
	return errors.Join(errs...)
}

// fromEnvironment sets the flags that were not given from RINGBACK_… variables.
func fromEnvironment(flags *pflag.FlagSet, lookup func(string) (string, bool)) error {
	var errs []error
	flags.VisitAll(func(f *pflag.Flag) {
		name := "RINGBACK_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		value, set := lookup(name)
		if f.Changed || !set || value == "" || f.Name == "help" {
			return
		}
		if err := setAll(f, value); err != nil {
			shown := value
			if f.Name == "secret" || f.Name == "next-secret" {
				shown = "…"
			}
			errs = append(errs, usage("environment variable %s: %s", name, valueProblem(f, shown, err)))
		}
	})
	return errors.Join(errs...)
}

// setAll sets a flag, and one that may be repeated once for each line.
func setAll(f *pflag.Flag, value string) error {
	if _, isList := f.Value.(pflag.SliceValue); !isList {
		return f.Value.Set(value)
	}
	for line := range strings.Lines(value) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if err := f.Value.Set(line); err != nil {
			return err
		}
	}
	return nil
}
