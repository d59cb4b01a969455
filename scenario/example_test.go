package scenario_test

import (
	"errors"
	"fmt"

	"github.com/ringback/ringback/scenario"
)

func ExampleParse() {
	sc, err := scenario.Parse("call.yaml", []byte(`
name: short-call
story: A customer calls and is answered.
steps:
  - call: customer
  - ring: {agent: alice, for: 3s..8s}
  - talk: 45s
  - hangup: customer
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(sc.Name, "has", len(sc.Steps), "steps and", len(sc.Program.Parties), "parties")
	// Output: short-call has 4 steps and 2 parties
}

func ExampleProblems() {
	_, err := scenario.Parse("call.yaml", []byte(`name: short-call
story: Three things are wrong here.
steps:
  - cal: customer
  - ring: {agent: alice, for: 5}
  - {talk: 45s, chanse: 20%}
`))
	var problems scenario.Problems
	if errors.As(err, &problems) {
		fmt.Println(problems)
	}
	// Output:
	// call.yaml:4:5: unknown step "cal" (did you mean "call"?)
	// call.yaml:5:31: for: want a time, got "5" (add a unit: 5s)
	// call.yaml:6:17: unknown key "chanse" beside "talk" (did you mean "chance"?)
}
