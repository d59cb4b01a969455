package rows

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/signature"
)

type probes map[rulebook.ID]func(*running) string

// story plays a ready-made story in order, and wants the truth of it.
func (x *running) story(name string, o plan.Options, arrange func([][]byte)) string {
	x.stories++
	o.Seed = x.stories // identifiers of its own
	truth, bodies := planned(x.t, name, o)
	if arrange != nil {
		arrange(bodies)
	}
	if said := x.play(bodies...); said != "" {
		return name + ": " + said
	}
	for _, id := range truth.Conversations {
		if said := x.ask(id, func(got told) string { return compare(truth, id, got) }); said != "" {
			return name + ": " + said
		}
	}
	return ""
}

func assuming(x *running, name, value string) plan.Options {
	var o plan.Options
	if err := o.Assume.Change(name, value); err != nil {
		x.t.Fatal(err)
	}
	return o
}

// settled wants a 4xx that is not tried again, or success.
func settled(status int) string {
	if 200 <= status && status < 300 || 400 <= status && status < 500 && status != 401 && status != 408 && status != 429 {
		return ""
	}
	return fmt.Sprintf("status %d", status)
}

func with(text string) func(*form) { return func(f *form) { f.more = text } }

func receives() probes {
	const s = time.Second
	customer, agent := call(1)
	alone := func(body []byte) func(*running) string {
		return func(x *running) string {
			return first(func() string { return x.play(body) }, func() string { return x.tells(agent, 1, "connected", nil) })
		}
	}
	return probes{
		rulebook.AnswerInTime: func(x *running) string {
			x.client.Timeout = time.Second
			for _, b := range ordinary(customer, agent) {
				if x.send(b) == 0 {
					return "no answer"
				}
			}
			return ""
		},
		rulebook.AcceptValid: func(x *running) string {
			for _, name := range []string{"inbound-call", "monitored-call", "missed-then-voicemail"} {
				x.stories++
				_, bodies := planned(x.t, name, plan.Options{Seed: x.stories})
				if said := x.play(append(bodies, bodies[0])...); said != "" {
					return name + ": " + said
				}
			}
			return ""
		},
		rulebook.AcceptExternal: func(x *running) string {
			return first(func() string { return x.play(ordinary(customer, agent)...) }, func() string { return x.knowsOrdinary(customer, agent) })
		},
		rulebook.AcceptNullIDs: func(x *running) string {
			return x.story("inbound-call", assuming(x, "absent-ids", "null"), nil)
		},
		rulebook.AcceptPresence: func(x *running) string { return x.play(presence("0150", "ready", 0, newID())) },
		rulebook.AcceptVersions: func(x *running) string {
			return x.story("inbound-call-with-hold", plan.Options{Versions: plan.Both}, nil)
		},
		rulebook.IgnoreUnknownTypes:   func(x *running) string { return x.play(agent.event("recorded", s)) },
		rulebook.IgnoreUnknownMembers: alone(agent.event("connected", s, with(`,"traceparent":"00-1"`))),
		rulebook.AnswerUnusable: func(x *running) string {
			for _, b := range []string{`no JSON`, `[]`, `"text"`, `{}`, `{"specversion":"1.0","type":"channel.held.v0","id":"1","source":"/channel"}`,
				`{"specversion":"1.0","type":"channel.held.v0","id":"2","source":"/channel","data":{}}`,
				`{"specversion":"1.0","type":"channel.held.v0","id":"3","source":"/channel","data":null}`} {
				if said := settled(x.send([]byte(b))); said != "" {
					return b + ": " + said
				}
			}
			return ""
		},
		rulebook.ReadAnyJSON: func(x *running) string {
			var indented bytes.Buffer
			if err := json.Indent(&indented, agent.event("connected", s), "\n", "\t"); err != nil {
				x.t.Fatal(err)
			}
			escaped := strings.ReplaceAll(string(agent.event("connected", s)), `"channelId"`, `"\u0063hannelId"`)
			return first(
				func() string { return x.play(indented.Bytes()) },
				func() string { return x.tells(agent, 1, "connected", nil) },
				func() string { return x.play([]byte(escaped)) },
				func() string { return x.tells(agent, 2, "connected", nil) },
				func() string {
					return x.play(agent.event("connected", s, with(`,"note":"Zoë 東京"`)), append([]byte("\n"), agent.event("connected", s)...))
				},
				func() string { return x.tells(agent, 4, "connected", nil) })
		},
		rulebook.ReadLargeBodies: func(x *running) string {
			for _, size := range []int{16 << 10, 256 << 10} {
				if said := x.play(agent.event("connected", s, with(`,"note":"`+strings.Repeat("x", size-700)+`"`))); said != "" {
					return said[:20]
				}
			}
			return x.tells(agent, 2, "connected", nil)
		},
		rulebook.ReadWholeBody: func(x *running) string {
			body := agent.event("connected", s)
			token := map[string]string{signature.HeaderName: signature.Sign(x.secret, body, time.Now())}
			chunked := x.do(context.Background(), io.MultiReader(bytes.NewReader(body)), token)
			reader, writer := io.Pipe()
			go func() {
				_, _ = writer.Write(body[:100])
				time.Sleep(time.Second) // the longest patience is 150 ms, and begins late on a busy machine
				_, _ = writer.Write(body[100:])
				_ = writer.Close()
			}()
			return first(func() string { return differs("status of a chunked body", chunked, 204) },
				func() string { return differs("status of a slow body", x.do(context.Background(), reader, token), 204) },
				func() string { return x.tells(agent, 1, "connected", nil) })
		},
		rulebook.IgnoreMediaParameters: func(x *running) string {
			body := agent.event("connected", s)
			return differs("status", x.do(context.Background(), bytes.NewReader(body), map[string]string{
				signature.HeaderName: signature.Sign(x.secret, body, time.Now()), "Content-Type": "application/cloudevents+json; charset=utf-8"}), 204)
		},
		rulebook.HeaderNamesInAnyCase: func(x *running) string {
			body := agent.event("connected", s)
			req, err := http.NewRequest(http.MethodPost, x.url+"/events", bytes.NewReader(body))
			if err != nil {
				x.t.Fatal(err)
			}
			req.Header["vonage-signature"] = []string{signature.Sign(x.secret, body, time.Now())}
			resp, err := x.client.Do(req)
			if err != nil {
				return err.Error()
			}
			_ = resp.Body.Close()
			return differs("status", resp.StatusCode, 204)
		},
		rulebook.TimestampsOfAnyLength: func(x *running) string {
			for d := range 8 {
				if said := x.play(agent.event("connected", s, func(f *form) { f.digits = d })); said != "" {
					return said
				}
			}
			return x.tells(agent, 8, "connected", nil)
		},
		rulebook.GUIDsOfAnyForm: func(x *running) string {
			return first(
				func() string { return x.story("inbound-call", assuming(x, "id-form", "any"), nil) },
				func() string {
					return x.story("inbound-call", assuming(x, "id-form", "channel-is-interaction"), nil)
				})
		},
		rulebook.RecoverFromCutOff: func(x *running) string {
			body := agent.event("connected", s)
			for range 3 {
				x.cutOff(body, len(body)/2)
			}
			x.client.Timeout = 600 * time.Millisecond
			return first(func() string { return x.play(body) }, func() string { return x.tells(agent, 1, "connected", nil) })
		},
		rulebook.KeepAnswering: func(x *running) string {
			x.client.Timeout = 600 * time.Millisecond
			for range 12 {
				x.sendAs(agent.event("held", s), "forged")
				x.send([]byte("no JSON"))
			}
			return first(func() string { return x.play(agent.event("connected", s)) }, func() string { return x.tells(agent, 1, "connected", nil) })
		},
	}
}

// cutOff sends the head of a request and a part of its body, and waits until the consumer is through with
// it: it answers or hangs up, or a second passes.
func (x *running) cutOff(body []byte, part int) {
	conn, err := net.Dial("tcp", strings.TrimPrefix(x.url, "http://"))
	if err != nil {
		x.t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /events HTTP/1.1\r\nHost: consumer\r\nContent-Length: %d\r\n%s: %s\r\n\r\n%s",
		len(body), signature.HeaderName, signature.Sign(x.secret, body, time.Now()), body[:part])
	_ = conn.(*net.TCPConn).CloseWrite()
	_ = conn.SetReadDeadline(time.Now().Add(time.Second))
	_, _ = conn.Read(make([]byte, 1))
}
