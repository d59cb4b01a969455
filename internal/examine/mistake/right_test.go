package mistake

import (
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/sampling"
)

func TestEveryTrialTellsWhatCanHaveHappened(t *testing.T) {
	sampling.Long(t)
	for _, made := range examined(t, 3, dimension.Names()...) {
		if cannot := Impossible(made); len(cannot) > 0 {
			t.Errorf("%s: %s cannot have happened", made.ID, made.Deliveries[cannot[0]].Type)
		}
	}
}

func TestWhatIsMissingMakesOthersImpossible(t *testing.T) {
	for _, test := range []struct {
		kinds string
		want  []int
	}{
		{"alerted connected held retrieved held retrieved disconnected ended", nil},
		{"alerted connected retrieved", []int{2}},
		{"connected held ended", []int{0, 1, 2}},
		{"alerted held retrieved disconnected ended", []int{1, 2}},
		{"ended connected alerted", []int{0, 1}},
	} {
		made := &trial.Trial{}
		for i, kind := range strings.Fields(test.kinds) {
			made.Deliveries = append(made.Deliveries, trial.Delivery{Note: trial.Note{Usable: true, Channel: "c", Type: "channel." + kind + ".v1",
				Timestamp: start.Add(time.Duration(i) * time.Second).Format(time.RFC3339Nano)}})
		}
		got := Impossible(made)
		slices.Sort(got)
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.kinds, got, test.want)
		}
	}
}

type reading struct {
	sentence string
	tells    func(c, right *trial.Channel)
}

// open are the sentences of the guide that leave something open, and what a correct consumer may then tell otherwise; nil: no state shows it.
var open = []reading{
	{"tell them in either", func(c, _ *trial.Channel) { c.InteractionID = new(strings.ToUpper(*c.InteractionID)) }},
	{"apart from channels, or not at all", nil},
	{"and keep the body or not", func(c, right *trial.Channel) { c.Notifications = new(*right.Notifications + right.Others) }},
	{"`204` or `400`, and log it", nil},
	{"`401` or `403`; store nothing", nil},
	{"either, but answer", nil},
	{"in place of `Z` | either", nil},
	{"refuse, or take one; either", nil},
	{"you may refuse or accept", nil},
	{"Cut it off where it is there, or refuse it; either", nil},
	{"which may be counted as", func(c, right *trial.Channel) { c.Notifications = new(right.Merged) }},
	{"counted up to now, or not at all; either", func(c, right *trial.Channel) {
		if n := right.Stays[*right.Phase]; n > 0 {
			c.Seconds[*right.Phase] += 1000
		}
	}},
	{"tell `null`, or leave it out", nil}, // TestAChannelWithoutAPhaseMayBeLeftOut
}

var leavesOpen = regexp.MustCompile(`\beither\b[;.,|]| either$|; either|in either\.|body or not|or not at all|may (be counted|refuse)`)

func TestWhatTheGuideLeavesOpenIsRight(t *testing.T) {
	guide, err := os.ReadFile("../../../docs/consumer.md")
	if err != nil {
		t.Fatal(err)
	}
	text, _, _ := strings.Cut(string(guide), "## An example")
	known := func(line string) bool {
		return slices.ContainsFunc(open, func(o reading) bool { return strings.Contains(line, o.sentence) })
	}
	for line := range strings.Lines(text) {
		if leavesOpen.MatchString(line) && !known(line) && !strings.Contains(line, "says *either*") {
			t.Errorf("nobody knows what is right where this is open: %s", line)
		}
	}
	all := answered(stateful(t, 1))
	for _, o := range open {
		if !strings.Contains(text, o.sentence) {
			t.Errorf("the guide does not say %q", o.sentence)
		}
		if o.tells == nil {
			continue
		}
		told(all)
		changed := 0
		for _, p := range all {
			for _, s := range p.Told {
				for _, c := range s.Channels {
					right := *c
					c.Seconds = maps.Clone(c.Seconds)
					if o.tells(c, &right); !reflect.DeepEqual(c, &right) {
						changed++
					}
				}
			}
		}
		if causes := NewSeen(all).Explain(); causes != nil {
			t.Errorf("%s: %s", o.sentence, causes[0].Rule)
		}
		if changed == 0 {
			t.Errorf("%s: nothing is told otherwise", o.sentence)
		}
	}
}

func TestWhatIsOpenMayBeRefused(t *testing.T) {
	sampling.Long(t)
	for _, status := range []int{400, 401, 403} {
		all := answered(stateful(t, 1))
		refused := 0
		for _, p := range all {
			for i := range p.Answers {
				if p.Delivery(i).Want() == trial.Either {
					p.Answers[i].Status, p.Answers[i].First = status, status
					refused++
				}
			}
		}
		if causes := told(all).Explain(); causes != nil || refused == 0 {
			t.Errorf("%d refused with %d: %s", refused, status, text(all, causes))
		}
	}
}

func TestAChannelWithoutAPhaseMayBeLeftOut(t *testing.T) {
	note := trial.Note{Usable: true, Conversation: "k", Channel: "c", Type: "channel.disconnected.v1", Timestamp: start.Format(time.RFC3339Nano)}
	for _, also := range []string{"", "channel.alerted.v1"} {
		all := []trial.Delivery{{Note: note}}
		if also != "" {
			all = append(all, all[0])
			all[1].Type, all[1].ID = also, "2"
		}
		want := NewSeen([]*trial.Played{accepted(all)}).simulate().tell(0)["k"]
		for _, told := range []*trial.State{nil, {Channels: map[string]*trial.Channel{}}} {
			if d := differences(told, want, 0, 0); len(d) > 0 != (also != "") {
				t.Errorf("disconnected %s: %v", also, d)
			}
		}
	}
}
