package otlp

import (
	"context"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	dto "github.com/prometheus/client_model/go"
	collector "go.opentelemetry.io/proto/slim/otlp/collector/metrics/v1"
	metrics "go.opentelemetry.io/proto/slim/otlp/metrics/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/ringback/ringback/internal/memnet"
	"github.com/ringback/ringback/internal/netguard"
)

// with is an environment.
func with(pairs ...string) Lookup {
	return func(name string) (string, bool) {
		i := slices.Index(pairs, name)
		if i < 0 {
			return "", false
		}
		return pairs[i+1], true
	}
}

// three are metrics with a counter, a histogram and a gauge.
func three() *Metrics {
	kind := func(t dto.MetricType) *dto.MetricType { return &t }
	return &Metrics{Attributes: []Attribute{{"service.name", "x"}}, From: time.Unix(100, 0), To: time.Unix(160, 5), Families: []*dto.MetricFamily{
		{Name: proto.String("a_total"), Help: proto.String("All."), Type: kind(dto.MetricType_COUNTER), Metric: []*dto.Metric{
			{Label: []*dto.LabelPair{{Name: proto.String("target"), Value: proto.String("crm")}}, Counter: &dto.Counter{Value: proto.Float64(1 << 40)}},
			{Counter: &dto.Counter{Value: proto.Float64(0.5)}}}},
		{Name: proto.String("b_seconds"), Type: kind(dto.MetricType_HISTOGRAM), Metric: []*dto.Metric{{Histogram: &dto.Histogram{
			SampleCount: proto.Uint64(10), SampleSum: proto.Float64(2.5), Bucket: []*dto.Bucket{
				{UpperBound: proto.Float64(0.1), CumulativeCount: proto.Uint64(3)}, {UpperBound: proto.Float64(1), CumulativeCount: proto.Uint64(9)}}}}}},
		{Name: proto.String("c"), Type: kind(dto.MetricType_GAUGE), Metric: []*dto.Metric{{Gauge: &dto.Gauge{Value: proto.Float64(1)}}}},
	}}
}

func TestCountsAndTimesAreWrittenAsTheyAre(t *testing.T) {
	body, err := three().encode()
	var got collector.ExportMetricsServiceRequest
	if err = errors.Join(err, proto.Unmarshal(body, &got)); err != nil {
		t.Fatal(err)
	}
	all := got.ResourceMetrics[0].ScopeMetrics[0].Metrics
	if len(all) != 2 || all[0].Name != "a_total" || all[0].Description != "All." || all[0].Unit != "" || all[1].Name != "b_seconds" || all[1].Unit != "s" {
		t.Fatalf("got %v", all)
	}
	sum := all[0].GetSum()
	if !sum.IsMonotonic || sum.AggregationTemporality != metrics.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE ||
		sum.DataPoints[0].GetAsInt() != 1<<40 || sum.DataPoints[1].GetAsDouble() != 0.5 || sum.DataPoints[0].Attributes[0].GetKey() != "target" {
		t.Errorf("counter: %v", sum)
	}
	p := all[1].GetHistogram().DataPoints[0]
	if p.Count != 10 || p.GetSum() != 2.5 || !slices.Equal(p.ExplicitBounds, []float64{0.1, 1}) || !slices.Equal(p.BucketCounts, []uint64{3, 6, 1}) ||
		p.StartTimeUnixNano != 100e9 || p.TimeUnixNano != 160e9+5 {
		t.Errorf("histogram: %v", p)
	}
}

func TestAReceiverWithoutTLSIsTold(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	d, err := New(strings.Replace(server.URL, "http:", "https:", 1), nil, with())
	if err == nil {
		_, _, err = d.send(t.Context(), d.client(), nil)
	}
	if err == nil || !strings.HasSuffix(err.Error(), "/v1/metrics: it speaks plain HTTP; use http://") {
		t.Errorf("got %v", err)
	}
}

// responding is what a push comes to whose receiver answers so, and how often it was asked, within virtual time.
func responding(t *testing.T, environment Lookup, answer http.HandlerFunc) (asked int, took time.Duration, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := memnet.Listen()
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { asked++; answer(w, r) })}
		go server.Serve(l)
		defer server.Close()
		d, wrong := New("http://user:pa55w0rd-of-it@127.0.0.1:4318", nil, environment)
		if wrong != nil {
			t.Fatal(wrong)
		}
		d.dial = l.DialContext
		start := time.Now()
		err = d.Push(t.Context(), three())
		took = time.Since(start)
	})
	return asked, took, err
}

func TestOneRequestIsEnough(t *testing.T) {
	asked, _, err := responding(t, with("OTEL_EXPORTER_OTLP_HEADERS", "api-key=s3cr3t-of-mine,x-scope=a%2Cb, Authorization=Bearer%20abc"), func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		want, _ := three().encode()
		if r.URL.Path != "/v1/metrics" || r.Method != "POST" || r.Header.Get("Content-Type") != "application/x-protobuf" || len(body) != len(want) {
			t.Errorf("%s %s, %v, %d bytes", r.Method, r.URL, r.Header, len(body))
		}
		if r.Header.Get("Api-Key") != "s3cr3t-of-mine" || r.Header.Get("X-Scope") != "a,b" || r.Header.Get("Authorization") != "Bearer abc" {
			t.Errorf("headers %v", r.Header)
		}
	})
	if asked != 1 || err != nil {
		t.Errorf("%d requests, %v", asked, err)
	}
}

