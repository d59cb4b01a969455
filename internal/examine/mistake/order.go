package mistake

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/rulebook"
)

// orderMistakes are about what happened before what.
var orderMistakes = []Mistake{
	{"order-of-arrival", rulebook.OrderByTimestamp, "takes events in the order in which they arrive",
		onwards(
			func(c *consumer) { c.order = nil },
			neighbours(func(a, b *fact) int { return cmp.Compare(a.nth, b.nth) }),
			func(c *consumer) { c.order, c.stay = nil, positive },
			func(c *consumer) { c.order, c.stay = nil, absolute },
		)},
	{"unfit-dropped", rulebook.OrderByTimestamp, "drops what does not follow from the phase that it knows", unfit()},
	{"pairs-as-they-arrive", rulebook.OrderByTimestamp, "counts a phase only if its beginning arrives before its end", []change{changing(paired)}},
	{"last-arrival-is-the-phase", rulebook.OrderByTimestamp, "takes for the phase what arrived last",
		[]change{changing(phaseOfLast), changing(phaseOfLastUntilEnded)}},
	{"late-ones-dropped", rulebook.NeverReopen, "drops what is older than what it knows",
		slices.Concat(dropped(func(kept []fact, f *fact) bool { return !f.at.Before(newest(kept)) }),
			dropped(func(kept []fact, f *fact) bool { return f.at.After(newest(kept)) }))},
	{"closed-at-ended", rulebook.NeverReopen, "drops what arrives after ended", slices.Concat(dropped(before("channel.ended")),
		dropped(func(kept []fact, f *fact) bool { return f.kind == "channel.ended" || !has(kept, "channel.ended") }))},
	{"older-than-a-limit", rulebook.NeverReopen, "drops what is more than some time older than what it knows", tooOld()},
	{"archived", rulebook.NeverReopen, "drops what arrives a while after ended", dropped(func(kept []fact, f *fact) bool { return !over(kept, f) })},
	{"archived-begins-anew", rulebook.NeverReopen, "begins a channel anew with what arrives a while after ended",
		[]change{anew(func(p *part, f *fact) bool { return over(p.facts, f) })}},
	{"closed-at-disconnected", rulebook.NeverReopen, "drops what arrives after disconnected", dropped(before("channel.disconnected"))},
	{"reopened", rulebook.NeverReopen, "takes what arrives after ended for the phase", []change{changing(reopened), changing(reopenedByLast), changing(reopenedInTurn), changing(unended(true)), changing(unended(false))}},
	{"ended-begins-anew", rulebook.NeverReopen, "begins a channel anew with what arrives after ended",
		[]change{anew(func(p *part, f *fact) bool { return has(p.facts, "channel.ended") })}},
	{"waits-for-alerted", rulebook.StoreBeforeAlerted, "drops what arrives before alerted",
		dropped(func(kept []fact, f *fact) bool { return f.kind == "channel.alerted" || has(kept, "channel.alerted") })},
	{"alerted-begins-anew", rulebook.StoreBeforeAlerted, "begins a channel anew with alerted, and loses what arrived before",
		[]change{anew(func(_ *part, f *fact) bool { return f.kind == "channel.alerted" })}},

	{"order-of-time", rulebook.OrderNotByTime, "orders by time, the moment of sending in v0",
		slices.Concat([]change{
			phaseOfNewest(func(a, b *fact) int { return a.rank - b.rank }),
			phaseOfNewest(func(a, b *fact) int { return cmp.Compare(a.nth, b.nth) }),
			phaseOfNewest(func(a, b *fact) int { return cmp.Compare(b.nth, a.nth) }),
		}, onwards(
			keeping(asSent),
			func(c *consumer) {
				c.moment = func(f *fact) time.Time { return f.sent }
				c.order = func(a, b *fact) int { return a.sent.Compare(b.sent) }
			},
			func(c *consumer) {
				c.order = func(a, b *fact) int { return cmp.Or(a.sent.Compare(b.sent), cmp.Compare(a.nth, b.nth)) }
			},
			func(c *consumer) {
				c.order = func(a, b *fact) int { return cmp.Or(a.sent.Compare(b.sent), a.rank-b.rank) }
			},
			neighbours(func(a, b *fact) int { return cmp.Or(a.sent.Compare(b.sent), cmp.Compare(a.nth, b.nth)) }),
			neighbours(func(a, b *fact) int { return cmp.Or(a.sent.Compare(b.sent), a.rank-b.rank) }),
			func(c *consumer) {
				c.order = func(a, b *fact) int {
					return cmp.Or(strings.Compare(a.note.Time, b.note.Time), cmp.Compare(a.nth, b.nth))
				}
			},
			func(c *consumer) {
				c.order = func(a, b *fact) int {
					return cmp.Or(a.sent.Truncate(time.Millisecond).Compare(b.sent.Truncate(time.Millisecond)), cmp.Compare(a.nth, b.nth))
				}
			},
		))},
	{"order-of-ids", rulebook.OrderNotByTime, "orders by id, which has the second of sending in it",
		onwards(func(c *consumer) {
			c.order = func(a, b *fact) int { return strings.Compare(a.note.ID, b.note.ID) }
		}, neighbours(func(a, b *fact) int { return strings.Compare(a.note.ID, b.note.ID) }), func(c *consumer) { // as databases do that compare texts as people do
			c.order = func(a, b *fact) int { return strings.Compare(strings.ToLower(a.note.ID), strings.ToLower(b.note.ID)) }
		}, func(c *consumer) { // by the second in it
			c.order = func(a, b *fact) int {
				return cmp.Or(strings.Compare(a.note.ID[:min(6, len(a.note.ID))], b.note.ID[:min(6, len(b.note.ID))]), cmp.Compare(a.nth, b.nth))
			}
		})},
	{"ties-by-arrival", rulebook.OrderSameInstant, "takes events of one instant in the order in which they arrive",
		onwards(func(c *consumer) {
			c.order = func(a, b *fact) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.nth, b.nth)) }
		})},
	{"ties-by-list", rulebook.OrderSameInstant, "orders events of one instant by a fixed list of types: a hold that follows a hold at once is over",
		onwards(func(c *consumer) { c.listed = true }, func(c *consumer) { // who is back comes before who goes away
			c.order = func(a, b *fact) int {
				return cmp.Or(a.at.Compare(b.at), backFirst(a)-backFirst(b), cmp.Compare(a.nth, b.nth))
			}
		})},
	{"ties-by-arrival-backwards", rulebook.OrderSameInstant, "takes events of one instant with the last one to arrive first",
		onwards(func(c *consumer) {
			c.order = func(a, b *fact) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(b.nth, a.nth)) }
		})},
	{"ties-by-name", rulebook.OrderSameInstant, "orders events of one instant by the names of their types",
		onwards(func(c *consumer) {
			c.order = func(a, b *fact) int { return cmp.Or(a.at.Compare(b.at), strings.Compare(a.note.Type, b.note.Type)) }
		})},
	{"ties-by-time", rulebook.OrderSameInstant, "orders events of one instant by time, the moment of sending",
		onwards(func(c *consumer) {
			c.order = func(a, b *fact) int {
				return cmp.Or(a.at.Compare(b.at), a.sent.Compare(b.sent), cmp.Compare(a.nth, b.nth))
			}
		})},
	{"ties-by-id", rulebook.OrderSameInstant, "orders events of one instant by id",
		onwards(func(c *consumer) {
			c.order = func(a, b *fact) int { return cmp.Or(a.at.Compare(b.at), strings.Compare(a.note.ID, b.note.ID)) }
		}, func(c *consumer) {
			c.order = func(a, b *fact) int { return cmp.Or(a.at.Compare(b.at), strings.Compare(b.note.ID, a.note.ID)) }
		})},
	{"order-of-texts", rulebook.CompareInstants, "compares timestamps as texts",
		onwards(
			instants(func(f *fact) string { return f.note.Timestamp }),
			func(c *consumer) {
				c.order = func(a, b *fact) int {
					return cmp.Or(strings.Compare(a.note.Timestamp, b.note.Timestamp), a.rank-b.rank)
				}
			},
			func(c *consumer) {
				c.order = func(a, b *fact) int {
					return cmp.Or(strings.Compare(a.note.Timestamp, b.note.Timestamp), cmp.Compare(a.nth, b.nth))
				}
			},
		)},
	{"order-of-milliseconds", rulebook.CompareInstants, "orders by milliseconds, and cuts what is behind them", append(onwards(func(c *consumer) {
		c.order = func(a, b *fact) int { return cmp.Or(inMilliseconds(a).Compare(inMilliseconds(b)), a.rank-b.rank) }
	}), func(c *consumer) {
		c.moment, c.together = inMilliseconds, func(a, b *fact) bool { return inMilliseconds(a).Equal(inMilliseconds(b)) }
		c.order = func(a, b *fact) int { return cmp.Or(inMilliseconds(a).Compare(inMilliseconds(b)), a.rank-b.rank) }
	})},
	{"order-of-whole-seconds", rulebook.CompareInstants, "orders by whole seconds",
		onwards(
			func(c *consumer) { // only who is away comes back before he goes away again
				keeping(byTurns)(c)
				c.order = func(a, b *fact) int {
					return cmp.Or(cmp.Compare(a.at.Unix(), b.at.Unix()), a.rank-b.rank, cmp.Compare(a.nth, b.nth))
				}
			},
			func(c *consumer) {
				c.order = func(a, b *fact) int { return cmp.Or(cmp.Compare(a.at.Unix(), b.at.Unix()), cmp.Compare(a.nth, b.nth)) }
			},
			func(c *consumer) {
				c.order = func(a, b *fact) int { return cmp.Or(cmp.Compare(a.at.Unix(), b.at.Unix()), a.rank-b.rank) }
			},
			func(c *consumer) { // who is away comes back before he goes away again
				c.order = func(a, b *fact) int {
					return cmp.Or(cmp.Compare(a.at.Unix(), b.at.Unix()), turn(a)-turn(b), cmp.Compare(a.nth, b.nth))
				}
			},
		)},
}

