package judge

import (
	"slices"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario/fault"
)

// check is one row: what a correct consumer does, and how that is found out.
type check struct {
	name   string
	want   string   // what a correct consumer does
	reason string   // what is wrong with one that does not
	needs  []string // checks without which this one says nothing
	after  bool     // it needs a restart of the consumer
	parts  []part   // played one after the other, each a conversation of its own
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
	retry    bool // failed attempts are repeated
	upTo     int  // any answer from 200 to this status will do; 0: the right one
	judge    aspects
}

// agent is a conversation of which only the agent's channel is told, so that it says
// nothing about parties without identifiers.
func agent(kind fault.Kind, judge aspects) []part {
	return []part{{story: answered, assume: "held-channel=both", only: "alice", fault: kind, judge: judge}}
}

// checks is the examination. An earlier check is more basic: where it fails, those that need
// it are skipped, so that one mistake has one name.
func checks() []check {
	return slices.Concat(basics(), signatures(), orders(), forms(), connections())
}

// plain is what nearly every check needs, and more.
func plain(more ...string) []string { return append([]string{"agent-channel"}, more...) }

// basics tell whether anything else can be told.
func basics() []check {
	return []check{
		{"answers-in-time", "answers within the time limit, and does its work afterwards",
			"it does not answer in time: the sender waits 10 s, then tries again for up to 24 hours", nil, false,
			[]part{{story: answered, only: "alice", first: 1, upTo: 599}}},
		{"agent-channel", "accepts every notification of an agent's channel and knows the phases and how long they lasted",
			"it refuses lawful notifications, or gets an ordinary call wrong", []string{"answers-in-time"}, false, agent(fault.None, phases|seconds)},
		{"absent-ids", "takes external parties, which have no agentId and no userId",
			"it cannot do without agentId: customers have none", plain(), false, customers("")},
		{"null-ids", "takes external parties whose agentId and userId are null",
			"it cannot do with an agentId that is null", plain("absent-ids"), false, customers("absent-ids=null")},
	}
}

// signatures are about forgeries.
func signatures() []check {
	return []check{
		{"wrong-key", "refuses a token that another key signed, with 401",
			"it does not check the signature: anybody can send it anything", plain(), false, agent(fault.WrongKey, 0)},
		{"unsigned", "refuses a notification without a token, with 401",
			"it accepts what is not signed at all", plain("wrong-key"), false, agent(fault.Unsigned, 0)},
		{"alg-none", "refuses a token that names no algorithm, with 401",
			"it trusts the algorithm that the token itself names, and \"none\" needs no key", plain("wrong-key"), false, agent(fault.AlgNone, 0)},
		{"expired-token", "refuses a token that has expired, with 401",
			"it ignores exp: whoever once saw a token can use it for ever", plain("wrong-key"), false, agent(fault.ExpiredToken, 0)},
		{"tampered-body", "hashes the raw body and refuses one that payload_hash does not fit, with 401",
			"it does not compare the hash of the body: one token is good for any body", plain("wrong-key"), false, agent(fault.TamperedBody, 0)},
	}
}

// orders are about what a consumer makes of what it accepted.
func orders() []check {
	return []check{
		{"duplicate", "takes a notification that comes twice once: source and id are its key",
			"it is not idempotent: what comes twice counts twice", plain(), false, agent(fault.Duplicate, phases|seconds|notifications)},
		{"disorder", "orders by data.timestamp, whatever comes first",
			"it trusts the order of arrival", plain(), false, arranged(backwards, insideOut, oneLate)},
		{"same-instant", "knows the order of two notifications with one timestamp by their types",
			"it trusts the order of arrival where the timestamps are equal", []string{"disorder", "absent-ids"}, false,
			[]part{{story: answered, only: "customer", arrange: swapped, judge: phases | seconds}}},
		{"interaction", "takes the interaction from data.channel.interactionId",
			"it takes something else for the interaction: subject is the channel", plain(), false, agent(fault.None, interactions)},
		{"leading-zeros", "keeps the agentId as text: 0150 is not 150",
			"it changes the agentId: it is a text, and its leading zeros count", plain(), false,
			[]part{{story: zeros, only: "alice", judge: agents}}},
	}
}

// forms are about bodies.
func forms() []check {
	return []check{
		{"timestamp-digits", "reads 0 to 7 fractional digits of a timestamp",
			"it reads timestamps of one length only", plain(), false, digits("0", "1", "2", "4", "6", "7")},
		{"event-versions", "takes v0 and v1 of the same event, side by side",
			"it does not take both versions of the event types", plain(), false,
			[]part{{story: answered, assume: "held-channel=both", versions: plan.Both, only: "alice", judge: phases | seconds}}},
		{"unknown-type", "answers a type that it does not know with success, and ignores it",
			"it fails on event types that it does not know: new ones will be retried for 24 hours", plain(), false, agent(fault.UnknownType, phases)},
		{"unknown-member", "ignores members that it does not know",
			"it fails on members that it does not know", plain(), false, agent(fault.UnknownMember, phases)},
		{"presence", "answers agent.presencechanged with success",
			"it fails on notifications that are about no channel", []string{"agent-channel", "timestamp-digits", "unknown-type"}, false, []part{{story: presences}}},
		{"unusable-body", "answers a signed body that is no JSON with 2xx or 4xx",
			"it breaks on a body that is no JSON", plain(), false,
			[]part{{story: answered, only: "alice", first: 2, fault: fault.MalformedJSON, upTo: 499}}},
	}
}

// connections are about how bodies arrive, and what becomes of them.
func connections() []check {
	return []check{
		{"slow-body", "waits for the whole body",
			"it takes the first piece of the body for all of it", plain(), false,
			[]part{{story: answered, only: "alice", first: 1, fault: fault.SlowBody}}},
		{"cut-off", "accepts the second attempt after a connection was cut within the body",
			"it does not get over a connection that is cut within the body", plain(), false,
			[]part{{story: answered, assume: "held-channel=both", only: "alice", fault: fault.Reset, retry: true, judge: notifications}}},
		{"many-at-once", "keeps conversations apart that happen at the same time",
			"it mixes up conversations that happen at the same time, or loses some", plain("absent-ids"), false,
			[]part{{story: answered, count: 25, judge: phases | seconds}}},
		{"survives-restart", "has stored what it answered with success, and knows it after a crash",
			"it answers before it has stored: what it had accepted is lost in a crash", plain(), true, agent(fault.None, phases)},
	}
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

func digits(values ...string) []part {
	var all []part
	for _, v := range values {
		all = append(all, part{story: answered, assume: "timestamp-digits=" + v, only: "alice", judge: phases | seconds})
	}
	return all
}

func customers(assume string) []part {
	return []part{{story: answered, assume: assume, only: "customer", judge: phases}}
}
