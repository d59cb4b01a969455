package watch

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/lifecycle"
)

// scrape reads metrics as Prometheus does.
func scrape(t *testing.T, url string) map[string]*dto.MetricFamily {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", url, resp.Status, err)
	}
	return families
}

// value is the figure of the one metric that has all of the labels, given as name=value.
func value(t *testing.T, families map[string]*dto.MetricFamily, name string, labels ...string) float64 {
	t.Helper()
	for _, m := range families[name].GetMetric() {
		has := map[string]bool{}
		for _, l := range m.GetLabel() {
			has[l.GetName()+"="+l.GetValue()] = true
		}
		all := true
		for _, l := range labels {
			all = all && has[l]
		}
		if all {
			return m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	t.Fatalf("there is no %s with %q", name, labels)
	return 0
}

func micros(us ...int64) *hdrhistogram.Histogram {
	h := hdrhistogram.New(1, (24 * time.Hour).Microseconds(), 3)
	for _, v := range us {
		_ = h.RecordValue(v)
	}
	return h
}

// What is gathered is what the port serves, but for the process and Go's runtime; a port is not needed.
func TestMetricsAreGatheredWithoutAPort(t *testing.T) {
	w, err := Open(Options{Progress: "off", Gather: true, Version: "1.2.3", Targets: []string{"crm"}, Messages: &Messages{To: io.Discard}}, emitter.NewControl())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	w.Record(&emitter.Attempt{Target: "crm", Status: 200, Number: 1, Outcome: emitter.Accepted, Sent: time.Now()})
	w.sampler.metrics.take(&emitter.Snapshot{Offered: 7, Latency: micros(90, 100), Lateness: micros(), Pacing: micros(1)})
	all, err := w.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]*dto.MetricFamily{}
	for _, f := range all {
		if got[f.GetName()] = f; !strings.HasPrefix(f.GetName(), "ringback_") {
			t.Errorf("%s is not about the run", f.GetName())
		}
	}
	if n := value(t, got, "ringback_deliveries_total", "outcome=accepted"); n != 1 {
		t.Errorf("%v accepted, want 1", n)
	}
	if n := got["ringback_latency_seconds"].GetMetric()[0].GetHistogram().GetSampleCount(); n != 2 {
		t.Errorf("%d latencies, want 2", n)
	}
}

func TestMetricsOfASnapshot(t *testing.T) {
	m := newMetrics("1.2.3", []string{"crm"})
	row := func(status, number int, outcome emitter.Outcome, closing bool) {
		a := emitter.Attempt{Target: "crm", Status: status, Number: number, Outcome: outcome, Sent: time.Now()}
		if closing {
			a.Sent = time.Time{}
		}
		m.record(&a)
	}
	row(200, 1, emitter.Accepted, false)
	row(0, 1, emitter.Retrying, false)
	row(503, 2, emitter.GivenUp, false)
	row(0, 0, emitter.NotSent, true)
	m.record(&emitter.Attempt{Target: "crm", Number: 1, Outcome: emitter.Retrying, Sent: time.Now(), Failure: emitter.Failure{Class: emitter.ClassStale}})
	m.take(&emitter.Snapshot{Latency: micros(90, 100), Lateness: micros(), Pacing: micros(1)})
	m.take(&emitter.Snapshot{Offered: 7, Live: 3, Queued: 2, Phases: map[lifecycle.Phase]int{lifecycle.Held: 4}, Waiting: 5, InFlight: 6, Retrying: 8,
		Speed: emitter.Max, Paused: true, Latency: micros(101, 2_000_000, 20_000_000), Lateness: micros(10), Pacing: micros()})
	p := &port{name: "metrics", address: "127.0.0.1:0"}
	if err := p.open(m.handler()); err != nil {
		t.Fatal(err)
	}
	p.serve()
	defer p.close()
	got := scrape(t, "http://"+p.listener.Addr().String()+"/metrics")
	for _, tt := range []struct {
		name   string
		labels string
		want   float64
	}{
		{"ringback_deliveries_total", "outcome=accepted", 1}, {"ringback_deliveries_total", "outcome=given-up", 1},
		{"ringback_deliveries_total", "outcome=not-sent", 1}, {"ringback_deliveries_total", "outcome=dropped", 0},
		{"ringback_attempts_total", "status=2xx", 1}, {"ringback_attempts_total", "status=5xx", 1}, {"ringback_attempts_total", "status=none", 1},
		{"ringback_stale_connections_total", "", 1}, {"ringback_offered_notifications_total", "", 7}, {"ringback_live_conversations", "", 3}, {"ringback_queued_conversations", "", 2},
		{"ringback_channels", "phase=held", 4}, {"ringback_channels", "phase=wrap", 0}, {"ringback_waiting_deliveries", "", 5},
		{"ringback_in_flight_attempts", "", 6}, {"ringback_retrying_deliveries", "", 8}, {"ringback_speed_ratio", "", math.Inf(1)}, {"ringback_paused", "", 1},
	} {
		if v := value(t, got, tt.name, strings.Fields(tt.labels)...); v != tt.want {
			t.Errorf("%s{%s} = %v, want %v", tt.name, tt.labels, v, tt.want)
		}
	}
	latency := got["ringback_latency_seconds"].GetMetric()[0].GetHistogram()
	counts := map[string]uint64{}
	for _, b := range latency.GetBucket() {
		counts[fmt.Sprint(b.GetUpperBound())] = b.GetCumulativeCount()
	}
	for bound, want := range map[string]uint64{"0.0001": 2, "0.00025": 3, "1": 3, "2.5": 4, "10": 4, "+Inf": 5} {
		if counts[bound] != want {
			t.Errorf("%d latencies up to %s s, want %d (%v)", counts[bound], bound, want, counts)
		}
	}
	if sum := latency.GetSampleSum(); math.Abs(sum-22.000291) > 0.02 {
		t.Errorf("the latencies' sum is %v s, want about 22.000291", sum)
	}
	if h := got["ringback_lateness_seconds"].GetMetric()[0].GetHistogram(); h.GetSampleCount() != 1 || h.GetBucket()[0].GetCumulativeCount() != 1 {
		t.Errorf("lateness = %v, want one of 10 µs in the first bucket", h)
	}
}
