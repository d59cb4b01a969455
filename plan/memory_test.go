package plan

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/sampling"
	"github.com/ringback/ringback/scenario"
)

func storyOf(t testing.TB, steps string) *scenario.Scenario {
	t.Helper()
	sc, err := scenario.Parse("story.yaml", []byte("name: story\nstory: A story.\nsteps:\n"+steps))
	if err != nil {
		t.Fatal(err)
	}
	return sc
}

const (
	plainCall = "  - call: customer\n  - ring: {agent: alice, for: 3s..8s}\n  - talk: 2m\n  - hold: 30s\n  - hangup: customer\n  - wrap: 20s\n"
	longCall  = "  - call: customer\n  - ring: {agent: alice, for: 5s}\n  - talk: 10h\n  - hangup: customer\n"
)

// wideCall is a call with hundreds of agents in it.
func wideCall() string {
	var b strings.Builder
	b.WriteString("  - call: customer\n  - ring: {agent: alice, for: 5s}\n")
	for i := range 500 {
		fmt.Fprintf(&b, "  - conference: {agent: a%d, ring: 1s}\n", i)
	}
	return b.String() + "  - talk: 10m\n  - hangup: customer\n"
}

// What takes more memory than there is for it is refused before anything is planned.
func TestPlansThatTakeTooMuchMemoryAreRefused(t *testing.T) {
	sampling.Long(t)
	plain, long, wide := storyOf(t, plainCall), storyOf(t, longCall), storyOf(t, wideCall())
	agents := &Pool{Count: 3}
	for name, c := range map[string]struct {
		sc *scenario.Scenario
		o  Options
		ok bool
	}{
		"a million at once":                  {plain, Options{Count: 1e6}, true},
		"two million at once":                {plain, Options{Count: 2e6}, true},
		"two million of a long call at once": {long, Options{Count: 2e6}, true},
		"wide ones at once":                  {wide, Options{Count: 1e6}, false},
		"a population":                       {plain, Options{Population: 500_000, For: time.Hour}, true},
		"a large population":                 {plain, Options{Population: 2e6, For: time.Hour}, false},
		"a million as a population":          {plain, Options{Population: 1e6, For: time.Hour}, true},
		"a wide population":                  {wide, Options{Population: 100_000, For: time.Hour}, false},
		"a high rate":                        {plain, Options{Calls: per(1e6, time.Second), For: time.Hour}, false},
		"a rate of long calls":               {long, Options{Calls: per(1e5, time.Second), For: 24 * time.Hour}, false},
		"a high rate for a moment":           {long, Options{Calls: per(1e6, time.Second), Count: 1e5}, true},
		"ten billion at a rate":              {plain, Options{Calls: per(300, time.Second), Count: 1e10}, true},
		"a rate that a pool meets":           {plain, Options{Calls: per(100, time.Second), For: time.Hour, Pool: agents}, true},
		"a rate that no pool meets":          {plain, Options{Calls: per(1e5, time.Second), For: time.Hour, Pool: agents}, false},
		"events":                             {plain, Options{Events: per(1e4, time.Second), For: time.Hour}, true},
		"very many events":                   {long, Options{Events: per(1e6, time.Second), For: 24 * time.Hour}, false},
		"a steady stretch":                   {long, Options{Arrivals: []Stretch{{From: per(1e5, time.Second), To: per(1e5, time.Second), Over: 24 * time.Hour}}}, false},
		"a short peak":                       {long, Options{Arrivals: []Stretch{{From: per(1, time.Second), To: per(1, time.Second), Over: time.Hour}, {To: per(1e5, time.Second), Over: time.Second}}}, true},
		"very long delays":                   {plain, Options{Calls: per(1e3, time.Second), For: 24 * time.Hour, Faults: delays(t, "delay 100% by 24h")}, false},
		"a small room":                       {plain, Options{Count: 10_000, Memory: 1 << 20}, false},
	} {
		c.o.Start = time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		p, err := New(c.sc, c.o)
		runtime.ReadMemStats(&after)
		if err == nil && p.Memory() > p.memory() {
			t.Errorf("%s: it takes %s", name, inBytes(p.Memory()))
		}
		var tooMuch *memoryError
		if ok := err == nil; ok != c.ok || !ok && !errors.As(err, &tooMuch) {
			t.Errorf("%s: got %v, want it refused for its memory: %t", name, err, !c.ok)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 64<<20 {
			t.Errorf("%s: finding out took %s", name, inBytes(int64(took)))
		}
	}
}

func delays(t testing.TB, text string) []scenario.FaultRule {
	t.Helper()
	r, err := scenario.ParseFault(text)
	if err != nil {
		t.Fatal(err)
	}
	return []scenario.FaultRule{r}
}

// What is said of the memory of a plan is about what a walk takes.
func TestTheMemoryOfAPlanIsWhatAWalkTakes(t *testing.T) {
	sampling.Long(t)
	for name, sc := range map[string]*scenario.Scenario{"plain": storyOf(t, plainCall), "wide": storyOf(t, wideCall())} {
		n := map[string]uint64{"plain": 3000, "wide": 40}[name]
		for way, o := range map[string]Options{"at once": {Count: n}, "population": {Population: int(n), Count: n + 1}, "pool": {Count: n, Pool: &Pool{Count: 2}}, "bursts": {Count: n, Unordered: true},
			"delays": {Count: n, Faults: delays(t, "delay 100% by 1h")}} {
			o.Start = time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)
			p, err := New(sc, o)
			if err != nil {
				t.Fatal(err)
			}
			w, heap, said, given := p.Walk(), uint64(0), int64(0), uint64(0)
			before := heapNow()
			src := p.source(w.activity, Shard{}, nil, &w.stopped, p.limit())
			for next := new(Notification); given < 3*n && src.next(next); {
				given++
			}
			heap = heapNow() - before
			said = src.(interface{ size() int64 }).size()
			if low, high := int64(heap)*4/10, int64(heap)*3; said < low || said > high {
				t.Errorf("%s, %s: the walk says it takes %s, and the heap has %s more", name, way, inBytes(said), inBytes(int64(heap)))
			}
			if way != "bursts" && way != "delays" && (p.Memory() < int64(heap)*4/10 || p.Memory() > int64(heap)*6) {
				t.Errorf("%s, %s: the plan says %s, and the heap has %s more", name, way, inBytes(p.Memory()), inBytes(int64(heap)))
			}
			runtime.KeepAlive(src)
		}
	}
}

