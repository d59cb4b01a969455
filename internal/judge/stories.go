package judge

// The stories that are played. All of their times are seconds apart, so that timestamps
// without fractional digits tell them apart as well.
const (
	answered = `
name: examined-call
story: A customer is answered, put on hold, and hangs up.
steps:
  - call: customer
  - queue: 7s
  - ring: {agent: alice, for: 4s..9s}
  - talk: 20s..90s
  - hold: 30s..60s
  - talk: 15s..45s
  - hangup: customer
  - wrap: 20s
`
	zeros = `
name: examined-zeros
story: An agent whose agentId begins with zeros takes a call.
agents:
  alice: {agentId: "0150"}
steps:
  - call: customer
  - ring: {agent: alice, for: 4s}
  - talk: 20s
  - hangup: customer
  - wrap: 20s
`

	presences = `
name: examined-presence
story: An agent is ready, has a break and leaves.
steps:
  - presence: {agent: alice, to: ready}
  - wait: 10s
  - presence: {agent: alice, to: break}
  - wait: 10s
  - presence: {agent: alice, to: logged-out}
`
)
