package main

import (
	"context"
	"fmt"
	"math"
	"net"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/event"
	examination "github.com/ringback/ringback/internal/examine"
	"github.com/ringback/ringback/internal/examine/ask"
	"github.com/ringback/ringback/internal/examine/shrink"
	"github.com/ringback/ringback/internal/examine/transport"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/interop/broken/habits"
	tables "github.com/ringback/ringback/interop/broken/rows"
	"github.com/ringback/ringback/interop/broken/snapshots"
	"github.com/ringback/ringback/signature"
)

// subject is a consumer that is examined.
type subject struct {
	name    string
	breaks  []rulebook.ID // any of them names its mistake; empty: it is correct
	profile habits.Profile
	aspects trial.Aspect // that its state tells; 0: all
	next    bool         // it knows the next secret, too
	serve   func(t *testing.T, l net.Listener, secrets ...signature.Secret)
	start   func(t *testing.T, secrets ...signature.Secret) *process // instead of serve: a process of its own
}

// either lists what else names the mistake of a consumer that breaks more rules than one.
var either = map[string][]rulebook.ID{
	"rows/claims-before-body":      {rulebook.RetryIsNoDuplicate},
	"snapshots/streams-and-marks":  {rulebook.RetryIsNoDuplicate},
	"rows/marks-first":             {rulebook.WholeOrNothing},
	"snapshots/marks-then-stores":  {rulebook.RetryIsNoDuplicate},
	"rows/drops-after-ended":       {rulebook.OrderByTimestamp},
	"snapshots/ended-is-final":     {rulebook.OrderByTimestamp},
	"rows/one-event-an-instant":    {rulebook.ZeroLengthPhases, rulebook.NewIDIsNew},
	"rows/measures-time":           {rulebook.OrderNotByTime},
	"snapshots/durations-of-time":  {rulebook.OrderNotByTime},
	"rows/leaks-on-duplicate":      {rulebook.KeepAnswering},
	"snapshots/older-is-ignored":   {rulebook.NeverReopen, rulebook.PhasesApart},
	"snapshots/highest-phase":      {rulebook.NeverReopen, rulebook.PhasesApart},
	"rows/unexpected-is-wrap":      {rulebook.FailedOffers},
	"rows/busy-is-logged":          {rulebook.ConcurrentConversations}, // it loses whatever comes at the same time
	"rows/current-notification":    {rulebook.ConcurrentConversations},
	"snapshots/one-current-event":  {rulebook.ConcurrentNotifications},
	"rows/conflict-is-409":         {rulebook.CountOnce},
	"rows/key-of-subject-and-time": {rulebook.OrderSameInstant},  // time is that of the event, unless it was late
	"loops/length-throws":          {rulebook.RecoverFromCutOff}, // any error ends it

	"snapshots/failed-still-alerts":       {rulebook.FailedOffers},
	"snapshots/duplicate-is-a-conflict":   {rulebook.CountOnce},
	"snapshots/key-is-channel-and-moment": {rulebook.OrderSameInstant, rulebook.ZeroLengthPhases},
}

// subjects lists all consumers there are.
func subjects() (all []subject) {
	for _, r := range snapshots.Rows() {
		all = append(all, subject{name: "snapshots/" + r.Name, breaks: breaks(r.Breaks), next: true, serve: func(t *testing.T, l net.Listener, secrets ...signature.Secret) {
			served(t, func(ctx context.Context) error { return snapshots.Serve(ctx, l, r.Handler(raw(secrets)...)) })
		}})
	}
	for _, r := range tables.All() {
		all = append(all, subject{name: "rows/" + r.Name, breaks: breaks(r.Breaks), next: true, serve: func(t *testing.T, l net.Listener, secrets ...signature.Secret) {
			var texts []string
			for _, s := range secrets {
				texts = append(texts, s.Base64())
			}
			c, err := r.Open(t.TempDir(), texts...)
			if err != nil {
				t.Fatal(err)
			}
			served(t, func(ctx context.Context) error {
				defer context.AfterFunc(ctx, func() { _ = c.Close() })() // of a consumer that is not needed any more
				return c.Serve(l)
			})
		}})
	}
	all = append(all, olderOnes()...)
	for _, r := range habits.Rows() {
		all = append(all, subject{name: "habits/" + r.Name, profile: r.Profile(), next: true, serve: func(t *testing.T, l net.Listener, secrets ...signature.Secret) {
			served(t, func(ctx context.Context) error { return r.Serve(ctx, l, raw(secrets)...) })
		}})
	}
	all = append(all, processes()...)
	for i := range all {
		all[i].breaks = append(all[i].breaks, alsoNamed[all[i].name]...)
		all[i].breaks = append(all[i].breaks, either[all[i].name]...)
	}
	return all
}

