package event_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ringback/ringback/event"
)

const (
	ended    = event.Ended
	presence = event.PresenceChanged
)

// Each row breaks a sound body in one way and lists the lines of the error.
var faulty = []struct {
	name     string
	kind     event.Kind
	old, new string
	want     []string
}{
	{"a body that is not UTF-8", ended, `released`, "\xff", []string{`not valid UTF-8`}},
	{"trailing data", ended, `"}}}}`, `"}}}}{`, []string{`not valid JSON: line 1, column 557: want nothing after the value, got {`}},
	{"a body cut short", ended, `"}}}}`, ``, []string{`not valid JSON: line 1, column 552: the text ends within a string that begins in line 1, column 515`}},

	{"another specversion", ended, `"1.0"`, `"1.1"`, []string{`specversion: want "1.0", got "1.1"`}},
	{"a specversion that is a number", ended, `"1.0"`, `1.0`, []string{`specversion: want a string, got a number`}},
	{"no specversion", ended, `"specversion":"1.0",`, ``, []string{`specversion: missing`}},
	{"a member twice", ended, `"specversion":"1.0",`, `"specversion":"1.0","specv\u0065rsion":"1.0","specversion":"1.0",`, []string{`specversion: duplicate member`}},
	{"an unknown member", ended, `"specversion"`, `"dataschema":[{"a":"}"}],"specversion"`, []string{`dataschema: unknown member`}},
	{"an unknown member with half a character in its name", ended, `"specversion"`, `"\ud800":1,"specversion"`, []string{`"\ud800": unknown member`}},
	{"an unknown type", ended, `channel.ended.v0`, `channel.ended.v9`, []string{`type: unknown event type: "channel.ended.v9"`}},
	{"an unknown type with data that is text", ended, `ended.v0","id"`, `x","data":"","id"`,
		[]string{`data: duplicate member`, `type: unknown event type: "channel.x"`, `data: want an object, got a string`}},
	{"an empty type", ended, `channel.ended.v0`, ``, []string{`type: want a string that is not empty`}},
	{"no type", ended, `"type":"channel.ended.v0",`, ``, []string{`type: missing`}},
	{"a short ID", ended, `2VejGqWZPqHXHVNcfUPUO8IASAp`, `2VejG`, []string{`id: want a KSUID of 27 characters, got "2VejG"`}},
	{"an ID with other characters", ended, `2VejGqWZPqHXHVNcfUPUO8IASAp`, `2VejGqWZPqHXHVNcfUPUO8IAS-p`, []string{`id: want a KSUID of letters and digits, got "2VejGqWZPqHXHVNcfUPUO8IAS-p"`}},
	{"an ID beyond 160 bits", ended, `2VejGqWZPqHXHVNcfUPUO8IASAp`, `aWgEPTl1tmebfsQzFP4bxwgy80W`, []string{`id: want a KSUID of 27 characters, got "aWgEPTl1tmebfsQzFP4bxwgy80W"`}},
	{"the source of the other kind", ended, `/channel`, `/agent`, []string{`source: want "/channel", got "/agent"`}},
	{"the interaction as subject", ended, `"subject":"740109c1-12d5-430f-9543-131fe5c4edcb"`, `"subject":"1371f451-116a-4abc-8869-bc678ef67070"`,
		[]string{`subject: want the channel ID, "740109c1-12d5-430f-9543-131fe5c4edcb", got "1371f451-116a-4abc-8869-bc678ef67070"`}},
	{"an empty subject", ended, `"subject":"740109c1-12d5-430f-9543-131fe5c4edcb"`, `"subject":""`, []string{`subject: want a string that is not empty`}},
	{"another agent as subject", presence, `"subject":"01"`, `"subject":"1"`, []string{`subject: want the agent ID, "01", got "1"`}},
	{"a time with an offset", ended, `36.6134321Z`, `36+00:00`, []string{`time: want a UTC time such as 2022-08-30T14:34:36.088Z with at most 7 fractional digits, got "2022-08-30T14:34:36+00:00"`}},
	{"another content type", ended, `application/json`, `text/json`, []string{`datacontenttype: want "application/json", got "text/json"`}},
	{"data that is text", ended, `"data":{`, `"data":"x","x":{`, []string{`x: unknown member`, `data: want an object, got a string`}},
	{"data that is null", ended, `"data":{`, `"data":null,"x":{`, []string{`x: unknown member`, `data: want an object, got null`}},

	{"a timestamp that is a number", ended, `"2022-08-30T14:34:36.088Z"`, `1661870076`, []string{`data.timestamp: want a string, got a number`}},
	{"no reason where one is required", ended, `"reason":"released",`, ``, []string{`data.reason: missing`}},
	{"no reason of a failed connection", event.ConnectionFailed, `,"reason":"released"`, ``, []string{`data.reason: missing`}},
	{"an empty reason", ended, `released`, ``, []string{`data.reason: want a string that is not empty`}},
	{"a null reason where it is optional", event.Disconnected, `"released"`, `null`, []string{`data.reason: want a string, got null`}},
	{"a reason where there is none", event.Held, `"channel":`, `"reason":"released","channel":`, []string{`data.reason: unknown member`}},
	{"half a surrogate pair", ended, `released`, `\ud834x`, []string{`data.reason: an escape in the string is half of a surrogate pair`}},
	{"two first halves of a surrogate pair", ended, `released`, `\ud834\ud834`, []string{`data.reason: an escape in the string is half of a surrogate pair`}},
	{"a channel that is a list", ended, `"channel":{`, `"channel":[],"x":{`, []string{`data.x: unknown member`, `data.channel: want an object, got an array`}},
	{"a conversation that is no GUID", ended, `3e71f453-116a`, `3e71f4531-16a`, []string{`data.channel.conversationId: want a GUID such as 4f27b3a1-6f02-4006-8b9d-5f6e1c1a8f65, got "3e71f4531-16a-3abc-7769-bc678ef6e080"`}},
	{"an interaction that is no GUID", ended, `1371f451`, `g371f451`, []string{`data.channel.interactionId: want a GUID such as 4f27b3a1-6f02-4006-8b9d-5f6e1c1a8f65, got "g371f451-116a-4abc-8869-bc678ef67070"`}},
	{"no channel ID", ended, `"channelId":"740109c1-12d5-430f-9543-131fe5c4edcb",`, ``, []string{`data.channel.channelId: missing`}},
	{"no party", ended, `"party"`, `"parties"`, []string{`data.channel.parties: unknown member`, `data.channel.party: missing`}},
	{"an unknown role", ended, `"agent"`, `"Agent"`, []string{`data.channel.party.role: want external, agent, monitor or voicemail, got "Agent"`}},
	{"an agent without agent ID", ended, `"agentId":"01",`, ``, []string{`data.channel.party.agentId: missing`}},
	{"an agent with a number for ID", ended, `"01"`, `1`, []string{`data.channel.party.agentId: want a string, got a number`}},
	{"a monitor with null identifiers", ended, `"agent","agentId":"01","userId":"ef71f453-556a-3abc-7769-bc678ef6e090"`, `"monitor","agentId":null,"userId":null`,
		[]string{`data.channel.party.agentId: want a string, got null`, `data.channel.party.userId: want a string, got null`}},
	{"an external party with an agent ID", ended, `"agent","agentId":"01","userId":"ef71f453-556a-3abc-7769-bc678ef6e090"`, `"external","agentId":true`,
		[]string{`data.channel.party.agentId: want it absent or null for role external, got a boolean`}},

	{"a presence without category", presence, `"category"`, `"categories"`, []string{`data.presence.categories: unknown member`, `data.presence.category: missing`}},
	{"a category without type", presence, `"type":"ready",`, ``, []string{`data.presence.category.type: missing`}},
	{"a category without description", presence, `"description":"Ready",`, ``, []string{`data.presence.category.description: missing`}},
	{"a subcategory that is null", presence, `"readyOutbound"`, `null`, []string{`data.presence.category.subcategory: want a string, got null`}},
	{"a presence ID that is no GUID", presence, `0f0f6a4e-`, ``, []string{`data.presence.presenceId: want a GUID such as 4f27b3a1-6f02-4006-8b9d-5f6e1c1a8f65, got "8f6b-4d0b-9a55-0f3c6f2f7a11"`}},
	{"a presence without description", presence, `,"description":"Ready (Outbound)"`, ``, []string{`data.presence.description: missing`}},
	{"a user who is missing", presence, `"user"`, `"channel"`, []string{`data.channel: unknown member`, `data.user: missing`}},
	{"a user without user ID", presence, `,"userId":"ef71f453-556a-3abc-7769-bc678ef6e090"`, ``, []string{`data.user.userId: missing`}},
}

