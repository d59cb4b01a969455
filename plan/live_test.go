package plan_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/receiver"
)

func liveAgents() []plan.LiveAgent {
	return []plan.LiveAgent{
		{Name: "alice", User: event.User{AgentID: "0101"}},
		{Name: "bob", User: event.User{AgentID: "102"}},
		{Name: "carol", User: event.User{AgentID: "103"}},
	}
}

func TestALiveConversationGoesAsItIsDriven(t *testing.T) {
	for _, row := range []struct {
		name, medium string
		steps        []string
		want         string // events of the last step
		allowed      string // behind it
	}{
		{"begin", "call", nil, "customer alerted, customer connected", "ring alice+bob+carol, hangup customer"},
		{"abandon while it rings", "call", []string{"ring alice", "hangup"}, "customer disconnected, customer ended, alice ended", ""},
		{"hold", "call", []string{"ring alice", "answer", "hold"}, "customer held",
			"retrieve customer, ring bob+carol, consult alice bob+carol, hangup customer, hangup alice, finish alice"},
		{"transfer", "call", []string{"ring alice", "answer", "transfer bob"}, "customer held, bob alerted",
			"answer bob, reject bob, hangup customer"},
		{"transfer answered", "call", []string{"ring alice", "answer", "transfer bob", "answer"},
			"bob connected, alice disconnected, alice wrapstarted, customer retrieved",
			"hold customer, park bob, consult bob carol, transfer bob carol, hangup customer, hangup bob, finish bob, finish alice"},
		{"transfer rejected", "call", []string{"ring alice", "answer", "transfer bob", "reject"},
			"bob connectionfailed, customer retrieved",
			"hold customer, park alice, consult alice carol, transfer alice carol, hangup customer, hangup alice, finish alice, finish bob"},
		{"No Answer ends", "call", []string{"ring alice", "reject", "finish alice"}, "alice ended", "ring alice+bob+carol, hangup customer"},
		{"No Answer outlasts the call", "call", []string{"ring alice", "reject", "hangup"}, "customer disconnected, customer ended", "finish alice"},
		{"consult becomes a transfer", "call", []string{"ring alice", "answer", "hold", "ring bob", "answer", "hangup alice"},
			"alice disconnected, alice wrapstarted, customer retrieved",
			"hold customer, park bob, consult bob carol, transfer bob carol, hangup customer, hangup bob, finish bob, finish alice"},
		{"consult becomes a conference", "call", []string{"ring alice", "answer", "hold", "ring bob", "answer", "retrieve"}, "customer retrieved",
			"hold customer, hold bob, hold alice, park alice, consult alice carol, transfer alice carol, hangup customer, hangup alice, finish alice, hangup bob, finish bob"},
		{"alternate", "call", []string{"ring alice", "answer", "hold", "ring bob", "answer", "alternate bob"}, "customer retrieved, bob held",
			"retrieve bob, alternate customer, alternate alice, hangup customer, hangup alice, finish alice, hangup bob, finish bob"},
		{"alternate back", "call", []string{"ring alice", "answer", "hold", "ring bob", "answer", "alternate", "alternate"}, "bob retrieved, customer held",
			"retrieve customer, alternate bob, alternate alice, ring carol, consult alice carol, hangup customer, hangup alice, finish alice, hangup bob, finish bob"},
		{"who is on hold leaves", "call", []string{"ring alice", "answer", "hold", "ring bob", "answer", "alternate", "finish bob"},
			"bob retrieved, bob disconnected, bob wrapstarted",
			"hold customer, park alice, consult alice carol, transfer alice carol, hangup customer, hangup alice, finish alice, finish bob"},
		{"a colleague on hold", "call", []string{"ring alice", "answer", "hold", "ring bob", "answer", "retrieve", "hold bob"}, "bob held",
			"retrieve bob, alternate customer, alternate alice, hangup customer, hangup alice, finish alice, hangup bob, finish bob"},
		{"hangup on hold", "call", []string{"ring alice", "answer", "hold", "hangup customer"},
			"customer retrieved, customer disconnected, customer ended, alice disconnected, alice wrapstarted", "finish alice"},
		{"the end", "call", []string{"ring alice", "answer", "hangup", "finish"}, "alice ended", ""},
		{"park", "email", []string{"ring alice", "answer", "park"}, "customer parked, alice parked", "unpark alice"},
		{"interrupt", "case", []string{"ring alice", "answer", "interrupt", "resume"}, "customer resumed, alice resumed",
			"park alice, interrupt alice, consult alice bob+carol, transfer alice bob+carol, hangup alice, finish alice"},
		{"consult", "call", []string{"ring alice", "answer", "consult bob"}, "customer held, bob alerted",
			"answer bob, reject bob, hangup customer"},
		{"consult outside", "call", []string{"ring alice", "answer", "consult supplier", "answer"}, "supplier connected",
			"retrieve customer, alternate supplier, hangup customer, hangup supplier, hangup alice, finish alice"},
		{"consult outside becomes a transfer", "call", []string{"ring alice", "answer", "consult supplier", "answer", "hangup alice"},
			"alice disconnected, alice wrapstarted, customer retrieved", "hangup customer, hangup supplier, finish alice"},
		{"the customer leaves a conference", "call", []string{"ring alice", "answer", "consult supplier", "answer", "retrieve", "hangup customer"},
			"customer disconnected, customer ended",
			"hold supplier, park alice, consult alice bob+carol, transfer alice bob+carol, hangup supplier, hangup alice, finish alice"},
		{"the customer leaves a consultation", "call", []string{"ring alice", "answer", "consult supplier", "answer", "hangup customer"},
			"customer retrieved, customer disconnected, customer ended",
			"hold supplier, park alice, consult alice bob+carol, transfer alice bob+carol, hangup supplier, hangup alice, finish alice"},
		{"an outside transfer", "call", []string{"ring alice", "answer", "transfer supplier assured-cold", "answer"},
			"supplier connected, alice disconnected, alice wrapstarted, customer retrieved", "hangup customer, hangup supplier, finish alice"},
		{"an outside transfer at once", "call", []string{"ring alice", "answer", "transfer supplier unassured-cold"},
			"alice disconnected, alice wrapstarted, supplier alerted", "answer supplier, reject supplier, hangup customer, finish alice"},
		{"to nobody", "call", []string{"ring alice", "answer", "transfer supplier unassured-cold", "reject", "hangup"},
			"customer disconnected, customer ended", "finish alice, finish supplier"},
		{"to a queue", "call", []string{"ring alice", "answer", "transfer queue"}, "alice disconnected, alice wrapstarted",
			"ring bob+carol, hangup customer, finish alice"},
		{"held whoever is named", "call", []string{"ring alice", "answer", "consult bob", "answer", "retrieve", "hold alice"}, "alice held",
			"retrieve alice, alternate customer, alternate bob, hangup customer, hangup alice, finish alice, hangup bob, finish bob"},
		{"a queue is consulted", "call", []string{"ring alice", "answer", "consult queue"}, "customer held",
			"retrieve customer, ring bob+carol, consult alice bob+carol, hangup customer, hangup alice, finish alice"},
		{"a consulted queue answers", "call", []string{"ring alice", "answer", "consult queue", "ring bob", "answer", "hangup alice"},
			"alice disconnected, alice wrapstarted, customer retrieved",
			"hold customer, park bob, consult bob carol, transfer bob carol, hangup customer, hangup bob, finish bob, finish alice"},
		{"assured to a queue", "call", []string{"ring alice", "answer", "transfer queue assured-cold"}, "customer held",
			"retrieve customer, ring bob+carol, hangup customer, hangup alice, finish alice"},
		{"assured to a queue, missed", "call", []string{"ring alice", "answer", "transfer queue assured-cold", "ring bob", "reject"}, "bob connectionfailed",
			"retrieve customer, ring carol, hangup customer, hangup alice, finish alice, finish bob"},
		{"assured to a queue, answered", "call", []string{"ring alice", "answer", "transfer queue assured-cold", "ring bob", "reject", "ring carol", "answer"},
			"carol connected, alice disconnected, alice wrapstarted, customer retrieved",
			"hold customer, park carol, consult carol, transfer carol, hangup customer, hangup carol, finish carol, finish alice, finish bob"},
		{"assured to a queue, given up", "call", []string{"ring alice", "answer", "transfer queue assured-cold", "retrieve"}, "customer retrieved",
			"hold customer, park alice, consult alice bob+carol, transfer alice bob+carol, hangup customer, hangup alice, finish alice"},
		{"warm", "call", []string{"ring alice", "answer", "transfer bob warm", "answer", "hangup alice"}, "alice disconnected, alice wrapstarted, customer retrieved",
			"hold customer, park bob, consult bob carol, transfer bob carol, hangup customer, hangup bob, finish bob, finish alice"},
		{"an email's queue is consulted", "email", []string{"ring alice", "answer", "consult queue", "ring bob", "answer", "hangup bob"}, "bob disconnected, bob wrapstarted",
			"park alice, interrupt alice, consult alice carol, transfer alice carol, hangup alice, finish alice, finish bob"},
		{"an email's queue is given up", "email", []string{"ring alice", "answer", "consult queue", "retrieve"}, "",
			"park alice, interrupt alice, consult alice bob+carol, transfer alice bob+carol, hangup alice, finish alice"},
		{"from a queue", "call", []string{"ring alice", "answer", "transfer queue", "ring bob", "answer"}, "bob connected",
			"hold customer, park bob, consult bob carol, transfer bob carol, hangup customer, hangup bob, finish bob, finish alice"},
		{"a chat is consulted about", "chat", []string{"ring alice", "answer", "consult bob", "answer"}, "bob connected",
			"hangup customer, hangup bob, finish bob"},
		{"and goes on", "chat", []string{"ring alice", "answer", "consult bob", "answer", "finish bob"}, "bob disconnected, bob wrapstarted",
			"park alice, interrupt alice, consult alice carol, hangup customer, hangup alice, finish alice, finish bob"},
		{"a case is handed on", "case", []string{"ring alice", "answer", "consult bob", "answer", "finish alice"}, "alice disconnected, alice wrapstarted",
			"park bob, interrupt bob, consult bob carol, transfer bob carol, hangup bob, finish bob, finish alice"},
		{"an email is handed on", "email", []string{"ring alice", "answer", "transfer bob", "answer"},
			"bob connected, alice disconnected, alice wrapstarted",
			"park bob, interrupt bob, consult bob carol, transfer bob carol, hangup bob, finish bob, finish alice"},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := newWalk(t, plan.LiveOptions{Seed: 1, Start: dawn, Medium: row.medium, Agents: liveAgents()})
			before := 0
			for _, s := range row.steps {
				before = len(w.ns)
				w.steps(t, s)
			}
			if g := allOf(w.ns[before:]); g != row.want {
				t.Errorf("got  %s\nwant %s", g, row.want)
			}
			if g := w.allowed(); g != row.allowed {
				t.Errorf("allowed %s\nwant    %s", g, row.allowed)
			}
			if w.Over() != (row.allowed == "") {
				t.Errorf("over: %v", w.Over())
			}
		})
	}
}

