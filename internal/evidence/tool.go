package evidence

import (
	"fmt"
	"strconv"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/gate"
)

// What ringback says about runs and recordings. It is ringback's own, and documented with it.

// classFacts are how much a finding of verify weighs.
var classFacts = []namedFact{
	{string(event.Violation), fact{is: "A finding of verify: a notification breaks what is documented.",
		rules: []rule{{verifyDocs, "It makes the exit status 1."}}, see: []string{"illegal-transition", "exit status 1"}}},
	{string(event.Deviation), fact{is: "A finding of verify: a notification breaks what ringback assumes where the documentation is silent.",
		rules: []rule{{verifyDocs, "It makes the exit status 1 in a strict check alone."}}, see: []string{"assumed-transition"}}},
	{string(event.Note), fact{is: "A finding of verify that is worth knowing, and no fault.",
		rules: []rule{{verifyDocs, "It never changes the exit status."}}, see: []string{"id-second"}}},
}

func classes() []Entry {
	all := entriesOf(Class, classFacts)
	for i := range all {
		all[i].aliases = []string{all[i].Subject + "s"}
	}
	return all
}

// units say what stands in a gate behind a figure of a kind.
var units = map[gate.Kind]string{
	gate.Count: "A number", gate.Rate: "A rate, such as 100/s", gate.Time: "A time, such as 30s",
	gate.Spread: "A statistic of many times: min, mean, max, or a percentile such as p99, then a time",
}

func figures() (all []Entry) {
	for _, row := range gate.Rows() {
		text := units[row.Kind]
		if row.Of != "" {
			text += "; with %, a share of " + row.Of
		}
		if !row.Planned() {
			text += "; where two runs are compared, also a factor, such as 1.2x"
		}
		e := fact{rules: []rule{{gateDocs, text + "."}}}.entry(GateFigure, string(row.Figure), "A figure of gates: "+row.Doc+".")
		for i, name := range row.Figure.Names() {
			if i > 0 {
				e.aliases = append(e.aliases, name)
			}
			for _, statistic := range []string{"min", "mean", "max", "p50", "p90", "p95", "p99", "p99.9"} {
				if row.Kind == gate.Spread {
					e.aliases = append(e.aliases, name+" "+statistic)
				}
			}
		}
		all = append(all, e)
	}
	return all
}

// exits are the exit statuses of the program, as README.md has them.
var exits = []struct {
	status int
	means  string
}{
	{0, "`examine` found nothing wrong; of a run, all notifications were accepted, or as many as gates demand, and forgeries refused; `capacity` found the limit, or none up to its highest rate"},
	{1, "`examine` found something wrong; a notification was not accepted though no gate allows that, a forgery was not refused, the consumer was too slow, a check or gate failed, or a file could not be written or metrics not be pushed; `capacity` found that the consumer has no limit that could be named, or takes less than was asked for"},
	{2, "wrong flags, arguments or settings, and nothing was sent; or what was to be examined could not be, because the consumer or its state is not there, or does not tell it"},
	{3, "a scenario or workload file has problems; nothing was sent"},
	{4, "the run is invalid: ringback itself did not offer the load on schedule; a comparison is undecided, since the difference may be chance; or `capacity` named no limit, because ringback or the machine was it, or the time was over"},
	{130, "interrupted; the report covers what happened until then"},
}

func exitStatuses() (all []Entry) {
	for _, x := range exits {
		number := strconv.Itoa(x.status)
		e := fact{rules: []rule{{readme, "It is the same of all commands."}}}.entry(ExitStatus, "exit status "+number, sentence(x.means))
		e.aliases = []string{number, "status " + number, "exit " + number, "exit code " + number, fmt.Sprintf("$? = %d", x.status)}
		all = append(all, e)
	}
	return all
}
