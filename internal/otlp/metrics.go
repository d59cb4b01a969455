// Package otlp sends metrics to a receiver of OpenTelemetry, once.
//
// Counters and histograms come in as Prometheus has them; one request of OTLP over HTTP, in protobuf, goes out. It promises that names
// and values are those that were given, that no address is dialled which the rules of package netguard forbid, that it takes no longer
// than its time limit, and that no header and no credentials show in an error. It knows nothing of runs, and names no flag.
package otlp

import (
	"math"
	"slices"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
	collector "go.opentelemetry.io/proto/slim/otlp/collector/metrics/v1"
	common "go.opentelemetry.io/proto/slim/otlp/common/v1"
	otlp "go.opentelemetry.io/proto/slim/otlp/metrics/v1"
	resource "go.opentelemetry.io/proto/slim/otlp/resource/v1"
	"google.golang.org/protobuf/proto"
)

// Metrics are what is sent.
type Metrics struct {
	Families   []*dto.MetricFamily // counters and histograms; of others, such as gauges, nothing is sent
	Attributes []Attribute         // of what was measured: its resource
	Scope      string              // what measured it
	Version    string              // of the scope
	From, To   time.Time           // of all counts
}

// Attribute is a name with a value.
type Attribute struct{ Name, Value string }

// encode makes the body of the request.
func (m *Metrics) encode() ([]byte, error) {
	from, to := uint64(m.From.UnixNano()), uint64(m.To.UnixNano())
	var all []*otlp.Metric
	for _, f := range m.Families {
		one := &otlp.Metric{Name: f.GetName(), Description: f.GetHelp()}
		if strings.HasSuffix(one.Name, "_seconds") {
			one.Unit = "s"
		}
		switch f.GetType() {
		case dto.MetricType_COUNTER:
			sum := &otlp.Sum{AggregationTemporality: otlp.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE, IsMonotonic: true}
			for _, of := range f.GetMetric() {
				sum.DataPoints = append(sum.DataPoints, counted(of, from, to))
			}
			one.Data = &otlp.Metric_Sum{Sum: sum}
		case dto.MetricType_HISTOGRAM:
			times := &otlp.Histogram{AggregationTemporality: otlp.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE}
			for _, of := range f.GetMetric() {
				times.DataPoints = append(times.DataPoints, distributed(of, from, to))
			}
			one.Data = &otlp.Metric_Histogram{Histogram: times}
		default:
			continue
		}
		all = append(all, one)
	}
	var about []*common.KeyValue
	for _, a := range m.Attributes {
		about = append(about, attribute(a.Name, a.Value))
	}
	return proto.Marshal(&collector.ExportMetricsServiceRequest{ResourceMetrics: []*otlp.ResourceMetrics{{
		Resource:     &resource.Resource{Attributes: about},
		ScopeMetrics: []*otlp.ScopeMetrics{{Scope: &common.InstrumentationScope{Name: m.Scope, Version: m.Version}, Metrics: all}},
	}}})
}

func attribute(name, value string) *common.KeyValue {
	return &common.KeyValue{Key: name, Value: &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: strings.ToValidUTF8(value, "?")}}}
}

func labels(of *dto.Metric) (all []*common.KeyValue) {
	for _, l := range of.GetLabel() {
		all = append(all, attribute(l.GetName(), l.GetValue()))
	}
	return all
}

// counted is a counter. What is whole is sent so, for floating point loses counts above 2^53.
func counted(of *dto.Metric, from, to uint64) *otlp.NumberDataPoint {
	p := &otlp.NumberDataPoint{Attributes: labels(of), StartTimeUnixNano: from, TimeUnixNano: to}
	if v := of.GetCounter().GetValue(); v == math.Trunc(v) && v < 1<<53 {
		p.Value = &otlp.NumberDataPoint_AsInt{AsInt: int64(v)}
	} else {
		p.Value = &otlp.NumberDataPoint_AsDouble{AsDouble: v}
	}
	return p
}

// distributed is a histogram. Prometheus counts what is up to each bound, OpenTelemetry what is between two.
func distributed(of *dto.Metric, from, to uint64) *otlp.HistogramDataPoint {
	h := of.GetHistogram()
	p := &otlp.HistogramDataPoint{Attributes: labels(of), StartTimeUnixNano: from, TimeUnixNano: to, Count: h.GetSampleCount(), Sum: proto.Float64(h.GetSampleSum())}
	buckets := slices.DeleteFunc(slices.Clone(h.GetBucket()), func(b *dto.Bucket) bool { return math.IsInf(b.GetUpperBound(), 1) })
	before := uint64(0)
	for _, b := range buckets {
		p.ExplicitBounds = append(p.ExplicitBounds, b.GetUpperBound())
		p.BucketCounts = append(p.BucketCounts, b.GetCumulativeCount()-before)
		before = b.GetCumulativeCount()
	}
	p.BucketCounts = append(p.BucketCounts, p.Count-before)
	return p
}
