package main

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/ringback/ringback/internal/settings"
)

const someGUID = "11111111-2222-3333-4444-55555555555"

// folderWith writes files, and returns their folder.
func folderWith(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const aWorkload = `name: some-traffic
story: Traffic for a test.
agents: {from: pool/agents.csv, patience: 1m..2m}
conversations: ids.csv
arrivals:
  - {steps: [1/s, 2/s], each: 5s}
  - {csv: rates.csv, poisson: true}
mix:
  - {scenario: voicemail, weight: 3}
  - {scenario: ./stories/short.yaml, weight: 1}
assume: {held-channel: both, absent-ids: "null"}
faults: [{duplicate: 5%}]
gates: [accepted >= 10%]
expect: [{get: "/c/{{conversationId}}", status: 200}]
`

func trafficFolder(t *testing.T) string {
	return folderWith(t, map[string]string{"w.yaml": aWorkload, "pool/agents.csv": "agentId,userId\n0150,\n,EF71F453-556a-3abc-7769-bc678ef6e090\n1544,\n",
		"ids.csv": someGUID + "1\n" + someGUID + "2\n", "rates.csv": "0,2\n10,4\n", "stories/short.yaml": goodStory + "gates: [accepted >= 20%]\n",
		"more.csv": "agentId\n7\n", "other.csv": someGUID + "3\n"})
}

// planOf is what flags and a workload amount to.
func planOf(t *testing.T, arg string, args ...string) (playSettings, *settings.Traffic, error) {
	t.Helper()
	var f planFlags
	flags := pflag.NewFlagSet("plan", pflag.ContinueOnError)
	f.addTraffic(flags)
	f.addFaults(flags)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	s, err := f.parse()
	if err != nil {
		return s, nil, err
	}
	loaded, err := (&program{}).load([]string{arg}, nil)
	if err != nil {
		return s, nil, err
	}
	err = s.apply(loaded)
	return s, loaded, err
}

func TestAWorkloadBecomesOptions(t *testing.T) {
	dir := trafficFolder(t)
	path := filepath.Join(dir, "w.yaml")
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"as it is written", nil,
			"3 stretches, 0 events, 0 calls, population 0, 3 agents 0150||1544 1m..2m, IDs from 1, 1 fault rules, absent-ids=null,held-channel=both"},
		{"under flags of another kind", []string{"--calls", "2/s", "--for", "1m", "--agents", "2", "--agent-patience", "30s", "--fault", "drop 1%", "--assume", "held-channel=agent"},
			"0 stretches, 0 events, 2 calls, population 0, 2 agents 0150| 30s, IDs from 1, 2 fault rules, absent-ids=null,held-channel=agent"},
		{"with other agents and IDs", []string{"--population", "5", "--count", "9", "--agents", "@" + dir + "/more.csv", "--conversation-ids", dir + "/other.csv"},
			"0 stretches, 0 events, 0 calls, population 5, 1 agents 7 1m..2m, IDs from 3, 1 fault rules, absent-ids=null,held-channel=both"},
		{"with calls", []string{"--for", "7s", "--calls", "3/s"},
			"0 stretches, 0 events, 3 calls, population 0, 3 agents 0150||1544 1m..2m, IDs from 1, 1 fault rules, absent-ids=null,held-channel=both"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, loaded, err := planOf(t, path, c.args...)
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, u := range s.Pool.Agents {
				ids = append(ids, u.AgentID)
			}
			got := fmt.Sprintf("%d stretches, %d events, %d calls, population %d, %d agents %s %s, IDs from %s, %d fault rules, %s", len(s.Arrivals), s.Events.Times, s.Calls.Times,
				s.Population, s.Pool.Count, strings.Join(ids, "|"), s.Pool.Patience, s.ConversationIDs[0].String()[35:], len(s.Faults), s.Assume)
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if len(s.Weights) != 2 || s.Weights[0] != 3 || len(loaded.Scenarios) != 2 || len(loaded.Gates()) != 2 || len(loaded.Expected()[1]) != 1 {
				t.Errorf("weights %v, %d scenarios, %d gates, expectations %v", s.Weights, len(loaded.Scenarios), len(loaded.Gates()), loaded.Expected())
			}
		})
	}
	s, _, err := planOf(t, path)
	if err != nil || s.Arrivals[2].Over != 10*time.Second || !s.Arrivals[2].Poisson || s.Pool.Agents[1].UserID.String() != "ef71f453-556a-3abc-7769-bc678ef6e090" {
		t.Errorf("got %+v, %+v, %v", s.Arrivals, s.Pool, err)
	}
}

