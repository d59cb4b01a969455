package habits

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/interop/broken/internal/stories"
	"github.com/ringback/ringback/interop/broken/snapshots"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario/assume"
	"github.com/ringback/ringback/signature"
)

// Every one is right about every story. Stories, orders and versions take turns.
func TestAllOfThemTellTheTruth(t *testing.T) {
	versions := []plan.Versions{plan.OnlyV0, plan.OnlyV1, plan.Both}
	for i, r := range Rows() {
		t.Run(r.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for j, name := range stories.Names() {
					if (i+j)%3 != 0 || r.Name == "unknown-counted" && name == "unknown-event-type" || r.Name == "figures-only" {
						continue // another one plays it; or it tells more, or no channels, which other tests look at
					}
					v := versions[(i+j)/3%3]
					if claims := r.Profile().Versions; len(claims) == 1 && v != plan.Both {
						v, _ = plan.ParseVersions(claims[0])
					}
					s := stories.Load(t, name, plan.Options{Seed: uint64(i), Versions: v})
					order := []string{"in order", "reversed", "twice", "shuffled 0", "shuffled 1", "shuffled 2"}[(i/3+j/3)%6]
					c := stories.Direct(r.Handler(stories.Secret()))
					c.Play(t, stories.Orders(s.Bodies)[order]...)
					time.Sleep(r.Profile().Settles)
					truth := expected(r, v, &s.Truth)
					if wrong := c.Differences(t, truth); wrong != nil {
						t.Errorf("%s, seed %d, %s: %v", name, i, order, wrong)
					}
					c.Crash(t)
					if wrong := c.Differences(t, truth); wrong != nil {
						t.Errorf("%s, after a crash: %v", name, wrong)
					}
				}
			})
		})
	}
}

// expected is the truth as a consumer claims to tell it.
func expected(r Row, v plan.Versions, truth *plan.Truth) *plan.Truth {
	if v == plan.Both && (len(r.Profile().Versions) == 1 || r.Name == "pairs-versions") {
		for i := range truth.Channels {
			truth.Channels[i].Notifications /= 2
		}
	}
	return truth
}

// What decides about ties is right in every order.
func TestOtherTiesAreAsGood(t *testing.T) {
	for _, name := range stories.Names() {
		for _, o := range []plan.Options{{Seed: 7}, {Seed: 45}, {Seed: 8, Versions: plan.Both}} {
			s := stories.Load(t, name, o)
			for order, bodies := range stories.Orders(s.Bodies) {
				c := stories.Direct(named(t, "other-ties").Handler(stories.Secret()))
				c.Play(t, bodies...)
				if wrong := c.Differences(t, &s.Truth); wrong != nil {
					t.Errorf("%s, %s: %v", name, order, wrong)
				}
			}
		}
	}
}

func named(t *testing.T, name string) Row {
	for _, r := range Rows() {
		if r.Name == name {
			return r
		}
	}
	t.Fatal("no consumer " + name)
	return Row{}
}

// Over a socket: statuses, bursts, forgeries and what cannot be used.
func TestAllOfThemAnswerRightly(t *testing.T) {
	names := map[string]bool{}
	for _, r := range Rows() {
		if names[r.Name] {
			t.Errorf("two consumers are called %s", r.Name)
		}
		names[r.Name] = true
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			c := listen(t, r)
			v := plan.OnlyV0
			if r.Name == "v1-only" {
				v = plan.OnlyV1
			}
			s := stories.Load(t, "transfer", plan.Options{Seed: 7, Versions: v})
			var all sync.WaitGroup
			for _, b := range slices.Concat(s.Bodies, s.Bodies[:8]) {
				all.Go(func() { c.Play(t, b) })
			}
			all.Wait()
			for _, b := range []string{"no JSON", `{}`, `[1]`, `{"id":"1","type":"channel.held.v0","data":7}`} {
				if status := c.Post(t, []byte(b)); status >= 300 && status < 400 || status == 401 || status == 408 || status == 429 || status < 200 || status > 499 {
					t.Errorf("status %d for %s", status, b)
				}
			}
			for _, b := range []string{`{"id":"2","type":"interaction.detailrecord.v0","source":"/interaction","data":{"channel":["email"]}}`,
				`{"id":"3","type":"channel.held.v9","source":"/channel","data":{}}`, `{"type":"agent.presencechanged.v0","id":"4","source":"/agent","data":{}}`} {
				c.Play(t, []byte(b))
			}
			refuses(t, c, s.Truth.Conversations[0])
			c.Crash(t)
			for _, b := range s.Bodies[:3] {
				c.Play(t, b)
			}
			time.Sleep(r.Profile().Settles)
			if r.Name == "figures-only" {
				return // TestFigures looks at it
			}
			if wrong := c.Differences(t, &s.Truth); wrong != nil {
				t.Error(wrong)
			}
		})
	}
	if len(names) < 22 {
		t.Errorf("%d consumers, want 22 at least", len(names))
	}
}

// listen serves a consumer.
func listen(t *testing.T, r Row) stories.Consumer {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	go func() { _ = r.Serve(ctx, l, stories.Secret()) }() // it ends with ctx
	transport := &http.Transport{MaxIdleConnsPerHost: 8}
	t.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Transport: transport, Timeout: 10 * time.Second}
	return stories.Consumer{Do: client.Do, URL: "http://" + l.Addr().String()}
}

