package examine

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// Bodies may come slowly on a busy machine, whoever sends them.
func TestWhatComesSlowlyByItselfIsNoCauseOfItsOwn(t *testing.T) {
	t.Parallel()
	both := []rulebook.ID{rulebook.ReadWholeBody, rulebook.Endure}
	for _, test := range []struct {
		status, n, burst int
		want             []rulebook.ID
	}{{400, 2, 0, both[:1]}, {413, 2, 0, both}, {400, 50, 1, both[:1]}, {400, 50, 0, both}, {413, 50, 1, both}} {
		all := timed(3000, func(int) time.Duration { return time.Millisecond })
		all[7].Wire.Way, all[7].answer.Status = trial.Slow, 400
		for _, a := range all[1000:] {
			a.Burst = test.burst
		}
		for i := range test.n {
			a := all[2000+7*i]
			a.answer.Status = test.status
			a.played.Rules = []rulebook.ID{rulebook.Endure}
		}
		found, want := ofAllAnswers(all), test.want
		var got []rulebook.ID
		for _, f := range found {
			got = append(got, f.rule)
		}
		if !slices.Equal(got, want) || len(want) == 1 && !slices.Contains(found[0].also, rulebook.Endure) {
			t.Errorf("%d with %d, burst %d: %v, want %v", test.n, test.status, test.burst, got, want)
		}
	}
}

// timed are single notifications, each of which took as long as the function of its number says.
func timed(n int, took func(i int) time.Duration) (all []*answered) {
	begin := time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)
	for i := range n {
		p := &trial.Played{Trial: &trial.Trial{ID: "bytes/plain", Deliveries: []trial.Delivery{{Note: trial.Note{Usable: true}}}},
			Answers: []trial.Answer{{Status: 204, Attempts: 1, Took: took(i), Sent: begin.Add(time.Duration(i) * time.Millisecond)}}}
		all = append(all, &answered{i, 0, p, &p.Deliveries[0], &p.Answers[0]})
	}
	return all
}

// Who reads once has all of a body that comes behind its head, and of chunks that are there at once; who decodes each piece by itself fails on
// a character in two pieces only.
func TestOnePieceIsToldFromDecodingPieces(t *testing.T) {
	t.Parallel()
	whole, umlaut := []byte(`{"a":"b"}`), []byte(`{"a":"ü"}`)
	wires := []struct {
		wire trial.Wire
		body []byte
		once bool // refused by who reads once
		each bool // refused by who decodes each piece
	}{
		{trial.Wire{Way: trial.Split, At: -1}, whole, false, false},
		{trial.Wire{Way: trial.Split, At: 3}, whole, true, false},
		{trial.Wire{Way: trial.Split, At: 7}, umlaut, true, true},
		{trial.Wire{Way: trial.Slow}, whole, true, false},
		{trial.Wire{Way: trial.Chunked}, whole, false, false},
		{trial.Wire{}, umlaut, false, false},
	}
	for _, once := range []bool{true, false} {
		all := timed(len(wires), func(int) time.Duration { return time.Millisecond })
		var left, taken []*answered
		for i, w := range wires {
			a := all[i]
			a.Wire, a.Body = w.wire, w.body
			if once && w.once || !once && w.each {
				a.answer.Status = 401
				left = append(left, a)
			} else {
				taken = append(taken, a)
			}
		}
		want := "decodes each piece"
		if once {
			want = "takes the first piece"
		}
		if got := common(left, taken); got.rule != rulebook.ReadWholeBody || !strings.HasPrefix(got.text, want) {
			t.Errorf("once %v: %s, %q; want %q", once, got.rule, got.text, want)
		}
	}
}

// Digits are told in the right number.
func TestDigitsOfTimestamps(t *testing.T) {
	t.Parallel()
	for timestamp, want := range map[string]string{"2025-03-03T09:00:00Z": "0 fractional digits", "2025-03-03T09:00:00.5Z": "1 fractional digit", "2025-03-03T09:00:00.51Z": "2 fractional digits"} {
		a := &answered{Delivery: &trial.Delivery{Note: trial.Note{Timestamp: timestamp, Type: "channel.alerted.v0", Channel: "c"}}}
		if got := digits(a); got != want {
			t.Errorf("%s: %q, want %q", timestamp, got, want)
		}
	}
}

