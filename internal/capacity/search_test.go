package capacity

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

// model is a consumer in virtual time, that one window after the other is played to.
type model struct {
	now    time.Time
	busy   time.Duration // when a server is free again, since the epoch of the model
	tokens float64
	taken  uint64
	serve  func(m *model, at time.Duration) (done time.Duration, ok bool)
	last   time.Duration
	bound  time.Duration // of p99
}

func (m *model) clock() time.Time { return m.now }

func (m *model) since() time.Duration { return m.now.Sub(time.Time{}) }

// offer plays a window as the emitter does, and judges it by p99 and refusals.
func (m *model) offer(_ context.Context, rate float64, over time.Duration) (Window, error) {
	begin := m.since()
	var b Backlog
	var times []float64
	w := Window{Rate: rate, Seconds: over.Seconds(), Verdict: Holds, Decided: true}
	for i := 0; ; i++ {
		due := time.Duration(float64(i) / rate * 1e9)
		if due >= over {
			break
		}
		done, ok := m.serve(m, begin+due)
		m.taken++
		w.Offered++
		if ok {
			w.Answered++
		}
		b.Add(due, done-begin, ok)
		times = append(times, (done - begin - due).Seconds())
	}
	m.now = m.now.Add(over + 300*time.Millisecond)
	slow := 0
	for _, s := range times {
		w.Mean += s * 1e6 / float64(len(times))
		if s > m.bound.Seconds() {
			slow++
		}
	}
	w.P50 = int64(w.Mean)
	if len(times) > 0 {
		w.Min = int64(slices.Min(times) * 1e6)
	}
	w.PerSecond, w.Tail = b.PerSecond(0, over), b.PerSecond(over/2, over)
	w.Growth, w.Slow = b.Growth(over), uint64(slow)
	switch {
	case w.Answered < w.Offered:
		w.Verdict, w.Broke, w.Why = Fails, ByRefusals, fmt.Sprintf("%d refused", w.Offered-w.Answered)
	case slow*100 > len(times):
		w.Verdict, w.Broke, w.Why = Fails, ByLatency, "p99"
	case w.Growth > 0:
		w.Verdict, w.Broke, w.Why = Fails, ByQueue, "grows"
	}
	return w, nil
}

// bucket refuses what it has no token for.
func bucket(rate, burst float64) *model {
	m := &model{tokens: burst}
	m.serve = func(m *model, at time.Duration) (time.Duration, bool) {
		m.tokens = min(burst, m.tokens+rate*(at-m.last).Seconds())
		m.last = at
		if m.tokens < 1 {
			return at + time.Millisecond, false
		}
		m.tokens--
		return at + time.Millisecond, true
	}
	return m
}

// queue serves one after the other.
func queue(service time.Duration) *model {
	return &model{serve: func(m *model, at time.Duration) (time.Duration, bool) {
		m.busy = max(m.busy, at) + service
		return m.busy, true
	}}
}

// stumbling is a queue that stands still once, while it serves the 150th request.
func stumbling(service time.Duration) *model {
	m := queue(service)
	serve := m.serve
	m.serve = func(m *model, at time.Duration) (time.Duration, bool) {
		if m.taken == 150 {
			m.busy = max(m.busy, at) + 2*time.Second
		}
		return serve(m, at)
	}
	return m
}

// ageing answers at once, but for a delay that grows after so many requests.
func ageing(before, after time.Duration, requests uint64) *model {
	return &model{serve: func(m *model, at time.Duration) (time.Duration, bool) {
		if m.taken < requests {
			return at + before, true
		}
		return at + after, true
	}}
}

// leaking takes longer with each request.
func leaking(first, each time.Duration) *model {
	return &model{serve: func(m *model, at time.Duration) (time.Duration, bool) {
		m.busy = max(m.busy, at) + first + time.Duration(m.taken)*each
		return m.busy, true
	}}
}