func heapNow() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// What only a walk can tell ends the walk: here the queue for the one agent grows for ever.
func TestAWalkEndsWhenItsMemoryIsUsedUp(t *testing.T) {
	for name, o := range map[string]Options{
		"a queue": {Calls: per(100, time.Second), For: time.Hour, Pool: &Pool{Count: 1}},
		"calls":   {Calls: per(20, time.Second), For: time.Hour},
		"bursts":  {Calls: per(20, time.Second), For: time.Hour, Unordered: true},
	} {
		o.Start = time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)
		p, err := New(storyOf(t, plainCall), o)
		if err != nil {
			t.Fatal(err)
		}
		p.opts.Memory = 1 << 20
		w, given := p.Walk(), 0
		for range w.Notifications() {
			given++
		}
		var tooMuch *memoryError
		if !errors.As(w.Err(), &tooMuch) || tooMuch.At <= 0 || tooMuch.Alive == 0 || given == 0 || !strings.Contains(tooMuch.Error(), "after the start") {
			t.Errorf("%s: after %d notifications the walk ended with %v", name, given, w.Err())
		}
		if name == "a queue" {
			t.Log(tooMuch)
		}
	}
}

// Whoever asked for a plan may leave while it is made, measured or counted.
func TestPlanningIsStopped(t *testing.T) {
	stop := &atomic.Bool{}
	start := time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)
	sc := storyOf(t, plainCall)
	p, err := New(sc, Options{Start: start, Stop: stop, Population: 400_000, For: 10_000 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	stop.Store(true)
	if _, err := New(sc, Options{Start: start, Stop: stop, Arrivals: []Stretch{{From: per(1e4, time.Second), To: per(1e4, time.Second), Over: time.Hour, Poisson: true}}}); !errors.Is(err, errStopped) {
		t.Errorf("a plan is made: %v", err)
	}
	if _, err := p.LengthWithin(1e12); !errors.Is(err, errStopped) {
		t.Errorf("a plan is measured: %v", err)
	}
	if n := p.Conversations(); n > 2*looks {
		t.Errorf("%d conversations are counted", n)
	}
	w := p.Walk()
	for range w.Notifications() {
		t.Error("a plan is walked")
		break
	}
	if !errors.Is(w.Err(), errStopped) {
		t.Errorf("the walk ended with %v", w.Err())
	}
}
