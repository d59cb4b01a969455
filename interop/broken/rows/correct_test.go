package rows

import (
	"fmt"
	"slices"
	"time"

	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/plan"
)

func as(id string) func(*form) { return func(f *form) { f.id = id } }

// many delivers notifications of another conversation, eight at a time.
func (x *running) many(n int) string {
	_, other := call(7)
	said := make(chan string, 8)
	for range 8 {
		go func() {
			for range n / 8 {
				if status := x.deliver(other.event("connected", 0)); status != 204 {
					said <- fmt.Sprintf("status %d", status)
					return
				}
			}
			said <- ""
		}()
	}
	worst := ""
	for range 8 {
		worst = max(worst, <-said)
	}
	return worst
}

func identities() probes {
	const s = time.Second
	customer, agent := call(1)
	// two delivers two bodies, and wants that they count so often.
	two := func(a, b []byte, count int) func(*running) string {
		return func(x *running) string {
			return first(func() string { return x.play(a, b) }, func() string { return x.tells(agent, count, "connected", nil) })
		}
	}
	connected := agent.event("connected", s)
	return probes{
		rulebook.CountOnce: two(connected, connected, 1),
		rulebook.KeyIsSourceAndID: func(x *running) string {
			_, other := call(2)
			return first(func() string {
				return two(agent.event("connected", s, as("2YpN")), agent.event("alerted", 0, as("2YpN"), func(f *form) { f.source = "/other" }), 2)(x)
			}, func() string {
				return x.play(other.event("connected", s, as("2YpNaaaaaaaaaaaaaaaaaaaaaa1")), other.event("alerted", 0, as("2YpNaaaaaaaaaaaaaaaaaaaaaa2")))
			}, func() string { return x.tells(other, 2, "connected", nil) })
		},
		rulebook.IDsAreCaseSensitive: two(agent.event("connected", s, as("2YpNa")), agent.event("alerted", 0, as("2YpNA")), 2),
		rulebook.NewIDIsNew:          two(connected, agent.event("connected", s), 2),
		rulebook.RememberLong: func(x *running) string {
			return first(func() string { return x.play(connected) },
				func() string { return x.many(304) },
				func() string { return x.play(connected) },
				func() string { return x.tells(agent, 1, "connected", nil) },
				func() string { return x.many(5000) },
				func() string { return x.play(connected) },
				func() string { return x.tells(agent, 1, "connected", nil) },
				func() string { time.Sleep(200 * time.Millisecond); return x.play(connected) },
				func() string { return x.tells(agent, 1, "connected", nil) })
		},
		rulebook.InteractionFromData: func(x *running) string {
			back := customer
			back.interaction, back.channel = guid(50), guid(51)
			return first(func() string { return x.play(customer.event("alerted", 0), back.event("alerted", 5*s)) },
				func() string { return x.tells(customer, 1, "alerting", nil) }, func() string { return x.tells(back, 1, "alerting", nil) })
		},
		rulebook.AgentIDIsText: func(x *running) string {
			return first(func() string { return x.play(connected) }, func() string { return x.tells(agent, 1, "connected", nil) })
		},
		rulebook.ChannelsApart: func(x *running) string {
			again, colleague := agent, agent
			again.channel, colleague.channel, colleague.agent = guid(60), guid(61), "0151"
			return first(
				func() string { return x.play(ordinary(customer, agent)...) },
				func() string { return x.knowsOrdinary(customer, agent) },
				func() string { return x.play(again.events(90*s, "alerted", "connected")...) },
				func() string { return x.knowsOrdinary(customer, agent) },
				func() string { return x.tells(again, 2, "connected", nil) },
				func() string { return x.play(colleague.events(95*s, "alerted", "connected")...) },
				func() string { return x.tells(again, 2, "connected", nil) },
				func() string { return x.tells(colleague, 2, "connected", nil) })
		},
		rulebook.ConversationsApart: func(x *running) string {
			other, second := call(2)
			a, b := ordinary(customer, agent), ordinary(other, second)
			for i := range a {
				if said := x.play(a[i], b[i]); said != "" {
					return said
				}
			}
			return first(func() string { return x.knowsOrdinary(customer, agent) }, func() string { return x.knowsOrdinary(other, second) })
		},
	}
}

