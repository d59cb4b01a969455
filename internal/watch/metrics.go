package watch

import (
	"math"
	"net/http"
	"runtime"
	"strings"
	"sync"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/lifecycle"
)

// metrics are what Prometheus scrapes. Rows are counted as they come, all else is as fresh
// as the latest snapshot: a second at most. The labels are few: targets, outcomes, classes
// of answers and phases.
type metrics struct {
	version string   // of ringback
	names   []string // of the targets, in their order

	mu                        sync.Mutex
	targets                   map[string]*targetCounts
	snap                      emitter.Snapshot
	latency, lateness, pacing buckets
}

// targetCounts counts the rows of a target.
type targetCounts struct {
	outcomes map[emitter.Outcome]uint64 // final ones
	classes  [len(statusClasses)]uint64
}

var statusClasses = [...]string{"none", "1xx", "2xx", "3xx", "4xx", "5xx"}

func newMetrics(version string, names []string) *metrics {
	m := &metrics{version: version, targets: map[string]*targetCounts{},
		latency: newBuckets(100e-6, 10), lateness: newBuckets(10e-6, 10), pacing: newBuckets(10e-6, 10)}
	for _, name := range names {
		m.of(name)
	}
	return m
}

// of is the counts of a target.
func (m *metrics) of(name string) *targetCounts {
	t := m.targets[name]
	if t == nil {
		t = &targetCounts{outcomes: map[emitter.Outcome]uint64{}}
		m.targets[name], m.names = t, append(m.names, name)
	}
	return t
}

// record counts a row.
func (m *metrics) record(a *emitter.Attempt) {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.of(a.Target)
	if a.Outcome != emitter.Retrying {
		t.outcomes[a.Outcome]++
	}
	if class := a.Status / 100; !a.Closing() && class < len(t.classes) {
		t.classes[class]++
	}
}

// take keeps how the run stands.
func (m *metrics) take(s *emitter.Snapshot) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.snap = *s
	m.latency.add(s.Latency)
	m.lateness.add(s.Lateness)
	m.pacing.add(s.Pacing)
}

// handler serves the metrics, with those of the process and of Go's runtime.
func (m *metrics) handler() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(m, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4}))
	return mux
}

// Describe is a prometheus.Collector's.
func (m *metrics) Describe(to chan<- *prometheus.Desc) { prometheus.DescribeByCollect(m, to) }

// Collect is a prometheus.Collector's.
func (m *metrics) Collect(to chan<- prometheus.Metric) {
	m.mu.Lock()
	defer m.mu.Unlock()
	gauge := func(name, help string, v float64, labels ...string) {
		send(to, prometheus.GaugeValue, name, help, v, labels)
	}
	counter := func(name, help string, v uint64, labels ...string) {
		send(to, prometheus.CounterValue, name, help, float64(v), labels)
	}
	gauge("build_info", "Which ringback this is.", 1, "version", m.version, "goversion", runtime.Version())
	for _, name := range m.names {
		t := m.targets[name]
		for _, o := range emitter.FinalOutcomes() { // also those that never came
			counter("deliveries_total", "Notifications that ended, by target and outcome.", t.outcomes[o], "target", name, "outcome", string(o))
		}
		for i, class := range statusClasses {
			counter("attempts_total", "Attempts that ended, by target and class of the answer's status.", t.classes[i], "target", name, "status", class)
		}
	}
	s := &m.snap
	counter("offered_notifications_total", "Notifications whose moment has come.", s.Offered)
	gauge("live_conversations", "Conversations alive.", float64(s.Live))
	gauge("queued_conversations", "Conversations that wait for an agent.", float64(s.Queued))
	for p := lifecycle.Alerting; p < lifecycle.Ended; p++ {
		gauge("channels", "Channels by phase.", float64(s.Phases[p]), "phase", p.String())
	}
	gauge("waiting_deliveries", "Deliveries that wait for their first attempt.", float64(s.Waiting))
	gauge("in_flight_attempts", "Attempts that wait for their answer.", float64(s.InFlight))
	gauge("retrying_deliveries", "Deliveries that wait for a retry, or are in one.", float64(s.Retrying))
	speed := s.Speed
	if speed >= emitter.Max {
		speed = math.Inf(1)
	}
	gauge("speed_ratio", "Seconds of the plan in a real second; +Inf if time does not count.", speed)
	gauge("paused", "1 in a pause, else 0.", map[bool]float64{true: 1}[s.Paused])
	m.latency.send(to, "latency_seconds", "Time from the beginning of an attempt to the end of its answer.")
	m.lateness.send(to, "lateness_seconds", "Time from the planned moment of an attempt to its beginning.")
	m.pacing.send(to, "own_lateness_seconds", "Time from the planned moment of a notification until it was handed to the targets' queues.")
}

// send sends a figure; labels are names and values in turn.
func send(to chan<- prometheus.Metric, kind prometheus.ValueType, name, help string, v float64, labels []string) {
	var names, values []string
	for i := 0; i < len(labels); i += 2 {
		names, values = append(names, labels[i]), append(values, strings.ToValidUTF8(labels[i+1], "?"))
	}
	desc := prometheus.NewDesc("ringback_"+name, help, names, nil)
	to <- prometheus.MustNewConstMetric(desc, kind, v, values...)
}

// buckets are a histogram as Prometheus has it.
type buckets struct {
	bounds []float64 // seconds, inclusive
	counts []uint64  // up to each bound, not added up; the last one is what lies beyond
	sum    float64   // seconds
}

// newBuckets makes bounds of 1, 2.5 and 5 times powers of ten.
func newBuckets(from, to float64) buckets {
	var b buckets
	for decade := from; decade < to*1.001; decade *= 10 {
		for _, step := range []float64{1, 2.5, 5} {
			if bound := decade * step; bound < to*1.001 {
				b.bounds = append(b.bounds, math.Round(bound*1e7)/1e7)
			}
		}
	}
	b.counts = make([]uint64, len(b.bounds)+1)
	return b
}

// add adds times in µs. A time that is not told apart from a bound counts as below it.
func (b *buckets) add(h *hdrhistogram.Histogram) {
	if h == nil || h.TotalCount() == 0 {
		return
	}
	i := 0
	for _, bar := range h.Distribution() {
		if bar.Count == 0 {
			continue
		}
		for i < len(b.bounds) && float64(bar.From) > b.bounds[i]*1e6 {
			i++
		}
		b.counts[i] += uint64(bar.Count)
	}
	b.sum += h.Mean() * float64(h.TotalCount()) / 1e6
}

func (b *buckets) send(to chan<- prometheus.Metric, name, help string) {
	upTo, n := make(map[float64]uint64, len(b.bounds)), uint64(0)
	for i, bound := range b.bounds {
		n += b.counts[i]
		upTo[bound] = n
	}
	n += b.counts[len(b.bounds)]
	to <- prometheus.MustNewConstHistogram(prometheus.NewDesc("ringback_"+name, help, nil, nil), n, b.sum, upTo)
}