func TestWhatAReceiverAnswersDecides(t *testing.T) {
	partial, _ := proto.Marshal(&collector.ExportMetricsServiceResponse{PartialSuccess: &collector.ExportMetricsPartialSuccess{RejectedDataPoints: 3, ErrorMessage: "too old"}})
	status := protowire.AppendString(protowire.AppendTag(protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), 3), 2, protowire.BytesType), "bad key s3cr3t-of-mine")
	say := func(code int, kind string, body []byte, more ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", kind)
			for i := 0; i+1 < len(more); i += 2 {
				w.Header().Set(more[i], more[i+1])
			}
			w.WriteHeader(code)
			w.Write(body)
		}
	}
	busy := 0
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		asked  int
		took   time.Duration
		says   string // "": no error
	}{
		{"nothing", say(200, "application/x-protobuf", nil), 1, 0, ""},
		{"an empty object", say(200, "application/json", []byte("{}")), 1, 0, ""},
		{"accepted", say(202, "text/plain", nil), 1, 0, ""},
		{"a part", say(200, "application/x-protobuf", partial), 1, 0, "http://127.0.0.1:4318/v1/metrics rejected 3 data points: too old"},
		{"a part, in JSON", say(200, "application/json; charset=utf-8", []byte(`{"partialSuccess":{"rejectedDataPoints":"1"}}`)), 1, 0, "rejected 1 data point: it does not say why"},
		{"a page", say(200, "text/html", []byte("<html>")), 1, 0, "not as a receiver of OTLP: its body is neither protobuf nor JSON"},
		{"noise", say(200, "application/x-protobuf", []byte("hello")), 1, 0, "its body is no protobuf"},
		{"a wrong key, repeated", say(401, "text/plain", []byte("key s3cr3t-of-mine is unknown")), 1, 0, "responded 401 Unauthorized: key (hidden) is unknown"},
		{"a status", say(400, "application/x-protobuf", status), 1, 0, "responded 400 Bad Request: bad key (hidden)"},
		{"a redirect", say(307, "text/html", nil, "Location", "http://127.0.0.1:1/"), 1, 0, "responded 307 Temporary Redirect; redirects are not followed"},
		{"busy for good", say(503, "text/plain", []byte("later")), 5, 500*time.Millisecond + time.Second + 2*time.Second + 4*time.Second, "responded 503 Service Unavailable: later"},
		{"busy for long", say(429, "text/plain", nil, "Retry-After", "60"), 1, 0, "responded 429 Too Many Requests"},
		{"busy at first", func(w http.ResponseWriter, r *http.Request) {
			if busy++; busy < 3 {
				say(503, "text/plain", nil, "Retry-After", "3")(w, r)
			}
		}, 3, 6 * time.Second, ""},
		{"silence", func(_ http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body); <-r.Context().Done() }, 1, Limit, "no complete response within 10s"},
	} {
		t.Run(c.name, func(t *testing.T) {
			asked, took, err := responding(t, with("OTEL_EXPORTER_OTLP_HEADERS", "api-key=s3cr3t-of-mine"), c.answer)
			if asked != c.asked || took != c.took {
				t.Errorf("%d requests in %s, want %d in %s", asked, took, c.asked, c.took)
			}
			if err == nil != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %q", err, c.says)
			}
			if err != nil && (strings.Contains(err.Error(), "pa55") || strings.Contains(err.Error(), "s3cr3t")) {
				t.Errorf("a secret is told: %v", err)
			}
		})
	}
}

func TestAReceiverThatIsNotThereIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, err := New("http://u:pa55w0rd@127.0.0.1:4318", nil, with())
		if err != nil {
			t.Fatal(err)
		}
		dialled := 0
		d.dial = func(context.Context, string, string) (net.Conn, error) {
			dialled++
			return nil, &net.OpError{Op: "dial", Err: errors.New("connection refused")}
		}
		if err := d.Push(t.Context(), three()); err == nil || err.Error() != "http://127.0.0.1:4318/v1/metrics: connection refused" || dialled < 3 {
			t.Errorf("dialled %d times, got %v", dialled, err)
		}
	})
}

// What may not be dialled is not, though its name said nothing of it, and is not tried again.
func TestTheRuleOfAddressesHolds(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	d, err := New(server.URL, nil, with())
	if err != nil {
		t.Fatal(err)
	}
	d.url.Host = strings.Replace(d.url.Host, "127.0.0.1", "169.254.169.254", 1) // where a cloud gives out credentials
	start := time.Now()
	var address *netguard.AddressError
	if err := d.Push(t.Context(), three()); !errors.As(err, &address) || time.Since(start) > Limit/2 {
		t.Errorf("got %v", err)
	}
	for _, url := range []string{"http://169.254.169.254/", "http://203.0.113.7:4318"} {
		if _, err := New(url, nil, with()); !errors.As(err, &address) {
			t.Errorf("%s: got %v", url, err)
		}
	}
	if _, err := New("http://203.0.113.7:4318", netguard.Allow{"203.0.113.7"}, with()); err != nil {
		t.Error(err)
	}
}

func TestTheReceiversCertificateIsChecked(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) }))
	defer server.Close()
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	push := func(url string, environment Lookup) error {
		d, err := New(url, nil, environment)
		if err != nil {
			return err
		}
		return d.Push(t.Context(), three())
	}
	if err := push(server.URL, with("OTEL_EXPORTER_OTLP_CERTIFICATE", file)); err != nil {
		t.Error(err)
	}
	for _, c := range []struct{ variable, value, says string }{
		{"", "", "its certificate is not accepted; name the file with its authority in OTEL_EXPORTER_OTLP_CERTIFICATE"},
		{"OTEL_EXPORTER_OTLP_CERTIFICATE", file + "x", "OTEL_EXPORTER_OTLP_CERTIFICATE: " + file + "x: no such file"},
		{"OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE", "push_test.go", "push_test.go holds no certificate; want certificates in PEM"},
	} {
		if err := push(server.URL, with(c.variable, c.value)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("got %v, want %q", err, c.says)
		}
	}
}
