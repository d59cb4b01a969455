package scenario_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/scenario"
)

const aCall = "name: a-call\nstory: A call.\nsteps: [{call: customer}, {ring: {agent: alice, for: 5s}}, {finish: 5s}]\n"

// folder is the files beside a workload, by their names.
type folder map[string]string

func (f folder) files() scenario.Files {
	open := func(name string) (string, []byte, error) {
		text, ok := f[name]
		if !ok {
			return "", nil, fmt.Errorf("there is no %s", name)
		}
		return "dir/" + name, []byte(text), nil
	}
	return scenario.Files{Story: open, Table: func(path string, most int) (string, []byte, error) {
		name, text, err := open(path)
		return name, text[:min(len(text), most)], err
	}}
}

// resolve parses a workload with the given lines, and completes it.
func resolve(t *testing.T, lines string, files folder) (*scenario.Workload, error) {
	t.Helper()
	if !strings.Contains(lines, "mix:") {
		lines += "mix: [{scenario: a-call, weight: 1}]\n"
	}
	if !strings.Contains(lines, "arrivals:") {
		lines += "population: 5\n"
	}
	doc, err := scenario.ParseDocument("w.yaml", []byte("name: w\nstory: Traffic.\n"+lines))
	if err != nil {
		t.Fatal(err)
	}
	all := folder{"a-call": aCall}
	for name, text := range files {
		all[name] = text
	}
	return doc.Workload, doc.Workload.Resolve(all.files())
}

// brief writes stretches as "from-to over length", with ~ for random ones.
func brief(all []scenario.Stretch) string {
	var parts []string
	for _, s := range all {
		mark := ""
		if s.Poisson {
			mark = "~"
		}
		parts = append(parts, fmt.Sprintf("%s%s-%s over %s", mark, s.From, s.To, s.Over))
	}
	return strings.Join(parts, ", ")
}

func TestArrivalsBecomeStretches(t *testing.T) {
	for _, c := range []struct{ entry, csv, want string }{
		{"{rate: 4/s, over: 50m}", "", "4/s-4/s over 50m0s"},
		{"{from: 0/s, to: 0.5/s, over: 10m, poisson: true}", "", "~0/s-0.5/s over 10m0s"},
		{"{steps: [1/s, 120/m, 0/s], each: 5m}", "", "1/s-1/s over 5m0s, 120/m-120/m over 5m0s, 0/s-0/s over 5m0s"},
		{"{csv: r.csv}", "0,1\n60,4/s\n", "1/s-4/s over 1m0s"},
		{"{csv: r.csv, poisson: true}", "time,rate\n0s,1/s\n1m,4/s\n1m,30/m\n2m,0.25\n", "~1/s-4/s over 1m0s, ~30/m-0.25/s over 1m0s"},
		{"{csv: r.csv}", "\uFEFFNote,Rate,TIME\r\n\"a, b\",1/s,08:00\r\n\r\n# a comment\r\n,2/s,08:30:30\r\n", "1/s-2/s over 30m30s"},
		{"{csv: r.csv}", "23:30,1\n24:30, 2\n", "1/s-2/s over 1h0m0s"},
		{"{csv: r.csv, over: 30s}", "0,1\n60,4/s\n90,5", "1/s-2.5/s over 30s"},
		{"{csv: r.csv, over: 60s}", "0,1\n60,4/s\n90,5", "1/s-4/s over 1m0s"},
		{"{csv: r.csv, over: 70s}", "0.5,1\n60.5,4/s\n90.5,1", "1/s-4/s over 1m0s, 4/s-3/s over 10s"},
	} {
		w, err := resolve(t, "arrivals: ["+c.entry+"]\n", folder{"r.csv": c.csv})
		if err != nil {
			t.Errorf("%s with %q: %v", c.entry, c.csv, err)
		} else if got := brief(w.Stretches); got != c.want {
			t.Errorf("%s with %q:\ngot  %s\nwant %s", c.entry, c.csv, got, c.want)
		}
	}
}

func TestTheFilesOfAWorkloadAreRead(t *testing.T) {
	w, err := resolve(t, "agents: {from: agents.csv, patience: 1m}\nconversations: ids.csv\n", folder{
		"agents.csv": "name,userId,agentId\nJo,EF71F453-556a-3abc-7769-bc678ef6e090,0150\nSam,,1544\n",
		"ids.csv":    "conversationId,when\n11111111-2222-3333-4444-55555555555A,1\n21111111-2222-3333-4444-555555555555,2\n",
	})
	if err != nil {
		t.Fatal(err)
	}
	if w.AgentCount != 2 || len(w.Agents) != 2 || w.Agents[0].AgentID != "0150" || w.Agents[0].UserID != "ef71f453-556a-3abc-7769-bc678ef6e090" || w.Agents[1].UserID != "" {
		t.Errorf("%d agents: %+v", w.AgentCount, w.Agents)
	}
	if len(w.ConversationIDs) != 2 || w.ConversationIDs[0].String() != "11111111-2222-3333-4444-55555555555a" {
		t.Errorf("conversation IDs: %v", w.ConversationIDs)
	}
	if len(w.Scenarios) != 1 || w.Scenarios[0].Name != "a-call" || w.Patience.Max() != time.Minute {
		t.Errorf("scenarios %v, patience %s", w.Scenarios, w.Patience)
	}
}