func orders() probes {
	const s = time.Second
	customer, agent := call(1)
	arranged := func(arrange func([][]byte) [][]byte) func(*running) string {
		return func(x *running) string {
			return first(func() string { return x.play(arrange(ordinary(customer, agent))...) },
				func() string { return x.knowsOrdinary(customer, agent) })
		}
	}
	reversed := func(all [][]byte) [][]byte { slices.Reverse(all); return all }
	late := func(all [][]byte) [][]byte { // the second hold comes after all else
		return append(append(slices.Clone(all[:6]), all[8:]...), all[6:8]...)
	}
	return probes{
		rulebook.OrderByTimestamp: func(x *running) string {
			other, _ := call(2)
			return first(
				func() string {
					return x.play(slices.Concat(other.events(20*s, "held"), other.events(0, "alerted", "connected"))...)
				},
				func() string { return x.tells(other, 3, "held", map[string]float64{"connected": 20}) },
				func() string { return arranged(reversed)(x) },
			)
		},
		rulebook.OrderNotByTime: func(x *running) string {
			moved := func(f *form) { f.time = dawn.Format("2006-01-02T15:04:05.0000000Z") }
			return first(
				func() string {
					return x.play(agent.event("held", 20*s, moved, as("1YpN1")), agent.event("retrieved", 30*s, as("1YpN0")), agent.event("connected", 5*s))
				},
				func() string {
					return x.tells(agent, 3, "connected", map[string]float64{"connected": 15, "held": 10})
				})
		},
		rulebook.OrderSameInstant: func(x *running) string {
			at := func(p party, names ...string) [][]byte { return p.events(10*s, names...) }
			one, two := call(2)
			three, _ := call(3)
			return first(
				func() string { return x.play(three.events(0, "alerted", "connected")...) },
				func() string { return x.tells(three, 2, "connected", nil) },
				func() string {
					return x.play(slices.Concat(at(customer, "connected", "alerted"), at(agent, "wrapstarted", "disconnected"))...)
				},
				func() string { return x.tells(customer, 2, "connected", nil) },
				func() string { return x.tells(agent, 2, "wrap", nil) },
				func() string {
					return x.play(slices.Concat(one.events(0, "connected"), one.events(5*s, "held"), at(one, "ended", "disconnected", "retrieved"))...)
				},
				func() string { return x.tells(one, 5, "ended", map[string]float64{"held": 5, "connected": 5}) },
				func() string {
					return x.play(two.event("connected", 10*s, func(f *form) { f.time = "2025-03-03T09:00:11.0000000Z" }),
						two.event("alerted", 10*s, func(f *form) { f.time = "2025-03-03T09:00:12.0000000Z" }))
				},
				func() string { return x.tells(two, 2, "connected", nil) })
		},
		rulebook.CompareInstants: func(x *running) string {
			digits := func(f *form) { f.digits = 0 }
			return first(
				func() string {
					return x.play(agent.event("held", 5100*time.Millisecond), agent.event("connected", 5*s, digits),
						agent.event("retrieved", 5200*time.Millisecond), agent.event("held", 5700*time.Millisecond), agent.event("retrieved", 6*s, digits))
				},
				func() string {
					return x.tells(agent, 5, "connected", map[string]float64{"held": 0.4, "connected": 0.6})
				})
		},
		rulebook.StoreBeforeAlerted: arranged(reversed),
		rulebook.NeverReopen:        arranged(late),
	}
}

