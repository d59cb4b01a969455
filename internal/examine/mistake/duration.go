package mistake

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// durationMistakes are about how long something lasts.
var durationMistakes = []Mistake{
	{"whole-seconds", rulebook.KeepFractions, "loses the fractions of seconds",
		append(slices.Concat(shortened(math.Floor), shortened(math.Round), shortened(math.Ceil)),
			func(c *consumer) { c.moment = func(f *fact) time.Time { return f.at.Truncate(time.Second) } },
			func(c *consumer) { c.moment = func(f *fact) time.Time { return f.at.Round(time.Second) } },
		)},
	{"tenths", rulebook.KeepFractions, "keeps tenths or hundredths of seconds only",
		slices.Concat(
			shortened(func(s float64) float64 { return math.Round(s*10) / 10 }), shortened(func(s float64) float64 { return math.Floor(s*10) / 10 }),
			shortened(func(s float64) float64 { return math.Round(s*100) / 100 }), shortened(func(s float64) float64 { return math.Floor(s*100) / 100 }),
		)},
	{"milliseconds-told", rulebook.KeepFractions, "tells milliseconds, not seconds", scaled(func(s float64) float64 { return s * 1000 })},
	{"minutes-told", rulebook.KeepFractions, "tells minutes, not seconds", scaled(func(s float64) float64 { return s / 60 })},
	{"other-units-told", rulebook.KeepFractions, "tells another unit than seconds", slices.Concat(scaled(func(s float64) float64 { return s / 3600 }),
		scaled(func(s float64) float64 { return s * 1e6 }), scaled(func(s float64) float64 { return s * 1e7 }), scaled(func(s float64) float64 { return s * 1e9 }))},
	{"whole-minutes", rulebook.KeepFractions, "counts begun or whole minutes only",
		slices.Concat(inMinutes(math.Ceil), inMinutes(math.Floor), inMinutes(math.Round))},
	{"single-precision", rulebook.KeepFractions, "keeps moments in numbers too short for them: of single precision",
		[]change{func(c *consumer) { c.moment = single }, func(c *consumer) {
			c.moment, c.together = single, func(a, b *fact) bool { return single(a).Equal(single(b)) }
			c.order = func(a, b *fact) int { return cmp.Or(single(a).Compare(single(b)), a.rank-b.rank) }
		}}},

	{"first-stay-only", rulebook.SumPhases, "counts only the first of several stays in a phase, such as hold",
		once((*life).before)},
	{"last-stay-only", rulebook.SumPhases, "counts only the last of several stays in a phase, such as hold",
		once((*life).behind)},
	{"longest-stay-only", rulebook.SumPhases, "counts only the longest of several stays in a phase, such as hold",
		slices.Delete(once((*life).longer), 4, 6)}, // no story has several parks or interruptions of which neither the first nor the last is the longest
	{"one-event-of-a-kind", rulebook.SumPhases, "keeps only one event of each kind for a channel, such as the last held or the first",
		[]change{keeping(lastOfKind), keeping(firstOfKind), keeping(newestOfKind), keeping(oldestOfKind)}},
	{"from-first-to-last", rulebook.SumPhases, "counts from the beginning of the first to the end of the last",
		[]change{changing(stretched("")), changing(stretched("held")), changing(stretched("held parked interrupted"))}},

	{"measures-arrival", rulebook.DurationsFromTimestamps, "measures when notifications arrive, not what happened",
		[]change{
			func(c *consumer) { c.moment, c.slack = arrival, measured },
			func(c *consumer) { c.order, c.moment, c.slack = nil, arrival, measured },
			func(c *consumer) { c.order, c.moment, c.slack, c.onward = nil, arrival, measured, true },
			func(c *consumer) {
				keeping(firstArrived)(c)
				c.moment, c.slack = arrival, measured
			},
			func(c *consumer) { c.after, c.slack = append(c.after, timed), measured },
		}},
	{"measures-time", rulebook.DurationsFromTimestamps, "takes durations from time, the moment of sending in v0",
		[]change{func(c *consumer) { c.moment = func(f *fact) time.Time { return f.sent } }}},

	{"digits-are-milliseconds", rulebook.TimestampsOfAnyLength, "takes the fraction of a timestamp for milliseconds, however many digits it has", fractionIn(time.Millisecond)},
	{"digits-are-other-units", rulebook.TimestampsOfAnyLength, "takes the fraction of a timestamp for a number of microseconds or the like, however many digits it has",
		slices.Concat(fractionIn(100*time.Nanosecond), fractionIn(time.Microsecond), fractionIn(time.Nanosecond))},
	{"whole-seconds-dropped", rulebook.TimestampsOfAnyLength, "drops what has a timestamp without a fraction", []change{unless(func(n *trial.Note) bool { return !strings.Contains(n.Timestamp, ".") })}},
	{"other-digits-dropped", rulebook.TimestampsOfAnyLength, "drops timestamps that have not three fractional digits", []change{unless(func(n *trial.Note) bool { return len(n.Timestamp) != len("2025-03-03T09:00:00.000Z") })}},

	{"time-of-day", rulebook.AcrossMidnight, "takes the time of day without the date",
		append(onwards(hourly),
			func(c *consumer) { c.stay = func(from, to time.Time) float64 { return ofDay(to) - ofDay(from) } },
			func(c *consumer) { c.stay = func(from, to time.Time) float64 { return max(0, ofDay(to)-ofDay(from)) } },
			func(c *consumer) {
				c.stay = func(from, to time.Time) float64 { return math.Abs(ofDay(to) - ofDay(from)) }
			},
		)},
	{"split-at-midnight", rulebook.AcrossMidnight, "does not count on over midnight",
		[]change{func(c *consumer) {
			c.stay = func(from, to time.Time) float64 {
				if midnight := to.Truncate(24 * time.Hour); midnight.After(from) {
					return to.Sub(midnight).Seconds()
				}
				return to.Sub(from).Seconds()
			}
		}, func(c *consumer) {
			c.stay = func(from, to time.Time) float64 {
				if midnight := to.Truncate(24 * time.Hour); midnight.After(from) {
					return midnight.Sub(from).Seconds()
				}
				return to.Sub(from).Seconds()
			}
		}}},
	{"local-time", rulebook.AcrossMidnight, "takes timestamps for local time: wrong by an hour when the clocks change",
		clockChanges()},

	{"nothing-of-no-length", rulebook.ZeroLengthPhases, "drops an event that has the timestamp of the one before",
		[]change{keeping(apart), keeping(left("")), keeping(left("channel.ended")), keeping(lastArrived)}},
	{"at-least-a-second", rulebook.ZeroLengthPhases, "counts a second for whatever was shorter",
		[]change{stayed(atLeastOne), func(c *consumer) {
			stayed(atLeastOne)(c)
			c.afresh = true
		}}},
}

