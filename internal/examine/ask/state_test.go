package ask

import (
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/ringback/ringback/internal/examine/trial"
)

const documented = `{"conversationId": "c", "channels": [{
  "channelId": "6F1C", "interactionId": "0f3a", "agentId": "0150", "role": "agent", "phase": "ended",
  "seconds": {"alerting": 4.096, "connected": 66.2, "held": 30, "wrap": 20, "ended": 0}, "notifications": 7
}, {"channelId": "aa"}], "answered": true, "abandoned": false, "seconds_to_answer": 4.096, "talk": 66.2, "hold": null, "wrap": 20, "agents": 1, "transfers": 0}`

func TestTheDocumentedForm(t *testing.T) {
	s, err := Parse([]byte(documented))
	if err != nil || len(s.Unknown) != 0 || len(s.Channels) != 2 {
		t.Fatalf("%+v, %v", s, err)
	}
	c := s.Channels["6f1c"]
	if *c.InteractionID != "0f3a" || c.AgentID != "0150" || *c.Role != "agent" || *c.Phase != "ended" || *c.Notifications != 7 || c.Seconds["connected"] != 66.2 {
		t.Errorf("%+v", c)
	}
	if bare := s.Channels["aa"]; bare.InteractionID != nil || bare.AgentID != nil || bare.Role != nil || bare.Phase != nil || bare.Seconds != nil || bare.Notifications != nil {
		t.Errorf("what is left out is told: %+v", bare)
	}
	want := map[trial.Figure]float64{"answered": 1, "abandoned": 0, "seconds_to_answer": 4.096, "talk": 66.2, "wrap": 20, "agents": 1, "transfers": 0}
	if !maps.Equal(s.Figures, want) {
		t.Errorf("figures are %v, want %v", s.Figures, want)
	}
}

