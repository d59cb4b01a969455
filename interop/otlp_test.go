package interop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/otlptranslator"
	"go.opentelemetry.io/collector/component/componenttest"
	otel "go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/receiver/receivertest"
)

// collector is the receiver that the OpenTelemetry Collector has, over HTTP alone, in front of next. It returns its URL.
func collector(t *testing.T, next otel.Metrics) string {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	free.Close()
	factory := otlpreceiver.NewFactory()
	config := factory.CreateDefaultConfig().(*otlpreceiver.Config)
	http := config.Protocols.HTTP.GetOrInsertDefault()
	http.ServerConfig.NetAddr.Endpoint = address
	r, err := factory.CreateMetrics(t.Context(), receivertest.NewNopSettings(factory.Type()), config, next)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Start(t.Context(), componenttest.NewNopHost()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Shutdown(context.Background()) })
	return "http://" + address
}

// pushed are the data points of one push, as the collector reads them.
type pushed struct {
	resource map[string]string
	counts   map[string]float64 // by name and attributes
	times    map[string]pmetric.HistogramDataPoint
}

// prometheus names metrics as its own receiver of OTLP does, unless it is told otherwise.
var prometheus = otlptranslator.MetricNamer{WithMetricSuffixes: true}

func readPush(t *testing.T, all pmetric.Metrics) (p pushed) {
	t.Helper()
	p = pushed{map[string]string{}, map[string]float64{}, map[string]pmetric.HistogramDataPoint{}}
	if all.ResourceMetrics().Len() != 1 || all.ResourceMetrics().At(0).ScopeMetrics().Len() != 1 {
		t.Fatalf("%d resources, want one with one scope", all.ResourceMetrics().Len())
	}
	of := all.ResourceMetrics().At(0)
	of.Resource().Attributes().Range(func(name string, v pcommon.Value) bool { p.resource[name] = v.AsString(); return true })
	metrics := of.ScopeMetrics().At(0).Metrics()
	for i := range metrics.Len() {
		m := metrics.At(i)
		kind := map[pmetric.MetricType]otlptranslator.MetricType{pmetric.MetricTypeSum: otlptranslator.MetricTypeMonotonicCounter,
			pmetric.MetricTypeHistogram: otlptranslator.MetricTypeHistogram}[m.Type()]
		if name, err := prometheus.Build(otlptranslator.Metric{Name: m.Name(), Unit: m.Unit(), Type: kind}); err != nil || name != m.Name() {
			t.Errorf("Prometheus calls %s %s, %v", m.Name(), name, err)
		}
		switch m.Type() {
		case pmetric.MetricTypeSum:
			if !m.Sum().IsMonotonic() || m.Sum().AggregationTemporality() != pmetric.AggregationTemporalityCumulative {
				t.Errorf("%s is no cumulative counter", m.Name())
			}
			for j := range m.Sum().DataPoints().Len() {
				point := m.Sum().DataPoints().At(j)
				var labels []string
				for _, name := range []string{"outcome", "status"} {
					if v, is := point.Attributes().Get(name); is {
						labels = append(labels, v.AsString())
					}
				}
				if point.StartTimestamp() == 0 || point.Timestamp() < point.StartTimestamp() {
					t.Errorf("%s counts from %v to %v", m.Name(), point.StartTimestamp(), point.Timestamp())
				}
				p.counts[strings.TrimSpace(m.Name()+" "+strings.Join(labels, " "))] += float64(point.IntValue()) + point.DoubleValue()
			}
		case pmetric.MetricTypeHistogram:
			if m.Unit() != "s" || m.Histogram().AggregationTemporality() != pmetric.AggregationTemporalityCumulative || m.Histogram().DataPoints().Len() != 1 {
				t.Errorf("%s in %q: %d points", m.Name(), m.Unit(), m.Histogram().DataPoints().Len())
			}
			p.times[m.Name()] = m.Histogram().DataPoints().At(0)
		default:
			t.Errorf("%s is a %s", m.Name(), m.Type())
		}
	}
	return p
}