func find(t *testing.T, m *model, change func(*Search)) *Result {
	t.Helper()
	m.bound = 500 * time.Millisecond
	m.now = time.Time{}.Add(time.Hour)
	m.last = time.Hour
	s := &Search{Offer: m.offer, Now: m.clock, First: 10, Most: 100_000, Precision: 0.03, For: 3 * time.Minute, Needed: 300}
	if change != nil {
		change(s)
	}
	r := &Result{Started: m.now}
	if err := s.Run(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	_ = r.WriteText(&b)
	for i := range r.Steps {
		t.Log(r.Steps[i].String())
	}
	t.Logf("%s%s", b.String(), r.Ended.Sub(r.Started))
	return r
}

// The limit of a consumer whose limit is known is found within 5 %, in less than three minutes.
func TestAKnownLimitIsFound(t *testing.T) {
	for _, c := range []struct {
		name  string
		m     *model
		limit float64
		broke []Break
	}{
		{"a bucket of tokens", bucket(137, 1), 137, []Break{ByRefusals}},
		{"a bucket with a reserve of a second", bucket(137, 137), 137, []Break{ByRefusals}},
		{"a queue of 8 ms", queue(8 * time.Millisecond), 125, []Break{ByQueue, ByLatency}},
		{"a queue of 1 ms", queue(time.Millisecond), 1000, []Break{ByQueue, ByLatency}},
		{"a slow queue", queue(300 * time.Millisecond), 3.33, []Break{ByQueue, ByLatency}},
		{"a queue that stumbles once", stumbling(time.Millisecond), 1000, []Break{ByQueue, ByLatency}},
		{"a fast bucket", bucket(20_000, 100), 20_000, []Break{ByRefusals}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := find(t, c.m, nil)
			if !r.Named || math.Abs(r.Holds/c.limit-1) > 0.05 || r.Breaks < r.Holds {
				t.Errorf("%s, want %g", r.Headline(), c.limit)
			}
			if took := r.Ended.Sub(r.Started); took > 3*time.Minute {
				t.Errorf("it took %s", took)
			}
			named := false
			for _, b := range c.broke {
				named = named || r.Broke == b
			}
			if !named {
				t.Errorf("it broke by %s, want %v", r.Broke, c.broke)
			}
		})
	}
}

// faster serves in less time from a moment after the beginning on.
func faster(before, after, from time.Duration) *model {
	return &model{serve: func(m *model, at time.Duration) (time.Duration, bool) {
		service := before
		if at > time.Hour+from {
			service = after
		}
		m.busy = max(m.busy, at) + service
		return m.busy, true
	}}
}

// A consumer that becomes faster while it is looked at, as one that has to warm up, has the limit that it has at last.
func TestTheLimitIsTheLastOne(t *testing.T) {
	for name, c := range map[string]struct {
		m     *model
		limit float64
	}{
		"one that warms up":                          {faster(30*time.Millisecond, 10*time.Millisecond, 15*time.Second), 100},
		"one that gets another instance":             {faster(10*time.Millisecond, 5*time.Millisecond, 25*time.Second), 200},
		"one that gets it while a rate is confirmed": {faster(10*time.Millisecond, 5*time.Millisecond, 100*time.Second), 200},
	} {
		t.Run(name, func(t *testing.T) {
			r := find(t, c.m, func(s *Search) { s.For = 6 * time.Minute })
			if !r.Named || math.Abs(r.Holds/c.limit-1) > 0.05 {
				t.Errorf("%s, want %g", r.Headline(), c.limit)
			}
		})
	}
}

