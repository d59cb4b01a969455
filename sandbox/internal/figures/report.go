package figures

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/gate"
	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/scenario/fault"
)

// unrecorded are the figures of gates that the sandbox does not keep.
func unrecorded() []gate.Figure {
	return []gate.Figure{gate.Connections, gate.OwnLateness}
}

// isOver reports whether a run has ended.
func isOver(run *store.Run) bool { return !run.Ended.IsZero() }

// settled reports whether nothing will change any more by itself.
func (t *tally) settled() bool { return isOver(&t.run) && t.states[store.Waiting] == 0 }

// ended is when the last attempt ended, or now if there may be more.
func (t *tally) ended(now time.Time) time.Time {
	if t.settled() {
		return t.last
	}
	return now
}

// result is what the command run would have of the run.
func (t *tally) result(now time.Time) *emitter.Result {
	r := &emitter.Result{Started: t.run.Created, Ended: t.ended(now), Planned: t.run.Position, PlanRead: t.run.State == store.RunEnded}
	if t.run.Speed < emitter.Max {
		r.Waited = "timers"
	}
	switch {
	case t.run.State == store.RunFailed:
		r.Stop = emitter.StopFailed
	case t.run.State == store.RunStopped, !t.settled():
		r.Stop = emitter.StopDrained
	}
	slices.SortFunc(t.order, func(a, b *target) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.id, b.id)) })
	for _, to := range t.order {
		to.Silent = to.Attempts > 0 && len(to.Statuses) == 0
		r.Targets = append(r.Targets, to.TargetResult)
	}
	return r
}

// summary is the report of the run, judged.
func (t *tally) summary(version string, text Text, now time.Time) *report.Summary {
	s := report.New(report.Identity{Version: version, Seed: t.run.Seed, PlanHash: hash(&t.run), Flags: flags(&t.run), Params: given(&t.run), Start: t.run.Start,
		Names: []string{t.run.Name}}, t.result(now))
	s.Source = fmt.Sprintf("run %s (%s)", t.run.ID, t.run.Name)
	s.Unrecorded = unrecorded()
	var gates []gate.Gate
	for _, one := range text.Gates {
		if g, err := gate.Parse(one); err == nil && !slices.ContainsFunc(gates, func(known gate.Gate) bool { return known.String() == g.String() }) {
			gates = append(gates, g)
		}
	}
	if s.Judge(gates); s.Verdict == report.Passed && t.missing != (Missing{}) {
		s.Verdict = report.Interrupted // what is left proves nothing about what is past retention
	}
	s.Notes = append(s.Notes, t.notes(text)...)
	return s
}

// notes say what the report lacks, or has of its own.
func (t *tally) notes(text Text) (all []string) {
	add := func(n uint64, format, what string) {
		if n > 0 {
			all = append(all, fmt.Sprintf(format, show.Counted(n, what)))
		}
	}
	if !t.settled() {
		all = append(all, fmt.Sprintf("the run is %s: this is what it has come to so far", cmp.Or(map[bool]string{true: "not settled, deliveries wait"}[isOver(&t.run)], string(t.run.State))))
	}
	add(t.missing.Notifications, "past retention, and in no figure: %s", "notification")
	add(t.missing.Deliveries, "past retention, and in no figure: %s of notifications that are kept", "delivery")
	add(t.missing.Attempts, "counted, though what came of them is past retention: %s", "attempt")
	add(t.again, "sent once more on request, and in no figure: %s", "delivery")
	if text.Expected {
		all = append(all, "what the text expects of the consumer's state is not judged here; the command run does so")
	}
	if text.Problem != "" {
		all = append(all, "the gates of the text are not judged: "+text.Problem)
	}
	return all
}

// hash identifies what was played. Unlike that of a plan it does not tell when: each run has a start of its own.
func hash(run *store.Run) string {
	options, _ := json.Marshal(run.Options) // it was read from JSON
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\n%s\n%s", run.Seed, options, run.Source))
	return fmt.Sprintf("text:%x", sum)
}

// flags are the options of a run, as the command run calls them.
func flags(run *store.Run) map[string]string {
	o, all := &run.Options, map[string]string{}
	for name, value := range map[string]string{"event-version": o.Versions, "calls": o.Calls, "for": o.For, "order": o.Order} {
		if value != "" {
			all[name] = value
		}
	}
	if run.Speed != 1 {
		all["speed"] = strconv.FormatFloat(run.Speed, 'f', -1, 64)
	}
	if o.Count > 0 {
		all["count"] = strconv.FormatUint(o.Count, 10)
	}
	for name, values := range map[string][]string{"fault": o.Faults, "assume": o.Assume} {
		if len(values) > 0 {
			all[name] = fmt.Sprint(values)
		}
	}
	return all
}

// given are the parameters of a run.
func given(run *store.Run) (all []show.Given) {
	for _, name := range slices.Sorted(maps.Keys(run.Options.Set)) {
		all = append(all, show.Given{Name: name, Value: run.Options.Set[name], From: "options.set"})
	}
	return all
}

// figures are what the summary and the tally say, for the console.
func (t *tally) figures(s *report.Summary, text Text, now time.Time) *Figures {
	f := &Figures{Run: t.run.ID, State: t.run.State, Now: now.UTC(), Settled: t.settled(), Took: s.Ended.Sub(s.Started).Seconds(),
		Notifications: t.notifications, Deliveries: t.states, Again: t.again, Attempts: t.outcomes, Statuses: map[string]uint64{}, Retries: s.Total.Retries, Retried: s.Total.Retried,
		Types: []Part{}, Subscriptions: []Part{}, Latency: short(s.Total.Latency), Lateness: short(s.Total.Lateness), Step: t.course.step.Seconds(), Points: t.course.points(),
		Faults: []Fault{}, Gates: s.Gates, Causes: []string{}, NoGates: text.Problem, Missing: t.missing, Unjudged: []string{}}
	for status, n := range s.Total.Statuses {
		f.Statuses[strconv.Itoa(status)] = n
	}
	for _, name := range slices.Sorted(maps.Keys(t.types)) {
		f.Types = append(f.Types, *t.types[name])
	}
	for i, to := range t.order {
		part := Part{Name: to.Name, ID: to.id, States: to.states, Latency: short(s.Targets[i].Latency)}
		for _, n := range to.states {
			part.All += n
		}
		f.Subscriptions = append(f.Subscriptions, part)
	}
	for _, kind := range fault.Kinds() {
		if c, n := s.Total.Faults[kind], t.planned[kind]; n > 0 || c.Right+c.Wrong+c.Open > 0 {
			f.Faults = append(f.Faults, Fault{kind.String(), kind.Row().Want.String(), n, c.Right, c.Accepted, c.Wrong, c.WronglyAccepted, c.Open, c.Example})
		}
	}
	if f.Settled && (t.missing == Missing{} || s.Verdict != report.Interrupted) {
		f.Verdict, f.Causes = s.Verdict, append(f.Causes, s.Causes()...)
	}
	if text.Expected {
		f.Unjudged = append(f.Unjudged, "the state of the consumer, which `ringback run` asks for")
	}
	return f
}

// short is a distribution without its histogram, which reports alone need.
func short(d *report.Distribution) *Times {
	if d == nil {
		return nil
	}
	return &Times{d.Count, d.P50, d.P90, d.P99, d.P999, d.Max}
}
