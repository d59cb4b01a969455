package main

import (
	"os"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newRoot(p *program) *cobra.Command {
	p.variables = map[string]string{}
	io := p.stdio
	root := &cobra.Command{
		Use:   "ringback",
		Short: "Test a webhook consumer with the events of a contact centre",
		Long: `ringback plays the channel events of a contact centre to a webhook consumer: signed
CloudEvents notifications of calls, holds, parks and interruptions. The same scenario and
seed send the same bytes, and every notification is accounted for.

Every flag can also be set by an environment variable: --event-version is
RINGBACK_EVENT_VERSION. Of a flag that may be repeated it holds one value per line. Where
the flag takes several with commas between, such as --types a,b, a line does, too.

Exit status: 0 all accepted, 1 something was not accepted, 2 wrong usage, 3 problems in a
scenario, 4 the run is invalid because its schedule was not kept, or what was asked is
undecided, 130 interrupted. What they mean of a command, its own help says.`,
		Example: `  ringback demo
  ringback run inbound-call-with-hold --to http://127.0.0.1:8080/events
  ringback plan call-interrupts-email --seed 7
  ringback receive --listen 127.0.0.1:8080`,
		SilenceErrors:     true,
		SilenceUsage:      true,
		PersistentPreRunE: p.checkFlags,
		Args:              noArguments,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.Version = version()
	root.SetIn(io.in)
	root.SetOut(io.out)
	root.SetErr(io.err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return inFlags(append(p.refused, usage("%s", p.flagProblem(cmd, err)), seeHelp(cmd))...)
	})
	root.AddCommand(p.demoCommand(), p.runCommand(), p.capacityCommand(), p.planCommand(), p.validateCommand(), p.listCommand(),
		p.showCommand(), p.explainCommand(), p.schemaCommand(), p.receiveCommand(), p.waitCommand(), p.verifyCommand(), p.examineCommand(), p.reportCommand(), p.replayCommand(), p.diffCommand(), p.serveCommand(), p.versionCommand(), p.gatesTopic())
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	strict(root)
	for _, cmd := range root.Commands() {
		cmd.Flags().SortFlags = false
		cmd.Args = p.afterFlags(cmd.Args)
		cmd.DisableFlagsInUseLine = true
		cmd.Flags().VisitAll(func(f *pflag.Flag) { f.Value = &collecting{f.Value, f, cmd.Flags(), &p.refused, false} })
	}
	complete(root)
	root.SetUsageFunc(printUsage)
	return root
}

// checkFlags reports what flags and variables were refused, and what else the command finds
// wrong with its flags.
func (p *program) checkFlags(cmd *cobra.Command, args []string) error {
	p.fromEnvironment(cmd.Flags(), os.LookupEnv)
	if quiet := cmd.Flags().Lookup("quiet"); quiet == nil || quiet.Value.String() != "true" {
		p.warnOfVariables(cmd.Root(), os.Environ())
	}
	if p.refused == nil {
		return nil
	}
	errs := p.refused
	if cmd.PreRunE != nil {
		errs = append(errs, cmd.PreRunE(cmd, args))
	}
	return inFlags(append(errs, seeHelp(cmd))...)
}

// afterFlags judges arguments, but tells first what is wrong with flags: one whose value is missing takes the next
// flag for it, whose value then stands among the arguments.
func (p *program) afterFlags(judge cobra.PositionalArgs) cobra.PositionalArgs {
	if judge == nil {
		return nil
	}
	return func(cmd *cobra.Command, args []string) error {
		err := judge(cmd, args)
		if err == nil {
			return nil
		}
		return inFlags(append(slices.Clone(p.refused), err)...)
	}
}

// seeHelp ends an answer about wrong flags.
func seeHelp(cmd *cobra.Command) error { return usage("see %q", cmd.CommandPath()+" --help") }