// No limit is named where there is none.
func TestNoLimitIsNamedWithoutReason(t *testing.T) {
	ours, paused, waiting, moments := queue(time.Millisecond), queue(time.Millisecond), queue(8*time.Millisecond), 0
	patient := func(s *Search) {
		offer := s.Offer
		s.Offer = func(ctx context.Context, rate float64, over time.Duration) (Window, error) {
			w, err := offer(ctx, rate, over)
			if w.Broke == ByLatency { // no gate is on times
				if w.Verdict, w.Broke, w.Why = Holds, "", ""; w.Growth > 0 {
					w.Verdict, w.Broke, w.Why = Fails, ByQueue, "grows"
				}
			}
			return w, err
		}
	}
	for _, c := range []struct {
		name   string
		m      *model
		change func(*Search)
		whose  Whose
		says   string
		named  bool
	}{
		{"one that leaks", leaking(time.Millisecond, 3*time.Microsecond), nil, Consumer, "the consumer", false},
		{"one that becomes slower", ageing(10*time.Millisecond, 40*time.Millisecond, 2000), func(s *Search) { s.Most = 100 }, Consumer,
			"at 10/s the median response took 10 ms at first and takes 40 ms now", false},
		{"the generator's own", ours, func(s *Search) {
			s.Offer = func(ctx context.Context, rate float64, over time.Duration) (Window, error) {
				w, err := ours.offer(ctx, rate, over)
				if rate > 100 {
					w.Verdict, w.Why = Own, "ringback used all of its processors"
				}
				return w, err
			}
		}, Generator, "ringback used all of its processors; 80/s holds", false},
		{"one that takes its time at any rate", ageing(1200*time.Millisecond, 1200*time.Millisecond, 0), func(s *Search) { s.Most = 100; patient(s) }, "", "at least 100/s", true},
		{"one that takes longer than a window", ageing(4*time.Second, 4*time.Second, 0), func(s *Search) { s.Most = 40; patient(s) }, "", "at least 40/s", true},
		{"one that always takes longer than it may", ageing(time.Second, time.Second, 0), nil, Consumer, "it is no matter of the rate: 1/s fails as 10/s does: p99", false},
		{"the generator's own for a moment", paused, func(s *Search) {
			s.Most = 100
			s.Offer = func(ctx context.Context, rate float64, over time.Duration) (Window, error) {
				w, err := paused.offer(ctx, rate, over)
				if over == settling { // recovers
					return w, err
				}
				if moments++; moments%3 != 0 {
					w.Verdict, w.Why = Own, "ringback was late"
				}
				return w, err
			}
		}, "", "at least 100/s", true},
		{"the generator's own while it waits", waiting, func(s *Search) {
			s.Offer = func(ctx context.Context, rate float64, over time.Duration) (Window, error) {
				w, err := waiting.offer(ctx, rate, over)
				if over == settling {
					w.Verdict, w.Broke, w.Why = Own, "", "ringback was late"
				}
				return w, err
			}
		}, Generator, "ringback was late", false},
		{"too little time", queue(time.Millisecond), func(s *Search) { s.For = 20 * time.Second }, Budget, "the time was over", false},
		{"more than was asked for", queue(time.Millisecond), func(s *Search) { s.Most = 100 }, "", "at least 100/s", true},
		{"one that takes every other one", &model{serve: func(m *model, at time.Duration) (time.Duration, bool) { return at, m.taken%2 == 0 }}, nil, Consumer, "refusals are no matter of the rate", false},
		{"one that has stopped", bucket(0, 1), nil, Consumer, "takes nothing, at 0.5/s as at 5/s", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := find(t, c.m, c.change)
			if r.Named != c.named || r.Whose != c.whose || !strings.Contains(r.Headline(), c.says) {
				t.Errorf("named %t, %q: %s", r.Named, r.Whose, r.Headline())
			}
		})
	}
}

// What an earlier search found need not be played again.
func TestASearchGoesOn(t *testing.T) {
	early := find(t, queue(8*time.Millisecond), func(s *Search) { s.For = time.Minute })
	if early.Named || early.Holds == 0 {
		t.Fatalf("after a minute: %s", early.Headline())
	}
	late := find(t, queue(8*time.Millisecond), func(s *Search) { s.Done = early.Steps })
	if !late.Named || math.Abs(late.Holds/125-1) > 0.05 || late.Ended.Sub(late.Started) > 2*time.Minute {
		t.Errorf("%s after %s", late.Headline(), late.Ended.Sub(late.Started))
	}
}

