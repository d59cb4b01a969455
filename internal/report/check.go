package report

// Check is one thing that was asked of the consumer after the story, and what came of it.
type Check struct {
	Name   string `json:"name"` // what was expected, in a line
	Passed bool   `json:"passed"`
	Detail string `json:"detail"` // what was found instead; may be empty if it passed
}

// Gate is a condition on the result, and whether it holds.
type Gate struct {
	Text   string `json:"gate"` // as in package gate, such as "answer p99 < 500ms"
	Passed bool   `json:"passed"`
	Was    string `json:"was"` // the value, or why there is none
}

// Failure is a failed gate in one line, without "gate failed: ".
func (g *Gate) Failure() string { return g.Text + ": " + g.Was }

// Verdict is the outcome of a run as a whole, in the words of the exit statuses.
type Verdict string

// The verdicts.
const (
	Passed      Verdict = "passed"
	Failed      Verdict = "failed"
	Invalid     Verdict = "invalid"     // the schedule was not kept: the run proves nothing
	Interrupted Verdict = "interrupted" // the report covers what happened
)