func atLeastOne(seconds float64) float64 { return max(1, seconds) }

// apart keeps events that do not happen in the instant of the one before.
func apart(c *consumer, facts []fact) (kept []fact) {
	for _, f := range c.sorted(facts) {
		if n := len(kept); n == 0 || !kept[n-1].at.Equal(f.at) {
			kept = append(kept, f)
		}
	}
	return kept
}

// lastArrived keeps of each instant the event that arrived last. Who keeps the one that happened last tells nothing wrong.
func lastArrived(_ *consumer, facts []fact) (kept []fact) {
	for _, f := range facts {
		if i := slices.IndexFunc(kept, func(k fact) bool { return k.at.Equal(f.at) }); i >= 0 {
			kept[i] = f
		} else {
			kept = append(kept, f)
		}
	}
	return kept
}

// left keeps events that do not leave a phase in the instant in which it began, and those of one kind.
func left(always string) keep {
	return func(c *consumer, facts []fact) (kept []fact) {
		phase, since := "", time.Time{}
		for _, f := range c.sorted(facts) {
			next, any := c.phase(f.kind)
			if any && next != phase {
				if phase != "" && f.at.Equal(since) && f.kind != always {
					continue
				}
				phase, since = next, f.at
			}
			kept = append(kept, f)
		}
		return kept
	}
}