// A pool decides by itself how much is sent, so a rate of events leaves it out.
func TestARateOfEventsLeavesThePoolOut(t *testing.T) {
	s, _, err := planOf(t, "monday-morning", "--events", "2000/s", "--for", "1m")
	if err != nil || s.Pool != nil || s.Arrivals != nil || s.Events.Times != 2000 {
		t.Errorf("got %+v, %v", s.Options, err)
	}
}

// Without order a rate sends as much, and keeps as many agents busy.
func TestARateComesToTheSameWithoutOrder(t *testing.T) {
	said := map[string]string{}
	for _, order := range []string{"conversation", "none"} {
		_, out, _ := call(t, "", "plan", "inbound-call", "--events", "10/s", "--for", "60s", "--seed", "1", "--start", "2025-03-03T09:00:00Z", "--summary", "--order", order)
		for line := range strings.Lines(out) {
			if strings.HasPrefix(line, "notifications") || strings.HasPrefix(line, "that is") {
				said[order] += line
			}
		}
	}
	if with, without := said["conversation"], said["none"]; with != without || !strings.Contains(with, "  600\n") || !strings.Contains(with, " busy agents") {
		t.Errorf("with order:\n%swithout:\n%s", with, without)
	}
}

func TestScenariosCanShareAPool(t *testing.T) {
	s, _, err := planOf(t, "voicemail", "--agents", "4")
	if err != nil || s.Pool == nil || s.Pool.Count != 4 || s.Pool.Patience != nil || s.Weights != nil {
		t.Errorf("got %+v, %v", s.Pool, err)
	}
	if s, _, err = planOf(t, "voicemail"); err != nil || s.Pool != nil {
		t.Errorf("without flags: got %+v, %v", s.Pool, err)
	}
}