// The collector reads what each shard pushes, once, and it is what the report says.
func TestTheCollectorReadsWhatIsPushed(t *testing.T) {
	program, sink := build(t), new(consumertest.MetricsSink)
	url := collector(t, sink)
	for shard := range 2 {
		sink.Reset()
		file := filepath.Join(t.TempDir(), "report.json")
		program.output(t, "run", "inbound-call", "--count", "40", "--seed", "7", "--start", "2025-03-03T09:00:00Z", "--speed", "max", "--fault", "wrong-key 10%",
			"--shard", fmt.Sprintf("%d/2", shard), "--report", file, "--quiet", "--metrics-push", url)
		all := sink.AllMetrics()
		if len(all) != 1 {
			t.Fatalf("shard %d pushed %d times, want once", shard, len(all))
		}
		got := readPush(t, all[0])
		var report struct {
			Hash  string `json:"plan_hash"`
			Total struct {
				Accepted, Refused, Attempts, Matched float64
				Latency                              struct {
					Count uint64
					Max   float64
				} `json:"latency_us"`
			}
		}
		text, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(text, &report)
		}
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]float64{"ringback_deliveries_total accepted": report.Total.Accepted, "ringback_deliveries_total refused": report.Total.Refused,
			"ringback_deliveries_total given-up": 0, "ringback_attempts_total 2xx": report.Total.Accepted, "ringback_attempts_total 4xx": report.Total.Refused,
			"ringback_offered_notifications_total": report.Total.Matched, "ringback_stale_connections_total": 0} {
			if v, is := got.counts[name]; !is || v != want {
				t.Errorf("shard %d: %s is %v (%t), want %v", shard, name, v, is, want)
			}
		}
		latency, buckets := got.times["ringback_latency_seconds"], uint64(0)
		for _, n := range latency.BucketCounts().AsRaw() {
			buckets += n
		}
		if latency.Count() != report.Total.Latency.Count || buckets != latency.Count() || latency.BucketCounts().Len() != latency.ExplicitBounds().Len()+1 {
			t.Errorf("shard %d: %d latencies, %d in buckets, want %d", shard, latency.Count(), buckets, report.Total.Latency.Count)
		}
		if latency.Sum() <= 0 || latency.Sum() > float64(latency.Count())*report.Total.Latency.Max/1e6 {
			t.Errorf("shard %d: the latencies add up to %v s", shard, latency.Sum())
		}
		for name, want := range map[string]string{"service.name": "ringback", "ringback.plan.hash": report.Hash, "ringback.plan.seed": "7",
			"ringback.plan.start": "2025-03-03T09:00:00Z", "ringback.shard": fmt.Sprintf("%d/2", shard), "ringback.verdict": "passed"} {
			if got.resource[name] != want {
				t.Errorf("shard %d: %s is %q, want %q", shard, name, got.resource[name], want)
			}
		}
	}
}

// What the collector refuses, the run tells, with the reason that the collector gives.
func TestWhatTheCollectorRefusesIsTold(t *testing.T) {
	program := build(t)
	refusing := collector(t, consumertest.NewErr(consumererror.NewPermanent(errors.New("the store is full"))))
	for url, says := range map[string]string{
		refusing + "/nowhere": "/nowhere responded 404 Not Found",
		refusing:              "/v1/metrics responded 500 Internal Server Error: Permanent error: the store is full",
	} {
		status, _, stderr := program.run(t, "run", "inbound-call", "--seed", "7", "--speed", "max", "--quiet", "--metrics-push", url)
		if want := "the metrics were not pushed: " + refusing + says; status != 1 || !strings.Contains(string(stderr), want) {
			t.Errorf("status %d, want 1 and %q: %s", status, want, stderr)
		}
	}
}