func TestParseNamesEveryProblem(t *testing.T) {
	for _, c := range faulty {
		t.Run(c.name, func(t *testing.T) {
			sound := string(event.Append(nil, sample(t, event.Type{Kind: c.kind})))
			body := strings.Replace(sound, c.old, c.new, 1)
			if body == sound {
				t.Fatalf("%q is not in %s", c.old, sound)
			}
			e, err := event.Parse([]byte(body))
			if e != (event.Event{}) || err == nil {
				t.Fatalf("got %+v, %v; want no event, %q", e, err, c.want)
			}
			if got := strings.Split(err.Error(), "\n"); !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
			for _, problem := range err.(event.Problems) {
				if want := classOf(problem.String()); problem.Class != want {
					t.Errorf("%s: got class %q; want %q", problem, problem.Class, want)
				}
			}
			if _, err := event.Read([]byte(body)); (err == nil) != allDeviations(c.want) {
				t.Errorf("Read: got %v; want it to mind violations only", err)
			}
		})
	}
}

func classOf(problem string) event.Class {
	switch {
	case allDeviations([]string{problem}):
		return event.Deviation
	case strings.Contains(problem, "unknown event type"):
		return event.Note
	}
	return event.Violation
}

func allDeviations(lines []string) bool {
	return !slices.ContainsFunc(lines, func(s string) bool {
		return !strings.HasSuffix(s, "unknown member") && !strings.Contains(s, "want it absent or null")
	})
}