func arrival(f *fact) time.Time { return f.arrived }

// firstArrived takes for the arrival of what happened in one instant that of the first of it.
func firstArrived(_ *consumer, facts []fact) []fact {
	facts = slices.Clone(facts)
	for i := range facts {
		for j := range facts {
			if g := &facts[j]; g.at.Equal(facts[i].at) && g.arrived.Before(facts[i].arrived) {
				facts[i].arrived = g.arrived
			}
		}
	}
	return facts
}

// timed has the right moments, and measures phases with a timer that runs from one notification to the next.
func timed(c *consumer, facts []fact, l *life) {
	arrived := map[int64]time.Time{}
	for i := range facts {
		if at := c.moment(&facts[i]).UnixNano(); arrived[at].IsZero() {
			arrived[at] = facts[i].arrived
		}
	}
	clear(l.seconds)
	for _, s := range l.stays {
		if from, to := arrived[s.from.UnixNano()], arrived[s.to.UnixNano()]; !s.to.IsZero() && to.After(from) {
			l.seconds[s.phase] += to.Sub(from).Seconds()
		}
	}
}

// measured is how far what a consumer measures may be from what the examiner measures, in seconds.
const measured = 0.2

// fractionAs reads 07.25 as 7 s and 25 units.
func fractionAs(f *fact, unit time.Duration) time.Time {
	seconds, fraction, _ := strings.Cut(strings.TrimSuffix(f.note.Timestamp, "Z"), ".")
	at, err := time.Parse("2006-01-02T15:04:05", seconds)
	n, wrong := strconv.Atoi(fraction)
	if err != nil || wrong != nil {
		return f.at
	}
	return at.Add(time.Duration(n) * unit)
}

// fractionIn are consumers that take the digits of a fraction for a number of units: in durations, and in their order as well.
func fractionIn(unit time.Duration) []change {
	moment := func(f *fact) time.Time { return fractionAs(f, unit) }
	return []change{func(c *consumer) { c.moment = moment }, func(c *consumer) {
		c.moment = moment
		c.order = func(a, b *fact) int {
			return cmp.Or(moment(a).Compare(moment(b)), a.rank-b.rank, cmp.Compare(a.nth, b.nth))
		}
	}}
}

// inMinutes cuts times to minutes, told in seconds or in minutes.
func inMinutes(as func(float64) float64) []change {
	return slices.Concat(shortened(func(s float64) float64 { return as(s/60) * 60 }), shortened(func(s float64) float64 { return as(s / 60) }))
}

// single is the moment as seconds since 1970 in a number of 32 bits.
func single(f *fact) time.Time { return time.Unix(int64(float32(f.at.Unix())), 0) }

// scaled changes the times that are told: those of phases, or the one to the answer as well.
func scaled(as func(float64) float64) []change {
	return []change{total(as), answeredIn(as, total(as))}
}

// shortened changes the times that are told, or those of each stay.
func shortened(as func(float64) float64) []change {
	return append(scaled(as), stayed(as), answeredIn(as, stayed(as)))
}

// answeredIn changes the time to the answer, too.
func answeredIn(as func(float64) float64, others change) change {
	return func(c *consumer) {
		others(c)
		right := c.figure
		c.figure = func(lives []participant, figures map[trial.Figure]float64) {
			if right != nil {
				right(lives, figures)
			}
			if seconds, told := figures[trial.SecondsToAnswer]; told {
				figures[trial.SecondsToAnswer] = as(seconds)
			}
		}
	}
}

