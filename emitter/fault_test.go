package emitter_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/receiver"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenario/fault"
	"github.com/ringback/ringback/signature"
)

const faultStory = `name: short
story: A call.
steps: [{call: customer}, {ring: {agent: alice, for: 1s}}, {talk: 2s}, {hold: 3s}, {hangup: customer}, {wrap: 2s}]
`

// faulty plans three calls with a rule of a kind.
func faulty(t *testing.T, k fault.Kind, often string) []plan.Notification {
	t.Helper()
	text := k.String() + " " + often
	if k == fault.Delay {
		text += " by 1s..9s"
	}
	rule, err := scenario.ParseFault(text)
	if err != nil {
		t.Fatal(err)
	}
	sc, err := scenario.Parse("short.yaml", []byte(faultStory))
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.New(sc, plan.Options{Seed: 2, Count: 3, Start: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), Faults: []scenario.FaultRule{rule}})
	if err != nil {
		t.Fatal(err)
	}
	var all []plan.Notification
	for n := range p.Notifications() {
		all = append(all, n)
	}
	return all
}

// often is how often the fault of a kind is put into the tests below: what takes real time
// is put in once.
func often(k fault.Kind) string {
	if k == fault.SlowBody {
		return "100% count 1"
	}
	return "every 4"
}

// count is how many notifications have a fault.
func count(all []plan.Notification, k fault.Kind) (n uint64) {
	for i := range all {
		if all[i].Fault == k {
			n++
		}
	}
	return n
}

// next is what signs after a rotation.
func next(t testing.TB) signature.Secret {
	s, err := signature.ParseSecret(signature.DevelopmentNextSecret)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// refusals are the codes with which the receiver refuses each kind.
func refusals() map[fault.Kind]receiver.Code {
	return map[fault.Kind]receiver.Code{
		fault.WrongKey: receiver.WrongKey, fault.ExpiredToken: receiver.ExpiredSignature, fault.Unsigned: receiver.MissingSignature,
		fault.AlgNone: receiver.ForbiddenAlgorithm, fault.TamperedBody: receiver.HashMismatch,
		fault.MalformedJSON: receiver.FaultyBody, fault.MissingMember: receiver.FaultyBody,
	}
}

func TestACorrectConsumerIsRightAboutEveryFault(t *testing.T) {
	for _, k := range fault.Kinds() {
		t.Run(k.String(), func(t *testing.T) {
			rec := receiver.New(receiver.Options{Secrets: []signature.Secret{secret(t), next(t)}})
			server := httptest.NewServer(rec)
			defer server.Close()
			all := faulty(t, k, often(k))
			want := count(all, k)
			e := emitter.Emitter{Targets: []emitter.Target{{URL: server.URL, Secret: secret(t), NextSecret: next(t)}}, Speed: emitter.Max}
			result := play(t, &e, all)
			total, report := result.Total(), rec.Report()
			if got := total.Faults[k]; want == 0 || got.Right != want || got.Wrong != 0 || len(total.Faults) != 1 {
				t.Errorf("of %d faults got %+v; want all right", want, total.Faults)
			}
			if !result.AllRight() || total.Accepted+total.Refused+total.Dropped != uint64(len(all)) {
				t.Errorf("accepted %d, refused %d, dropped %d of %d; want all of them", total.Accepted, total.Refused, total.Dropped, len(all))
			}
			if code, refused := refusals()[k]; refused && (report.Refused[code] != int(want) || total.Refused != want) {
				t.Errorf("the receiver refused %v, want %d with %s", report.Refused, want, code)
			}
			if want := k.Row().Want; (want.Refuse() || want == fault.Finish) != (refusals()[k] != "") {
				t.Errorf("the table says that a correct consumer will %s", want)
			}
			wantTaken(t, k, int(want), len(all), &report)
		})
	}
}

// wantTaken compares what the receiver took with the plan.
func wantTaken(t *testing.T, k fault.Kind, faults, all int, report *receiver.Report) {
	t.Helper()
	accepted, duplicates, ignored := all, 0, 0
	switch {
	case refusals()[k] != "" || k == fault.Drop:
		accepted -= faults
	case k == fault.Duplicate:
		accepted, duplicates = all-faults, faults
	case k == fault.UnknownType:
		accepted, ignored = all-faults, faults
	}
	if report.Accepted != accepted || report.Duplicates != duplicates || report.Ignored != ignored {
		t.Errorf("received %d, %d duplicates and %d ignored; want %d, %d and %d",
			report.Accepted, report.Duplicates, report.Ignored, accepted, duplicates, ignored)
	}
	if k != fault.Drop && len(report.Violated) > 0 {
		t.Errorf("the receiver sees contradictions: %v", report.Violations)
	}
}

func TestANaiveConsumerWronglyAcceptsEveryForgery(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) }))
	defer server.Close()
	for _, k := range fault.Kinds() {
		t.Run(k.String(), func(t *testing.T) {
			all := faulty(t, k, often(k))
			want := count(all, k)
			e := emitter.Emitter{Targets: []emitter.Target{{URL: server.URL, Secret: secret(t), NextSecret: next(t)}}, Speed: emitter.Max}
			result := play(t, &e, all)
			total := result.Total()
			got := total.Faults[k]
			if !k.Row().Want.Refuse() {
				if !result.AllRight() || got.Right != want || got.Wrong != 0 {
					t.Errorf("got %+v, want %d right: there is nothing to refuse", got, want)
				}
				return
			}
			if result.AllRight() || got.Wrong != want || got.WronglyAccepted != want || total.WronglyAccepted != want {
				t.Errorf("got %+v and %d wrongly accepted, want %d", got, total.WronglyAccepted, want)
			}
			if says := k.String() + " accepted with 200 OK: a correct consumer would refuse"; !strings.Contains(got.Example, says) {
				t.Errorf("the reason is %q, want %q", got.Example, says)
			}
		})
	}
}