func olderOnes() (all []subject) {
	for _, r := range rows() {
		all = append(all, subject{name: r.name, breaks: breaks(r.breaks), serve: func(t *testing.T, l net.Listener, secrets ...signature.Secret) {
			c := r.make()
			server := httptest.NewUnstartedServer(c.handler(secrets[0]))
			_ = server.Listener.Close() // it is replaced
			server.Listener, server.Config.ErrorLog = l, quiet()
			server.Start()
			t.Cleanup(func() {
				server.CloseClientConnections()
				server.Close()
			})
		}})
	}
	return all
}

func breaks(id rulebook.ID) []rulebook.ID {
	if id == "" {
		return nil
	}
	return []rulebook.ID{id}
}

func raw(secrets []signature.Secret) (all [][]byte) {
	for _, s := range secrets {
		all = append(all, s)
	}
	return all
}

// served runs a consumer until the test is over.
func served(t *testing.T, serve func(context.Context) error) {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- serve(ctx) }()
	t.Cleanup(func() {
		stop()
		<-done
	})
}

// verdict is what came of an examination.
type verdict string

const (
	alone   verdict = "named alone"
	among   verdict = "named among others"
	misread verdict = "found, named wrongly"
	missed  verdict = "missed"
	passed  verdict = "passed"
	accused verdict = "accused falsely"
)

// judged compares what was found with what there is.
func (s *subject) judged(found []examination.Finding) verdict {
	right := slices.ContainsFunc(found, func(f examination.Finding) bool { return slices.Contains(s.breaks, f.Rule.ID) })
	switch {
	case len(s.breaks) == 0 && len(found) == 0:
		return passed
	case len(s.breaks) == 0:
		return accused
	case len(found) == 0:
		return missed
	case !right:
		return misread
	case len(found) > 1:
		return among
	}
	return alone
}

// running starts a consumer in this process, over real sockets, or in one of its own, and returns its address and what kills it.
func (s *subject) running(t *testing.T, secrets ...signature.Secret) (url string, kill func(context.Context) error) {
	t.Helper()
	if s.start != nil {
		p := s.start(t, secrets...)
		return p.url, p.crash
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url = "http://" + l.Addr().String()
	s.serve(t, l, secrets...)
	return url, func(ctx context.Context) error { return crashed(ctx, url) }
}

// examination starts a consumer, and makes the examination of it.
func (s *subject) examination(t *testing.T, seed uint64) *examination.Examination {
	t.Helper()
	secret, err := signature.ParseSecret(signature.DevelopmentSecret)
	if err != nil {
		t.Fatal(err)
	}
	next, err := signature.ParseSecret(signature.DevelopmentNextSecret)
	if err != nil {
		t.Fatal(err)
	}
	target, secrets := emitter.Target{Secret: secret}, []signature.Secret{secret}
	if s.next {
		target.NextSecret = next
		secrets = append(secrets, next)
	}
	url, kill := s.running(t, secrets...)
	target.URL = url + "/events"
	state, err := ask.OverHTTP(&target, url+"/calls/"+ask.Placeholder, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { state.Close() })
	x := &examination.Examination{
		Sending: transport.Options{Target: target, Timeout: 3 * time.Second, Kill: kill},
		State:   state, Settle: max(500*time.Millisecond, 2*s.profile.Settles),
		Budget: budget(), Seed: seed, Start: time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC),
	}
	x.Profile.Aspects = s.aspects
	for _, v := range s.profile.Versions {
		for _, known := range []event.Version{event.V0, event.V1} {
			if known.String() == v {
				x.Profile.Versions = append(x.Profile.Versions, known)
			}
		}
	}
	if slices.Contains(s.breaks, rulebook.RememberLong) {
		x.Late = 32 * time.Second // some forget by the clock
	}
	if os.Getenv("RINGBACK_RULES") != "all" && !slices.Contains(s.breaks, rulebook.RememberLong) && !slices.Contains(s.breaks, rulebook.Endure) {
		soon := os.Getenv("RINGBACK_EXAMINE") == "" && len(s.breaks) > 0 && rulebook.Of(s.breaks[0]).Level <= rulebook.Secure // the sample is to be quick
		for _, rule := range rulebook.Rules() {                                                                               // thousands of notifications show these two, and nothing else
			if rule.ID != rulebook.RememberLong && rule.ID != rulebook.Endure && (!soon || rule.Level <= rulebook.Secure) {
				x.Only = append(x.Only, string(rule.ID))
			}
		}
	}
	return x
}