func total(change func(float64) float64) change { return func(c *consumer) { c.total = change } }

func stayed(change func(float64) float64) change {
	return func(c *consumer) {
		c.stay = func(from, to time.Time) float64 { return change(to.Sub(from).Seconds()) }
	}
}

// once are consumers that count one of several stays only: in any phase, in any but conversation, or in some.
func once(another func(l *life, i int) bool) (all []change) {
	for _, phases := range []string{"", "alerting held parked interrupted unexpected wrap", "held parked interrupted", "held", "parked", "interrupted", "connected"} {
		all = append(all, counted(func(l *life, i int) bool {
			return !another(l, i) || phases != "" && !strings.Contains(phases, l.stays[i].phase)
		}))
	}
	return all
}

// before reports whether there is an earlier stay in the phase of the i-th.
func (l *life) before(i int) bool {
	for _, s := range l.stays[:i] {
		if s.phase == l.stays[i].phase && !s.to.IsZero() {
			return true
		}
	}
	return false
}

// behind reports whether there is a later one.
func (l *life) behind(i int) bool {
	for _, s := range l.stays[i+1:] {
		if s.phase == l.stays[i].phase && !s.to.IsZero() {
			return true
		}
	}
	return false
}

// longer reports whether there is a longer one, or one before it that is as long.
func (l *life) longer(i int) bool {
	length := func(k int) time.Duration { return l.stays[k].to.Sub(l.stays[k].from) }
	for k, s := range l.stays {
		if s.phase == l.stays[i].phase && k != i && !s.to.IsZero() && (length(k) > length(i) || length(k) == length(i) && k < i) {
			return true
		}
	}
	return false
}

// stretched counts a phase, or certain ones, from the beginning of the first stay to the end of the last.
func stretched(phases string) after {
	return func(c *consumer, _ []fact, l *life) {
		first := map[string]time.Time{}
		for _, s := range l.stays {
			if s.to.IsZero() || phases != "" && !strings.Contains(phases, s.phase) {
				continue
			}
			if first[s.phase].IsZero() {
				first[s.phase] = s.from
			}
			l.seconds[s.phase] = c.stay(first[s.phase], s.to)
		}
	}
}

func ofDay(t time.Time) float64 { return t.Sub(t.Truncate(24 * time.Hour)).Seconds() }

// hourly takes for the moment the time of day, and orders by it: what happens behind midnight comes first.
func hourly(c *consumer) {
	moment := func(f *fact) time.Time { return time.Unix(0, 0).Add(f.at.Sub(f.at.Truncate(24 * time.Hour))) }
	c.moment = moment
	c.order = func(a, b *fact) int {
		return cmp.Or(moment(a).Compare(moment(b)), a.rank-b.rank, cmp.Compare(a.nth, b.nth))
	}
	c.together = func(a, b *fact) bool { return moment(a).Equal(moment(b)) }
}

// clockChanges are consumers that are wrong by an hour over a night in which clocks change.
func clockChanges() (all []change) {
	zones := []string{"Europe/London", "Europe/Berlin", "America/New_York", "America/Los_Angeles", "Australia/Sydney"}
	for _, zone := range zones {
		where, err := time.LoadLocation(zone)
		if err != nil {
			continue // the machine has no such file; the mistake then has no name
		}
		all = append(all, func(c *consumer) { // takes the digits of UTC for local ones
			c.moment = func(f *fact) time.Time {
				u := f.at.UTC()
				return time.Date(u.Year(), u.Month(), u.Day(), u.Hour(), u.Minute(), u.Second(), u.Nanosecond(), where)
			}
		})
		for _, sign := range []float64{1, -1} {
			all = append(all, func(c *consumer) {
				c.stay = func(from, to time.Time) float64 {
					_, before := from.In(where).Zone()
					_, after := to.In(where).Zone()
					return to.Sub(from).Seconds() + sign*float64(after-before)
				}
			})
		}
	}
	return all
}