// asSent takes time for the timestamp throughout.
func asSent(_ *consumer, facts []fact) []fact {
	facts = slices.Clone(facts)
	for i := range facts {
		facts[i].at = facts[i].sent
	}
	return facts
}

// positive and absolute are what becomes of times that would be below zero.
func positive(from, to time.Time) float64 { return max(0, to.Sub(from).Seconds()) }
func absolute(from, to time.Time) float64 { return to.Sub(from).Abs().Seconds() }

// phaseOfLast has the right times, and the phase of what arrived last.
func phaseOfLast(c *consumer, facts []fact, l *life) {
	last := -1
	for i := range facts {
		if next, any := c.phase(facts[i].kind); any && facts[i].nth > last {
			l.phase, last = next, facts[i].nth
		}
	}
}

// reopened has the right times, and the phase of what arrived last, if that was after ended.
func reopened(c *consumer, facts []fact, l *life) {
	if l.phase != "ended" {
		return
	}
	ended := slices.IndexFunc(facts, func(f fact) bool { return f.kind == "channel.ended" })
	last := -1
	for i := range facts {
		if next, any := c.phase(facts[i].kind); any && ended >= 0 && facts[i].nth > facts[ended].nth && facts[i].nth > last {
			l.phase, last = next, facts[i].nth
		}
	}
}

