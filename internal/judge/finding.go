package judge

// Verdict is what came of a check.
type Verdict string

// The verdicts.
const (
	OK      Verdict = "ok"
	Failed  Verdict = "failed"
	Skipped Verdict = "skipped" // it could not be judged; see Detail
)

// Finding is what came of one check.
type Finding struct {
	Check   string  `json:"check"` // its name
	Verdict Verdict `json:"verdict"`
	Want    string  `json:"want"`             // what a correct consumer does
	Reason  string  `json:"reason,omitempty"` // of a failure: what is wrong with this one
	Detail  string  `json:"detail,omitempty"` // what was seen, or why it was skipped
}

// Passed tells whether no check failed. Skipped ones do not count.
func Passed(all []Finding) bool {
	for _, f := range all {
		if f.Verdict == Failed {
			return false
		}
	}
	return true
}

// Check is a row of the table, for people.
type Check struct{ Name, Want string }

// Checks lists all checks in their order.
func Checks() []Check {
	all := make([]Check, 0, 32)
	for _, c := range checks() {
		all = append(all, Check{c.name, c.want})
	}
	return all
}
