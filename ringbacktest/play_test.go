package ringbacktest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/receiver"
	"github.com/ringback/ringback/ringbacktest"
	"github.com/ringback/ringback/scenario/fault"
	"github.com/ringback/ringback/signature"
)

func TestACorrectConsumerPasses(t *testing.T) {
	t.Parallel()
	consumer := strict(t)
	f := watch(t, func(t testing.TB) {
		got := ringbacktest.Play(t, consumer, "inbound-call-with-hold")
		if !got.AllRight() || got.Total.Accepted != 11 || len(got.Notifications) != 11 || len(got.Deliveries) != 11 {
			t.Errorf("%d accepted of %d, %d deliveries, all right %v; want 11 each, true",
				got.Total.Accepted, len(got.Notifications), len(got.Deliveries), got.AllRight())
		}
	})
	if len(f.errors) > 0 {
		t.Errorf("the test was told:\n%s\nwant nothing", f.said())
	}
	report := consumer.Report()
	if report.Accepted != 11 || report.Open != 0 || len(report.Violations) != 0 {
		t.Errorf("consumer: %d accepted, %d open, %v; want 11, 0, none", report.Accepted, report.Open, report.Violations)
	}
}

func TestNotificationsOverlapWithoutOrder(t *testing.T) {
	t.Parallel()
	for _, unordered := range []bool{false, true} {
		consumer := strict(t)
		got := ringbacktest.Run{Seed: 7, Count: 5, Unordered: unordered}.Play(t, consumer, "inbound-call-with-hold")
		if overlap := got.Total.Bursts != nil && got.Total.Bursts.MostOfStory > 1; overlap != unordered {
			t.Errorf("unordered %t: %+v", unordered, got.Total.Bursts)
		}
		if report := consumer.Report(); report.Accepted != 55 || len(report.Violations) != 0 {
			t.Errorf("consumer: %d accepted, %v; want 55, none", report.Accepted, report.Violations)
		}
	}
}

func TestTheTruthIsWhatAConsumerShouldBelieve(t *testing.T) {
	t.Parallel()
	consumer := strict(t)
	got := ringbacktest.Run{Seed: 7, Versions: plan.Both, Count: 4}.Play(t, consumer, "inbound-call-with-hold", "transfer")
	lives := consumer.Lives()
	if len(got.Channels) != len(lives) || len(lives) == 0 {
		t.Fatalf("%d channels, want the %d of the consumer", len(got.Channels), len(lives))
	}
	for i, c := range got.Channels {
		same := func(l receiver.Life) bool {
			return l.ChannelID == c.ChannelID && l.Version == c.Version && slices.Equal(l.Spans, c.Spans)
		}
		if !slices.ContainsFunc(lives, same) || c.Party == "" || !c.Ended {
			t.Errorf("channel %d: %q %v, want one of the consumer's, with a name, ended", i, c.Party, c.Spans)
		}
	}
	if first := got.Channels[0]; first.Party != "customer" || first.In(receiver.Held) != 30*time.Second {
		t.Errorf("the first channel is of %q, held for %v; want customer, 30s", first.Party, first.In(receiver.Held))
	}
	if held := got.Channel("customer").In(receiver.Held); held != 30*time.Second {
		t.Errorf("the customer was held for %v, want 30s", held)
	}
	if got.Channel("nobody") != nil {
		t.Error("there is a channel of nobody")
	}
}

func TestEqualRunsSendEqualBytes(t *testing.T) {
	t.Parallel()
	record := func(r ringbacktest.Run) string {
		var mutex sync.Mutex
		var bodies strings.Builder
		r.Play(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			body, err := io.ReadAll(req.Body)
			if err != nil {
				w.WriteHeader(http.StatusInternalServerError)
				return
			}
			mutex.Lock()
			defer mutex.Unlock()
			bodies.Write(append(body, '\n'))
		}), "inbound-call")
		return bodies.String()
	}
	first, second, other := record(ringbacktest.Run{Seed: 3}), record(ringbacktest.Run{Seed: 3}), record(ringbacktest.Run{Seed: 4})
	if first != second || first == "" {
		t.Errorf("two runs of one seed differ:\n%s\n%s", first, second)
	}
	if first == other {
		t.Error("two seeds send the same")
	}
}

func TestAWrongAnswerFailsTheTestAndIsShown(t *testing.T) {
	t.Parallel()
	var consumer http.HandlerFunc = func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body) // what is missing is not the word either
		if strings.Contains(string(body), "channel.held.v0") {
			http.Error(w, "no idea what held is: "+req.Header.Get("Vonage-Signature"), http.StatusInternalServerError)
		}
	}
	var got *ringbacktest.Result
	f := watch(t, func(t testing.TB) {
		got = ringbacktest.Run{Seed: 7}.Play(t, consumer, "inbound-call-with-hold")
	})
	f.want(t, "1 of 11 notifications", "Seed 7", "plan "+got.PlanHash[:12], "customer │", "▒ held",
		"channel.held.v0", "500 Internal Server Error", "no idea what held is", "(attempt 4)")
	if strings.Contains(f.said(), "eyJhbGciOi") {
		t.Errorf("the test was told a token:\n%s", f.said())
	}
	wrong := got.Wrong()
	if got.AllRight() || len(wrong) != 1 || wrong[0].Status != 500 || wrong[0].Outcome != emitter.GivenUp {
		t.Errorf("wrong deliveries %+v, want the one answered with 500", wrong)
	}
	if len(f.logs) == 0 || !strings.Contains(f.logs[0], "Seed 7, Start 2025-03-03T09:00:00Z, plan ") {
		t.Errorf("logged %q, want seed, start and plan", f.logs)
	}
}