// What is wrong is told before anything is sent, with the name of the file or the flag.
func TestWhatIsWrongWithTrafficIsTold(t *testing.T) {
	dir := folderWith(t, map[string]string{
		"ids.csv":      someGUID + "1\n",
		"twice.csv":    "agentId\n1\n1\n",
		"outside.yaml": "name: o\nstory: O.\npopulation: 1\nmix: [{scenario: ../x.yaml, weight: 1}, {scenario: /etc/x.yaml, weight: 1}, {scenario: linked.yaml, weight: 1}]\n",
		"faulty.yaml": "name: f\nstory: F.\npopulation: 1\nagents: {from: twice.csv}\n" +
			"mix: [{scenario: voicemial, weight: 1}, {scenario: monday-morning, weight: 1}, {scenario: bad.yaml, weight: 1}, {scenario: none.yaml, weight: 1}]\n",
		"bad.yaml":        "name: bad\nstory: B.\nsteps: [{call: customer}]\n",
		"population.yaml": "name: p\nstory: P.\npopulation: 3\nmix: [{scenario: voicemail, weight: 1}]\n",
	})
	if err := os.Symlink("/etc/hosts", filepath.Join(dir, "linked.yaml")); err != nil {
		t.Skip(err)
	}
	for _, c := range []struct {
		args   string
		status int
		says   []string
	}{
		{"plan monday-morning voicemail", 2, []string{"monday-morning is a workload, which is played alone"}},
		{"plan voicemail steady-calls", 2, []string{"steady-calls is a workload"}},
		{"plan DIR/population.yaml", 2, []string{"--population: a population of 3 conversations needs an end; add --for or --count"}},
		{"plan voicemail --population 3", 2, []string{"needs an end; add --for or --count"}},
		{"plan voicemail --population -3", 2, []string{"--population: want a whole number from 1 to 2000000, got \"-3\""}},
		{"plan voicemail --events 5/s", 2, []string{"--events: a rate needs an end; add --for or --count"}},
		{"plan voicemail --events 5", 2, []string{"--events: want a rate"}},
		{"plan voicemail --events 0/s --count 5", 2, []string{"--events: want a rate above 0"}},
		{"run voicemail --events 5/s --population 5 --for 1m", 2, []string{"--population: more than one setting says when conversations begin; use only --events or --population"}},
		{"run voicemail --calls 5/s --events 5/s --for 1m", 2, []string{"use only --calls or --events"}},
		{"run voicemail --events 5/s --for 1m --agents 3", 2, []string{"--events: a pool of agents decides by itself how much is sent; use --calls instead"}},
		{"run voicemail --for 1m", 2, []string{"--for: needs a rate or a workload; add --calls"}},
		{"run voicemail --conversation-ids DIR/ids.csv --count 2", 2, []string{"there are 1 conversation IDs for 2 conversations"}},
		{"run voicemail --agents some", 2, []string{`--agents: want a whole number from 1 to 100000, or @FILE, got "some"`}},
		{"run voicemail --agents 0", 2, []string{"--agents: want a whole number from 1"}},
		{"run voicemail --agents @DIR/none.csv", 2, []string{"--agents: ", "none.csv: no such file"}},
		{"run voicemail --agents @DIR/twice.csv", 3, []string{"twice.csv:3:1: agentId 1 is there twice; first at line 2"}},
		{"run voicemail --agent-patience 5s", 2, []string{"--agent-patience: there is no pool of agents; add --agents"}},
		{"run voicemail --agents 3 --agent-patience 5", 2, []string{"--agent-patience: want a time"}},
		{"run voicemail --conversation-ids DIR/none.csv", 2, []string{"--conversation-ids: ", "none.csv: no such file"}},
		{"run voicemail --conversation-ids DIR/twice.csv", 3, []string{"twice.csv:1:1: conversationId: want a GUID"}},
		{"plan DIR/outside.yaml", 3, []string{`outside.yaml:4:7: mix: "../x.yaml" is outside the workload's folder; move the file into it`,
			`mix: "/etc/x.yaml" is outside`, "linked.yaml: path escapes"}},
		{"plan DIR/faulty.yaml", 3, []string{`faulty.yaml:5:7: mix: no ready-made scenario is called "voicemial" (did you mean "voicemail"?)`,
			"faulty.yaml:5:41: mix: monday-morning is a workload; want a scenario", "bad.yaml:3:", "none.yaml: no such file", "twice.csv:3:1: agentId 1 is there twice"}},
		{"validate DIR/faulty.yaml", 3, []string{"bad.yaml:3:", "twice.csv:3:1:"}},
		{"validate DIR/population.yaml monday-morning", 0, []string{"population.yaml: ok", "monday-morning: ok"}},
		{"plan voicemail --summary --format json", 2, []string{"--summary and --format exclude each other"}},
	} {
		t.Run(c.args, func(t *testing.T) {
			status, out, errs := call(t, "", strings.Fields(strings.ReplaceAll(c.args, "DIR", dir))...)
			if status != c.status {
				t.Errorf("status = %d, want %d", status, c.status)
			}
			for _, says := range c.says {
				if !strings.Contains(out+errs, says) {
					t.Errorf("output does not say %q:\n%s%s", says, out, errs)
				}
			}
		})
	}
}

// Each conversation is asked about what its own scenario expects, and the workload's
// expectations are asked of all.
func TestExpectationsFollowTheMix(t *testing.T) {
	var mu sync.Mutex
	asked := map[string]int{}
	consumer := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if mu.Lock(); r.Method == http.MethodGet {
			asked[r.URL.Path]++
		}
		mu.Unlock()
	}))
	defer consumer.Close()
	dir := folderWith(t, map[string]string{
		"w.yaml": "name: w\nstory: W.\narrivals: [{rate: 1/s, over: 12s}]\nmix: [{scenario: ./a.yaml, weight: 5}, {scenario: ./b.yaml, weight: 7}]\n" +
			"expect: [{get: /all, status: 200}]\n",
		"a.yaml": strings.Replace(goodStory, "short", "a", 1) + "expect: [{get: /a, status: 200}]\n",
		"b.yaml": strings.Replace(goodStory, "short", "b", 1) + "expect: [{get: /b, status: 200}]\n",
	})
	path := filepath.Join(dir, "w.yaml")
	s, loaded, err := planOf(t, path, "--seed", "7")
	if err != nil {
		t.Fatal(err)
	}
	p, err := (&program{}).newPlan(loaded, s.Options, 1)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"/all": 12}
	for i := range uint64(12) {
		want[[]string{"/a", "/b"}[p.ScenarioOf(i)]]++
	}
	status, out, errs := call(t, "", "run", path, "--seed", "7", "--speed", "max", "--to", consumer.URL, "--connections", "1")
	if status != exitOK || !maps.Equal(asked, want) || want["/a"] == 0 || want["/b"] == 0 {
		t.Errorf("status %d, asked %v, want %v\n%s%s", status, asked, want, out, errs)
	}
}
