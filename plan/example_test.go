package plan_test

import (
	"fmt"
	"time"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
)

func ExampleNew() {
	sc, err := scenario.Parse("call.yaml", []byte(`
name: short-call
story: A customer calls and is answered.
steps:
  - call: customer
  - ring: {agent: alice, for: 5s}
  - talk: 45s
  - hangup: customer
  - wrap: 20s
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := plan.New(sc, plan.Options{Seed: 1, Start: time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)})
	if err != nil {
		fmt.Println(err)
		return
	}
	for n := range p.Notifications() {
		fmt.Println(n.Due, n.Name, n.Type())
	}
	// Output:
	// 628ms customer channel.alerted.v0
	// 628ms customer channel.connected.v0
	// 628ms alice channel.alerted.v0
	// 5.355s alice channel.connected.v0
	// 50.418s customer channel.disconnected.v0
	// 50.418s customer channel.ended.v0
	// 50.418s alice channel.disconnected.v0
	// 50.418s alice channel.wrapstarted.v0
	// 1m10.511s alice channel.ended.v0
}