func TestParseReportsAllProblemsAtOnce(t *testing.T) {
	_, err := event.Parse([]byte(`{"type":"channel.ended.v1","id":7,"data":{"channel":{"party":{}}},"more":1}`))
	want := []string{
		`more: unknown member`, `specversion: missing`, `id: want a string, got a number`, `source: missing`, `subject: missing`,
		`time: missing`, `datacontenttype: missing`, `data.timestamp: missing`, `data.channel.conversationId: missing`,
		`data.channel.interactionId: missing`, `data.channel.channelId: missing`, `data.channel.party.role: missing`, `data.reason: missing`,
	}
	problems, ok := errors.AsType[event.Problems](err)
	if !ok {
		t.Fatalf("got %T; want Problems", err)
	}
	if got := strings.Split(problems.Error(), "\n"); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if problems[0].Path != "more" || problems[0].What != "unknown member" {
		t.Errorf("got %+v; want path and problem apart", problems[0])
	}
}

func TestParseOfWhatIsNoObject(t *testing.T) {
	for body, want := range map[string]string{
		``:                `not valid JSON: line 1, column 1: want a value, but the text ends here`,
		`[]`:              `want an object, got an array`,
		" \n null ":       `want an object, got null`,
		`12`:              `want an object, got a number`,
		`"{}"`:            `want an object, got a string`,
		"\ufeff{}":        `not valid JSON: line 1, column 1: want a value, got a byte order mark`,
		`{"a":01}`:        `not valid JSON: line 1, column 7: want a comma or }, got 1`,
		`{"a":"` + "\x01": `not valid JSON: line 1, column 7: want no control character within a string; write it as an escape such as \n, got character U+0001`,
	} {
		if _, err := event.Parse([]byte(body)); err == nil || err.Error() != want {
			t.Errorf("Parse(%q): got %v; want %s", body, err, want)
		}
	}
}

