package watch

import (
	"maps"
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
	version              string                         // of ringback
	deliveries, attempts *prometheus.CounterVec         // by target
	stale                *prometheus.CounterVec         // connections, by target
	counters             map[counted]prometheus.Counter // of them, since finding one takes five times as long as counting

	mu                        sync.Mutex
	snap                      emitter.Snapshot
	latency, lateness, pacing buckets
}

// counted names a counter.
type counted struct {
	of            *prometheus.CounterVec
	target, value string // no value: the counter has the target alone
}

var statusClasses = [...]string{"none", "1xx", "2xx", "3xx", "4xx", "5xx"}

func newMetrics(version string, targets []string) *metrics {
	m := &metrics{version: version, counters: map[counted]prometheus.Counter{},
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "ringback_deliveries_total",
			Help: "Notifications that ended, by target and outcome."}, []string{"target", "outcome"}),
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "ringback_attempts_total",
			Help: "Attempts that ended, by target and class of the answer's status."}, []string{"target", "status"}),
		stale: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "ringback_stale_connections_total",
			Help: "Kept connections that had ended when they were used again, by target; the request was sent again at once and is no attempt."}, []string{"target"}),
		latency: newBuckets(bounds[3:]), lateness: newBuckets(bounds[:]), pacing: newBuckets(bounds[:])}
	for _, target := range targets { // also what never comes is shown
		for _, o := range emitter.FinalOutcomes() {
			m.counter(m.deliveries, target, string(o))
		}
		for _, class := range statusClasses {
			m.counter(m.attempts, target, class)
		}
		m.counter(m.stale, target, "")
	}
	return m
}

func label(text string) string { return strings.ToValidUTF8(text, "?") }

func (m *metrics) counter(of *prometheus.CounterVec, target, value string) prometheus.Counter {
	c := m.counters[counted{of, target, value}]
	if c == nil {
		labels := []string{label(target)}
		if value != "" {
			labels = append(labels, value)
		}
		c = of.WithLabelValues(labels...)
		m.counters[counted{of, target, value}] = c
	}
	return c
}

// record counts a row. It is for one goroutine at a time.
func (m *metrics) record(a *emitter.Attempt) {
	if a.Failure.Class == emitter.ClassStale {
		m.counter(m.stale, a.Target, "").Inc()
		return
	}
	if a.Outcome != emitter.Retrying {
		m.counter(m.deliveries, a.Target, string(a.Outcome)).Inc()
	}
	if class := a.Status / 100; !a.Closing() && class < len(statusClasses) {
		m.counter(m.attempts, a.Target, statusClasses[class]).Inc()
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
	registry := m.registry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4}))
	return mux
}

// registry gathers what is about the run.
func (m *metrics) registry() *prometheus.Registry {
	registry := prometheus.NewRegistry()
	registry.MustRegister(prometheus.CollectorFunc(m.collect), m.deliveries, m.attempts, m.stale)
	return registry
}

// collect is a prometheus.Collector's: it sends all that comes from snapshots.
func (m *metrics) collect(to chan<- prometheus.Metric) {
	m.mu.Lock()
	defer m.mu.Unlock()
	send := func(kind prometheus.ValueType, name, help string, v float64, labels prometheus.Labels) {
		to <- prometheus.MustNewConstMetric(prometheus.NewDesc("ringback_"+name, help, nil, labels), kind, v)
	}
	gauge := func(name, help string, v float64) { send(prometheus.GaugeValue, name, help, v, nil) }
	send(prometheus.GaugeValue, "build_info", "Which ringback this is.", 1, prometheus.Labels{"version": label(m.version), "goversion": runtime.Version()})
	s := &m.snap
	send(prometheus.CounterValue, "offered_notifications_total", "Notifications whose moment has come.", float64(s.Offered), nil)
	gauge("live_conversations", "Conversations alive.", float64(s.Live))
	gauge("queued_conversations", "Conversations that wait for an agent.", float64(s.Queued))
	for p := lifecycle.Alerting; p < lifecycle.Ended; p++ {
		send(prometheus.GaugeValue, "channels", "Channels by phase.", float64(s.Phases[p]), prometheus.Labels{"phase": p.String()})
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

// bounds are those of the buckets, in seconds.
var bounds = [...]float64{10e-6, 25e-6, 50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}

// buckets are a histogram as Prometheus has it.
type buckets struct {
	upTo  map[float64]uint64 // how many are at most each bound
	count uint64
	sum   float64 // seconds
}

func newBuckets(bounds []float64) buckets {
	b := buckets{upTo: make(map[float64]uint64, len(bounds))}
	for _, bound := range bounds {
		b.upTo[bound] = 0
	}
	return b
}

// add adds times in µs. A time that is not told apart from a bound counts as below it.
func (b *buckets) add(h *hdrhistogram.Histogram) {
	if h == nil || h.TotalCount() == 0 {
		return
	}
	for _, bar := range h.Distribution() {
		if bar.Count == 0 {
			continue
		}
		for bound := range b.upTo {
			if float64(bar.From) <= bound*1e6 {
				b.upTo[bound] += uint64(bar.Count)
			}
		}
	}
	b.count += uint64(h.TotalCount())
	b.sum += h.Mean() * float64(h.TotalCount()) / 1e6
}

func (b *buckets) send(to chan<- prometheus.Metric, name, help string) {
	to <- prometheus.MustNewConstHistogram(prometheus.NewDesc("ringback_"+name, help, nil, nil), b.count, b.sum, maps.Clone(b.upTo))
}