func TestWhatIsWrongWithTheFilesOfAWorkloadIsTold(t *testing.T) {
	const csv, pool, ids = "arrivals: [{csv: r.csv}]\n", "agents: {from: a.csv}\n", "conversations: i.csv\n"
	const guid = "11111111-2222-3333-4444-555555555555"
	for _, c := range []struct{ lines, file, text, want string }{
		{csv, "x.csv", "", "w.yaml:3:18: there is no r.csv"},
		{csv, "r.csv", "", "dir/r.csv:1:1: want at least two lines with different times"},
		{csv, "r.csv", "0,1\n0,2\n", "dir/r.csv:1:1: want at least two lines with different times"},
		{csv, "r.csv", "when,rate\n0,1\n", "dir/r.csv:1:1: want the columns time and rate"},
		{csv, "r.csv", "time,rate,Time\n0,1\n", "dir/r.csv:1:11: the column time is there twice"},
		{csv, "r.csv", "0,1\n10\n", `dir/r.csv:2:1: want a time and a rate, such as "90s,4/s"`},
		{csv, "r.csv", "0,1\n10, fast\n", `dir/r.csv:2:5: want a rate such as 4/s, or 4 for as many a second, got "fast"`},
		{csv, "r.csv", "0,1\n10,1000001\n", "dir/r.csv:2:4: want at most 1000000/s"},
		{csv, "r.csv", "0,1\n10,-1\n", `got "-1"`},
		{csv, "r.csv", "0,1\n8:61,1\n", `dir/r.csv:2:1: want a time such as 90s, 1h30m or 08:30, or seconds, got "8:61"`},
		{csv, "r.csv", "0,1\n5e3,1\n", `got "5e3"`},
		{csv, "r.csv", "0,1\n999:00,1\n", `dir/r.csv:2:1: want at most 720h, got "999:00"`},
		{csv, "r.csv", "0,1\n1.0001,1\n", "in whole milliseconds"},
		{csv, "r.csv", "23:00,1\n01:00,1\n", "dir/r.csv:2:1: the time 01:00 is before that of the line above"},
		{csv, "r.csv", "0,1\n\"10,1\n", "dir/r.csv:2:6: extraneous or missing \" in quoted-field"},
		{csv, "r.csv", "0,1\nä\"10,1\n", "dir/r.csv:2:2: bare \" in non-quoted-field"},
		{csv, "r.csv", "0,1\n\xff,1\n", "dir/r.csv:2:1: the byte 0xff is not UTF-8"},
		{csv, "r.csv", "0,0\n10,0\n", "w.yaml:3:12: arrivals: nothing ever begins, since all rates are 0"},
		{csv, "r.csv", strings.Repeat("0,1\n", 1<<20) + "1,1\n", "dir/r.csv:1:1: the file is too large; at most 4194304 bytes are read"},
		{"arrivals: [{csv: r.csv, over: 1h}]\n", "r.csv", "0,1\n1m,1\n", "w.yaml:3:12: arrivals: over is 1h, but r.csv ends after 1m"},
		{"arrivals: [{low: 1/s, high: 2/s, every: 1s, over: 1h}]\n", "", "", "w.yaml:3:12: arrivals: the wave repeats more than 1041 times"},
		{pool, "a.csv", "", "dir/a.csv:1:1: there are no agents in the file"},
		{pool, "a.csv", "agentId\n", "dir/a.csv:1:1: there are no agents in the file"},
		{pool, "a.csv", "1544\n", "dir/a.csv:1:1: want a header with agentId, userId or both"},
		{pool, "a.csv", "agentId\n1\n2\n1\n", "dir/a.csv:4:1: agentId 1 is there twice; first at line 2"},
		{pool, "a.csv", "name,userId\na," + guid + "\nb,123\nc," + guid, "dir/a.csv:3:3: userId: want a GUID such as"},
		{pool, "a.csv", "name,userId\na," + guid + "\nb,123\nc," + guid, "dir/a.csv:4:3: userId " + guid + " is there twice; first at line 2"},
		{pool, "a.csv", "name,userId\na,\n", "dir/a.csv:2:1: want an agentId or a userId"},
		{ids, "i.csv", "\n", "dir/i.csv:1:1: there are no conversation IDs in the file"},
		{ids, "i.csv", guid + "\n" + guid + "\n", "dir/i.csv:2:1: conversationId " + guid + " is there twice; first at line 1"},
		{ids, "i.csv", "id\n" + guid + "\n", "dir/i.csv:1:1: conversationId: want"},
		{ids, "i.csv", "a,conversationId\nb\n", "dir/i.csv:2:1: want a conversation ID"},
		{"mix: [{scenario: b-call, weight: 1}]\n", "", "", "w.yaml:3:7: mix: there is no b-call"},
		{"mix: [{scenario: b-call, weight: 1}]\n", "b-call", "name: b\nmix: [{scenario: a, weight: 1}]\nstory: B.\npopulation: 1", "w.yaml:3:7: mix: b-call is a workload; want a scenario"},
		{"mix: [{scenario: b-call, weight: 1}, {scenario: b-call, weight: 1}]\n", "b-call", "name: b\n", `dir/b-call:1:1: the scenario needs "steps"`},
		{"expect: [{get: \"/{{channelId alce}}\", status: 200}]\n", "", "", `w.yaml:3:10: expect: nobody in a-call is called "alce" (did you mean "alice"?)`},
	} {
		_, err := resolve(t, c.lines, folder{c.file: c.text})
		var faults scenario.Problems
		if !errors.As(err, &faults) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s%.60q:\ngot  %v\nwant %s", c.lines, c.text, err, c.want)
		} else if strings.Count(err.Error(), c.want) > 1 {
			t.Errorf("%s%.60q: it is told twice:\n%v", c.lines, c.text, err)
		}
	}
}