// refuses sends what is not authentic.
func refuses(t *testing.T, c stories.Consumer, conversation string) {
	body := []byte(`{"specversion":"1.0","type":"channel.held.v0","id":"forged","source":"/channel","subject":"x","time":"2025-03-03T09:00:00.0000000Z","data":{"timestamp":"2025-03-03T09:00:00.000Z","channel":{"conversationId":"` + conversation + `","interactionId":"i","channelId":"forged","party":{"role":"external"}}}}`)
	right := signature.Sign(stories.Secret(), body, time.Now())
	parts := strings.Split(right, ".")
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`))
	for name, token := range map[string]string{
		"no": "", "another key's": signature.Sign(signature.GenerateSecret(), body, time.Now()), "another body's": signature.Sign(stories.Secret(), body[1:], time.Now()),
		"an expired": signature.Sign(stories.Secret(), body, time.Now().Add(-10*time.Minute)), "an unsigned": none + "." + parts[1] + ".", "a broken": "not-a-token",
	} {
		var status int
		for range 40 {
			r := c.Request(t, body)
			if r.Header.Set(signature.HeaderName, token); token == "" {
				r.Header.Del(signature.HeaderName)
			}
			if status = c.Send(r); status != 0 && status != 408 && status != 429 && status < 500 {
				break
			}
		}
		if status != 400 && status != 401 && status != 403 {
			t.Errorf("status %d for %s token", status, name)
		}
	}
	for range 3 { // and what it refuses takes nothing from it
		r := c.Request(t, body)
		r.Body, r.GetBody = io.NopCloser(strings.NewReader("cut off")), nil
		_, _ = c.Do(r)
	}
}

// The habits of connections are there.
func TestConnectionsHaveTheirHabits(t *testing.T) {
	raw := func(name string) string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() { _ = named(t, name).Serve(t.Context(), l, stories.Secret()) }() // it ends with the test
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_ = conn.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
		body := stories.Load(t, "inbound-call", plan.Options{Seed: 7}).Bodies[0]
		r, _ := http.NewRequest(http.MethodPost, "http://x/events", strings.NewReader(string(body)))
		r.Header.Set(signature.HeaderName, signature.Sign(stories.Secret(), body, time.Now()))
		if err := r.Write(conn); err != nil {
			t.Fatal(err)
		}
		out, err := io.ReadAll(conn)
		if err == nil {
			out = append(out, "(closed)"...)
		}
		return string(out)
	}
	for name, want := range map[string][]string{
		"answers-204": {"HTTP/1.1 204 No Content\r\n"}, "answers-205": {"HTTP/1.1 205 Reset Content\r\n"},
		"chunked": {"HTTP/1.1 200", "Transfer-Encoding: chunked"}, "http-1.0": {"HTTP/1.0 200 OK\r\n", "\r\n\r\n{}(closed)"},
		"closes-connections": {"Connection: close", "(closed)"}, "one-connection-at-a-time": {"Connection: close", "(closed)"},
		"short-keep-alive": {"HTTP/1.1 204", "(closed)"}, "continue": {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200"}, "early-hints": {"HTTP/1.1 103", "HTTP/1.1 200"},
	} {
		got := raw(name)
		for _, part := range want {
			if !strings.Contains(got, part) {
				t.Errorf("%s: %q, want %q", name, got, part)
			}
		}
	}
}

// The figures are those of the story.
func TestFigures(t *testing.T) {
	for story, want := range map[string]map[string]any{
		"inbound-call":            {"answered": 1., "abandoned": 0., "agents": 1., "transfers": 0., "hold": 0.},
		"transfer":                {"answered": 1., "abandoned": 0., "agents": 2., "transfers": 1.},
		"rejected-then-colleague": {"answered": 1., "agents": 1., "transfers": 0.},
		"abandoned-in-queue":      {"answered": 0., "agents": 0., "abandoned": nil},
		"chat-becomes-call":       {"agents": 1., "transfers": nil},
		"consult":                 {"agents": 2., "transfers": 0.},
		"transfer-at-once":        {"agents": 2., "transfers": 1.},
	} {
		s := stories.Load(t, story, plan.Options{Seed: 7})
		c := stories.Direct(named(t, "figures-only").Handler(stories.Secret()))
		c.Play(t, s.Bodies...)
		got := c.State(t, s.Truth.Conversations[0])
		for name, value := range want {
			if got[name] != value {
				t.Errorf("%s: %s is %v, want %v; all: %v", story, name, got[name], value, got)
			}
		}
	}
}

// Each way of telling is JSON.
func TestAnotherFormIsJSON(t *testing.T) {
	s := stories.Load(t, "transfer", plan.Options{Seed: 7})
	c := stories.Direct(named(t, "another-form").Handler(stories.Secret()))
	c.Play(t, s.Bodies...)
	out, err := json.Marshal(c.State(t, s.Truth.Conversations[0]))
	if err != nil || !strings.Contains(string(out), strings.ToUpper(s.Truth.Channels[0].ChannelID)) {
		t.Errorf("%s, %v", out, err)
	}
}

// The correct ones of both packages are right whatever the public documentation leaves open.
func TestAssumptions(t *testing.T) {
	for _, a := range assume.Rows() {
		for _, v := range a.Values() {
			var set assume.Set
			if strings.Contains(v, " ") || set.Change(a.Name, v) != nil {
				continue // a description of values
			}
			for i, name := range stories.Names() {
				s, err := stories.Plan(name, plan.Options{Seed: uint64(i), Assume: set})
				if err != nil {
					continue // the story cannot be told under it
				}
				for _, h := range []http.Handler{named(t, "answers-204").Handler(stories.Secret()), snapshots.Rows()[0].Handler(stories.Secret())} {
					c := stories.Direct(h)
					c.Play(t, stories.Orders(s.Bodies)["reversed"]...)
					if wrong := c.Differences(t, &s.Truth); wrong != nil {
						t.Errorf("%s=%s, %s: %v", a.Name, v, name, wrong)
					}
				}
			}
		}
	}
}
