package examine

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/examine/mistake"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// playedCall is a trial of two events of a channel so far apart, of which a state was told.
func playedCall(n int, apart time.Duration, told *trial.State) *trial.Played {
	id := fmt.Sprint("c", n)
	dawn := time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)
	p := &trial.Played{Trial: &trial.Trial{ID: id, Rules: []rulebook.ID{rulebook.DurationsFromTimestamps, rulebook.ZeroLengthPhases}}, Asked: dawn, Told: map[string]*trial.State{id: told}}
	for i, kind := range []string{"held", "retrieved"} {
		note := trial.Note{Usable: true, Source: "/channel", ID: fmt.Sprint(id, i), Type: "channel." + kind + ".v0", Conversation: id, Channel: id, Role: "agent", AgentID: "1",
			Timestamp: dawn.Add(time.Duration(i) * apart).Format("2006-01-02T15:04:05.000Z")}
		p.Deliveries = append(p.Deliveries, trial.Delivery{Note: note})
		p.Answers = append(p.Answers, trial.Answer{Status: 204, Attempts: 1})
	}
	return p
}

func channelOf(seconds map[string]float64) *trial.State {
	return &trial.State{Channels: map[string]*trial.Channel{"c": {Seconds: seconds}}}
}

// Only right trials that tell something in the members that are wrong say that these are right without a feature. Where there are none, whatever
// could be told is wrong, and no feature is the reason.
func TestNoFeatureIsTheReasonWithoutAContrast(t *testing.T) {
	t.Parallel()
	held := []mistake.Difference{{Member: "seconds.held", Told: -1.0, Want: 31.5}}
	talk := []mistake.Difference{{Member: string(trial.Talk), Told: -1.0, Want: 31.5}}
	phase := []mistake.Difference{{Member: "phase", Told: "held", Want: "ended"}}
	agent := []mistake.Difference{{Member: "agentId", Told: "x", Want: "1"}}
	for _, c := range []struct {
		name  string
		wrong []mistake.Difference
		right *trial.State // what the right trials tell, if there are any
		any   bool
		want  rulebook.ID
	}{
		{"holds are right without it", held, channelOf(map[string]float64{"held": 5}), true, rulebook.ZeroLengthPhases},
		{"no holds are told otherwise", held, channelOf(map[string]float64{"connected": 5}), true, rulebook.DurationsFromTimestamps},
		{"holds of 0 s say nothing", held, channelOf(map[string]float64{"held": 0}), true, rulebook.DurationsFromTimestamps},
		{"nor do holds that are not told", held, channelOf(map[string]float64{"held": math.NaN()}), true, rulebook.DurationsFromTimestamps},
		{"nothing is told otherwise", held, nil, true, rulebook.DurationsFromTimestamps},
		{"a figure is a sum", talk, &trial.State{Figures: map[trial.Figure]float64{trial.Talk: 5}}, true, rulebook.FiguresAgree},
		{"other figures say nothing", talk, &trial.State{Figures: map[trial.Figure]float64{trial.Hold: 5}}, true, rulebook.FiguresAgree},
		{"what is told of each channel is right in each right trial", phase, nil, true, rulebook.ZeroLengthPhases},
		{"identifiers are no matter of length", agent, nil, true, rulebook.AgentIDIsText},
		{"it may be wrong in all trials there are, which are about the rule", phase, nil, false, rulebook.ZeroLengthPhases},
		{"a time is wrong in all trials there are", held, nil, false, rulebook.DurationsFromTimestamps},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &run{Examination: &Examination{}, wrong: map[*trial.Played]bool{}}
			cause := &mistake.Cause{Rule: rulebook.DurationsFromTimestamps, Guessed: true, Differences: c.wrong}
			for n := range 4 {
				p := playedCall(n, 0, channelOf(map[string]float64{"held": -1})) // both events in one instant
				p.Told[fmt.Sprint("c", n)].Channels[fmt.Sprint("c", n)] = &trial.Channel{Seconds: map[string]float64{"held": -1}}
				r.all, r.wrong[p], cause.Trials = append(r.all, p), true, append(cause.Trials, n)
			}
			for n := 0; c.any && n < contrast; n++ {
				r.all = append(r.all, playedCall(len(cause.Trials)+n, time.Minute, c.right))
			}
			var all []*answered
			for n, p := range r.all {
				for i := range p.Answers {
					all = append(all, &answered{n, i, p, p.Delivery(i), &p.Answers[i]})
				}
			}
			if r.guess(cause, all); cause.Rule != c.want {
				t.Errorf("%s, want %s", cause.Rule, c.want)
			}
		})
	}
}

