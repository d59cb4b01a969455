package judge

import (
	"slices"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario/fault"
)

// Check is the name of a check, and what a correct consumer does.
type Check struct{ Name, Want string }

// Checks lists all checks in their order.
func Checks() []Check {
	all := make([]Check, 0, 32)
	for _, c := range checks() {
		all = append(all, Check{c.name, c.want})
	}
	return all
}

// check is one row: what a correct consumer does, and how that is found out.
type check struct {
	name     string
	want     string   // what a correct consumer does
	reason   string   // what is wrong with a consumer that does not
	needs    []string // checks that this one depends on
	parts    []part   // played one after the other, each a conversation of its own
	restart  bool     // the consumer is restarted before its state is compared
	rejected string   // the reason if a response is wrong already; "": the same reason
}

// part is one conversation of a check.
type part struct {
	story    string
	assume   string // NAME=VALUE, or ""
	versions plan.Versions
	fault    fault.Kind // of every notification; None: none
	only     string     // the party whose notifications are sent; "": all
	first    int        // at most so many notifications; 0: all
	count    uint64     // conversations at the same time; 0: one
	arrange  arrangement
	retry    bool    // failed attempts are repeated
	media    string  // Content-Type; "": that of the examination
	upTo     int     // any status from 200 to this one will do; 0: the right one
	compare  aspects // of the state
}

// needsState reports whether the responses alone do not show what the check is about.
func (c *check) needsState() bool {
	const stateOnly = interactions | agents | notifications
	p := c.parts[0]
	return c.restart || p.compare&stateOnly != 0 && !p.retry || p.arrange != nil
}

// selectChecks returns the names of the checks to make: those named, or all if none is, and
// those that they depend on.
func selectChecks(only []string) map[string]bool {
	selected := map[string]bool{}
	for _, c := range slices.Backward(checks()) { // a check stands behind those that it depends on
		if len(only) > 0 && !selected[c.name] && !slices.Contains(only, c.name) {
			continue
		}
		selected[c.name] = true
		for _, n := range c.needs {
			selected[n] = true
		}
	}
	return selected
}

// checks lists the checks. An earlier check is more basic: where it fails, those that depend on
// it are skipped, so that one mistake has one name.
func checks() []check {
	return slices.Concat(basicChecks(), signatureChecks(), orderChecks(), bodyChecks(), connectionChecks())
}

// agent is a conversation of which only the notifications of the agent's channel are sent, so
// that it shows nothing about parties without identifiers.
func agent(kind fault.Kind, compare aspects) []part {
	return []part{{story: answered, assume: "held-channel=both", only: "alice", fault: kind, compare: compare}}
}

// assuming has a conversation for each assumption, of which only the notifications of one party are
// sent.
func assuming(only string, compare aspects, assumptions ...string) (all []part) {
	for _, a := range assumptions {
		all = append(all, part{story: answered, assume: a, only: only, compare: compare})
	}
	return all
}

func arranged(orders ...arrangement) []part {
	var all []part
	for _, o := range orders {
		p := agent(fault.None, phases|seconds)[0]
		p.arrange = o
		all = append(all, p)
	}
	return all
}

// basic is what nearly every check depends on, and more.
func basic(more ...string) []string { return append([]string{"agent-channel"}, more...) }

func basicChecks() []check {
	return []check{
		{name: "answers-in-time", want: "responds within the time limit",
			reason: "no response within the time limit; the real sender waits 10 s and retries for up to 24 hours",
			parts:  []part{{story: answered, only: "alice", first: 1, upTo: 599}}},
		{name: "agent-channel", want: "accepts every notification of an agent's channel, and has the right phases and durations",
			reason: "stored state wrong", rejected: "valid notification rejected",
			needs: []string{"answers-in-time"}, parts: agent(fault.None, phases|seconds)},
		{name: "absent-ids", want: "accepts external parties, which have no agentId and no userId",
			reason: "cannot handle a missing agentId; customers have none",
			needs:  basic(), parts: assuming("customer", phases, "")},
		{name: "null-ids", want: "accepts external parties whose agentId and userId are null",
			reason: "cannot handle an agentId that is null",
			needs:  basic("absent-ids"), parts: assuming("customer", phases, "absent-ids=null")},
	}
}

func signatureChecks() []check {
	return []check{
		{name: "wrong-key", want: "rejects a token signed with another key (401)",
			reason: "does not verify the signature: anybody can send it anything",
			needs:  basic(), parts: agent(fault.WrongKey, 0)},
		{name: "unsigned", want: "rejects a notification without a token (401)",
			reason: "accepts notifications that are not signed",
			needs:  basic("wrong-key"), parts: agent(fault.Unsigned, 0)},
		{name: "alg-none", want: "rejects a token with the algorithm none (401)",
			reason: `trusts the algorithm that the token names, and "none" needs no key`,
			needs:  basic("wrong-key"), parts: agent(fault.AlgNone, 0)},
		{name: "expired-token", want: "rejects an expired token (401)",
			reason: "ignores exp: a token that was seen once works for ever",
			needs:  basic("wrong-key"), parts: agent(fault.ExpiredToken, 0)},
		{name: "early-token", want: "accepts a token whose iat lies ahead: the clocks of two machines differ",
			reason: "refuses tokens that a clock ahead of its own has issued",
			needs:  basic(), parts: agent(fault.EarlyToken, phases)},
		{name: "tampered-body", want: "rejects a body whose hash is not payload_hash; the raw body is hashed (401)",
			reason: "does not compare the hash of the body: one token works for any body",
			needs:  basic("wrong-key"), parts: agent(fault.TamperedBody, 0)},
	}
}