// The law is found again in what it describes, and in nothing else.
func TestTheLawIsFitted(t *testing.T) {
	law := Law{Single: 100, Contention: 0.05, Coherence: 0.001}
	var steps []Step
	for _, n := range []float64{1, 2, 4, 8, 16, 24} {
		x := law.rate(n)
		steps = append(steps, Step{Ramp, Window{Rate: x, PerSecond: x, Mean: n / x * 1e6, Verdict: Holds}})
	}
	got := fit(steps)
	if got == nil || math.Abs(got.Single-100) > 1 || math.Abs(got.Contention-0.05) > 0.002 || math.Abs(got.Coherence-0.001) > 1e-4 || got.PeakAt < 30 || got.PeakAt > 32 {
		t.Errorf("got %+v, want %+v", got, law)
	}
	refused := append(slices.Clone(steps), Step{Bisect, Window{Rate: 1000, PerSecond: 500, Mean: 1e5, Verdict: Fails, Broke: ByRefusals}})
	if l := fit(refused); l != nil {
		t.Errorf("with refusals: %v", l)
	}
	if l := fit(steps[:5]); l != nil && l.Peak > 2*steps[4].PerSecond {
		t.Errorf("a peak of %g/s is predicted by rates of up to %g/s", l.Peak, steps[4].PerSecond)
	}
	far := Law{Single: 100, Contention: 0.001, Coherence: 0.00001}
	var low []Step
	for _, n := range []float64{1, 2, 4, 8, 16, 24} {
		x := far.rate(n)
		low = append(low, Step{Ramp, Window{Rate: x, PerSecond: x, Mean: n / x * 1e6, Verdict: Holds}})
	}
	if l := fit(low); l != nil {
		t.Errorf("a peak far from what was seen: %v", l)
	}
	if l := fit(steps[:4]); l != nil {
		t.Errorf("four points give %v", l)
	}
	for i := range steps {
		steps[i].PerSecond *= []float64{1, 0.2, 3, 0.5, 1, 0.1}[i]
	}
	if l := fit(steps); l != nil {
		t.Errorf("points without any law give %v", l)
	}
}

// The table tells of each window what it was for, and no latency of one in which nothing was answered.
func TestTheTableTellsPhases(t *testing.T) {
	r := Result{Steps: []Step{{Phase: Ramp, Window: Window{Offered: 10, Verdict: Fails}}, {Phase: Confirm, Window: Window{Offered: 10, Answered: 10, P50: 1200, P99: 3400, Verdict: Holds}}}}
	var b strings.Builder
	if err := r.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"phase  verdict\n", "–          –        0/s     100 %     ramp  fails\n", "1.2 ms     3.4 ms        0/s       0 %  confirm  holds\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, &b)
		}
	}
}

// A backlog grows where more comes than goes, and nowhere else.
func TestGrowthIsCertain(t *testing.T) {
	for _, c := range []struct {
		name    string
		latency func(i int) time.Duration
		grows   bool
	}{
		{"steady", func(int) time.Duration { return 50 * time.Millisecond }, false},
		{"long, but steady", func(int) time.Duration { return 3 * time.Second }, false},
		{"a pause", func(i int) time.Duration {
			if i > 500 && i < 560 {
				return time.Duration(560-i) * 10 * time.Millisecond
			}
			return time.Millisecond
		}, false},
		{"up and down", func(i int) time.Duration { return time.Duration(100+90*math.Sin(float64(i)/20)) * time.Millisecond }, false},
		{"4 % too much", func(i int) time.Duration { return time.Duration(i) * 400 * time.Microsecond }, true},
	} {
		var b Backlog
		for i := range 1200 {
			due := time.Duration(i) * 10 * time.Millisecond
			b.Add(due, due+c.latency(i), true)
		}
		if got := b.Growth(12 * time.Second); got > 0 != c.grows {
			t.Errorf("%s: %g", c.name, got)
		}
	}
}

// A consumer that takes nothing has no limit that lower rates would find.
func TestAConsumerThatTakesNothingIsNamedAtOnce(t *testing.T) {
	r := find(t, bucket(0, 0), nil)
	want := "no limit can be named: the consumer takes nothing, at 1/s as at 10/s: 1 refused"
	if took := r.Ended.Sub(r.Started); r.Headline() != want || r.Whose != Consumer || took > 6*time.Second {
		t.Errorf("%q by %s after %s, want %q", r.Headline(), r.Whose, took, want)
	}
	if slow := find(t, bucket(2, 3), nil); !slow.Named || slow.Holds > 2.1 || slow.Holds < 1.9 {
		t.Errorf("of a consumer that takes 2/s: %q", slow.Headline())
	}
}