func durations() probes {
	const s = time.Second
	customer, agent := call(1)
	// later is an ordinary call so much later.
	later := func(n int, by time.Duration) func(*running) string {
		return func(x *running) string {
			customer, agent := call(n)
			customer.from, agent.from = by, by
			return first(func() string { return x.play(ordinary(customer, agent)...) }, func() string { return x.knowsOrdinary(customer, agent) })
		}
	}
	played := later(1, 0)
	stories := func(names ...string) func(*running) string {
		return func(x *running) string {
			for _, n := range names {
				if said := x.story(n, plan.Options{}, nil); said != "" {
					return said
				}
			}
			return ""
		}
	}
	return probes{
		rulebook.PhasesApart: func(x *running) string {
			return first(func() string { return stories("parked-call", "call-interrupts-email", "no-answer-then-colleague")(x) },
				func() string { return played(x) })
		},
		rulebook.SumPhases:     played,
		rulebook.KeepFractions: played,
		rulebook.DurationsFromTimestamps: func(x *running) string {
			return first(func() string { return played(x) }, func() string { return stories("inbound-call-with-hold")(x) })
		},
		rulebook.AcrossMidnight: func(x *running) string {
			return first(func() string { return later(1, 15*time.Hour-30*s)(x) },
				func() string { return later(2, time.Date(2025, 3, 30, 0, 59, 30, 0, time.UTC).Sub(dawn))(x) },
				func() string { return later(3, time.Date(2025, 10, 26, 0, 59, 30, 0, time.UTC).Sub(dawn))(x) },
				func() string { return later(4, time.Date(2025, 3, 9, 6, 59, 30, 0, time.UTC).Sub(dawn))(x) })
		},
		rulebook.ZeroLengthPhases: played,
		rulebook.FailedOffers:     stories("rejected-then-colleague"),
		rulebook.CloseEveryPhase: func(x *running) string {
			return first(func() string { return stories("abandoned-while-ringing", "agent-without-wrap")(x) }, func() string { return played(x) },
				func() string {
					return x.story("hangup-while-on-hold", assuming(x, "hangup-while-away", "direct"), nil)
				})
		},
		rulebook.RolesApart: stories("monitored-call", "missed-then-voicemail"),
		rulebook.PresenceApart: func(x *running) string {
			all := ordinary(customer, agent)
			for i, category := range []string{"away", "ready", "loggedOut"} {
				all = slices.Insert(all, len(all)-2, presence("0150", category, time.Duration(30+10*i)*s, newID()))
			}
			all = slices.Insert(all, len(all)-1, presence("0150", "ready", 70*s, newID())) // in wrap
			_, absent := call(2)
			absent.agent = "0160"
			return first(func() string { return x.play(all...) }, func() string { return x.knowsOrdinary(customer, agent) },
				func() string {
					return x.play(absent.event("connected", s), presence("0160", "away", 2*s, newID()))
				},
				func() string { return x.tells(absent, 1, "connected", nil) })
		},
		rulebook.FiguresAgree: figuresAgree,
	}
}

// figuresAgree wants the figures of a call that two agents answer, after one did not, and of one that is abandoned.
func figuresAgree(x *running) string {
	const s = time.Second
	customer, first1 := call(1)
	first1.agent = "0149"
	agent := func(n int, id string) party { a := first1; a.channel, a.agent = guid(70+n), id; return a }
	second, third, again := agent(2, "0150"), agent(3, "0151"), agent(4, "0150")
	all := slices.Concat(
		customer.events(0, "alerted", "connected"), first1.events(2*s, "alerted"), first1.events(6*s, "connectionfailed"), first1.events(9*s, "ended"),
		second.events(10*s, "alerted"), second.events(15*s, "connected"), customer.events(20*s, "held"), customer.events(30250*time.Millisecond, "retrieved"),
		customer.events(40*s, "held"), customer.events(45500*time.Millisecond, "retrieved"), third.events(55*s, "alerted"), third.events(58*s, "connected"),
		second.events(60*s, "disconnected", "wrapstarted"), again.events(70*s, "alerted"), again.events(72*s, "connected"), second.events(80*s, "ended"),
		again.events(80*s, "disconnected", "ended"), customer.events(90*s, "disconnected", "ended"), third.events(90*s, "disconnected", "wrapstarted"),
		third.events(100*s, "ended"))
	gone, rung := call(2)
	lost := slices.Concat(gone.events(0, "alerted", "connected"), rung.events(5*s, "alerted"), gone.events(12*s, "disconnected", "ended"), rung.events(12*s, "ended"))
	if said := x.play(slices.Concat(all, lost)...); said != "" {
		return said
	}
	said := x.ask(customer.conversation, func(t told) string {
		wait := -1.0
		if t.SecondsToAnswer != nil {
			wait = *t.SecondsToAnswer
		}
		return differs("figures", []any{t.Answered, t.Abandoned, wait, t.Talk, t.Hold, t.Wrap, t.Agents}, []any{true, false, 15.0, 85.0, 15.75, 30.0, 2})
	})
	if said != "" {
		return said
	}
	return x.ask(gone.conversation, func(t told) string {
		return differs("figures", []any{t.Answered, t.Abandoned, t.SecondsToAnswer == nil, t.Talk, t.Agents}, []any{false, true, true, 0.0, 0})
	})
}