// An outbound call: the agent is rung, then the outside party.
func TestALiveCallIsDialled(t *testing.T) {
	for _, row := range []struct{ leg, steps, want, allowed string }{
		{"ring", "", "alice alerted", "answer alice, reject alice"},
		{"ring", "reject alice", "alice connectionfailed", "finish alice"},
		{"ring", "reject alice,finish", "alice ended", ""},
		{"ring", "answer alice", "alice connected, customer alerted", "answer customer, reject customer, hangup alice"},
		{"answered", "", "alice alerted, alice connected, customer alerted", "answer customer, reject customer, hangup alice"},
		{"ring", "answer alice,reject customer", "customer connectionfailed, alice disconnected, alice wrapstarted", "finish alice, finish customer"},
		{"ring", "answer alice,hangup alice", "customer ended, alice disconnected, alice wrapstarted", "finish alice"},
		{"ring", "answer alice,answer customer", "customer connected",
			"hold customer, park alice, consult alice bob+carol, transfer alice bob+carol, hangup customer, hangup alice, finish alice"},
		{"answered", "answer customer,hold,ring bob,reject", "bob connectionfailed",
			"retrieve customer, ring carol, consult alice carol, hangup customer, hangup alice, finish alice, finish bob"},
	} {
		t.Run(row.leg+" "+row.steps, func(t *testing.T) {
			w := newWalk(t, plan.LiveOptions{Seed: 1, Start: dawn, Agents: liveAgents(), Dial: "alice", Assume: set(t, "agent-leg="+row.leg)})
			before := 0
			for _, s := range strings.FieldsFunc(row.steps, func(r rune) bool { return r == ',' }) {
				before = len(w.ns)
				w.steps(t, s)
			}
			if got := allOf(w.ns[before:]); got != row.want || w.allowed() != row.allowed {
				t.Errorf("got  %s; allowed %s\nwant %s; allowed %s", got, w.allowed(), row.want, row.allowed)
			}
		})
	}
	for want, o := range map[string]plan.LiveOptions{
		`there is no agent "dave" who could dial`:             {Dial: "dave"},
		`there is no agent "customer" who could dial`:         {Dial: "customer"},
		`agents dial calls; want the medium call, got "chat"`: {Dial: "alice", Medium: "chat"},
		`there is no agent "dave" whom alice could call`:      {Dial: "alice", To: "dave"},
		`there is no agent "alice" whom alice could call`:     {Dial: "alice", To: "alice"},
	} {
		o.Start, o.Agents = dawn, liveAgents()
		if _, _, err := plan.NewLive(o, dawn); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestALiveCallBetweenAgents(t *testing.T) {
	for _, row := range []struct{ steps, want, allowed string }{
		{"", "alice alerted", "answer alice, reject alice"},
		{"answer", "alice connected, bob alerted", "answer bob, reject bob, hangup alice"},
		{"answer,reject bob", "bob connectionfailed, alice disconnected, alice wrapstarted", "finish alice, finish bob"},
		{"answer,hangup alice", "alice disconnected, alice wrapstarted, bob ended", "finish alice"},
		{"answer,answer bob", "bob connected",
			"hold bob, hold alice, park alice, consult alice carol, transfer alice carol, hangup alice, finish alice, hangup bob, finish bob"},
		{"answer,answer bob,hold", "bob held", "retrieve bob, alternate alice, ring carol, consult alice carol, hangup alice, finish alice, hangup bob, finish bob"},
		{"answer,answer bob,transfer carol,answer", "carol connected, alice disconnected, alice wrapstarted, bob retrieved",
			"hold carol, hold bob, park bob, consult bob, transfer bob, hangup bob, finish bob, hangup carol, finish carol, finish alice"},
		{"answer,answer bob,hold,ring carol,answer,hangup carol", "carol disconnected, carol wrapstarted",
			"retrieve bob, alternate alice, consult alice, hangup alice, finish alice, hangup bob, finish bob, finish carol"},
		{"answer,answer bob,hangup bob", "alice disconnected, alice wrapstarted, bob disconnected, bob wrapstarted", "finish alice, finish bob"},
	} {
		t.Run(row.steps, func(t *testing.T) {
			w := newWalk(t, plan.LiveOptions{Seed: 1, Start: dawn, Agents: liveAgents(), Dial: "alice", To: "bob"})
			before := 0
			for _, s := range strings.FieldsFunc(row.steps, func(r rune) bool { return r == ',' }) {
				before = len(w.ns)
				w.steps(t, s)
			}
			if got := allOf(w.ns[before:]); got != row.want || w.allowed() != row.allowed {
				t.Errorf("got  %s; allowed %s\nwant %s; allowed %s", got, w.allowed(), row.want, row.allowed)
			}
		})
	}
}

func TestALiveCallIsSupervised(t *testing.T) {
	for _, row := range []struct{ role, steps, want, allowed string }{
		{"monitor", "monitor bob", "bob alerted", "answer bob, reject bob, hangup customer"},
		{"monitor", "monitor bob,reject", "bob connectionfailed",
			"hold customer, park alice, consult alice carol, transfer alice carol, hangup customer, hangup alice, finish alice, finish bob"},
		{"monitor", "monitor bob,answer", "bob connected",
			"hold customer, park alice, consult alice carol, transfer alice carol, hangup customer, hangup alice, finish alice, coach bob, join bob, hangup bob"},
		{"monitor", "monitor bob,answer,coach", "",
			"hold customer, park alice, consult alice carol, transfer alice carol, hangup customer, hangup alice, finish alice, join bob, hangup bob"},
		{"monitor", "monitor bob,answer,join", "",
			"hold customer, park alice, consult alice carol, transfer alice carol, hangup customer, hangup alice, finish alice, hangup bob"},
		{"agent", "monitor bob,answer,join", "bob disconnected, bob ended, bob alerted, bob connected",
			"hold customer, park alice, consult alice carol, transfer alice carol, hangup customer, hangup alice, finish alice, hangup bob"},
		{"agent", "monitor bob,answer,join,hangup bob", "bob disconnected, bob ended",
			"hold customer, park alice, consult alice bob+carol, transfer alice bob+carol, hangup customer, hangup alice, finish alice"},
		{"agent", "monitor bob,answer,join,hangup alice",
			"customer disconnected, customer ended, alice disconnected, alice wrapstarted, bob disconnected, bob ended", "finish alice"},
		{"monitor", "monitor bob,answer,hold,ring carol,answer,hangup alice", "alice disconnected, alice wrapstarted, customer retrieved",
			"hold customer, park carol, consult carol, transfer carol, hangup customer, hangup carol, finish carol, coach bob, join bob, hangup bob, finish alice"},
	} {
		t.Run(row.role+" "+row.steps, func(t *testing.T) {
			w := newWalk(t, plan.LiveOptions{Seed: 1, Start: dawn, Agents: liveAgents(), Assume: set(t, "joined-role="+row.role)})
			w.steps(t, "ring alice", "answer")
			before := 0
			for _, s := range strings.Split(row.steps, ",") {
				before = len(w.ns)
				w.steps(t, s)
			}
			if got := allOf(w.ns[before:]); got != row.want || w.allowed() != row.allowed {
				t.Errorf("got  %s; allowed %s\nwant %s; allowed %s", got, w.allowed(), row.want, row.allowed)
			}
		})
	}
}

func TestALiveCallerIsCalledBack(t *testing.T) {
	for _, row := range []struct{ leg, steps, want, allowed string }{
		{"ring", "callback", "customer disconnected, customer ended", "ring alice+bob+carol, hangup customer"},
		{"ring", "ring alice,reject,callback", "customer disconnected, customer ended", "ring bob+carol, hangup customer, finish alice"},
		{"ring", "callback,hangup", "", ""},
		{"ring", "callback,ring alice", "alice alerted", "answer alice, reject alice"},
		{"ring", "callback,ring alice,reject", "alice connectionfailed", "ring bob+carol, hangup customer, finish alice"},
		{"ring", "callback,ring alice,answer", "alice connected, customer alerted", "answer customer, reject customer, hangup alice"},
		{"answered", "callback,ring alice", "alice alerted, alice connected, customer alerted", "answer customer, reject customer, hangup alice"},
		{"ring", "callback,ring alice,answer,reject customer", "customer connectionfailed, alice disconnected, alice wrapstarted", "finish alice, finish customer"},
		{"ring", "callback,ring alice,answer,answer customer", "customer connected",
			"hold customer, park alice, consult alice bob+carol, transfer alice bob+carol, hangup customer, hangup alice, finish alice"},
	} {
		t.Run(row.leg+" "+row.steps, func(t *testing.T) {
			w := newWalk(t, plan.LiveOptions{Seed: 1, Start: dawn, Agents: liveAgents(), Assume: set(t, "agent-leg="+row.leg)})
			before := 0
			for _, s := range strings.Split(row.steps, ",") {
				before = len(w.ns)
				w.steps(t, s)
			}
			if got := allOf(w.ns[before:]); got != row.want || w.allowed() != row.allowed {
				t.Errorf("got  %s; allowed %s\nwant %s; allowed %s", got, w.allowed(), row.want, row.allowed)
			}
		})
	}
}

// allOf is who did what.
func allOf(ns []plan.Notification) string {
	var all []string
	for _, n := range ns {
		_, kind, _ := strings.Cut(n.Event.Type.Kind.String(), ".")
		all = append(all, n.Name+" "+kind)
	}
	return strings.Join(all, ", ")
}

func TestARefusedStepSaysWhy(t *testing.T) {
	for _, row := range []struct {
		medium string
		steps  []string
		step   string
		agent  string
		party  string
		want   string
	}{
		{"call", nil, "hold", "", "", "no agent is connected; ring one first"},
		{"call", nil, "fly", "", "", "there is no such step; want ring or answer or"},
		{"call", nil, "answer", "", "", "nobody is being rung"},
		{"call", nil, "ring", "mallory", "", `there is no agent "mallory" who could be rung; want alice or bob or carol`},
		{"call", nil, "ring", "", "", `there is no agent "" who could be rung; want alice or bob or carol`},
		{"call", []string{"ring alice"}, "ring", "bob", "", "alice is being rung; answer or reject first"},
		{"call", []string{"ring alice"}, "answer", "", "bob", `"bob" takes no part`},
		{"call", []string{"ring alice"}, "answer", "alice", "bob", `the agent "alice" and the party "bob" are not the same; name one of them`},
		{"call", []string{"ring alice", "answer"}, "ring", "bob", "", "alice is connected already; consult or transfer"},
		{"call", []string{"ring alice", "answer"}, "retrieve", "", "", "the call is not on hold"},
		{"call", []string{"ring alice", "answer"}, "alternate", "", "", "nobody is on hold"},
		{"call", []string{"ring alice", "answer", "hold"}, "alternate", "", "", "nobody but alice could go on hold instead"},
		{"call", []string{"ring alice", "answer", "hold", "ring bob", "answer", "alternate"}, "ring", "carol", "", "bob is on hold; alternate or retrieve first"},
		{"call", []string{"ring alice", "answer"}, "hold", "", "bob", `"bob" takes no part`},
		{"call", []string{"ring alice", "answer"}, "hold", "", "alice", `it cannot be about "alice"; want customer`},
		{"call", []string{"ring alice", "answer", "hold"}, "retrieve", "", "alice", `it cannot be about "alice"; want customer`},
		{"call", []string{"ring alice", "answer", "consult supplier", "answer", "retrieve"}, "hold", "", "alice", `it cannot be about "alice"; want customer or supplier`},
		{"call", []string{"ring alice", "answer", "consult supplier", "answer", "retrieve"}, "hold", "", "", "it could be about several parties; name customer or supplier"},
		{"call", []string{"ring alice", "answer", "consult supplier", "answer", "retrieve"}, "hangup", "", "", "it could be about several parties; name customer or supplier"},
		{"call", []string{"ring alice", "answer", "consult bob", "answer", "retrieve"}, "consult", "carol", "bob", `it cannot be about "bob"; want alice`},
		{"call", []string{"ring alice", "answer", "consult bob", "answer", "retrieve"}, "transfer", "carol", "bob", `it cannot be about "bob"; want alice`},
		{"call", []string{"ring alice", "answer", "transfer queue assured-cold"}, "hold", "", "", "alice waits in a queue; ring an agent, or retrieve"},
		{"email", []string{"ring alice", "answer"}, "hangup", "", "customer", "nobody hangs up an email; finish it, or hang up as alice"},
		{"case", []string{"ring alice", "answer", "park"}, "hangup", "", "customer", "the case is parked; unpark it first"},
		{"email", []string{"ring alice", "answer", "consult queue"}, "transfer", "bob", "", "alice waits in a queue; ring an agent, or retrieve"},
		{"call", []string{"ring alice", "answer"}, "interrupt", "", "", "only other work is interrupted; put the call on hold, or park it"},
		{"call", []string{"callback"}, "park", "", "", "customer waits to be called back; ring an agent for that"},
		{"call", []string{"ring alice", "answer"}, "callback", "", "", "the caller is through to alice already"},
		{"chat", nil, "callback", "", "", "only callers can be called back"},
		{"call", nil, "monitor", "bob", "", "no agent is connected; ring one first"},
		{"call", []string{"ring alice", "answer"}, "coach", "", "alice", "nobody listens in who could coach; monitor first"},
		{"call", []string{"ring alice", "answer", "monitor bob", "answer"}, "coach", "", "alice", `it cannot be about "alice"; want bob`},
		{"email", []string{"ring alice", "answer"}, "monitor", "bob", "", "only calls can be monitored"},
		{"call", []string{"ring alice", "answer", "hold"}, "park", "", "", "the call is on hold; retrieve it first"},
		{"call", []string{"ring alice", "answer", "hold", "ring bob", "answer"}, "finish", "", "", "it could be about several parties; name alice or bob"},
		{"chat", []string{"ring alice", "answer"}, "hold", "", "", "only calls go on hold; park or interrupt the chat"},
		{"chat", []string{"ring alice", "answer", "park"}, "finish", "", "", "the chat is parked; unpark it first"},
		{"chat", []string{"ring alice", "answer", "interrupt"}, "park", "", "", "the chat is interrupted; resume it first"},
		{"call", []string{"ring alice", "answer", "hangup"}, "ring", "bob", "", "the call has ended; what is left is to finish the after-work of alice"},
		{"call", []string{"ring alice", "answer", "hangup", "finish"}, "ring", "bob", "", "the conversation is over"},
	} {
		t.Run(fmt.Sprint(row.medium, row.steps, row.step), func(t *testing.T) {
			w := newWalk(t, plan.LiveOptions{Seed: 1, Start: dawn, Medium: row.medium, Agents: liveAgents()})
			w.steps(t, row.steps...)
			ns, err := w.Do(dawn.Add(time.Hour), plan.LiveAction{Step: row.step, Agent: row.agent, Party: row.party})
			var f *plan.Forbidden
			if !errors.As(err, &f) || f.Step != row.step || !strings.HasPrefix(f.Why, row.want) || len(ns) > 0 {
				t.Errorf("got %v, %d notifications\nwant %s", err, len(ns), row.want)
			}
		})
	}
}

// A clock that is set back between two steps must not turn round the order of what was done,
// and neither a monotonic reading nor a zone may change a byte.
func TestLiveMomentsNeverGoBack(t *testing.T) {
	o := plan.LiveOptions{Seed: 1, Start: dawn, Agents: liveAgents()}
	w := newWalk(t, o)
	w.do(t, act{at: dawn.Add(time.Minute), step: "ring", agent: "alice"})
	w.do(t, act{at: dawn.Add(time.Second), step: "answer"})
	if got := w.ns[len(w.ns)-1].At; got != time.Minute {
		t.Errorf("the answer is at %s; want 1m, as the ring", got)
	}
	o.Start = dawn.Add(300 * time.Microsecond).In(time.FixedZone("", 3600))
	other := newWalk(t, o)
	other.do(t, act{at: dawn.Add(time.Minute + 500*time.Microsecond).In(time.Local), step: "ring", agent: "alice"})
	other.do(t, act{at: dawn, step: "answer"})
	if !bytes.Equal(ndjson(w.ns), ndjson(other.ns)) {
		t.Error("parts of a millisecond or zones change the bytes")
	}
}

func TestLiveIdentifiers(t *testing.T) {
	o := plan.LiveOptions{Seed: 1, Start: dawn, Agents: liveAgents()}
	ids := map[string]bool{}
	for _, seed := range []uint64{1, 2, 3} {
		o.Seed = seed
		ids[newWalk(t, o).ConversationID()] = true
	}
	ids[pick(t, load(t, "hold"), plan.Options{Seed: 1})[0].Event.Channel.ConversationID.String()] = true
	o.Start = dawn.Add(time.Millisecond)
	ids[newWalk(t, o).ConversationID()] = true
	if len(ids) != 5 {
		t.Errorf("of 5 conversations, only %d have an identifier of their own", len(ids))
	}
}

// An agent who is rung by hand is the one whom a story numbers so.
func TestLiveAgentsAreThoseOfStories(t *testing.T) {
	users := map[string]event.GUID{}
	for _, n := range pick(t, story(t, aHold), plan.Options{Seed: 1}) {
		if u := n.Event.Channel.Party.User; u.AgentID != "" {
			users[u.AgentID] = u.UserID
		}
	}
	w := newWalk(t, plan.LiveOptions{Seed: 1, Start: dawn, Agents: []plan.LiveAgent{{Name: "alice", User: event.User{AgentID: "1001"}},
		{Name: "bob", User: event.User{AgentID: "01001"}}}})
	w.steps(t, "ring alice", "answer", "transfer bob")
	alice, bob := w.ns[2].Event.Channel.Party.User, w.ns[len(w.ns)-1].Event.Channel.Party.User
	if len(users) != 1 || alice.UserID != users["1001"] || alice.AgentID != "1001" {
		t.Errorf("by hand it is %v; the story has %v", alice, users)
	}
	if bob.UserID == alice.UserID || bob.AgentID != "01001" {
		t.Errorf("another agent is %v, as %v", bob, alice)
	}
}

func TestNewLiveRefuses(t *testing.T) {
	for _, row := range []struct {
		name string
		o    plan.LiveOptions
		want string
	}{
		{"medium", plan.LiveOptions{Start: dawn, Medium: "fax"}, `no medium "fax"`},
		{"names", plan.LiveOptions{Start: dawn, From: "alice", Agents: liveAgents()}, `the party name "alice"`},
		{"no name", plan.LiveOptions{Start: dawn, Agents: []plan.LiveAgent{{}}}, `the party name ""`},
		{"agentId", plan.LiveOptions{Start: dawn, Agents: []plan.LiveAgent{{Name: "alice"}}}, "alice has no agentId"},
		{"start", plan.LiveOptions{}, "outside of what notification IDs can hold"},
		{"versions", plan.LiveOptions{Start: dawn, Versions: 9}, "unknown event versions 9"},
	} {
		if _, _, err := plan.NewLive(row.o, row.o.Start); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: %v; want %s", row.name, err, row.want)
		}
	}
}

func TestLivePresence(t *testing.T) {
	o := plan.LiveOptions{Seed: 1, Start: dawn, Versions: plan.Both}
	alice, bob := liveAgents()[0], liveAgents()[1]
	at := dawn.Add(time.Minute)
	var ns []plan.Notification
	ns = append(ns, plan.LivePresence(o, alice, "lunch", at, 0)...)
	ns = append(ns, plan.LivePresence(o, bob, "lunch", at, 0)...)
	ns = append(ns, plan.LivePresence(o, alice, "ready", at, 1)...)
	ns = append(ns, plan.LivePresence(o, alice, "lunch", at.Add(time.Minute), 0)...)
	r, ids := receiver.New(receiver.Options{}), map[string]bool{}
	for i := range ns {
		ids[ns[i].ID()] = true
		if j := r.JudgeUnsigned(ns[i].AppendBody(nil)); j.Result != receiver.Accepted {
			t.Errorf("%s: %s", j.Result, j.Reason)
		}
	}
	if len(ns) != 8 || len(ids) != 8 || ns[0].Name != "alice" || ns[0].Event.User.AgentID != "0101" || ns[0].At != time.Minute {
		t.Errorf("%d notifications with %d IDs: %+v", len(ns), len(ids), ns)
	}
	if again := plan.LivePresence(o, alice, "lunch", at, 0); !bytes.Equal(ndjson(again), ndjson(ns[:2])) {
		t.Error("the same change gives other bytes")
	}
	if ns := plan.LivePresence(o, alice, "asleep", at, 0); ns != nil {
		t.Errorf("an unknown presence gives %v", ns)
	}
}