// again repeats the examination of a finding several times, as its command does, and counts how often it has the same name.
func again(t *testing.T, x examination.Examination, f *examination.Finding, times int) (same int, others []string) {
	x.Only, x.Repeat = f.Replay, f.Repeat
	if len(x.Only) == 0 {
		x.Only = []string{f.Trial}
	}
	x.Late = max(x.Late, f.Late)
	for n := range times {
		x.Round = examination.RoundStep * (n + 1)
		report, err := x.Run(t.Context())
		switch {
		case err != nil:
			others = append(others, err.Error())
		case slices.ContainsFunc(report.Findings, func(g examination.Finding) bool { return g.Rule.ID == f.Rule.ID }):
			same++
		case len(report.Findings) == 0:
			others = append(others, "nothing")
		default:
			others = append(others, string(report.Findings[0].Rule.ID)+": "+report.Findings[0].Text)
		}
	}
	return same, others
}

// sample are consumers for most rules, and correct ones, that are examined each time; RINGBACK_EXAMINE=all examines all, and RINGBACK_RULES=all by all rules. RINGBACK_AGAIN=N also repeats each finding N
// times, and says how often it had the same name. Who becomes slower and slower is not among
// them: a busy machine would hide that.
var sample = []string{
	"blocks-sender", "snapshots/agents-only",
	"snapshots/cuts-v0-only", "snapshots/additional-properties-false",
	"snapshots/wants-a-brace-at-the-end", "snapshots/body-by-content-length", "one-content-type",
	"snapshots/fraction-is-milliseconds", "demands-version-4",
	"snapshots/leaks-when-refused",
	"snapshots/hash-if-there-is-one", "snapshots/leeway-of-an-hour",
	"snapshots/stores-then-verifies", "secret-as-text", "snapshots/splits-at-the-blank",
	"snapshots/lower-case-ids",
	"snapshots/channel-of-the-agent", "snapshots/ties-by-rank", "rows/alerted-creates",
	"snapshots/time-of-day",
	"snapshots/ring-is-the-wait",
	"rows/counter-read-and-written", "rows/marks-while-cold",
	"snapshots/seen-in-memory",
	"rows/ready-ends-calls", "habits/answers-200-html",
	"habits/unusable-400", "habits/one-connection-at-a-time", "habits/cold-start",
	"habits/v0-only",
	"rows/remembers-verdicts", "rows/presences-unverified", "journal/key-is-data", "threads/hash-of-dumps", "loops/timer-store", "honest/gosqlite",
}