func TestUnknownTypeIsToldApart(t *testing.T) {
	sound := string(event.Append(nil, sample(t, event.Type{Kind: ended})))
	for _, c := range []struct {
		name, body string
		unknown    bool
		only       bool
	}{
		{"a later version", strings.Replace(sound, "ended.v0", "ended.v2", 1), true, true},
		{"another entity", strings.Replace(strings.Replace(sound, "channel.ended.v0", "flow.left.v0", 1), "/channel", "/flow", 1), true, true},
		{"an unknown type in a faulty envelope", strings.Replace(strings.Replace(sound, "ended.v0", "ended.v2", 1), "2VejGq", "", 1), true, false},
		{"no type", `{}`, false, false},
	} {
		_, err := event.Read([]byte(c.body))
		problems, ok := errors.AsType[event.Problems](err)
		if !ok || errors.Is(err, event.ErrUnknownType) != c.unknown || problems.OnlyUnknownType() != c.only {
			t.Errorf("%s: got %v; want unknown type %v, and nothing else %v", c.name, err, c.unknown, c.only)
		}
	}
}

func TestParseAcceptsAllFormsOfJSON(t *testing.T) {
	e := sample(t, event.Type{Kind: ended})
	e.Reason = "\"\\/\b\f\n\r\t𝄞é"
	written := string(event.Append(nil, e))
	for old, new := range map[string]string{
		`"specversion":"1.0",`:             "\t\r\n \"specversion\" : \"1\\u002e0\" ,\n",
		`"type"`:                           `"\u0074ype"`,
		`\u0008\u000c\u000a\u000d\u0009𝄞é`: `\b\f\n\r\t\uD834\udd1e\u00E9`,
	} {
		body := strings.Replace(written, old, new, 1)
		if got, err := event.Parse([]byte(body)); err != nil || got != e || body == written {
			t.Errorf("%s: got %+v, %v; want %+v", body, got, err, e)
		}
	}
}

func TestParseClipsWhatItRepeats(t *testing.T) {
	for _, long := range []string{strings.Repeat("é", 1000), "e" + strings.Repeat("é", 1000)} {
		body := strings.Replace(string(event.Append(nil, sample(t, event.Type{Kind: ended}))), "application/json", long, 1)
		if _, err := event.Parse([]byte(body)); err == nil || utf8.RuneCountInString(err.Error()) > 250 || !strings.HasSuffix(err.Error(), "é…") {
			t.Errorf("got %v; want a short error that ends in a whole character", err)
		}
	}
}

func TestParseStamp(t *testing.T) {
	for _, s := range []string{
		"2022-08-30T14:34:36.088", "2022-08-30T14:34:36.Z", "2022-08-30T14:34:36.12345678Z", "2022-08-30 14:34:36Z", "2022-08-30t14:34:36z",
		"2022-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2022-04-31T00:00:00Z", "2022-13-01T00:00:00Z", "2022-00-10T00:00:00Z",
		"2022-01-00T00:00:00Z", "2022-01-01T24:00:00Z", "2022-01-01T00:60:00Z", "2016-12-31T23:59:60Z", "", "Z", "22-01-01T00:00:00Z",
		"2022-08-30T14:34:36,088Z", "2022-08-30T14:34:36.0 8Z", "+022-08-30T14:34:36Z", "2022-08-30T14:34:36.088+00:00",
	} {
		if got, err := event.ParseStamp(s); err == nil {
			t.Errorf("ParseStamp(%q): got %v; want an error", s, got)
		}
	}
	for _, s := range []string{"2024-02-29T23:59:59Z", "2000-02-29T00:00:00.0Z", "0000-01-01T00:00:00.0000001Z", "9999-12-31T23:59:59.9999999Z"} {
		if got, err := event.ParseStamp(s); err != nil || got.String() != s {
			t.Errorf("ParseStamp(%q): got %v, %v; want it back", s, got, err)
		}
	}
}