// The page that tells consumers what to tell has all members, and an example that is understood.
func TestTheDocumentation(t *testing.T) {
	page, err := os.ReadFile("../../../docs/state.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(page)
	_, example, _ := strings.Cut(text, "```json\n")
	example, _, _ = strings.Cut(example, "```")
	s, err := Parse([]byte(example))
	if err != nil || len(s.Channels) != 1 || len(s.Figures) != len(figures) || len(s.Unknown) > 0 {
		t.Errorf("the example is read as %+v, %v", s, err)
	}
	for _, name := range slices.Concat(channelMembers, phases, stateMembers[1:]) {
		if !strings.Contains(text, "`"+name+"`") {
			t.Errorf("%s is not explained", name)
		}
	}
}

func TestWhatIsNotKnown(t *testing.T) {
	for _, body := range []string{"null", "{}", `{"channels": []}`, `{"channels": null}`, `{"conversationId": "x", "channels": [], "talk": null}`} {
		if s, err := Parse([]byte(body)); s != nil || err != nil {
			t.Errorf("%s: %+v, %v; want nothing", body, s, err)
		}
	}
	if s, err := Parse([]byte(`{"talk": 3}`)); err != nil || s.Channels != nil || s.Figures["talk"] != 3 {
		t.Errorf("figures alone: %+v, %v", s, err)
	}
}

func TestUnknownMembersAreNamed(t *testing.T) {
	s, err := Parse([]byte(`{"Channels": 1, "talktime": 2, "channels": [
	  {"channelId": "a", "notification": 3, "seconds": {"hold": 4, "connected": null}, "x": {}},
	  {"channelId": "b", "notification": 3, "agentID": "1", "agentId": 150}]}`))
	want := []string{`channels[].seconds.hold (did you mean "held"?)`, `channels[].notification (did you mean "notifications"?)`, `channels[].x`,
		`channels[].agentID (did you mean "agentId"?)`, `Channels (did you mean "channels"?)`, `talktime (did you mean "talk"?)`}
	if err != nil || !slices.Equal(s.Unknown, want) {
		t.Errorf("unknown are\n%s\n%v, want\n%s", strings.Join(s.Unknown, "\n"), err, strings.Join(want, "\n"))
	}
	missed := map[trial.Aspect]string{trial.Seconds: want[0], trial.Notifications: want[1], trial.Figures: want[5]} // agentId is there as well
	if s.Channels["b"].AgentID != 150.0 || s.Channels["a"].Seconds != nil || !maps.Equal(s.Missed, missed) {
		t.Errorf("%+v, %+v", s, s.Channels["a"])
	}
}

// A name in seconds that is no phase makes the seconds not told if one of the phases is missing, which would be taken for 0; no other name does.
func TestAMisspeltPhaseIsNotTakenForZero(t *testing.T) {
	var all []string
	for _, p := range timed {
		all = append(all, `"`+p+`": 1`)
	}
	whole := strings.Join(all, ", ")
	for _, c := range []struct {
		seconds, missed string
	}{
		{whole, ""},
		{whole + `, "queued": 3`, ""},
		{whole + `, "ended": 0`, ""},
		{`"held": 3`, ""},
		{``, ""},
		{`"hold": 12, "connected": 1`, `channels[].seconds.hold (did you mean "held"?)`},
		{`"Held": 12`, `channels[].seconds.Held (did you mean "held"?)`},
		{`"wrap_up": 12`, `channels[].seconds.wrap_up (did you mean "wrap"?)`},
		{`"talk": 12`, `channels[].seconds.talk (did you mean "connected"?)`},
		{`"held": 3, "queued": 3`, `channels[].seconds.queued`},
		{strings.Replace(whole, "parked", "parkd", 1), `channels[].seconds.parkd (did you mean "parked"?)`},
	} {
		s, err := Parse([]byte(`{"channels": [{"channelId": "a", "seconds": {"connected": 1}}, {"channelId": "b", "phase": "held", "seconds": {` + c.seconds + `}}]}`))
		if err != nil || s.Missed[trial.Seconds] != c.missed {
			t.Errorf("%s: %+v, %v; want %q", c.seconds, s, err, c.missed)
			continue
		}
		for id, channel := range s.Channels {
			if (channel.Seconds == nil) != (c.missed != "") {
				t.Errorf("%s: of %s %v is told", c.seconds, id, channel.Seconds)
			}
		}
	}
	columns := func(names ...string) *trial.State {
		row := []any{"a"}
		for range names {
			row = append(row, 1.0)
		}
		s, err := FromRows(append([]string{"channelId"}, names...), [][]any{row})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	var every []string
	for _, p := range timed {
		every = append(every, "seconds_"+p)
	}
	for _, c := range []struct {
		columns []string
		missed  string
	}{
		{every, ""},
		{append([]string{"seconds_queued"}, every...), ""},
		{[]string{"seconds_held"}, ""}, // a phase without a column is not told
		{[]string{"seconds_held", "created"}, ""},
		{[]string{"seconds_connected", "seconds_hold"}, `seconds_hold (did you mean "seconds_held"?)`},
		{[]string{"seconds_connected", "held_seconds"}, `held_seconds (did you mean "seconds_held"?)`},
		{[]string{"seconds_connected", "hold_ms"}, `hold_ms (did you mean "seconds_held"?)`},
		{[]string{"seconds_connected", "held"}, `held (did you mean "seconds_held"?)`},
		{[]string{"wrap", "seconds_queued"}, `seconds_queued`}, // wrap is a figure
		{append([]string{"seconds_wrapp"}, every[:6]...), `seconds_wrapp (did you mean "seconds_wrap"?)`},
	} {
		if s := columns(c.columns...); s.Missed[trial.Seconds] != c.missed || (s.Channels["a"].Seconds == nil) != (c.missed != "" || len(s.Channels["a"].Seconds) == 0) {
			t.Errorf("%v: %+v; want %q", c.columns, s, c.missed)
		}
	}
}

// Values that are none of a phase or a role are named, and not told.
func TestStrangeValuesAreNamed(t *testing.T) {
	for _, c := range []struct{ phase, role, wantPhase, wantRole string }{
		{"held", "agent", "", ""},
		{"", "", "", ""}, // nothing is known
		{"hold", "agent", `phase "hold" (did you mean "held"?)`, ""},
		{"talking", "customer", `phase "talking" (did you mean "connected"?)`, `role "customer" (did you mean "external"?)`},
		{"Connected", "AGENT", `phase "Connected" (did you mean "connected"?)`, `role "AGENT" (did you mean "agent"?)`},
		{"zzz", "7", `phase "zzz"`, `role "7"`},
		{"wrap-up", "mail box", `phase "wrap-up" (did you mean "wrap"?)`, `role "mail box" (did you mean "voicemail"?)`},
	} {
		told, err := Parse([]byte(`{"channels": [{"channelId": "a", "role": "` + c.role + `", "phase": "` + c.phase + `"}]}`))
		rows, err2 := FromRows([]string{"channel_id", "role", "phase"}, [][]any{{"a", c.role, c.phase}})
		for _, s := range []*trial.State{told, rows} {
			channel := s.Channels["a"]
			if err != nil || err2 != nil || s.Missed[trial.Phase] != c.wantPhase || s.Missed[trial.Role] != c.wantRole || len(s.Unknown) > 0 ||
				(channel.Phase == nil) != (c.wantPhase != "") || (channel.Role == nil) != (c.wantRole != "") || strings.Join(s.Strange[trial.Phase], "") != c.wantPhase {
				t.Errorf("%+v: %+v, %v %v", c, s, err, err2)
			}
		}
	}
}

func TestAnotherFormIsRefusedWithItsPlace(t *testing.T) {
	for body, want := range map[string]string{
		"":                                   "the state is empty; want a JSON object",
		" \n":                                "the state is empty",
		"<!DOCTYPE html><html>":              "the state is a web page or XML; want JSON",
		"{\"channels\": [}":                  "the state is not JSON: line 1, column 15: ",
		"[]":                                 "the state is an array; want an object with the member channels",
		`"no"`:                               `the state is a string, "no"; want an object`,
		"\xff{}":                             "not UTF-8",
		`{"channels": {}}`:                   "channels is an object; want an array",
		`{"channels": ["a"]}`:                `channels[0] is a string, "a"; want an object`,
		`{"channels": [{}]}`:                 "channels[0] has no channelId, which every channel must have",
		`{"channels": [{"channelID": "a"}]}`: "channels[0] has no channelId, but channelID: write channelId",
		`{"channels": [{"channelId": 7}]}`:   "channels[0].channelId is a number, 7; want a string",
		`{"channels": [{"channelId": ""}]}`:  "channels[0].channelId is empty",
		`{"channels": [{"channelId": "a"}, {"channelId": "a"}]}`:        "channels[1].channelId is that of another channel; want each channel once",
		`{"channels": [{"channelId": "a", "phase": 3}]}`:                "channels[0].phase is a number, 3; want a string",
		`{"channels": [{"channelId": "a", "seconds": [1]}]}`:            "channels[0].seconds is an array; want an object with a number for each phase",
		`{"channels": [{"channelId": "a", "seconds": {"held": "30"}}]}`: `channels[0].seconds.held is a string, "30"; want a number`,
		`{"channels": [{"channelId": "a", "notifications": 1.5}]}`:      "channels[0].notifications is a number, 1.5; want a whole number",
		`{"channels": [{"channelId": "a", "notifications": [1]}]}`:      "channels[0].notifications is an array; want a whole number",
		`{"channels": [{"channelId": "a", "agentId": {"x": 1}}]}`:       "channels[0].agentId is an object; want a string",
		`{"talk": "1:30"}`: `talk is a string, "1:30"; want a number`,
		`{"agents": true}`: "agents is true; want a number",
		`{"talk": 1e999}`:  "the state cannot be read",
		`{"channels": [{"channelId": "` + strings.Repeat("a", 500) + `", "phase": ["` + strings.Repeat("b", 500) + `"]}]}`: "channels[0].phase is an array",
	} {
		_, err := Parse([]byte(body))
		problem, ok := err.(*Problem)
		if !ok || !strings.Contains(err.Error(), want) || !problem.Lasting || len(err.Error()) > 500 {
			t.Errorf("%.60s: %v, want %q", body, err, want)
		}
	}
}

func TestIdentifiersThatDifferInCaseAreTwoForTheConsumer(t *testing.T) {
	s, err := Parse([]byte(`{"channels": [{"channelId": "A", "phase": "held"}, {"channelId": "a", "phase": "ended"}]}`))
	if err != nil || len(s.Channels) != 1 || *s.Channels["a"].Phase != "ended" {
		t.Errorf("%+v, %v", s, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(documented))
	f.Fuzz(func(t *testing.T, body []byte) {
		s, err := Parse(body)
		if err != nil && (s != nil || strings.ContainsAny(err.Error(), "\n\x00")) {
			t.Errorf("%+v, %q", s, err)
		}
	})
}

func TestRows(t *testing.T) {
	columns := []string{"channelid", "Interaction_ID", "agent_id", "role", "phase", "seconds_held", "seconds.connected", "notifications", "talk", "seconds_to_answer", "answered"}
	s, err := FromRows(columns, [][]any{
		{"6F1C", "i", "0150", "agent", "ended", "30.5", 66.25, 7.0, "66.25", 4.0, true},
		{"AA", nil, nil, "external", "ended", nil, nil, "3", 66.25, nil, true},
		{nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil},
	})
	if err != nil || len(s.Channels) != 2 || len(s.Unknown) != 0 {
		t.Fatalf("%+v, %v", s, err)
	}
	a, b := s.Channels["6f1c"], s.Channels["aa"]
	if *a.InteractionID != "i" || a.AgentID != "0150" || a.Seconds["held"] != 30.5 || a.Seconds["connected"] != 66.25 || *a.Notifications != 7 || !math.IsNaN(a.Seconds["wrap"]) || len(a.Seconds) != len(phases) {
		t.Errorf("%+v", a)
	}
	if b.InteractionID != nil || b.AgentID != nil || *b.Notifications != 3 || b.Seconds["held"] != 0 || b.Seconds["connected"] != 0 || !math.IsNaN(b.Seconds["parked"]) {
		t.Errorf("%+v", b)
	}
	if !maps.Equal(s.Figures, map[trial.Figure]float64{"talk": 66.25, "seconds_to_answer": 4, "answered": 1}) {
		t.Errorf("%v", s.Figures)
	}
	if s, err := FromRows([]string{"channelId"}, nil); s != nil || err != nil {
		t.Errorf("no rows: %+v, %v", s, err)
	}
	s, err = FromRows([]string{"conversation_id", "channelId", "held", "notification"}, [][]any{{"c", "a", 1.0, 2.0}})
	if want := []string{`held (did you mean "seconds_held"?)`, `notification (did you mean "notifications"?)`}; err != nil || !slices.Equal(s.Unknown, want) {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestRowsOfAnotherForm(t *testing.T) {
	for _, test := range []struct {
		columns []string
		row     []any
		want    string
	}{
		{[]string{"id", "state"}, []any{"a", "b"}, "the query has the columns id, state; want channelId, or a figure of the conversation such as talk"},
		{[]string{"chanelId", "talktime", "held"}, []any{"a", 1.0, 2.0}, `the query has the columns chanelId, talktime, held; want channelId, or a figure of the conversation such as talk; chanelId (did you mean "channelId"?), held (did you mean "seconds_held"?)`},
		{[]string{"channelId", "CHANNEL_ID"}, []any{"a", "b"}, "the query has the column CHANNEL_ID twice"},
		{[]string{"channelId"}, []any{7.0}, "row 1: channelId is a number, 7; want a string"},
		{[]string{"channelId", "seconds_held"}, []any{"a", "00:00:30"}, `row 1: seconds_held is a string, "00:00:30"; want a number of seconds; of an interval, select EXTRACT(EPOCH`},
		{[]string{"channelId", "seconds_held"}, []any{"a", true}, "row 1: seconds_held is true; want a number"},
		{[]string{"channelId", "seconds_held"}, []any{"a", "NaN"}, "row 1: seconds_held is no finite number"},
		{[]string{"channelId", "notifications"}, []any{"a", 1.5}, "row 1: notifications is a number, 1.5; want a whole number"},
		{[]string{"channelId", "phase"}, []any{nil, "held"}, "row 1: phase has a value, but channelId has none"},
		{[]string{"agents"}, []any{"many"}, `row 1: agents is a string, "many"; want a number`},
	} {
		_, err := FromRows(test.columns, [][]any{test.row})
		if problem, ok := err.(*Problem); !ok || !problem.Lasting || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: %v, want %q", test.columns, err, test.want)
		}
	}
	for _, test := range []struct {
		columns []string
		rows    [][]any
		want    string
	}{
		{[]string{"channelId"}, [][]any{{"a"}, {"A"}, {"a"}}, "row 3: the channel a has a row already"},
		{[]string{"channelId", "talk"}, [][]any{{"a", 3.0}, {"b", 5.0}}, "row 2: talk is 5, and 3 in another row"},
	} {
		if _, err := FromRows(test.columns, test.rows); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v, want %q", err, test.want)
		}
	}
}