func orderChecks() []check {
	return []check{
		{name: "duplicate", want: "counts a duplicate once; source and id are the key",
			reason: "not idempotent: a duplicate counts twice",
			needs:  basic(), parts: agent(fault.Duplicate, phases|seconds|notifications)},
		{name: "disorder", want: "orders by data.timestamp, not by arrival",
			reason: "trusts the order of arrival",
			needs:  basic(), parts: arranged(backwards, insideOut, oneLate)},
		{name: "same-instant", want: "orders notifications with equal timestamps by their types",
			reason: "trusts the order of arrival where timestamps are equal",
			needs:  []string{"disorder", "absent-ids"},
			parts:  []part{{story: answered, only: "customer", arrange: swapped, compare: phases | seconds}}},
		{name: "interaction", want: "takes the interaction from data.channel.interactionId",
			reason: "takes something else for the interaction; subject is the channel",
			needs:  basic(), parts: agent(fault.None, interactions)},
		{name: "leading-zeros", want: "keeps agentId as text: 0150 is not 150",
			reason: "changes agentId: it is text, and leading zeros count",
			needs:  basic(), parts: []part{{story: zeros, only: "alice", compare: agents}}},
	}
}

func bodyChecks() []check {
	return []check{
		{name: "timestamp-digits", want: "reads timestamps with 0 to 7 fractional digits",
			reason: "reads timestamps of one length only",
			needs:  basic(), parts: assuming("alice", phases|seconds, "timestamp-digits=0", "timestamp-digits=1", "timestamp-digits=2",
				"timestamp-digits=4", "timestamp-digits=6", "timestamp-digits=7")},
		{name: "event-versions", want: "accepts v0 and v1 of the same event, side by side",
			reason: "does not accept both versions of the event types",
			needs:  basic(), parts: []part{{story: answered, assume: "held-channel=both", versions: plan.Both, only: "alice", compare: phases | seconds}}},
		{name: "unknown-type", want: "accepts unknown event types, and ignores them",
			reason: "fails on unknown event types: new ones will be retried for 24 hours",
			needs:  basic(), parts: agent(fault.UnknownType, phases)},
		{name: "unknown-member", want: "ignores unknown members",
			reason: "fails on unknown members",
			needs:  basic(), parts: agent(fault.UnknownMember, phases)},
		{name: "body-style", want: "hashes the bytes as they came, and reads JSON in any lawful way of writing it",
			reason: "hashes what it has encoded anew, or reads one way of writing JSON only",
			needs:  basic(), parts: assuming("alice", phases, "body-style=spaced", "body-style=pretty", "body-style=reordered",
				"body-style=escaped", "body-style=newline", "body-style=non-ascii")},
		{name: "id-form", want: "takes identifiers as they are: not every GUID is of version 4",
			reason: "demands GUIDs of one version, or takes channels and interactions for one thing",
			needs:  basic("absent-ids"), parts: append(assuming("alice", phases|seconds, "id-form=any"),
				assuming("customer", phases|seconds, "id-form=channel-is-interaction")...)},
		{name: "presence", want: "accepts agent.presencechanged",
			reason: "fails on notifications that are about no channel",
			needs:  []string{"agent-channel", "timestamp-digits", "unknown-type"}, parts: []part{{story: presences}}},
		{name: "content-type", want: "accepts a Content-Type with a parameter, which means the same without it",
			reason: "compares Content-Type to the letter: a charset behind it is lawful",
			needs:  basic(), parts: []part{{story: answered, only: "alice", media: "application/cloudevents+json; charset=utf-8", compare: phases}}},
		{name: "unusable-body", want: "responds with 2xx, or 4xx but 401, to a signed body that is not JSON",
			reason: "fails on a body that is not JSON",
			needs:  basic("body-style"), parts: []part{{story: answered, only: "alice", first: 2, fault: fault.MalformedJSON}}},
	}
}

func connectionChecks() []check {
	return []check{
		{name: "slow-body", want: "waits for the whole body",
			reason: "takes the first piece of the body for all of it",
			needs:  basic(), parts: []part{{story: answered, only: "alice", first: 1, fault: fault.SlowBody}}},
		{name: "cut-off", want: "accepts the second attempt after a connection was cut within the body",
			reason: "does not recover from a connection that is cut within the body",
			needs:  basic(),
			parts:  []part{{story: answered, assume: "held-channel=both", only: "alice", fault: fault.Reset, retry: true, compare: notifications}}},
		{name: "many-at-once", want: "keeps concurrent conversations apart",
			reason: "mixes up concurrent conversations, or loses some",
			needs:  basic("absent-ids"), parts: []part{{story: answered, count: 25, compare: phases | seconds}}},
		{name: "survives-restart", want: "has stored what it accepted, and knows it after a crash",
			reason: "responds before it has stored: accepted notifications are lost in a crash",
			needs:  basic(), parts: agent(fault.None, phases), restart: true},
	}
}

// The scenarios that are played. All of their times are seconds apart, so that timestamps
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
