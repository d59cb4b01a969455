package main

import (
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ringback/ringback/internal/examine"
	asks "github.com/ringback/ringback/internal/examine/ask"
	"github.com/ringback/ringback/internal/examine/stub"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/internal/show"
)

// examineFlags are all flags of examine.
type examineFlags struct {
	target targetFlags
	state  stateFlags

	restart, pid          string
	timeout, budget, late time.Duration
	profile               string
	checks                []string
	repeat                int
	list                  bool
	seed                  uint64
	start                 string
	newIDs                bool
	assume                []string

	waive, baseline string
	output          string
	quiet           bool
	reports         []string
	stub            string
}

// stateFlags say how the consumer tells its state.
type stateFlags struct {
	url, command, sql, query string
	settle                   time.Duration
}

func (p *program) examineCommand() *cobra.Command {
	var f examineFlags
	x := &examination{program: p, flags: &f}
	cmd := &cobra.Command{
		Use:   "examine --to URL [flags]",
		Short: "Find out what is wrong with a consumer, and name it",
		Long: `examine sends a consumer what a correct one copes with: forged tokens, lawful bodies in any
form, duplicates, every order that matters, much at once, and, if it may kill it, crashes. It
names what is wrong in a sentence, shows the least that breaks it, says how to mend it, and
how to repeat it. See docs/examine.md.

Let it tell its state with --state, --state-command or --state-sql: answers alone do not show
what a consumer has stored. Use a consumer that holds test data only.

Exit status: 0 nothing wrong, 1 something is wrong, 2 wrong usage, a consumer or state
that is not there, or nothing wrong and not everything tested, 130 interrupted.`,
		Example: `  ringback examine --to http://127.0.0.1:8080/events
  ringback examine --to http://127.0.0.1:8080/events --state 'http://127.0.0.1:8080/calls/{conversationId}'
  ringback examine --to http://127.0.0.1:8080/events --state-sql sqlite:calls.db --query state.sql --pid consumer.pid
  ringback examine --to http://127.0.0.1:8080/events --report examined.xml --waive waivers.txt
  ringback examine --list`,
		Args:    noArguments,
		PreRunE: func(cmd *cobra.Command, _ []string) error { return x.parse(cmd) },
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case f.list:
				return x.listRules()
			case f.stub != "":
				_, err := p.out.Write(stub.Of(f.stub))
				return err
			}
			return x.run(cmd.Context())
		},
	}
	section(cmd, "Target", f.target.add)
	cmd.Flags().Lookup("to").Usage = "`URL` examine this consumer"
	cmd.Flags().Lookup("next-secret").Usage = "`BASE64|@FILE` examine also whether the consumer accepts this secret besides the current one"
	section(cmd, "State", f.state.add)
	section(cmd, "Crash", f.addCrash)
	section(cmd, "Extent", f.addExtent)
	section(cmd, "Result", f.addResult)
	return cmd
}

func (f *stateFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.url, "state", "", "`URL` where the consumer shows the state of a conversation, with "+asks.Placeholder+" in it")
	flags.StringVar(&f.command, "state-command", "", "`COMMAND` prints the state of a conversation; words separated by blanks, "+asks.Placeholder+" in one of them")
	flags.StringVar(&f.sql, "state-sql", "", "`DSN` ask this database: postgres://…, mysql://… or sqlite:FILE; needs --query")
	flags.StringVar(&f.query, "query", "", "`FILE` SQL query of the state, with :conversation in it")
	parsed(flags, &f.settle, "settle", "2s", "`D` time limit for the state to become right", settings.ParseDuration)
	parsed(flags, &f.settle, "within", "2s", "`D` the same as --settle", settings.ParseDuration)
	_ = flags.MarkHidden("within") // the name of earlier versions
}

func (f *examineFlags) addCrash(flags *pflag.FlagSet) {
	flags.StringVar(&f.pid, "pid", "", "`PID|FILE` kill this process with SIGKILL, at the exact moment; a file is read anew after each restart")
	flags.StringVar(&f.restart, "restart", "", "`COMMAND` starts the consumer again, and without --pid kills it before; words separated by blanks")
}

func (f *examineFlags) addExtent(flags *pflag.FlagSet) {
	parsed(flags, &f.budget, "budget", show.Brief(examine.DefaultBudget), "`D` time limit of the examination; what it does not reach is said", settings.ParseDuration)
	parsed(flags, &f.late, "late", "", "`D` how late the duplicates come that come last, as far as the budget allows (default as late as all else takes)", settings.ParseDuration)
	flags.StringVar(&f.profile, "profile", "", "`FILE` what the consumer claims: versions, types, stores (YAML); nothing else is demanded")
	flags.StringSliceVar(&f.checks, "check", nil, "`RULE|TRIAL` examine this only; several with commas between, or repeated (default everything)")
	parsed(flags, &f.repeat, "repeat", "", "`N` play the first trial of --check until it goes wrong, at most so often (default once)", upTo(examine.MostRepeats))
	flags.BoolVar(&f.list, "list", false, "list the rules by level, and examine nothing")
	parsed(flags, &f.timeout, "timeout", "10s", "`D` time limit for a complete response", parseTimeout)
	addSeed(flags, &f.seed, "random seed")
	flags.StringVar(&f.start, "start", "", "`TIME` when the stories begin, such as 2025-03-03T09:00:00Z (default an hour ago)")
	flags.BoolVar(&f.newIDs, "new-ids", false, "use identifiers that no examination has used, everything else as --seed and --start say")
	flags.StringSliceVar(&f.assume, "assume", nil, "`NAME=VALUE` choose how to send where the API's documentation is silent; may be repeated; see docs/assumptions.md")
}

func (f *examineFlags) addResult(flags *pflag.FlagSet) {
	choose(flags, &f.output, "output", "what to print on standard output", "text", "json", "quiet")
	flags.BoolVar(&f.quiet, "quiet", false, "print nothing unless something is wrong: --output quiet, without warnings and progress")
	flags.StringArrayVar(&f.reports, "report", nil, "`FILE` write a report: .json, .xml (JUnit), .md, .html or .sarif, or FORMAT:FILE such as md:FILE; may be repeated")
	flags.StringVar(&f.waive, "waive", "", "`FILE` rules that may be broken, one a line: RULE=reason until YYYY-MM-DD")
	flags.StringVar(&f.baseline, "baseline", "", "`FILE.json` an earlier report: fail only on what is new, and on what is right by now")
	parsed(flags, &f.stub, "state-stub", "", "`LANGUAGE` print an endpoint that tells the state, to be adapted: "+stub.Wanted()+"; examine nothing", stub.Parse)
}