// The colons and points of a timestamp are no number.
func TestFractions(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{
		`{"time":"2026-03-02T09:00:07.5Z","n":[1,20],"s":":1.0"}`: false,
		`{"data":{"weights":[1.0]}}`:                              true,
		`{"n":1E+2}`:                                              true,
		`{"n":-0.10}`:                                             true,
		`{"n":1,"s":"1e5"}`:                                       false,
		`{"n":`:                                                   false,
	} {
		if got := fractions([]byte(body)); got != want {
			t.Errorf("%s: %t, want %t", body, got, want)
		}
	}
}

// What comes alone beside bursts of other conversations is no matter of concurrency, nor are bursts in trials about something else. What
// duplicates take with them is not counted again.
func TestWhatIsConcurrency(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, burst string
		of          rulebook.ID
		told        int
		want        rulebook.ID
		text        string
	}{
		{"it came in a burst", "c0", rulebook.ConcurrentNotifications, 1, rulebook.ConcurrentNotifications, ""},
		{"others came in a burst", "other", rulebook.ConcurrentNotifications, 1, rulebook.DurationsFromTimestamps, ""},
		{"bursts are by the way", "c0", rulebook.Endure, 1, rulebook.DurationsFromTimestamps, ""},
		{"counted twice", "c0", rulebook.ConcurrentDuplicates, 4, rulebook.ConcurrentDuplicates, ""},
		{"lost", "c0", rulebook.ConcurrentDuplicates, 1, rulebook.ConcurrentDuplicates, "loses what arrives at the same time as a duplicate"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := playedCall(0, time.Minute, nil)
			p.Rules = []rulebook.ID{c.of}
			for i := range 2 {
				p.Deliveries = append(p.Deliveries, trial.Delivery{Burst: 1, Note: trial.Note{Type: "channel.ended.v0", Conversation: c.burst, Channel: c.burst, ID: fmt.Sprint("b", i)}})
				p.Answers = append(p.Answers, trial.Answer{Status: 204, Attempts: 1})
			}
			r := &run{Examination: &Examination{}, all: []*trial.Played{p}, wrong: map[*trial.Played]bool{p: true}}
			cause := &mistake.Cause{Rule: rulebook.DurationsFromTimestamps, Guessed: true, Trials: []int{0},
				Differences: []mistake.Difference{{Conversation: "c0", Channel: "C0", Member: "notifications", Told: c.told, Want: 2}}}
			r.guess(cause, nil)
			text := ""
			if len(cause.Mistakes) > 0 {
				text = cause.Mistakes[0].Text
			}
			if cause.Rule != c.want || text != c.text {
				t.Errorf("%s %q, want %s %q", cause.Rule, text, c.want, c.text)
			}
		})
	}
}

// Each call has phases of no length. They are the reason for wrong times of their own only, and of what follows them.
func TestTimesElsewhereAreNotOfNoLength(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		apart time.Duration // of held and retrieved
		told  string
		want  bool
	}{{0, "held", true}, {0, "wrap", false}, {time.Minute, "held", false}} {
		r := &run{Examination: &Examination{}}
		p := playedCall(0, c.apart, channelOf(nil))
		seconds := map[string]float64{"held": c.apart.Seconds(), "connected": 0, "wrap": 0}
		seconds[c.told]++
		p.Told["c0"] = &trial.State{Channels: map[string]*trial.Channel{"c0": {Seconds: seconds}}}
		r.all = append(r.all, p)
		wrong := []mistake.Difference{{Conversation: "c0", Channel: "c0", Member: "seconds." + c.told, Told: 1.0, Want: 0.0}}
		if got := r.ofNoLength(&mistake.Cause{Trials: []int{0}, Differences: wrong}); got != c.want {
			t.Errorf("%s is wrong, %s apart: %t, want %t", c.told, c.apart, got, c.want)
		}
	}
}