// reopenedByLast has the phase that the last one to arrive begins, if it begins one and came after ended.
func reopenedByLast(c *consumer, facts []fact, l *life) {
	ended := slices.IndexFunc(facts, func(f fact) bool { return f.kind == "channel.ended" })
	if l.phase != "ended" || ended < 0 {
		return
	}
	last := slices.MaxFunc(facts, func(a, b fact) int { return a.nth - b.nth })
	if next, any := c.phase(last.kind); any && last.nth > facts[ended].nth {
		l.phase = next
	}
}

// reopenedInTurn has the phase that one behind ended begins, and the right one again with what arrives after that.
func reopenedInTurn(c *consumer, facts []fact, l *life) {
	facts = slices.Clone(facts)
	slices.SortFunc(facts, func(a, b fact) int { return a.nth - b.nth })
	right := *c
	right.keeps, right.after, l.phase = nil, nil, ""
	for i := range facts {
		next, any := c.phase(facts[i].kind)
		switch {
		case l.phase != "ended" || next == "ended":
			l.phase = right.live(facts[:i+1]).phase
		case any:
			l.phase = next
		}
	}
}

// unended has the right times, and forgets the end if anything arrived after it: whatever it is, or what begins a phase.
func unended(whatever bool) after {
	return func(c *consumer, facts []fact, l *life) {
		ended := slices.IndexFunc(facts, func(f fact) bool { return f.kind == "channel.ended" })
		forgets := func(f fact) bool {
			phase, any := c.phase(f.kind)
			return f.nth > facts[ended].nth && (whatever || any && phase != "ended")
		}
		if n := len(l.stays); l.phase == "ended" && n > 0 && ended >= 0 && slices.ContainsFunc(facts, forgets) {
			l.phase = l.stays[n-1].phase
		}
	}
}