// chosen reports whether a consumer is examined: RINGBACK_EXAMINE names some, or all, or the correct ones; without it, the sample is.
func chosen(s *subject) bool {
	switch text := os.Getenv("RINGBACK_EXAMINE"); text {
	case "":
		return slices.Contains(sample, s.name)
	case "all":
		return true
	case "correct":
		return len(s.breaks) == 0
	default:
		return slices.Contains(strings.Split(text, ","), s.name)
	}
}

// budget is that of each examination. The machine may be busy.
func budget() time.Duration { return 2 * time.Minute }

// outOfPlace is how many notifications of a reduced trial come out of their order.
func outOfPlace(id string) int {
	_, part, reduced := strings.Cut(id, "~")
	if !reduced {
		return 0
	}
	var sequence []int
	for word := range strings.SplitSeq(part, "-") {
		n, err := strconv.Atoi(word)
		if err != nil {
			return math.MaxInt
		}
		sequence = append(sequence, n)
	}
	return shrink.Moved(sequence)
}

// The consumers were written before the examination, by others than those who wrote it.
func TestExaminationsNameWhatIsWrong(t *testing.T) {
	seeds := []uint64{7}
	if text := os.Getenv("RINGBACK_SEEDS"); text != "" {
		seeds = nil
		for word := range strings.SplitSeq(text, ",") {
			n, err := strconv.ParseUint(word, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			seeds = append(seeds, n)
		}
	}
	var mu sync.Mutex
	count := map[string]map[verdict]int{}
	t.Run("of", func(t *testing.T) {
		for _, s := range subjects() {
			if !chosen(&s) {
				continue
			}
			for _, seed := range seeds {
				t.Run(fmt.Sprintf("%s/%d", s.name, seed), func(t *testing.T) {
					t.Parallel()
					x := s.examination(t, seed)
					report, err := x.Run(t.Context())
					if err != nil {
						t.Log(err)
					}
					var found []examination.Finding
					if report != nil {
						found = report.Findings
						t.Logf("%d sent in %.1f s, level %d, unreached %v", report.Sent, report.Took.Seconds(), report.Level(), report.Unreached)
					}
					v := s.judged(found)
					t.Logf("== %s: %s, breaks %v", s.name, v, s.breaks)
					for _, f := range found {
						t.Logf("     %s: %s (or %v); %d trials, first %s; %v; also %v, unsteady %v", f.Rule.ID, f.Text, f.Or, f.Trials, f.Trial, f.Details, f.Also, f.Unsteady)
					}
					for _, f := range found {
						if n := outOfPlace(f.Trial); n > 3 {
							t.Errorf("%s is shown by %s, where %d notifications are out of place, want 3 at the most", f.Rule.ID, f.Trial, n)
						}
					}
					if times, _ := strconv.Atoi(os.Getenv("RINGBACK_AGAIN")); times > 0 {
						for _, f := range found {
							same, others := again(t, *x, &f, times)
							t.Logf("     again %d of %d: %s of %s: %v, repeat %d, otherwise %v; %q", same, times, f.Rule.ID, s.name, f.Replay, f.Repeat, f.Otherwise, others)
						}
					}
					mu.Lock()
					defer mu.Unlock()
					level := "correct"
					if len(s.breaks) > 0 {
						level = []string{"receives", "secure", "correct", "robust"}[rulebook.Of(s.breaks[0]).Level] + " broken"
					}
					if count[level] == nil {
						count[level] = map[verdict]int{}
					}
					count[level][v]++
					if count["all"] == nil {
						count["all"] = map[verdict]int{}
					}
					count["all"][v]++
				})
			}
		}
	})
	for level, n := range count {
		t.Logf("%-16s %v", level, n)
	}
	all := count["all"]
	broken := all[alone] + all[among] + all[misread] + all[missed]
	if all[missed] > 0 || all[accused] > 0 || all[alone]*100 < broken*95 {
		t.Errorf("of %d broken consumers %d are missed, %d named alone, %d among others, %d wrongly; %d correct ones are accused; want none missed, 95 %% named alone, none accused",
			broken, all[missed], all[alone], all[among], all[misread], all[accused])
	}
}