// Two texts of one rule are told as one.
func TestTextsThatDifferInAWordAreToldAsOne(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ a, b, want string }{
		{"refuses timestamps with 7 fractional digits", "refuses timestamps with 0 fractional digits", "refuses timestamps with 7 or 0 fractional digits"},
		{"refuses bodies with blanks between members", `refuses bodies with escapes such as \u0041`, `refuses bodies with blanks between members or escapes such as \u0041`},
		{"refuses parties without agentId", "needs agentId, and refuses parties that have none", "refuses parties without agentId"},
		{"refuses types", "refuses types", "refuses types"},
		{"refuses bodies with a or b or c", "refuses bodies with d", "refuses bodies with a or b or c"},
	} {
		if got := either(c.a, c.b); got != c.want {
			t.Errorf("%q and %q: %q, want %q", c.a, c.b, got, c.want)
		}
	}
}

// Who keeps tokens that were right takes them for right with other bodies, and when they have expired: that is one mistake. Who does only one of
// the two makes that one.
func TestKeptTokensAreOneMistake(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		accepted []trial.Token
		want     []rulebook.ID
	}{
		{[]trial.Token{trial.Earlier, trial.Spent}, []rulebook.ID{rulebook.CompareHash}},
		{[]trial.Token{trial.Earlier}, []rulebook.ID{rulebook.CompareHash}},
		{[]trial.Token{trial.Spent}, []rulebook.ID{rulebook.RefuseExpired}},
		{[]trial.Token{trial.Earlier, trial.Spent, trial.ExpiredDay}, []rulebook.ID{rulebook.RefuseExpired, rulebook.CompareHash}},
	} {
		all := timed(40, func(int) time.Duration { return time.Millisecond })
		for i, token := range trial.Forged() {
			all[i].Token, all[i].answer.Status = token, 401
		}
		all[len(trial.Forged())].Token = trial.Spent
		for _, a := range all {
			if slices.Contains(test.accepted, a.Token) {
				a.answer.Status = 204
			}
		}
		var got []rulebook.ID
		for _, f := range forgeries(all) {
			got = append(got, f.rule)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("of who accepts %v: %v, want %v", test.accepted, got, test.want)
		}
	}
}

// Who reads agentId as a number fails on those that are none, or too large, or drops zeros.
func TestWhatIsWrongWithAgentIDs(t *testing.T) {
	t.Parallel()
	for id, want := range map[any]string{
		"150": "", "2147483647": "", nil: "", "0150": "refuses agentIds that begin with a zero", "2147483648": "refuses agentIds that have no place in 32 bits",
		"9007199254740993": "refuses agentIds that have no place in 32 bits", "99999999999999999999": "refuses agentIds that have no place in 32 bits",
		"a7": "refuses agentIds that are no numbers",
	} {
		all := timed(20, func(int) time.Duration { return time.Millisecond })
		for i, a := range all {
			a.Channel, a.Type, a.Role, a.AgentID = "c", "channel.held.v0", "agent", "150"
			if i%3 == 1 {
				a.AgentID, a.answer.Status = id, 503
			}
		}
		if found := ofAllAnswers(all); want != "" && (len(found) != 1 || found[0].rule != rulebook.AgentIDIsText || found[0].text != want) {
			t.Errorf("%v: %+v, want %s", id, found, want)
		} else if want == "" && len(found) == 1 && found[0].rule == rulebook.AgentIDIsText {
			t.Errorf("%v: %s", id, found[0].text)
		}
	}
}

// A machine that stands still takes the answers to all that is under way.
func TestAStandstillIsNoMistakeOfTheConsumer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		late func(i int) bool // of 600 notifications, one each 100 ms, of six types in turn
		want bool
	}{
		"once, five at a time":        {func(i int) bool { return i >= 100 && i < 105 }, false},
		"twice":                       {func(i int) bool { return i >= 100 && i < 105 || i >= 400 && i < 408 }, false},
		"three times":                 {func(i int) bool { return i%200 == 7 || i%200 == 8 }, true},
		"whatever is of one type":     {func(i int) bool { return i%6 == 2 }, true},
		"once, for what it never did": {func(i int) bool { return i == 302 || i == 308 || i == 314 }, true},
	} {
		all := timed(600, func(int) time.Duration { return time.Millisecond })
		if name == "once, for what it never did" { // a type that came three times
			for i, a := range all {
				a.Type = "channel.held.v0"
				if test.late(i) {
					a.Type = "channel.parked.v0"
				}
			}
		} else {
			for i, a := range all {
				a.Type = "channel." + []string{"alerted", "connected", "held", "retrieved", "wrapstarted", "ended"}[i%6] + ".v0"
			}
		}
		for i, a := range all {
			a.Channel, a.Role, a.answer.Sent = "c", "agent", a.played.Answers[0].Sent.Add(time.Duration(i)*100*time.Millisecond)
			if test.late(i) {
				a.answer.Late, a.answer.Attempts = 1, 2
			}
		}
		found := tardy(all, nil)
		if len(found) > 0 != test.want {
			t.Errorf("%s: %+v", name, found)
		}
	}
}