// phaseOfNewest has the right times, and the phase of what has the newest time. Of equal ones another order decides.
func phaseOfNewest(tie func(a, b *fact) int) change {
	return changing(func(c *consumer, facts []fact, l *life) {
		var newest *fact
		for i := range facts {
			f := &facts[i]
			if next, any := c.phase(f.kind); any && (newest == nil || cmp.Or(f.sent.Compare(newest.sent), tie(f, newest)) > 0) {
				l.phase, newest = next, f
			}
		}
	})
}

// phaseOfLastUntilEnded keeps the phase ended, once it is there.
func phaseOfLastUntilEnded(c *consumer, facts []fact, l *life) {
	if has(facts, "channel.ended") {
		l.phase = "ended"
		return
	}
	phaseOfLast(c, facts, l)
}

// arriving takes events as they arrive, if keep wants them after those that were kept.
func arriving(wants func(kept []fact, f *fact) bool) change {
	return keeping(func(_ *consumer, facts []fact) (kept []fact) {
		for i := range facts {
			if wants(kept, &facts[i]) {
				kept = append(kept, facts[i])
			}
		}
		return kept
	})
}

// dropped are two ways not to take what is not wanted: to count it all the same, and not even to store it.
func dropped(wants func(kept []fact, f *fact) bool) []change {
	return []change{arriving(wants), func(c *consumer) {
		c.drops = func(k *call, st *step) bool {
			p := k.part(c.channelOf(st))
			return st.known && !wants(p.facts, &st.fact)
		}
	}}
}

// anew loses what is stored of a channel when something arrives.
func anew(begins func(p *part, f *fact) bool) change {
	return func(c *consumer) {
		c.drops = func(k *call, st *step) bool {
			if p := k.part(c.channelOf(st)); st.known && begins(p, &st.fact) {
				p.facts = nil
			}
			return false
		}
	}
}

// part is what is known of a channel.
func (k *call) part(key string) *part {
	if i := slices.IndexFunc(k.channels, func(p *part) bool { return p.key == key }); i >= 0 {
		return k.channels[i]
	}
	return &part{}
}

// before wants what arrives before an event of a kind.
func before(kind string) func([]fact, *fact) bool {
	return func(kept []fact, _ *fact) bool { return !has(kept, kind) }
}

func has(all []fact, kind string) bool {
	return slices.ContainsFunc(all, func(f fact) bool { return f.kind == kind })
}

// tooOld are consumers that drop what is older by more than some time than the newest that they know of the channel, or of the conversation.
func tooOld() (all []change) {
	for _, limit := range []time.Duration{time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute, 5 * time.Minute, time.Hour} {
		late := func(newest time.Time, f *fact) bool { return f.at.Before(newest.Add(-limit)) }
		all = append(all, dropping(func(k *call, st *step) bool {
			var known time.Time
			for _, p := range k.channels {
				if at := newest(p.facts); at.After(known) {
					known = at
				}
			}
			return st.known && !known.IsZero() && late(known, &st.fact)
		}))
		all = append(all, dropped(func(kept []fact, f *fact) bool { return len(kept) == 0 || !late(newest(kept), f) })...)
	}
	return all
}

// awhile is more than what is sent at once takes, and less than what comes at the end of an examination waits.
const awhile = time.Second

// over reports whether a channel had ended a while before something arrives.
func over(kept []fact, f *fact) bool {
	return slices.ContainsFunc(kept, func(k fact) bool { return k.kind == "channel.ended" && f.arrived.Sub(k.arrived) > awhile })
}

// newest is the latest moment of facts.
func newest(all []fact) (at time.Time) {
	for i := range all {
		if all[i].at.After(at) {
			at = all[i].at
		}
	}
	return at
}

// paired has the right phase, and counts a phase at the event that ends it, if what began it is known by then.
func paired(c *consumer, facts []fact, l *life) {
	l.count(c, func(i int) bool { return c.arrives(facts, l.stays[i].from) < c.arrives(facts, l.stays[i].to) })
}

// arrives is when the first event of a moment arrived.
func (c *consumer) arrives(facts []fact, at time.Time) int {
	for i := range facts {
		if c.moment(&facts[i]).Equal(at) {
			return facts[i].nth
		}
	}
	return 0
}