func TestAnswersToForgeries(t *testing.T) {
	for _, c := range []struct {
		name     string
		statuses []int // of the forgery, one attempt after the other
		right    bool
		says     string
	}{
		{"unauthorized", []int{401}, true, ""},
		{"another refusal", []int{403}, true, ""},
		{"not found", []int{404}, false, "status: unsigned answered with 404 Not Found: a correct consumer would refuse with 401"},
		{"accepted", []int{200}, false, "wrongly-accepted: unsigned accepted with 200 OK: a correct consumer would refuse with 401"},
		{"a crash, then refused", []int{500, 502, 401}, true, ""},
		{"put off, then refused", []int{429, 503, 401}, true, ""},
		{"put off, then accepted", []int{429, 200}, false, "wrongly-accepted: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			forgeries := 0
			s := &sender{answer: func(_ context.Context, _ int, r *emitter.Request) emitter.Answer {
				if len(r.Signature) > 0 {
					return emitter.Answer{Status: 200}
				}
				forgeries++
				return emitter.Answer{Status: c.statuses[min(forgeries, len(c.statuses))-1]}
			}}
			e := emitter.Emitter{Targets: to(s), Speed: emitter.Max}
			e.Targets[0].Secret = secret(t)
			result := play(t, &e, faulty(t, fault.Unsigned, "100% count 1"))
			got := result.Total().Faults[fault.Unsigned]
			if result.AllRight() != c.right || (got.Right == 1) != c.right || !strings.HasPrefix(got.Example, c.says) {
				t.Errorf("got %+v, want right: %v, and %q", got, c.right, c.says)
			}
			if forgeries != len(c.statuses) {
				t.Errorf("%d attempts, want %d", forgeries, len(c.statuses))
			}
		})
	}
}

// What was refused rightly is no sign of a wrong secret.
func TestHintsAreNotAboutWhatWasRefusedRightly(t *testing.T) {
	s := &sender{answer: func(_ context.Context, _ int, r *emitter.Request) emitter.Answer {
		if len(r.Signature) == 0 {
			return emitter.Answer{Status: 401}
		}
		return emitter.Answer{Status: 500}
	}}
	e := emitter.Emitter{Targets: to(s), Speed: emitter.Max, RetryFor: -1}
	e.Targets[0].Secret = secret(t)
	result := play(t, &e, faulty(t, fault.Unsigned, "100%"))
	got := strings.Join(result.Targets[0].Diagnoses(), "\n")
	if !strings.Contains(got, "500 Internal Server Error") || strings.Contains(got, "secret") {
		t.Errorf("got %q, want the crashes, and nothing about a secret", got)
	}
}

// Whoever answers 401 to signed bodies that it cannot use has the right secret.
func TestA401ToUnusableBodiesIsNoSignOfAWrongSecret(t *testing.T) {
	for _, ordinary := range []int{200, 401} {
		s := &sender{answer: func(_ context.Context, _ int, r *emitter.Request) emitter.Answer {
			if !strings.HasSuffix(string(r.Body), "}") {
				return emitter.Answer{Status: 401}
			}
			return emitter.Answer{Status: ordinary}
		}}
		e := emitter.Emitter{Targets: to(s), Speed: emitter.Max, RetryFor: -1}
		e.Targets[0].Secret = secret(t)
		result := play(t, &e, faulty(t, fault.MalformedJSON, "100%"))
		got := strings.Join(result.Targets[0].Diagnoses(), "\n")
		if strings.Contains(got, "is the secret the same") != (ordinary == 401) || strings.Contains(got, "401 says that the signature is wrong") != (ordinary == 200) {
			t.Errorf("%d otherwise: got %q", ordinary, got)
		}
	}
}

// A token has the moment of the sender's clock, which may be wrong: for a run, or for one
// notification.
func TestTheClockOfTokens(t *testing.T) {
	for _, c := range []struct {
		name        string
		clock, want time.Duration
		fault       fault.Kind
	}{
		{"right", 0, 0, fault.None},
		{"behind", -30 * time.Second, -30 * time.Second, fault.None},
		{"ahead", 2 * time.Minute, 2 * time.Minute, fault.None},
		{"early on purpose", 0, 90 * time.Second, fault.EarlyToken},
		{"early on purpose, and behind", -time.Minute, 30 * time.Second, fault.EarlyToken},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachEngine(t, func(t *testing.T, engine emitter.Engine) {
				synctest.Test(t, func(t *testing.T) {
					var got []time.Duration
					target := inMemory(t, func(conn net.Conn) {
						r := bufio.NewReader(conn)
						for status := 503; ; status = 200 { // a retry has the same clock
							request, err := http.ReadRequest(r)
							if err != nil {
								return
							}
							body, _ := io.ReadAll(request.Body)
							claims, err := signature.Parse(secret(t), request.Header.Get(signature.HeaderName), body, time.Now())
							if err != nil || claims.ExpiresAt.Sub(claims.IssuedAt) != signature.Lifetime {
								t.Errorf("%+v, %v", claims, err)
							}
							got = append(got, claims.IssuedAt.Sub(time.Now().Truncate(time.Second)))
							fmt.Fprintf(conn, "HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n", status)
						}
					})
					e := emitter.Emitter{Targets: []emitter.Target{target}, Engine: engine, TokenClock: c.clock}
					all := notes(1, 0)
					all[0].Fault = c.fault
					play(t, &e, all)
					if want := []time.Duration{c.want, c.want}; !slices.Equal(got, want) {
						t.Errorf("iat is off by %v, want %v", got, want)
					}
				})
			})
		})
	}
}