func TestAnAnswerAfterRetriesIsRight(t *testing.T) {
	t.Parallel()
	var seen sync.Map
	consumer := http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		if _, again := seen.LoadOrStore(string(body), true); !again {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	got := ringbacktest.Play(t, consumer, "inbound-call")
	if got.Total.Retries == 0 {
		t.Error("there were no retries")
	}
	f := watch(t, func(t testing.TB) { ringbacktest.Run{Seed: 1, RetryFor: -1}.Play(t, consumer, "inbound-call") })
	f.want(t, "503")
}

func TestAConsumerThatAcceptsForgeriesFailsTheTest(t *testing.T) {
	t.Parallel()
	r := ringbacktest.Run{Faults: []string{"wrong-key 100%"}}
	f := watch(t, func(t testing.TB) { r.Play(t, answer(http.StatusOK), "inbound-call") })
	f.want(t, "accepted that must be refused", "wrong-key accepted with 200", "refuse with 401")
	f = watch(t, func(t testing.TB) {
		if got := r.Play(t, strict(t), "inbound-call"); got.Total.Refused != 9 {
			t.Errorf("%d refused, want 9", got.Total.Refused)
		}
	})
	if len(f.errors) > 0 {
		t.Errorf("of a strict consumer the test was told:\n%s\nwant nothing", f.said())
	}
}

func TestAPanicFailsTheTestAndIsShown(t *testing.T) {
	t.Parallel()
	var once sync.Once
	consumer := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		once.Do(func() { panic("there is no agentId") })
	})
	f := watch(t, func(t testing.TB) { ringbacktest.Play(t, consumer, "inbound-call") })
	f.want(t, "the consumer panicked: there is no agentId", "play_test.go")
	f = watch(t, func(t testing.TB) {
		ringbacktest.Play(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("always") }), "inbound-call")
	})
	f.want(t, "given-up, reset: ", "the consumer panicked: always", "more times")
}

func TestAnAnswerThatTakesTooLongEndsTheRun(t *testing.T) {
	t.Parallel()
	consumer := http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		_, _ = io.Copy(io.Discard, req.Body)
		<-req.Context().Done()
	})
	f := watch(t, func(t testing.TB) {
		ringbacktest.Run{Timeout: 20 * time.Millisecond}.Play(t, consumer, "inbound-call")
	})
	f.want(t, "a response took longer than 20ms; the rest was not sent", "channel.alerted.v0", "timeout", "customer │")
	if strings.Contains(f.said(), "still runs") {
		t.Errorf("a handler that obeys its context is blamed:\n%s", f.said())
	}
}

func TestTheContextOfTheTestEndsTheRun(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	f := &fake{TB: t, ctx: ctx}
	consumer := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { cancel(errors.New("enough")) })
	watchAs(f, func(t testing.TB) { ringbacktest.Run{Count: 50}.Play(t, consumer, "inbound-call") })
	f.want(t, "stopped: enough")
}

func TestAConsumerThatListensElsewhereIsPlayedTo(t *testing.T) {
	t.Parallel()
	consumer := strict(t)
	server := httptest.NewServer(consumer)
	defer server.Close()
	if got := ringbacktest.PlayURL(t, server.URL, "outbound-call"); !got.AllRight() || consumer.Report().Accepted == 0 {
		t.Errorf("all right %v, %d accepted; want true, some", got.AllRight(), consumer.Report().Accepted)
	}
	f := watch(t, func(t testing.TB) { ringbacktest.PlayURL(t, "http://192.0.2.1/events", "outbound-call") })
	f.want(t, "192.0.2.1")
}

func TestAHandlerIsAskedAtItsPathWithTheHeader(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /vcc/events", func(w http.ResponseWriter, req *http.Request) {
		if req.Header.Get("X-Tenant") != "42" {
			w.WriteHeader(http.StatusBadRequest)
		}
	})
	ringbacktest.Run{Path: "/vcc/events", Header: http.Header{"X-Tenant": {"42"}}}.Play(t, mux, "inbound-call")
	f := watch(t, func(t testing.TB) { ringbacktest.Play(t, mux, "inbound-call") })
	f.want(t, "404")
}

func TestACorrectConsumerSurvivesEveryFault(t *testing.T) {
	t.Parallel()
	var secrets []signature.Secret
	for _, text := range []string{signature.DevelopmentSecret, signature.DevelopmentNextSecret} {
		secret, err := signature.ParseSecret(text)
		if err != nil {
			t.Fatal(err)
		}
		secrets = append(secrets, secret)
	}
	for _, k := range fault.Kinds() {
		t.Run(k.String(), func(t *testing.T) {
			t.Parallel()
			consumer := receiver.New(receiver.Options{Secrets: secrets})
			rule := k.String() + " every 3 count 2"
			if k == fault.Delay {
				rule += " by 1s..30s"
			}
			got := ringbacktest.Run{Seed: 1, Faults: []string{rule}}.Play(t, consumer, "inbound-call-with-hold")
			if of := got.Total.Faults[k]; of.Right != 2 || of.Wrong != 0 {
				t.Errorf("%d right and %d wrong, want 2 and 0", of.Right, of.Wrong)
			}
			if len(got.Channels) != 2 || got.Channel("customer").In(receiver.Held) != 30*time.Second {
				t.Errorf("the truth is %+v, want it untouched by faults", got.Channels)
			}
		})
	}
}
